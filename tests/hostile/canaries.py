"""What no prediction may reach: a web server on loopback and two files with a secret."""

from __future__ import annotations

import os
import secrets
from contextlib import contextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING

from canary import canary

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path


@dataclass(frozen=True)
class Canaries:
    """``touched``: what was asked of the server; ``locked`` is a file of mode 000."""

    address: str
    touched: list[str]
    secret: str
    readable: Path
    locked: Path

    def fill(self, text: str) -> str:
        """An output with the canaries' places in it."""
        places = {
            "@HTTP@": f"http://{self.address}",
            "@SECRET@": str(self.readable),
            "@LOCKED@": str(self.locked),
        }
        for mark, place in places.items():
            text = text.replace(mark, place)
        return text

    def unread(self) -> bool:
        """Whether nobody read the files; always, where the file system keeps no such times."""
        files = (self.readable, self.locked)
        return all(file.stat().st_atime < file.stat().st_mtime for file in files)


@contextmanager
def canaries(folder: Path) -> Iterator[Canaries]:
    """The canaries in place, the server answering."""
    secret = f"canary-{secrets.token_hex(12)}"
    with canary() as (address, touched):
        found = Canaries(address, touched, secret, folder / "secret.csv", folder / "locked.csv")
        for file in (found.readable, found.locked):
            file.write_text(f"{secret},{secret}\n", encoding="utf-8")
            os.utime(file, (1, 2))  # read before it was written: any later reading shows
        found.locked.chmod(0)
        yield found
