"""Pieces of Cypher in the one style that pairs are written in.

Knows nothing of questions.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from pytest_cypherbench.values import Temporal

if TYPE_CHECKING:
    from pytest_cypherbench.values import Value
    from training.pairs.domain import Hop


def literal(value: Value) -> str:
    """A value as Cypher spells it. Raises TypeError for what patterns do not compare with."""
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, int | float):
        return str(value)
    if isinstance(value, str):
        return f'"{value}"' if "'" in value else f"'{value}'"
    if isinstance(value, Temporal) and value.kind == "date":
        return f"date('{value.text}')"
    raise TypeError(f"no literal for {value!r}")


def node(variable: str, label: str, prop: str = "", value: Value = None) -> str:
    """``(h:Hive {code: 'H3'})``."""
    inside = f" {{{prop}: {literal(value)}}}" if prop else ""
    return f"({variable}:{label}{inside})"


def step(near: str, hop: Hop, far: str, variable: str = "", times: str = "") -> str:
    """A pattern of two node texts."""
    inside = f"[{variable}:{hop.words.type}{times}]"
    return f"{near}-{inside}->{far}" if hop.forward else f"{near}<-{inside}-{far}"


def flipped(near: str, hop: Hop, far: str, variable: str = "", times: str = "") -> str:
    """The same pattern from its other end."""
    return step(far, hop.back(), near, variable, times)


def camel(text: str) -> str:
    """``cups of tea`` → ``cupsOfTea``: an alias."""
    words: list[str] = re.findall(r"[A-Za-z0-9]+", text)
    first, *rest = words or ["value"]
    return first[:1].lower() + first[1:] + "".join(word[:1].upper() + word[1:] for word in rest)
