"""When two tables are the same: multisets of rows under a permutation of columns, order as blocks.

Knows nothing of queries, cases or verdicts; pure functions.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from dataclasses import dataclass
from functools import cache, cached_property
from itertools import chain, repeat
from operator import is_, itemgetter
from typing import TYPE_CHECKING

from pytest_cypherbench.compare.aligned import by_key_column
from pytest_cypherbench.compare.columns import Budget, Side, permutations, twins
from pytest_cypherbench.compare.keys import NUMBERS, encode, exact
from pytest_cypherbench.compare.matching import perfect
from pytest_cypherbench.compare.values import (
    DEEP,
    ORDERED,
    SCALARS,
    Coder,
    Shape,
    same,
)

if TYPE_CHECKING:
    from collections.abc import Callable, Hashable, Iterable, Sequence

    from pytest_cypherbench.compare.keys import Keys, Typed
    from pytest_cypherbench.values import Row, Value


_PAIR_COST = 10  # looking at one pair of rows costs about as much as ten cells elsewhere


@dataclass(frozen=True, slots=True)
class Rules:
    """What counts as the same: relative tolerance, whether element ids identify, and where the
    order of lists does not count in each column of the reference."""

    tolerance: float
    same_database: bool
    shapes: tuple[Shape, ...]


@dataclass(frozen=True)
class Table:
    """Rows that are all ``width`` wide, the same by columns, and the types in each column."""

    rows: Sequence[Row]
    width: int

    @cached_property
    def columns(self) -> Sequence[Sequence[Value]]:
        """The cells by columns."""
        return [list(map(itemgetter(i), self.rows)) for i in range(self.width)]

    @cached_property
    def kinds(self) -> tuple[frozenset[type], ...]:
        """The types that occur in each column."""
        return tuple(frozenset(map(type, column)) for column in self.columns)

    def only(self, places: Sequence[int]) -> Table:
        """The same rows with these columns alone."""
        return Table([tuple(row[place] for place in places) for row in self.rows], len(places))

    def typed(self, shape: Shape) -> list[Typed]:
        """Every column with the types in it and one shape for all."""
        return [(c, k, shape) for c, k in zip(self.columns, self.kinds, strict=True)]


@dataclass(frozen=True)
class Pair:
    """The reference's table (``left``), the prediction's (``right``), and how to compare them."""

    left: Table
    right: Table
    rules: Rules
    budget: Budget

    @cached_property
    def keys(self) -> tuple[Keys, Keys]:
        """Both tables by columns, as keys that any two columns can be compared by."""
        width = self.left.width
        return self._keys[0][:width], self._keys[0][width:]

    @cached_property
    def comparable(self) -> bool:
        """Whether cells that are equal are the same, so that nothing needs to be encoded for it."""
        both = [a | b for a, b in zip(self.left.kinds, self.right.kinds, strict=True)]
        return all(kinds <= SCALARS and not (bool in kinds and kinds & NUMBERS) for kinds in both)

    @cached_property
    def precise(self) -> bool:
        """Whether equal keys mean equal cells; else they only may be equal."""
        return self._keys[1] and self._shape == ORDERED

    @cached_property
    def _keys(self) -> tuple[Keys, bool]:
        columns = [*self.left.typed(self._shape), *self.right.typed(self._shape)]
        return encode(columns, self.rules.tolerance, self.rules.same_database)

    @property
    def _shape(self) -> Shape:
        return ORDERED if all(shape == ORDERED for shape in self.rules.shapes) else DEEP

    def two(self, i: int, j: int) -> list[Typed]:
        """Column i of the left and j of the right, with the shape that the reference gives."""
        shape = self.rules.shapes[i]
        left, right = self.left, self.right
        return [(left.columns[i], left.kinds[i], shape), (right.columns[j], right.kinds[j], shape)]

    def encode(self, i: int, j: int) -> tuple[Keys, bool]:
        """Keys of two columns alone, and whether equal ones mean equal cells."""
        return encode(self.two(i, j), self.rules.tolerance, self.rules.same_database)


def match(pair: Pair, blocks: Sequence[int] | None = None) -> tuple[int, ...] | None:
    """The right column for each left one under which the rows are the same multiset.

    ``blocks[i]``, if given, must agree as well, for row i of either table: rows that may change
    places have the same block. None if there is no such permutation; BudgetExhaustedError if that
    could not be found out."""
    left, right = pair.left, pair.right
    if len(left.rows) != len(right.rows) or left.width != right.width:
        return None
    identity = tuple(range(left.width))
    if pair.comparable and left.rows == right.rows:
        return identity
    decided, found = by_key_column(pair, blocks)
    if decided:
        return found
    if pair.comparable and _same_rows(left, right, blocks):
        return identity
    untouched = all(map(is_, chain(*pair.keys), chain(left.columns, right.columns)))
    if not untouched and _holds(identity, pair, blocks):
        return identity
    for other in permutations(*_sides(pair, blocks), pair.budget):
        if other != identity and _holds(other, pair, blocks):
            return other
    return None


def sort_blocks(keys: Sequence[Row], tolerance: float) -> list[int]:
    """A number for each row, shared with its neighbours of equal sort keys: they may permute."""
    coder = Coder(same_database=True)
    coded = [tuple(map(coder.key, row)) for row in keys]
    blocks = [0] * len(coded)
    for i in range(1, len(coded)):
        tied = coded[i] == coded[i - 1] or same(coded[i], coded[i - 1], tolerance)
        blocks[i] = blocks[i - 1] + (not tied)
    return blocks


def _same_rows(left: Table, right: Table, blocks: Sequence[int] | None) -> bool:
    """Equal without encoding anything; False says nothing, unless every column is its own key."""
    if blocks is None:
        return _same_multiset(lambda: left.rows, lambda: right.rows)
    return _same_multiset(
        lambda: zip(left.rows, blocks, strict=True), lambda: zip(right.rows, blocks, strict=True)
    )


def _same_multiset(
    left: Callable[[], Iterable[Hashable]], right: Callable[[], Iterable[Hashable]]
) -> bool:
    """Equal multisets of as many elements; either side can be walked again and again.

    The sums of hashes need no memory and go first; a set is half the work of a count (10⁶ rows)."""
    if sum(map(hash, left())) != sum(map(hash, right())):
        return False
    ours = Counter(left())
    if len(ours) < sum(ours.values()):
        return dict.__eq__(ours, Counter(right()))
    distinct = set(ours)
    distinct.difference_update(right())
    return not distinct


def _sides(pair: Pair, blocks: Sequence[int] | None) -> tuple[Side, Side]:
    """What the search sees. Columns are twins if even the precise keys do not tell them apart."""
    blocks = blocks or [0] * len(pair.left.rows)
    unmarked = (None,) * len(pair.right.columns)

    def names(table: Table, keys: Keys, marks: Sequence[Hashable]) -> Callable[[], list[Hashable]]:
        @cache
        def once() -> list[Hashable]:
            return twins(keys if pair.precise else _exact(table.typed(ORDERED), pair), marks)

        return once

    ours, theirs = pair.keys
    return (
        Side(ours, names(pair.left, ours, pair.rules.shapes), blocks),
        Side(theirs, names(pair.right, theirs, unmarked), blocks),
    )


def _holds(permutation: tuple[int, ...], pair: Pair, blocks: Sequence[int] | None) -> bool:
    """Whether the rows are the same multiset under this permutation."""
    pair.budget.spend(len(permutation) * len(pair.left.rows))
    rest = [] if blocks is None else [blocks]
    ours = [*pair.keys[0], *rest]
    theirs = [*(pair.keys[1][j] for j in permutation), *rest]
    if not _same_multiset(lambda: zip(*ours, strict=True), lambda: zip(*theirs, strict=True)):
        return False
    return pair.precise or _verify(permutation, pair, blocks)


def _verify(permutation: tuple[int, ...], pair: Pair, blocks: Sequence[int] | None) -> bool:
    """The precise check: columns pair by pair, each with its own shape and its own clusters, then a
    partner for every row among those whose keys are equal."""
    coarse: list[Keys] = [(blocks, blocks)] if blocks else []
    precise: list[Keys] = []
    for i, j in enumerate(permutation):
        keys, tight = pair.encode(i, j)
        coarse.append(keys)
        if not tight:
            precise.append(_exact(pair.two(i, j), pair))
    ours, theirs = (_grouped([c[k] for c in coarse], [e[k] for e in precise]) for k in (0, 1))
    if ours.keys() != theirs.keys():
        return False
    return all(_partners(ours[key], theirs[key], pair) for key in ours)


def _exact(columns: Sequence[Typed], pair: Pair) -> Keys:
    return [exact(column, pair.rules.same_database) for column in columns]


def _grouped(coarse: Keys, exact: Keys) -> dict[Hashable, list[tuple[Hashable, ...]]]:
    """The precise parts of the rows by their coarse keys."""
    groups: defaultdict[Hashable, list[tuple[Hashable, ...]]] = defaultdict(list)
    parts: Iterable[tuple[Hashable, ...]] = zip(*exact, strict=True) if exact else repeat(())
    for key, part in zip(zip(*coarse, strict=True), parts, strict=False):
        groups[key].append(part)
    return groups


def _partners(
    left: list[tuple[Hashable, ...]], right: list[tuple[Hashable, ...]], pair: Pair
) -> bool:
    """Whether rows of equal keys can be paired so that each two are the same by the tolerance."""
    if len(left) != len(right):
        return False
    if Counter(left) == Counter(right):
        return True
    tolerance = pair.rules.tolerance
    if all(type(cell) in NUMBERS for cell in chain.from_iterable(left + right)):
        # Pairs in sorted order are an answer if they fit; for one column of floats also if not.
        pairs = zip(sorted(left), sorted(right), strict=True)
        paired = all(same(a, b, tolerance) for a, b in pairs)
        if paired or (len(left[0]) == 1 and all(type(row[0]) is float for row in left + right)):
            return paired
    pair.budget.spend(len(left) * len(right) * _PAIR_COST)
    return perfect([[j for j, b in enumerate(right) if same(a, b, tolerance)] for a in left])
