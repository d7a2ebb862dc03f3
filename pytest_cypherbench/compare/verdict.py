"""The decision table: two executions, or why there are none, to a Verdict.

Knows nothing of models, engines or prompts; a pure function of its arguments.
"""

from __future__ import annotations

from dataclasses import replace
from itertools import combinations
from typing import TYPE_CHECKING

from pytest_cypherbench.compare.columns import Budget, BudgetExhaustedError
from pytest_cypherbench.compare.overlap import MOST_ROWS, f1, precision_recall
from pytest_cypherbench.compare.reading import SORT_COLUMN, Reading, read_reference
from pytest_cypherbench.compare.rows import Pair, Rules, Table, match, sort_blocks
from pytest_cypherbench.flow import Execution, Failure, FailureKind, Order, Outcome, Verdict

if TYPE_CHECKING:
    from collections.abc import Sequence

    from pytest_cypherbench.flow import Case
    from pytest_cypherbench.values import Row

# Cells that one comparison may look at before it gives up: a constant and a multiple of its size.
_CELLS, _CELLS_PER_CELL = 40_000_000, 40


def judge(
    case: Case,
    expected: Execution | Failure,
    predicted: Execution | Failure,
    *,
    reading: Reading | None = None,
    same_database: bool = True,
) -> Verdict:
    """Compare what the reference and the prediction returned.

    ``expected`` comes from the text that ``reading.statement`` gives, or holds frozen rows.
    ``same_database``: element ids of the two sides mean the same nodes and relationships."""
    failed = _failure(expected, predicted)
    if failed is not None:
        return failed
    assert isinstance(expected, Execution)  # noqa: S101  for the type checker: _failure has seen to it
    assert isinstance(predicted, Execution)  # noqa: S101
    if len(set(map(len, expected.rows))) > 1:
        return Verdict(Outcome.REFERENCE_ERROR, "the expected rows are not all of one length")
    reading = reading or read_reference(case.reference)
    return _judge_rows(case, expected, predicted, reading, same_database=same_database)


def _failure(expected: Execution | Failure, predicted: Execution | Failure) -> Verdict | None:
    if isinstance(expected, Failure):
        if expected.kind in {FailureKind.UNDECIDABLE, FailureKind.ENGINE_ERROR}:
            of = "" if expected.reason.startswith("the reference ") else "reference: "
            return Verdict(Outcome(expected.kind.value), of + expected.reason)
        reason = f"the reference gave no rows: {expected.kind.value}: {expected.reason}"
        return Verdict(Outcome.REFERENCE_ERROR, reason)
    if isinstance(predicted, Failure):
        return Verdict(Outcome(predicted.kind.value), predicted.reason)
    return None


def _judge_rows(
    case: Case, expected: Execution, predicted: Execution, reading: Reading, *, same_database: bool
) -> Verdict:
    if not expected.rows and not predicted.rows:
        ordered = True if reading.ordered else None
        verdict = Verdict(Outcome.PASS, "both are empty", empty=True, ordered=ordered)
        return replace(verdict, precision=1.0, recall=1.0, f1=1.0)
    added = _added_sort_keys(expected, reading)
    width, right_width = _width(expected) - added, _width(predicted)
    names = expected.columns[:width]
    cells = len(expected.rows) * width + len(predicted.rows) * right_width
    rows: Sequence[Row] = [row[:width] for row in expected.rows] if added else expected.rows
    pair = Pair(
        Table(rows, width),
        Table(predicted.rows, right_width),
        Rules(case.tolerance, same_database, reading.shapes(names, width)),
        Budget(_CELLS + _CELLS_PER_CELL * cells),
    )
    blocks = _blocks(case, expected, reading, width, added)
    try:
        verdict = _decide(case, pair, reading, blocks)
        drop = reading.undetermined(names, width)
        if verdict.outcome is Outcome.MISMATCH and drop and _same_without(pair, drop):
            reason = "the same but for columns that depend on the order of collect()"
            return replace(verdict, outcome=Outcome.UNDECIDABLE, reason=reason, ordered=None)
    except BudgetExhaustedError:
        reason = "too many columns or rows look alike to tell which is which"
        return Verdict(Outcome.UNDECIDABLE, reason)
    return verdict


def _added_sort_keys(expected: Execution, reading: Reading) -> int:
    """How many of the last columns are sort keys that the reading added; frozen rows have none."""
    added = reading.sort_keys.count(None)
    names = expected.columns[-added:] if added else ()
    return added if names and all(name.startswith(SORT_COLUMN) for name in names) else 0


def _blocks(
    case: Case, expected: Execution, reading: Reading, width: int, added: int
) -> Sequence[int] | None:
    """Which rows may change places under the reference's order; None if that cannot be told."""
    if not reading.sort_keys or (not added and None in reading.sort_keys):
        return None
    places = reading.places(width)
    return sort_blocks([tuple(row[i] for i in places) for row in expected.rows], case.tolerance)


def _width(execution: Execution) -> int:
    return len(execution.rows[0]) if execution.rows else len(execution.columns)


def _same_without(pair: Pair, drop: frozenset[int]) -> bool:
    """Whether the tables are the same but for these columns of the reference."""
    if pair.left.width != pair.right.width:
        return False
    keep = [i for i in range(pair.left.width) if i not in drop]
    rules = replace(pair.rules, shapes=tuple(pair.rules.shapes[i] for i in keep))
    left = pair.left.only(keep)
    return any(
        match(Pair(left, pair.right.only(chosen), rules, pair.budget)) is not None
        for chosen in combinations(range(pair.right.width), len(keep))
    )


def _decide(case: Case, pair: Pair, reading: Reading, blocks: Sequence[int] | None) -> Verdict:
    """The table: is an order asked for, is it known, are the rows the same in it or in another."""
    wanted = case.order is Order.SIGNIFICANT or (case.order is None and reading.ordered)
    known = blocks is not None
    if wanted or known:
        # An order that is not known is kept at least by rows that all stand where they should.
        columns = match(pair, blocks if known else range(len(pair.left.rows)))
        if columns is not None:
            ordered = True if reading.ordered else None
            return _same(columns, Verdict(Outcome.PASS, "the same rows in order", ordered=ordered))
    columns = match(pair)
    if columns is None:
        return _different(pair, ordered=False if reading.ordered else None)
    ordered = False if known else None
    if not wanted:
        return _same(columns, Verdict(Outcome.PASS, "the same rows", ordered=ordered))
    outcome, reason = Outcome.MISMATCH, "the same rows in another order"
    if not known:
        outcome, reason = Outcome.UNDECIDABLE, f"{reason}, and {_why_unknown(reading)}"
    return _same(columns, Verdict(outcome, reason, ordered=ordered))


def _why_unknown(reading: Reading) -> str:
    if not reading.ordered:
        return "the reference does not end in ORDER BY"
    return reading.why_order_is_unknown or "its sort keys are not among the expected rows"


def _same(columns: tuple[int, ...], verdict: Verdict) -> Verdict:
    permuted = columns != tuple(range(len(columns)))
    return replace(verdict, permuted_columns=permuted, precision=1.0, recall=1.0, f1=1.0)


def _different(pair: Pair, *, ordered: bool | None) -> Verdict:
    left, right = pair.left, pair.right
    reason = "other rows"
    if left.width != right.width:
        reason = f"{right.width} columns instead of {left.width}"
    elif len(left.rows) != len(right.rows):
        reason = f"{len(right.rows)} rows instead of {len(left.rows)}"
    verdict = Verdict(Outcome.MISMATCH, reason, ordered=ordered)
    if max(len(left.rows), len(right.rows)) > MOST_ROWS:
        return verdict
    precision, recall = precision_recall(pair)
    return replace(verdict, precision=precision, recall=recall, f1=f1(precision, recall))
