"""How people speak of a domain: its words file, read strictly against the manifest; see WORDS.md.

Knows nothing of queries or of the data.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import yaml

from pytest_cypherbench.errors import UserError
from training.pairs.forms import Entry

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

    from training.pairs.forms import Noun
    from training.pairs.manifest import Declared

WORDS = "words"
_NUMBERS = frozenset({"integer", "float"})
_DATES = frozenset({"date", "datetime", "local_datetime"})


@dataclass(frozen=True, slots=True)
class PropertyWords:
    """A property: ``kind`` is number, date, string, boolean, list, name or other; what the words
    file may leave out is empty. ``scale`` and ``sort`` are its keys ``scale`` and ``kind``."""

    name: str
    type: str
    kind: str
    nouns: tuple[str, ...]
    scale: str = ""
    sort: str = ""
    unit: str = ""
    item: str = ""
    ask: tuple[str, ...] = ()
    more: tuple[str, ...] = ()
    less: tuple[str, ...] = ()
    within: tuple[str, ...] = ()
    most: tuple[str, ...] = ()
    least: tuple[str, ...] = ()
    equal: tuple[str, ...] = ()
    has: tuple[str, ...] = ()
    yes: tuple[str, ...] = ()
    no: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class LabelWords:
    """A label: ``name`` is the property that people call a node by, ``called`` how they do."""

    label: str
    nouns: tuple[Noun, ...]
    person: bool
    name: str
    called: tuple[str, ...]
    properties: Mapping[str, PropertyWords]


@dataclass(frozen=True, slots=True)
class RelationshipWords:
    """A relationship between two labels: predicates of its start and of its end."""

    type: str
    start: str
    end: str
    of_start: tuple[str, ...]
    of_end: tuple[str, ...]
    noun: Noun | None
    chain: bool
    properties: Mapping[str, PropertyWords]


@dataclass(frozen=True, slots=True)
class Words:
    """All words of a domain, in the order of its manifest."""

    labels: Mapping[str, LabelWords]
    relationships: tuple[RelationshipWords, ...]


def read_words(file: Path, declared: Declared) -> Words:
    """Read a words file. Raises UserError with file and key for what is missing or unknown."""
    try:
        content = yaml.safe_load(file.read_text(encoding="utf-8"))
    except OSError as error:
        fix = "write it, see training/pairs/WORDS.md"
        raise UserError(f"cannot read {file}: {error.strerror}", fix=fix) from error
    except (yaml.YAMLError, UnicodeDecodeError) as error:
        line = getattr(getattr(error, "problem_mark", None), "line", -1) + 1
        raise UserError(
            f"{file} is no YAML, line {line}", fix="quote what holds {{}} or :"
        ) from error
    top = Entry(f"{file}: ", content)
    relationships = "relationships" if declared.relationships else ""
    top.check(required=("labels", *filter(None, [relationships])))
    labels = top.entries("labels", declared.labels)
    between = top.entries("relationships", declared.relationships) if relationships else {}
    return Words(
        {name: _label(name, entry, declared.labels[name]) for name, entry in labels.items()},
        tuple(
            _relationship(key, entry, declared.relationships[key]) for key, entry in between.items()
        ),
    )


def _label(label: str, entry: Entry, types: Mapping[str, str]) -> LabelWords:
    entry.check(required=("noun", "name", "called", "properties"), optional=("also", "person"))
    name = entry.choice("name", [prop for prop, kind in types.items() if kind == "string"])
    properties = entry.entries("properties", types)
    return LabelWords(
        label,
        (entry.noun("noun"), *entry.nouns("also")),
        entry.flag("person"),
        name,
        entry.phrases("called", slots=1),
        {
            prop: _property(prop, words, types[prop], is_name=prop == name)
            for prop, words in properties.items()
        },
    )


def _relationship(key: str, entry: Entry, types: Mapping[str, str]) -> RelationshipWords:
    start, _, rest = key.partition("-")
    kind, _, end = rest.partition("->")
    same = start == end
    required = ["start", "end", *["noun"] * bool(types or same), *["chain"] * same]
    entry.check(
        required=(*required, *["properties"] * bool(types)),
        optional=() if "noun" in required else ("noun",),
    )
    properties = entry.entries("properties", types) if types else {}
    return RelationshipWords(
        kind,
        start,
        end,
        entry.predicates("start", least=2),
        entry.predicates("end", least=2),
        entry.noun("noun") if entry.has("noun") else None,
        entry.flag("chain"),
        {prop: _property(prop, words, types[prop]) for prop, words in properties.items()},
    )


def _kind(type_name: str) -> str:
    if type_name in _NUMBERS:
        return "number"
    if type_name in _DATES:
        return "date"
    return {"string": "string", "boolean": "boolean", "string[]": "list"}.get(type_name, "other")


def _property(name: str, entry: Entry, type_name: str, *, is_name: bool = False) -> PropertyWords:
    kind = "name" if is_name else _kind(type_name)
    required, optional = _KEYS[kind]
    if kind == "number" and entry.text("scale") != "code":
        required = (*required, "more", "less")
    entry.check(required=required, optional=optional)
    return PropertyWords(
        name,
        type_name,
        kind,
        (entry.text("noun"), *entry.phrases("also")),
        scale=entry.choice("scale", ["amount", "level", "year", "code"]),
        sort=entry.choice("kind", ["category", "text", "code"]),
        unit=entry.text("unit"),
        item=entry.text("item"),
        ask=entry.phrases("ask", slots=1),
        more=entry.predicates("more"),
        less=entry.predicates("less"),
        within=entry.predicates("in"),
        most=entry.phrases("most"),
        least=entry.phrases("least"),
        equal=entry.predicates("is"),
        has=entry.predicates("has"),
        yes=entry.predicates("yes", slots=0),
        no=entry.predicates("no", slots=0),
    )


# kind -> keys that a property must have, and those that it may have; WORDS.md explains them
_KEYS: dict[str, tuple[tuple[str, ...], tuple[str, ...]]] = {
    "name": (("noun",), ()),
    "number": (("noun", "scale"), ("unit", "most", "least", "ask", "also")),
    "date": (("noun", "more", "less"), ("in", "most", "least", "ask", "also")),
    "string": (("noun", "kind"), ("is", "ask", "also")),
    "boolean": (("noun", "yes", "no"), ()),
    "list": (("noun", "item", "has"), ("also",)),
    "other": (("noun",), ("ask", "also")),
}
