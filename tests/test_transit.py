"""The graph `transit`: it is what its generator writes, and it holds the traps that cases rely on."""

from __future__ import annotations

import csv
import subprocess
import sys
from collections import Counter
from pathlib import Path

GRAPH = Path(__file__).parent.parent / "cases" / "graphs" / "transit"


def read(table: str) -> list[dict[str, str]]:
    with (GRAPH / f"{table}.csv").open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


def reached(start: str) -> set[str]:
    found, ahead = {start}, [start]
    while ahead:
        here = ahead.pop()
        further = {row["end"] for row in read("connects_to") if row["start"] == here} - found
        found |= further
        ahead += sorted(further)
    return found


def test_generator_writes_the_committed_files(tmp_path: Path) -> None:
    """Running generate.py elsewhere gives every CSV file byte for byte, and no other file."""
    command = [sys.executable, "-B", str(GRAPH / "generate.py"), str(tmp_path)]
    subprocess.run(command, check=True)
    written = {path.name: path.read_bytes() for path in tmp_path.iterdir()}
    assert written == {path.name: path.read_bytes() for path in GRAPH.glob("*.csv")}


def test_every_station_with_a_line_is_reached_from_every_other() -> None:
    """One-way lines strand nobody: wherever a line stops, connections lead there and away."""
    served = {row["station"] for row in read("stops_at")}
    assert all(reached(station) == served for station in served)


def test_services_take_as_long_as_their_times_say() -> None:
    """Arrival is departure plus duration, over midnight too."""
    for row in read("services"):
        hours, _, minutes = row["duration"].removeprefix("PT").rpartition("H")
        took = int(hours or 0) * 60 + int(minutes.removesuffix("M") or 0)
        leaves, arrives = (
            int(row[key][:2]) * 60 + int(row[key][3:]) for key in ("departs", "arrives")
        )
        assert (leaves + took) % 1440 == arrives, row["id"]


def test_traps_are_there() -> None:
    """One-way and parallel connections, ways back that differ, shared names, what is absent."""
    links = {(row["start"], row["end"], row["line"]): row["minutes"] for row in read("connects_to")}
    pairs = Counter((start, end) for start, end, _ in links)
    assert any((end, start) not in pairs for start, end in pairs)
    assert max(pairs.values()) > 1
    assert any(
        links.get((b, a, line), minutes) != minutes for (a, b, line), minutes in links.items()
    )
    assert [n for n in Counter(row["name"] for row in read("stations")).values() if n > 1] == [2, 2]
    assert max(Counter((r["line"], r["station"]) for r in read("stops_at")).values()) > 1
    assert {row["id"] for row in read("lines")} - {row["line"] for row in read("runs_on")} == {"T9"}
    assert any(row["arrives"] < row["departs"] for row in read("services"))
