"""Whether a reference has one result: each choice that it leaves is made both ways and compared.

Knows nothing of engines: it asks through what it is given.
"""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, TypeGuard

from pytest_cypherbench.compare.chance import by_chance
from pytest_cypherbench.compare.choices import Same, choices, shows_load_order
from pytest_cypherbench.compare.reading import SORT_COLUMN, Reading
from pytest_cypherbench.compare.values import DEEP
from pytest_cypherbench.compare.verdict import judge
from pytest_cypherbench.flow import Execution, Failure, FailureKind, Order, Outcome

if TYPE_CHECKING:
    from collections.abc import Callable

    from pytest_cypherbench.compare.choices import Choice
    from pytest_cypherbench.flow import Case

UNDETERMINED = "the reference is undetermined"


def undetermined(
    case: Case,
    expected: Execution,
    ask: Callable[[str], Execution | Failure],
    ask_reordered: Callable[[str], Execution | Failure] | None = None,
) -> Failure | None:
    """Why another right answer than ``expected`` is possible; None if none is known. ``ask`` runs a
    statement, ``ask_reordered`` the same on a copy of the graph that was loaded in another order.

    Three means: functions of chance and of the clock; each choice in the text made both ways; the
    copy. A choice that can be looked at in no way counts as one that matters."""
    if reason := by_chance(case.reference):
        return _undetermined(reason)
    unseen = ""
    columns = tuple(c for c in expected.columns if not c.startswith(SORT_COLUMN))
    for choice in choices(case.reference, columns):
        done = [ask(statement) for statement in choice.statements]
        if broken := next(filter(_is_broken, done), None):
            return broken
        answers = [found for found in done if isinstance(found, Execution)]
        if len(answers) < len(done) or not answers:
            unseen = choice.reason
        elif not _makes_no_difference(choice, case, expected, answers):
            return _undetermined(choice.reason)
    if ask_reordered is not None and shows_load_order(case.reference):
        return _on_copy(case, expected, ask_reordered(case.reference))
    return _undetermined(f"whether {unseen} cannot be told") if unseen else None


def _makes_no_difference(
    choice: Choice, case: Case, expected: Execution, answers: list[Execution]
) -> bool:
    if choice.same is Same.SET:
        width = len(answers[0].columns)
        rows = {repr(row[:width]) for row in expected.rows}
        return all(rows == set(map(repr, answer.rows)) for answer in answers)
    if choice.same is Same.EACH_OTHER:
        first, second = answers
        reading = Reading("", columns=(DEEP,) * len(first.columns))
        verdict = judge(replace(case, order=Order.IGNORED), first, second, reading=reading)
        return verdict.outcome is Outcome.PASS and not verdict.permuted_columns
    return all(_is_same(case, expected, answer, same_database=True) for answer in answers)


def _on_copy(case: Case, expected: Execution, other: Execution | Failure) -> Failure | None:
    if isinstance(other, Failure):
        reason = f"on a graph loaded in another order it fails: {other.reason}"
        return other if _is_broken(other) else _undetermined(reason)
    if not _is_same(case, expected, other, same_database=False):
        return _undetermined("it depends on the order in which the graph was loaded")
    return None


def _is_same(case: Case, expected: Execution, other: Execution, *, same_database: bool) -> bool:
    verdict = judge(case, expected, other, same_database=same_database)
    return verdict.outcome is Outcome.PASS and not verdict.permuted_columns


def _is_broken(done: Execution | Failure) -> TypeGuard[Failure]:
    return isinstance(done, Failure) and done.kind is FailureKind.ENGINE_ERROR


def _undetermined(reason: str) -> Failure:
    return Failure(FailureKind.UNDECIDABLE, f"{UNDETERMINED}: {reason}")
