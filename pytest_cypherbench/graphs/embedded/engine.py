"""The engine ``embedded``: ArcadeDB in a child process, one database per graph, asked over Bolt.

Knows nothing of models. Predictions run as a user who may only read, in transactions that are
rolled back; a query that outlives its limit or exhausts the memory costs the child, not the run.
"""

from __future__ import annotations

from contextlib import suppress
from dataclasses import replace
from typing import TYPE_CHECKING

from pytest_cypherbench import cypher
from pytest_cypherbench.errors import CypherbenchError, EngineError, UserError
from pytest_cypherbench.flow import Execution, Failure, FailureKind
from pytest_cypherbench.graphs import guard, probes
from pytest_cypherbench.graphs.bolt import GRACE_SECONDS
from pytest_cypherbench.graphs.data import GraphData, read_graph
from pytest_cypherbench.graphs.embedded import decidable
from pytest_cypherbench.graphs.embedded.arcadedb import OUT_OF_MEMORY, ArcadeDb, start
from pytest_cypherbench.graphs.embedded.database import Database
from pytest_cypherbench.graphs.embedded.refusals import restate
from pytest_cypherbench.graphs.patience import OverrunError
from pytest_cypherbench.graphs.schema import fingerprint
from pytest_cypherbench.values import Temporal

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

    from pytest_cypherbench.flow import Limits, Schema
    from pytest_cypherbench.graphs import Copy, EngineSpec
    from pytest_cypherbench.graphs.schema import Facts
    from pytest_cypherbench.values import Value

_ATTEMPTS = 2
_UNSAFE = "install the version of arcadedb-embedded that this package asks for"


class Embedded:
    """An Engine (see ``graphs``). The child starts with the first graph."""

    name = "embedded"

    def __init__(self, spec: EngineSpec) -> None:
        self._state = spec.state_folder
        self._child: ArcadeDb | None = start(self._state)
        self.version = f"ArcadeDB {self._child.version}"
        self._graphs: dict[str, Database] = {}
        self._current: GraphData | None = None

    def load(self, folder: Path) -> Schema:
        """See Engine."""
        return self.load_data(read_graph(folder))

    def load_data(self, data: GraphData) -> Schema:
        """See Loading."""
        self._current = data
        return self._graph().schema

    def facts(self) -> Facts:
        """See Loading."""
        return self._graph().facts()

    def run(
        self, statement: str, params: Mapping[str, Value], limits: Limits
    ) -> Execution | Failure:
        """See Engine."""
        if refused := guard.check(statement) or self._undecidable(statement, params):
            return refused
        failure = Failure(FailureKind.ENGINE_ERROR, "not tried")
        for _ in range(_ATTEMPTS):
            try:
                done = self._ask(statement, params, limits)
            except OverrunError:
                self._discard()
                seconds = limits.seconds + GRACE_SECONDS
                return Failure(FailureKind.TIMEOUT, f"killed after {seconds:g} s", seconds)
            except (EngineError, UserError) as error:
                if self._answers(limits):  # a stack overflow costs the connection alone
                    reason = "the embedded engine breaks off the connection over this query"
                    failure = Failure(FailureKind.UNDECIDABLE, reason)
                    continue
                if self._discard(dead=True) == OUT_OF_MEMORY:
                    reason = "the query exhausted the engine's memory"
                    return Failure(FailureKind.TOO_LARGE, reason)
                failure = Failure(FailureKind.ENGINE_ERROR, str(error))
            else:
                return self._checked(statement, done)
        return failure

    def run_on_copy(
        self, copy: Copy, statement: str, params: Mapping[str, Value], limits: Limits
    ) -> Execution | Failure:
        """See Copying: another database in the same child, loaded when first asked for."""
        loaded = self._current
        try:
            self._current = self._graph().copy(copy)
            return self.run(statement, params, limits)
        except CypherbenchError as error:
            return Failure(FailureKind.ENGINE_ERROR, str(error))
        finally:
            self._current = loaded

    def _undecidable(self, statement: str, params: Mapping[str, Value]) -> Failure | None:
        if any(
            isinstance(value, Temporal) and value.kind == "date_time" for value in params.values()
        ):
            reason = "the embedded engine misreads zoned date-times that are parameters"
            return Failure(FailureKind.UNDECIDABLE, reason)
        try:
            graph = self._graph()
        except CypherbenchError as error:
            return Failure(FailureKind.ENGINE_ERROR, str(error))
        return decidable.check(statement, graph.schema, several_labels=graph.several_labels)

    def close(self) -> None:
        """See Engine. Raises EngineError if a graph is not as it was loaded."""
        changed = ""
        try:
            for graph in self._graphs.values():
                with suppress(EngineError):  # a dead child has no graph that could have changed
                    if fingerprint(graph.facts()) != graph.fingerprint:
                        changed = graph.data.name
        finally:
            if self._child is not None:
                self._child.leave_classes()
            self._discard()
        if changed:
            raise EngineError(
                f"the graph {changed!r} changed during the run", fix="do not trust it"
            )

    def _graph(self) -> Database:
        """The current graph, loaded if it is not; in a new child if there is none."""
        if self._current is None:
            raise EngineError("no graph is loaded")
        if self._child is None:
            self._child = start(self._state)
        key = self._current.sha256
        if key not in self._graphs:
            try:
                self._graphs[key] = found = Database(self._child, self._current)
                if len(self._graphs) == 1:  # the first one in this child
                    probes.must_refuse(found.reader, "the embedded database", _UNSAFE)
            except CypherbenchError:
                self._discard()  # a half-loaded database must not be found by a second try
                raise
        return self._graphs[key]

    def _ask(
        self, statement: str, params: Mapping[str, Value], limits: Limits
    ) -> Execution | Failure:
        graph = self._graph()
        graph.limit(limits.seconds)
        return graph.reader.read(statement, params, limits)

    def _answers(self, limits: Limits) -> bool:
        """Whether the child still answers on another connection."""
        if self._child is None:
            return False
        try:
            return isinstance(self._ask("RETURN 1", {}, limits), Execution)
        except (CypherbenchError, OverrunError):
            return False

    def _discard(self, *, dead: bool = False) -> int | None:
        """End the child; the exit status of one that seems ``dead`` already."""
        for graph in self._graphs.values():
            graph.reader.close()
        self._graphs.clear()
        child, self._child = self._child, None
        if child is None:
            return None
        status = child.status() if dead else None
        child.close()
        return status

    def _checked(self, statement: str, done: Execution | Failure) -> Execution | Failure:
        if isinstance(done, Execution):
            return done if done.columns else replace(done, columns=_columns(statement))
        return restate(done, statement)


def _columns(statement: str) -> tuple[str, ...]:
    """The names that the last RETURN gives; the engine loses them where no row comes."""
    found = cypher.clauses(cypher.tokenize(statement))
    for index in range(len(found) - 1, -1, -1):
        if found[index].keyword == "RETURN":
            items = cypher.projection(found, index).items
            return tuple(item.alias or cypher.source(statement, item.tokens) for item in items)
    return ()
