"""A lock that runs share while they use what a database holds, and that one run takes to change it.

Knows nothing of databases. Does not protect from runs on other machines or with another folder.
"""

from __future__ import annotations

import hashlib
from contextlib import contextmanager
from typing import TYPE_CHECKING

from filelock import ReadWriteLock, Timeout

from pytest_cypherbench.errors import UserError

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

_WAIT_SECONDS = 900.0


class Lease:
    """Shared until released; without a folder nothing is locked."""

    def __init__(self, folder: Path | None, address: str) -> None:
        self._lock: ReadWriteLock | None = None
        self._shared = False
        if folder is not None:
            folder.mkdir(parents=True, exist_ok=True)
            name = f"graph-{hashlib.sha256(address.encode()).hexdigest()[:16]}.lock"
            self._lock = ReadWriteLock(folder / name, is_singleton=False)

    def share(self) -> None:
        """Hold the lock together with others."""
        if self._lock is not None and not self._shared:
            self._wait(self._lock, shared=True)
            self._shared = True

    def release(self) -> None:
        """Let others change things."""
        if self._lock is not None and self._shared:
            self._lock.release()
            self._shared = False

    @contextmanager
    def exclusive(self) -> Iterator[None]:
        """Hold the lock alone; not while it is shared by this object."""
        if self._lock is None:
            yield
            return
        self._wait(self._lock, shared=False)
        try:
            yield
        finally:
            self._lock.release()

    def close(self) -> None:
        """Release and forget."""
        self.release()
        if self._lock is not None:
            self._lock.close()

    @staticmethod
    def _wait(lock: ReadWriteLock, *, shared: bool) -> None:
        try:
            if shared:
                lock.acquire_read(timeout=_WAIT_SECONDS)
            else:
                lock.acquire_write(timeout=_WAIT_SECONDS)
        except Timeout as error:
            raise UserError(
                f"another run has used the Neo4j server for {_WAIT_SECONDS / 60:g} minutes",
                fix="wait for it, or choose --graph-engine embedded",
            ) from error
