"""Copies of a graph, each loaded in its turn: in another order, and altered.

Knows nothing of cases. An engine holds one graph at a time, so whoever asks uses a copy up first.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from pytest_cypherbench.errors import UserError
from pytest_cypherbench.graphs import Loading
from pytest_cypherbench.graphs.alter import alter
from pytest_cypherbench.graphs.reorder import reordered

if TYPE_CHECKING:
    from collections.abc import Iterator

    from pytest_cypherbench.graphs.data import GraphData
    from pytest_cypherbench.graphs.schema import Facts
    from pytest_cypherbench.loaded import Graph


@dataclass(frozen=True, slots=True)
class Copies:
    """Makes and loads the copies of ``graph``, which holds ``facts``."""

    graph: Graph
    engine: Loading
    facts: Facts

    @classmethod
    def of(cls, graph: Graph) -> Copies:
        """Of a graph that is loaded. Raises UserError for an engine that takes no copies."""
        engine = graph.engine
        if not isinstance(engine, Loading):
            raise UserError(
                f"the engine {engine.name} (--graph-engine) loads no copies",
                fix="give --shuffles 0 --altered 0, or another engine",
            )
        return cls(graph, engine, engine.facts())

    def shuffled(self, count: int) -> Iterator[tuple[str, Graph]]:
        """How each is loaded, and it: backwards first, the others with a seed."""
        for seed in range(count):
            how = f"in the order of seed {seed}" if seed else "backwards"
            yield how, self._load(reordered(self.graph.name, self.facts, seed or None))

    def altered(self, count: int) -> Iterator[Graph]:
        """One for each seed from 1 up, as ``--graph-variants`` judges on."""
        for seed in range(1, count + 1):
            yield self._load(alter(self.graph.name, self.facts, seed))

    def _load(self, data: GraphData) -> Graph:
        schema = self.engine.load_data(data)
        return replace(self.graph, schema=schema, _references={}, _altered={})
