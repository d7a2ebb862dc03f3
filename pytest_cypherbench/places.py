"""Where a run's files lie: the folder of a case's graph, the journal.

Knows nothing of what is in them.
"""

from __future__ import annotations

import hashlib
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING

from pytest_cypherbench.errors import SuiteError, UserError

if TYPE_CHECKING:
    from pytest_cypherbench.flow import Case
    from pytest_cypherbench.settings import Settings

JOURNALS = ".cypherbench"


def find_graph(case: Case, root: Path, cases: Path, *, must_exist: bool = True) -> Path:
    """The folder `graphs/NAME` beside the case file, above it, or in the case folder."""
    for parent in (*(root / case.origin.file).parents, cases):
        if (folder := parent / "graphs" / case.graph).is_dir():
            return folder.resolve()
    if not must_exist:
        return cases / "graphs" / case.graph
    raise SuiteError(f"no graph {case.graph!r} in {cases / 'graphs'}", fix="add its folder")


def shown(path: Path, root: Path) -> Path:
    """Relative to the project where it lies in it."""
    return path.relative_to(root) if path.is_relative_to(root) else path


def choose_journal(settings: Settings) -> Path:
    """--journal, else the one that --resume names, else a new file named after the time.

    Raises UserError if there is nothing to resume."""
    if settings.resume and settings.resume != "newest":
        path = Path(settings.resume)
        path = path if path.is_absolute() else settings.root / path
        if not path.is_file():
            raise UserError(
                f"--resume {path}: no such journal", fix="give the file of an earlier run"
            )
        return path
    if settings.journal:
        return settings.journal
    folder = settings.root / JOURNALS
    if settings.resume:
        found = sorted(folder.glob("*.jsonl"))
        if not found:
            raise UserError(f"--resume: no journal in {folder}", fix="run without it first")
        return found[-1]
    now = datetime.now(UTC)
    salt = hashlib.sha256(now.isoformat().encode()).hexdigest()[:4]
    return folder / f"{now:%Y-%m-%dT%H-%M-%S}-{salt}.jsonl"
