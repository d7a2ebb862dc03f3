"""Schema → the text of a grammar: Cypher that reads, and that names what the graph has.

Knows nothing of models, runtimes or prompts. What a runtime writes by this grammar holds no clause
that changes data or reaches out of the graph. It is no security boundary for all that: a runtime
may have faults, and other models write what they like; the guard and read transactions are one.
"""

from __future__ import annotations

import re
from functools import lru_cache
from importlib.resources import files
from typing import TYPE_CHECKING

from pytest_cypherbench.cypher import ADMINISTRATION, UPDATES, written
from pytest_cypherbench.grammar.functions import COMPONENTS, FUNCTIONS
from pytest_cypherbench.grammar.words import any_but, literal, one_of

if TYPE_CHECKING:
    from collections.abc import Iterable

    from pytest_cypherbench.flow import Schema

__all__ = ["MODES", "UNCONSTRAINED", "grammar"]

UNCONSTRAINED = "none"
MODES = (UNCONSTRAINED, "grammar", "schema")

_STRUCTURE = """
    DETACH NODETACH LOAD CALL USE SHOW MATCH OPTIONAL RETURN WHERE WITH UNWIND UNION DISTINCT AS
    CASE WHEN THEN ELSE NOT AND OR XOR IN IS NULL TRUE FALSE EXISTS
"""
# What no variable is called: so that no word that writes can stand where a clause might begin, and
# that none hides that a clause is cut short. STOP is for administrators, but stations are stops.
_RESERVED = ((UPDATES | ADMINISTRATION) - {"STOP"}) | frozenset(_STRUCTURE.split())
_QUOTED = re.compile(r'"((?:[^"\\]|\\.)*)"')
_CLASS_OR_QUOTED = re.compile(r'\[(?:[^\]\\]|\\.)*\]|"(?:[^"\\]|\\.)*"|#[^\n]*')


@lru_cache(maxsize=8)
def grammar(schema: Schema, mode: str) -> str:
    """The grammar for one graph, "" for the mode "none".

    "grammar" takes any name; "schema" the labels, relationship types and properties of the schema
    alone, of which a variable's property is any. Of what the schema has none of, any name is taken.
    """
    if mode == UNCONSTRAINED:
        return ""
    rules = {
        "variable": f"{any_but(_RESERVED, tail='tail')} | quoted",
        "function": one_of(
            cased for name in FUNCTIONS for cased in (name, name.upper(), name.lower())
        ),
        "key": "name",
        **(_names(schema) if mode == "schema" else _ANY),
    }
    made = "".join(f"{rule} ::= {body}\n" for rule, body in rules.items())
    return _own() + "\n" + made


_ANY = dict.fromkeys(("label", "type", "property", "component"), "name")


def _names(schema: Schema) -> dict[str, str]:
    entities = (*schema.labels, *schema.relationships)
    return {
        "label": _choice(entity.name for entity in schema.labels),
        "type": _choice(entity.name for entity in schema.relationships),
        "property": _choice(found.name for entity in entities for found in entity.properties),
        "component": one_of(COMPONENTS),
    }


def _choice(names: Iterable[str]) -> str:
    spelled = {_written(name) for name in names}
    return one_of(spelled) if spelled else "name"


def _written(name: str) -> str:
    """A name as Cypher wants it. A backslash could begin a unicode escape, also in backticks."""
    return written(name).replace("\\", "\\u005C")


@lru_cache(maxsize=1)
def _own() -> str:
    """The rules of our file, with keywords in either case and without its comments."""
    text = files(__package__).joinpath("cypher.gbnf").read_text("utf-8")
    text = _CLASS_OR_QUOTED.sub(lambda found: _either_case(found.group()), text)
    return "".join(f"{line.rstrip()}\n" for line in text.splitlines() if line.strip())


def _either_case(token: str) -> str:
    if token.startswith("#"):
        return ""
    quoted = _QUOTED.fullmatch(token)
    if quoted and quoted[1].isupper():
        return f"({literal(quoted[1])} | {literal(quoted[1].lower())})"
    return token
