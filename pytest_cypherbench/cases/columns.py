"""The keys of a case file's rows, and the names under which files may write them.

Knows nothing of file formats or of what the values mean.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from difflib import get_close_matches
from typing import TypeAlias

# Every key of a row; under it the other names that foreign sheets use, the preferred name first.
KEYS: Mapping[str, tuple[str, ...]] = {
    "question": ("question", "instruction"),
    "reference": ("reference", "cypher", "output"),
    "input": ("input",),
    "graph": ("graph",),
    "id": ("id",),
    "tags": ("tags",),
    "difficulty": ("difficulty",),
    "params": ("params",),
    "order": ("order",),
    "tolerance": ("tolerance",),
    "expect": ("expect",),
    "accept": ("accept",),
    "language": ("language",),
    "waive": ("waive",),
}
# What a YAML file may set once for all its rows.
DEFAULTS = ("graph", "tags", "difficulty", "order", "tolerance", "language")
MAX_FILE_BYTES = 64 * 2**20

KEY_OF = {name: key for key, names in KEYS.items() for name in names}

Cells: TypeAlias = Mapping[str, object]
RawRow: TypeAlias = tuple[int, Cells | str]  # the row's number; its cells, or why there are none
RawRows: TypeAlias = Iterator[RawRow]


class UnreadableError(Exception):
    """The file as a whole holds no rows; the message says why."""


def find_columns(header: Iterable[object]) -> dict[str, int]:
    """The index of the column for each key; foreign sheets have other columns, which are left out.

    Raises UnreadableError where a name stands twice.
    """
    places: dict[str, int] = {}
    for index, cell in enumerate(header):
        name = cell.strip().lower() if isinstance(cell, str) else ""
        if name in KEY_OF and name in places:
            raise UnreadableError(f"has two columns named {name!r}")
        places[name] = index
    found = {}
    for key, names in KEYS.items():
        preferred = next((name for name in names if name in places), None)
        if preferred is not None:
            found[key] = places[preferred]
    return found


def is_complete(columns: Iterable[str]) -> bool:
    """Whether these keys can make a case."""
    return {"question", "reference"} <= set(columns)


def require_columns(columns: Mapping[str, int], header: Iterable[object]) -> None:
    """Raise UnreadableError where these columns can make no case."""
    for key in ("question", "reference"):
        if key not in columns:
            have = ", ".join(str(cell) for cell in header if cell not in (None, "")) or "none"
            names = " or ".join(KEYS[key])
            raise UnreadableError(f"has no column {names}; it has: {have[:200]}")


def known_cells(row: object, allowed: Iterable[str]) -> Cells | str:
    """The row under canonical keys, or what is wrong with its keys: our own formats are strict."""
    if not isinstance(row, dict):
        return "is not a mapping of keys to values"
    cells: dict[str, object] = {}
    for name, value in row.items():
        key = KEY_OF.get(str(name).strip().lower())
        if key is None or key not in allowed:
            names = [*allowed, *(n for k in allowed for n in KEYS[k])]
            near = get_close_matches(str(name).lower(), names, n=1)
            hint = f"did you mean {near[0]}?" if near else f"have: {', '.join(allowed)}"
            return f"unknown key {str(name)[:60]!r}: {hint}"
        if key in cells:
            return f"gives {key} twice, under the names {' and '.join(KEYS[key])}"
        cells[key] = value
    return cells


def repeated(names: Iterable[str]) -> str | None:
    """The first name that stands twice; YAML's merge key may."""
    seen: set[str] = set()
    for name in names:
        if name in seen and name != "<<":
            return name
        seen.add(name)
    return None


def decode(data: bytes) -> str:
    """UTF-8 with or without a mark, or UTF-16 with one, which is what Excel's "Unicode text" is."""
    encoding = "utf-16" if data[:2] in (b"\xff\xfe", b"\xfe\xff") else "utf-8-sig"
    try:
        return data.decode(encoding)
    except UnicodeDecodeError as error:
        line = data.count(b"\n", 0, error.start) + 1
        raise UnreadableError(f"is not UTF-8 at line {line}: save it as UTF-8") from error
