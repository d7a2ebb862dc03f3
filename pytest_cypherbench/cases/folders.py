"""Files and folders to the rows of the case files in them: sets of cases, and training pairs.

Knows nothing of what they are for. What cannot be read becomes a BadRow, so that the rest is read.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from pytest_cypherbench.cases import SUFFIXES, is_case_file, load_cases, refuse_duplicates
from pytest_cypherbench.errors import UserError
from pytest_cypherbench.flow import BadRow, Case, Origin

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence
    from pathlib import Path

GRAPHS, TRAIN = "graphs", "train"


@dataclass(frozen=True, slots=True)
class Rows:
    """The rows that were found, and files in folders that hold no columns of cases."""

    rows: tuple[Case | BadRow, ...]
    left_out: tuple[str, ...] = ()

    @property
    def cases(self) -> list[Case]:
        """The good ones."""
        return [row for row in self.rows if isinstance(row, Case)]

    @property
    def bad(self) -> list[BadRow]:
        """The others."""
        return [row for row in self.rows if isinstance(row, BadRow)]


def read_paths(paths: Sequence[Path], root: Path, *, default_graph: str | None = None) -> Rows:
    """The rows of all case files in these files and folders, named relative to ``root``; folders
    ``graphs`` and ``train`` in a folder are left out. A case whose id is taken is a BadRow.
    ``default_graph`` serves rows that name none."""
    files: dict[Path, None] = {}
    missing: list[BadRow] = []
    left_out: list[Path] = []
    for path in paths:
        if path.is_dir():
            found = list(_walk(path, {GRAPHS, TRAIN}))
            files.update((file, None) for file in found if is_case_file(file))
            left_out += [file for file in found if file not in files]
        elif path.exists():
            files[path] = None
        else:
            missing.append(BadRow(Origin(_shown(path, root), 0), "no such path: correct it"))
    rows = (*missing, *refuse_duplicates(_rows(files, root, default_graph)))
    return Rows(rows, tuple(_shown(file, root) for file in left_out))


def read_training(folders: Iterable[Path], root: Path) -> Rows:
    """The rows of all case files in these folders but for their graphs. Raises UserError for a
    folder that is not there."""
    files: dict[Path, None] = {}
    for folder in folders:
        if not folder.is_dir():
            raise UserError(f"--train {folder}: no such folder", fix="correct the path")
        files.update((file, None) for file in _walk(folder, {GRAPHS}) if is_case_file(file))
    return Rows(refuse_duplicates(_rows(files, root)))


def training_beside(paths: Iterable[Path]) -> tuple[Path, ...]:
    """The folders ``train`` in these folders."""
    return tuple(path / TRAIN for path in paths if (path / TRAIN).is_dir())


def _walk(folder: Path, left_out: set[str]) -> Iterator[Path]:
    for path in sorted(folder.iterdir()):
        if path.name.startswith("."):
            continue
        if path.is_dir():
            if path.name not in left_out:
                yield from _walk(path, left_out)
        elif path.suffix.lower() in SUFFIXES:
            yield path


def _rows(
    files: Iterable[Path], root: Path, default_graph: str | None = None
) -> Iterator[Case | BadRow]:
    for file in files:
        try:
            rows = load_cases(file, default_graph=default_graph)
        except UserError as error:
            rows = (BadRow(Origin("", 0), str(error)),)
        for row in rows:
            yield replace(row, origin=Origin(_shown(file, root), row.origin.row))


def _shown(path: Path, root: Path) -> str:
    return (path.relative_to(root) if path.is_relative_to(root) else path).as_posix()
