"""A domain as query patterns see it: its words, its data in memory, and steps between its labels.

Knows nothing of questions, queries or engines.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from dataclasses import dataclass
from typing import TYPE_CHECKING

from pytest_cypherbench.graphs.data import read_graph
from training.pairs.lexicon import LabelWords, PropertyWords, RelationshipWords, Words, read_words
from training.pairs.manifest import read_manifest

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping
    from pathlib import Path

    from pytest_cypherbench.values import Value


@dataclass(frozen=True, slots=True)
class Hop:
    """One step from a node ``near`` to a node ``far`` along a relationship or against it."""

    words: RelationshipWords
    forward: bool
    near: LabelWords
    far: LabelWords

    @property
    def near_does(self) -> tuple[str, ...]:
        """Predicates of the near node, the slot for the far one."""
        return self.words.of_start if self.forward else self.words.of_end

    @property
    def far_does(self) -> tuple[str, ...]:
        """Predicates of the far node, the slot for the near one."""
        return self.words.of_end if self.forward else self.words.of_start

    def back(self) -> Hop:
        """The same step from its other end."""
        return Hop(self.words, not self.forward, self.far, self.near)


@dataclass(frozen=True, slots=True)
class Edge:
    """A relationship in the data; ends are positions in ``GraphData.nodes``."""

    start: int
    end: int
    properties: Mapping[str, Value]


class Domain:
    """Words and facts of one graph folder. Raises SuiteError or UserError if either is faulty."""

    def __init__(self, folder: Path, words_file: Path) -> None:
        data = read_graph(folder)
        self.name = folder.name
        self.words: Words = read_words(words_file, read_manifest(folder))
        self.nodes = data.nodes
        self._of_label: dict[str, list[int]] = defaultdict(list)
        for index, node in enumerate(data.nodes):
            self._of_label[node.labels[0]].append(index)
        self._edges: dict[tuple[str, str, str], list[Edge]] = defaultdict(list)
        for row in data.relationships:
            ends = (data.nodes[row.start].labels[0], data.nodes[row.end].labels[0])
            self._edges[row.type, *ends].append(Edge(row.start, row.end, row.properties))
        self._names = {
            label: Counter(self.name_of(index) for index in self._of_label[label])
            for label in self.words.labels
        }

    # ── labels ──

    def labels(self) -> list[LabelWords]:
        """Labels that have nodes."""
        return [words for words in self.words.labels.values() if self._of_label[words.label]]

    def of(self, label: str) -> list[int]:
        """The nodes of a label."""
        return self._of_label[label]

    def name_of(self, node: int) -> str | None:
        """What a node is called; None if it has no name."""
        row = self.nodes[node]
        name = row.properties.get(self.words.labels[row.labels[0]].name)
        return name if isinstance(name, str) else None

    def named(self, label: str) -> list[int]:
        """The nodes whose name no other node of their label has."""
        names = self._names[label]
        return [n for n in self._of_label[label] if (k := self.name_of(n)) and names[k] == 1]

    def unique(self, label: str) -> bool:
        """Whether every node of a label has a name of its own."""
        return len(self.named(label)) == len(self._of_label[label])

    def value(self, node: int, prop: str) -> Value:
        """A property of a node; None if absent."""
        return self.nodes[node].properties.get(prop)

    def values(self, label: str, prop: str) -> list[Value]:
        """The values of a property that are there."""
        found = [self.value(node, prop) for node in self._of_label[label]]
        return [value for value in found if value is not None]

    def complete(self, label: str, prop: str) -> bool:
        """Whether every node of a label has the property."""
        return len(self.values(label, prop)) == len(self._of_label[label])

    def properties(
        self, label: str, wanted: Callable[[PropertyWords], bool]
    ) -> list[PropertyWords]:
        """The properties of a label that are wanted and not empty everywhere."""
        found = self.words.labels[label].properties.values()
        return [words for words in found if wanted(words) and self.values(label, words.name)]

    # ── relationships ──

    def hops(self, near: str | None = None) -> list[Hop]:
        """Every step, from any label or from one; both directions."""
        labels = self.words.labels
        found = []
        for words in self.words.relationships:
            if not self._edges[words.type, words.start, words.end]:
                continue
            hop = Hop(words, forward=True, near=labels[words.start], far=labels[words.end])
            found += [hop, hop.back()]
        return [hop for hop in found if near is None or hop.near.label == near]

    def only(self, hop: Hop) -> bool:
        """Whether no other step leads from the one label to the other: then a question need not
        say which is meant."""
        return [other.far for other in self.hops(hop.near.label)].count(hop.far) == 1

    def edges(self, hop: Hop) -> list[Edge]:
        """The relationships that a step may take."""
        return self._edges[hop.words.type, hop.words.start, hop.words.end]

    def reached(self, hop: Hop) -> dict[int, list[int]]:
        """Near nodes that have a far one, each with its far ones, one per relationship."""
        found: dict[int, list[int]] = defaultdict(list)
        for edge in self.edges(hop):
            near, far = (edge.start, edge.end) if hop.forward else (edge.end, edge.start)
            found[near].append(far)
        return found

    def rich(self, hop: Hop, least: int) -> list[int]:
        """Near nodes with at least so many different far ones."""
        return [node for node, far in self.reached(hop).items() if len(set(far)) >= least]

    def repeats(self, hop: Hop) -> bool:
        """Whether some two nodes are connected by several relationships of the type."""
        pairs = Counter((edge.start, edge.end) for edge in self.edges(hop))
        return max(pairs.values(), default=0) > 1

    def edge_values(self, hop: Hop, prop: str) -> list[Value]:
        """The values of a relationship's property that are there."""
        found = [edge.properties.get(prop) for edge in self.edges(hop)]
        return [value for value in found if value is not None]
