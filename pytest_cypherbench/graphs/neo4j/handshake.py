"""Whether Bolt is spoken at an address: the handshake alone, without a login.

Knows nothing of drivers or databases.
"""

from __future__ import annotations

import socket
from contextlib import suppress

_MAGIC = bytes.fromhex("6060b017")
# Four offers of four bytes: 5.4 down to 5.0, then nothing three times; the server picks one.
_OFFERS = bytes.fromhex("00040405") + bytes(12)
_SECONDS = 2.0


def speaks_bolt(host: str, port: int) -> bool:
    """Whether somebody answers who speaks Bolt 5. A port that is merely open (a container's is,
    long before what runs in it listens) does not count."""
    with suppress(OSError), socket.create_connection((host, port), timeout=_SECONDS) as wire:
        wire.sendall(_MAGIC + _OFFERS)
        answer = wire.recv(4)
        return any(answer)  # four bytes: a version, or zeros for none
    return False
