"""The container runtime for the tests, with the image of Neo4j; in CI there must be one."""

from __future__ import annotations

import os
import time
from typing import TYPE_CHECKING, NoReturn

import groups
import pytest

# Now, not in a test: pytester forgets what its tests import, and these do not load twice.
try:
    import docker
    import testcontainers.core.container  # noqa: F401
except ImportError:
    docker = None  # type: ignore[assignment]

from pytest_cypherbench.errors import UserError
from pytest_cypherbench.graphs import EngineSpec
from pytest_cypherbench.graphs.neo4j import runtime

if TYPE_CHECKING:
    from collections.abc import Callable

    from docker.models.containers import Container

# Asked of the environment while this is imported: tests of the plug-in change it.
DOCKER_HOST = os.environ.get("DOCKER_HOST")


def client() -> docker.DockerClient:
    """What Docker's own library says; skips the test (in CI: fails it) without runtime or image."""
    if docker is None:
        skip("no library for containers: install the extra 'containers'")
    if not runtime.answers(DOCKER_HOST):
        skip("no container runtime answers: see .ci/docker")
    try:
        with runtime.container_of(EngineSpec().image) as container:
            runtime.fetch(container, lambda _: None)
    except UserError as error:
        skip(str(error))
    found: docker.DockerClient = docker.from_env()
    return found


def skip(reason: str) -> NoReturn:
    """Skip the test; where CI promises that what it needs is there, fail it."""
    if os.environ.get("CYPHERBENCH_CI"):
        pytest.fail(f"in CI this may not be missing: {reason}")
    pytest.skip(reason)


def ours(found: docker.DockerClient) -> list[Container]:
    """All containers that some run started, dead ones too."""
    groups.must_be_in(groups.CONTAINERS)
    listed: list[Container] = found.containers.list(all=True, filters={"label": "cypherbench.run"})
    return listed


def eventually(check: Callable[[], bool]) -> bool:
    """Whether it comes true within half a minute."""
    deadline = time.monotonic() + 30
    while not check() and time.monotonic() < deadline:
        time.sleep(0.1)
    return check()
