"""The lock on a database: shared by readers, alone for a writer, free when its holder dies."""

from __future__ import annotations

import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from typing import TYPE_CHECKING

import pytest

from pytest_cypherbench.errors import UserError
from pytest_cypherbench.graphs.neo4j import lease
from pytest_cypherbench.graphs.neo4j.lease import Lease

if TYPE_CHECKING:
    from pathlib import Path

HOLD = """
import sys
from pathlib import Path
from pytest_cypherbench.graphs.neo4j.lease import Lease
Lease(Path(sys.argv[1]), "db").share()
print("held", flush=True)
sys.stdin.read()
"""


def test_readers_share_and_a_writer_waits(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Two share; who wants to change something waits for both, then says so."""
    monkeypatch.setattr(lease, "_WAIT_SECONDS", 0.2)
    first, second, writer = (Lease(tmp_path, "db") for _ in range(3))
    first.share()
    second.share()
    with pytest.raises(UserError, match="another run"), writer.exclusive():
        pass
    first.release()
    second.close()
    with writer.exclusive(), pytest.raises(UserError):
        first.share()
    first.share()


def test_another_database_is_another_lock(tmp_path: Path) -> None:
    """Runs on two servers do not wait for each other."""
    one, other = Lease(tmp_path, "one"), Lease(tmp_path, "other")
    with one.exclusive(), other.exclusive():
        pass


def test_any_thread_may_release(tmp_path: Path) -> None:
    """The engine is opened in one thread and closed in another."""
    held, writer = Lease(tmp_path, "db"), Lease(tmp_path, "db")
    with ThreadPoolExecutor(1) as pool:
        pool.submit(held.share).result()
    held.close()
    with writer.exclusive():
        pass


def test_a_killed_holder_frees_the_lock(tmp_path: Path) -> None:
    """`kill -9` leaves nothing behind that the next run would wait for."""
    holder = subprocess.Popen(
        [sys.executable, "-c", HOLD, str(tmp_path)], stdin=subprocess.PIPE, stdout=subprocess.PIPE
    )
    assert holder.stdout is not None
    assert holder.stdout.readline() == b"held\n"
    holder.kill()
    holder.communicate()
    with Lease(tmp_path, "db").exclusive():
        pass
