"""Where a Neo4j lives: its address, and how it comes back to life if it is ours.

Knows nothing of Bolt, graphs or predictions; ``neo4j.py`` asks, a home answers.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Protocol

if TYPE_CHECKING:
    from pathlib import Path


@dataclass(frozen=True, slots=True)
class Address:
    """How to reach a Neo4j. ``generation`` counts its lives, from 1: a new process is a new one,
    with an empty database and another password. ``password`` never appears in a repr."""

    uri: str
    username: str
    password: str
    database: str | None = None
    generation: int = 1

    def __repr__(self) -> str:
        return f"Address(uri={self.uri!r}, generation={self.generation})"


class Home(Protocol):
    """A Neo4j of the user's, or one that we started, perhaps shared with other processes.

    ``owned``: it was started for this run and holds nothing but what we loaded.
    ``locks``: folder of the locks of those who share it; None if nobody else can."""

    owned: bool
    locks: Path | None

    def address(self) -> Address:
        """Where it answers now; what is ours is started if it is not running. Raises UserError if
        there is no way to it, EngineError if it does not start."""

    def revive(self, dead: int) -> bool:
        """End generation ``dead`` for good, however stuck it is, so that ``address`` starts the
        next one. Whether this call ended it: False if another process was faster, and for a server
        of the user's, which is never ended."""

    def close(self) -> None:
        """Let go of it; what is ours ends with the last one who does. Safe to call twice."""
