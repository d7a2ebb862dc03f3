"""Which permutations of columns can make two tables equal: colour refinement, never all of them.

Knows nothing of values or tolerance: cells are hashable keys, the caller checks what is proposed.

Columns and rows are the two sides of a graph whose edges are the cells. A column's colour is the
multiset of (row colour, cell) that it meets, a row's that of (column colour, cell), both kept as
sums of hashes: equal multisets have equal sums, so an accident of hashing can leave two columns
alike that differ, but can never rule a right permutation out.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from dataclasses import dataclass
from itertools import count, repeat
from operator import add
from typing import TYPE_CHECKING, TypeAlias

if TYPE_CHECKING:
    from collections.abc import Callable, Hashable, Iterator, Sequence

    Classes: TypeAlias = list[tuple[list[int], list[int]]]


_DISTINCT_ROWS = (
    100_000  # up to here finding the distinct rows costs less than a round of the search
)


class BudgetExhaustedError(Exception):
    """The work allowed for one comparison is done and the answer not known."""


@dataclass(slots=True)
class Budget:
    """Work that may still be done, counted in cells looked at."""

    cells: int

    def spend(self, cells: int) -> None:
        """Take some; raises BudgetExhaustedError when there is not enough."""
        self.cells -= cells
        if self.cells < 0:
            raise BudgetExhaustedError


@dataclass(frozen=True, slots=True)
class Side:
    """One table, by columns. ``twins()[i] == twins()[j]`` says that columns i and j may change
    places without any consequence; ``blocks`` holds for each row what else must agree."""

    columns: Sequence[Sequence[Hashable]]
    twins: Callable[[], Sequence[Hashable]]
    blocks: Sequence[Hashable]


@dataclass(frozen=True, slots=True)
class _Colours:
    columns: list[int]
    rows: list[int]


def twins(columns: Sequence[Sequence[Hashable]], marks: Sequence[Hashable]) -> list[Hashable]:
    """A name for each column that it shares with those of the same content and mark."""
    names: defaultdict[Hashable, int] = defaultdict(count().__next__)
    return [names[mark, tuple(column)] for column, mark in zip(columns, marks, strict=True)]


def permutations(left: Side, right: Side, budget: Budget) -> Iterator[tuple[int, ...]]:
    """Yield, for every column of ``left``, the column of ``right`` that it may be: all permutations
    worth a check, some of them twice. Raises BudgetExhaustedError."""
    ours, theirs = (_colour_columns(side, _uncoloured(side)) for side in (left, right))
    if Counter(ours.columns) != Counter(theirs.columns):
        return
    classes = _classes(left, right, ours, theirs)
    if not _open(left, right, classes):
        yield _pairing(left, classes)
        return
    if len(left.blocks) <= _DISTINCT_ROWS:
        left, right = _distinct(left), _distinct(right)
    if len(left.blocks) != len(right.blocks):
        return
    yield from _descend(left, right, _uncoloured(left), _uncoloured(right), budget)


def _uncoloured(side: Side) -> _Colours:
    return _Colours([0] * len(side.columns), list(map(hash, side.blocks)))


def _distinct(side: Side) -> Side:
    """Each row once, with the number of times that it occurs: the more columns look alike, the more
    rows tend to be the same, and the more rounds the search takes."""
    rows = Counter(zip(side.blocks, *side.columns, strict=True))
    blocks, *columns = zip(*rows, strict=True)
    return Side(columns, side.twins, list(zip(blocks, rows.values(), strict=True)))


def _descend(
    left: Side, right: Side, ours: _Colours, theirs: _Colours, budget: Budget
) -> Iterator[tuple[int, ...]]:
    """Refine, then give one column that is still ambiguous each partner that it can have."""
    refined = _refine(left, right, ours, theirs, budget)
    if refined is None:
        return
    ours, theirs = refined
    classes = _classes(left, right, ours, theirs)
    open_classes = _open(left, right, classes)
    # Where what looks alike is alike, as in tables of indicators, any pairing is right at once.
    yield _pairing(left, classes)
    if not open_classes:
        return
    mine, others = min(open_classes, key=lambda pair: len(pair[0]))
    chosen = mine[0]
    mark = hash((ours.columns[chosen], "chosen"))
    for partner in {right.twins()[j]: j for j in reversed(others)}.values():
        yield from _descend(
            left, right, _marked(ours, chosen, mark), _marked(theirs, partner, mark), budget
        )


def _marked(colours: _Colours, column: int, mark: int) -> _Colours:
    columns = list(colours.columns)
    columns[column] = mark
    return _Colours(columns, colours.rows)


def _open(left: Side, right: Side, classes: Classes) -> Classes:
    """The classes in which it matters who is paired with whom."""
    return [pair for pair in classes if _ambiguous(left, pair[0]) and _ambiguous(right, pair[1])]


def _pairing(left: Side, classes: Classes) -> tuple[int, ...]:
    pairs = {i: j for mine, others in classes for i, j in _in_order(mine, others)}
    return tuple(pairs[i] for i in range(len(left.columns)))


def _classes(left: Side, right: Side, ours: _Colours, theirs: _Colours) -> Classes:
    """The columns of both sides by colour, which refinement has found to be as many on each."""
    found: dict[int, tuple[list[int], list[int]]] = defaultdict(lambda: ([], []))
    for i in range(len(left.columns)):
        found[ours.columns[i]][0].append(i)
    for j in range(len(right.columns)):
        found[theirs.columns[j]][1].append(j)
    return list(found.values())


def _ambiguous(side: Side, members: list[int]) -> bool:
    if len(members) == 1:
        return False
    names = side.twins()
    return len({names[i] for i in members}) > 1


def _in_order(mine: list[int], others: list[int]) -> list[tuple[int, int]]:
    """Pair the members of a class, a column with the one at its own place where there is one."""
    both = [i for i in mine if i in others]
    rest = zip(
        [i for i in mine if i not in both], [j for j in others if j not in both], strict=True
    )
    return [*zip(both, both, strict=True), *rest]


def _refine(
    left: Side, right: Side, ours: _Colours, theirs: _Colours, budget: Budget
) -> tuple[_Colours, _Colours] | None:
    """Colour columns by rows and rows by columns until nothing splits; None if the sides differ."""
    classes = 0
    while True:
        budget.spend(2 * len(left.columns) * len(left.blocks) + 1)
        ours, theirs = _colour_columns(left, ours), _colour_columns(right, theirs)
        if Counter(ours.columns) != Counter(theirs.columns):
            return None
        splits = len(set(ours.columns))
        if splits == len(left.columns):
            return ours, theirs
        budget.spend(2 * len(left.columns) * len(left.blocks))
        ours, theirs = _colour_rows(left, ours), _colour_rows(right, theirs)
        if Counter(ours.rows) != Counter(theirs.rows):
            return None
        if splits + len(set(ours.rows)) == classes:
            return ours, theirs
        classes = splits + len(set(ours.rows))


def _colour_columns(side: Side, colours: _Colours) -> _Colours:
    """A column's new colour: the old one and the multiset of its (row colour, cell)."""
    columns = [
        hash((colour, sum(map(hash, zip(colours.rows, column, strict=True)))))
        for colour, column in zip(colours.columns, side.columns, strict=True)
    ]
    return _Colours(columns, colours.rows)


def _colour_rows(side: Side, colours: _Colours) -> _Colours:
    """A row's new colour: the old one and the multiset of its (column colour, cell)."""
    sums: list[int] = list(colours.rows)
    for colour, column in zip(colours.columns, side.columns, strict=True):
        sums = list(map(add, sums, map(hash, zip(repeat(colour), column))))
    return _Colours(colours.columns, list(map(hash, zip(colours.rows, sums, strict=True))))
