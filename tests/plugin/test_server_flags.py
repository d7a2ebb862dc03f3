"""--allow-unsafe-server and --allow-nonempty: whole runs on a server of the user's."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from graph_engines import execute
from unsafe_server import emptied, unsafe_server

if TYPE_CHECKING:
    from collections.abc import Iterator

    from project import Project

    from pytest_cypherbench.graphs import EngineSpec

SERVER = ("--graph-engine", "neo4j-server")
UNSAFE, NONEMPTY = "--allow-unsafe-server", "--allow-nonempty"
CASES = """\
graph: theirs
cases:
  - {id: names, question: Who?, reference: "MATCH (p:Worker) RETURN p.name"}
  - {id: count, question: How many?, reference: "MATCH (p:Worker) RETURN count(p)"}
"""
INTRUDER = """\
import os
import neo4j

def pytest_runtest_teardown():
    login = os.environ["NEO4J_USERNAME"], os.environ["NEO4J_PASSWORD"]
    with neo4j.GraphDatabase.driver(os.environ["NEO4J_URI"], auth=login) as driver:
        driver.execute_query("MERGE (:Intruder)")
"""
ANSWERS = {"names": "MATCH (p:Worker) RETURN p.name", "count": "MATCH (p:Worker) DETACH DELETE p"}


@pytest.fixture(scope="module")
def somebodys(tmp_path_factory: pytest.TempPathFactory) -> Iterator[EngineSpec]:
    with unsafe_server(tmp_path_factory.mktemp("unsafe") / "run") as found:
        yield found


@pytest.fixture
def server(somebodys: EngineSpec, project: Project, monkeypatch: pytest.MonkeyPatch) -> EngineSpec:
    """An empty server, named by the environment."""
    del project  # it takes the names of other servers away, before
    monkeypatch.setenv("NEO4J_URI", somebodys.uri or "")
    monkeypatch.setenv("NEO4J_USERNAME", "neo4j")
    monkeypatch.setenv("NEO4J_PASSWORD", somebodys.password or "")
    return emptied(somebodys)


@pytest.mark.usefixtures("server")
def test_an_unsafe_server_ends_the_run_before_any_generation(project: Project) -> None:
    """Exit status 4, one line that names what the server would allow and the flag, no record."""
    result = project.run("--model", project.answers(), *SERVER)
    assert result.ret == pytest.ExitCode.USAGE_ERROR
    lines = [line for line in result.errlines if line.startswith("ERROR")]
    assert len(lines) == 1
    assert "LOAD CSV from a file, LOAD CSV from the network" in lines[0]
    assert UNSAFE in lines[0]
    assert project.records() == []


@pytest.mark.usefixtures("server")
def test_allow_unsafe_server_goes_on_with_a_warning(project: Project) -> None:
    """The cases are judged, and the warning stands in the output once."""
    result = project.run("--model", project.answers(), *SERVER, UNSAFE)
    result.assert_outcomes(passed=3)
    assert result.stdout.str().count("would let a prediction do this") == 1


def test_allow_nonempty_judges_on_what_is_there(project: Project, server: EngineSpec) -> None:
    """A graph that is in the server alone, without a folder, is used and left as it is."""
    execute(server, "CREATE (:Worker {name: 'Ida'}), (:Worker {name: 'Jon'})")
    refused = project.run("--model", project.answers(), *SERVER, UNSAFE)
    assert refused.ret == pytest.ExitCode.USAGE_ERROR
    assert NONEMPTY in refused.stdout.str() + refused.stderr.str()
    project.write("cases/tiny/cases.yaml", CASES)
    model = project.answers(**ANSWERS)
    project.run("--model", model, *SERVER, UNSAFE, NONEMPTY).assert_outcomes(passed=1, failed=1)
    assert project.outcomes() == {"names": "pass", "count": "blocked"}
    (left,) = execute(server, "MATCH (n) RETURN count(n), collect(DISTINCT labels(n)[0])")
    assert list(left) == [2, ["Worker"]]
    assert execute(server, "SHOW INDEXES YIELD type WHERE type = 'POINT' RETURN type") == []


@pytest.mark.usefixtures("server")
def test_what_workers_say_is_shown_once(project: Project) -> None:
    """Each of two workers warns of the server; the controller shows the line, once."""
    result = project.run("--model", project.answers(), *SERVER, UNSAFE, "-n", "2")
    result.assert_outcomes(passed=3)
    assert result.stdout.str().count("would let a prediction do this") == 1


@pytest.mark.usefixtures("server")
@pytest.mark.parametrize("workers", [(), ("-n", "2")], ids=["serial", "two workers"])
def test_a_graph_that_changes_under_the_run_fails_it(
    project: Project, workers: tuple[str, ...]
) -> None:
    """All cases passed, another client wrote meanwhile: exit status 1, and one line that says so."""
    project.write("conftest.py", INTRUDER)
    result = project.run("--model", project.answers(), *SERVER, UNSAFE, *workers)
    result.assert_outcomes(passed=3)
    assert result.ret == pytest.ExitCode.TESTS_FAILED
    assert result.stdout.str().count("changed during the run") == 1
