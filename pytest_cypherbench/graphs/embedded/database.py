"""One graph in a database of the embedded engine's child: loaded, then asked by a mere reader.

Knows nothing of predictions or of other graphs.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from pytest_cypherbench.graphs.alter import alter
from pytest_cypherbench.graphs.bolt import Bolt
from pytest_cypherbench.graphs.embedded.arcadedb import READER
from pytest_cypherbench.graphs.load import load
from pytest_cypherbench.graphs.reorder import reordered
from pytest_cypherbench.graphs.schema import OURS, Facts, fingerprint, read_facts, schema

if TYPE_CHECKING:
    from pytest_cypherbench.graphs import Copy
    from pytest_cypherbench.graphs.data import GraphData
    from pytest_cypherbench.graphs.embedded.arcadedb import ArcadeDb


class Database:
    """One loaded graph: its data, its fingerprint, and the reader's connection to its database."""

    def __init__(self, child: ArcadeDb, data: GraphData) -> None:
        self.data = data
        database = f"graph_{data.sha256[:16]}"
        child.create_database(database)
        child.set_timeout(database, OURS.seconds)
        owner = Bolt(child.uri, "root", child.password, database)
        try:
            facts = load(owner, data)
        finally:
            owner.close()
        self.fingerprint = fingerprint(facts)
        self.schema = schema(facts)
        self.several_labels = any(len(labels) > 1 for _, labels, _ in facts.nodes)
        self.reader = Bolt(child.uri, READER, child.password, database)
        self.child = child
        self._database = database
        self._seconds = OURS.seconds
        self._copies: dict[Copy, GraphData] = {}

    def limit(self, seconds: float) -> None:
        """Set the server's time limit, if it is another."""
        if seconds != self._seconds:
            self.child.set_timeout(self._database, seconds)
            self._seconds = seconds

    def facts(self) -> Facts:
        """What the database holds now."""
        self.limit(OURS.seconds)
        return read_facts(self.reader)

    def copy(self, copy: Copy) -> GraphData:
        """What a copy of this graph holds."""
        if copy not in self._copies:
            name, facts = self.data.name, self.facts()
            self._copies[copy] = (
                reordered(name, facts) if copy.seed is None else alter(name, facts, copy.seed)
            )
        return self._copies[copy]
