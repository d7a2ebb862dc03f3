"""Which statements the embedded engine judges as Neo4j 5 would, and what its refusals mean.

Knows nothing of connections. Found by running the statements of tests/test_graphs_agree.py on both.
Functions are allowed by list; the other rules name what is known to differ, so that a difference
which nobody has met yet is not caught.
"""

from __future__ import annotations

import itertools
import re
from typing import TYPE_CHECKING

from pytest_cypherbench import cypher
from pytest_cypherbench.cypher import Kind
from pytest_cypherbench.flow import Failure, FailureKind
from pytest_cypherbench.graphs.embedded import rejected, times
from pytest_cypherbench.graphs.embedded.functions import LISTS, NEO4J_ONLY, SAME
from pytest_cypherbench.graphs.embedded.patterns import pattern_expressions
from pytest_cypherbench.graphs.embedded.traits import (
    AGGREGATES,
    NAMES,
    PROPERTY_TOKENS,
    Statement,
    property_types,
)

if TYPE_CHECKING:
    from collections.abc import Callable

    from pytest_cypherbench.cypher import Token
    from pytest_cypherbench.flow import Schema


def check(
    statement: str, schema: Schema | None = None, *, several_labels: bool = True
) -> Failure | None:
    """Why a statement cannot be judged, or would be rejected by Neo4j 5; None if it may run.

    ``several_labels``: some node of the graph has more than one label."""
    try:
        tokens = cypher.tokenize(statement)
    except cypher.CypherTextError as error:
        kind = FailureKind.UNDECIDABLE if "unicode" in str(error) else FailureKind.SYNTAX_ERROR
        return Failure(kind, str(error))
    types = property_types(schema) if schema is not None else {}
    found = Statement(statement, tokens, types, several_labels)
    for rule in rejected.RULES:
        if reason := rule(found):
            return Failure(FailureKind.SYNTAX_ERROR, f"Neo4j 5 rejects {reason}")
    for name in sorted({call.name for call in found.calls}):
        if name not in SAME | NEO4J_ONLY:
            return Failure(FailureKind.SYNTAX_ERROR, f"Neo4j 5 has no function {name}()")
    for rule in _RULES:
        if reason := rule(found):
            return Failure(FailureKind.UNDECIDABLE, f"the embedded engine cannot judge {reason}")
    return None


# ── rules: what is known to differ ──────────────────────────────────────────────────────────────


def _functions(found: Statement) -> str:
    return next((f"{call.name}()" for call in found.calls if call.name in NEO4J_ONLY), "")


def _surface(found: Statement) -> str:
    """A version prefix, procedures, digit groups, regular expressions that do not compile."""
    if found.at(0) == "CYPHER":
        return "a CYPHER prefix"
    for index, token in enumerate(found.tokens):
        if token.upper == "CALL" and found.is_name(index + 1):
            return "a procedure"
        if token.kind is Kind.NUMBER and "_" in token.text:
            return "digit groups"
        if token.text == "=~" and (reason := _regex(found, index)):
            return reason
    return ""


def _regex(found: Statement, index: int) -> str:
    pattern = found.tokens[index + 1] if index + 1 < len(found.tokens) else None
    if pattern is not None and pattern.kind is Kind.STRING:
        try:
            re.compile(pattern.text[1:-1].replace("\\\\", "\\"))
        except re.error:
            return "a regular expression that does not compile"
    return "=~ on a property that is no string" if found.types_before(index) - {"STRING"} else ""


def _repeated_relationship(found: Statement) -> str:
    """One relationship variable twice in a MATCH: Neo4j finds nothing, ArcadeDB binds it twice."""
    for level in found.levels:
        for clause in level:
            if not clause.keyword.endswith("MATCH"):
                continue
            names = [
                cypher.name(middle)
                for before, bracket, middle in zip(
                    clause.tokens, clause.tokens[1:], clause.tokens[2:], strict=False
                )
                if before.text in {"-", "<-"} and bracket.text == "[" and middle.kind in NAMES
            ]
            if len(names) > len(set(names)):
                return "a relationship variable that occurs twice in one MATCH"
    return ""


def _forward_reference(found: Statement) -> str:
    """A property map in a pattern that uses a variable which the same MATCH introduces later."""
    for level in found.levels:
        for clause in level:
            if clause.keyword.endswith("MATCH"):
                texts = [token.text for token in clause.tokens]
                for index, token in enumerate(clause.tokens[:-2]):
                    later = (
                        token.kind in NAMES and texts[index - 1] == ":" and texts[index + 1] == "."
                    )
                    if later and ("(", token.text) in zip(
                        texts[index:], texts[index + 1 :], strict=False
                    ):
                        return "a pattern that refers to a later one"
    return ""


def _pattern_tests(found: Statement) -> str:
    understood = all(pattern.understood for pattern in pattern_expressions(found))
    return "" if understood else "a pattern as a test outside of a plain WHERE"


def _aggregate_properties(found: Statement) -> str:
    """``head(collect(n)).name`` and ``collect(n)[0].name``: ArcadeDB gives null."""
    openers = {end: start for start, end in found.closers.items()}
    for index, name in found.accesses:
        first = index
        while first - 1 in openers:
            first = openers[first - 1]
            first -= found.is_name(first - 1) and found.at(first) == "("
        if any(call.name in AGGREGATES and first <= call.index < index for call in found.calls):
            return f"the property {name} of what an aggregate gives"
    return ""


def _identifiers(found: Statement) -> str:
    """Ids are the engine's own; only that they are equal or counted means the same everywhere."""
    for call in found.calls:
        if call.name in {"id", "elementid"}:
            around = {found.at(call.index - 1), found.at(call.end + 1)}
            counted = (
                found.at(call.index - 1) in {"(", "DISTINCT"} and found.at(call.end + 1) == ")"
            )
            numbers = any(t.kind in {Kind.NUMBER, Kind.STRING, Kind.PARAM} for t in found.tokens)
            if not counted and (numbers or not around & {"=", "<>"}):
                return f"{call.name}() used as a value"
    return ""


def _slices(found: Statement) -> str:
    """``name[0..2]`` of a string: Neo4j makes a list of it, ArcadeDB cuts the string."""
    for index, token in enumerate(found.tokens):
        if token.text != ".." or found.openers[index] < 1 or found.at(found.openers[index]) != "[":
            continue
        opener = found.openers[index]
        before = found.tokens[opener - 1]
        types = found.types_before(opener)
        listed = types and all(name.startswith("LIST") for name in types)
        if (
            before.kind in NAMES
            and not listed
            and found.at(opener - 1) != "|"
            and not _is_list(found, before)
        ):
            return "a slice of what may be a string"
    return ""


def _is_list(found: Statement, token: Token) -> bool:
    """Whether a name was given to a list: ``collect(…) AS name``."""
    for index, other in enumerate(found.tokens):
        if other.text == token.text and found.at(index - 1) == "AS":
            return any(call.end == index - 2 and call.name in LISTS for call in found.calls)
    return False


def _predicates(found: Statement) -> str:
    """A bare property as a predicate: Neo4j takes booleans only."""
    whens = [
        found.tokens[index + 1 : index + 4]
        for index, token in enumerate(found.tokens)
        if token.upper == "WHEN" and found.at(index + 4) == "THEN"
    ]
    for operand in [*rejected.predicates(found), *whens]:
        bare = len(operand) == PROPERTY_TOKENS and operand[1].text == "."
        if bare and found.types.get(cypher.name(operand[2]), {"BOOLEAN"}) != {"BOOLEAN"}:
            return f"the property {operand[2].text} as a predicate"
    return ""


def _numbers_as_text(found: Statement) -> str:
    for call in found.calls:
        tokens = call.arguments[0] if call.arguments else ()
        of_property = len(tokens) == PROPERTY_TOKENS and tokens[1].text == "."
        types = found.types.get(cypher.name(tokens[2]), frozenset()) if of_property else frozenset()
        if call.name == "substring" and types - {"STRING"}:
            return "substring() of what is no string"
        text = tokens[0].text[1:-1] if len(tokens) == 1 and tokens[0].kind is Kind.STRING else "0"
        plain = re.fullmatch(r"[-+]?\d+(\.\d+)?|[A-Za-z]+", text)
        if call.name.startswith("tointeger") and not plain:
            return "toInteger() of such a text"
    return ""


def _shadowed_order(found: Statement) -> str:
    """ORDER BY n.x after RETURN … AS n: Neo4j means the old n, ArcadeDB the new one."""
    for level in found.levels:
        for index, clause in enumerate(level):
            if clause.keyword in {"RETURN", "WITH"}:
                projection = cypher.projection(level, index)
                new = {item.alias for item in projection.items if item.alias in found.kinds}
                for key in projection.order_by:
                    for token, after in itertools.pairwise(key):
                        kinds = found.kinds.get(cypher.name(token), frozenset())
                        if cypher.name(token) in new and after.text == "." and kinds != {"other"}:
                            return "ORDER BY with a name that was given anew"
    return ""


def _redeclared(found: Statement) -> str:
    """A subquery that returns a name which stands before it."""
    for index, token in enumerate(found.tokens):
        if token.upper == "CALL" and (opener := _subquery(found, index)):
            before = {cypher.name(t) for t in found.tokens[:index] if t.kind in NAMES}
            level = cypher.clauses(found.tokens[opener + 1 : found.closers[opener]])
            for number, clause in enumerate(level):
                if clause.keyword == "RETURN":
                    aliases = {item.alias for item in cypher.projection(level, number).items}
                    if aliases & before:
                        return "a subquery that returns a name used before"
    return ""


def _subquery(found: Statement, index: int) -> int:
    if found.at(index + 1) == "{":
        return index + 1
    if found.at(index + 1) == "(":
        end = found.closers[index + 1]
        return end + 1 if found.at(end + 1) == "{" else 0
    return 0


def _first_label(found: Statement) -> str:
    """The order of labels is the engine's own."""
    for call in found.calls:
        before = found.at(call.index - 2) if found.at(call.index - 1) == "(" else ""
        first = found.at(call.end + 1) == "[" or before in {"HEAD", "LAST"}
        if call.name == "labels" and found.several_labels and first:
            return "the first of several labels"
    return ""


def _shortest_to_itself(found: Statement) -> str:
    """Neo4j fails where a shortest path begins and ends at one node."""
    for index, token in enumerate(found.tokens):
        if token.upper not in {"SHORTESTPATH", "ALLSHORTESTPATHS"} or found.at(index + 1) != "(":
            continue
        inside = range(index + 2, found.closers[index + 1])
        nodes = [i for i in inside if found.at(i) == "(" and found.openers[i] == index + 1]
        ends = [(found.at(i + 1), "{" in map(found.at, range(i, found.closers[i]))) for i in nodes]
        labels = {found.at(i + 3) for i in nodes if found.at(i + 2) == ":"}
        apart = len(labels) == 2 and not found.several_labels  # noqa: PLR2004 - two ends
        if len(ends) == 2 and not apart and not _distinct(found, ends):  # noqa: PLR2004
            return "a shortest path whose ends may be one node"
    return ""


def _distinct(found: Statement, ends: list[tuple[str, bool]]) -> bool:
    (first, first_fixed), (second, second_fixed) = ends
    if first == second:
        return False
    texts = [token.upper or token.text for token in found.tokens]
    triples = set(zip(texts, texts[1:], texts[2:], strict=False))
    if (first, "<>", second) in triples or (second, "<>", first) in triples:
        return True
    return all(
        fixed or (name, ".") in itertools.pairwise(texts) or _has_map(texts, name)
        for name, fixed in ((first, first_fixed), (second, second_fixed))
    )


def _has_map(texts: list[str], name: str) -> bool:
    return any(
        texts[i] == "(" and texts[i + 1] == name and "{" in texts[i + 2 : i + 6]
        for i in range(len(texts) - 2)
    )


_RULES: tuple[Callable[[Statement], str], ...] = (
    *times.RULES,
    _functions,
    _surface,
    _repeated_relationship,
    _forward_reference,
    _pattern_tests,
    _aggregate_properties,
    _identifiers,
    _slices,
    _predicates,
    _numbers_as_text,
    _shadowed_order,
    _redeclared,
    _first_label,
    _shortest_to_itself,
)
