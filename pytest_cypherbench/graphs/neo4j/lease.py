"""A lock that runs share while they use what a database holds, and that one run takes to change it.

Knows nothing of databases. Does not protect from runs on other machines or with another folder.
"""

from __future__ import annotations

import fcntl
import hashlib
import os
import random
import time
from contextlib import contextmanager
from typing import TYPE_CHECKING

from pytest_cypherbench.errors import UserError

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

_WAIT_SECONDS = 900.0
_POLL_SECONDS = 0.05
_PAUSE_SECONDS = 0.1


class Lease:
    """Shared until released; without a folder nothing is locked. The operating system holds the
    lock (flock) for the process, whichever thread asks, and frees it however the process ends."""

    def __init__(self, folder: Path | None, address: str) -> None:
        self._file: int | None = None
        if folder is not None:
            folder.mkdir(parents=True, exist_ok=True)
            name = f"graph-{hashlib.sha256(address.encode()).hexdigest()[:16]}.lock"
            self._file = os.open(folder / name, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)

    def share(self) -> None:
        """Hold the lock together with others."""
        self._wait(fcntl.LOCK_SH)

    def release(self) -> None:
        """Let others change things."""
        if self._file is not None:
            fcntl.flock(self._file, fcntl.LOCK_UN)

    @contextmanager
    def exclusive(self) -> Iterator[None]:
        """Hold the lock alone."""
        self._wait(fcntl.LOCK_EX)
        try:
            yield
        finally:
            self.release()

    @contextmanager
    def exclusive_or_pause(self) -> Iterator[bool]:
        """Hold the lock alone if nobody else holds it: True; else pause a moment: False, and look
        whether what is there will do, since who holds it may do so for a whole run."""
        if self._try(fcntl.LOCK_EX):
            try:
                yield True
            finally:
                self.release()
        else:
            time.sleep(_PAUSE_SECONDS * (1 + random.random()))  # noqa: S311 - not in step
            yield False

    def close(self) -> None:
        """Release and forget; safe to call twice."""
        if self._file is not None:
            os.close(self._file)
            self._file = None

    def _wait(self, kind: int) -> None:
        deadline = self.deadline()
        while not self._try(kind):
            deadline()
            time.sleep(_POLL_SECONDS)

    def _try(self, kind: int) -> bool:
        try:
            if self._file is not None:
                fcntl.flock(self._file, kind | fcntl.LOCK_NB)
        except BlockingIOError:
            return False
        return True

    @staticmethod
    def deadline() -> Callable[[], None]:
        """Call what this returns while waiting: it raises UserError when that takes too long."""
        end = time.monotonic() + _WAIT_SECONDS

        def check() -> None:
            if time.monotonic() > end:
                raise UserError(
                    f"another run has used the Neo4j server for {_WAIT_SECONDS / 60:g} minutes",
                    fix="wait for it, or choose --graph-engine embedded",
                )

        return check
