"""One database process for all processes of a run: whoever needs it first starts it, the last one
to leave ends it.

Knows nothing of which database it is or how it is started: a starter does. Does not protect from
other programs of the same user, who may read the folder.
"""

from __future__ import annotations

import json
import os
import secrets
import tempfile
from contextlib import contextmanager, suppress
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Protocol

from filelock import FileLock, Timeout

from pytest_cypherbench.errors import EngineError
from pytest_cypherbench.graphs.process.child import Place, end, is_alive
from pytest_cypherbench.graphs.process.home import Address
from pytest_cypherbench.graphs.process.lifeline import Lifeline

if TYPE_CHECKING:
    from collections.abc import Iterator

_ADDRESS, _LOCK = "address.json", "start.lock"
_WAIT_SECONDS = 300.0


class Starter(Protocol):
    """How one database process is started."""

    def start(self, place: Place) -> Address:
        """Start it by ``place.start``, and return once it answers. Raises UserError, EngineError or
        OSError; what was started is then ended for it."""


class SharedHome:
    """A Home (see ``home``) in ``folder``, the same path for all who share; None: nobody does."""

    owned = True

    def __init__(self, folder: Path | None, starter: Starter) -> None:
        alone = Path(tempfile.gettempdir()) / f"cypherbench-{secrets.token_hex(8)}"
        self._lifeline = Lifeline(folder or alone)
        self._starter = starter
        self._places: list[Place] = []
        self.locks: Path | None = self._lifeline.folder

    def address(self) -> Address:
        """See Home."""
        with self._alone():
            folder, known = self._read()
            if known is not None and is_alive(folder):
                return known
            if known is not None:
                end(folder)
            return self._start(known.generation + 1 if known else 1)

    def revive(self, dead: int) -> bool:
        """See Home."""
        with self._alone():
            folder, known = self._read()
            if known is None or known.generation != dead or not folder.exists():
                return False
            end(folder)
            return True

    def close(self) -> None:
        """See Home."""
        self._lifeline.close()
        for place in self._places:
            # The last one to leave has waited; while others stay, so does the child.
            place.forget(wait=not self._lifeline.folder.exists())
        self._places.clear()

    @contextmanager
    def _alone(self) -> Iterator[None]:
        """Nobody else reads, starts or ends meanwhile."""
        try:
            with FileLock(self._lifeline.folder / _LOCK, timeout=_WAIT_SECONDS):
                yield
        except Timeout as error:
            raise EngineError("another process of this run never got the database ready") from error

    def _read(self) -> tuple[Path, Address | None]:
        """The folder and address of the newest generation, dead or alive."""
        with suppress(OSError, ValueError, TypeError):
            found = json.loads((self._lifeline.folder / _ADDRESS).read_text(encoding="utf-8"))
            return self._lifeline.folder / found.pop("folder"), Address(**found)
        return self._lifeline.folder, None

    def _start(self, generation: int) -> Address:
        place: Place | None = None
        try:
            place = Place(self._lifeline, generation)
            address = self._starter.start(place)
            self._write(place.folder, address)
        except BaseException as error:
            if place is not None:
                place.abandon()
            if isinstance(error, OSError):
                raise EngineError(f"cannot start the database: {error}") from error
            raise
        self._places.append(place)
        return address

    def _write(self, folder: Path, address: Address) -> None:
        target = self._lifeline.folder / _ADDRESS
        new = target.with_suffix(".new")
        new.unlink(missing_ok=True)
        file = os.open(new, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC, 0o600)
        with os.fdopen(file, "w", encoding="utf-8") as stream:
            json.dump({**asdict(address), "folder": folder.name}, stream)
        new.replace(target)
