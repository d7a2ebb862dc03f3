"""Engines for the tests, each started for real, and the server that they may use."""

from __future__ import annotations

import os
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

import containers
import groups
import neo4j
from containers import skip
from platformdirs import user_cache_path

from pytest_cypherbench.errors import UserError
from pytest_cypherbench.graphs import EngineSpec
from pytest_cypherbench.graphs.embedded.engine import Embedded
from pytest_cypherbench.graphs.neo4j.container import Neo4jContainer
from pytest_cypherbench.graphs.neo4j.installed import find_jars, find_java
from pytest_cypherbench.graphs.neo4j.local import Neo4jLocal
from pytest_cypherbench.graphs.neo4j.server import Neo4jServer

if TYPE_CHECKING:
    from collections.abc import Iterator

    from pytest_cypherbench.graphs import Engine

KEPT = user_cache_path("pytest-cypherbench") / "engines"
ENGINES = ("embedded", "neo4j-server", "neo4j-local", "neo4j-container")
TINY = Path(__file__).parent / "graphs" / "tiny"


def server_spec(state: Path | None = None) -> EngineSpec:
    """The Neo4j that the environment names; skips the test (in CI: fails it) where it names none."""
    if not (uri := os.environ.get("NEO4J_URI")):
        skip("no Neo4j: set NEO4J_URI, NEO4J_USERNAME, NEO4J_PASSWORD (see .ci/neo4j)")
    groups.must_be_in(groups.SERVER)
    return EngineSpec(
        uri=uri,
        username=os.environ.get("NEO4J_USERNAME", "neo4j"),
        password=os.environ.get("NEO4J_PASSWORD", ""),
        state_folder=state,
    )


def local_spec(run_folder: Path | None = None) -> EngineSpec:
    """The Neo4j on this machine's disk; skips the test (in CI: fails it) where there is none."""
    home, java = os.environ.get("NEO4J_HOME"), os.environ.get("JAVA_HOME")
    try:
        jars = find_jars(Path(home) if home else None)
        found = find_java(Path(java) if java else None)
    except UserError as error:
        skip(f"{error}; see .ci/neo4j")
    return EngineSpec(home=jars, java_home=found.parent.parent, run_folder=run_folder)


@contextmanager
def started(name: str, state: Path | None = None) -> Iterator[Engine]:
    """The engine of this name, closed at the end."""
    engine = _open(name, state)
    try:
        yield engine
    finally:
        engine.close()


def _open(name: str, state: Path | None) -> Engine:
    if name == "embedded":
        return Embedded(EngineSpec(state_folder=KEPT))
    if name == "neo4j-server":
        return Neo4jServer(server_spec(state))
    folder = state / "run" if state else None
    if name == "neo4j-local":
        return Neo4jLocal(local_spec(folder))
    groups.must_be_in(groups.CONTAINERS)
    containers.client().close()  # skips where there is no runtime or image
    return Neo4jContainer(EngineSpec(run_folder=folder))


def execute(spec: EngineSpec, *statements: str) -> list[neo4j.Record]:
    """What another client of the server does; the records of the last statement."""
    records: list[neo4j.Record] = []
    with neo4j.GraphDatabase.driver(
        spec.uri or "", auth=(spec.username, spec.password or "")
    ) as driver:
        for statement in statements:
            records = driver.execute_query(statement).records  # type: ignore[arg-type]
    return records
