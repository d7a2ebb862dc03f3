"""A graph's nodes and relationships in a form that can be changed, before a copy is made of it.

Knows nothing of engines, queries or of what is changed.
"""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass
from typing import TYPE_CHECKING, TypeAlias

from pytest_cypherbench.graphs.data import GraphData, NodeRow, RelationshipRow

if TYPE_CHECKING:
    from pytest_cypherbench.graphs.schema import Facts
    from pytest_cypherbench.values import Value

# A relationship type seen from one of its ends.
Side: TypeAlias = tuple[str, str]
STARTS, ENDS = "starts", "ends"


@dataclass(slots=True, eq=False)
class DraftNode:
    """A node; ``labels`` are sorted."""

    labels: tuple[str, ...]
    properties: dict[str, Value]


@dataclass(slots=True, eq=False)
class DraftRelationship:
    """A relationship between two nodes of the same draft."""

    type: str
    start: DraftNode
    end: DraftNode
    properties: dict[str, Value]

    def other(self, node: DraftNode) -> tuple[DraftNode, Side]:
        """The node at the other end, and how it sees this relationship."""
        if self.start is node:
            return self.end, (self.type, ENDS)
        return self.start, (self.type, STARTS)


class Draft:
    """The facts in an order that follows from what they say, whichever engine they came from."""

    def __init__(self, facts: Facts) -> None:
        rows = sorted(facts.nodes, key=lambda row: repr((row[1], sorted(row[2].items()))))
        made = {key: DraftNode(labels, dict(sorted(p.items()))) for key, labels, p in rows}
        place = {key: index for index, key in enumerate(made)}
        self.nodes = list(made.values())
        self.relationships = [
            DraftRelationship(kind, made[start], made[end], dict(sorted(p.items())))
            for start, kind, end, p in sorted(
                facts.relationships,
                key=lambda row: (
                    row[1],
                    place[row[0]],
                    place[row[2]],
                    repr(sorted(row[3].items())),
                ),
            )
        ]

    def groups(self) -> dict[tuple[str, ...], list[DraftNode]]:
        """Nodes by their labels."""
        found: defaultdict[tuple[str, ...], list[DraftNode]] = defaultdict(list)
        for node in self.nodes:
            found[node.labels].append(node)
        return dict(found)

    def types(self) -> dict[tuple[object, ...], list[DraftRelationship]]:
        """Relationships by type and the labels of both ends."""
        found: defaultdict[tuple[object, ...], list[DraftRelationship]] = defaultdict(list)
        for edge in self.relationships:
            found[edge.type, edge.start.labels, edge.end.labels].append(edge)
        return dict(found)

    def sides(self) -> dict[DraftNode, dict[Side, list[DraftRelationship]]]:
        """Each node's relationships, by type and direction."""
        found: dict[DraftNode, dict[Side, list[DraftRelationship]]] = {n: {} for n in self.nodes}
        for edge in self.relationships:
            found[edge.start].setdefault((edge.type, STARTS), []).append(edge)
            found[edge.end].setdefault((edge.type, ENDS), []).append(edge)
        return found

    def always(self) -> dict[tuple[str, ...], set[Side]]:
        """For each group of nodes what every one of them has: an order without a customer would be
        a graph of another kind, on which right queries differ."""
        sides = self.sides()
        return {
            labels: set.intersection(*(set(sides[node]) for node in nodes))
            for labels, nodes in self.groups().items()
        }

    def data(self, name: str, sha256: str) -> GraphData:
        """The draft as something to load."""
        place = {node: index for index, node in enumerate(self.nodes)}
        return GraphData(
            name,
            sha256,
            tuple(NodeRow(node.labels, node.properties) for node in self.nodes),
            tuple(
                RelationshipRow(edge.type, place[edge.start], place[edge.end], edge.properties)
                for edge in self.relationships
            ),
        )
