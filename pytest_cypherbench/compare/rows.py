"""When two tables are the same: multisets of rows under one permutation of columns, row order as blocks.

Knows nothing of queries, cases or verdicts; pure functions.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from dataclasses import dataclass
from functools import cache
from itertools import chain, repeat
from operator import itemgetter, ne
from typing import TYPE_CHECKING, TypeAlias

from pytest_cypherbench.compare.columns import Budget, Side, permutations, twins
from pytest_cypherbench.compare.matching import perfect
from pytest_cypherbench.compare.values import (
    DEEP,
    ORDERED,
    PLAIN,
    SCALARS,
    Coder,
    Shape,
    clusters,
    same,
)

if TYPE_CHECKING:
    from collections.abc import Callable, Hashable, Iterable, Sequence

    from pytest_cypherbench.compare.values import Number
    from pytest_cypherbench.values import Row, Value

    Columns: TypeAlias = Sequence[Sequence[Value]]
    Keys: TypeAlias = Sequence[Sequence[Hashable]]
    Typed: TypeAlias = tuple[Sequence[Value], frozenset[type], Shape]

_NUMBERS = frozenset({int, float})


@dataclass(frozen=True, slots=True)
class Rules:
    """What counts as the same: relative tolerance, whether element ids identify, and where the order
    of lists does not count in each column of the reference."""

    tolerance: float
    same_database: bool
    shapes: tuple[Shape, ...]


@dataclass(frozen=True, slots=True)
class Table:
    """Rows of one width, the same by columns, and the types that occur in each column."""

    rows: Sequence[Row]
    columns: Columns
    kinds: tuple[frozenset[type], ...]

    @classmethod
    def of(cls, rows: Sequence[Row], width: int) -> Table:
        """Turn rows; every one must be ``width`` wide."""
        columns = [list(map(itemgetter(i), rows)) for i in range(width)]
        return cls(rows, columns, tuple(frozenset(map(type, column)) for column in columns))

    def typed(self, shape: Shape) -> list[Typed]:
        """Every column with the types in it and one shape for all."""
        return [(c, k, shape) for c, k in zip(self.columns, self.kinds, strict=True)]


@dataclass(frozen=True, slots=True)
class Keyed:
    """Both tables as keys. ``precise``: equal keys mean equal cells; else they only may be."""

    left: Keys
    right: Keys
    precise: bool


@dataclass(frozen=True, slots=True)
class Task:
    """Two tables of as many rows and columns, and how to compare them.

    ``blocks[i]`` must agree as well, for row i of either table: rows that may change places have the
    same block; None if the order of rows does not count."""

    left: Table
    right: Table
    rules: Rules
    blocks: Sequence[int] | None
    budget: Budget


def match(task: Task) -> tuple[int, ...] | None:
    """The column of ``right`` for each column of ``left`` under which the rows are the same multiset.

    None if there is no such permutation; BudgetExhaustedError if that could not be found out."""
    identity = tuple(range(len(task.left.columns)))
    if not task.left.rows or _same_as_they_are(task):
        return identity
    keyed = encode(task.left, task.right, task.rules)
    if _holds(identity, keyed, task):
        return identity
    for found in permutations(*_sides(keyed, task), task.budget):
        if found != identity and _holds(found, keyed, task):
            return found
    return None


def encode(left: Table, right: Table, rules: Rules) -> Keyed:
    """Keys that can be compared between any two columns of the two tables."""
    shape = ORDERED if all(s == ORDERED for s in rules.shapes) else DEEP
    keys, tight = _encode([*left.typed(shape), *right.typed(shape)], rules)
    width = len(left.columns)
    return Keyed(keys[:width], keys[width:], precise=tight and shape == ORDERED)


def sort_blocks(keys: Sequence[Row], tolerance: float) -> list[int]:
    """A number for each row that it shares with its neighbours of equal sort keys: they may permute."""
    coder = Coder(same_database=True)
    coded = [tuple(map(coder.key, row)) for row in keys]
    blocks = [0] * len(coded)
    for i in range(1, len(coded)):
        tied = coded[i] == coded[i - 1] or same(coded[i], coded[i - 1], tolerance)
        blocks[i] = blocks[i - 1] + (not tied)
    return blocks


def _same_as_they_are(task: Task) -> bool:
    """Equal without encoding anything; False says nothing."""
    left, right, blocks = task.left, task.right, task.blocks
    for ours, theirs in zip(left.kinds, right.kinds, strict=True):
        both = ours | theirs
        if not both <= SCALARS or (bool in both and both & _NUMBERS):
            return False
    if left.rows == right.rows:
        return True
    if blocks is None:
        return _same_multiset(lambda: left.rows, lambda: right.rows)
    return _same_multiset(lambda: zip(left.rows, blocks), lambda: zip(right.rows, blocks))


def _same_multiset(
    left: Callable[[], Iterable[Hashable]], right: Callable[[], Iterable[Hashable]]
) -> bool:
    """Equal multisets of as many elements; either side can be walked again and again.

    The sums of hashes need no memory and go first; a set is half the work of counting (10⁶ rows)."""
    if sum(map(hash, left())) != sum(map(hash, right())):
        return False
    ours = Counter(left())
    if len(ours) < sum(ours.values()):
        return dict.__eq__(ours, Counter(right()))
    distinct = set(ours)
    distinct.difference_update(right())
    return not distinct


def _encode(
    columns: Sequence[Typed], rules: Rules
) -> tuple[Keys, bool]:
    """Keys of columns with joint clusters of numbers, and whether those are equivalences."""
    coder = Coder(rules.same_database)
    keys = [_column_keys(*column, coder) for column in columns]
    representative, tight = clusters(coder.numbers, rules.tolerance)
    if representative:
        coder = Coder(rules.same_database, representative)
        keys = [_column_keys(*column, coder) for column in columns]
    return keys, tight


def _exact(
    columns: Sequence[Typed], rules: Rules
) -> Keys:
    coder = Coder(rules.same_database)
    return [_column_keys(*column, coder) for column in columns]


def _column_keys(
    column: Sequence[Value], kinds: frozenset[type], shape: Shape, coder: Coder
) -> Sequence[Hashable]:
    """Keys of a column; scalars that are their own keys are not touched one by one."""
    if not kinds <= PLAIN or (float in kinds and any(map(ne, column, column))):
        return [coder.key(value, shape) for value in column]
    if not kinds & _NUMBERS:
        return column  # type: ignore[return-value]
    if coder.representative:
        return list(map(coder.representative.get, column, column))  # type: ignore[arg-type]
    coder.numbers.add(column, kinds)
    return column  # type: ignore[return-value]


def _sides(keyed: Keyed, task: Task) -> tuple[Side, Side]:
    """What the search sees. Columns are twins if even the precise keys do not tell them apart."""
    blocks = task.blocks or [0] * len(task.left.rows)
    unmarked = (None,) * len(keyed.right)

    def names(table: Table, keys: Keys, marks: Sequence[Hashable]) -> Callable[[], list[Hashable]]:
        @cache
        def once() -> list[Hashable]:
            return twins(keys if keyed.precise else _exact(table.typed(ORDERED), task.rules), marks)

        return once

    return (
        Side(keyed.left, names(task.left, keyed.left, task.rules.shapes), blocks),
        Side(keyed.right, names(task.right, keyed.right, unmarked), blocks),
    )


def _holds(permutation: tuple[int, ...], keyed: Keyed, task: Task) -> bool:
    """Whether the rows are the same multiset under this permutation."""
    task.budget.spend(len(permutation) * len(task.left.rows))
    blocks = [] if task.blocks is None else [task.blocks]
    ours = [*keyed.left, *blocks]
    theirs = [*(keyed.right[j] for j in permutation), *blocks]
    if not _same_multiset(lambda: zip(*ours), lambda: zip(*theirs)):
        return False
    return keyed.precise or _verify(permutation, task)


def _verify(permutation: tuple[int, ...], task: Task) -> bool:
    """The precise check: columns pair by pair, each with its own shape and its own clusters, then a
    partner for every row among those whose keys are equal."""
    blocks = task.blocks or [0] * len(task.left.rows)
    coarse: list[Keys] = [(blocks, blocks)]
    exact: list[Keys] = []
    for i, j in enumerate(permutation):
        shape = task.rules.shapes[i]
        pair = [
            (task.left.columns[i], task.left.kinds[i], shape),
            (task.right.columns[j], task.right.kinds[j], shape),
        ]
        keys, tight = _encode(pair, task.rules)
        coarse.append(keys)
        if not tight:
            exact.append(_exact(pair, task.rules))
    ours, theirs = (_grouped([c[side] for c in coarse], [e[side] for e in exact]) for side in (0, 1))
    if ours.keys() != theirs.keys():
        return False
    return all(_partners(ours[key], theirs[key], task) for key in ours)


def _grouped(coarse: Keys, exact: Keys) -> dict[Hashable, list[tuple[Hashable, ...]]]:
    """The precise parts of the rows by their coarse keys."""
    groups: defaultdict[Hashable, list[tuple[Hashable, ...]]] = defaultdict(list)
    parts: Iterable[tuple[Hashable, ...]] = zip(*exact) if exact else repeat(())
    for key, part in zip(zip(*coarse), parts):
        groups[key].append(part)
    return groups


def _partners(
    left: list[tuple[Hashable, ...]], right: list[tuple[Hashable, ...]], task: Task
) -> bool:
    """Whether rows with equal keys can be paired so that each pair is the same within the tolerance."""
    if len(left) != len(right):
        return False
    if Counter(left) == Counter(right):
        return True
    tolerance = task.rules.tolerance
    if all(type(cell) in _NUMBERS for cell in chain.from_iterable(left + right)):
        # Pairs in sorted order are an answer if they fit; for one column of floats also if not.
        pairs = zip(sorted(left), sorted(right), strict=True)  # type: ignore[type-var]
        paired = all(same(a, b, tolerance) for a, b in pairs)
        if paired or (len(left[0]) == 1 and all(type(row[0]) is float for row in left + right)):
            return paired
    task.budget.spend(len(left) * len(right) * _PAIR_COST)
    return perfect([[j for j, b in enumerate(right) if same(a, b, tolerance)] for a in left])


_PAIR_COST = 10  # looking at one pair of rows costs about as much as ten cells elsewhere
