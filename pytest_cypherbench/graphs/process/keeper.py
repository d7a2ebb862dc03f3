"""Run as a script: keeps a child process alive while somebody holds the lifeline, and no longer.

Knows nothing of what it keeps. Standard library only. The lifeline is a file on which every user of
the child has a shared flock; this script waits for an exclusive one, which the system grants when
the last of them lets go or dies, even by SIGKILL. Does not protect from a user's forked children
that live on: they hold the lock, too.
"""

from __future__ import annotations

import ctypes
import fcntl
import os
import shutil
import signal
import subprocess
import sys
import threading
from contextlib import suppress
from pathlib import Path
from queue import SimpleQueue

# In the child's folder: what it wrote, how it ended, and a pipe that tells us to end it.
LOG, STATUS, BELL = "out.log", "status", "bell"
_SET_PARENT_DEATH_SIGNAL = 1


def keep(lifeline: Path, folder: Path, grace_seconds: float, command: list[str]) -> None:
    """Run ``command`` in ``folder`` until the lifeline is free (then remove the folder that this
    lies in) or the bell rings (then remove ``folder``). Its stdin ends ``grace_seconds`` before it
    is killed. A child that ends by itself leaves its exit status."""
    line = os.open(lifeline, os.O_RDWR | os.O_CLOEXEC)
    os.mkfifo(folder / BELL, 0o600)
    child = _start(folder, command)
    # Whoever finds it open knows that the child runs. Also open for writing, so that reading waits
    # for somebody to ring.
    bell = os.open(folder / BELL, os.O_RDWR | os.O_CLOEXEC)
    ends: SimpleQueue[str] = SimpleQueue()

    def until_alone() -> None:
        fcntl.flock(line, fcntl.LOCK_EX)
        ends.put("alone")

    def until_told() -> None:
        os.read(bell, 1)
        ends.put("told")

    dead = threading.Thread(target=_note_status, args=(folder, child), daemon=True)
    waits = (threading.Thread(target=wait, daemon=True) for wait in (until_alone, until_told))
    for thread in (dead, *waits):
        thread.start()
    why = ends.get()
    if child.stdin is not None:
        child.stdin.close()
    dead.join(grace_seconds)
    child.kill()
    dead.join()
    ours = why == "alone" and is_open(lifeline, line)
    shutil.rmtree(lifeline.parent if ours else folder, ignore_errors=True)


def _start(folder: Path, command: list[str]) -> subprocess.Popen[bytes]:
    with (folder / LOG).open("wb") as log:
        return subprocess.Popen(  # noqa: S603 - the command is our parent's
            command,
            cwd=folder,
            stdin=subprocess.PIPE,
            stdout=log,
            stderr=subprocess.STDOUT,
            preexec_fn=_die_with_parent,  # noqa: PLW1509 - no thread is running yet
        )


def _note_status(folder: Path, child: subprocess.Popen[bytes]) -> None:
    """Wait for the child's end, then write how it ended."""
    status = child.wait()
    with suppress(OSError):
        (folder / f"{STATUS}.new").write_text(str(status), encoding="ascii")
        (folder / f"{STATUS}.new").replace(folder / STATUS)


def is_open(path: Path, opened: int) -> bool:
    """Whether the file at ``path`` is the one that is open, and not a later run's."""
    with suppress(OSError):
        return os.path.samestat(path.stat(), os.fstat(opened))
    return False


def _die_with_parent() -> None:
    """In the child: should this script be killed, the system kills the child (Linux only)."""
    with suppress(OSError, AttributeError):
        ctypes.CDLL(None).prctl(_SET_PARENT_DEATH_SIGNAL, signal.SIGKILL)


if __name__ == "__main__":
    # A signal to all of a session must not end this script before what it keeps.
    for number in (signal.SIGTERM, signal.SIGHUP, signal.SIGINT):
        signal.signal(number, lambda *_: None)
    keep(Path(sys.argv[1]), Path(sys.argv[2]), float(sys.argv[3]), sys.argv[4:])
    os._exit(0)  # threads may still be waiting
