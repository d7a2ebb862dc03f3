"""The container runtime: whether it answers, and a container of an image, not yet started.

Knows nothing of databases. The first question loads no library where nobody would answer it.
"""

from __future__ import annotations

import json
import os
import socket
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import TYPE_CHECKING

from pytest_cypherbench.errors import UserError, missing_extra

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from testcontainers.core.container import DockerContainer

_ENGINE = "--graph-engine neo4j-container"
_SECONDS = 2
_SOCKET = "/var/run/docker.sock"
_WAYS = (
    "start Docker, or set NEO4J_URI (neo4j-server) or NEO4J_HOME (neo4j-local), or choose "
    "--graph-engine embedded"
)
_REASON_CHARS = 200


def answers(host: str | None) -> bool:
    """Whether a runtime answers within two seconds: at ``host`` (what DOCKER_HOST says), else where
    the user's settings point, else at its usual socket."""
    if host is None and _is_configured():
        return _answers_its_library()
    kind, _, path = (host or f"unix://{_SOCKET}").partition("://")
    return _answers_at(path) if kind == "unix" else _answers_its_library()


@contextmanager
def container_of(image: str) -> Iterator[DockerContainer]:
    """A container of ``image`` that is not made yet; it can be started in here only.

    testcontainers' own reaper is off in here, and no variable that it sets stays behind. Raises
    UserError if it is not installed or no runtime answers."""
    try:
        from testcontainers.core.config import testcontainers_config
        from testcontainers.core.container import DockerContainer
    except ModuleNotFoundError as error:
        raise missing_extra("containers", _ENGINE) from error
    from docker.errors import DockerException

    before, host = testcontainers_config.ryuk_disabled, os.environ.get("DOCKER_HOST")
    testcontainers_config.ryuk_disabled = True
    try:
        # Its library would wait for a minute, and leave the socket open.
        if not answers(host):
            raise UserError(f"no container runtime answers ({_ENGINE})", fix=_WAYS)
        try:
            container = DockerContainer(image)
        except (DockerException, OSError, ValueError) as error:
            raise UserError(
                f"the container runtime fails ({_ENGINE}): {reason(error)}", fix=_WAYS
            ) from error
        try:
            yield container
        finally:
            container.get_docker_client().client.close()
    finally:
        testcontainers_config.ryuk_disabled = before
        if host is None:
            os.environ.pop("DOCKER_HOST", None)


def fetch(container: DockerContainer, say: Callable[[str], None]) -> None:
    """Pull the image if it is not there. Raises UserError if that cannot be done."""
    from docker.errors import DockerException, ImageNotFound

    images = container.get_docker_client().client.images
    try:
        try:
            images.get(container.image)
        except ImageNotFound:
            say(f"pulling the image {container.image}")
            images.pull(container.image)
    except (DockerException, OSError) as error:
        raise UserError(
            f"the image {container.image} is neither here nor can it be pulled ({reason(error)})",
            fix="check --neo4j-image, or pull it where there is a network",
        ) from error


def reason(error: BaseException) -> str:
    """What the runtime said, in one line."""
    text = str(getattr(error, "explanation", None) or error).strip()
    return (text.splitlines() or [type(error).__name__])[0][:_REASON_CHARS]


def _answers_at(path: str) -> bool:
    with suppress(OSError), socket.socket(socket.AF_UNIX) as wire:
        wire.settimeout(_SECONDS)
        wire.connect(path)
        wire.sendall(b"GET /_ping HTTP/1.0\r\n\r\n")
        return b" 200 " in wire.recv(64)
    return False


def _is_configured() -> bool:
    """Whether the user's Docker or testcontainers settings may name another runtime."""
    with suppress(OSError, ValueError, AttributeError):
        config = json.loads((Path.home() / ".docker" / "config.json").read_text(encoding="utf-8"))
        if config.get("currentContext", "default") != "default":
            return True
    return (Path.home() / ".testcontainers.properties").is_file()


def _answers_its_library() -> bool:
    """Over the network, or where a setting points: as testcontainers will go there."""
    from docker.errors import DockerException
    from testcontainers.core.docker_client import DockerClient

    with suppress(DockerException, OSError, ValueError):
        client = DockerClient(timeout=_SECONDS).client
        try:
            return bool(client.ping())
        finally:
            client.close()
    return False
