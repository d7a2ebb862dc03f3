"""What engines cost: start, load, memory, a reload beside a new process, two workers beside one."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path
from time import perf_counter
from typing import TYPE_CHECKING

import psutil
import pytest
from graph_engines import ENGINES, TINY, local_spec, started

from pytest_cypherbench.flow import Execution, Limits
from pytest_cypherbench.graphs.neo4j.local import Neo4jLocal

if TYPE_CHECKING:
    from collections.abc import Callable

    from pytest_cypherbench.graphs import Engine

ROOT = Path(__file__).parents[2]
MOVIES = ROOT / "cases" / "graphs" / "movies"
TURNS = 3
CASES = 400
# Tens of milliseconds on the database, hardly any on the client.
HEAVY = (
    "MATCH (a:Person)-[*1..4]-(b:Person) WHERE size(a.name) % 20 = {} % 20 "
    "RETURN {} AS k, count(DISTINCT b.name) AS b, count(*) AS n"
)


@pytest.mark.parametrize(
    "name",
    [
        pytest.param(name, marks=[pytest.mark.slow] if name == "neo4j-container" else [])
        for name in ENGINES
    ],
)
def test_start_load_and_memory(name: str, tmp_path: Path, figure: Callable[[str], None]) -> None:
    """Start of the engine, `movies` loaded into the empty database, and loaded again in the place of
    another graph; memory of what it started (a server of the user's: not ours to say)."""
    before = children()
    started_at = perf_counter()
    with started(name, tmp_path) as engine:
        start = perf_counter() - started_at
        first = seconds(engine, MOVIES)
        again = min(seconds(engine, TINY) + seconds(engine, MOVIES) for _ in range(TURNS))
        assert isinstance(engine.run("MATCH (n) RETURN count(n)", {}, Limits()), Execution)
        databases = children() - before
        memory = sum(process.memory_info().rss for process in databases) / 2**20
    figure(
        f"start {start:.1f} s, movies loaded in {first:.2f} s, two graphs swapped in {again:.2f} s, "
        f"{memory:.0f} MiB in {len(databases)} processes"
    )


@pytest.mark.slow
def test_reload_beside_a_process_for_each_graph(
    tmp_path: Path, figure: Callable[[str], None]
) -> None:
    """One Community database holds one graph: putting another in its place, beside a second Neo4j
    that holds it from the start."""
    one = Neo4jLocal(local_spec(tmp_path / "one"))
    one.load(TINY)
    reload = min(seconds(one, MOVIES) + seconds(one, TINY) for _ in range(TURNS)) / 2
    begun = perf_counter()
    two = Neo4jLocal(local_spec(tmp_path / "two"))
    two.load(MOVIES)
    process = perf_counter() - begun
    one.close()
    two.close()
    figure(f"reload {reload:.2f} s, a process for the graph {process:.2f} s")
    assert reload < process


@pytest.mark.slow
@pytest.mark.parametrize("name", ["neo4j-local", "neo4j-server", "embedded"])
def test_two_workers_beside_one(name: str, tmp_path: Path, figure: Callable[[str], None]) -> None:
    """Recorded answers that keep the database busy: the same verdicts, and the wall of `-n 2` beside
    that of one process, as it is and without start and end (those of a run of four cases)."""
    pytest.importorskip("xdist")
    walls: dict[tuple[str, int], float] = {}
    judged: dict[str, dict[str, str]] = {}
    for count in (4, CASES):
        write_project(tmp_path / str(count), count)
        for workers in ("0", "2"):
            walls[workers, count], judged[workers] = run(name, tmp_path / str(count), workers)
            assert len(judged[workers]) == count
        assert judged["0"] == judged["2"]
    two, one = walls["2", CASES], walls["0", CASES]
    work = (two - walls["2", 4]) / (one - walls["0", 4])
    figure(
        f"{CASES} cases: -n 2 {two:.1f} s ÷ one process {one:.1f} s = {two / one:.2f}; "
        f"without start and end {work:.2f}"
    )


def run(name: str, folder: Path, workers: str) -> tuple[float, dict[str, str]]:
    """Seconds of a run, and its verdicts."""
    environment = {**os.environ}
    if name == "neo4j-local":
        environment["NEO4J_HOME"] = str(local_spec().home)
    journal = folder / f"{workers}.jsonl"
    command = [
        sys.executable, "-m", "pytest", "--model", "scripted:answers.json", "-q", "--tb=no",
        "--graph-engine", name, "--graph-variants", "0", "-rN", "-n", workers, "--journal", str(journal),
        "-p", "no:benchmark", "cases",
    ]  # fmt: skip
    begun = perf_counter()
    done = subprocess.run(
        command, cwd=folder, capture_output=True, text=True, check=False, env=environment
    )
    wall = perf_counter() - begun
    assert journal.exists(), done.stdout[-2000:] + done.stderr[-2000:]
    lines = [json.loads(line) for line in journal.read_text().splitlines()]
    records = [line for line in lines if line["type"] == "record"]
    return wall, {line["case"]["id"]: line["verdict"]["outcome"] for line in records}


def children() -> set[psutil.Process]:
    """What this process started, but for keepers: a database."""
    found = psutil.Process().children(recursive=True)
    return {process for process in found if process.name().startswith("java")}


def seconds(engine: Engine, folder: Path) -> float:
    begun = perf_counter()
    engine.load(folder)
    return perf_counter() - begun


def write_project(folder: Path, count: int) -> None:
    """Cases on ``movies`` with recorded answers, every fifth of them wrong."""
    folder.mkdir()
    (folder / "pytest.ini").write_text("[pytest]\n")
    graphs = folder / "cases" / "graphs"
    graphs.mkdir(parents=True)
    (graphs / "movies").symlink_to(MOVIES)
    rows = [
        {"id": f"c{n}", "graph": "movies", "question": f"{n}?", "reference": HEAVY.format(n, n)}
        for n in range(count)
    ]
    (folder / "cases" / "heavy.jsonl").write_text("\n".join(map(json.dumps, rows)))
    answers = {f"c{n}": HEAVY.format(n, n + (n % 5 == 0)) for n in range(count)}
    (folder / "answers.json").write_text(json.dumps(answers))
