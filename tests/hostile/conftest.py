"""Engines for the hostile suite, each chosen as a user would choose it."""

from __future__ import annotations

from typing import TYPE_CHECKING

import containers
import pytest
from canaries import Canaries, canaries
from graph_engines import ENGINES, local_spec, server_spec

if TYPE_CHECKING:
    from collections.abc import Iterator


@pytest.fixture(params=ENGINES)
def engine_name(request: pytest.FixtureRequest) -> str:
    """The name of an engine that can be used here; else the test is skipped (in CI: fails)."""
    name = str(request.param)
    if name == "neo4j-server":
        server_spec()
    elif name == "neo4j-local":
        local_spec()
    elif name == "neo4j-container":
        containers.client().close()
    return name


@pytest.fixture
def places(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Canaries]:
    with canaries(tmp_path_factory.mktemp("canaries")) as found:
        yield found
