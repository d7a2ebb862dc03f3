"""What the guard does with a server that is not safe, and with one that holds someone's data."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import pytest
from canary import canary
from graph_engines import TINY, execute, local_spec
from unsafe_server import BARE, emptied, unsafe_server

from pytest_cypherbench.errors import EngineError, UserError
from pytest_cypherbench.flow import Execution, Failure, FailureKind, Limits
from pytest_cypherbench.graphs import guard, probes
from pytest_cypherbench.graphs.bolt import Bolt
from pytest_cypherbench.graphs.neo4j import engine as neo4j
from pytest_cypherbench.graphs.neo4j import explain, local
from pytest_cypherbench.graphs.neo4j.server import Neo4jServer

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from pytest_cypherbench.graphs import EngineSpec

LIMITS = Limits(seconds=5)
UNSAFE = ("LOAD CSV from a file", "LOAD CSV from the network")
INSIDE = "RETURN [x IN [1] | COLLECT { LOAD CSV FROM '%s' AS line RETURN line }] AS lines"


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[EngineSpec]:
    with unsafe_server(tmp_path_factory.mktemp("unsafe") / "run") as found:
        yield replace(found, allow_unsafe=True)


@pytest.fixture
def empty(server: EngineSpec) -> EngineSpec:
    return emptied(server)


# ── not safe ────────────────────────────────────────────────────────────────────────────────────


def test_without_our_settings_it_reaches_out(server: EngineSpec, tmp_path: Path) -> None:
    """Sent straight at a server with Neo4j's own settings, LOAD CSV reads a file and connects:
    what the same test in test_guard_layers.py shows not to happen with ours."""
    secret = tmp_path / "secret.csv"
    secret.write_text("canary\n", encoding="utf-8")
    bolt = Bolt(server.uri or "", server.username, server.password or "", explains=True)
    with canary() as (address, touched):
        done = bolt.read(INSIDE % secret.as_uri(), {}, LIMITS, trusted=True)
        bolt.read(INSIDE % f"http://{address}/plain", {}, LIMITS, trusted=True)
    bolt.close()
    assert isinstance(done, Execution)
    assert done.rows == (([[["canary"]]],),)
    assert touched == ["/plain"]


def test_it_is_not_used(server: EngineSpec) -> None:
    """The run ends, one line names what the server would allow and the flag to go on."""
    with pytest.raises(UserError) as caught:
        Neo4jServer(replace(server, allow_unsafe=False))
    assert all(name in caught.value.cause for name in UNSAFE)
    assert "CREATE USER" not in caught.value.cause
    assert "--allow-unsafe-server" in caught.value.fix
    assert "\n" not in str(caught.value)


def test_without_the_probes_it_is_used(server: EngineSpec, monkeypatch: pytest.MonkeyPatch) -> None:
    """Nothing but the probes tells a safe server from another."""
    monkeypatch.setattr(probes, "allowed", lambda _: ())
    Neo4jServer(replace(server, allow_unsafe=False)).close()


def test_with_the_flag_it_is_used_with_a_warning(server: EngineSpec) -> None:
    """--allow-unsafe-server goes on, and says in one line what the server would allow."""
    said: list[str] = []
    Neo4jServer(replace(server, say=said.append)).close()
    assert len(said) == 1
    assert said[0].startswith("warning: ")
    assert all(name in said[0] for name in UNSAFE)


def test_one_that_we_start_is_not_used_either(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """An engine of ours whose settings are missing never gets to a case, whatever the flag says."""
    monkeypatch.setattr(local, "safe_settings", lambda: BARE)
    with pytest.raises(UserError, match="LOAD CSV from a file"):
        local.Neo4jLocal(replace(local_spec(tmp_path / "run"), allow_unsafe=True))


def test_on_an_unsafe_server_explain_is_what_holds(
    empty: EngineSpec, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Tokens unread, EXPLAIN keeps a LOAD CSV inside an expression from connecting; without it,
    the canary is touched."""
    monkeypatch.setattr(guard, "check", lambda _: None)
    engine = Neo4jServer(empty)
    engine.load(TINY)
    with canary() as (address, touched):
        hostile = INSIDE % f"http://{address}/inside"
        done = engine.run(hostile, {}, LIMITS)
        assert isinstance(done, Failure)
        assert done.kind is FailureKind.BLOCKED
        assert touched == []
        monkeypatch.setattr(explain, "examine", lambda *_: None)
        assert isinstance(engine.run(hostile, {}, LIMITS), Execution)
        assert touched == ["/inside"]
    engine.close()


def test_one_huge_value_is_too_large(empty: EngineSpec) -> None:
    """Neo4j breaks off the connection over a value that does not fit into its memory: the query's
    fault, and the next one is answered."""
    engine = Neo4jServer(empty)
    engine.load(TINY)
    huge = "RETURN reduce(s = 'x', i IN range(1, 28) | s + s) AS x"
    done = engine.run(huge, {}, Limits(seconds=20))
    assert isinstance(done, Failure)
    assert done.kind is FailureKind.TOO_LARGE
    assert isinstance(engine.run("RETURN 1", {}, LIMITS), Execution)
    engine.close()


def test_without_the_fingerprint_a_change_goes_unnoticed(
    empty: EngineSpec, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A run whose graph changed ends in an error, and only the fingerprint knows."""
    engine = Neo4jServer(empty)
    engine.load(TINY)
    execute(empty, "MATCH (p:Person {name: 'Ada'}) SET p.born = 1816")
    with pytest.raises(EngineError, match="changed during the run"):
        engine.close()
    execute(empty, "MATCH (p:Person {name: 'Ada'}) SET p.born = 1815")
    monkeypatch.setattr(neo4j, "fingerprint", lambda _: "")
    engine = Neo4jServer(empty)
    engine.load(TINY)
    execute(empty, "MATCH (p:Person {name: 'Ada'}) SET p.born = 1816")
    engine.close()


# ── someone's data ──────────────────────────────────────────────────────────────────────────────

THEIRS = "CREATE (:Theirs {size: 1})-[:OWNS]->(:Theirs:Old {size: 2})"
CONTENTS = (
    "MATCH (n) OPTIONAL MATCH (n)-[r]->(m) "
    "RETURN elementId(n), labels(n), properties(n), elementId(r), elementId(m) ORDER BY elementId(n)"
)


def contents(spec: EngineSpec) -> list[object]:
    indexes = execute(spec, "SHOW INDEXES YIELD name RETURN name ORDER BY name")
    return [*map(list, execute(spec, CONTENTS)), *map(list, indexes)]


def test_with_allow_nonempty_it_is_the_graph_of_every_case(
    empty: EngineSpec, tmp_path: Path
) -> None:
    """Whatever graph a case names, also one without a folder: the schema is that of the data, and
    neither a node nor an index is there afterwards that was not there before."""
    execute(empty, THEIRS)
    before = contents(empty)
    engine = Neo4jServer(replace(empty, allow_nonempty=True, state_folder=tmp_path))
    for folder in (TINY, tmp_path / "nowhere"):
        schema = engine.load(folder)
        assert [(entity.name, entity.count) for entity in schema.labels] == [
            ("Old", 1),
            ("Theirs", 2),
        ]
        done = engine.run("MATCH (:Theirs)-[:OWNS]->(n) RETURN n.size", {}, LIMITS)
        assert isinstance(done, Execution)
        assert done.rows == ((2,),)
    engine.close()
    assert contents(empty) == before


def test_a_change_of_their_data_is_noticed(empty: EngineSpec) -> None:
    """Someone who writes while we read makes the run an error."""
    execute(empty, THEIRS)
    engine = Neo4jServer(replace(empty, allow_nonempty=True))
    engine.load(TINY)
    execute(empty, "MATCH (n:Old) SET n.size = 3")
    with pytest.raises(EngineError, match="changed during the run"):
        engine.close()


def test_without_allow_nonempty_it_is_refused_and_the_flag_named(empty: EngineSpec) -> None:
    """Data of someone else's is neither used nor touched unless asked for."""
    execute(empty, THEIRS)
    before = contents(empty)
    engine = Neo4jServer(empty)
    with pytest.raises(UserError, match="--allow-nonempty"):
        engine.load(TINY)
    engine.close()
    assert contents(empty) == before


def test_allow_nonempty_of_nothing_is_a_mistake(empty: EngineSpec) -> None:
    """An empty database is no graph that a case could be judged on."""
    engine = Neo4jServer(replace(empty, allow_nonempty=True))
    with pytest.raises(UserError, match="holds nothing"):
        engine.load(TINY)
    engine.close()
