"""A project for every test of an option."""

from __future__ import annotations

import os

import pytest
from project import CASES, FILMS, GRAPH, MADE, PEOPLE, Project

NAMED = {name: os.environ.get(name, "") for name in ("NEO4J_URI", "NEO4J_PASSWORD")}


@pytest.fixture(params=["embedded", "neo4j-server"])
def engine(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> str:
    """An engine; the server that the environment named, or a skip."""
    if request.param == "neo4j-server":
        if not NAMED["NEO4J_URI"]:
            pytest.skip("no Neo4j: set NEO4J_URI, NEO4J_USERNAME, NEO4J_PASSWORD (see .ci/neo4j)")
        for name, value in NAMED.items():
            monkeypatch.setenv(name, value)
    return str(request.param)


@pytest.fixture
def project(pytester: pytest.Pytester, monkeypatch: pytest.MonkeyPatch) -> Project:
    """The project; no server is named, so that each test says what it runs on."""
    for name in ("NEO4J_URI", "CYPHERBENCH_MODELS"):
        monkeypatch.delenv(name, raising=False)
    project = Project(pytester)
    project.write("pytest.ini", "[pytest]\n")
    for name, text in [
        ("graph.yaml", GRAPH),
        ("people.csv", PEOPLE),
        ("films.csv", FILMS),
        ("made.csv", MADE),
    ]:
        project.write(f"cases/graphs/tiny/{name}", text)
    project.write("cases/tiny/cases.yaml", CASES)
    return project
