"""Run as a script: removes the containers with a label when its stdin ends, and ends itself.

Knows nothing of what runs in them. ``keeper`` runs it beside a container, so that nobody's death,
not even by SIGKILL, leaves one. Does not protect from its own death, nor from a runtime that does
not answer then.
"""

from __future__ import annotations

import ctypes
import sys
import time
from contextlib import suppress
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import docker

# A file in the keeper's folder, where this runs: from now on there may be a container.
ASKED = "asked"
# How long to look for a container whose creation was under way when everybody died.
_LOOK_SECONDS = 3.0
_SET_PARENT_DEATH_SIGNAL = 1
_IN_PROGRESS = 409


def reap(label: str) -> None:
    """Wait for the end of stdin, then remove the container that carries ``label``."""
    # The keeper's death ends stdin: it must not kill us, as it would another child.
    with suppress(OSError, AttributeError):
        ctypes.CDLL(None).prctl(_SET_PARENT_DEATH_SIGNAL, 0)
    import docker

    client = docker.from_env()
    sys.stdin.read()
    if not Path(ASKED).exists():
        return
    deadline = time.monotonic() + _LOOK_SECONDS
    while time.monotonic() < deadline:
        with suppress(docker.errors.DockerException, OSError):
            if remove(client, label):
                return
        time.sleep(0.2)


def remove(client: docker.DockerClient, label: str) -> int:
    """Remove the containers that carry ``label``, with their volumes; returns how many."""
    from docker.errors import APIError, NotFound

    found = client.containers.list(all=True, filters={"label": label}, ignore_removed=True)
    for container in found:
        try:
            container.remove(force=True, v=True)
        except NotFound:
            continue
        except APIError as error:
            if error.status_code != _IN_PROGRESS:  # somebody else is removing it
                raise
    return len(found)


if __name__ == "__main__":
    reap(sys.argv[1])
