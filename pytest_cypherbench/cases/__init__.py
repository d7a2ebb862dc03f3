"""Case files to cases: a bad row becomes a BadRow with its file, number and reason; the others run.

Knows nothing of pytest, models, databases or Cypher: a reference is any text.
"""

from __future__ import annotations

import json
from dataclasses import asdict, is_dataclass
from hashlib import sha256
from typing import TYPE_CHECKING

from pytest_cypherbench.cases.columns import MAX_FILE_BYTES, UnreadableError
from pytest_cypherbench.cases.fields import make_id, read_case
from pytest_cypherbench.cases.sheets import read_csv, read_parquet, read_xlsx
from pytest_cypherbench.cases.sniff import is_case_file
from pytest_cypherbench.cases.structured import read_jsonl, read_yaml
from pytest_cypherbench.errors import UserError
from pytest_cypherbench.flow import BadRow, Case, Origin

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping
    from pathlib import Path

    from pytest_cypherbench.cases.columns import RawRow, RawRows

__all__ = [
    "SUFFIXES",
    "dataset_sha256",
    "describe",
    "is_case_file",
    "load_cases",
    "make_id",
    "refuse_duplicates",
]

_READERS: Mapping[str, Callable[[Path], RawRows]] = {
    ".yaml": read_yaml,
    ".yml": read_yaml,
    ".jsonl": read_jsonl,
    ".csv": read_csv,
    ".xlsx": read_xlsx,
    ".parquet": read_parquet,
}
SUFFIXES = frozenset(_READERS)


def load_cases(path: Path, *, default_graph: str | None = None) -> tuple[Case | BadRow, ...]:
    """Every row of a file, in its order. ``default_graph`` serves rows that name none.

    A file that cannot be read at all is one BadRow with row 0, so that other files still run.
    Raises UserError for a suffix that is not in _READERS, and for a missing extra.
    """
    file = path.as_posix()
    try:
        rows = _read(path)
    except UnreadableError as error:
        return (BadRow(Origin(file, 0), str(error)),)
    return refuse_duplicates(_row(raw, file, default_graph) for raw in rows)


def _read(path: Path) -> list[RawRow]:
    reader = _READERS.get(path.suffix.lower())
    if reader is None:
        raise UserError(
            f"{path.as_posix()} is no case file: unknown suffix {path.suffix!r}",
            fix=f"give one of {' '.join(_READERS)}",
        )
    try:
        if path.stat().st_size > MAX_FILE_BYTES:
            raise UnreadableError(f"is larger than {MAX_FILE_BYTES // 2**20} MiB")
        rows = list(reader(path))
    except OSError as error:
        raise UnreadableError(f"cannot be read: {error.strerror or error}") from error
    if not rows:
        raise UnreadableError("holds no cases")
    return rows


def _row(raw: RawRow, file: str, default_graph: str | None) -> Case | BadRow:
    number, cells = raw
    origin = Origin(file, number)
    return (
        BadRow(origin, cells) if isinstance(cells, str) else read_case(cells, origin, default_graph)
    )


def describe(bad: BadRow) -> str:
    """One line: ``cases/x.csv, row 7: question is empty``; row 0 stands for the whole file."""
    row = f", row {bad.origin.row}" if bad.origin.row else ""
    return f"{bad.origin.file}{row}: {bad.reason}"


def refuse_duplicates(rows: Iterable[Case | BadRow]) -> tuple[Case | BadRow, ...]:
    """The rows, of one file or many; a case whose id an earlier one has becomes a BadRow."""
    first: dict[str, Origin] = {}
    kept: list[Case | BadRow] = []
    for row in rows:
        if isinstance(row, Case) and (taken := first.setdefault(row.id, row.origin)) != row.origin:
            where = (
                f"{taken.file}, row {taken.row}"
                if taken.file != row.origin.file
                else f"row {taken.row}"
            )
            kept.append(BadRow(row.origin, f"id {row.id!r} is taken by {where}"))
        else:
            kept.append(row)
    return tuple(kept)


def dataset_sha256(cases: Iterable[Case]) -> str:
    """A hash of what is asked and what counts as right, whatever the files, tags and row order."""
    digests = sorted(sha256(_canonical(case)).digest() for case in cases)
    return sha256(b"".join(digests)).hexdigest()


def _canonical(case: Case) -> bytes:
    content = {
        "id": case.id,
        "graph": case.graph,
        "question": case.question,
        "reference": case.reference,
        "params": dict(case.params),
        "order": case.order,
        "tolerance": case.tolerance,
        "expect": case.expect,
        # Only where there is one: the hashes of older data sets stay what they were.
        **({"accept": case.accept} if case.accept else {}),
    }
    return json.dumps(content, sort_keys=True, default=_plain).encode()


def _plain(value: object) -> object:
    if is_dataclass(value) and not isinstance(value, type):
        return {type(value).__name__: asdict(value)}
    return {type(value).__name__: repr(value)}
