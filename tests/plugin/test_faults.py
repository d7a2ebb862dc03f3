"""A run that is cut short loses nothing that was judged, and leaves nothing behind."""

from __future__ import annotations

import itertools
import json
import os
import signal
import subprocess
import sys
import time
from random import Random
from typing import TYPE_CHECKING, Any

import psutil
import pytest
from graph_engines import local_spec

from pytest_cypherbench.graphs.neo4j.local import Neo4jLocal

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from project import Project

COUNT = 40
TRIES = int(os.environ.get("CYPHERBENCH_FAULTS", "1"))
# Cases take some time, so that a signal comes in the middle of the run.
SLOW = "import time\ndef pytest_runtest_setup(item): time.sleep(0.05)\n"
LEFT_SECONDS = 60


@pytest.fixture
def many(project: Project, monkeypatch: pytest.MonkeyPatch) -> Project:
    """Forty cases, a third of them missed, and a folder of its own for temporary files."""
    rows = [
        {"id": f"c{n}", "graph": "tiny", "question": f"{n}?", "reference": f"RETURN {n} AS n"}
        for n in range(COUNT)
    ]
    project.write("cases/tiny/cases.jsonl", "\n".join(map(json.dumps, rows)))
    (project.path / "cases/tiny/cases.yaml").unlink()
    project.write("conftest.py", SLOW)
    project.write(
        "answers.json",
        json.dumps({f"c{n}": f"RETURN {n - (n % 3 == 0)} AS n" for n in range(COUNT)}),
    )
    temporary = project.path / "tmp"
    temporary.mkdir()
    monkeypatch.setenv("TMPDIR", str(temporary))
    return project


def start(project: Project, *arguments: str, engine: str = "embedded") -> subprocess.Popen[str]:
    """A run in a process of its own, which writes the journal `j.jsonl`."""
    command = [sys.executable, "-m", "pytest", "--model", "scripted:answers.json", *arguments]
    return subprocess.Popen(
        [*command, "--journal", "j.jsonl", "--graph-engine", engine, "--tb=no"],
        cwd=project.path, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True,
    )  # fmt: skip


def recorded(project: Project) -> list[dict[str, Any]]:
    """The whole lines of the journal."""
    path = project.path / "j.jsonl"
    lines = path.read_bytes().split(b"\n")[:-1] if path.exists() else []
    return [line for line in map(json.loads, lines) if line["type"] == "record"]


def wait_for(what: Callable[[], bool], seconds: float = 60) -> bool:
    deadline = time.monotonic() + seconds
    while time.monotonic() < deadline:
        if what():
            return True
        time.sleep(0.01)
    return False


def family(process: subprocess.Popen[str]) -> list[psutil.Process]:
    return psutil.Process(process.pid).children(recursive=True)


def left(folder: Path) -> list[str]:
    """Processes that were started in a folder, and what lies in it."""
    commands = [
        " ".join(process.info["cmdline"] or ()) for process in psutil.process_iter(["cmdline"])
    ]
    running = [command[:200] for command in commands if str(folder) in command]
    return [*map(str, folder.iterdir()), *running]


def finish(project: Project, before: list[dict[str, Any]], *arguments: str) -> None:
    """Resuming judges the rest alone; the outcome is that of a run that nothing cut short."""
    process = start(project, "--resume", "j.jsonl", *arguments)
    output = process.communicate(timeout=300)[0]
    assert process.returncode == 1, output
    after = recorded(project)
    assert after[: len(before)] == before
    newest = {line["case"]["id"]: line["verdict"]["outcome"] for line in after}
    assert newest == {f"c{n}": "mismatch" if n % 3 == 0 else "pass" for n in range(COUNT)}
    texts = [line["case"]["id"] for line in after]
    assert len(texts) == len(set(texts))  # nothing was generated twice
    hits = COUNT - len(range(0, COUNT, 3))
    assert f"{hits} of {COUNT} cases pass" in output
    assert wait_for(lambda: not left(project.path / "tmp"), LEFT_SECONDS), left(
        project.path / "tmp"
    )


USUAL = {(signal.SIGKILL, "2"), (signal.SIGTERM, "0"), (signal.SIGINT, "2")}


@pytest.mark.parametrize(
    ("number", "workers"),
    [
        pytest.param(*pair, marks=() if pair in USUAL else pytest.mark.slow)
        for pair in itertools.product((signal.SIGKILL, signal.SIGTERM, signal.SIGINT), ("0", "2"))
    ],
)
@pytest.mark.parametrize("seed", range(TRIES))
def test_a_signal_at_a_random_point(
    many: Project, number: signal.Signals, workers: str, seed: int
) -> None:
    """Ended at a random case by `kill -9`, SIGTERM or Ctrl-C, with and without workers: the journal
    holds every case that was finished, resuming gives the whole report, nothing is left over."""
    point = Random(f"{seed} {number} {workers}").randrange(1, COUNT - 8)  # noqa: S311
    process = start(many, "-n", workers)
    assert wait_for(lambda: len(recorded(many)) >= point)
    process.send_signal(number)
    output = process.communicate(timeout=60)[0]
    assert process.returncode != 0
    before = recorded(many)
    assert len(before) >= point
    if number is not signal.SIGKILL:
        assert "cases pass" in output
        assert "Traceback" not in output
    assert wait_for(lambda: not left(many.path / "tmp"), LEFT_SECONDS), left(many.path / "tmp")
    before = recorded(many)  # workers of a killed controller finish the case at hand
    finish(many, before)


@pytest.mark.parametrize("seed", range(TRIES))
def test_a_worker_that_dies(many: Project, seed: int) -> None:
    """`kill -9` of one of two workers: its case is an error of xdist's, the others are judged, and
    resuming judges what is missing."""
    point = Random(seed).randrange(1, COUNT - 8)  # noqa: S311
    process = start(many, "-n", "2")
    assert wait_for(lambda: len(recorded(many)) >= point)
    workers = [child for child in family(process) if "exec(eval(" in " ".join(child.cmdline())]
    assert len(workers) == 2
    workers[seed % 2].kill()
    output = process.communicate(timeout=120)[0]
    assert "has no record: its worker died" in output
    before = recorded(many)
    assert len(before) >= COUNT - 1
    finish(many, before)


def test_a_database_that_dies_is_no_miss(many: Project) -> None:
    """The embedded engine's process is killed again and again: its query is asked once more, in a new
    process, and every case gets its verdict."""
    process = start(many)
    for point in (3, 9, 15):
        assert wait_for(lambda point=point: len(recorded(many)) >= point)
        databases = [child for child in family(process) if child.name() == "java"]
        assert databases
        for database in databases:
            database.kill()
    output = process.communicate(timeout=300)[0]
    outcomes = [line["verdict"]["outcome"] for line in recorded(many)]
    assert len(outcomes) == COUNT
    assert set(outcomes) == {"pass", "mismatch"}, output
    assert wait_for(lambda: not left(many.path / "tmp"), LEFT_SECONDS), left(many.path / "tmp")


def test_a_server_of_the_users_that_dies(
    many: Project, tmp_path_factory: pytest.TempPathFactory, monkeypatch: pytest.MonkeyPatch
) -> None:
    """It is not ours to start again: the cases to come are errors with the verdict engine_error, not
    misses; resumed on another engine, every case gets its verdict."""
    folder = tmp_path_factory.mktemp("server") / "run"
    theirs = Neo4jLocal(local_spec(folder))
    try:
        address = theirs._home.address()
        monkeypatch.setenv("NEO4J_URI", address.uri)
        monkeypatch.setenv("NEO4J_PASSWORD", address.password)
        process = start(many, engine="neo4j-server")
        assert wait_for(lambda: len(recorded(many)) >= 9)
        for found in psutil.process_iter(["cmdline", "name"]):
            if found.info["name"] == "java" and str(folder) in " ".join(found.info["cmdline"]):
                found.kill()
        output = process.communicate(timeout=300)[0]
    finally:
        theirs.close()
    assert process.returncode == 1
    outcomes = [line["verdict"]["outcome"] for line in recorded(many)]
    assert len(outcomes) == COUNT
    assert set(outcomes) == {"pass", "mismatch", "engine_error"}
    judged = COUNT - outcomes.count("engine_error")
    assert f"of {judged} cases pass; {COUNT - judged} not judged" in output
    again = start(many, "--resume", "j.jsonl")
    output = again.communicate(timeout=300)[0]
    assert f"of {COUNT} cases pass" in output
