"""Names to classes, loaded only when chosen: built-in tables plus entry points of other packages.

Knows nothing of what it loads; the one mechanism for backends, engines and metrics.
"""

from __future__ import annotations

from dataclasses import dataclass
from difflib import get_close_matches
from importlib import import_module
from importlib.metadata import entry_points
from typing import TYPE_CHECKING

from pytest_cypherbench.errors import UserError, missing_extra

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping


def unknown(kind: str, name: str, known: Iterable[str], *, flag: str) -> UserError:
    """The one wording for a name that does not exist, with the nearest that does."""
    have = sorted(known)
    near = get_close_matches(name, have, n=1)
    hint = f"did you mean {near[0]}? " if near else ""
    return UserError(
        f"unknown {kind} {name!r} ({flag})", fix=f"{hint}have: {', '.join(have) or 'none'}"
    )


@dataclass(frozen=True, slots=True)
class Entry:
    """Where a class is and which extra brings the library that it adapts."""

    target: str
    extra: str = ""


@dataclass(frozen=True, slots=True)
class Registry:
    """``kind`` in messages, ``group`` of entry points, ``flag`` that chooses, our ``table``."""

    kind: str
    group: str
    flag: str
    table: Mapping[str, Entry]

    def names(self) -> list[str]:
        """Every name that can be chosen, built-in and from other packages, sorted."""
        return sorted({*self.table, *(point.name for point in entry_points(group=self.group))})

    def load(self, name: str) -> object:
        """The class behind a name. Raises UserError for an unknown name or a missing extra."""
        entry = self.table.get(name)
        if entry is None:
            for point in entry_points(group=self.group):
                if point.name == name:
                    return point.load()
            raise unknown(self.kind, name, self.names(), flag=self.flag)
        module, _, attribute = entry.target.partition(":")
        try:
            return getattr(import_module(module), attribute)
        except ModuleNotFoundError as error:
            if not entry.extra or (error.name or "").startswith("pytest_cypherbench"):
                raise
            raise missing_extra(entry.extra, f"{self.flag} {name}") from error
