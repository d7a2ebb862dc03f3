"""The one way to a database: Bolt, read-only explicit transactions, capped, always rolled back.

Knows nothing of what runs at the other end. Does not protect from a statement that its server
executes in a read transaction although it writes: that is the engine's duty.
"""

from __future__ import annotations

import logging
import time
from contextlib import suppress
from dataclasses import replace
from typing import TYPE_CHECKING

import neo4j  # noqa: TID253  # this and convert.py are its adapter
from neo4j.exceptions import (  # noqa: TID253
    AuthError,
    ConfigurationError,
    DriverError,
    Neo4jError,
    ServiceUnavailable,
    SessionExpired,
)

from pytest_cypherbench.errors import EngineError, SuiteError, UserError
from pytest_cypherbench.flow import Execution, Failure, FailureKind
from pytest_cypherbench.graphs.codes import classify
from pytest_cypherbench.graphs.convert import Meter, TooLargeError, from_driver, to_driver
from pytest_cypherbench.graphs.neo4j import explain
from pytest_cypherbench.graphs.patience import OverrunError, Patience

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from pytest_cypherbench.flow import Limits
    from pytest_cypherbench.values import Row, Value

_REASON_CHARS = 300
# How much longer than its limit a query may take before it is given up; what is done then, such as
# killing the database, still ends within 3 s of the limit.
GRACE_SECONDS = 2.0
# Neo4j holds a page of rows in memory beside its heap until we have read them: at 1000 a page, rows
# of 1 MB exhaust it, and it breaks off the connection.
_FETCH_ROWS = 100
_BROKEN = FailureKind.ENGINE_ERROR


class Bolt:
    """A connection pool to one database. Raises UserError where the server cannot be reached.

    ``explains``: the server is a Neo4j, so that predictions are explained before they run."""

    def __init__(
        self,
        uri: str,
        username: str,
        password: str,
        database: str | None = None,
        *,
        explains: bool = False,
    ) -> None:
        self.database = database
        self._explains = explains
        self._home: str | None = None
        self._patience: Patience[Execution | Failure] = Patience()
        # A connection that breaks is reported by us; the driver would also write it to stderr.
        logging.getLogger("neo4j").addHandler(logging.NullHandler())
        try:
            self._driver = neo4j.GraphDatabase.driver(
                uri,
                auth=(username, password),
                connection_timeout=10,
                max_transaction_retry_time=0,
                telemetry_disabled=True,
                notifications_min_severity="OFF",
                user_agent="pytest-cypherbench",
            )
        except (ConfigurationError, ValueError) as error:
            raise UserError(
                f"bad database address {uri!r}: {_line(error)}", fix=_URI_FIX
            ) from error
        try:
            with self._session(neo4j.READ_ACCESS) as session:
                said = session.run("EXPLAIN RETURN 1" if explains else "RETURN 1").consume()
                self._home = explain.home_of(said.plan)
        except AuthError as error:
            self._driver.close()
            raise UserError(f"{uri} refused the login of {username!r}", fix=_AUTH_FIX) from error
        except (Neo4jError, DriverError, OSError) as error:
            self._driver.close()
            raise UserError(f"cannot reach {uri}: {_line(error)}", fix=_URI_FIX) from error

    def read(
        self,
        statement: str,
        params: Mapping[str, Value],
        limits: Limits,
        *,
        trusted: bool = False,
    ) -> Execution | Failure:
        """Run one statement in a read transaction that is rolled back whatever happens.

        ``trusted``: it is ours, and is not explained before.
        Raises OverrunError if the server heeds no time limit, EngineError if the connection is
        lost. Runs in a thread because the driver has no limit of its own, and servers (Neo4j 5.26
        and ArcadeDB 26.10) forget theirs inside nested reduce()."""

        def work() -> Execution | Failure:
            return self._read(statement, params, limits, trusted=trusted)

        answer = self._patience.call(work, limits.seconds + GRACE_SECONDS)
        if isinstance(answer, Execution) and answer.seconds > limits.seconds:
            reason = f"answered after {answer.seconds:.1f} s, allowed were {limits.seconds:g} s"
            return Failure(FailureKind.TIMEOUT, reason, answer.seconds)
        return answer

    def _read(
        self, statement: str, params: Mapping[str, Value], limits: Limits, *, trusted: bool
    ) -> Execution | Failure:
        started = time.perf_counter()
        try:
            with self._session(neo4j.READ_ACCESS) as session:
                transaction = session.begin_transaction(timeout=limits.seconds)
                try:
                    given = {name: to_driver(value) for name, value in params.items()}
                    refused = None if trusted else self._explain(transaction, statement, given)
                    found = refused or _pull(transaction, statement, given, limits)
                finally:
                    with suppress(Neo4jError, DriverError, OSError):
                        transaction.rollback()
        except Neo4jError as error:
            found = Failure(classify(error.code or ""), _line(error))
        except (TooLargeError, RecursionError) as error:
            reason = str(error) if isinstance(error, TooLargeError) else "values nested too deep"
            found = Failure(FailureKind.TOO_LARGE, reason)
        except (ServiceUnavailable, SessionExpired, OSError) as error:
            raise EngineError(f"the connection was lost: {_line(error)}") from error
        except (DriverError, TypeError, ValueError) as error:
            # A value that the driver cannot read, such as a year after 9999, or a bad parameter.
            found = Failure(FailureKind.UNDECIDABLE, _line(error))
        # An execution has its own time, without that of the transaction and its explanation.
        return replace(found, seconds=found.seconds or time.perf_counter() - started)

    def _explain(
        self, transaction: neo4j.Transaction, statement: str, given: dict[str, object]
    ) -> Failure | None:
        """The refusal of a statement that would do more than read, before it runs."""
        if not self._explains:
            return None
        try:
            said = transaction.run(explain.PREFIX + statement, given).consume()
        except Neo4jError as error:
            return Failure(classify(error.code or ""), _line(error, explain.unshift))
        return explain.examine(said.query_type, said.plan, self._home)

    def rows(self, statement: str, limits: Limits, **params: Value) -> tuple[Row, ...]:
        """The rows of a statement of ours. Raises EngineError if it fails."""
        try:
            done = self.read(statement, params, limits, trusted=True)
        except OverrunError as error:
            raise EngineError(f"no answer within {limits.seconds:g} s (in: {statement})") from error
        if isinstance(done, Failure):
            raise EngineError(f"{done.reason} (in: {statement})")
        return done.rows

    def write(self, statement: str, rows: Sequence[Mapping[str, Value]] = ()) -> list[list[object]]:
        """Run a statement that loads, with ``$rows``. Raises SuiteError where the database refuses
        it, EngineError where the database fails."""
        try:
            with self._session(neo4j.WRITE_ACCESS) as session:
                result = session.run(statement, rows=[to_driver(row) for row in rows])
                return [list(record.values()) for record in result]
        except (Neo4jError, DriverError, OSError) as error:
            reason = f"{_line(error)} (in: {statement[:80]})"
            if isinstance(error, Neo4jError) and classify(error.code or "") is not _BROKEN:
                raise SuiteError(f"the database refused the graph: {reason}") from error
            raise EngineError(reason) from error

    def close(self) -> None:
        """Close the connections."""
        self._patience.close()
        with suppress(Neo4jError, DriverError, OSError):
            self._driver.close()

    def _session(self, mode: str) -> neo4j.Session:
        return self._driver.session(
            database=self.database, default_access_mode=mode, fetch_size=_FETCH_ROWS
        )


_URI_FIX = "check NEO4J_URI, or choose --graph-engine embedded"
_AUTH_FIX = "check NEO4J_USERNAME and NEO4J_PASSWORD"


def _pull(
    transaction: neo4j.Transaction, statement: str, given: dict[str, object], limits: Limits
) -> Execution | Failure:
    """What the statement returns."""
    started = time.perf_counter()
    meter = Meter(limits)
    result = transaction.run(statement, given)
    rows: list[Row] = []
    for record in result:
        meter.row()
        rows.append(tuple(from_driver(value, meter) for value in record.values()))
    columns = tuple(result.keys())
    said = result.consume()
    return explain.plan_instead_of_rows(said.plan, said.profile) or Execution(
        columns, tuple(rows), time.perf_counter() - started
    )


def _line(error: BaseException, amend: Callable[[str], str] = str) -> str:
    """The first line of what an error says, without the driver's decoration."""
    text = (error.message if isinstance(error, Neo4jError) else None) or str(error)
    first = next(iter(text.strip().splitlines()), "") or type(error).__name__
    return amend(first)[:_REASON_CHARS]
