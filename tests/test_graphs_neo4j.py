"""The user's Neo4j: loaded only if it is empty or ours, never wiped otherwise."""

from __future__ import annotations

import subprocess
import sys
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from graph_engines import TINY, execute, server_spec, started
from groups import uses_server

from pytest_cypherbench.errors import EngineError, UserError
from pytest_cypherbench.flow import Execution, Limits
from pytest_cypherbench.graphs import EngineSpec
from pytest_cypherbench.graphs.neo4j.server import Neo4jServer

if TYPE_CHECKING:
    from collections.abc import Iterator

pytestmark = uses_server
COUNT = "MATCH (n) RETURN count(n)"


@pytest.fixture
def server(tmp_path: Path) -> Iterator[EngineSpec]:
    """A Neo4j that holds nothing or our own graph, and holds nothing of the test's afterwards."""
    spec = server_spec(tmp_path)
    with started("neo4j-server", tmp_path) as engine:
        engine.load(TINY)  # refuses if the server holds anything of the user's
    yield spec
    execute(spec, "MATCH (n) DETACH DELETE n")
    for (name,) in execute(spec, "SHOW INDEXES YIELD name, type WHERE type = 'POINT' RETURN name"):
        execute(spec, f"DROP INDEX `{name}`")


def other_graph(folder: Path) -> Path:
    found = folder / "other"
    found.mkdir()
    (found / "a.cypher").write_text("CREATE (:Other);", encoding="utf-8")
    return found


def test_the_users_data_is_not_touched(server: EngineSpec, tmp_path: Path) -> None:
    """A database with nodes that were not loaded from here is refused and stays as it is."""
    for (name,) in execute(
        server, "SHOW INDEXES YIELD name, type WHERE type = 'POINT' RETURN name"
    ):
        execute(server, f"DROP INDEX `{name}`")
    with (
        pytest.raises(UserError, match="not loaded from here"),
        started("neo4j-server", tmp_path) as engine,
    ):
        engine.load(TINY)
    assert execute(server, COUNT)[0][0] == 8


def test_a_graph_that_someone_changed_is_not_touched(server: EngineSpec, tmp_path: Path) -> None:
    """Our own graph with someone's change in it is refused, as is replacing it."""
    execute(server, "CREATE (:Theirs)")
    for folder in (TINY, other_graph(tmp_path)):
        with (
            pytest.raises(UserError, match="changed by someone"),
            started("neo4j-server", tmp_path) as engine,
        ):
            engine.load(folder)
    assert execute(server, "MATCH (n:Theirs) RETURN count(n)")[0][0] == 1


def test_the_mark_is_no_part_of_the_graph(server: EngineSpec) -> None:
    """What remembers our load is neither a node nor a label nor a relationship type."""
    labels = {record[0] for record in execute(server, "CALL db.labels()")}
    assert labels == {"Person", "Robot", "City", "Lieblings Ort"}
    assert execute(server, COUNT)[0][0] == 8


def test_a_loaded_graph_is_found_again(server: EngineSpec, tmp_path: Path) -> None:
    """A second run uses what the first one loaded: the nodes are the same ones."""
    ids = "MATCH (n) RETURN elementId(n) AS id ORDER BY id"
    before = [record[0] for record in execute(server, ids)]
    with started("neo4j-server", tmp_path) as engine:
        engine.load(TINY)
    assert [record[0] for record in execute(server, ids)] == before


def test_a_broken_off_load_is_finished(server: EngineSpec, tmp_path: Path) -> None:
    """A load that was killed half-way is ours to wipe, and is loaded anew."""
    (name,) = execute(server, "SHOW INDEXES YIELD name, type WHERE type = 'POINT' RETURN name")[0]
    execute(
        server,
        f"DROP INDEX `{name}`",
        "CREATE POINT INDEX cypherbench_loading_8 FOR (n:cypherbench_) ON (n.name)",
        "MATCH (n:City) DETACH DELETE n",
    )
    with started("neo4j-server", tmp_path) as engine:
        engine.load(TINY)
        done = engine.run(COUNT, {}, Limits())
    assert isinstance(done, Execution)
    assert done.rows == ((8,),)


def test_a_change_during_the_run_is_noticed(server: EngineSpec, tmp_path: Path) -> None:
    """A run whose graph another client changed ends in an error."""
    engine = Neo4jServer(replace(server, state_folder=tmp_path))
    engine.load(TINY)
    execute(server, "MATCH (n:Person {name: 'Ada'}) SET n.born = 1816")
    with pytest.raises(EngineError, match="changed during the run"):
        engine.close()


def test_runs_share_a_graph_and_wait_to_change_it(server: EngineSpec, tmp_path: Path) -> None:
    """Another process may use the same graph at once, but replaces it only when we are done."""
    program = (
        "import sys; from pathlib import Path\n"
        "from pytest_cypherbench.graphs import EngineSpec\n"
        "from pytest_cypherbench.graphs.neo4j.server import Neo4jServer\n"
        "uri, user, password, state, folder = sys.argv[1:]\n"
        "engine = Neo4jServer(EngineSpec(uri, user, password, None, Path(state)))\n"
        "engine.load(Path(folder)); engine.close()\n"
    )

    def other(folder: Path) -> subprocess.Popen[bytes]:
        path = f"import sys; sys.path[:] = {sys.path!r}\n"
        login = [server.uri or "", server.username, server.password or "", str(tmp_path)]
        return subprocess.Popen([sys.executable, "-c", path + program, *login, str(folder)])

    with started("neo4j-server", tmp_path) as engine:
        engine.load(TINY)
        assert other(TINY).wait(timeout=60) == 0
        replacing = other(other_graph(tmp_path))
        with pytest.raises(subprocess.TimeoutExpired):
            replacing.wait(timeout=5)
        assert engine.run(COUNT, {}, Limits()).rows == ((8,),)  # type: ignore[union-attr]
    assert replacing.wait(timeout=60) == 0
    assert execute(server, COUNT)[0][0] == 1


@pytest.mark.parametrize(
    ("uri", "password", "cause"),
    [
        (None, "x", "needs an address"),
        ("bolt://127.0.0.1:9", "x", "cannot reach"),
        ("nonsense", "x", "bad database address"),
    ],
)
def test_unreachable_is_one_line(uri: str | None, password: str, cause: str) -> None:
    """No server, no address, a bad address: one line with cause and fix, without the password."""
    with pytest.raises(UserError, match=cause) as caught:
        Neo4jServer(EngineSpec(uri=uri, password=password))
    assert "\n" not in str(caught.value)
    assert caught.value.fix


def test_a_wrong_password_is_one_line_and_not_shown() -> None:
    """A refused login names the two variables to check and not the password."""
    spec = server_spec()
    with pytest.raises(UserError, match="refused the login") as caught:
        Neo4jServer(replace(spec, password="wr0ng-secret"))
    assert "NEO4J_PASSWORD" in str(caught.value)
    assert "wr0ng-secret" not in str(caught.value)
