"""Generations in an SQLite file that several processes may use at the same time.

Knows nothing of what a key is made of. Values are JSON: nothing in the file is ever executed. Does
not protect from somebody who can write to the file: a text that they put there is judged.
"""

from __future__ import annotations

import json
import sqlite3
from contextlib import contextmanager
from dataclasses import asdict, dataclass, field, replace
from time import time
from typing import TYPE_CHECKING, Any

from pytest_cypherbench.errors import UserError
from pytest_cypherbench.flow import Generation

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

FILE = "generations.sqlite"
_FORMAT = 1
_WAIT_SECONDS = 60.0
_USE_NOTED_SECONDS = 3600.0  # a hit need not write each time
_TABLE = """CREATE TABLE IF NOT EXISTS generations (
    key TEXT PRIMARY KEY, model TEXT NOT NULL, value TEXT NOT NULL, bytes INTEGER NOT NULL,
    created REAL NOT NULL, used REAL NOT NULL
)"""
_CLEAR = "remove it: python -m pytest_cypherbench cache clear"
_ELSEWHERE = "check the disk and its permissions, or choose another folder with --cache-dir"
_FINISHES = frozenset({"stop", "length"})


class UnreadableError(UserError):
    """The file holds no generations that can be saved: to clear it is the way out."""


@dataclass(frozen=True, slots=True)
class Holding:
    """What the cache holds of one model; ``used``: when last, in seconds since 1970."""

    model: str
    count: int
    bytes: int
    used: float


@dataclass(slots=True)
class Cache:
    """An open cache; made where it does not exist. Each process opens its own.

    Raises UserError, on opening and in every call, for a file that is damaged or cannot be used.
    """

    file: Path
    _connection: sqlite3.Connection = field(init=False, repr=False)

    def __post_init__(self) -> None:
        with self._guarded():
            self.file.parent.mkdir(parents=True, exist_ok=True)
            self._connection = sqlite3.connect(
                self.file, timeout=_WAIT_SECONDS, isolation_level=None
            )
        try:
            with self._guarded():
                self._prepare()
        except UserError:
            self._connection.close()
            raise

    def get(self, key: str) -> Generation | None:
        """The generation of a key, marked as cached; None where there is none that can be read."""
        with self._guarded():
            row = self._connection.execute(
                "SELECT value, used FROM generations WHERE key = ?", (key,)
            ).fetchone()
            if row is None or (found := _read(row[0])) is None:
                return None
            if (now := time()) - row[1] > _USE_NOTED_SECONDS:
                self._connection.execute(
                    "UPDATE generations SET used = ? WHERE key = ?", (now, key)
                )
        return found

    def put(self, key: str, model: str, generation: Generation) -> None:
        """Keep a generation; ``model`` is the label that a list shows. One that came from the cache
        is not kept anew."""
        if generation.cached:
            return
        value = json.dumps(asdict(generation), separators=(",", ":"))
        now = time()
        with self._guarded():
            self._connection.execute(
                "INSERT OR REPLACE INTO generations VALUES (?, ?, ?, ?, ?, ?)",
                (key, model.encode("utf-8", "replace").decode(), value, len(value), now, now),
            )

    def holdings(self) -> list[Holding]:
        """What there is of each model, by label."""
        with self._guarded():
            rows = self._connection.execute(
                "SELECT model, count(*), sum(bytes), max(used) FROM generations "
                "GROUP BY model ORDER BY model"
            ).fetchall()
        return [Holding(*row) for row in rows]

    def prune(self, *, seconds: float | None = None, most_bytes: int | None = None) -> int:
        """Remove what was not used for so long, then what was used longest ago until so many bytes
        of values are left; how many generations that were."""
        before = self._count()
        with self._guarded():
            if seconds is not None:
                self._connection.execute(
                    "DELETE FROM generations WHERE used < ?", (time() - seconds,)
                )
            if most_bytes is not None:
                self._connection.execute(
                    "DELETE FROM generations WHERE key IN (SELECT key FROM (SELECT key, "
                    "sum(bytes) OVER (ORDER BY used DESC, key) AS until FROM generations) "
                    "WHERE until > ?)",
                    (most_bytes,),
                )
            removed = before - self._count()
            if removed:
                self._connection.execute("VACUUM")
        return removed

    def clear(self, model: str | None = None) -> int:
        """Remove every generation, or those of one label; how many that were."""
        before = self._count()
        with self._guarded():
            self._connection.execute(
                "DELETE FROM generations WHERE ?1 IS NULL OR model = ?1", (model,)
            )
            removed = before - self._count()
            self._connection.execute("VACUUM")
        return removed

    def close(self) -> None:
        """Harmless when called twice."""
        self._connection.close()

    def _prepare(self) -> None:
        run = self._connection.execute
        run("PRAGMA journal_mode = WAL")
        run("PRAGMA synchronous = NORMAL")  # a power cut costs answers, never the file
        (version,) = run("PRAGMA user_version").fetchone()
        if version not in {0, _FORMAT}:
            raise UnreadableError(f"the cache {self.file} is of another version", fix=_CLEAR)
        run(_TABLE)
        run(f"PRAGMA user_version = {_FORMAT}")
        run("SELECT key, model, value, bytes, created, used FROM generations LIMIT 1").fetchone()

    def _count(self) -> int:
        with self._guarded():
            return int(self._connection.execute("SELECT count(*) FROM generations").fetchone()[0])

    @contextmanager
    def _guarded(self) -> Iterator[None]:
        try:
            yield
        except (sqlite3.OperationalError, OSError) as error:
            if isinstance(error, sqlite3.OperationalError) and "no such" in str(error):
                raise UnreadableError(
                    f"{self.file} is no cache of ours ({error})", fix=_CLEAR
                ) from error
            raise UserError(
                f"the cache {self.file} cannot be used ({error})", fix=_ELSEWHERE
            ) from error
        except sqlite3.DatabaseError as error:
            raise UnreadableError(
                f"the cache {self.file} is damaged ({error})", fix=_CLEAR
            ) from error


def remove(file: Path) -> None:
    """Delete the file of a cache that cannot be opened, with what SQLite keeps beside it."""
    for suffix in ("", "-wal", "-shm"):
        file.with_name(file.name + suffix).unlink(missing_ok=True)


def _read(value: object) -> Generation | None:
    """A generation from its JSON; None for anything else, which is then generated anew."""
    try:
        found = json.loads(value) if isinstance(value, str) else None
        return replace(_generation(found), cached=True)
    except (ValueError, TypeError, KeyError, RecursionError):
        return None


def _generation(found: Any) -> Generation:  # noqa: ANN401 JSON has no narrower type
    made = Generation(**{**found, "first": found.get("first") and _generation(found["first"])})
    counts = (made.prompt_tokens, made.output_tokens)
    if not (
        isinstance(made.text, str)
        and isinstance(made.seconds, float | int)
        and isinstance(made.first_token_seconds, float | int | None)
        and all(count is None or type(count) is int for count in counts)
        and made.finish in _FINISHES
    ):
        raise TypeError
    return made
