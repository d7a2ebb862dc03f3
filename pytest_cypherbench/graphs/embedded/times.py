"""Where the embedded engine treats times, durations and points otherwise than Neo4j: rules.

Knows nothing of connections, nor of the other rules.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from pytest_cypherbench import cypher
from pytest_cypherbench.cypher import Kind
from pytest_cypherbench.graphs.embedded.functions import (
    CLOCK_FIELDS,
    DATE_FIELDS,
    FIELDS,
    MAP_KEYS,
    MOMENTS,
    POINT_FIELDS,
    TEMPORAL,
)
from pytest_cypherbench.graphs.embedded.traits import COMPARISONS, Statement

if TYPE_CHECKING:
    from collections.abc import Callable


def _fields(found: Statement) -> str:
    """Parts of points and times: points lose them, times have some that Neo4j has not."""
    points = any("POINT" in types for types in found.types.values())
    for dot, name in found.accesses:
        of_point = "POINT" in found.types_before(dot)
        base = found.kinds.get(found.text_of(dot - 1)) if found.at(dot - 2) != "." else None
        stored = name in found.types or (base and base <= {"node", "relationship"})
        if points and name in POINT_FIELDS and (of_point or not stored):
            return f"the part {name} of a point"
        kinds = found.types_before(dot) & TEMPORAL or _call_kind(found, dot)
        if any(name not in FIELDS[kind] for kind in kinds):
            return f"the part {name} of a {'/'.join(sorted(kinds)).lower()}"
    return ""


def _call_kind(found: Statement, dot: int) -> frozenset[str]:
    for call in found.calls:
        if call.end == dot - 1 and call.name in MOMENTS:
            return frozenset({MOMENTS[call.name]})
    return frozenset()


def _time_maps(found: Statement) -> str:
    """Maps that build a time must name every part down to the smallest."""
    for call in found.calls:
        argument = call.arguments[0] if call.arguments else ()
        if call.name in MOMENTS and argument and argument[0].text == "{":
            parts = [part[0].text if part else "" for part in cypher.split(argument[1:-1])]
            start = 3 if call.name.endswith("time") and "date" not in call.name else 0
            keys = [key for key in parts if key != "timezone"]
            if (
                keys not in (["epochSeconds"], ["epochMillis"])
                and keys != list(MAP_KEYS[start:])[: len(keys)]
            ):
                return f"{call.name}() of such a map"
    return ""


def _mixed_times(found: Statement) -> str:
    """Neo4j compares times of one kind only and durations not at all; ArcadeDB is more generous."""
    ordering = {"<", ">", "<=", ">="} & {token.text for token in found.tokens}
    keywords = {clause.keyword for level in found.levels for clause in level}
    called = {call.name for call in found.calls}
    compared = COMPARISONS & {token.text for token in found.tokens} or called & {
        "duration.between",
        "duration.indays",
        "duration.inmonths",
        "duration.inseconds",
    }
    ordered = ordering or "ORDER BY" in keywords or called & {"min", "max"}
    kinds = _kinds_as_values(found)
    if ordering and "DURATION" in kinds:
        return "an order of durations"
    if len(kinds & TEMPORAL) > 1 and (compared or ordered):
        return "times of several kinds compared"
    if called & {"sum", "avg"} and "DURATION" in kinds:
        return "a sum of durations"
    return ""


def _kinds_as_values(found: Statement) -> frozenset[str]:
    """Kinds of times and durations that the statement uses whole, not for one of their parts."""
    kinds: set[str] = set()
    for dot, name in found.accesses:
        converted = (
            found.at(dot - 2) == "("
            and found.at(dot + 2) == ")"
            and found.at(dot - 3).lower() in MOMENTS
        )
        if found.at(dot + 2) != "." and not converted:
            kinds |= {_inner(type_) for type_ in found.types.get(name, ())}
    for call in found.calls:
        if found.at(call.end + 1) != "." and found.at(call.index - 1) != "+":
            name = call.name.partition(".truncate")[0]
            kinds |= {MOMENTS.get(name, "")} if name != "duration" else set()
            whole = found.at(call.index - 1) != "-" and not _only_parts(found, call.end)
            if name.startswith("duration") and whole:
                kinds.add("DURATION")
    return frozenset(kinds)


def _only_parts(found: Statement, end: int) -> bool:
    """Whether ``… AS name`` follows and everything else said of that name is ``name.part``."""
    name = found.text_of(end + 2) if found.at(end + 1) == "AS" else ""
    uses = [i for i in range(len(found.tokens)) if i != end + 2 and found.text_of(i) == name]
    return bool(name) and all(found.at(i + 1) == "." for i in uses)


def _inner(type_name: str) -> str:
    return type_name.removeprefix("LIST<").removesuffix(">")


def _texts_of_times(found: Statement) -> str:
    """ArcadeDB writes times and points as text in another way than Neo4j."""
    odd = {name for name, types in found.types.items() if types & (TEMPORAL - {"DATE"} | {"POINT"})}
    for call in found.calls:
        if call.name in {"tostring", "tostringornull"}:
            argument = call.arguments[0] if call.arguments else ()
            words = {cypher.name(token) for token in argument}
            fields = any(token.text in DATE_FIELDS | CLOCK_FIELDS for token in argument)
            if not fields and (words & odd or words & (MOMENTS.keys() - {"date"})):
                return "the text of a time or point"
    for dot, name in found.accesses:
        if name in odd and "+" in {found.at(dot - 2), found.at(dot + 2)}:
            beside = {found.at(dot - 3)[:1], found.at(dot + 3)[:1]}
            if beside & {"'", '"'}:
                return "the text of a time or point"
    return ""


def _times_in_lists(found: Statement) -> str:
    keywords = {clause.keyword for level in found.levels for clause in level}
    for call in found.calls:
        opener = found.openers[call.index]
        if (
            call.name in MOMENTS
            and opener >= 0
            and found.at(opener) == "["
            and "ORDER BY" in keywords
        ):
            kinds = {c.name for c in found.calls if found.openers[c.index] == opener}
            others = [t for i, t in enumerate(found.tokens) if found.openers[i] == opener]
            if len(kinds) > 1 or any(t.kind in {Kind.STRING, Kind.NUMBER} for t in others):
                return "an order of mixed values"
    return ""


RULES: tuple[Callable[[Statement], str], ...] = (
    _fields,
    _time_maps,
    _mixed_times,
    _texts_of_times,
    _times_in_lists,
)
