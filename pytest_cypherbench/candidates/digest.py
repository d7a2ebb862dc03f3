"""What is costly to know of large files, above all their SHA-256: remembered by path, size and
time, so that a start need not read gigabytes.

Knows nothing of what the files hold.
"""

from __future__ import annotations

import hashlib
import json
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from pathlib import Path


def sha256_of(path: Path, cache: Path) -> str:
    """The file's SHA-256, read anew unless it was known and the file has not been touched since."""
    if noted := known(path, cache).get("sha256"):
        return str(noted)
    with path.open("rb") as file:
        digest = hashlib.file_digest(file, "sha256").hexdigest()
    remember(path, cache, sha256=digest)
    return digest


def sha256_of_folder(folder: Path, cache: Path) -> str:
    """SHA-256 over lines of digest and name, one for each file of the folder, sorted by name.

    Hidden files and folders within are left out: no library reads a model from there.
    """
    lines = [f"{sha256_of(path, cache)}  {path.name}\n" for path in files_of(folder)]
    return hashlib.sha256("".join(lines).encode("utf-8", "surrogateescape")).hexdigest()


def files_of(folder: Path) -> list[Path]:
    """The files that a model folder consists of."""
    return sorted(p for p in folder.iterdir() if p.is_file() and not p.name.startswith("."))


def known(path: Path, cache: Path) -> dict[str, object]:
    """What was remembered of a file that has not been touched since; empty where nothing is."""
    try:
        noted = json.loads(_note(path, cache).read_text("utf-8"))
    except (OSError, ValueError):
        return {}
    return noted if isinstance(noted, dict) and noted.get("stamp") == _stamp(path) else {}


def remember(path: Path, cache: Path, **facts: object) -> None:
    """Note what was just found out; a cache that cannot be written costs only time."""
    note = _note(path, cache)
    try:
        note.parent.mkdir(parents=True, exist_ok=True)
        part = note.with_suffix(".part")
        part.write_text(json.dumps({**known(path, cache), **facts, "stamp": _stamp(path)}), "utf-8")
        part.replace(note)
    except OSError:
        return


def _note(path: Path, cache: Path) -> Path:
    name = hashlib.sha256(str(path.resolve()).encode("utf-8", "surrogateescape")).hexdigest()[:32]
    return cache / "digests" / f"{name}.json"


def _stamp(path: Path) -> list[int]:
    status = path.stat()
    return [status.st_size, status.st_mtime_ns]
