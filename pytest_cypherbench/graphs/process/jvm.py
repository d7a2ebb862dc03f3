"""What starting any server in a JVM takes: an environment without options of others, a free port.

Knows nothing of which server it is.
"""

from __future__ import annotations

import os
import socket

HOST = "127.0.0.1"
# Exit status of a JVM under -XX:+ExitOnOutOfMemoryError.
OUT_OF_MEMORY = 3
# Variables by which a JVM takes options that are not ours.
_VARIABLES = frozenset({"JAVA_TOOL_OPTIONS", "_JAVA_OPTIONS", "JDK_JAVA_OPTIONS", "CLASSPATH"})


def environment() -> dict[str, str]:
    """The environment for a JVM whose options are all on its command line."""
    return {key: value for key, value in os.environ.items() if key not in _VARIABLES}


def free_ports(count: int) -> list[int]:
    """Ports that were free a moment ago; a server that chose one itself could not tell us."""
    sockets = [socket.socket() for _ in range(count)]
    try:
        for one in sockets:
            one.bind((HOST, 0))
        return [one.getsockname()[1] for one in sockets]
    finally:
        for one in sockets:
            one.close()
