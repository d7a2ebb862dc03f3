"""The engine ``neo4j-server``: a Neo4j of the user's, loaded only if empty or filled from here.

Knows nothing of models. Community editions have one database, so one graph at a time is there; runs
that need another wait for each other. Does not protect from other clients of the server: what they
change is noticed, not prevented.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, cast

from pytest_cypherbench.errors import EngineError, UserError
from pytest_cypherbench.flow import Execution, Failure, FailureKind
from pytest_cypherbench.graphs import guard
from pytest_cypherbench.graphs.bolt import GRACE_SECONDS, Bolt, OverrunError
from pytest_cypherbench.graphs.data import read_graph
from pytest_cypherbench.graphs.lease import Lease
from pytest_cypherbench.graphs.load import load, quoted
from pytest_cypherbench.graphs.schema import OURS, fingerprint, read_facts, schema

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping
    from pathlib import Path

    from pytest_cypherbench.flow import Limits, Schema
    from pytest_cypherbench.graphs import EngineSpec
    from pytest_cypherbench.graphs.data import GraphData
    from pytest_cypherbench.values import Value

_OLDEST = (5, 26)
_ATTEMPTS = 2
# The name of an index marks what we loaded: it survives restarts, no query about the graph sees it.
# It is a point index on a label and a property that exist, so that neither becomes known by it.
_MARK = "cypherbench_"
_LOADING = f"{_MARK}loading_"


class Neo4jServer:
    """An Engine (see ``graphs``)."""

    name = "neo4j-server"

    def __init__(self, spec: EngineSpec) -> None:
        if not spec.uri:
            raise UserError("--graph-engine neo4j-server needs an address", fix="set NEO4J_URI")
        self._spec = spec
        self._bolt = self._connect()
        try:
            self.version = self._read_version()
        except BaseException:
            self._bolt.close()
            raise
        self._lease = Lease(spec.state_folder, f"{spec.uri} {spec.database or ''}")
        self._loaded: tuple[GraphData, Schema, str] | None = None

    def load(self, folder: Path) -> Schema:
        """See Engine."""
        data = read_graph(folder)
        if self._loaded is not None and self._loaded[0].sha256 == data.sha256:
            return self._loaded[1]
        self._loaded = None
        self._lease.release()
        while (found := self._use(data)) is None:
            with self._lease.exclusive():
                self._replace(data)
        return found

    def run(
        self, statement: str, params: Mapping[str, Value], limits: Limits
    ) -> Execution | Failure:
        """See Engine."""
        if refused := guard.check(statement):
            return refused
        done: Execution | Failure = Failure(FailureKind.ENGINE_ERROR, "not tried")
        for _ in range(_ATTEMPTS):
            try:
                done = self._bolt.read(statement, params, limits)
            except OverrunError:
                seconds = limits.seconds + GRACE_SECONDS
                return Failure(FailureKind.TIMEOUT, f"given up after {seconds:g} s", seconds)
            except EngineError as error:
                done = Failure(FailureKind.ENGINE_ERROR, str(error))
            if isinstance(done, Execution) or done.kind is not FailureKind.ENGINE_ERROR:
                break
        return done

    def close(self) -> None:
        """See Engine. Raises EngineError if the graph is not as it was loaded."""
        try:
            if self._loaded is not None:
                data, _, mark = self._loaded
                if fingerprint(read_facts(self._bolt)) != mark:
                    raise EngineError(f"the graph {data.name!r} changed during the run", fix=_TRUST)
        finally:
            self._loaded = None
            self._lease.close()
            self._bolt.close()

    def _connect(self) -> Bolt:
        spec = self._spec
        return Bolt(spec.uri or "", spec.username, spec.password or "", spec.database)

    def _read_version(self) -> str:
        rows = self._bolt.rows(
            "CALL dbms.components() YIELD name, versions, edition "
            "RETURN name, versions[0], edition",
            OURS,
        )
        kernels = [row for row in rows if row[0] == "Neo4j Kernel"]
        text = cast("str", kernels[0][1]) if kernels else "no Neo4j"
        numbers = tuple(map(int, re.findall(r"\d+", text)[:2]))
        if numbers < _OLDEST:
            raise UserError(
                f"{self._spec.uri} is {text}, too old or no Neo4j", fix="use Neo4j 5.26 or newer"
            )
        edition = cast("str", kernels[0][2])
        return f"Neo4j {text} {edition}"

    def _use(self, data: GraphData) -> Schema | None:
        """Share the graph if the database holds it, else None with nothing held."""
        self._lease.share()
        mark = self._mark()
        if not mark.startswith(_mark(data)):
            self._lease.release()
            return None
        facts = read_facts(self._bolt)
        if not mark.endswith(fingerprint(facts)):
            self._lease.release()
            raise self._not_ours("its graph was changed by someone else")
        self._loaded = (data, schema(facts), fingerprint(facts))
        return self._loaded[1]

    def _mark(self) -> str:
        """The name of the index that tells what we loaded; "" if there is none."""
        rows = self._bolt.rows(
            "SHOW INDEXES YIELD name WHERE name STARTS WITH $mark RETURN name ORDER BY name",
            OURS,
            mark=_MARK,
        )
        names = [str(row[0]) for row in rows]
        return next((name for name in names if name.startswith(_LOADING)), (names or [""])[0])

    def _replace(self, data: GraphData) -> None:
        """Put ``data`` in the place of nothing, or of what we loaded before."""
        mark = self._mark()
        if mark.startswith(_mark(data)):
            return  # another run was faster
        self._must_be_ours(mark)
        loading = f"{_LOADING}{max(len(data.nodes), self._count())}"
        if mark != loading:
            self._set_mark(loading, _MARK, next(iter(_keys(data)), "name"))
            self._drop_mark(mark)
        self._bolt.write("MATCH (n) CALL (n) { DETACH DELETE n } IN TRANSACTIONS OF 5000 ROWS")
        facts = load(self._bolt, data)
        label, key = next(
            ((labels[0], key) for _, labels, found in facts.nodes for key in found if labels),
            (_MARK, _MARK),  # not what the mark of loading is on
        )
        self._set_mark(_mark(data) + fingerprint(facts), label, key)
        self._drop_mark(loading)

    def _must_be_ours(self, mark: str) -> None:
        count = self._count()
        if mark.startswith(_LOADING):
            if count > int(mark.removeprefix(_LOADING)):
                raise self._not_ours("it holds more than a broken-off load left")
        elif mark:
            if not mark.endswith(fingerprint(read_facts(self._bolt))):
                raise self._not_ours("its graph was changed by someone else")
        elif count:
            raise self._not_ours(f"it holds {count} nodes that were not loaded from here")

    def _count(self) -> int:
        return cast("int", self._bolt.rows("MATCH (n) RETURN count(n)", OURS)[0][0])

    def _set_mark(self, name: str, label: str, key: str) -> None:
        on = f"(n:{quoted(label)}) ON (n.{quoted(key)})"
        self._bolt.write(f"CREATE POINT INDEX `{name}` IF NOT EXISTS FOR {on}")

    def _drop_mark(self, name: str) -> None:
        if name:
            self._bolt.write(f"DROP INDEX `{name}` IF EXISTS")

    def _not_ours(self, reason: str) -> UserError:
        return UserError(f"will not touch the database at {self._spec.uri}: {reason}", fix=_EMPTY)


_TRUST = "do not trust this run; keep other clients away"
_EMPTY = "point NEO4J_URI at an empty database, or empty this one yourself"


def _keys(data: GraphData) -> Iterator[str]:
    return (key for row in data.nodes for key in row.properties)


def _mark(data: GraphData) -> str:
    return f"{_MARK}{re.sub(r'[^0-9A-Za-z]', '_', data.name)[:30]}_{data.sha256[:16]}_"
