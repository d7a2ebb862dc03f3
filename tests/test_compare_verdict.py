"""The decision table: what failed on which side, and what else a verdict says."""

from __future__ import annotations

import pytest

from pytest_cypherbench.compare import judge, read_reference
from pytest_cypherbench.flow import Case, Execution, Failure, FailureKind, Origin, Outcome

CASE = Case("id", "g", "q", "MATCH (n) RETURN n.a", Origin("f", 1))
ROWS = Execution(("n.a",), ((1,), (2,)), 0.1)


@pytest.mark.parametrize("kind", list(FailureKind))
def test_a_prediction_that_fails_has_the_verdict_of_its_failure(kind: FailureKind) -> None:
    """Every kind of failure becomes the outcome of the same name, with its reason."""
    verdict = judge(CASE, ROWS, Failure(kind, "because"))
    assert verdict.outcome.value == kind.value
    assert verdict.reason == "because"
    assert verdict.f1 is None


@pytest.mark.parametrize("kind", list(FailureKind))
def test_a_reference_that_fails_is_never_the_models_failure(kind: FailureKind) -> None:
    """A failed reference is an error of the suite, of the engine, or undecidable, whatever the
    prediction gave."""
    own = {FailureKind.UNDECIDABLE, FailureKind.ENGINE_ERROR}
    for predicted in (ROWS, Failure(FailureKind.SYNTAX_ERROR, "x")):
        verdict = judge(CASE, Failure(kind, "because"), predicted)
        wanted = Outcome(kind.value) if kind in own else Outcome.REFERENCE_ERROR
        assert verdict.outcome is wanted
        assert "because" in verdict.reason


def test_added_sort_keys_are_no_columns() -> None:
    """The sort keys that the rewritten reference returns are cut off before rows are compared."""
    case = Case("id", "g", "q", "MATCH (n) RETURN n.a ORDER BY n.b", Origin("f", 1))
    assert read_reference(case.reference).sort_keys == (None,)
    expected = Execution(("n.a", "__sort_0"), (("x", 1), ("y", 1), ("z", 2)), 0.1)
    tied = Execution(("a",), (("y",), ("x",), ("z",)), 0.1)
    untied = Execution(("a",), (("z",), ("x",), ("y",)), 0.1)
    assert judge(case, expected, tied).outcome is Outcome.PASS
    assert judge(case, expected, untied).outcome is Outcome.MISMATCH


def test_a_column_of_the_users_that_is_named_like_a_sort_key_stays() -> None:
    """Nothing is cut off a reference that needed no rewriting."""
    case = Case(
        "id", "g", "q", "MATCH (n) RETURN n.a, n.b AS __sort_0 ORDER BY __sort_0", Origin("f", 1)
    )
    rows = Execution(("n.a", "__sort_0"), (("x", 1), ("y", 2)), 0.1)
    assert judge(case, rows, rows).outcome is Outcome.PASS
    assert judge(case, rows, Execution(("a",), (("x",), ("y",)), 0.1)).outcome is Outcome.MISMATCH


@pytest.mark.parametrize(
    ("expected", "predicted", "precision", "recall"),
    [
        ([(1, "a"), (2, "b")], [(1, "a"), (2, "c")], 0.5, 0.5),
        ([(1, "a"), (2, "b")], [("a", 1), ("c", 2), ("d", 3), ("e", 4)], 0.25, 0.5),
        ([(1, "a"), (2, "b")], [("b",), ("a",)], 1.0, 0.5),
        ([(1, "a"), (2, "b")], [(0, "b", 2), (0, "a", 1)], 2 / 3, 1.0),
        ([(1,), (1,), (2,)], [(1,), (2,), (2,)], 2 / 3, 2 / 3),
        ([(1,)], [], 0.0, 0.0),
        ([(0.3,), (1,)], [(0.1 + 0.2,), (2,)], 0.5, 0.5),
        ([(True,)], [(1,)], 0.0, 0.0),
    ],
)
def test_soft_scores_count_rows_under_the_best_match_of_columns(
    expected: list[tuple[object, ...]],
    predicted: list[tuple[object, ...]],
    precision: float,
    recall: float,
) -> None:
    """Precision, recall and F1 of rows, scaled by the share of the columns that have a partner."""
    verdict = judge(
        CASE,
        Execution((), tuple(expected), 0.0),  # type: ignore[arg-type]
        Execution((), tuple(predicted), 0.0),  # type: ignore[arg-type]
    )
    assert verdict.outcome is Outcome.MISMATCH
    assert verdict.precision == pytest.approx(precision)
    assert verdict.recall == pytest.approx(recall)
    total = precision + recall
    assert verdict.f1 == pytest.approx(2 * precision * recall / total if total else 0.0)
