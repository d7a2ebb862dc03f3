"""Keys of whole columns: hashables that are equal where the cells are the same.

Knows nothing of rows, permutations, queries or engines; pure functions.

A column is encoded as one and not cell by cell: its lists are joined to one column of all their
elements and cut again, its maps become a column for each name. The result is what ``Coder.key``
gives for each cell, in a fraction of the time where cells are built alike.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Mapping
from itertools import chain, count, islice, repeat
from operator import attrgetter, itemgetter, ne
from random import Random
from typing import TYPE_CHECKING, TypeAlias, TypeVar

from pytest_cypherbench.compare.values import NAN, ORDERED, PLAIN, Coder, clusters
from pytest_cypherbench.values import Node

if TYPE_CHECKING:
    from collections.abc import Callable, Hashable, Sequence

    from pytest_cypherbench.compare.values import Shape
    from pytest_cypherbench.values import Value

    Column: TypeAlias = Sequence[Hashable]
    Keys: TypeAlias = Sequence[Column]
    Typed: TypeAlias = tuple[Sequence[Value], frozenset[type], Shape]
    Encoder: TypeAlias = Callable[[Sequence[Value], Shape, Coder], Column]

T = TypeVar("T", bound="Hashable")
C = TypeVar("C")

NUMBERS = frozenset({int, float})
_BOOLEANS = {value: ("bool", value) for value in (False, True)}
# A column of maps with more sets of names than one in so many cells is encoded cell by cell.
_CELLS_OF_ONE_FORM = 8
_SHORT = 16  # lists of one size up to this are encoded place by place


def encode(columns: Sequence[Typed], tolerance: float, same_database: bool) -> tuple[Keys, bool]:
    """Keys of columns with joint clusters of numbers, and whether those are equivalences.

    What is no scalar gets a number for its key, the same one for equal values: cheap to hash."""
    coder = Coder(same_database)
    keys = [_of_column(*column, coder) for column in columns]
    representative, tight = clusters(coder.numbers, tolerance)
    if representative:
        coder = Coder(same_database, representative)
        keys = [_of_column(*column, coder) for column in columns]
    short = _shorter()
    kinds = [kinds for _, kinds, _ in columns]
    return [_short(*pair, short) for pair in zip(keys, kinds, strict=True)], tight


def exact(column: Typed, same_database: bool) -> Column:
    """Keys of a column in which every number stands for itself, such as ``same`` takes."""
    cells, kinds, _ = column
    if kinds <= PLAIN and not _has_nan(cells, kinds):
        return cells  # type: ignore[return-value]
    return _of_column(*column, Coder(same_database))


def _shorter() -> defaultdict[Hashable, complex]:
    """Complex numbers that are no cell's own key, made as they are asked for.

    Their hashes are well spread: the search adds up hashes, and sums of 1, 2, 3 … or of those of
    new objects, which lie side by side, are often the same."""
    spread = iter(Random(0).random, None)  # noqa: S311
    return defaultdict(map(complex, spread, count(1)).__next__)


def _short(keys: Column, kinds: frozenset[type], short: defaultdict[Hashable, complex]) -> Column:
    if kinds <= PLAIN:
        return keys
    if not kinds & PLAIN:
        return list(map(short.__getitem__, keys))
    return [short[key] if type(key) is tuple and key is not NAN else key for key in keys]


def _has_nan(column: Sequence[Value], kinds: frozenset[type]) -> bool:
    return float in kinds and any(map(ne, column, column))


def _of_column(
    column: Sequence[Value], kinds: frozenset[type], shape: Shape, coder: Coder
) -> Column:
    if kinds <= PLAIN:
        return _scalars(column, kinds, coder)
    encoders = {kind: _encoder(kind) for kind in kinds}
    which = [*map(encoders.__getitem__, map(type, column))] if len(kinds) > 1 else []
    if len(set(which)) < 2:  # noqa: PLR2004
        return encoders.popitem()[1](column, shape, coder)
    parts = {e: e(part, shape, coder) for e, part in _apart(column, which).items()}
    return _together(parts, which)


def _apart(column: Sequence[C], which: Sequence[T]) -> dict[T, list[C]]:
    """The cells by what ``which`` says of each, in their order."""
    parts: defaultdict[T, list[C]] = defaultdict(list)
    for part, value in zip(which, column, strict=True):
        parts[part].append(value)
    return parts


def _together(parts: Mapping[T, Column], which: Sequence[T]) -> Column:
    """Undo ``_apart``."""
    rest = {part: iter(column) for part, column in parts.items()}
    return list(map(next, map(rest.__getitem__, which)))


def _encoder(kind: type) -> Encoder:
    if kind in PLAIN:
        return _plain
    if kind is bool:
        return _booleans
    if kind is Node:
        return _nodes
    if issubclass(kind, (list, tuple)):
        return _lists
    return _maps if issubclass(kind, Mapping) else _one_by_one


def _one_by_one(column: Sequence[Value], shape: Shape, coder: Coder) -> Column:
    return [coder.key(value, shape) for value in column]


def _plain(column: Sequence[Value], _: Shape, coder: Coder) -> Column:
    return _scalars(column, frozenset(map(type, column)), coder)


def _scalars(column: Sequence[Value], kinds: frozenset[type], coder: Coder) -> Column:
    """Scalars that are their own keys are not touched one by one."""
    if _has_nan(column, kinds):
        return _one_by_one(column, ORDERED, coder)
    if not kinds & NUMBERS:
        return column  # type: ignore[return-value]
    if coder.representative:
        return list(map(coder.representative.get, column, column))  # type: ignore[arg-type]
    coder.numbers.add(column, kinds)
    return column  # type: ignore[return-value]


def _booleans(column: Sequence[Value], _: Shape, __: Coder) -> Column:
    return list(map(_BOOLEANS.__getitem__, column))  # type: ignore[arg-type]


def _nodes(column: Sequence[Value], shape: Shape, coder: Coder) -> Column:
    if not coder.same_database:
        return _one_by_one(column, shape, coder)
    return list(zip(["node"] * len(column), map(attrgetter("element_id"), column), strict=True))


def _lists(column: Sequence[Value], shape: Shape, coder: Coder) -> Column:
    inner = shape if shape.deep else shape.items or ORDERED
    lists: Sequence[list[Value]] = column  # type: ignore[assignment]
    sizes = list(map(len, lists))
    if not shape.bag and sizes[0] <= _SHORT and len(set(sizes)) == 1:
        parts = [_inner(cells, inner, coder) for cells in zip(*lists, strict=True)]
        return list(zip(["list"] * len(lists), *parts, strict=True))
    keys = iter(_inner(list(chain.from_iterable(lists)), inner, coder))
    if shape.bag:
        return [("bag", _bag(tuple(islice(keys, size)))) for size in sizes]
    return [("list", *islice(keys, size)) for size in sizes]


def _inner(column: Sequence[Value], shape: Shape, coder: Coder) -> Column:
    return _of_column(column, frozenset(map(type, column)), shape, coder)


def _bag(keys: Sequence[Hashable]) -> Hashable:
    """The keys with how often each occurs."""
    once = frozenset(zip(keys, repeat(1)))
    return once if len(once) == len(keys) else frozenset(Counter(keys).items())


def _maps(column: Sequence[Value], shape: Shape, coder: Coder) -> Column:
    maps: Sequence[Mapping[str, Value]] = column  # type: ignore[assignment]
    in_order = {found: tuple(sorted(found)) for found in set(map(tuple, maps))}
    forms = set(in_order.values())
    if len(forms) == 1:
        return _maps_of(forms.pop(), maps, shape, coder)
    if len(forms) * _CELLS_OF_ONE_FORM > len(maps):
        return _one_by_one(column, shape, coder)
    which = list(map(in_order.__getitem__, map(tuple, maps)))
    parts = {f: _maps_of(f, part, shape, coder) for f, part in _apart(maps, which).items()}
    return _together(parts, which)


def _maps_of(
    names: tuple[str, ...], maps: Sequence[Mapping[str, Value]], shape: Shape, coder: Coder
) -> Column:
    """Keys of maps that have exactly these names."""
    inner = dict(shape.entries)
    rest = shape if shape.deep else ORDERED
    parts = []
    for name in names:
        values = list(map(itemgetter(name), maps))
        parts.append(_inner(values, inner.get(name, rest), coder))
    return list(zip(["map"] * len(maps), [names] * len(maps), *parts, strict=True))
