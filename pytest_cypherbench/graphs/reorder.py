"""A graph's data in another order, so that a copy loaded from it shows what depended on the order.

Knows nothing of engines or queries.
"""

from __future__ import annotations

import hashlib
import random
from typing import TYPE_CHECKING, TypeVar

from pytest_cypherbench.graphs.data import GraphData, NodeRow, RelationshipRow
from pytest_cypherbench.graphs.schema import fingerprint

if TYPE_CHECKING:
    from collections.abc import Iterable

    from pytest_cypherbench.graphs.schema import Facts

_Any = TypeVar("_Any")


def reordered(name: str, facts: Facts, seed: int | None = None) -> GraphData:
    """The same nodes and relationships: backwards, so that of any two the other comes first, or
    shuffled with a seed; so are the labels and properties of each."""
    chance = None if seed is None else random.Random(seed)  # noqa: S311 - no secret

    def turned(items: Iterable[_Any]) -> list[_Any]:
        found = list(items)[::-1]
        if chance is not None:
            chance.shuffle(found)
        return found

    nodes = turned(facts.nodes)
    place = {key: index for index, (key, _, _) in enumerate(nodes)}
    return GraphData(
        name,
        hashlib.sha256(f"{fingerprint(facts)} {seed}".encode()).hexdigest(),
        tuple(NodeRow(tuple(turned(labels)), dict(turned(p.items()))) for _, labels, p in nodes),
        tuple(
            RelationshipRow(kind, place[start], place[end], dict(turned(p.items())))
            for start, kind, end, p in turned(facts.relationships)
        ),
    )
