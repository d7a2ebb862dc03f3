"""An import to two files: the cases, and beside them where they come from and what was refused.

Knows nothing of formats or terminals. The same source gives the same bytes.
"""

from __future__ import annotations

import datetime as dt
import hashlib
import json
from typing import TYPE_CHECKING

from pytest_cypherbench.errors import UserError

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence
    from pathlib import Path

    from pytest_cypherbench.flow import Case
    from pytest_cypherbench.importers.format import Format
    from pytest_cypherbench.importers.gather import Gathered, Refusal
    from pytest_cypherbench.importers.source import Source

# Raised when a key of the origin changes its meaning or goes.
ORIGIN_VERSION = 1


def origin_of(output: Path) -> Path:
    """``x.jsonl`` to ``x.origin.json``, which no walk takes for cases."""
    return output.with_suffix(".origin.json")


def refuse_foreign(output: Path) -> None:
    """Raise UserError where the output would replace a file that no import has written."""
    if output.exists() and not origin_of(output).is_file():
        raise UserError(f"{output} exists and is no import", fix="give --output another name")


def write_cases(output: Path, gathered: Gathered) -> None:
    """One JSON object per line, in the source's order. Raises UserError."""
    lines = (json.dumps(_row(*pair), ensure_ascii=False) for pair in gathered.cases)
    _write(output, "".join(f"{line}\n" for line in lines))


def _row(case: Case, cells: Mapping[str, object]) -> Mapping[str, object]:
    return {"id": case.id, "graph": case.graph, **cells}


def write_origin(
    output: Path, wanted: Format, source: Source, gathered: Gathered, header: Sequence[str]
) -> None:
    """Licence, source, its digest and date, counts, columns, and every refused row."""
    origin = {
        "version": ORIGIN_VERSION,
        "format": wanted.name,
        "title": wanted.title,
        "home": wanted.home,
        "licence": wanted.licence,
        "revision": source.revision or None,
        "files": [_file(name, path, source.revision) for name, path in source.files.items()],
        "rows": {"imported": len(gathered.cases), "refused": len(gathered.refusals)},
        "columns": {
            "read": [name for name in header if name in wanted.columns],
            "left_out": left_out(wanted, header),
        },
        "refused": [
            {
                "cause": refusals[0].cause,
                "fix": refusals[0].fix,
                "rows": [
                    {"file": r.origin.file, "row": r.origin.row, "detail": r.detail}
                    for r in refusals
                ],
            }
            for refusals in by_cause(gathered.refusals)
        ],
    }
    _write(origin_of(output), json.dumps(origin, indent=1, ensure_ascii=False) + "\n")


def left_out(wanted: Format, header: Iterable[str]) -> list[str]:
    """The columns that a case has no place for."""
    return [name for name in header if name not in wanted.columns]


def by_cause(refusals: Iterable[Refusal]) -> list[list[Refusal]]:
    """Refusals of one cause together, the most frequent first."""
    groups: dict[str, list[Refusal]] = {}
    for refusal in refusals:
        groups.setdefault(refusal.cause, []).append(refusal)
    return sorted(groups.values(), key=len, reverse=True)


def _file(name: str, path: Path, revision: str) -> Mapping[str, object]:
    """A file of the hub has the date of its download, which says nothing: only its revision."""
    changed = dt.datetime.fromtimestamp(path.stat().st_mtime, dt.UTC)
    return {
        "name": name,
        "bytes": path.stat().st_size,
        "sha256": hashlib.sha256(path.read_bytes()).hexdigest(),
        "changed": None if revision else changed.isoformat(timespec="seconds"),
    }


def _write(path: Path, text: str) -> None:
    try:
        path.write_text(text, encoding="utf-8", newline="\n")
    except OSError as error:
        raise UserError(
            f"{path}: {error.strerror}", fix="give --output a file in a folder that is there"
        ) from error
