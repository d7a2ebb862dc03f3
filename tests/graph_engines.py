"""Engines for the tests, each started for real, and the server that they may use."""

from __future__ import annotations

import os
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

import neo4j
import pytest

from pytest_cypherbench.graphs import EngineSpec
from pytest_cypherbench.graphs.embedded import Embedded
from pytest_cypherbench.graphs.neo4j import Neo4jServer

if TYPE_CHECKING:
    from collections.abc import Iterator

    from pytest_cypherbench.graphs import Engine

TINY = Path(__file__).parent / "graphs" / "tiny"


def server_spec(state: Path | None = None) -> EngineSpec:
    """The Neo4j that the environment names; skips the test where it names none."""
    if not (uri := os.environ.get("NEO4J_URI")):
        pytest.skip("no Neo4j: set NEO4J_URI, NEO4J_USERNAME, NEO4J_PASSWORD (see .ci/neo4j)")
    return EngineSpec(
        uri=uri,
        username=os.environ.get("NEO4J_USERNAME", "neo4j"),
        password=os.environ.get("NEO4J_PASSWORD", ""),
        state_folder=state,
    )


@contextmanager
def started(name: str, state: Path | None = None) -> Iterator[Engine]:
    """The engine of this name, closed at the end."""
    engine: Engine = (
        Embedded(EngineSpec()) if name == "embedded" else Neo4jServer(server_spec(state))
    )
    try:
        yield engine
    finally:
        engine.close()


def execute(spec: EngineSpec, *statements: str) -> list[neo4j.Record]:
    """What another client of the server does; the records of the last statement."""
    records: list[neo4j.Record] = []
    with neo4j.GraphDatabase.driver(
        spec.uri or "", auth=(spec.username, spec.password or "")
    ) as driver:
        for statement in statements:
            records = driver.execute_query(statement).records  # type: ignore[arg-type]
    return records
