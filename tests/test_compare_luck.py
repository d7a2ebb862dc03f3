"""Which verdict several right answers and several graphs make together."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING

import pytest

from pytest_cypherbench.compare import each_reference, judge_any, judge_on_copies
from pytest_cypherbench.flow import (
    Case,
    Copies,
    Execution,
    Failure,
    FailureKind,
    Origin,
    Outcome,
    Verdict,
)

if TYPE_CHECKING:
    from collections.abc import Mapping

    from pytest_cypherbench.values import Value

CASE = Case("a", "g", "q", "RETURN 1 AS x", Origin("a.yaml", 1), accept=("RETURN 2", "RETURN 3"))
PASS = Verdict(Outcome.PASS, "the same rows")


def rows(*cells: object) -> Execution:
    return Execution(("x",), tuple((cell,) for cell in cells), 0.0)  # type: ignore[misc]


def failure(kind: FailureKind) -> Failure:
    return Failure(kind, f"it is {kind}")


# ── several right answers ──


@pytest.mark.parametrize(
    ("found", "outcome", "reason"),
    [
        (rows(1), Outcome.PASS, "the same rows"),
        (rows(2), Outcome.PASS, "the same rows (accept 1)"),
        (rows(3, 4, 5), Outcome.PASS, "the same rows (accept 2)"),
        (rows(3, 4, 6), Outcome.MISMATCH, "other rows (accept 2)"),
        (rows(7), Outcome.MISMATCH, "other rows"),
        (failure(FailureKind.TIMEOUT), Outcome.TIMEOUT, "it is timeout"),
    ],
)
def test_the_nearest_answer_decides(
    found: Execution | Failure, outcome: Outcome, reason: str
) -> None:
    """Any of them passes; a miss is that of the answer with the highest F1, of the reference's if
    none is nearer."""
    verdict = judge_any(CASE, [rows(1), rows(2), rows(3, 4, 5)], found)
    assert (verdict.outcome, verdict.reason) == (outcome, reason)


def test_each_accepted_query_keeps_its_own_order() -> None:
    """Order counts where the query whose rows they are ends in ORDER BY, and only there."""
    case = replace(CASE, accept=("UNWIND [3, 2, 1] AS x RETURN x ORDER BY x",))
    right = [rows(5), rows(1, 2, 3)]
    assert judge_any(case, right, rows(1, 2, 3)).outcome is Outcome.PASS
    assert judge_any(case, right, rows(3, 2, 1)).outcome is Outcome.MISMATCH


def test_the_first_query_that_fails_is_named() -> None:
    """A case is sound only if all its right answers are."""
    done = each_reference(
        CASE, lambda c: rows(1) if c.reference != "RETURN 3" else failure(FailureKind.TIMEOUT)
    )
    assert isinstance(done, Failure)
    assert done.reason == "accept 2: it is timeout"


# ── several graphs ──


@dataclass
class Somewhere:
    """A copy that returns the same to whoever asks."""

    right: Execution | Failure
    found: Execution | Failure = field(default_factory=lambda: rows(1))

    def answers(self, case: Case) -> tuple[Execution, ...] | Failure:
        assert case is CASE
        return self.right if isinstance(self.right, Failure) else (self.right,) * 3

    def run(self, statement: str, params: Mapping[str, Value]) -> Execution | Failure:
        assert (statement, params) == ("RETURN 1", {})
        return self.found


SAME, OTHER, EMPTY = Somewhere(rows(1)), Somewhere(rows(2)), Somewhere(rows())
OPEN = Somewhere(failure(FailureKind.UNDECIDABLE))
SLOW = Somewhere(rows(1), failure(FailureKind.TIMEOUT))
BROKEN = Somewhere(rows(1), failure(FailureKind.RUNTIME_ERROR))


@pytest.mark.parametrize(
    ("copies", "count", "lucky", "expected"),
    [
        ([SAME], 1, False, Copies(1)),
        ([SAME, SAME], 2, False, Copies(2)),
        ([SAME, OTHER], 1, False, Copies(1)),
        ([SAME, OTHER], 2, True, Copies(2)),
        ([EMPTY, OPEN, SLOW, OTHER], 1, True, Copies(1)),
        ([EMPTY, OPEN, SLOW, SAME], 1, False, Copies(1)),
        ([EMPTY] * 4, 1, False, Copies(0, "altered copy 4: the reference returns no rows")),
        ([SAME, *[OPEN] * 4], 2, False, Copies(1, "altered copy 5: it is undecidable")),
        ([BROKEN], 1, True, Copies(1)),
    ],
)
def test_copies_decide_until_one_differs(
    copies: list[Somewhere], count: int, lucky: bool, expected: Copies
) -> None:
    """Every copy that can decide must agree; three more than asked for are tried, and why they did
    not decide is kept."""
    verdict, found = judge_on_copies(
        CASE, "RETURN 1", PASS, count, copy=lambda seed: copies[seed - 1]
    )
    assert (verdict.lucky, found) == (lucky, expected)
    assert verdict.outcome is (Outcome.MISMATCH if lucky else Outcome.PASS)
    assert ("right by luck: on altered copy" in verdict.reason) == lucky


@pytest.mark.parametrize("control", [OTHER, OPEN, SLOW])
def test_an_engine_that_contradicts_is_not_believed(control: Somewhere) -> None:
    """Where the copies are on another engine, one that does not find the prediction right on the
    graph itself cannot call it lucky."""
    verdict, found = judge_on_copies(
        CASE, "RETURN 1", PASS, 1, copy=lambda _: OTHER, control=control
    )
    assert verdict is PASS
    assert found.judged == 0
    assert found.reason.startswith("where the copies are, the query cannot be judged: ")


def test_an_empty_graph_controls_too() -> None:
    """A reference that is empty on the graph may have rows on a copy."""
    control = Somewhere(rows(), rows())
    verdict, _ = judge_on_copies(CASE, "RETURN 1", PASS, 1, copy=lambda _: OTHER, control=control)
    assert verdict.lucky
