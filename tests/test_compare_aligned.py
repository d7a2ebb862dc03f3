"""Every way to a verdict says what trying all permutations of columns and all partners says."""

from __future__ import annotations

import math
from itertools import permutations
from random import Random
from typing import TYPE_CHECKING

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from pytest_cypherbench.compare.columns import Budget
from pytest_cypherbench.compare.keys import encode, exact
from pytest_cypherbench.compare.matching import perfect
from pytest_cypherbench.compare.rows import Pair, Rules, Table, match
from pytest_cypherbench.compare.values import BAG, ORDERED, Coder, Shape, same
from pytest_cypherbench.values import Duration, Node, Temporal

if TYPE_CHECKING:
    from collections.abc import Sequence

    from pytest_cypherbench.values import Row, Value

SHAPES = [ORDERED, BAG, Shape(entries=(("f", BAG),)), Shape(bag=True, items=BAG)]
leaves: st.SearchStrategy[Value] = st.sampled_from(
    [
        *[None, True, False, 0, 1, 2, 1.0, 1.05, 1.1, 2.0, math.nan, math.inf, "a", "", b"a"],
        *[Node("1", frozenset({"P"}), {}), Temporal("date", "2024-01-01"), Duration(0, 0, 1, 0)],
    ]
)
nested: st.SearchStrategy[Value] = st.recursive(
    leaves,
    lambda inner: (
        st.lists(inner, max_size=3) | st.dictionaries(st.sampled_from("fg"), inner, max_size=2)
    ),
    max_leaves=5,
)


def columns(height: int) -> st.SearchStrategy[list[Value]]:
    """Cells of one column: often all different, often of one type, sometimes anything."""

    def of(cells: st.SearchStrategy[Value]) -> st.SearchStrategy[list[Value]]:
        return st.lists(cells, min_size=height, max_size=height)

    whole: list[list[Value]] = [
        list(range(height)),
        [*range(19, 19 - height, -1)],
        [f"key {i}" for i in range(height)],
        [*range(height - 1), "a"],
        [float(i) for i in range(height)],
    ]
    return st.one_of(
        *[st.permutations(column) for column in whole],
        of(st.sampled_from([1.0, 1.05, 1.1, 1.16, 2.0])),
        of(st.sampled_from([1, 1.0, 1.05, 2])),
        of(st.booleans()),
        of(leaves),
        of(nested),
    )


def moved(value: Value, random: Random) -> Value:
    """A number a little off or of the other type, also inside lists and maps."""
    if isinstance(value, list):
        return [moved(item, random) for item in value]
    if isinstance(value, dict):
        return {key: moved(value[key], random) for key in reversed(value)}
    if type(value) is float and random.random() < 0.5:
        return value * random.choice([1 + 1e-12, 1.04, 0.96])
    if type(value) is int and random.random() < 0.3:
        return float(value)
    return value


@st.composite
def pairs(draw: st.DrawFn) -> tuple[list[Row], list[Row], list[Shape]]:
    """Two tables, the second often a permutation of the first, or nearly one."""
    width, height = draw(st.integers(1, 4)), draw(st.integers(1, 5))
    of_one = columns(height)
    cells = [draw(of_one) for _ in range(width)]
    if width > 1 and draw(st.booleans()):
        cells[-1] = draw(st.permutations(cells[0]))
    left: list[Row] = list(zip(*cells, strict=True))
    random = draw(st.randoms(use_true_random=False))
    order = draw(st.permutations(range(width)))
    some = draw(st.booleans())
    right = [tuple(moved(row[i], random) if some else row[i] for i in order) for row in left]
    random.shuffle(right)
    if draw(st.booleans()):
        row, column = random.randrange(height), random.randrange(width)
        right[row] = (*right[row][:column], draw(leaves), *right[row][column + 1 :])
    return left, right, [draw(st.sampled_from(SHAPES)) for _ in range(width)]


def by_definition(
    left: Sequence[Row],
    right: Sequence[Row],
    rules: Rules,
    blocks: Sequence[int],
) -> set[tuple[int, ...]]:
    """Every permutation of columns under which each row has a partner of its own in its block, by
    looking at every pair of cells."""
    key = Coder(rules.same_database).key

    def rows_same(a: int, b: int, order: Sequence[int]) -> bool:
        cells = zip(left[a], [right[b][j] for j in order], rules.shapes, strict=True)
        return blocks[a] == blocks[b] and all(
            same(key(x, shape), key(y, shape), rules.tolerance) for x, y, shape in cells
        )

    every = range(len(left))
    return {
        order
        for order in permutations(range(len(right[0])))
        if perfect([[b for b in every if rows_same(a, b, order)] for a in every])
    }


@given(pairs(), st.sampled_from([1e-9, 0.1, 0.0]), st.booleans(), st.data())
@settings(max_examples=600, deadline=None)
def test_match_says_what_the_definition_says(
    pair: tuple[list[Row], list[Row], list[Shape]],
    tolerance: float,
    in_one_database: bool,
    data: st.DataObject,
) -> None:
    """A permutation is found exactly if there is one, and the given order if that is one of them,
    with and without blocks of rows, whatever stands in the cells."""
    left, right, shapes = pair
    width = len(left[0])
    rules = Rules(tolerance, in_one_database, tuple(shapes))
    one_block = [0] * len(left)
    blocks = data.draw(
        st.sampled_from([one_block, sorted([*one_block[1:], 1]), [*range(len(left))]])
    )
    found = match(Pair(Table(left, width), Table(right, width), rules, Budget(10**7)), blocks)
    possible = by_definition(left, right, rules, blocks)
    assert found in possible if possible else found is None
    if tuple(range(width)) in possible:
        assert found == tuple(range(width))


@given(st.integers(1, 9).flatmap(columns), st.sampled_from(SHAPES), st.booleans())
@settings(max_examples=300, deadline=None)
def test_keys_of_a_column_are_those_of_its_cells(
    column: list[Value], shape: Shape, in_one_database: bool
) -> None:
    """Encoding a column at once gives what encoding cell by cell gives; the short keys are equal
    for the same cells."""
    coder = Coder(in_one_database)
    expected = [coder.key(value, shape) for value in column]
    typed = column, frozenset(map(type, column)), shape
    assert list(exact(typed, in_one_database)) == expected
    (short,), _ = encode([typed], 0.0, in_one_database)
    for i, a in enumerate(short):
        assert [a == b for b in short] == [expected[i] == other for other in expected]


@pytest.mark.parametrize("size", [3, 2000])
def test_a_key_beside_the_same_key_as_floats_leaves_the_columns_in_place(size: int) -> None:
    """Where integers may be partners of floats, the given order of columns still goes first."""
    left: list[Row] = [(i, size - 1 - i) for i in range(size)]
    right: list[Row] = [(float(size - 1 - i), i) for i in range(size)]
    table = Table(left, 2), Table(right, 2)
    rules = Rules(1e-9, same_database=True, shapes=(ORDERED,) * 2)
    assert match(Pair(*table, rules, Budget(10**7))) == (0, 1)
