"""A connection to one life of a Neo4j, with the lock of those who use what it holds.

Knows nothing of graphs: it only remembers which one was made sure of.
"""

from __future__ import annotations

import time
from contextlib import suppress
from typing import TYPE_CHECKING, cast

from pytest_cypherbench.errors import EngineError
from pytest_cypherbench.flow import Limits
from pytest_cypherbench.graphs.bolt import Bolt
from pytest_cypherbench.graphs.neo4j.lease import Lease
from pytest_cypherbench.graphs.patience import OverrunError

if TYPE_CHECKING:
    from pathlib import Path

    from pytest_cypherbench.graphs.process.home import Address

_PING = Limits(seconds=10.0)
# Queries of this user that the server was told to end and has not ended.
_LEFT = "SHOW TRANSACTIONS YIELD status WHERE status STARTS WITH 'Terminated' RETURN count(status)"
_SETTLE_SECONDS = 60.0
_POLL_SECONDS = 0.2


class Link:
    """Raises UserError where nobody answers at ``address``. ``loaded`` is the hash of the graph at
    the other end, ``fingerprint`` that of what the database says of it; "" for none."""

    def __init__(self, address: Address, locks: Path | None) -> None:
        self.address = address
        self.bolt = Bolt(
            address.uri, address.username, address.password, address.database, explains=True
        )
        # A lock for each generation: who still holds that of a dead one keeps nobody waiting.
        of = f"{address.uri} {address.database or ''} {address.generation}"
        self.lease = Lease(locks, of)
        self.loaded = self.fingerprint = ""
        self.left = 0

    def answers(self) -> bool:
        """Whether the database can still be asked."""
        with suppress(EngineError):
            return bool(self.bolt.rows("MATCH (n) RETURN count(n)", _PING))
        return False

    def settle(self) -> bool:
        """Wait until the server has ended what it was told to end, so that the next query does not
        pay for it. False if it has not within a minute: what ``left`` counts may run for ever."""
        deadline = time.monotonic() + _SETTLE_SECONDS
        left = self.left
        while time.monotonic() < deadline:
            with suppress(EngineError, OverrunError):
                left = cast("int", self.bolt.rows(_LEFT, _PING)[0][0])
                if left <= self.left:
                    break
            time.sleep(_POLL_SECONDS)
        settled, self.left = left <= self.left, left
        return settled

    def close(self) -> None:
        """Let go of the lock and the connections."""
        self.lease.close()
        self.bolt.close()
