"""What the graphs of all training domains are made of: rows by chance, and their CSV files.

Knows nothing of any domain, nor of what is asked about it.
"""

from __future__ import annotations

import csv
import random
from datetime import date, timedelta
from typing import TYPE_CHECKING, Protocol, TypeAlias

if TYPE_CHECKING:
    from pathlib import Path

# The header first; None is an absent property.
Rows: TypeAlias = list[list[object]]


class Domain(Protocol):
    """A module of this package. The same seed makes the same rows."""

    SEED: int

    def nodes(self, rng: random.Random) -> dict[str, Rows]:
        """Rows of each node file, an id first in each."""

    def relationships(self, rng: random.Random, ids: dict[str, list[str]]) -> dict[str, Rows]:
        """Rows of each relationship file; ``ids`` are those of each node file."""


def write(domain: Domain, folder: Path) -> None:
    """Write the domain's CSV files into a folder. Raises OSError."""
    rng = random.Random(domain.SEED)
    tables = domain.nodes(rng)
    ids = {name: [str(row[0]) for row in rows[1:]] for name, rows in tables.items()}
    for name, rows in (tables | domain.relationships(rng, ids)).items():
        with (folder / f"{name}.csv").open("w", encoding="utf-8", newline="") as file:
            csv.writer(file, lineterminator="\n").writerows([map(_cell, row) for row in rows])


def day(rng: random.Random, first: int, last: int) -> date:
    """A day of the years from first to last."""
    start = date(first, 1, 1)
    return start + timedelta(days=rng.randrange((date(last + 1, 1, 1) - start).days))


def pairs(rng: random.Random, starts: list[str], ends: list[str], count: int) -> list[list[str]]:
    """Different pairs; the first of the ends come often, the last start and end never."""
    found: dict[tuple[str, str], None] = {}
    while len(found) < count:
        end = rng.choices(ends[:-1], range(len(ends), 1, -1))[0]
        found[rng.choice(starts[:-1]), end] = None
    return [list(pair) for pair in found]


def _cell(value: object) -> str:
    if isinstance(value, list):
        return ";".join(value)
    return "" if value is None else str(value).lower() if isinstance(value, bool) else str(value)
