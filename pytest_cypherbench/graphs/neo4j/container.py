"""The engine ``neo4j-container``: a Neo4j that testcontainers starts for a run, from an image.

Knows nothing of graphs or predictions. Nothing of the container outlives the run: a reaper of ours
(``reaper``) removes it, since testcontainers' own comes in a second image. Does not protect from
other users of the container runtime.
"""

from __future__ import annotations

import os
import secrets
import socket
import sys
import time
from pathlib import Path
from typing import TYPE_CHECKING

from pytest_cypherbench.errors import EngineError
from pytest_cypherbench.graphs.neo4j.engine import Neo4j
from pytest_cypherbench.graphs.neo4j.handshake import speaks_bolt
from pytest_cypherbench.graphs.neo4j.runtime import container_of, fetch, reason
from pytest_cypherbench.graphs.neo4j.safe import safe_settings
from pytest_cypherbench.graphs.process.child import last_words
from pytest_cypherbench.graphs.process.home import Address
from pytest_cypherbench.graphs.process.reaper import ASKED
from pytest_cypherbench.graphs.process.shared import SharedHome

if TYPE_CHECKING:
    from collections.abc import Callable

    from docker.models.containers import Container
    from testcontainers.core.container import DockerContainer
    from testcontainers.core.docker_client import DockerClient

    from pytest_cypherbench.graphs import EngineSpec
    from pytest_cypherbench.graphs.process.child import Place

LABEL = "cypherbench.run"
_REAPER = Path(__file__).parents[1] / "process" / "reaper.py"
_USER = "neo4j"
_PORT = 7687
_START_SECONDS = 120.0
_REMOVE_SECONDS = 20.0
_LOOPBACK = "127.0.0.1"
_REASON_CHARS = 200
# A heap of 512 MB, as safe_settings asks for, and what a JVM needs beside it.
_MEMORY = "1536m"
_OURS = {"server.memory.heap.max_size": "512m", "server.memory.pagecache.size": "64m"}


class Neo4jContainer(Neo4j):
    """An Engine (see ``graphs``)."""

    name = "neo4j-container"

    def __init__(self, spec: EngineSpec) -> None:
        super().__init__(spec, SharedHome(spec.run_folder, ContainerStarter(spec.image, spec.say)))


class ContainerStarter:
    """A Starter (see ``shared``): one container, and the reaper that removes it."""

    def __init__(self, image: str, say: Callable[[str], None]) -> None:
        self._image = image
        self._say = say

    def start(self, place: Place) -> Address:
        """See Starter."""
        # Hexadecimal: the image passes it on to a command line, where a `-` has a meaning.
        label, password = secrets.token_hex(16), secrets.token_hex(24)
        # First, so that whatever dies from here on leaves nothing. docker lies where we found it.
        path = os.pathsep.join(entry for entry in sys.path if entry)
        reaper = place.start(
            [sys.executable, "-P", str(_REAPER), f"{LABEL}={label}"],
            environment={**os.environ, "PYTHONPATH": path},
            grace_seconds=_REMOVE_SECONDS,
        )
        with container_of(self._image) as container:
            fetch(container, self._say)
            (place.folder / ASKED).touch()
            uri = _start(container, password, label)
        if not reaper.is_running():
            raise EngineError(f"nothing would remove the container: {last_words(place.folder)}")
        return Address(uri, _USER, password, None, place.generation)


def variables(password: str) -> dict[str, str]:
    """The environment from which the official image takes password and settings."""
    named = {_variable(name): value for name, value in (safe_settings() | _OURS).items()}
    return {"NEO4J_AUTH": f"{_USER}/{password}", **named}


def _variable(setting: str) -> str:
    return "NEO4J_" + setting.replace("_", "__").replace(".", "_")


def _start(container: DockerContainer, password: str, label: str) -> str:
    """Start it and wait until it answers; returns the address. Raises EngineError if it fails."""
    from docker.errors import DockerException

    container.with_envs(**variables(password))
    container.with_kwargs(
        labels={LABEL: label},
        mem_limit=_MEMORY,
        memswap_limit=_MEMORY,
        pids_limit=512,
        security_opt=["no-new-privileges:true"],
    )
    try:
        local = _is_local(container.get_docker_client())
        # Docker's library takes a pair here, for which testcontainers has no type.
        container.ports = {str(_PORT): (_LOOPBACK, None) if local else None}  # type: ignore[dict-item]
        container.start()
        return _await(container, local=local)
    except (DockerException, OSError, ValueError) as error:
        raise EngineError(f"the container does not start: {reason(error)}") from error


def _is_local(client: DockerClient) -> bool:
    """Whether what the runtime publishes on loopback is on ours: not if we are in a container, or
    the runtime elsewhere. There it publishes on every address, and the password guards alone."""
    if client.client.info().get("Name") == socket.gethostname():
        return True
    mode, host = client.get_connection_mode(), client.host()
    return mode.value == "docker_host" and host in {"localhost", _LOOPBACK, "::1"}


def _await(container: DockerContainer, *, local: bool) -> str:
    """Not by the log line that testcontainers waits for: it belongs to HTTP, which is off."""
    wrapped = container.get_wrapped_container()
    deadline = time.monotonic() + _START_SECONDS
    while time.monotonic() < deadline:
        wrapped.reload()
        if wrapped.status in {"exited", "dead"}:
            raise EngineError(f"the container ended: {_last_words(wrapped)}")
        if wrapped.status == "running":
            address = _address(container, local=local)
            if address and speaks_bolt(*address):
                return "bolt://{}:{}".format(*address)
        time.sleep(0.1)
    raise EngineError(
        f"the container did not answer within {_START_SECONDS:g} s: {_last_words(wrapped)}"
    )


def _address(container: DockerContainer, *, local: bool) -> tuple[str, int] | None:
    """None if it has no port any more: it ended after we looked at its status."""
    try:
        if local:
            started = container.get_wrapped_container()
            return _LOOPBACK, int(container.get_docker_client().port(str(started.id), _PORT))
        return container.get_container_host_ip(), container.get_exposed_port(_PORT)
    except ConnectionError:
        return None


def _last_words(container: Container) -> str:
    lines = container.logs(tail=5).decode(errors="replace").strip().splitlines()
    return str((lines or ["it said nothing"])[-1][:_REASON_CHARS])
