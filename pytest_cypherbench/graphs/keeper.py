"""Run as a script: keeps a child process no longer alive than the process that asked for it.

Knows nothing of what it keeps. Standard library only; the parent holds the other end of stdin, so
that its death, even by SIGKILL, is an end of file here: the child is killed, its folder removed.
"""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import threading
from pathlib import Path


def keep(folder: Path, command: list[str]) -> int:
    """Run ``command`` in ``folder`` until it ends or stdin does; returns its exit status."""
    with (folder / "out.log").open("wb") as log:
        child = subprocess.Popen(  # noqa: S603 - the command is our parent's
            command, cwd=folder, stdin=subprocess.DEVNULL, stdout=log, stderr=subprocess.STDOUT
        )
    left = threading.Event()

    def watch() -> None:
        while os.read(0, 1):
            pass
        left.set()
        child.kill()

    threading.Thread(target=watch, daemon=True).start()
    status = child.wait()
    if left.is_set():
        shutil.rmtree(folder, ignore_errors=True)
    return status


if __name__ == "__main__":
    os._exit(keep(Path(sys.argv[1]), sys.argv[2:]) & 0xFF)
