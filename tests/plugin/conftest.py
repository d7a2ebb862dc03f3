"""A project for every test of an option."""

from __future__ import annotations

import pytest
from project import CASES, FILMS, GRAPH, MADE, PEOPLE, Project


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
