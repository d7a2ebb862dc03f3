"""Whether a file looks like cases: for walks through folders that hold other data too.

Knows nothing of rows: it looks at the first bytes for the names of the columns, and never raises.
"""

from __future__ import annotations

import re
import zipfile
from typing import TYPE_CHECKING

from pytest_cypherbench.cases.columns import (
    KEYS,
    UnreadableError,
    decode,
    find_columns,
    is_complete,
)
from pytest_cypherbench.cases.sheets import split_header
from pytest_cypherbench.cases.structured import parse_json

if TYPE_CHECKING:
    from pathlib import Path

HEAD_BYTES = 64 * 1024

# The start of a YAML line up to a key: indentation, list dashes, flow brackets, quotes.
_YAML_KEY = re.compile(r"""^[ \t\-\[{,"']{0,40}([A-Za-z]{1,20})["']?[ \t]*:""", re.MULTILINE)


def is_case_file(path: Path) -> bool:
    """True where the suffix is known and the columns of cases are there. Reads at most 64 KiB."""
    try:
        return _names_columns(path)
    except (OSError, ValueError, UnreadableError, zipfile.BadZipFile, NotImplementedError):
        return False


def _names_columns(path: Path) -> bool:
    match path.suffix.lower():
        case ".yaml" | ".yml":
            return is_complete(find_columns(dict.fromkeys(_YAML_KEY.findall(_head(path).lower()))))
        case ".jsonl":
            line = _head(path).lstrip().partition("\n")[0]
            row = parse_json(line)
            return isinstance(row, dict) and is_complete(find_columns(row))
        case ".csv":
            return is_complete(find_columns(split_header(_head(path))))
        case ".xlsx":
            return _names_in(_xlsx_head(path), rb">\s{0,9}%s\s{0,9}<")
        case ".parquet":
            return _names_in(_parquet_footer(path), rb"%s")
    return False


def _head(path: Path) -> str:
    with path.open("rb") as file:
        data = file.read(HEAD_BYTES)
    cut = data.rfind(b"\n") + 1 if len(data) == HEAD_BYTES else len(data)
    return decode(data[:cut])


def _xlsx_head(path: Path) -> bytes:
    """The texts of a sheet stand in a table of their own, or, from some writers, in the sheet."""
    with zipfile.ZipFile(path) as archive:
        for name in ("xl/sharedStrings.xml", "xl/worksheets/sheet1.xml"):
            if name in archive.namelist():
                with archive.open(name) as member:
                    return member.read(HEAD_BYTES)
    return b""


def _parquet_footer(path: Path) -> bytes:
    """The end of the file, which holds the columns' names as plain text."""
    with path.open("rb") as file:
        size = file.seek(0, 2)
        file.seek(max(0, size - HEAD_BYTES))
        tail = file.read(HEAD_BYTES)
    return tail if tail.endswith(b"PAR1") else b""


def _names_in(data: bytes, pattern: bytes) -> bool:
    def has(key: str) -> bool:
        return any(re.search(pattern % name.encode(), data, re.IGNORECASE) for name in KEYS[key])

    return has("question") and has("reference")
