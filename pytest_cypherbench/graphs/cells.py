"""The text of a CSV cell as a typed value, by the type names of a graph manifest.

Knows nothing of files, manifests or engines.
"""

from __future__ import annotations

import re
from datetime import date
from typing import TYPE_CHECKING, Literal

from pytest_cypherbench.values import Duration, Point, Temporal, Value

if TYPE_CHECKING:
    from collections.abc import Callable

_CLOCK = re.compile(r"(\d\d):(\d\d)(?::(\d\d)(?:\.(\d{1,9}))?)?")
_OFFSET = re.compile(r"(Z|[+-]\d\d:\d\d)(?:\[([\w/+-]+)\])?")
_DURATION = re.compile(
    r"P(?=.)(?:(-?\d+)Y)?(?:(-?\d+)M)?(?:(-?\d+)W)?(?:(-?\d+)D)?"
    r"(?:T(?=.)(?:(-?\d+)H)?(?:(-?\d+)M)?(?:(-?)(\d+)(?:\.(\d{1,9}))?S)?)?"
)
_DIMENSIONS = {4326: 2, 4979: 3, 7203: 2, 9157: 3}


def parse(text: str, type_name: str) -> Value:
    """A cell of type ``type_name``, or of ``T[]`` with items between ``;``. Raises ValueError."""
    if type_name.endswith("[]"):
        convert = PARSERS[type_name[:-2]]
        return [convert(item.strip()) for item in text.split(";")]
    return PARSERS[type_name](text)


def known(type_name: object) -> bool:
    """Whether a manifest may name this type."""
    return isinstance(type_name, str) and type_name.removesuffix("[]") in PARSERS


def _integer(text: str) -> int:
    value = int(text)
    if not -(2**63) <= value < 2**63:
        raise ValueError("not a 64-bit integer")
    return value


def _boolean(text: str) -> bool:
    if text not in {"true", "false"}:
        raise ValueError("neither true nor false")
    return text == "true"


def _date(text: str) -> Temporal:
    return Temporal("date", date.fromisoformat(text).isoformat())


def _clock(text: str) -> str:
    found = _CLOCK.fullmatch(text)
    if found is None:
        raise ValueError("not HH:MM[:SS[.fraction]]")
    hour, minute, second, fraction = found.groups(default="")
    if int(hour) > 23 or int(minute) > 59 or int(second or 0) > 59:  # noqa: PLR2004 - a clock
        raise ValueError("no such time of day")
    return f"{hour}:{minute}:{second or '00'}.{fraction.ljust(9, '0')}"


def _zoned(text: str) -> tuple[str, str]:
    """A clock text and what follows it: offset and, maybe, a zone in brackets."""
    start = next((index for index, char in enumerate(text) if char in "Z+-"), len(text))
    found = _OFFSET.fullmatch(text[start:])
    if found is None:
        raise ValueError("needs an offset such as +01:00 or Z")
    offset, zone = found.groups()
    return _clock(text[:start]), offset.replace("Z", "+00:00") + (f"[{zone}]" if zone else "")


def _time(text: str) -> Temporal:
    return Temporal("time", "".join(_zoned(text)))


def _local_time(text: str) -> Temporal:
    return Temporal("local_time", _clock(text))


def _moment(kind: Literal["date_time", "local_date_time"]) -> Callable[[str], Temporal]:
    def convert(text: str) -> Temporal:
        day, _, clock = text.partition("T")
        rest = "".join(_zoned(clock)) if kind == "date_time" else _clock(clock)
        return Temporal(kind, f"{_date(day).text}T{rest}")

    return convert


def _duration(text: str) -> Duration:
    found = _DURATION.fullmatch(text)
    if found is None:
        raise ValueError("not an ISO 8601 duration")
    years, months, weeks, days, hours, minutes = (int(part or 0) for part in found.groups()[:6])
    sign = -1 if found[7] else 1
    nanoseconds = sign * (int(found[8] or 0) * 10**9 + int((found[9] or "0").ljust(9, "0")))
    total = (hours * 3600 + minutes * 60) * 10**9 + nanoseconds
    return Duration(years * 12 + months, weeks * 7 + days, *divmod(total, 10**9))


def _point(text: str) -> Point:
    """``12.5 55.7`` is longitude and latitude (WGS 84); ``7203: 1 2`` names another SRID."""
    head, found, tail = text.rpartition(":")
    coordinates = tuple(map(float, tail.split()))
    srid = int(head) if found else {2: 4326, 3: 4979}.get(len(coordinates), 0)
    if _DIMENSIONS.get(srid) != len(coordinates):
        raise ValueError("not a point: [SRID:] X Y [Z], SRID 4326, 4979, 7203 or 9157")
    return Point(srid, coordinates)


PARSERS: dict[str, Callable[[str], Value]] = {
    "string": str,
    "integer": _integer,
    "float": float,
    "boolean": _boolean,
    "date": _date,
    "time": _time,
    "local_time": _local_time,
    "datetime": _moment("date_time"),
    "local_datetime": _moment("local_date_time"),
    "duration": _duration,
    "point": _point,
}
