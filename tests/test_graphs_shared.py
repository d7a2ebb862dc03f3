"""One process for all who share a folder: started once, revived when it dies, ended by the last."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from pytest_cypherbench.errors import EngineError
from pytest_cypherbench.graphs.process.home import Address
from pytest_cypherbench.graphs.process.lifeline import wait_until
from pytest_cypherbench.graphs.process.shared import SharedHome

if TYPE_CHECKING:
    from pytest_cypherbench.graphs.process.child import Place

SLEEP = [sys.executable, "-c", "import time; time.sleep(600)"]
# Another process that shares the folder: says what it found, waits, leaves.
SHARER = """
import sys
sys.path[:] = {path!r}
from pathlib import Path
from pytest_cypherbench.graphs.process.shared import SharedHome
from test_graphs_shared import Sleeper
home = SharedHome(Path({folder!r}), Sleeper())
print(home.address().password, flush=True)
sys.stdin.read()
home.close()
"""


@dataclass
class Sleeper:
    """A starter of a process that does nothing; its id stands in for the password."""

    places: list[Place] = field(default_factory=list)

    def start(self, place: Place) -> Address:
        child = place.start(SLEEP)
        self.places.append(place)
        return Address("bolt://nowhere", "u", str(child.keeper_pid), None, place.generation)


class Failing:
    """A starter whose process never answers."""

    def __init__(self) -> None:
        self.folders: list[Path] = []

    def start(self, place: Place) -> Address:
        place.start(SLEEP)
        self.folders.append(place.folder)
        raise EngineError("it does not answer")


def sharer(folder: Path) -> subprocess.Popen[str]:
    program = SHARER.format(path=[*sys.path, str(Path(__file__).parent)], folder=str(folder))
    return subprocess.Popen(
        [sys.executable, "-c", program], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    )


def said(process: subprocess.Popen[str]) -> str:
    assert process.stdout is not None
    return process.stdout.readline().strip()


def test_whoever_comes_later_shares(tmp_path: Path) -> None:
    """The second one finds what the first one started."""
    starter = Sleeper()
    first, second = (SharedHome(tmp_path / "run", starter) for _ in range(2))
    assert first.address() == second.address() == first.address()
    assert len(starter.places) == 1
    first.close()
    second.close()
    assert not (tmp_path / "run").exists()


def test_all_who_come_at_once_share_one_process(tmp_path: Path) -> None:
    """Of several processes that need it at the same moment one starts it; none starts another."""
    others = [sharer(tmp_path / "run") for _ in range(4)]
    assert len({said(process) for process in others}) == 1
    for process in others:
        process.communicate(timeout=60)
        assert process.returncode == 0
    assert not (tmp_path / "run").exists()


def test_the_first_one_leaving_ends_nothing(tmp_path: Path) -> None:
    """The process outlives the one that started it, whether that one leaves or is killed."""
    for how in ("leaves", "killed"):
        first = sharer(tmp_path / how)
        known = said(first)
        home = SharedHome(tmp_path / how, Sleeper())
        assert home.address().password == known
        if how == "killed":
            first.kill()
        first.communicate(timeout=60)
        assert home.address().password == known
        home.close()
        assert not (tmp_path / how).exists()


def test_kill_9_of_all_leaves_nothing(tmp_path: Path) -> None:
    """SIGKILL of everybody: the process and the folder go."""
    others = [sharer(tmp_path / "run") for _ in range(2)]
    keeper = {int(said(process)) for process in others}.pop()
    for process in others:
        process.kill()
        process.communicate()
    assert wait_until(lambda: not (tmp_path / "run").exists(), 20)
    assert wait_until(lambda: not _runs(keeper), 20)


def test_a_dead_process_is_replaced(tmp_path: Path) -> None:
    """An address is that of a living process: a new one, of the next generation, if need be."""
    home = SharedHome(tmp_path / "run", Sleeper())
    first = home.address()
    os.kill(int(first.password), 9)
    assert wait_until(lambda: home.address().generation > 1, 20)
    second = home.address()
    assert (first.generation, second.generation) == (1, 2)
    assert second.password != first.password
    home.close()
    assert not (tmp_path / "run").exists()


def test_a_generation_is_ended_once(tmp_path: Path) -> None:
    """Of two who saw the same death the first one ends it; the second one finds the successor."""
    one, other = (SharedHome(tmp_path / "run", Sleeper()) for _ in range(2))
    dead = one.address().generation
    assert other.address().generation == dead
    assert one.revive(dead)
    assert not other.revive(dead)
    assert other.address().generation == one.address().generation == dead + 1
    assert not other.revive(dead)
    assert other.address().generation == dead + 1
    one.close()
    other.close()
    assert not (tmp_path / "run").exists()


def test_many_who_revive_get_one_successor(tmp_path: Path) -> None:
    """However many ask for it at once, one new process takes the dead one's place."""
    homes = [SharedHome(tmp_path / "run", Sleeper()) for _ in range(6)]
    dead = homes[0].address().generation
    with ThreadPoolExecutor(len(homes)) as pool:
        ended = list(pool.map(lambda home: home.revive(dead), homes))
        found = set(pool.map(lambda home: home.address().password, homes))
    assert sum(ended) == 1
    assert len(found) == 1
    for home in homes:
        home.close()
    assert not (tmp_path / "run").exists()


def test_a_start_that_fails_leaves_no_process(tmp_path: Path) -> None:
    """What was started before the failure is ended; a later try starts afresh."""
    starter = Failing()
    home = SharedHome(tmp_path / "run", starter)
    for _ in range(2):
        with pytest.raises(EngineError, match="does not answer"):
            home.address()
    assert len(starter.folders) == 2
    assert not any(folder.exists() for folder in starter.folders)
    home.close()
    assert not (tmp_path / "run").exists()


def test_a_disk_that_is_full_is_the_databases_failure(tmp_path: Path) -> None:
    """Where the folder cannot be written, the run is told in one line."""

    class Full:
        def start(self, place: Place) -> Address:
            raise OSError(28, "No space left on device", str(place.folder))

    home = SharedHome(tmp_path / "run", Full())
    with pytest.raises(EngineError, match="No space left"):
        home.address()
    home.close()


def test_the_password_is_in_a_file_of_this_user_only(tmp_path: Path) -> None:
    """address.json can be read by nobody else, and no repr shows what is in it."""
    home = SharedHome(tmp_path / "run", Sleeper())
    address = home.address()
    file = tmp_path / "run" / "address.json"
    assert file.stat().st_mode & 0o077 == 0
    assert json.loads(file.read_text())["password"] == address.password
    assert address.password not in repr(address)
    home.close()


def test_alone_without_a_folder() -> None:
    """Without a run's folder there is one of its own, gone at the end."""
    home = SharedHome(None, Sleeper())
    home.address()
    folder = home.locks
    assert folder is not None
    assert folder.exists()
    home.close()
    assert not folder.exists()


def _runs(pid: int) -> bool:
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    return True
