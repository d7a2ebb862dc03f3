"""What the user chose, checked and frozen.

Knows nothing of where it was written: options.py reads it.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from pathlib import Path


@dataclass(frozen=True, slots=True)
class Server:
    """A Neo4j server of the user's, from the NEO4J_ variables."""

    uri: str
    username: str
    password: str
    database: str | None

    def __repr__(self) -> str:
        return f"Server(uri={self.uri!r}, username={self.username!r})"


@dataclass(frozen=True, slots=True)
class Settings:
    """What the user chose, checked. Paths are absolute; ``workers``: xdist's, 0 without."""

    models: tuple[str, ...]
    candidate: str
    cases: Path
    candidates: tuple[Path, ...]
    prompt: str
    graph_engine: str
    rounds: int
    max_tokens: int
    temperature: float
    seed: int
    threads: int | None
    query_timeout_seconds: float
    generation_timeout_seconds: float
    max_rows: int
    graph_variants: int
    model_dirs: tuple[Path, ...]
    cache_dir: Path
    journal: Path | None
    resume: str
    root: Path
    server: Server | None
    neo4j_image: str
    neo4j_home: Path | None
    java_home: Path | None
    docker_host: str | None
    allow_unsafe_server: bool
    allow_nonempty: bool
    workers: int
