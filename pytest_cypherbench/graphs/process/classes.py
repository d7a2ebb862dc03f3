"""The classes of a JVM, kept between its starts in a file: half the processor time of a start.

Knows nothing of which server it is. Java 25 or newer writes and checks the file; one that does not
fit it ignores. Does not protect from other programs of the same user, who may write the file, nor
from a JVM that what it executed has taken over: it writes its record itself.
"""

from __future__ import annotations

import os
import shutil
from contextlib import suppress
from typing import TYPE_CHECKING

from filelock import FileLock, Timeout

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

_RECORDED = "classes.aot"


class Classes:
    """What one kind of process loads, in ``file``; None: nothing is kept, nor used."""

    def __init__(self, file: Path | None) -> None:
        self._file = file
        self._recorded: Path | None = None
        self._lock: FileLock | None = None

    def options(self, folder: Path) -> Iterator[str]:
        """Options for a JVM in ``folder``: to use the file, or, for one process at a time and
        where there is none, to record it. A JVM writes its record when it ends by itself."""
        if self._file is None:
            return
        if self._file.is_file():
            yield f"-XX:AOTCache={self._file}"
        elif self._begin(self._file):
            self._recorded = folder / _RECORDED
            yield f"-XX:AOTCacheOutput={self._recorded}"

    @property
    def recording(self) -> bool:
        """Whether the JVM writes them down when it ends by itself."""
        return self._recorded is not None

    def keep(self) -> None:
        """Use from now on what was recorded, if anything was. Never raises: nothing is lost."""
        recorded, self._recorded = self._recorded, None
        if recorded is not None and self._file is not None:
            new = self._file.with_suffix(f".{os.getpid()}")
            with suppress(OSError):
                shutil.copyfile(recorded, new)
                new.replace(self._file)
            new.unlink(missing_ok=True)
        self.release()

    def release(self) -> None:
        """Let others record. Safe to call twice."""
        lock, self._lock = self._lock, None
        if lock is not None:
            lock.release()

    def discard(self) -> bool:
        """Remove the file, with which a start failed; whether there was one."""
        self.release()
        if self._file is None or not self._file.is_file():
            return False
        self._file.unlink(missing_ok=True)
        return True

    def _begin(self, file: Path) -> bool:
        """Whether nobody else records, and the folder can be written."""
        try:
            file.parent.mkdir(parents=True, exist_ok=True)
            # Whoever closes the engine need not be the thread that started it.
            lock = FileLock(file.with_suffix(".lock"), thread_local=False)
            lock.acquire(timeout=0)
        except (OSError, NotImplementedError, Timeout):
            return False
        self._lock = lock
        return True
