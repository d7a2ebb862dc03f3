"""Any Neo4j reached by Bolt: checked, loaded, asked, and brought back if it is ours and dies.

Knows nothing of models, nor of where the Neo4j comes from: its ``Home`` does. Community editions
have one database, so one graph at a time is there; who needs another waits. Does not protect from
other clients of a server of the user's: what they change is noticed, not prevented.
"""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, cast

from pytest_cypherbench.errors import CypherbenchError, EngineError
from pytest_cypherbench.flow import Execution, Failure, FailureKind
from pytest_cypherbench.graphs import guard
from pytest_cypherbench.graphs.bolt import GRACE_SECONDS
from pytest_cypherbench.graphs.data import GraphData, read_graph
from pytest_cypherbench.graphs.neo4j.admission import FIX, must_be_safe, read_version
from pytest_cypherbench.graphs.neo4j.link import Link
from pytest_cypherbench.graphs.neo4j.marked import Marked
from pytest_cypherbench.graphs.patience import OverrunError
from pytest_cypherbench.graphs.schema import Facts, fingerprint, read_facts, schema

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping
    from pathlib import Path

    from pytest_cypherbench.flow import Limits, Schema
    from pytest_cypherbench.graphs import EngineSpec
    from pytest_cypherbench.graphs.process.home import Home
    from pytest_cypherbench.values import Value

# How often a query may fail with its database; deaths that another process saw first do not count,
# within reason: that process's query may be what kills it.
_ATTEMPTS, _MOST_ATTEMPTS = 2, 5
# In the place of a graph folder's hash.
_AS_FOUND = "as found"
_TRUST = "do not trust this run; keep other clients away"
_LEFT = "{uri} still runs {left} queries that it was told to end; restart it after this run"


class Neo4j:
    """An Engine (see ``graphs``) but for its name. Raises UserError and EngineError."""

    name = "neo4j"

    def __init__(self, spec: EngineSpec, home: Home) -> None:
        self._spec = spec
        self._home = home
        self._link: Link | None = None
        self._current: GraphData | None = None
        self._schema: Schema | None = None
        # A database with someone's data is the graph of every case, whatever their folders hold.
        self._as_found = spec.allow_nonempty and not home.owned
        try:
            link = self._connect()
            self.version = read_version(link.bolt, link.address.uri)
            say = spec.say if spec.allow_unsafe and not home.owned else None
            must_be_safe(link.bolt, link.address.uri, FIX[home.owned], say)
        except BaseException:
            self._let_go()
            raise

    def load(self, folder: Path) -> Schema:
        """See Engine."""
        as_found = GraphData("as found", _AS_FOUND)
        return self.load_data(as_found if self._as_found else read_graph(folder))

    def load_data(self, data: GraphData) -> Schema:
        """See Loading."""
        self._current = data
        failure = EngineError("not tried")
        for _ in self._tries():  # another process may end the database with its query
            try:
                self._ready()
            except EngineError as error:
                failure = error
            else:
                return cast("Schema", self._schema)
        raise failure

    def facts(self) -> Facts:
        """See Loading."""
        return read_facts(self._ready().bolt)

    def run(
        self, statement: str, params: Mapping[str, Value], limits: Limits
    ) -> Execution | Failure:
        """See Engine."""
        if refused := guard.check(statement):
            return refused
        failure, said = Failure(FailureKind.ENGINE_ERROR, "not tried"), False
        for _ in self._tries():
            try:
                done, said = self._ready().bolt.read(statement, params, limits), True
            except OverrunError:
                return self._overrun(limits)
            except CypherbenchError as error:
                done, said = Failure(FailureKind.ENGINE_ERROR, str(error)), False
            if isinstance(done, Execution) or done.kind is not FailureKind.ENGINE_ERROR:
                return done
            failure = done
        if self._link is not None and self._link.answers():
            # It lives. Either an exception of its own over this query alone, as its parser's over
            # one that begins with ``*/``: whoever sends it gets no rows. Or a broken connection, as
            # over one value of 256 MB.
            kind = FailureKind.RUNTIME_ERROR if said else FailureKind.TOO_LARGE
            return replace(failure, kind=kind)
        return failure

    def close(self) -> None:
        """See Engine. Raises EngineError if the graph is not as it was loaded."""
        link, data = self._link, self._current
        try:
            if link is not None and link.loaded and data is not None:
                self._must_be_unchanged(link, data.name)
        finally:
            self._let_go()

    # ── the connection ──

    def _connect(self) -> Link:
        if self._link is None:
            self._link = Link(self._home.address(), self._home.locks)
        return self._link

    def _drop(self) -> None:
        link, self._link = self._link, None
        if link is not None:
            link.close()

    def _let_go(self) -> None:
        self._drop()
        self._home.close()

    # ── the graph ──

    def _ready(self) -> Link:
        """The connection, with the current graph at its other end."""
        if self._current is None:
            raise EngineError("no graph is loaded")
        link, data = self._connect(), self._current
        if link.loaded != data.sha256:
            link.loaded = ""
            link.lease.release()
            facts = self._facts(link, data)
            link.loaded, link.fingerprint = data.sha256, fingerprint(facts)
            self._schema = schema(facts)
        return link

    def _facts(self, link: Link, data: GraphData) -> Facts:
        """What the database holds once it holds ``data``; others that use it may stay."""
        marked, in_time = Marked(link.bolt, link.address.uri), link.lease.deadline()
        while True:
            link.lease.share()
            try:
                if self._as_found:
                    return marked.as_found()
                if found := marked.find(data):
                    return found
            except BaseException:
                link.lease.release()
                raise
            link.lease.release()
            with link.lease.exclusive_or_pause() as alone:
                if alone:
                    marked.replace(data)
                else:
                    in_time()

    def _must_be_unchanged(self, link: Link, name: str) -> None:
        try:
            found = fingerprint(read_facts(link.bolt))
        except EngineError:
            # What was ours and died had no graph left that could have changed.
            if self._home.owned:
                return
            raise
        if found != link.fingerprint:
            raise EngineError(f"the graph {name!r} changed during the run", fix=_TRUST)

    # ── what goes wrong ──

    def _overrun(self, limits: Limits) -> Failure:
        """The query may still be running: what is ours is ended with it."""
        seconds = limits.seconds + GRACE_SECONDS
        if not self._home.owned or self._link is None:
            if self._link is not None and not self._link.settle():
                self._spec.say(_LEFT.format(uri=self._link.address.uri, left=self._link.left))
            return Failure(FailureKind.TIMEOUT, f"given up after {seconds:g} s", seconds)
        generation = self._link.address.generation
        self._drop()
        self._home.revive(generation)
        return Failure(FailureKind.TIMEOUT, f"killed after {seconds:g} s", seconds)

    def _tries(self) -> Iterator[None]:
        """As often as something may be tried, recovering after each failure."""
        counted = 0
        for _ in range(_MOST_ATTEMPTS):
            yield
            counted += self._recover()
            if counted == _ATTEMPTS:
                return

    def _recover(self) -> bool:
        """After a failure: make way for a new process if this one is dead. Whether the failure
        counts, because no other process saw to the death before."""
        link = self._link
        if link is not None and link.answers():
            return True
        self._drop()
        if link is None or not self._home.owned:
            return True
        return self._home.revive(link.address.generation)
