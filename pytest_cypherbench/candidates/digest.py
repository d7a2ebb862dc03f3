"""SHA-256 of large files, remembered by path, size and time: a start need not read gigabytes.

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
    note = _note(path, cache)
    try:
        known = json.loads(note.read_text("utf-8"))
    except (OSError, ValueError):
        known = None
    if isinstance(known, dict) and known.get("stamp") == _stamp(path):
        return str(known.get("sha256"))
    with path.open("rb") as file:
        digest = hashlib.file_digest(file, "sha256").hexdigest()
    remember(path, cache, digest)
    return digest


def remember(path: Path, cache: Path, sha256: str) -> None:
    """Note a digest that was just computed; a cache that cannot be written costs only time."""
    note = _note(path, cache)
    try:
        note.parent.mkdir(parents=True, exist_ok=True)
        part = note.with_suffix(".part")
        part.write_text(json.dumps({"sha256": sha256, "stamp": _stamp(path)}), "utf-8")
        part.replace(note)
    except OSError:
        return


def _note(path: Path, cache: Path) -> Path:
    name = hashlib.sha256(str(path.resolve()).encode("utf-8", "surrogateescape")).hexdigest()[:32]
    return cache / "digests" / f"{name}.json"


def _stamp(path: Path) -> list[int]:
    status = path.stat()
    return [status.st_size, status.st_mtime_ns]
