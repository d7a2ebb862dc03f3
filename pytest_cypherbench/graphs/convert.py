"""Driver values to our values and back, counting bytes and depth on the way.

Knows nothing of connections, statements or graphs.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, cast

import neo4j.graph  # noqa: TID253
import neo4j.spatial  # noqa: TID253
import neo4j.time  # noqa: TID253
import pytz

from pytest_cypherbench.values import (
    Duration,
    Node,
    Path,
    Point,
    Relationship,
    Temporal,
    Value,
)

if TYPE_CHECKING:
    from datetime import datetime

    from pytest_cypherbench.flow import Limits

_SCALAR_BYTES = 8
_ENTITY_BYTES = 32


class TooLargeError(Exception):
    """A result went over a limit; the message names it."""


@dataclass(slots=True)
class Meter:
    """What a result has cost so far, held against the limits."""

    limits: Limits
    rows: int = 0
    value_bytes: int = 0

    def row(self) -> None:
        """Count a row."""
        self.rows += 1
        if self.rows > self.limits.rows:
            raise TooLargeError(f"more than {self.limits.rows} rows")

    def add(self, size: int) -> None:
        """Count the bytes of a value."""
        self.value_bytes += size
        if self.value_bytes > self.limits.value_bytes:
            raise TooLargeError(f"more than {self.limits.value_bytes} bytes of values")

    def nest(self, depth: int) -> None:
        """Hold a nesting depth against the limit."""
        if depth > self.limits.depth:
            raise TooLargeError(f"values nested deeper than {self.limits.depth}")


def from_driver(value: object, meter: Meter, depth: int = 0) -> Value:
    """One value of the driver as ours. Raises TooLargeError, and TypeError for an unknown type."""
    if value is None or isinstance(value, bool | int | float):
        meter.add(_SCALAR_BYTES)
        return value
    if isinstance(value, str):
        meter.add(len(value.encode("utf-8", "surrogatepass")))
        return value
    if isinstance(value, bytes | bytearray):
        meter.add(len(value))
        return bytes(value)
    meter.nest(depth + 1)
    if isinstance(value, list):
        meter.add(_SCALAR_BYTES)
        return [from_driver(item, meter, depth + 1) for item in value]
    if isinstance(value, dict):
        return _properties(value, meter, depth)
    return _graph_value(value, meter, depth)


def _properties(items: Mapping[str, object], meter: Meter, depth: int) -> dict[str, Value]:
    found: dict[str, Value] = {}
    for key, item in items.items():
        meter.add(len(key) + _SCALAR_BYTES)
        found[key] = from_driver(item, meter, depth + 1)
    return found


def _graph_value(value: object, meter: Meter, depth: int) -> Value:
    meter.add(_ENTITY_BYTES)
    if isinstance(value, neo4j.graph.Node):
        return _node(value, meter, depth)
    if isinstance(value, neo4j.graph.Relationship):
        return _relationship(value, meter, depth)
    if isinstance(value, neo4j.graph.Path):
        nodes = tuple(_node(node, meter, depth) for node in value.nodes)
        steps = tuple(_relationship(step, meter, depth) for step in value.relationships)
        return Path(nodes, steps)
    if isinstance(value, neo4j.spatial.Point):
        return Point(value.srid or 0, tuple(map(float, value)))
    return _temporal(value)


def _node(node: neo4j.graph.Node, meter: Meter, depth: int) -> Node:
    properties = _properties(dict(node.items()), meter, depth)
    return Node(node.element_id, frozenset(node.labels), properties)


def _relationship(step: neo4j.graph.Relationship, meter: Meter, depth: int) -> Relationship:
    start, end = step.nodes
    if start is None or end is None:  # the protocol always sends both ids
        raise TypeError("a relationship without ends")
    return Relationship(
        step.element_id,
        step.type,
        _node(start, meter, depth),
        _node(end, meter, depth),
        _properties(dict(step.items()), meter, depth),
    )


# ── times ───────────────────────────────────────────────────────────────────────────────────────


def _temporal(value: object) -> Value:
    if isinstance(value, neo4j.time.Duration):
        return Duration(value.months, value.days, value.seconds, value.nanoseconds)
    if isinstance(value, neo4j.time.Date):
        return Temporal("date", _date_text(value))
    if isinstance(value, neo4j.time.Time):
        text = _clock_text(value)
        if value.tzinfo is None:
            return Temporal("local_time", text)
        return Temporal("time", text + _offset_text(value))
    if isinstance(value, neo4j.time.DateTime):
        text = f"{_date_text(value)}T{_clock_text(value)}"
        if value.tzinfo is None:
            return Temporal("local_date_time", text)
        zone = getattr(value.tzinfo, "zone", None) or getattr(value.tzinfo, "key", None)
        # One engine says UTC where another says the offset zero: the same moment, one spelling.
        named = f"[{zone}]" if zone and zone != "UTC" else ""
        return Temporal("date_time", text + _offset_text(value) + named)
    raise TypeError(f"the driver returned a value of the unknown type {type(value).__name__}")


def _date_text(value: neo4j.time.Date | neo4j.time.DateTime) -> str:
    return f"{value.year:04}-{value.month:02}-{value.day:02}"


def _clock_text(value: neo4j.time.Time | neo4j.time.DateTime) -> str:
    return f"{value.hour:02}:{value.minute:02}:{value.second:02}.{value.nanosecond:09}"


def _offset_text(value: neo4j.time.Time | neo4j.time.DateTime) -> str:
    offset = value.utc_offset() if isinstance(value, neo4j.time.Time) else value.utcoffset()
    seconds = round(offset.total_seconds()) if offset is not None else 0
    sign = "-" if seconds < 0 else "+"
    hours, rest = divmod(abs(seconds), 3600)
    minutes, seconds = divmod(rest, 60)
    return f"{sign}{hours:02}:{minutes:02}" + (f":{seconds:02}" if seconds else "")


# ── back ────────────────────────────────────────────────────────────────────────────────────────


def to_driver(value: Value) -> object:
    """One of our values as a query parameter. Raises TypeError for nodes and the like."""
    if isinstance(value, Temporal):
        return _to_temporal(value)
    if isinstance(value, Duration):
        return neo4j.time.Duration(
            months=value.months,
            days=value.days,
            seconds=value.seconds,
            nanoseconds=value.nanoseconds,
        )
    if isinstance(value, Point):
        point = neo4j.spatial.Point(value.coordinates)
        point.srid = value.srid
        return point
    if isinstance(value, Node | Relationship | Path):
        raise TypeError(f"a {type(value).__name__.lower()} cannot be a parameter")
    if isinstance(value, list | tuple):
        return [to_driver(item) for item in value]
    if isinstance(value, Mapping):
        return {key: to_driver(item) for key, item in value.items()}
    return value


def _to_temporal(value: Temporal) -> object:
    text, _, zone = value.text.partition("[")
    if value.kind == "date":
        return neo4j.time.Date.from_iso_format(text)
    if value.kind in {"time", "local_time"}:
        clock, offset = _split_offset(text)
        hour, minute, second, nanosecond = _clock(clock)
        zone_info = pytz.FixedOffset(offset) if value.kind == "time" else None
        return neo4j.time.Time(hour, minute, second, nanosecond, tzinfo=zone_info)
    day, _, clock = text.partition("T")
    clock, offset = _split_offset(clock)
    date = neo4j.time.Date.from_iso_format(day)
    local = neo4j.time.DateTime(date.year, date.month, date.day, *_clock(clock))
    if value.kind == "local_date_time":
        return local
    if not zone:
        return local.replace(tzinfo=pytz.FixedOffset(offset))
    # pytz, not zoneinfo: driver 6.4 overflows the stack on zoneinfo zones.
    named = pytz.timezone(zone.rstrip("]"))
    for is_dst in (False, True):
        candidate = named.localize(cast("datetime", local), is_dst=is_dst)
        if (candidate.utcoffset() or 0) and _minutes(candidate) == offset:
            return candidate
    return named.localize(cast("datetime", local))


def _minutes(value: object) -> int:
    offset = cast("neo4j.time.DateTime", value).utcoffset()
    return round(offset.total_seconds() / 60) if offset is not None else 0


def _clock(text: str) -> tuple[int, int, int, int]:
    main, _, fraction = text.partition(".")
    hour, minute, second = map(int, main.split(":"))
    return hour, minute, second, int(fraction.ljust(9, "0")[:9] or 0)


def _split_offset(text: str) -> tuple[str, int]:
    """``12:00:00.0+01:30`` as the clock and minutes; seconds of an offset are not kept."""
    for sign in "+-":
        clock, found, offset = text.partition(sign)
        if found:
            hours, minutes = offset.split(":")[:2]
            return clock, (-1 if sign == "-" else 1) * (int(hours) * 60 + int(minutes))
    return text.removesuffix("Z"), 0
