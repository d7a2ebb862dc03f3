"""The embedded engine's child process: it never outlives us, and never takes the run with it."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from pathlib import Path
from typing import TYPE_CHECKING

import psutil
import pytest
from graph_engines import TINY, started

from pytest_cypherbench.errors import EngineError
from pytest_cypherbench.flow import Execution, Failure, FailureKind, Limits
from pytest_cypherbench.graphs import EngineSpec
from pytest_cypherbench.graphs.bolt import Bolt
from pytest_cypherbench.graphs.embedded.arcadedb import ArcadeDb
from pytest_cypherbench.graphs.embedded.engine import Embedded

if TYPE_CHECKING:
    from collections.abc import Callable

COUNT = "MATCH (p:Person) RETURN count(p)"


def eventually(check: Callable[[], bool]) -> bool:
    deadline = time.monotonic() + 20
    while not check() and time.monotonic() < deadline:
        time.sleep(0.05)
    return check()


def test_child_and_folder_go_with_us() -> None:
    """After SIGKILL of the process that started it, the database and its folder are gone."""
    program = (
        "import os, sys, signal\n"
        "from pytest_cypherbench.graphs.embedded.arcadedb import ArcadeDb\n"
        "child = ArcadeDb()\n"
        "print(child.keeper_pid, child.folder, flush=True)\n"
        "os.kill(os.getpid(), signal.SIGKILL)\n"
    )
    done = subprocess.run(
        [sys.executable, "-c", program],
        capture_output=True,
        text=True,
        check=False,
        env={**os.environ, "PYTHONPATH": os.pathsep.join(sys.path)},
    )
    assert done.returncode == -signal.SIGKILL, done.stderr
    keeper, folder = done.stdout.split()
    assert eventually(lambda: not psutil.pid_exists(int(keeper)))
    assert eventually(lambda: not Path(folder).exists())


def test_close_leaves_nothing() -> None:
    """After close there is no process and no folder."""
    child = ArcadeDb()
    family = psutil.Process(child.keeper_pid).children(recursive=True)
    folder = child.folder
    assert family
    child.close()
    assert not folder.exists()
    assert eventually(lambda: not any(process.is_running() for process in family))


def test_only_loopback_listens_and_no_secret_is_shown() -> None:
    """Every port is on loopback; the password is on no command line."""
    child = ArcadeDb()
    try:
        (java,) = psutil.Process(child.keeper_pid).children()
        listening = {c.laddr.ip for c in java.net_connections() if c.status == psutil.CONN_LISTEN}
        assert {address.removeprefix("::ffff:") for address in listening} == {"127.0.0.1"}
        assert child.password not in " ".join(java.cmdline())
    finally:
        child.close()


def test_reader_cannot_write_whatever_is_sent() -> None:
    """Behind the guard, the server itself refuses a prediction's user every write."""
    child = ArcadeDb()
    try:
        child.create_database("g")
        owner = Bolt(child.uri, "root", child.password, "g")
        owner.write("CREATE (:Person {name: 'Ada'})-[:KNOWS]->(:Person {name: 'Grace'})")
        reader = Bolt(child.uri, "reader", child.password, "g")
        for statement in (
            "CREATE (:X)",
            "CREATE (:Person)",
            "MATCH (n) DETACH DELETE n",
            "CREATE INDEX i FOR (n:Person) ON (n.name)",
            "LOAD CSV FROM 'file:///etc/hostname' AS l RETURN l",
            "LOAD CSV FROM 'http://127.0.0.1:1/' AS l RETURN l",
        ):
            done = reader.read(statement, {}, Limits())
            assert isinstance(done, Failure), statement
            assert done.kind is FailureKind.BLOCKED, statement
        # A property can be set inside the transaction; it is rolled back.
        reader.read("MATCH (n) SET n.name = 'x'", {}, Limits())
        assert sorted(owner.rows("MATCH (n) RETURN n.name", Limits())) == [("Ada",), ("Grace",)]
        reader.close()
        owner.close()
    finally:
        child.close()


def test_a_dead_child_is_replaced() -> None:
    """A child that dies between two queries costs nothing but time."""
    with started("embedded") as engine:
        engine.load(TINY)
        os.killpg(engine._child.keeper_pid, signal.SIGKILL)  # type: ignore[attr-defined]
        done = engine.run(COUNT, {}, Limits())
        assert isinstance(done, Execution)
        assert done.rows == ((6,),)


def test_a_query_that_eats_the_memory_is_too_large() -> None:
    """Exhausting the child's memory is the query's fault, and the next query is answered."""
    with started("embedded") as engine:
        engine.load(TINY)
        hungry = (
            "UNWIND range(1,100000) AS x "
            "RETURN reduce(s = 'abcdefghijabcdefghij', i IN range(1,40) | s + s) AS x"
        )
        done = engine.run(hungry, {}, Limits(seconds=60))
        assert isinstance(done, Failure)
        assert done.kind is FailureKind.TOO_LARGE
        assert isinstance(engine.run(COUNT, {}, Limits()), Execution)


def test_a_changed_graph_is_noticed() -> None:
    """A run whose graph is not what it was ends in an error."""
    engine = Embedded(EngineSpec())
    try:
        engine.load(TINY)
        (graph,) = engine._graphs.values()
        owner = Bolt(graph.child.uri, "root", graph.child.password, graph.reader.database)
        owner.write("MATCH (p:Person {name: 'Ada'}) SET p.born = 1816")
        owner.close()
    finally:
        with pytest.raises(EngineError, match="changed during the run"):
            engine.close()
