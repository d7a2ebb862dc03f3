"""What the user chose, checked and frozen.

Knows nothing of where it was written: options.py reads it.
"""

from __future__ import annotations

from dataclasses import dataclass, field
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
class Neo4j:
    """Where a Neo4j comes from, and what of it is put up with."""

    server: Server | None
    image: str
    home: Path | None
    java_home: Path | None
    docker_host: str | None
    allow_unsafe_server: bool
    allow_nonempty: bool


@dataclass(frozen=True, slots=True)
class Answers:
    """How many answers to a case, how many at once, and whether earlier runs may give them."""

    samples: int
    pass_at: tuple[int, ...]
    window: int
    batch_size: int
    cache: bool


@dataclass(frozen=True, slots=True)
class Settings:
    """What the user chose, checked. Paths are absolute; ``training``: the pairs that examples are
    taken from without ``shots_from``; ``workers``: xdist's, 0 without."""

    models: tuple[str, ...]
    candidate: str
    cases: Path
    candidates: tuple[Path, ...]
    prompt: str
    shots: int | None
    shots_from: Path | None
    training: Path
    graph_engine: str
    rounds: int
    max_tokens: int
    temperature: float
    seed: int
    perplexity: bool
    constrain: str
    adapter: Path | None
    trust_remote_code: bool
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
    neo4j: Neo4j
    answers: Answers
    workers: int
    api_key: str | None = field(repr=False)
