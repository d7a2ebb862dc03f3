"""Changes in patterns: directions, labels, types, properties, lengths of paths.

Knows nothing of clauses or expressions. Not made, because they mean the same: the direction of an
arrow between two empty nodes, and the bounds of a shortest path, which only spare the search.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from pytest_cypherbench.audit.known import properties_of
from pytest_cypherbench.audit.mutants.reading import MutantKind
from pytest_cypherbench.cypher import Kind, name, written
from pytest_cypherbench.syntax.brackets import Holds
from pytest_cypherbench.syntax.names import Role

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator

    from pytest_cypherbench.audit.mutants.reading import Mutant, Reading
    from pytest_cypherbench.flow import Pattern
    from pytest_cypherbench.syntax.brackets import Step
    from pytest_cypherbench.syntax.names import Name

# How many other names are tried in a place, the likeliest first.
SWAPS = 2
_FLIPPED = {"->": ("<-", "-"), "<-": ("-", "->")}
_SHORTEST = frozenset({"SHORTESTPATH", "ALLSHORTESTPATHS", "SHORTEST"})


def directions(reading: Reading) -> Iterator[Mutant]:
    """Each arrow turned around."""
    for step in reading.brackets.steps:
        empty = not [*reading.brackets.inside(step.left), *reading.brackets.inside(step.right)]
        if step.direction not in _FLIPPED or empty:
            continue
        first, last = reading.tokens[step.first], reading.tokens[step.last]
        start, end = _FLIPPED[step.direction]
        yield reading.mutant(
            MutantKind.DIRECTION,
            f"{reading.spelled(reading.tokens[step.first : step.last + 1])} turned around",
            (first.start, first.end, start),
            (last.start, last.end, end),
        )


def labels_and_types(reading: Reading) -> Iterator[Mutant]:
    """Each label and type replaced by another: first by those that may stand there."""
    for found in reading.names.found:
        if found.role is Role.LABEL:
            kind, known = MutantKind.LABEL, [e.name for e in reading.schema.labels]
            fitting = _fitting_labels(reading, found)
        elif found.role is Role.TYPE:
            kind, known = MutantKind.TYPE, [e.name for e in reading.schema.relationships]
            fitting = _fitting_types(reading, found)
        else:
            continue
        others = sorted((other for other in known if other != found.text), key=_first(fitting))
        yield from _swapped(reading, kind, found, others)


def properties(reading: Reading) -> Iterator[Mutant]:
    """Each property replaced by another of the same owner: first by those of the same type."""
    for found in reading.names.found:
        have = properties_of(reading.schema, found.owner)
        if found.role is not Role.PROPERTY or found.owner is None or found.text not in have:
            continue
        same = {other for other, types in have.items() if types == have[found.text]}
        others = sorted((other for other in have if other != found.text), key=_first(same))
        yield from _swapped(reading, MutantKind.PROPERTY, found, others)


def lengths(reading: Reading) -> Iterator[Mutant]:
    """``*1..3`` as one step, and with its upper bound one more and one less."""
    if any(token.upper in _SHORTEST for token in reading.tokens):
        return
    for step in reading.brackets.steps:
        if step.body is None:
            continue
        inside = reading.brackets.children(step.body)
        star = next((p for p in inside if reading.tokens[p].text == "*"), None)
        if star is None:
            continue
        bounds = [p for p in inside if p > star and _is_bound(reading, p)]
        first, last = reading.tokens[star], reading.tokens[(bounds or [star])[-1]]
        spelled = reading.text[first.start : last.end]
        edit = (first.start, last.end, "")
        yield reading.mutant(MutantKind.LENGTH, f"{spelled} dropped", edit)
        numbers = [p for p in bounds if reading.tokens[p].kind is Kind.NUMBER]
        if numbers and reading.tokens[bounds[-1]].kind is Kind.NUMBER:
            yield from _bounds(reading, spelled, numbers)


def _bounds(reading: Reading, spelled: str, numbers: list[int]) -> Iterator[Mutant]:
    token = reading.tokens[numbers[-1]]
    least = int(reading.tokens[numbers[0]].text) if len(numbers) > 1 else 1
    for value in (int(token.text) - 1, int(token.text) + 1):
        if value >= least:
            what = f"{spelled} with {value} for {token.text}"
            yield reading.mutant(MutantKind.LENGTH, what, (token.start, token.end, str(value)))


def _is_bound(reading: Reading, place: int) -> bool:
    token = reading.tokens[place]
    return token.kind is Kind.NUMBER or token.text == ".."


def _swapped(
    reading: Reading, kind: MutantKind, found: Name, others: Iterable[str]
) -> Iterator[Mutant]:
    token = reading.tokens[found.place]
    for other in list(others)[:SWAPS]:
        spelled = written(other)
        what = f"{found.text} replaced by {other}"
        yield reading.mutant(kind, what, (token.start, token.end, spelled))


def _first(fitting: Iterable[str]) -> Callable[[str], tuple[bool, str]]:
    """A sort key: these before the others, each by name."""
    chosen = set(fitting)
    return lambda other: (other not in chosen, other)


# ── what may stand in a place, by the patterns of the schema ──


def _fitting_labels(reading: Reading, found: Name) -> set[str]:
    """The labels that have a relationship of the type and in the direction of the arrow beside."""
    opener = _around(reading, found.place, Holds.NODE)
    fitting: set[str] = set()
    for step in reading.brackets.steps:
        types = _names(reading, step.body, Role.TYPE)
        for pattern in reading.schema.patterns:
            if types and pattern.type not in types:
                continue
            for left, right in _ends(step, pattern):
                fitting |= {left} if step.left == opener else set()
                fitting |= {right} if step.right == opener else set()
    return fitting


def _fitting_types(reading: Reading, found: Name) -> set[str]:
    """The types that lead from the labels on the one side to those on the other."""
    opener = _around(reading, found.place, Holds.RELATIONSHIP)
    fitting: set[str] = set()
    for step in reading.brackets.steps:
        if step.body != opener:
            continue
        lefts = _labels_at(reading, step.left)
        rights = _labels_at(reading, step.right)
        for pattern in reading.schema.patterns:
            for left, right in _ends(step, pattern):
                if (not lefts or left in lefts) and (not rights or right in rights):
                    fitting.add(pattern.type)
    return fitting


def _ends(step: Step, pattern: Pattern) -> tuple[tuple[str, str], ...]:
    along, against = (pattern.start, pattern.end), (pattern.end, pattern.start)
    return {"->": (along,), "<-": (against,)}.get(step.direction, (along, against))


def _around(reading: Reading, place: int, holds: Holds) -> int | None:
    while (place := reading.brackets.parents[place]) >= 0:
        if reading.brackets.holds[place] is holds:
            return place
    return None


def _names(reading: Reading, opener: int | None, role: Role) -> set[str]:
    inside = reading.brackets.inside(opener) if opener is not None else range(0)
    return {n.text for n in reading.names.found if n.role is role and n.place in inside}


def _labels_at(reading: Reading, opener: int) -> set[str]:
    """The labels in a node pattern, else those of its variable elsewhere."""
    if found := _names(reading, opener, Role.LABEL):
        return found
    inside = reading.brackets.children(opener)
    owner = reading.names.owners.get(name(reading.tokens[inside[0]])) if inside else None
    return set(owner.names) if owner else set()
