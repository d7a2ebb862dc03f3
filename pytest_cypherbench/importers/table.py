"""A file to rows under its own column names, if these are the columns of the format asked for.

Knows nothing of what the columns mean. Reads as case files are read, with all their limits.
"""

from __future__ import annotations

from dataclasses import dataclass
from itertools import islice
from typing import TYPE_CHECKING

from pytest_cypherbench.cases.columns import (
    MAX_FILE_BYTES,
    UnreadableError,
    decode,
    find_columns,
    is_complete,
    repeated,
)
from pytest_cypherbench.cases.sheets import Choice, read_csv, read_parquet
from pytest_cypherbench.cases.structured import parse_json
from pytest_cypherbench.errors import UserError
from pytest_cypherbench.importers import FORMATS, find_format
from pytest_cypherbench.importers.numbered import read_numbered

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping
    from pathlib import Path

    from pytest_cypherbench.cases.columns import RawRow, RawRows
    from pytest_cypherbench.importers.format import Format


@dataclass(frozen=True, slots=True)
class Table:
    """A file's columns in its order, and its numbered rows: cells under their columns' names, or
    why there are none."""

    file: str
    header: tuple[str, ...] = ()
    rows: tuple[RawRow, ...] = ()


class _OtherColumnsError(Exception):
    """The file's columns are not those of the format."""


def read_table(path: Path, file: str, wanted: Format, limit: int | None) -> Table:
    """At most ``limit`` rows, with the columns that the format reads. ``file``: its name in words.

    Raises UserError for a file that cannot be read or is in another format, and says which."""
    reader = READERS.get(path.suffix.lower())
    if reader is None:
        raise UserError(f"{file}: no format is a {path.suffix!r} file", fix=_any_suffix())
    header: list[str] = []

    def choose(cells: Iterable[object]) -> Mapping[str, int]:
        header.extend(str(cell).strip() for cell in cells)
        if twice := repeated(name for name in header if name in wanted.columns):
            raise UnreadableError(f"has two columns named {twice!r}")
        if not set(wanted.required) <= set(header):
            raise _OtherColumnsError
        return {name: header.index(name) for name in wanted.columns if name in header}

    try:
        _check_size(path)
        rows = tuple(islice(reader(path, choose), limit))
    except _OtherColumnsError:
        raise _other_format(file, wanted, header) from None
    except UnreadableError as error:
        raise UserError(f"{file} {error}", fix="get the file again, or save it anew") from error
    except OSError as error:
        raise UserError(f"{file}: {error.strerror or error}", fix="correct the path") from error
    if not rows:
        raise UserError(f"{file} holds no rows", fix="get the file again")
    return Table(file, tuple(header), rows)


def _check_size(path: Path) -> None:
    if path.stat().st_size > MAX_FILE_BYTES:
        raise UnreadableError(f"is larger than {MAX_FILE_BYTES // 2**20} MiB")


def read_json(path: Path, choose: Choice) -> RawRows:
    """A list of objects; its columns are all keys that any of them has, row 1 is the first."""
    try:
        rows = parse_json(decode(path.read_bytes()))
    except ValueError as error:
        raise UnreadableError(f"is not JSON: {error}") from error
    if not isinstance(rows, list):
        raise UnreadableError("holds no list of rows, which every JSON format is")
    objects = [row for row in rows if isinstance(row, dict)]
    names = choose(dict.fromkeys(key for row in objects for key in row))
    for number, row in enumerate(rows, 1):
        if isinstance(row, dict):
            yield number, {name: row.get(name) for name in names}
        else:
            yield number, "is no object"


READERS: Mapping[str, Callable[[Path, Choice], RawRows]] = {
    ".csv": read_csv,
    ".json": read_json,
    ".parquet": read_parquet,
    ".txt": read_numbered,
}


def _any_suffix() -> str:
    return f"give one of {' '.join(READERS)}, or DATASET/SPLIT of the hub"


def _other_format(file: str, wanted: Format, header: list[str]) -> UserError:
    missing = ", ".join(name for name in wanted.required if name not in header)
    have = ", ".join(header)[:200] or "none"
    cause = f"{file} is no {wanted.name} file: without column {missing}; it has: {have}"
    others = [n for n in FORMATS.names() if set(find_format(n).required) <= set(header)]
    if others:
        return UserError(cause, fix=f"did you mean {' or '.join(others)}?")
    if header and is_complete(find_columns(dict.fromkeys(header))):
        return UserError(cause, fix="it is a case file, if it names a graph: it needs no import")
    return UserError(cause, fix=f"no format fits; there are: {', '.join(FORMATS.names())}")
