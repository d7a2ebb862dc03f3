"""The engine ``neo4j-server``: a Neo4j of the user's, loaded only if empty or filled from here.

Knows nothing of graphs or predictions. Never starts, ends or empties that server. Does not protect
from what its own settings allow: it warns of that.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from pytest_cypherbench.errors import UserError
from pytest_cypherbench.graphs.neo4j.engine import Neo4j
from pytest_cypherbench.graphs.process.home import Address

if TYPE_CHECKING:
    from pytest_cypherbench.graphs import EngineSpec


class Neo4jServer(Neo4j):
    """An Engine (see ``graphs``)."""

    name = "neo4j-server"

    def __init__(self, spec: EngineSpec) -> None:
        super().__init__(spec, ServerHome(spec))


class ServerHome:
    """A Home (see ``home``) that somebody else keeps."""

    owned = False

    def __init__(self, spec: EngineSpec) -> None:
        if not spec.uri:
            raise UserError("--graph-engine neo4j-server needs an address", fix="set NEO4J_URI")
        self._address = Address(spec.uri, spec.username, spec.password or "", spec.database)
        self.locks = spec.state_folder

    def address(self) -> Address:
        """See Home."""
        return self._address

    def revive(self, dead: int) -> bool:  # noqa: ARG002 - it is not ours
        """See Home."""
        return False

    def close(self) -> None:
        """See Home."""
