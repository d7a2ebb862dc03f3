"""Wrong queries that are near a reference, as a model may write them: one thing changed in each.

Knows nothing of engines or results. Made on tokens; what provably means the same is not made.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from pytest_cypherbench.audit.mutants import clauses, expressions, patterns
from pytest_cypherbench.audit.mutants.reading import Mutant, MutantKind, Reading, read
from pytest_cypherbench.syntax.normal import normal_query

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from pytest_cypherbench.flow import Case, Schema

__all__ = ["Mutant", "MutantKind", "make_mutants"]

_MAKERS: tuple[Callable[[Reading], Iterable[Mutant]], ...] = (
    patterns.directions,
    patterns.labels_and_types,
    patterns.properties,
    patterns.lengths,
    expressions.comparisons,
    expressions.aggregations,
    clauses.filters,
    clauses.distincts,
    clauses.limits,
    clauses.orders,
    clauses.optionals,
)


def make_mutants(case: Case, accepted: Iterable[str], schema: Schema) -> tuple[Mutant, ...]:
    """The mutants of a case's reference, each once, in the order of ``MutantKind``; none for a text
    that cannot be read. What reads like the reference or an accepted one is left out."""
    reading = read(case, schema)
    if reading is None:
        return ()
    seen = {normal_query(text) for text in (case.reference, *accepted)}
    found: list[Mutant] = []
    for make in _MAKERS:
        for mutant in make(reading):
            normal = normal_query(mutant.text)
            if normal not in seen:
                seen.add(normal)
                found.append(mutant)
    return tuple(found)
