"""Result equality as laws: what may change without a difference, and what may not."""

from __future__ import annotations

import math
from collections import Counter
from itertools import permutations
from random import Random
from typing import TYPE_CHECKING

import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from pytest_cypherbench.compare import judge
from pytest_cypherbench.compare.columns import Budget, BudgetExhaustedError
from pytest_cypherbench.compare.matching import best_assignment, perfect
from pytest_cypherbench.compare.rows import Pair, Rules, Table, match, sort_blocks
from pytest_cypherbench.compare.values import BAG, ORDERED, close
from pytest_cypherbench.flow import Case, Execution, Origin, Outcome, Verdict
from pytest_cypherbench.values import Duration, Node, Point, Temporal

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from pytest_cypherbench.values import Row, Value

scalars = st.one_of(
    st.none(),
    st.booleans(),
    st.integers(-3, 3),
    st.integers(),
    st.floats(),
    st.text(max_size=3),
    st.binary(max_size=2),
    st.dates().map(lambda day: Temporal("date", day.isoformat())),
    st.builds(Duration, *[st.integers(-2, 2)] * 4),
    st.tuples(st.floats(), st.floats()).map(lambda place: Point(7203, place)),
    st.integers(0, 3).map(lambda i: Node(str(i), frozenset({"P"}), {"i": i})),
)
values = st.recursive(
    scalars,
    lambda inner: (
        st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=2), inner, max_size=3)
    ),
    max_leaves=6,
)


@st.composite
def tables(draw: st.DrawFn, cells: st.SearchStrategy[Value], width: int = 4) -> list[Row]:
    """Some rows of one width."""
    columns = draw(st.integers(1, width))
    return draw(st.lists(st.tuples(*[cells] * columns), min_size=1, max_size=6))


def compare(
    left: Sequence[Row], right: Sequence[Row], reference: str = "RETURN 1", tolerance: float = 1e-9
) -> Verdict:
    """Judge rows as they would be in a run."""
    case = Case("id", "g", "q", reference, Origin("f", 1), tolerance=tolerance)
    return judge(case, Execution((), tuple(left), 0.0), Execution((), tuple(right), 0.0))


def copied(value: Value) -> Value:
    """An equal value that is another object all the way down, maps in another key order."""
    if isinstance(value, float):
        return float(repr(value))
    if isinstance(value, list):
        return [copied(item) for item in value]
    if isinstance(value, dict):
        return {key: copied(value[key]) for key in reversed(value)}
    return value


def changed(value: Value) -> Value:
    """A value that differs from this one by any rule."""
    return "other" if value is None else None


@given(tables(values), st.randoms(use_true_random=False))
@settings(max_examples=200, deadline=None)
def test_the_same_rows_in_any_order_of_rows_columns_and_keys_are_the_same(
    rows: list[Row], random: Random
) -> None:
    """Reflexive, and invariant under row order, one column order for all rows, order of keys."""
    order = list(range(len(rows[0])))
    random.shuffle(order)
    other = [tuple(copied(row[i]) for i in order) for row in rows]
    random.shuffle(other)
    verdict = compare(rows, other)
    assert verdict.outcome is Outcome.PASS
    assert (verdict.precision, verdict.recall, verdict.f1) == (1.0, 1.0, 1.0)
    assert compare(rows, [tuple(map(copied, row)) for row in rows]).permuted_columns is False


@given(tables(values), st.data())
@settings(max_examples=200, deadline=None)
def test_one_changed_cell_is_a_difference(rows: list[Row], data: st.DataObject) -> None:
    """A result in which one cell has become another value does not pass, in either direction."""
    row = data.draw(st.integers(0, len(rows) - 1))
    column = data.draw(st.integers(0, len(rows[0]) - 1))
    cells = list(rows[row])
    cells[column] = changed(cells[column])
    other = [*rows[:row], tuple(cells), *rows[row + 1 :]]
    assert compare(rows, other).outcome is Outcome.MISMATCH
    assert compare(other, rows).outcome is Outcome.MISMATCH


@given(tables(values), st.data())
@settings(max_examples=100, deadline=None)
def test_a_row_too_many_or_too_few_is_a_difference(rows: list[Row], data: st.DataObject) -> None:
    """One row twice or one row gone does not pass, and the share that is right is told."""
    row = data.draw(st.integers(0, len(rows) - 1))
    twice, gone = compare(rows, [*rows, rows[row]]), compare(rows, rows[:row] + rows[row + 1 :])
    assert twice.outcome is gone.outcome is Outcome.MISMATCH
    assert twice.recall == 1.0
    assert twice.precision == len(rows) / (len(rows) + 1)
    assert gone.recall == (len(rows) - 1) / len(rows)


@given(tables(values, 2), tables(values, 2))
@settings(max_examples=200, deadline=None)
def test_equality_has_no_direction(left: list[Row], right: list[Row]) -> None:
    """Swapping the two sides keeps the outcome and swaps precision and recall."""
    there, back = compare(left, right), compare(right, left)
    assert there.outcome is back.outcome
    assert math.isclose(there.f1 or 0, back.f1 or 0)


small = st.sampled_from([None, True, 0, 1, 1.0, "a", math.nan])


def by_trying_all(left: Sequence[Row], right: Sequence[Row]) -> set[tuple[int, ...]]:
    """Every permutation of columns under which the rows are the same multiset, the slow way."""

    def key(value: Value) -> tuple[str, str]:
        kind = "number" if type(value) in {int, float} else type(value).__name__
        return kind, repr(float(value)) if kind == "number" else repr(value)  # type: ignore[arg-type]

    ours = Counter(tuple(map(key, row)) for row in left)
    return {
        order
        for order in permutations(range(len(right[0])))
        if ours == Counter(tuple(key(row[i]) for i in order) for row in right)
    }


@st.composite
def ambiguous_pairs(draw: st.DrawFn) -> tuple[list[Row], list[Row]]:
    """Two tables over few values, often equal up to a permutation, with columns that look alike."""
    width, height = draw(st.integers(1, 5)), draw(st.integers(1, 6))
    alphabet = draw(st.sampled_from([small, st.sampled_from([0, 1]), st.booleans()]))
    rows = st.lists(st.tuples(*[alphabet] * width), min_size=height, max_size=height)
    left = draw(rows)
    order = draw(st.permutations(range(width)))
    right = draw(st.permutations([tuple(row[i] for i in order) for row in left]))
    if draw(st.booleans()):
        column = draw(st.integers(0, width - 1))
        shuffled = draw(st.permutations([row[column] for row in right]))
        pairs = zip(right, shuffled, strict=True)
        right = [(*row[:column], cell, *row[column + 1 :]) for row, cell in pairs]
    return left, right


@given(ambiguous_pairs())
@settings(max_examples=600, deadline=None)
def test_the_search_agrees_with_trying_every_permutation(pair: tuple[list[Row], list[Row]]) -> None:
    """On few columns over few values the column search says what trying all permutations says."""
    left, right = pair
    width = len(left[0])
    rules = Rules(1e-9, same_database=True, shapes=(ORDERED,) * width)
    found = match(Pair(Table(left, width), Table(right, width), rules, Budget(10**7)))
    possible = by_trying_all(left, right)
    assert found in possible if possible else found is None


def near(a: float, b: float) -> bool:
    return close(a, b, 0.1)


@given(
    st.integers(1, 3).flatmap(
        lambda width: st.tuples(
            *[
                st.lists(
                    st.tuples(*[st.sampled_from([1, 1.0, 1.06, 1.12, 1.18, 2, 2.1])] * width),
                    min_size=n,
                    max_size=n,
                )
                for n in (4, 4)
            ]
        )
    )
)
@settings(max_examples=400, deadline=None)
def test_a_tolerance_that_chains_numbers_is_applied_precisely(
    pair: tuple[list[Row], list[Row]],
) -> None:
    """Where a is near b and b near c but not a near c, the outcome is that of trying all pairs."""
    left, right = pair
    possible = any(
        all(
            near(x, row[j])  # type: ignore[arg-type]
            for mine, row in zip(left, rows, strict=True)
            for x, j in zip(mine, order, strict=True)
        )
        for order in permutations(range(len(left[0])))
        for rows in permutations(right)
    )
    outcome = compare(left, right, tolerance=0.1).outcome
    assert outcome is (Outcome.PASS if possible else Outcome.MISMATCH)


@given(st.integers(-(2**53), 2**53))
def test_an_integer_is_the_float_of_its_value(number: int) -> None:
    """Integers and floats of one value are the same, alone and within lists."""
    assert compare([(number, [number])], [(float(number), [float(number)])]).outcome is Outcome.PASS


@given(st.integers(1, 2**60), st.integers(1, 2**60) | st.integers(1, 9))
def test_two_integers_are_compared_exactly(left: int, right: int) -> None:
    """No tolerance makes two different integers the same, even if a float near both stands by."""
    right = left + right if right < 10 else right
    assume(left != right)
    assert compare([(left, 1.0)], [(right, 1.0)]).outcome is Outcome.MISMATCH
    beside = [(number, float(left)) for number in (left, right)]
    ours, theirs = ([(list(cells),)] for cells in beside)
    assert compare(ours, theirs).outcome is Outcome.MISMATCH  # type: ignore[arg-type]


@given(st.lists(scalars, max_size=5), st.data())
@settings(deadline=None)
def test_collected_lists_are_multisets(items: list[Value], data: st.DataObject) -> None:
    """A list from collect() may come in any order, with the same elements as often."""
    reference = "MATCH (n) RETURN collect(n.x)"
    other = [copied(item) for item in data.draw(st.permutations(items))]
    assert compare([(items,)], [(other,)], reference).outcome is Outcome.PASS
    assert compare([(items,)], [([*other, None],)], reference).outcome is Outcome.MISMATCH


@given(st.lists(st.tuples(st.integers(0, 2), st.text("xyz")), min_size=1, max_size=8), st.data())
@settings(deadline=None)
def test_ties_may_permute_and_nothing_else_may(rows: list[Row], data: st.DataObject) -> None:
    """With an order by a key that is returned, the rows pass exactly if the keys stay in order."""
    rows = sorted(rows, key=lambda row: row[0])  # type: ignore[arg-type,return-value]
    other = data.draw(st.permutations(rows))
    verdict = compare(rows, other, "MATCH (n) RETURN n.a AS a, n.b AS b ORDER BY a")
    kept = [row[0] for row in other] == [row[0] for row in rows]
    assert verdict.outcome is (Outcome.PASS if kept else Outcome.MISMATCH)
    assert verdict.ordered is kept
    assert verdict.f1 == 1.0


def test_sort_blocks_group_neighbours_of_equal_keys() -> None:
    """Rows share a block exactly with the neighbours whose sort keys are the same."""
    keys: list[Row] = [(1,), (1.0,), (0.1 + 0.2,), (0.3,), (None,), (None,), ("a",)]
    assert sort_blocks(keys, 1e-9) == [0, 0, 1, 1, 2, 2, 3]


def test_a_bag_column_is_a_bag_only_for_its_partner() -> None:
    """The order of a list counts in the column beside a collected one, wherever it is moved."""
    rules = Rules(1e-9, same_database=True, shapes=(BAG, ORDERED))

    def found(left: list[Row], right: list[Row]) -> tuple[int, ...] | None:
        return match(Pair(Table(left, 2), Table(right, 2), rules, Budget(10**6)))

    assert found([([1, 2], [3, 4])], [([2, 1], [3, 4])]) == (0, 1)
    assert found([([1, 2], [3, 4])], [([3, 4], [2, 1])]) == (1, 0)
    assert found([([1, 2], [3, 4])], [([1, 2], [4, 3])]) is None


@given(st.lists(st.lists(st.integers(0, 9), min_size=4, max_size=5), min_size=1, max_size=4))
def test_the_assignment_has_the_greatest_weight(weights: list[list[int]]) -> None:
    """No assignment of rows to columns of their own has a greater sum."""
    weights = [row[: min(map(len, weights))] for row in weights]
    found = best_assignment(weights)
    assert len(set(found)) == len(found)
    total: Callable[[Sequence[int]], int] = lambda order: sum(  # noqa: E731
        row[column] for row, column in zip(weights, order, strict=True)
    )
    best = max(map(total, permutations(range(len(weights[0])), len(weights))))
    assert total(found) == best


@given(st.lists(st.sets(st.integers(0, 4)), max_size=5))
def test_a_perfect_matching_is_found_if_there_is_one(edges: list[set[int]]) -> None:
    """The answer is that of trying every way to hand out partners."""
    ways = permutations(range(5), len(edges))
    exists = any(all(r in e for e, r in zip(edges, way, strict=True)) for way in ways)
    assert perfect([sorted(e) for e in edges]) is exists


def test_columns_that_only_look_alike_are_told_apart() -> None:
    """A ring of six and two rings of three, as edges over six columns, are not the same."""
    ring = [(0, 1), (1, 2), (2, 3), (3, 4), (4, 5), (5, 0)]
    two = [(0, 1), (1, 2), (2, 0), (3, 4), (4, 5), (5, 3)]
    turned = [(2, 0), (0, 4), (4, 1), (1, 5), (5, 3), (3, 2)]

    def rows(edges: list[tuple[int, int]]) -> list[Row]:
        return [tuple(vertex in edge for vertex in range(6)) for edge in edges]

    assert compare(rows(ring), rows(two)).outcome is Outcome.MISMATCH
    assert compare(rows(ring), rows(turned)).outcome is Outcome.PASS


def test_a_search_that_is_too_long_is_no_guess() -> None:
    """When the budget of a comparison is spent it raises instead of answering."""
    rows: list[Row] = [(True, False), (True, True), (True, False)]
    table = Table(rows, 2), Table([row[::-1] for row in rows], 2)
    rules = Rules(1e-9, same_database=True, shapes=(ORDERED,) * 2)
    with pytest.raises(BudgetExhaustedError):
        match(Pair(*table, rules, Budget(5)))


def test_rows_that_all_blur_into_each_other_are_undecidable() -> None:
    """A tolerance under which thousands of rows could be each other's partners decides nothing."""
    random = Random(4)  # noqa: S311
    left, right = (
        [(1 + random.random() * 0.9, 1 + random.random() * 0.9) for _ in range(3000)]
        for _ in (0, 1)
    )
    verdict = compare(left, right, tolerance=0.1)
    assert verdict.outcome is Outcome.UNDECIDABLE
    assert "look alike" in verdict.reason
