"""neo4j-local: a Neo4j from the disk as a private process, shared, revived, and gone at the end."""

from __future__ import annotations

import os
import shutil
import signal
import socket
import stat
import subprocess
import sys
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

import psutil
import pytest
from graph_engines import TINY, local_spec

from pytest_cypherbench.errors import EngineError, UserError
from pytest_cypherbench.flow import Execution, Failure, FailureKind, Limits
from pytest_cypherbench.graphs.neo4j import local
from pytest_cypherbench.graphs.neo4j.installed import MAIN, find_jars, find_java
from pytest_cypherbench.graphs.neo4j.local import Neo4jLocal
from pytest_cypherbench.graphs.process.lifeline import wait_until

if TYPE_CHECKING:
    from collections.abc import Iterator

    from pytest_cypherbench.graphs import EngineSpec

COUNT = "MATCH (p:Person) RETURN count(p)"
# Neither looks at the clock.
DEAF = (
    "RETURN reduce(s = 0, x IN range(1, {0}) | s + reduce(t = 0, y IN range(1, {0}) | "
    "t + reduce(u = 0, z IN range(1, 100) | u + 1))) AS s"
)
# Another process of the same run: says what it counted and where, waits, leaves.
SHARER = """
import sys
sys.path[:] = {path!r}
from pathlib import Path
from graph_engines import TINY, local_spec
from pytest_cypherbench.flow import Limits
from pytest_cypherbench.graphs.neo4j.local import Neo4jLocal
engine = Neo4jLocal(local_spec(Path({folder!r})))
engine.load(TINY)
rows = engine.run({count!r}, {{}}, Limits()).rows
print(engine._link.address.uri, rows[0][0], flush=True)
sys.stdin.read()
engine.close()
"""


@pytest.fixture(scope="module")
def spec(tmp_path_factory: pytest.TempPathFactory) -> EngineSpec:
    """A run's folder that does not exist yet."""
    return local_spec(tmp_path_factory.mktemp("local") / "run")


@pytest.fixture(scope="module")
def engine(spec: EngineSpec) -> Iterator[Neo4jLocal]:
    """One for all tests that harm nothing but its process."""
    found = Neo4jLocal(spec)
    found.load(TINY)
    yield found
    found.close()
    assert spec.run_folder is not None
    assert not spec.run_folder.exists()
    assert not javas(spec)


def javas(spec: EngineSpec) -> list[psutil.Process]:
    """The Neo4j processes of this run."""
    found = []
    for process in psutil.process_iter(["cmdline"]):
        line = process.info["cmdline"] or [""]
        if Path(line[0]).name == "java" and f"--home-dir={spec.run_folder}/" in " ".join(line):
            found.append(process)
    return found


def count(engine: Neo4jLocal) -> object:
    done = engine.run(COUNT, {}, Limits())
    assert isinstance(done, Execution), done
    return done.rows[0][0]


def test_a_private_process(engine: Neo4jLocal, spec: EngineSpec) -> None:
    """Bolt on loopback and nothing else listens; the password is on no command line and in files
    of this user only; all that it writes lies in the run's folder."""
    (java,) = javas(spec)
    assert engine._link is not None
    address = engine._link.address
    listening = [c.laddr for c in java.net_connections() if c.status == psutil.CONN_LISTEN]
    assert [(at.ip.removeprefix("::ffff:"), at.port) for at in listening] == [
        ("127.0.0.1", int(address.uri.rpartition(":")[2]))
    ]
    keeper = java.parent()
    assert keeper is not None
    for process in (java, keeper):
        assert address.password not in " ".join(process.cmdline())
        assert address.password not in " ".join(process.environ().values())
    assert spec.run_folder is not None
    assert spec.run_folder.stat().st_mode & 0o077 == 0
    regular = {
        Path(file.path)
        for file in java.open_files()
        if "w" in file.mode or "a" in file.mode or "+" in file.mode
    }
    assert regular
    assert all(file.is_relative_to(spec.run_folder) for file in regular)


def test_a_killed_database_is_revived_with_its_graph(engine: Neo4jLocal, spec: EngineSpec) -> None:
    """SIGKILL of Neo4j between two queries costs nothing but time."""
    (java,) = javas(spec)
    java.kill()
    assert count(engine) == 6
    (successor,) = javas(spec)
    assert successor.pid != java.pid


def test_a_query_that_heeds_no_limit_is_killed(engine: Neo4jLocal, spec: EngineSpec) -> None:
    """A query that outlives its limit ends with its process; the next one is answered."""
    # Its plan, which is that of any length, would outlive the limit where the server is cold.
    assert isinstance(engine.run(DEAF.format(2), {}, Limits()), Execution)
    (java,) = javas(spec)
    done = engine.run(DEAF.format(2000), {}, Limits(seconds=0.5))
    assert isinstance(done, Failure)
    assert done.kind is FailureKind.TIMEOUT
    assert wait_until(lambda: not java.is_running(), 10)
    assert count(engine) == 6


def test_processes_of_a_run_share_one_neo4j(engine: Neo4jLocal, spec: EngineSpec) -> None:
    """A second process finds the first one's Neo4j and graph; when it leaves, or is killed, the
    Neo4j stays; and each notices that the other had to revive it."""
    assert count(engine) == 6
    (java,) = javas(spec)
    assert engine._link is not None
    uri = engine._link.address.uri
    for how in ("leaves", "killed"):
        other = sharer(spec)
        assert other.stdout is not None
        assert other.stdout.readline().split() == [uri, "6"]
        assert javas(spec) == [java]
        if how == "killed":
            other.kill()
        other.communicate(timeout=60)
        assert javas(spec) == [java]
        assert count(engine) == 6


def test_a_death_that_another_process_saw_first(engine: Neo4jLocal, spec: EngineSpec) -> None:
    """Whoever finds the successor of a dead Neo4j uses it, and its graph, and starts none."""
    assert count(engine) == 6
    (java,) = javas(spec)
    java.kill()
    other = sharer(spec)
    assert other.stdout is not None
    uri, counted = other.stdout.readline().split()
    (successor,) = javas(spec)
    assert counted == "6"
    assert count(engine) == 6
    assert engine._link is not None
    assert engine._link.address.uri == uri
    assert javas(spec) == [successor]
    other.communicate(timeout=60)


def test_kill_9_of_the_only_user_leaves_nothing(tmp_path: Path) -> None:
    """SIGKILL of the process that uses it: Neo4j and the run's folder go."""
    spec = local_spec(tmp_path / "run")
    owner = sharer(spec)
    assert owner.stdout is not None
    assert owner.stdout.readline().endswith("6\n")
    (java,) = javas(spec)
    os.kill(owner.pid, signal.SIGKILL)
    owner.communicate()
    assert wait_until(lambda: not java.is_running(), 20)
    assert wait_until(lambda: not (tmp_path / "run").exists(), 20)


def test_the_users_own_neo4j_is_not_touched(tmp_path: Path) -> None:
    """Of a Neo4j home only lib is used: its settings, data and plug-ins are neither read nor
    written."""
    spec = local_spec(tmp_path / "run")
    assert spec.home is not None
    home = tmp_path / "home"
    home.mkdir()
    (home / "lib").symlink_to(spec.home)
    for folder in ("conf", "data", "plugins"):
        (home / folder).mkdir()
        (home / folder / "theirs").write_text("x")
    (home / "conf" / "neo4j.conf").write_text("this would end the start\n")
    before = sorted((path, path.lstat().st_mtime_ns) for path in home.rglob("*"))
    engine = Neo4jLocal(replace(spec, home=home))
    engine.load(TINY)
    assert count(engine) == 6
    engine.close()
    after = sorted((path, path.lstat().st_mtime_ns) for path in home.rglob("*"))
    assert before == after


def test_a_taken_port_is_replaced(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A port that somebody took after we looked for it costs a second start, not the run."""
    spec = local_spec(tmp_path / "run")
    with socket.create_server(("127.0.0.1", 0)) as taken:
        ports = iter([taken.getsockname()[1]])
        real = local.free_ports
        monkeypatch.setattr(local, "free_ports", lambda n: [next(ports, 0) or real(n)[0]])
        engine = Neo4jLocal(spec)
        engine.load(TINY)
        assert count(engine) == 6
        engine.close()
    assert spec.run_folder is not None
    assert not spec.run_folder.exists()


def test_a_neo4j_that_does_not_start_says_why(tmp_path: Path) -> None:
    """Jars that are not whole: one line with the reason, and nothing left."""
    spec = local_spec(tmp_path / "run")
    assert spec.home is not None
    home = tmp_path / "jars"
    home.mkdir()
    for jar in spec.home.glob("neo4j*.jar"):
        (home / jar.name).symlink_to(jar)
    with pytest.raises(EngineError, match="did not start") as caught:
        Neo4jLocal(replace(spec, home=home))
    assert "\n" not in str(caught.value)
    assert "picocli" in str(caught.value)
    assert not (tmp_path / "run").exists()


# ── what is wrong is said in one line ───────────────────────────────────────────────────────────


def one_line(error: BaseException) -> str:
    text = str(error)
    assert "\n" not in text
    return text


def test_no_home_given() -> None:
    """The two ways to name one."""
    with pytest.raises(UserError) as caught:
        find_jars(None)
    assert one_line(caught.value) == (
        "--graph-engine neo4j-local needs a Neo4j: set NEO4J_HOME or --neo4j-home"
    )


@pytest.mark.parametrize(
    ("files", "cause"),
    [
        (None, "no such folder"),
        ([], "no jars of a Neo4j there"),
        (["neo4j-kernel-api-5.26.12.jar"], "no jars of a Neo4j there"),
        (["neo4j-kernel-4.4.40.jar"], "Neo4j 4.4.40 is too old"),
        (["lib/neo4j-kernel-5.25.1.jar"], "Neo4j 5.25.1 is too old"),
        (["neo4j-kernel-5.26.12.jar"], f"have no {MAIN}"),
    ],
)
def test_a_home_that_is_none(tmp_path: Path, files: list[str] | None, cause: str) -> None:
    """A folder that is not there, holds no Neo4j, one that is too old, or half of one."""
    home = tmp_path / "home"
    for name in files or []:
        (home / name).parent.mkdir(parents=True, exist_ok=True)
        (home / name).touch()
    if files is not None:
        home.mkdir(exist_ok=True)
    with pytest.raises(UserError, match=cause) as caught:
        find_jars(home)
    assert "--neo4j-home" in one_line(caught.value)
    assert caught.value.fix


@pytest.mark.parametrize(
    ("script", "cause"),
    [
        (None, "there is none in JAVA_HOME"),
        ("echo 'openjdk version \"11.0.2\" 2019-01-15' >&2", "is Java 11"),
        ("echo 'java version \"1.8.0_292\"' >&2", "is Java 8"),
        ("exit 1", "no Java that answers"),
    ],
)
def test_a_java_that_is_none(tmp_path: Path, script: str | None, cause: str) -> None:
    """No Java, one that is too old, or one that does not run."""
    if script is not None:
        program = tmp_path / "bin" / "java"
        program.parent.mkdir()
        program.write_text(f"#!/bin/sh\n{script}\n")
        program.chmod(program.stat().st_mode | stat.S_IXUSR)
    with pytest.raises(UserError, match=cause) as caught:
        find_java(tmp_path)
    assert "set JAVA_HOME" in one_line(caught.value)


def test_no_java_on_the_path(monkeypatch: pytest.MonkeyPatch) -> None:
    """Without JAVA_HOME the PATH is looked through."""
    monkeypatch.setenv("PATH", "/nowhere")
    with pytest.raises(UserError, match="none on the PATH"):
        find_java(None)


def test_the_java_of_this_machine() -> None:
    """A Java that Neo4j runs on is found on the PATH."""
    if not shutil.which("java"):
        pytest.skip("no Java")
    assert find_java(None).name == "java"


def sharer(spec: EngineSpec) -> subprocess.Popen[str]:
    program = SHARER.format(
        path=[*sys.path, str(Path(__file__).parent)], folder=str(spec.run_folder), count=COUNT
    )
    return subprocess.Popen(
        [sys.executable, "-c", program], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    )


def test_two_who_load_at_once_work_side_by_side(tmp_path: Path) -> None:
    """Both need a graph that is not there yet: one loads it, and the other does not wait for the
    first one to leave."""
    spec = local_spec(tmp_path / "run")
    others = [sharer(spec) for _ in range(2)]
    told = [other.stdout.readline().split() for other in others if other.stdout is not None]
    assert told[0] == told[1]
    assert told[0][1] == "6"
    for other in others:
        other.communicate(timeout=60)
    assert spec.run_folder is not None
    assert not spec.run_folder.exists()
