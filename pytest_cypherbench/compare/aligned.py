"""Tables with a column that tells all rows apart: rows side by side, so nothing to be searched for.

Knows nothing of queries, cases or verdicts; pure functions.

If all cells of a column of the left table differ and none is a float, its partner has exactly the
same cells, and they say which row of the right is which row of the left. With the rows known, a
permutation of columns is a perfect matching of the columns that are the same row by row.
"""

from __future__ import annotations

from functools import cache, partial
from itertools import compress, count
from math import ceil, floor, isclose, isfinite
from operator import eq, itemgetter, ne, not_
from typing import TYPE_CHECKING

from pytest_cypherbench.compare.keys import exact
from pytest_cypherbench.compare.matching import partners
from pytest_cypherbench.compare.values import PLAIN, SCALARS, Coder, same

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Sequence

    from pytest_cypherbench.compare.keys import Column
    from pytest_cypherbench.compare.rows import Pair, Table
    from pytest_cypherbench.compare.values import Shape
    from pytest_cypherbench.values import Row, Value

_KEYS = PLAIN - {float}
_GLANCE = 1000  # so many rows say of most columns that they do not tell all rows apart
_FIRST = 8


def by_key_column(pair: Pair, blocks: Sequence[int] | None) -> tuple[bool, tuple[int, ...] | None]:
    """Whether the question of ``match`` can be answered so, and the answer.

    Both tables must be of one size, and not empty."""
    for i in _key_columns(pair.left):
        decided, found = _by(i, pair, blocks)
        if decided:
            return True, found
    return False, None


def _key_columns(table: Table) -> Iterator[int]:
    for i, (column, kinds) in enumerate(zip(table.columns, table.kinds, strict=True)):
        if kinds <= _KEYS and _distinct(column[:_GLANCE]) and _distinct(column):
            yield i


def _distinct(column: Sequence[Value]) -> bool:
    return len(set(column)) == len(column)


def _by(i: int, pair: Pair, blocks: Sequence[int] | None) -> tuple[bool, tuple[int, ...] | None]:
    """The answer by key column ``i``: whichever partner it has, it names the rows of all others."""
    decided = True
    tried: list[Sequence[Row]] = []
    for j in sorted(range(pair.right.width), key=lambda j: j != i):  # its own place first
        rows = _in_order(pair, i, j, blocks)
        if rows is None and _may_be_near(pair, i, j):
            if j == i:
                return False, None  # the given order of columns may fit, and goes first
            decided = False
        if rows is not None and rows not in tried:
            tried.append(rows)
            found = _under(rows, (i, j), pair)
            if found is not None:
                return True, found
    return decided, None


def _in_order(pair: Pair, i: int, j: int, blocks: Sequence[int] | None) -> Sequence[Row] | None:
    """The rows of the right table, each where the left one has its key; None if the two columns are
    not the same, or that cannot be told by equality, or blocks do not agree."""
    ours, theirs = pair.left.columns[i], pair.right.columns[j]
    if not pair.right.kinds[j] <= _KEYS:
        return None
    if ours == theirs:
        return pair.right.rows
    row_of: dict[Value, Row] = dict(zip(theirs, pair.right.rows, strict=True))
    try:
        rows = list(map(row_of.__getitem__, ours))
    except KeyError:
        return None
    if blocks is not None:
        block_of = dict(zip(theirs, blocks, strict=True))
        if [*map(block_of.get, ours)] != [*blocks]:
            return None
    return rows


def _may_be_near(pair: Pair, i: int, j: int) -> bool:
    """Whether column ``j``, which has other types, can be the partner of ``i`` all the same: only
    where integers meet floats."""
    ours, theirs = pair.left.kinds[i], pair.right.kinds[j]
    if theirs <= _KEYS or int not in ours or _no_numbers(ours) != _no_numbers(theirs):
        return False
    near = partial(_near_integer, tolerance=pair.rules.tolerance)
    return all(near(value) for value in pair.right.columns[j] if isinstance(value, float))


def _no_numbers(kinds: frozenset[type]) -> set[type]:
    return {kind for kind in kinds if kind is bool or not issubclass(kind, (int, float))}


def _near_integer(value: float, tolerance: float) -> bool:
    near = partial(isclose, value, rel_tol=tolerance)
    return isfinite(value) and (near(floor(value)) or near(ceil(value)))


def _under(rows: Sequence[Row], known: tuple[int, int], pair: Pair) -> tuple[int, ...] | None:
    """The right column for each left one if these right rows are to be the left ones; of a pair of
    columns it is known that they are the same."""
    places = range(pair.left.width)
    if pair.comparable and pair.left.rows == rows:
        return tuple(places)
    alike = _comparison(rows, known, pair)
    if all(alike(i, i) for i in places):
        return tuple(places)
    edges: list[list[int]] = []
    for a in places:
        edges.append([b for b in places if alike(a, b)])
        if not edges[-1]:
            return None
    found = partners(edges)
    return None if found is None else tuple(found)


def _comparison(
    rows: Sequence[Row], known: tuple[int, int], pair: Pair
) -> Callable[[int, int], bool]:
    """Whether a left column and one of these rows are the same, row by row."""
    left, right, rules = pair.left, pair.right, pair.rules

    @cache
    def ours(a: int) -> Column:
        return exact((left.columns[a], left.kinds[a], rules.shapes[a]), rules.same_database)

    @cache
    def theirs(b: int, shape: Shape) -> Column:
        return exact(([*map(itemgetter(b), rows)], right.kinds[b], shape), rules.same_database)

    @cache
    def alike(a: int, b: int) -> bool:
        kinds = left.kinds[a], right.kinds[b]
        if (a, b) == known:
            return True
        if not _may_be_same(*kinds) or not _first_same(a, b, rows, pair):
            return False
        column, other = left.columns[a], map(itemgetter(b), rows)
        if all(kind <= _KEYS for kind in kinds):
            return all(map(eq, column, other))
        if all(kind == {float} for kind in kinds):
            apart = _first_apart(column, other, rules.tolerance)
            if apart is None or column[apart] == column[apart]:
                return apart is None
        return _near(ours(a), theirs(b, rules.shapes[a]), rules.tolerance)

    return alike


def _may_be_same(left: frozenset[type], right: frozenset[type]) -> bool:
    """By the types alone; of scalars only numbers are ever the same as another type."""
    return not left | right <= SCALARS or _no_numbers(left) == _no_numbers(right)


def _first_same(a: int, b: int, rows: Sequence[Row], pair: Pair) -> bool:
    """A glance at the first rows, which mostly are enough to see that two columns are not alike."""
    key, shape = Coder(pair.rules.same_database).key, pair.rules.shapes[a]
    first = zip(pair.left.columns[a], (row[b] for row in rows[:_FIRST]), strict=False)
    return all(same(key(x, shape), key(y, shape), pair.rules.tolerance) for x, y in first)


def _first_apart(left: Iterable[Value], right: Iterable[Value], tolerance: float) -> int | None:
    """The first place where two floats are not near each other; NaN never is."""
    near = map(partial(isclose, rel_tol=tolerance), left, right)
    return next(compress(count(), map(not_, near)), None)


def _near(left: Column, right: Column, tolerance: float) -> bool:
    other = compress(zip(left, right, strict=True), map(ne, left, right))
    return all(same(a, b, tolerance) for a, b in other)
