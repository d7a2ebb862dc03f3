"""A child process ends with the last one who holds its lifeline, however that one ends."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import threading
import time
from pathlib import Path
from typing import TYPE_CHECKING

import psutil
import pytest

from pytest_cypherbench.graphs.process.child import (
    Child,
    Place,
    end,
    exit_status,
    is_alive,
    last_words,
)
from pytest_cypherbench.graphs.process.lifeline import Lifeline, wait_until

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

SLEEP = [sys.executable, "-c", "import time; time.sleep(600)"]
# Takes hold of a folder, starts a child there if told to, says so, and waits.
HOLDER = """
import sys
from pathlib import Path
from pytest_cypherbench.graphs.process.child import Place
from pytest_cypherbench.graphs.process.lifeline import Lifeline
line = Lifeline(Path(sys.argv[1]))
if sys.argv[2:]:
    Place(line, 1).start(sys.argv[2:])
print("held", flush=True)
sys.stdin.read()
line.close()
print(Path(sys.argv[1]).exists(), flush=True)
"""


def eventually(check: Callable[[], bool]) -> bool:
    return wait_until(check, 20)


def holder(folder: Path, *command: str) -> subprocess.Popen[bytes]:
    """Another process that holds the folder's lifeline."""
    started = subprocess.Popen(
        [sys.executable, "-c", HOLDER, str(folder), *command],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        env={**os.environ, "PYTHONPATH": os.pathsep.join(sys.path)},
    )
    assert started.stdout is not None
    assert started.stdout.readline() == b"held\n"
    return started


def children_in(folder: Path) -> list[psutil.Process]:
    """Keepers of this folder, and what they keep."""
    keepers = [
        process
        for process in psutil.process_iter(["cmdline"])
        if str(folder / "lifeline") in (process.info["cmdline"] or [])
    ]
    found = [*keepers, *(child for keeper in keepers for child in keeper.children())]
    return list({process.pid: process for process in found}.values())


def lives(process: psutil.Process) -> bool:
    """Whether it runs: one that ended, but whose parent has not asked yet, does not."""
    try:
        return process.is_running() and process.status() != psutil.STATUS_ZOMBIE
    except psutil.NoSuchProcess:
        return False


@pytest.fixture
def folder(tmp_path: Path) -> Iterator[Path]:
    found = tmp_path / "run"
    yield found
    left = children_in(found)
    for process in left:
        process.kill()
    assert not left


def test_close_ends_the_child_and_removes_the_folder(folder: Path) -> None:
    """When the only holder lets go there is no process and no folder once close returns."""
    line = Lifeline(folder)
    child = Place(line, 1).start(SLEEP)
    family = children_in(folder)
    assert len(family) == 2
    line.close()
    line.close()
    assert not folder.exists()
    child.reap(10)
    assert eventually(lambda: not any(map(lives, family)))


def test_kill_9_of_the_only_holder_leaves_nothing(folder: Path) -> None:
    """SIGKILL of the process that started it ends the child and removes the folder."""
    owner = holder(folder, *SLEEP)
    family = children_in(folder)
    assert len(family) == 2
    owner.kill()
    owner.communicate()
    assert eventually(lambda: not any(map(lives, family)))
    assert eventually(lambda: not folder.exists())


def test_the_child_stays_while_another_holds(folder: Path) -> None:
    """The one who started it may go, even by SIGKILL: the child ends with the last holder."""
    owner = holder(folder, *SLEEP)
    line = Lifeline(folder)
    owner.kill()
    owner.communicate()
    (place,) = folder.glob("1-*")
    time.sleep(0.3)  # long enough for a keeper that would end it
    assert is_alive(place)
    line.close()
    assert not folder.exists()


def test_only_the_last_one_to_leave_waits(folder: Path) -> None:
    """A holder that leaves others behind is gone at once and touches nothing."""
    line = Lifeline(folder)
    place = Place(line, 1)
    child = place.start(SLEEP)
    other = holder(folder)
    out, _ = other.communicate(timeout=20)
    assert out == b"True\n"
    assert is_alive(place.folder)
    line.close()
    child.reap(10)
    assert not folder.exists()


def test_without_a_child_the_last_one_removes_the_folder(folder: Path) -> None:
    """A start that never happened leaves no folder either."""
    first, second = Lifeline(folder), Lifeline(folder)
    first.close()
    assert folder.exists()
    second.close()
    assert not folder.exists()


def test_who_comes_while_the_last_one_leaves_gets_a_new_folder(folder: Path) -> None:
    """Coming and going at the same time: whoever holds the folder has it under its feet."""
    faults: list[str] = []

    def visit() -> None:
        for _ in range(25):
            line = Lifeline(folder)
            (folder / f"{threading.get_ident()}").touch()
            if not (folder / f"{threading.get_ident()}").exists() or not line.file.exists():
                faults.append("the folder was taken away")
            line.close()

    threads = [threading.Thread(target=visit) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert not faults
    assert not folder.exists()


def test_any_holder_can_end_the_child(folder: Path) -> None:
    """A child that another process started is killed on request; its folder goes, the run's
    stays."""
    owner = holder(folder, *SLEEP)
    line = Lifeline(folder)
    (place,) = folder.glob("1-*")
    family = children_in(folder)
    end(place)
    assert not place.exists()
    assert folder.exists()
    assert eventually(lambda: not any(map(lives, family)))
    end(place)  # a second time does no harm
    owner.communicate()
    line.close()


def test_a_child_that_ends_leaves_its_status_and_last_words(folder: Path) -> None:
    """How a child ended, and what it said last, can be read by every holder."""
    line = Lifeline(folder)
    place = Place(line, 1)
    child = place.start(
        [sys.executable, "-c", "import sys; print('ERROR a'); print('b'); sys.exit(3)"]
    )
    assert eventually(lambda: not child.is_running())
    assert exit_status(place.folder) == child.status() == 3
    assert last_words(place.folder) == "b"
    assert last_words(place.folder, "ERROR") == "ERROR a"
    assert not is_alive(place.folder)
    line.close()
    child.reap(10)


def test_a_killed_keeper_takes_its_child_along(folder: Path) -> None:
    """SIGKILL of the keeper leaves no orphan, and a folder that the last holder removes."""
    line = Lifeline(folder)
    child = Place(line, 1).start(SLEEP)
    family = children_in(folder)
    os.kill(child.keeper_pid, signal.SIGKILL)
    assert len(family) > 1
    assert eventually(lambda: not any(map(lives, family[1:])))
    # The kernel ends the children first: for a moment nobody can be told of the keeper's own end.
    assert eventually(lambda: not child.is_running())
    line.close()
    assert not folder.exists()


def test_signals_to_the_session_do_not_end_the_keeper_first(folder: Path) -> None:
    """SIGTERM, SIGHUP and SIGINT to a keeper change nothing while its child is needed."""
    line = Lifeline(folder)
    child = Place(line, 1).start(SLEEP)
    for number in (signal.SIGTERM, signal.SIGHUP, signal.SIGINT):
        os.kill(child.keeper_pid, number)
    time.sleep(0.3)
    assert child.is_running()
    line.close()
    child.reap(10)
    assert not folder.exists()


def test_a_child_may_clean_up_when_its_stdin_ends(folder: Path) -> None:
    """With grace, the child sees the end of stdin and may act before it would be killed."""
    line = Lifeline(folder)
    proof = folder.parent / "proof"
    program = f"import sys, pathlib; sys.stdin.read(); pathlib.Path({str(proof)!r}).touch()"
    child = Place(line, 1).start([sys.executable, "-c", program], grace_seconds=20)
    line.close()
    child.reap(10)
    assert proof.exists()
    assert not folder.exists()


def test_a_stubborn_child_is_killed_after_its_grace(folder: Path) -> None:
    """A child that ignores the end of stdin, and SIGTERM, goes all the same."""
    line = Lifeline(folder)
    program = "import signal, time; signal.signal(signal.SIGTERM, signal.SIG_IGN); time.sleep(600)"
    child = Child(line, folder, [sys.executable, "-c", program], grace_seconds=0.2)
    line.close()
    child.reap(10)
    assert not folder.exists()


def test_the_folder_is_for_this_user_only(folder: Path) -> None:
    """Nobody else may look into a run's folder: passwords lie in it."""
    line = Lifeline(folder)
    place = Place(line, 1)
    assert folder.stat().st_mode & 0o077 == 0
    assert place.folder.stat().st_mode & 0o077 == 0
    line.close()
