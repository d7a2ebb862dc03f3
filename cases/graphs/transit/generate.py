"""Writes the CSV files of the graph `transit` beside itself, the same bytes every time.

    python cases/graphs/transit/generate.py [FOLDER]

Standard library only; chance comes from a generator of its own, so that no version of Python
changes it. Knows nothing of the package that reads the files.
"""

from __future__ import annotations

import csv
import itertools
import math
import sys
from pathlib import Path

from network import DEPOTS, DISRUPTIONS, LINES, OPERATES, OPERATORS, STATIONS, STOPS, WALKS

ORIGIN = (5.9, 47.3)  # longitude and latitude of Central
KM_PER_DEGREE = (75.5, 111.2)
MODES = {  # metres per minute, minutes lost at a stop, seats
    "metro": (620, 1, 220),
    "tram": (380, 1, 140),
    "bus": (330, 1, 60),
    "ferry": (250, 3, 180),
    "rail": (1100, 1, 320),
    "funicular": (150, 1, 40),
}
WEEK = "Mon;Tue;Wed;Thu;Fri"
DAYS = [WEEK, WEEK, f"{WEEK};Sat", "Sat;Sun", f"{WEEK};Sat;Sun", "Fri;Sat"]
FACILITIES = ["toilets", "kiosk", "lift", "bicycle parking", "waiting room", "ticket office"]
MODELS = {
    "metro": ["Corvo 4", "Corvo 6"],
    "tram": ["Lynx", "Lynx Long"],
    "bus": ["Heron", "Heron Electric"],
    "ferry": ["Petrel"],
    "rail": ["Ibex", "Ibex Double"],
    "funicular": ["Badger"],
}


class Chance:
    """A linear congruential generator (Knuth's MMIX constants)."""

    def __init__(self, seed: int) -> None:
        self.state = seed

    def below(self, end: int) -> int:
        """A number from 0 up to, not including, ``end``."""
        self.state = (self.state * 6364136223846793005 + 1442695040888963407) % 2**64
        return (self.state >> 33) % end


Rows = list[list[object]]


def identifier(text: str) -> str:
    """A name as an id."""
    return text.lower().replace("'", "").replace(" ", "-")


def day(chance: Chance, first: int, last: int) -> str:
    """A day of the years from first to last."""
    year = first + chance.below(last - first + 1)
    return f"{year}-{1 + chance.below(12):02}-{1 + chance.below(28):02}"


def clock(minutes: int) -> str:
    """Minutes after midnight as a time."""
    return f"{minutes // 60 % 24:02}:{minutes % 60:02}"


def place(x: float, y: float) -> str:
    """Kilometres east and north of Central as longitude and latitude."""
    longitude = ORIGIN[0] + x / KM_PER_DEGREE[0]
    latitude = ORIGIN[1] + y / KM_PER_DEGREE[1]
    return f"{longitude:.5f} {latitude:.5f}"


def metres(start: str, end: str) -> int:
    """The way between two stations, a little longer than the straight line."""
    (ax, ay), (bx, by) = STATIONS[start][1:3], STATIONS[end][1:3]
    return round(math.hypot(bx - ax, by - ay) * 1120)


def stations(chance: Chance) -> Rows:
    """A row for every station."""
    rows: Rows = []
    for key, (name, x, y, zone, built) in STATIONS.items():
        opened = "" if not built else day(chance, built, built)
        have = [item for item in FACILITIES if chance.below(3) == 0]
        riders: object = "" if chance.below(9) == 0 or not built else 40 * (5 + chance.below(600))
        step_free = "" if not built else str(chance.below(5) < 3).lower()
        point = "" if key == "newhaven-park" else place(x, y)
        rows.append([key, name, point, zone, opened, step_free, ";".join(have), riders])
    return rows


def legs(line: str) -> list[tuple[str, str]]:
    """The pairs of stations that follow each other on a line."""
    return list(itertools.pairwise(STOPS.get(line, [])))


def connections(chance: Chance) -> Rows:
    """A row for every leg, in each direction that is served."""
    rows: Rows = []
    for line, (mode, _, _, _, _, one_way) in LINES.items():
        speed, stop, _ = MODES[mode]
        for start, end in legs(line):
            far = metres(start, end)
            usual = max(1, round(far / speed)) + stop
            rows.append([start, end, line, usual, far])
            if not one_way:
                rows.append([end, start, line, usual + (chance.below(4) == 0), far])
    return rows


def stops() -> Rows:
    """A row for every station of every line."""
    return [
        [line, stop, number]
        for line, path in STOPS.items()
        for number, stop in enumerate(path, start=1)
    ]


def vehicles(chance: Chance) -> tuple[Rows, Rows]:
    """The vehicles, with the line that each works on, and where they are based."""
    rows: Rows = []
    based: Rows = []
    for line in STOPS:
        mode = LINES[line][0]
        homes = [key for key, depot in DEPOTS.items() if mode in depot[4]]
        for number in range(1, 7):
            key = f"{line}-{number:02}"
            model = MODELS[mode][chance.below(len(MODELS[mode]))]
            seats = MODES[mode][2] + 20 * chance.below(3)
            seen = "" if chance.below(6) == 0 else day(chance, 2023, 2024)
            rows.append([key, key, model, seats, day(chance, 1996, 2022), seen])
            if homes and chance.below(12):
                based.append([key, homes[chance.below(len(homes))]])
    return rows, based


def services(chance: Chance, travel: dict[tuple[str, str, str], int]) -> dict[str, Rows]:
    """Services with what they run on, start at, end at, use and continue as."""
    tables: dict[str, Rows] = {name: [] for name in ("s", "on", "from", "to", "uses", "next")}
    for line, path in STOPS.items():
        first, every, one_way = LINES[line][3:]
        ways = [path] if one_way else [path, path[::-1]]
        keys: list[str] = []
        for number in range(38):
            way = ways[number % len(ways)]
            minutes = sum(travel[(*leg, line)] for leg in itertools.pairwise(way))
            leaves = first + number * every + chance.below(4)
            key = f"{line}-{number + 101}"
            keys.append(key)
            riders: object = "" if chance.below(10) == 0 else 4 + chance.below(160)
            span = f"PT{minutes // 60}H{minutes % 60}M" if minutes >= 60 else f"PT{minutes}M"
            days = DAYS[chance.below(len(DAYS))]
            tables["s"].append(
                [key, key, clock(leaves), clock(leaves + minutes), span, days, riders]
            )
            tables["on"].append([key, line])
            tables["from"].append([key, way[0]])
            tables["to"].append([key, way[-1]])
            if chance.below(8):
                tables["uses"].append([key, f"{line}-{1 + number % 6:02}"])
        for before, after in zip(keys, keys[5:], strict=False):
            if chance.below(5):
                tables["next"].append([before, after, 4 + chance.below(15)])
    return tables


def tables() -> dict[str, tuple[str, Rows]]:
    """File name → header and rows."""
    chance = Chance(20260607)
    links = connections(chance)
    travel = {(str(row[0]), str(row[1]), str(row[2])): int(str(row[3])) for row in links}
    fleet, based = vehicles(chance)
    runs = services(chance, travel)
    lines: Rows = [[name, name, *data[:3]] for name, data in LINES.items()]
    depots: Rows = [[k, d[0], place(d[1], d[2]), d[3]] for k, d in DEPOTS.items()]
    halts: Rows = [[row[0], *row[:6]] for row in DISRUPTIONS]
    affects: Rows = [[r[0], line, late] for r in DISRUPTIONS for line, late in r[6].items()]
    closes: Rows = [[row[0], key] for row in DISRUPTIONS for key in row[7]]
    owns: Rows = [[d[5], key] for key, d in DEPOTS.items() if d[5]]
    walks: Rows = [[a, b, max(1, round(m / 75)), m] for a, b, m in WALKS]
    return {
        "stations": (
            "id,name,location,zone,opened,stepFree,facilities,dailyRiders",
            stations(chance),
        ),
        "lines": ("id,name,mode,colour,opened", lines),
        "operators": ("id,name,founded,phone", [list(row) for row in OPERATORS]),
        "depots": ("id,name,location,capacity", depots),
        "vehicles": ("id,number,model,seats,built,inspected", fleet),
        "services": ("id,number,departs,arrives,duration,days,passengers", runs["s"]),
        "disruptions": ("id,code,cause,severity,planned,started,ended", halts),
        "connects_to": ("start,end,line,minutes,metres", links),
        "walk_to": ("start,end,minutes,metres", walks),
        "stops_at": ("line,station,sequence", stops()),
        "operates": ("operator,line,since", [list(row) for row in OPERATES]),
        "owns": ("operator,depot", owns),
        "based_at": ("vehicle,depot", based),
        "runs_on": ("service,line", runs["on"]),
        "starts_at": ("service,station", runs["from"]),
        "ends_at": ("service,station", runs["to"]),
        "uses": ("service,vehicle", runs["uses"]),
        "continues_as": ("service,next,layover", runs["next"]),
        "affects": ("disruption,line,delay", affects),
        "closes": ("disruption,station", closes),
    }


def write(folder: Path) -> None:
    """Write all files into a folder."""
    for name, (header, rows) in tables().items():
        with (folder / f"{name}.csv").open("w", encoding="utf-8", newline="") as file:
            writer = csv.writer(file, lineterminator="\n")
            writer.writerow(header.split(","))
            writer.writerows(rows)


if __name__ == "__main__":
    write(Path(sys.argv[1]) if len(sys.argv) > 1 else Path(__file__).parent)
