"""A Neo4j of the tests' own with the settings that Neo4j comes with, which are not safe."""

from __future__ import annotations

from contextlib import contextmanager
from typing import TYPE_CHECKING

import pytest
from graph_engines import execute, local_spec

from pytest_cypherbench.graphs import EngineSpec
from pytest_cypherbench.graphs.neo4j import local
from pytest_cypherbench.graphs.neo4j.installed import find_jars, find_java
from pytest_cypherbench.graphs.process.shared import SharedHome

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

# What a server needs to run beside others; nothing that makes it safe.
BARE = {"server.http.enabled": "false", "server.https.enabled": "false"}


@contextmanager
def unsafe_server(folder: Path) -> Iterator[EngineSpec]:
    """One that somebody else could have started, for ``neo4j-server``."""
    found = local_spec(folder)
    with pytest.MonkeyPatch.context() as patched:
        patched.setattr(local, "safe_settings", lambda: BARE)
        starter = local.LocalStarter(find_jars(found.home), find_java(found.java_home))
        home = SharedHome(found.run_folder, starter)
        try:
            address = home.address()
            yield EngineSpec(uri=address.uri, username="neo4j", password=address.password)
        finally:
            home.close()


def emptied(spec: EngineSpec) -> EngineSpec:
    """The same server with nothing in it."""
    execute(spec, "MATCH (n) DETACH DELETE n")
    for (name,) in execute(spec, "SHOW INDEXES YIELD name, type WHERE type = 'POINT' RETURN name"):
        execute(spec, f"DROP INDEX `{name}`")
    return spec
