"""One mapping of a words file, each key read in the form that it must have.

Knows nothing of which keys a domain needs.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from pytest_cypherbench.errors import UserError

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

_GUIDE = "see training/pairs/WORDS.md"
# YAML reads these keys as booleans.
_YAML_WORDS = {True: "yes", False: "no"}
_PAIR = 2


class Noun(NamedTuple):
    """Singular and plural."""

    one: str
    many: str


class Entry:
    """A mapping and where it stands (``words/beekeeping.yaml: labels.Hive``)."""

    def __init__(self, where: str, content: object) -> None:
        self._where = where
        if not isinstance(content, dict):
            raise self.bad("", "must be a mapping")
        self._content = {_YAML_WORDS.get(key, str(key)): value for key, value in content.items()}

    def bad(self, key: str, reason: str) -> UserError:
        """The error for one key."""
        dot = "." if key and not self._where.endswith(" ") else ""
        return UserError(f"{self._where}{dot}{key} {reason}", fix=_GUIDE)

    def check(self, *, required: Iterable[str], optional: Iterable[str] = ()) -> None:
        """Raise UserError for a missing or an unknown key."""
        required = tuple(required)
        for key in required:
            if key not in self._content:
                raise self.bad(key, "is missing")
        for key in self._content:
            if key not in {*required, *optional}:
                raise self.bad(str(key), "is not expected here")

    def has(self, key: str) -> bool:
        """Whether the key is there."""
        return key in self._content

    def entries(self, key: str, names: Iterable[str]) -> dict[str, Entry]:
        """The mapping under ``key``, which must have exactly these names."""
        inner = Entry(self._at(key), self._content[key])
        inner.check(required=names)
        return {name: Entry(inner._at(name), inner._content[name]) for name in names}

    def text(self, key: str) -> str:
        """A text without ``{}``; empty if the key is not there."""
        return self._phrase(key, self._content[key], 0) if self.has(key) else ""

    def choice(self, key: str, allowed: Sequence[str]) -> str:
        """One of some texts; empty if the key is not there."""
        found = self.text(key)
        if self.has(key) and found not in allowed:
            raise self.bad(key, f"is {found!r}, none of {', '.join(allowed)}")
        return found

    def flag(self, key: str) -> bool:
        """True or false; false if the key is not there."""
        found = self._content.get(key, False)
        if not isinstance(found, bool):
            raise self.bad(key, "must be true or false")
        return found

    def noun(self, key: str) -> Noun:
        """``singular / plural``."""
        return self._noun(key, self._content[key])

    def nouns(self, key: str) -> tuple[Noun, ...]:
        """A list of nouns; empty if the key is not there."""
        return tuple(self._noun(key, item) for item in self._list(key, 1))

    def phrases(self, key: str, *, slots: int = 0, least: int = 1) -> tuple[str, ...]:
        """A list of texts with as many ``{}`` each; empty if the key is not there."""
        return tuple(self._phrase(key, item, slots) for item in self._list(key, least))

    def predicates(self, key: str, *, slots: int = 1, least: int = 1) -> tuple[str, ...]:
        """A list of predicates of a plural noun; empty if the key is not there."""
        found = self.phrases(key, slots=slots, least=least)
        for phrase in found:
            first = phrase.split()[0]
            if first in {"is", "has", "was", "does", "that", "who", "which", "{}"}:
                raise self.bad(key, f"must follow a plural noun as its verb: {phrase!r}")
        return found

    def _list(self, key: str, least: int) -> list[object]:
        found = self._content.get(key, [])
        if not isinstance(found, list) or (self.has(key) and len(found) < least):
            raise self.bad(key, f"must be a list of {least} or more")
        return found

    def _noun(self, key: str, value: object) -> Noun:
        parts = [part.strip() for part in value.split("/")] if isinstance(value, str) else []
        if len(parts) != _PAIR or not all(parts):
            raise self.bad(key, "must be 'singular / plural'")
        return Noun(*parts)

    def _phrase(self, key: str, value: object, slots: int) -> str:
        if not isinstance(value, str) or not value.strip():
            raise self.bad(key, f"must hold text, in quotes: {value!r}")
        if value.count("{}") != slots or value.replace("{}", "").strip("{}") != value.replace(
            "{}", ""
        ):
            raise self.bad(key, f"must have {slots or 'no'} {{}}: {value!r}")
        if value[-1] in ".?!":
            raise self.bad(key, f"ends without a mark: {value!r}")
        return value.strip()

    def _at(self, key: str) -> str:
        return f"{self._where}{'' if self._where.endswith(' ') else '.'}{key}"
