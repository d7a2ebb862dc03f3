"""When two cells are the same: every value becomes a hashable key, numbers within a tolerance.

Knows nothing of rows, columns, queries or engines; pure functions.
"""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import partial
from itertools import compress, count, islice, repeat
from operator import is_
from typing import TYPE_CHECKING, TypeAlias

from pytest_cypherbench.compare.matching import perfect
from pytest_cypherbench.values import Duration, Node, Path, Point, Relationship, Temporal

if TYPE_CHECKING:
    from collections.abc import Hashable, Iterable, Sequence

    from pytest_cypherbench.values import Value

Number: TypeAlias = int | float

# Plain Python equality of these never calls two values equal that differ (a bool beside a number
# apart: True == 1), so rows of them can be compared as they are before anything is encoded.
SCALARS = frozenset({type(None), bool, int, float, str, bytes, Temporal, Duration, Point})
PLAIN = frozenset({type(None), int, float, str, bytes})
NAN = ("nan",)
_BEYOND_FLOATS = 2**1023
_ENTITIES = (Node, Relationship, Path)


@dataclass(frozen=True, slots=True)
class Shape:
    """Where inside a column's values the order of a list does not count.

    ``bag``: the value is a list without order; ``items``: the shape of each of its elements;
    ``entries``: the shapes under the names of a map; ``deep``: every list at any depth is a bag."""

    bag: bool = False
    items: Shape | None = None
    entries: tuple[tuple[str, Shape], ...] = ()
    deep: bool = False


ORDERED = Shape()
BAG = Shape(bag=True)
DEEP = Shape(bag=True, deep=True)


@dataclass(frozen=True, slots=True)
class Numbers:
    """The numbers of some columns, NaN apart; columns of integers stay as they are, seldom used."""

    floats: set[float] = field(default_factory=set)
    integers: set[int] = field(default_factory=set)
    columns: list[Sequence[Value]] = field(default_factory=list)

    def add(self, column: Sequence[Value], kinds: frozenset[type]) -> None:
        """Take those of a column of scalars in which these types occur."""
        if float not in kinds:
            self.columns.append(column)
        elif kinds == {float}:
            self.floats.update(column)  # type: ignore[arg-type]
        else:
            self.floats.update(value for value in column if isinstance(value, float))
            self.columns.append([value for value in column if not isinstance(value, float)])

    def beside(self, floats: list[Number], tolerance: float) -> set[int]:
        """The integers that may be near one of these floats: of small ones only their rounding, as
        the tolerance is less than a half there."""
        rounded = set(map(round, floats))
        near = {n for n in self.integers if abs(n) < _BEYOND_FLOATS}
        large = int(min(0.4 / tolerance, _BEYOND_FLOATS)) // 2
        for column in self.columns:
            near |= rounded.intersection(column)
            if max(floats[-1], -floats[0]) >= large:
                integers = (n for n in column if isinstance(n, int))
                near.update(n for n in integers if large <= abs(n) < _BEYOND_FLOATS)
        return near


@dataclass(frozen=True, slots=True)
class Coder:
    """Values to keys: two keys are equal exactly if the values are the same.

    ``representative`` names one number for each cluster of near numbers; a number that it does not
    hold stands for itself. A key is a plain scalar or a tuple that starts with its kind, so that no
    two kinds meet. Numbers that were met are put into ``numbers``."""

    same_database: bool
    representative: Mapping[Number, Number] = field(default_factory=dict)
    numbers: Numbers = field(default_factory=Numbers)

    def key(self, value: Value, shape: Shape = ORDERED) -> Hashable:
        """The key of one cell. Raises TypeError for what is no Value."""
        kind = type(value)
        if value is None or kind is str or kind is bytes:
            return value  # type: ignore[return-value]
        if kind is bool:
            return ("bool", value)
        if isinstance(value, (int, float)):
            return self._number(value)
        if isinstance(value, (list, tuple)):
            return self._list(value, shape)
        if isinstance(value, _ENTITIES):
            return self._entity(value)
        if isinstance(value, dict) or isinstance(value, Mapping):  # the second alone is slow  # noqa: SIM101
            return self._map(value, shape)
        return self._by_value(value)

    def _number(self, value: Number) -> Hashable:
        if isinstance(value, int):
            self.numbers.integers.add(value)
        elif value != value:  # noqa: PLR0124  only NaN differs from itself
            return NAN
        else:
            self.numbers.floats.add(value)
        return self.representative.get(value, value)

    def _list(self, values: Iterable[Value], shape: Shape) -> Hashable:
        inner = shape if shape.deep else shape.items or ORDERED
        keys = [self.key(value, inner) for value in values]
        return ("bag", frozenset(Counter(keys).items())) if shape.bag else ("list", *keys)

    def _map(self, value: Mapping[str, Value], shape: Shape = ORDERED) -> Hashable:
        rest = shape if shape.deep else ORDERED
        inner = {**dict.fromkeys(value, rest), **dict(shape.entries)} if shape.entries else None
        names = tuple(sorted(value))
        return ("map", names, *[self.key(value[k], inner[k] if inner else rest) for k in names])

    def _entity(self, value: Node | Relationship | Path) -> Hashable:
        if isinstance(value, Path):
            return (
                "path",
                *map(self._entity, value.nodes),
                *map(self._entity, value.relationships),
            )
        if isinstance(value, Node):
            if self.same_database:
                return ("node", value.element_id)
            return ("node", tuple(sorted(value.labels)), self._map(value.properties))
        if self.same_database:
            return ("relationship", value.element_id)
        ends = (self._entity(value.start), self._entity(value.end))
        return ("relationship", value.type, *ends, self._map(value.properties))

    def _by_value(self, value: object) -> Hashable:
        if isinstance(value, Temporal):
            # Cypher's `=` wants the same instant, offset and named zone: the text holds all three.
            return (value.kind, value.text.replace("Z", "+00:00", 1))
        if isinstance(value, Duration):
            nanoseconds = value.seconds * 10**9 + value.nanoseconds
            return ("duration", value.months, value.days, nanoseconds)
        if isinstance(value, Point):
            return ("point", value.srid, *map(self._number, value.coordinates))
        raise TypeError(f"{type(value).__name__} is no value of a result row")


def close(left: Number, right: Number, tolerance: float) -> bool:
    """Equal, or within the relative tolerance if one of them is a float: integers are exact.

    There is no absolute tolerance (0 is near nothing else) and an infinity is near nothing else."""
    if left == right:
        return True
    if tolerance == 0 or (isinstance(left, int) and isinstance(right, int)):
        return False
    try:
        return math.isclose(left, right, rel_tol=tolerance)
    except OverflowError:  # an integer beyond every float
        return False


def same(left: Hashable, right: Hashable, tolerance: float) -> bool:
    """Whether two keys made without representatives are the same within the tolerance: precise
    where clusters are not, because nearness is not transitive."""
    if type(left) in {int, float} and type(right) in {int, float}:
        return close(left, right, tolerance)  # type: ignore[arg-type]
    if isinstance(left, frozenset) and isinstance(right, frozenset):
        return left == right or _same_bags(left, right, tolerance)
    if isinstance(left, tuple) and isinstance(right, tuple):
        pairs = zip(left, right, strict=False)
        return len(left) == len(right) and all(same(a, b, tolerance) for a, b in pairs)
    return type(left) is type(right) and left == right


def _same_bags(
    left: frozenset[tuple[Hashable, int]], right: frozenset[tuple[Hashable, int]], tolerance: float
) -> bool:
    ours = [key for key, count in left for _ in range(count)]
    theirs = [key for key, count in right for _ in range(count)]
    if len(ours) != len(theirs):
        return False
    return perfect([[j for j, b in enumerate(theirs) if same(a, b, tolerance)] for a in ours])


def clusters(numbers: Numbers, tolerance: float) -> tuple[dict[Number, Number], bool]:
    """A representative for each number that has a near neighbour, and whether nearness within every
    cluster is an equivalence (where it is not, equal keys are to be checked by `same`)."""
    floats: list[Number] = sorted(numbers.floats - {math.inf, -math.inf})
    if not floats or tolerance == 0:
        return {}, True
    integers = sorted(numbers.beside(floats, tolerance))
    line = sorted([*floats, *integers])  # two sorted runs: one merge
    near = [*map(partial(math.isclose, rel_tol=tolerance), line, islice(line, 1, None)), False]
    representative, tight = _around_integers(line, near, tolerance) if integers else ({}, True)
    for link in compress(count(), near):
        representative[line[link + 1]] = representative.get(line[link], line[link])
    spans = map(partial(math.isclose, rel_tol=tolerance), representative.values(), representative)
    return representative, tight and all(spans)


def _around_integers(
    line: list[Number], near: list[bool], tolerance: float
) -> tuple[dict[Number, Number], bool]:
    """Clusters in which an integer stands between floats, as integers are exact among themselves.

    ``near[i]``: number i of the line is near the next; it is no longer where that is done with."""
    representative: dict[Number, Number] = {}
    tight = True
    for place in compress(count(), map(is_, map(type, line), repeat(int))):
        first = last = place
        while first and near[first - 1]:
            first -= 1
        while near[last]:
            last += 1
        group = line[first : last + 1]
        near[first:last] = [False] * (last - first)
        exact = sum(type(number) is int for number in group)
        if exact < len(group):
            representative.update(dict.fromkeys(group, group[0]))
            tight = tight and exact <= 1 and math.isclose(group[0], group[-1], rel_tol=tolerance)
    return representative, tight
