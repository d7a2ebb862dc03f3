"""A child process with a keeper: it ends when told to, and when all who hold its lifeline are gone.

Knows nothing of what the child does. POSIX only, as ``keeper`` is.
"""

from __future__ import annotations

import shutil
import subprocess
import sys
import tempfile
from contextlib import suppress
from pathlib import Path
from typing import TYPE_CHECKING

from pytest_cypherbench.graphs.process.keeper import BELL, LOG, STATUS
from pytest_cypherbench.graphs.process.lifeline import STOP_SECONDS, rings, wait_until

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from pytest_cypherbench.graphs.process.lifeline import Lifeline

_KEEPER_SECONDS = 10.0
_REASON_CHARS = 200


class Child:
    """One child in a folder of its own in, or equal to, that of a lifeline."""

    def __init__(
        self,
        lifeline: Lifeline,
        folder: Path,
        command: Sequence[str],
        *,
        environment: Mapping[str, str] | None = None,
        grace_seconds: float = 0.0,
    ) -> None:
        self.folder = folder
        script = str(Path(__file__).with_name("keeper.py"))
        head = [sys.executable, "-I", "-S", script]
        self._keeper = subprocess.Popen(  # noqa: S603 - our own files
            [*head, str(lifeline.file), str(folder), str(grace_seconds), *command],
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
            start_new_session=True,  # Ctrl-C at the terminal is for us; we then close it
            env=environment,
        )
        wait_until(self._is_kept, _KEEPER_SECONDS)

    @property
    def keeper_pid(self) -> int:
        """The process that keeps it."""
        return self._keeper.pid

    def status(self) -> int | None:
        """How the child ended, None while it runs or if nobody knows."""
        return exit_status(self.folder)

    def _is_kept(self) -> bool:
        """Whether the keeper can be told to end the child, or never will."""
        return rings(self.folder / BELL, b"") or self._keeper.poll() is not None

    def is_running(self) -> bool:
        """Whether child and keeper live."""
        return self._keeper.poll() is None and self.status() is None

    def reap(self, seconds: float) -> None:
        """Wait for a keeper that is about to end; one that others still need is left running."""
        with suppress(subprocess.TimeoutExpired):
            self._keeper.wait(timeout=seconds)
        # What runs on is not ours to wait for, and no oversight to warn of.
        self._keeper.returncode = self._keeper.returncode or 0


class Place:
    """A new folder in a lifeline's, for generation N of a child, and that child once started."""

    def __init__(self, lifeline: Lifeline, generation: int) -> None:
        self.generation = generation
        self.folder = Path(tempfile.mkdtemp(dir=lifeline.folder, prefix=f"{generation}-"))
        self.child: Child | None = None
        self._lifeline = lifeline

    def start(
        self,
        command: Sequence[str],
        *,
        environment: Mapping[str, str] | None = None,
        grace_seconds: float = 0.0,
    ) -> Child:
        """Start the child. Its stdin ends ``grace_seconds`` before it is killed. Raises OSError."""
        self.child = Child(
            self._lifeline,
            self.folder,
            command,
            environment=environment,
            grace_seconds=grace_seconds,
        )
        return self.child

    def abandon(self) -> None:
        """End the child and remove the folder."""
        end(self.folder)
        self.forget(wait=True)

    def clear(self) -> None:
        """End the child, so that another may be started in the folder, which is empty then."""
        self.abandon()
        self.folder.mkdir(mode=0o700)

    def forget(self, *, wait: bool) -> None:
        """The child is over (``wait`` for its keeper to end) or others' to end."""
        if self.child is not None:
            self.child.reap(STOP_SECONDS if wait else 0)


def exit_status(folder: Path) -> int | None:
    """How the child in ``folder`` ended, None while it runs or if nobody knows."""
    with suppress(OSError, ValueError):
        return int((folder / STATUS).read_text(encoding="ascii"))
    return None


def is_alive(folder: Path) -> bool:
    """Whether the child that was started in ``folder``, by whichever process, runs."""
    return rings(folder / BELL, b"") and exit_status(folder) is None


def end(folder: Path) -> None:
    """Kill the child that was started in ``folder``, by whichever process, and remove the folder.
    Also for a child that is dead, and for a folder that is gone."""
    if rings(folder / BELL, b"!"):
        wait_until(lambda: not folder.exists(), STOP_SECONDS)
    shutil.rmtree(folder, ignore_errors=True)


def last_words(folder: Path, *marks: str) -> str:
    """The last line that a child wrote with one of the marks in it, the first mark first; without
    any mark in any line, the last line."""
    with suppress(OSError):
        text = (folder / LOG).read_text(encoding="utf-8", errors="replace")
        lines = [line.strip() for line in text.splitlines() if line.strip()]
        marked = [line for mark in reversed(marks) for line in lines if mark in line]
        return (marked or lines or ["it said nothing"])[-1][:_REASON_CHARS]
    return "it left no log"
