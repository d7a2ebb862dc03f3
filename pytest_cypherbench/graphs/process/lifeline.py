"""A folder that lives while somebody holds it, by locks that the system frees when they die.

Knows nothing of what lies in it. POSIX only. Does not protect from forks of a holder that live on:
they hold it, too.
"""

from __future__ import annotations

import fcntl
import os
import shutil
import time
from contextlib import suppress
from typing import TYPE_CHECKING

from pytest_cypherbench.graphs.process.keeper import BELL, is_open

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

_LIFELINE, _HERE = "lifeline", "here"
STOP_SECONDS = 15.0


def wait_until(check: Callable[[], bool], seconds: float) -> bool:
    """Whether ``check`` holds before the time is over."""
    deadline = time.monotonic() + seconds
    while not (done := check()) and time.monotonic() < deadline:
        time.sleep(0.02)
    return done


class Lifeline:
    """A folder that lives while at least one process holds it, made if it is not there.

    Who holds it may use what lies in it; with the last of them it goes, and every child in it."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self._files: list[int] = []
        while not self._take():
            pass

    @property
    def file(self) -> Path:
        """What keepers wait for."""
        return self.folder / _LIFELINE

    def release(self) -> None:
        """Let go at once; safe from any thread and more than once."""
        opened, self._files = self._files, []
        for file in opened:
            os.close(file)

    def close(self) -> None:
        """Let go; the last one waits until the folder is gone, and removes what no keeper did.
        Safe to call twice."""
        if self._files and self._is_last():
            # Who comes now waits for ``here``, then finds that the folder is another.
            os.close(self._files.pop())
            if not wait_until(lambda: not self.folder.exists(), self._patience()):
                shutil.rmtree(self.folder, ignore_errors=True)
        self.release()

    def _take(self) -> bool:
        """False if the folder was just being removed."""
        try:
            self.folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        except FileExistsError:  # it went between mkdir's two looks at it
            if self.folder.is_file():
                raise
            return False
        try:
            for name in (_HERE, _LIFELINE):
                file = os.open(self.folder / name, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
                self._files.append(file)
                fcntl.flock(file, fcntl.LOCK_SH)
                if not is_open(self.folder / name, file):
                    break
            else:
                return True
        except FileNotFoundError:
            pass
        self.release()
        return False

    def _is_last(self) -> bool:
        """Asked of a second file: no keeper waits for that one."""
        with suppress(BlockingIOError):
            fcntl.flock(self._files[0], fcntl.LOCK_EX | fcntl.LOCK_NB)
            return True
        return False

    def _patience(self) -> float:
        """No time where no keeper is there to remove anything."""
        kept = any(rings(bell, b"") for bell in self.folder.glob(f"*/{BELL}"))
        return STOP_SECONDS if kept or rings(self.folder / BELL, b"") else 0.0


def rings(bell: Path, what: bytes) -> bool:
    """Write to a keeper's bell; False where no keeper listens."""
    try:
        file = os.open(bell, os.O_WRONLY | os.O_NONBLOCK | os.O_CLOEXEC)
    except OSError:
        return False
    try:
        os.write(file, what)
    except OSError:
        return False
    finally:
        os.close(file)
    return True
