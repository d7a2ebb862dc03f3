"""Engines that execute Cypher on a loaded graph: the protocol, and the table of our own.

Knows nothing of models, prompts or pytest.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Protocol, runtime_checkable

from pytest_cypherbench.registry import Entry, Registry

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping
    from pathlib import Path

    from pytest_cypherbench.flow import Execution, Failure, Limits, Schema
    from pytest_cypherbench.graphs.data import GraphData
    from pytest_cypherbench.graphs.schema import Facts
    from pytest_cypherbench.values import Value


@dataclass(frozen=True, slots=True)
class EngineSpec:
    """How to reach or start an engine. ``password`` never appears in a repr, a log or a record.

    ``state_folder`` keeps locks, and what makes starts faster, between runs; ``run_folder`` is one
    run's own, the same in all of its processes: whoever needs it first makes it, and what was
    started in it removes it."""

    uri: str | None = None
    username: str = "neo4j"
    password: str | None = None
    database: str | None = None
    state_folder: Path | None = None
    run_folder: Path | None = None
    image: str = "neo4j:5.26-community"
    home: Path | None = None
    java_home: Path | None = None
    allow_unsafe: bool = False
    allow_nonempty: bool = False
    say: Callable[[str], None] = lambda _: None

    def __repr__(self) -> str:
        return f"EngineSpec(uri={self.uri!r}, username={self.username!r})"


class Engine(Protocol):
    """A running database. Constructed with an EngineSpec; raises UserError if it cannot be reached.

    ``name`` is the engine's (``embedded``), ``version`` that of the product behind it."""

    name: str
    version: str

    def load(self, folder: Path) -> Schema:
        """Make the graph in ``folder`` the one that queries see (a no-op if it already is), and
        introspect it. Raises SuiteError for a folder that is no graph, UserError for a database
        that holds someone else's data, EngineError if the database fails."""

    def run(
        self, statement: str, params: Mapping[str, Value], limits: Limits
    ) -> Execution | Failure:
        """Execute one statement, read-only, on the loaded graph; a query's faults never raise."""

    def close(self) -> None:
        """Stop what was started; a server of the user's is left running."""


@dataclass(frozen=True, slots=True)
class Copy:
    """A copy of the loaded graph: altered with a seed (``alter``) or, without one, the same nodes,
    relationships, labels and properties loaded in another order (``reorder``): rows that differ
    there depend on that order."""

    seed: int | None = None


REORDERED = Copy()


@runtime_checkable
class Copying(Protocol):
    """What an Engine may do besides, where further copies of the graph cost little."""

    def run_on_copy(
        self, copy: Copy, statement: str, params: Mapping[str, Value], limits: Limits
    ) -> Execution | Failure:
        """As ``run``, on a copy of the loaded graph, made when it is first asked for."""


@runtime_checkable
class Loading(Protocol):
    """What an Engine may do besides: take a graph that is in no folder, and give one back."""

    def load_data(self, data: GraphData) -> Schema:
        """As ``load``."""

    def facts(self) -> Facts:
        """All that the loaded graph holds. Raises EngineError if the database fails."""


ENGINES = Registry(
    kind="engine",
    group="pytest_cypherbench.engines",
    flag="--graph-engine",
    table={
        "embedded": Entry("pytest_cypherbench.graphs.embedded.engine:Embedded"),
        "neo4j-container": Entry("pytest_cypherbench.graphs.neo4j.container:Neo4jContainer"),
        "neo4j-local": Entry("pytest_cypherbench.graphs.neo4j.local:Neo4jLocal"),
        "neo4j-server": Entry("pytest_cypherbench.graphs.neo4j.server:Neo4jServer"),
    },
)
