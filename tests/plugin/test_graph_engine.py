"""--graph-engine: what each name starts, and what auto means where."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

import pytest
from containers import DOCKER_HOST, client, ours, skip
from groups import uses_containers, uses_server

if TYPE_CHECKING:
    from pathlib import Path

    from project import Project

NEO4J = {name: os.environ.get(name, "") for name in ("NEO4J_URI", "NEO4J_PASSWORD", "NEO4J_HOME")}
AUTO = ("--model", "reference", "--graph-engine", "auto")


@pytest.fixture
def alone(project: Project, monkeypatch: pytest.MonkeyPatch) -> Project:
    """A project on a machine without server, container runtime or Neo4j."""
    monkeypatch.setenv("DOCKER_HOST", f"unix://{project.path}/none.sock")
    monkeypatch.delenv("NEO4J_HOME", raising=False)
    return project


@pytest.fixture
def contained(alone: Project, monkeypatch: pytest.MonkeyPatch) -> Project:
    """A project on a machine with a container runtime."""
    if DOCKER_HOST is None:
        monkeypatch.delenv("DOCKER_HOST")
    else:
        monkeypatch.setenv("DOCKER_HOST", DOCKER_HOST)
    client().close()
    return alone


def test_auto_without_anything_is_embedded(alone: Project) -> None:
    """Nothing is there: the embedded engine, and the header lists what was looked for."""
    result = alone.run(*AUTO)
    result.assert_outcomes(passed=3)
    why = "no NEO4J_URI, no container runtime, no NEO4J_HOME"
    result.stdout.fnmatch_lines([f"*embedded (auto: {why})*", "*3 of 3 cases pass*"])


def test_auto_loads_no_container_library_where_none_is_needed(alone: Project) -> None:
    """Looking for a runtime costs no import."""
    alone.write(
        "conftest.py",
        "import sys\n"
        "def pytest_sessionfinish():\n"
        "    assert not {'testcontainers', 'docker'} & set(sys.modules)\n",
    )
    result = alone.run(*AUTO)
    assert result.ret == 0
    result.assert_outcomes(passed=3)


def test_auto_without_the_extra(contained: Project) -> None:
    """A runtime is of no use without the library: the header says so."""
    contained.write("conftest.py", "import sys\nsys.modules['testcontainers'] = None\n")
    result = contained.run(*AUTO)
    result.assert_outcomes(passed=3)
    result.stdout.fnmatch_lines(["*embedded (auto: *no extra 'containers'*"])


@uses_server
def test_auto_takes_a_server_first(contained: Project, monkeypatch: pytest.MonkeyPatch) -> None:
    """NEO4J_URI goes before a container runtime."""
    if not NEO4J["NEO4J_URI"]:
        skip("no Neo4j: set NEO4J_URI, NEO4J_USERNAME, NEO4J_PASSWORD (see .ci/neo4j)")
    for name in ("NEO4J_URI", "NEO4J_PASSWORD"):
        monkeypatch.setenv(name, NEO4J[name])
    result = contained.run(*AUTO)
    result.stdout.fnmatch_lines(["*neo4j-server (auto: NEO4J_URI is set)*"])
    result.assert_outcomes(passed=3)


@uses_containers
@pytest.mark.parametrize("workers", [(), ("-n", "2")])
def test_auto_takes_a_container(contained: Project, workers: tuple[str, ...]) -> None:
    """A runtime answers: one container for all processes, gone at the end."""
    found = client()
    before = {one.id for one in ours(found)}
    contained.write(
        "conftest.py",
        "import docker, pytest\n"
        "@pytest.hookimpl(trylast=True)\n"
        "def pytest_runtest_teardown(item):\n"
        "    label = {'label': 'cypherbench.run'}\n"
        "    listed = docker.from_env().api.containers(all=True, filters=label)\n"
        "    with open(item.config.rootpath / 'seen', 'a') as file:\n"
        "        file.writelines(one['Id'] + '\\n' for one in listed)\n",
    )
    result = contained.run(*AUTO, *workers)
    result.assert_outcomes(passed=3)
    why = "auto: a container runtime answers"
    result.stdout.fnmatch_lines([f"*neo4j-container ({why})*", "*3 of 3 cases pass*"])
    assert {line["engine"].split()[0] for line in contained.records()} == {"neo4j-container"}
    seen = set((contained.path / "seen").read_text().split())
    assert len(seen - before) == 1
    assert not seen & {one.id for one in ours(found)} - before
    found.close()


def test_auto_passes_over_an_image_that_cannot_be_had(contained: Project) -> None:
    """A runtime without the image is as good as none; one line says why."""
    image = "localhost:9/cypherbench/none:0"
    result = contained.run(*AUTO, "--neo4j-image", image)
    result.assert_outcomes(passed=3)
    result.stdout.fnmatch_lines(
        [
            f"not neo4j-container: the image {image} is neither here *",
            "*embedded (auto: *no container image*",
        ]
    )


def test_auto_takes_the_neo4j_at_home(alone: Project, monkeypatch: pytest.MonkeyPatch) -> None:
    """No server, no runtime, but a Neo4j on the disk."""
    if not NEO4J["NEO4J_HOME"]:
        skip("no Neo4j on the disk: set NEO4J_HOME (see .ci/neo4j)")
    monkeypatch.setenv("NEO4J_HOME", NEO4J["NEO4J_HOME"])
    result = alone.run(*AUTO)
    result.assert_outcomes(passed=3)
    why = "auto: NEO4J_HOME is set, no container runtime"
    result.stdout.fnmatch_lines([f"*neo4j-local ({why})*"])


def test_auto_passes_over_a_home_without_neo4j(
    alone: Project, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    """NEO4J_HOME names a folder where no Neo4j is: one line says so, the embedded engine runs."""
    monkeypatch.setenv("NEO4J_HOME", str(tmp_path))
    result = alone.run(*AUTO)
    result.assert_outcomes(passed=3)
    result.stdout.fnmatch_lines(["not neo4j-local: *", "*embedded (auto: *"])


def test_no_runtime_is_one_line_with_the_other_ways(alone: Project) -> None:
    """Asked for by name, a container that cannot be ends the run before the first generation."""
    result = alone.run("--model", "reference", "--graph-engine", "neo4j-container")
    assert result.ret == 4
    (line,) = [text for text in result.errlines if text.startswith("ERROR: ")]
    for way in ("NEO4J_URI", "NEO4J_HOME", "--graph-engine embedded"):
        assert way in line
    assert "Traceback" not in result.stderr.str() + result.stdout.str()


def test_an_image_that_is_nowhere_is_one_line(contained: Project) -> None:
    """Asked for by name, an image that cannot be had ends the run, too, and names the option."""
    image = "localhost:9/cypherbench/none:0"
    arguments = ("--graph-engine", "neo4j-container", "--neo4j-image", image)
    result = contained.run("--model", "reference", *arguments)
    assert result.ret == 4
    (line,) = [text for text in result.errlines if text.startswith("ERROR: ")]
    assert image in line
    assert "--neo4j-image" in line


def test_collect_only_chooses_no_engine(project: Project) -> None:
    """The cases are listed without looking for a database, or for the image of one."""
    result = project.run("--model", "reference", "--graph-engine", "auto", "--collect-only", "-q")
    assert result.ret == pytest.ExitCode.OK
    result.stdout.fnmatch_lines(["*test_cypher[[]names-reference]*"])
    assert "engine" not in result.stdout.str()
