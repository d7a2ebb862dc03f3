"""What a format is: the columns that tell it, where it comes from, and how a row becomes a case.

Knows nothing of files, and of no format in particular.
"""

from __future__ import annotations

import math
import re
from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

MAX_ID_CHARS = 120
_SHIFTED = "quote every cell that holds the delimiter, so that no column is shifted"


class RefusedError(Exception):
    """Why a row is not imported: ``cause`` is the same for all rows of a kind, ``detail`` is of
    this one, ``fix`` is what its owner can do."""

    def __init__(self, cause: str, *, fix: str, detail: str = "") -> None:
        super().__init__(cause)
        self.cause = cause
        self.fix = fix
        self.detail = detail


@dataclass(frozen=True, slots=True)
class SourceRow:
    """One row under its source's own column names."""

    cells: Mapping[str, object]

    def text(self, column: str) -> str:
        """The cell as text, "" where there is none. Raises RefusedError for a structure."""
        cell = self.cells.get(column)
        if cell is None or (isinstance(cell, float) and math.isnan(cell)):
            return ""
        if isinstance(cell, (str, bool, int, float)):
            return str(cell).strip()
        raise RefusedError(
            f"column {column} is no text",
            fix="write it as text",
            detail=f"it is a {type(cell).__name__}",
        )

    def required(self, column: str) -> str:
        """The same. Raises RefusedError where it is empty."""
        if text := self.text(column):
            return text
        raise RefusedError(f"column {column} is empty", fix="fill it in, or delete the row")

    def flag(self, column: str) -> bool | None:
        """True, false, or None where nothing stands. Raises RefusedError for anything else, which
        is how a shifted row shows."""
        text = self.text(column)
        if text.lower() not in {"true", "false", "1", "0", ""}:
            raise RefusedError(
                f"column {column} is neither true nor false", fix=_SHIFTED, detail=shown(text)
            )
        return text.lower() in {"true", "1"} if text else None

    def number(self, column: str) -> int | None:
        """A whole number, or None where nothing stands. Raises RefusedError for anything else."""
        text = self.text(column)
        if text and not re.fullmatch(r"-?\d{1,18}(\.0)?", text):
            raise RefusedError(
                f"column {column} is no whole number", fix=_SHIFTED, detail=shown(text)
            )
        return int(text.partition(".")[0]) if text else None


@dataclass(frozen=True, slots=True)
class Format:
    """A public data set's format.

    ``required``: columns that every file of it has, and that tell it from the others; ``optional``:
    further ones that reach a case or decide about it. ``convert``: a row to the cells of a case
    (docs of case files), where ``id`` and ``graph`` may be left out; raises RefusedError.
    ``graph``: the graph that all its rows ask about, where no column names one."""

    name: str
    title: str
    home: str
    licence: str
    required: tuple[str, ...]
    convert: Callable[[SourceRow], Mapping[str, object]]
    optional: tuple[str, ...] = ()
    graph: str = ""

    @property
    def columns(self) -> tuple[str, ...]:
        """Every column that is read."""
        return (*self.required, *self.optional)


def tags(*names: str) -> list[str]:
    """Names of kinds as tags: ``Simple Retrieval Queries`` becomes ``simple-retrieval-queries``."""
    slugs = (re.sub(r"[^a-z0-9*]+", "-", name.lower()).strip("-") for name in names)
    return list(dict.fromkeys(slug for slug in slugs if slug))


def make_source_id(prefix: str, source_id: str) -> str:
    """A source's id as a case's: with the format's name before it, so that sets may be mixed."""
    readable = re.sub(r"[^A-Za-z0-9_.-]+", "-", source_id).strip("-")
    return f"{prefix}-{readable}"[:MAX_ID_CHARS] if readable else ""


def marked_wrong(what: str, detail: str = "") -> RefusedError:
    """The refusal of a row that its own authors say is wrong."""
    return RefusedError(
        f"its own source marks it: {what}", fix="correct the query and the mark", detail=detail
    )


def shown(text: str) -> str:
    """A cell's beginning, quoted."""
    return repr(text if len(text) <= 60 else f"{text[:60]}…")  # noqa: PLR2004
