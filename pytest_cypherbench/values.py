"""Cell values: what a result row holds, whatever engine it came from.

Knows nothing of drivers: an engine converts what its driver returns into these.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal, TypeAlias

if TYPE_CHECKING:
    from collections.abc import Mapping


@dataclass(frozen=True, slots=True)
class Temporal:
    """A date or time. ``text`` is ISO 8601 with nine fraction digits where there is a time;
    a named zone follows in brackets (``2024-01-01T12:00:00.000000000+01:00[Europe/Paris]``)."""

    kind: Literal["date", "time", "local_time", "date_time", "local_date_time"]
    text: str


@dataclass(frozen=True, slots=True)
class Duration:
    """A Cypher duration; its four parts are kept apart, as Neo4j keeps them."""

    months: int
    days: int
    seconds: int
    nanoseconds: int


@dataclass(frozen=True, slots=True)
class Point:
    """A spatial point: SRID (4326, 4979, 7203, 9157) and two or three coordinates."""

    srid: int
    coordinates: tuple[float, ...]


@dataclass(frozen=True, slots=True)
class Node:
    """A node; ``element_id`` identifies it within one database only."""

    element_id: str
    labels: frozenset[str]
    properties: Mapping[str, Value]


@dataclass(frozen=True, slots=True)
class Relationship:
    """A relationship with both its end nodes (whose properties an engine may leave empty)."""

    element_id: str
    type: str
    start: Node
    end: Node
    properties: Mapping[str, Value]


@dataclass(frozen=True, slots=True)
class Path:
    """A path: ``len(nodes) == len(relationships) + 1``."""

    nodes: tuple[Node, ...]
    relationships: tuple[Relationship, ...]


Value: TypeAlias = (
    "None | bool | int | float | str | bytes | Temporal | Duration | Point"
    " | Node | Relationship | Path | list[Value] | Mapping[str, Value]"
)
Row: TypeAlias = tuple[Value, ...]
