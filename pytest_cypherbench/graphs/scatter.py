"""Who has which value: moved among nodes of a label and relationships of a type, some numbers and
dates changed a little.

Knows nothing of engines or queries, nor of how a graph's structure is altered.
"""

from __future__ import annotations

import datetime as dt
from collections import Counter, defaultdict
from itertools import combinations
from typing import TYPE_CHECKING, TypeAlias

from pytest_cypherbench.graphs.draft import ENDS, STARTS, DraftNode, DraftRelationship
from pytest_cypherbench.graphs.schema import type_name
from pytest_cypherbench.values import Temporal

if TYPE_CHECKING:
    import random
    from collections.abc import Hashable, Mapping, Sequence

    from pytest_cypherbench.graphs.draft import Draft
    from pytest_cypherbench.values import Value

_Holder: TypeAlias = DraftNode | DraftRelationship
_CHANGED = 0.1
_MOST_DAYS = 20
# A number of few values is a grade or a category, a small one a count: both are left as they are.
_FEW_VALUES, _SMALL = 12, 20
_NUMBERS = {"INTEGER", "FLOAT", "DATE", "LOCAL DATETIME"}
_LEAST_PAIRS = 3
_NAMED = 0.9
# Values move among so many holders of one rank.
_NEIGHBOURS = 6


class Scatter:
    """Moves and changes the values of a draft, with the chance that it is given; ``names_move``:
    also those by which nodes are told apart."""

    def __init__(self, draft: Draft, chance: random.Random, *, names_move: bool) -> None:
        self._draft = draft
        self._chance = chance
        self._names_move = names_move

    def run(self) -> None:
        """Every property by itself, but for those of which one is never above the other; among
        nodes that take part in the same and about as often: a busy director's name goes to another
        one, so that what is asked of that name is still to be had."""
        sides = self._draft.sides()
        for nodes in self._draft.groups().values():
            ranked = sorted(nodes, key=lambda node: -sum(map(len, sides[node].values())))
            self._scatter(ranked, {}, {node: tuple(sorted(sides[node])) for node in nodes})
        for edges in self._draft.types().values():
            self._scatter(edges, {side: bound_to(edges, side) for side in (STARTS, ENDS)}, {})

    def _scatter(
        self,
        holders: Sequence[_Holder],
        bound: Mapping[str, set[str]],
        parts: Mapping[_Holder, Hashable],
    ) -> None:
        for names in _together(holders):
            sides = [side for side, numbers in bound.items() if numbers & set(names)]
            places: defaultdict[Hashable, list[_Holder]] = defaultdict(list)
            for holder in holders:
                present = tuple(name for name in names if name in holder.properties)
                if present:
                    ends = [_end(holder, side) for side in sides]
                    places[present, parts.get(holder), *ends].append(holder)
            for place in places.values():
                if self._names_move or not _is_name(holders, names):
                    self._move(place, names)
            if not sides:
                self._change([h for place in places.values() for h in place], names)

    def _move(self, holders: Sequence[_Holder], names: Sequence[str]) -> None:
        for start in range(0, len(holders), _NEIGHBOURS):
            near = holders[start : start + _NEIGHBOURS]
            found = [{n: h.properties[n] for n in names if n in h.properties} for h in near]
            self._chance.shuffle(found)
            for holder, values in zip(near, found, strict=True):
                holder.properties |= values

    def _change(self, holders: Sequence[_Holder], names: Sequence[str]) -> None:
        """Change the extremes, and a share of the others where values repeat: what is unique may be
        what a question names."""
        first = [holder for holder in holders if names[0] in holder.properties]
        values = [holder.properties[names[0]] for holder in first]
        kinds = {type_name(h.properties[n]) for h in holders for n in names if n in h.properties}
        if len(kinds) != 1 or not kinds <= _NUMBERS or len(set(map(repr, values))) <= _FEW_VALUES:
            return
        ranked = sorted(first, key=lambda holder: _rank(holder.properties[names[0]]))
        unique = len(set(map(repr, values))) == len(values)
        share = 0 if unique else round(len(first) * _CHANGED)
        lowest, highest = ranked[0].properties[names[0]], ranked[-1].properties[names[0]]
        for holder in self._chance.sample(ranked[1:-1], min(share, len(ranked) - 2)):
            self._shift(holder, names, self._chance.choice((-1, 1)))
        for holder in ranked:
            if holder.properties[names[0]] in (lowest, highest):
                self._shift(holder, names, 1 if holder.properties[names[0]] == highest else -1)

    def _shift(self, holder: _Holder, names: Sequence[str], sign: int) -> None:
        """By the same for all of the group, so that none passes another."""
        size = self._chance.random()
        moved = {
            n: _shifted(holder.properties[n], sign, size) for n in names if n in holder.properties
        }
        if None not in moved.values():
            holder.properties |= moved


def renew(node: DraftNode, alike: Sequence[DraftNode]) -> dict[str, Value]:
    """A node's properties, with new values where all nodes of its kind have different ones."""
    found = dict(node.properties)
    for name, value in node.properties.items():
        taken = [repr(other.properties[name]) for other in alike if name in other.properties]
        new: Value = value
        while repr(new) in taken and len(set(taken)) == len(taken):
            if (next_one := f"{new} II" if isinstance(new, str) else _shifted(new, 1, 0)) is None:
                break
            found[name] = new = next_one
    return found


def bound_to(edges: Sequence[DraftRelationship], side: str) -> set[str]:
    """The properties whose values differ within the relationships of a node, though not within
    all: what numbers them."""
    found = set()
    for name in {name for edge in edges for name in edge.properties}:
        values = [(_end(e, side), repr(e.properties[name])) for e in edges if name in e.properties]
        several = max(Counter(end for end, _ in values).values()) > 1
        repeats = len({value for _, value in values}) < len(values)
        if several and repeats and len(set(values)) == len(values):
            found.add(name)
    return found


def _is_name(holders: Sequence[_Holder], names: Sequence[str]) -> bool:
    """Whether it is a text that nearly every node has for itself."""
    values = [holder.properties[names[0]] for holder in holders if names[0] in holder.properties]
    texts = {value for value in values if isinstance(value, str)}
    return isinstance(holders[0], DraftNode) and len(texts) > _NAMED * len(values)


def _end(holder: _Holder, side: str) -> object:
    if isinstance(holder, DraftNode):
        return None
    return holder.start if side == STARTS else holder.end


def _together(holders: Sequence[_Holder]) -> list[tuple[str, ...]]:
    """The properties, those together of which one is never above the other: a birth and a death."""
    groups = [{name} for name in sorted({n for holder in holders for n in holder.properties})]
    for one, two in combinations([next(iter(group)) for group in groups], 2):
        if _ordered(holders, one, two):
            joined = [group for group in groups if one in group or two in group]
            groups = [group for group in groups if group not in joined] + [set().union(*joined)]
    return sorted(tuple(sorted(group)) for group in groups)


def _ordered(holders: Sequence[_Holder], one: str, two: str) -> bool:
    both = [
        (holder.properties[one], holder.properties[two])
        for holder in holders
        if one in holder.properties and two in holder.properties
    ]
    kinds = {type_name(value) for pair in both for value in pair}
    if len(both) < _LEAST_PAIRS or len(kinds) != 1 or not kinds <= _NUMBERS:
        return False
    ranks = [(_rank(a), _rank(b)) for a, b in both]
    return all(a <= b for a, b in ranks) or all(a >= b for a, b in ranks)


def _rank(value: Value) -> tuple[float, str]:
    if isinstance(value, Temporal):
        return 0, value.text
    return (value, "") if isinstance(value, (int, float)) else (0, "")


def _shifted(value: Value, sign: int, size: float) -> Value:
    """A value near this one, further the larger ``size`` (0 to 1) is; None if there is none."""
    if isinstance(value, Temporal):
        try:
            day = dt.date.fromisoformat(value.text[:10])
            day += dt.timedelta(days=sign * (1 + round(size * _MOST_DAYS)))
        except (ValueError, OverflowError):
            return None
        return Temporal(value.kind, day.isoformat() + value.text[10:])
    if isinstance(value, bool) or not isinstance(value, (int, float)):
        return None
    if isinstance(value, int):
        return value + sign * (1 + round(size * 2)) if abs(value) >= _SMALL else None
    digits = len(repr(value).partition(".")[2]) if "e" not in repr(value) else 9
    step = max(abs(value) * (0.01 + size * 0.04), 10.0**-digits)
    new = round(value + sign * step, digits)
    return new if new != value and (new > 0) == (value > 0) else None
