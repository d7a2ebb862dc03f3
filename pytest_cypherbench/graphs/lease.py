"""A lock that runs share while they use what a database holds, and that one run takes to change it.

Knows nothing of databases. Does not protect from runs on other machines or with another folder.
"""

from __future__ import annotations

import fcntl
import hashlib
import os
import time
from contextlib import contextmanager
from typing import TYPE_CHECKING

from pytest_cypherbench.errors import UserError

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

_WAIT_SECONDS = 900.0
_POLL_SECONDS = 0.05


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

    def close(self) -> None:
        """Release and forget; safe to call twice."""
        if self._file is not None:
            os.close(self._file)
            self._file = None

    def _wait(self, kind: int) -> None:
        if self._file is None:
            return
        deadline = time.monotonic() + _WAIT_SECONDS
        while True:
            try:
                fcntl.flock(self._file, kind | fcntl.LOCK_NB)
            except BlockingIOError:
                if time.monotonic() > deadline:
                    raise UserError(
                        f"another run has used the Neo4j server for {_WAIT_SECONDS / 60:g} minutes",
                        fix="wait for it, or choose --graph-engine embedded",
                    ) from None
                time.sleep(_POLL_SECONDS)
            else:
                return
