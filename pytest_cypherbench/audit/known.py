"""Names of a query that its graph does not have.

Knows nothing of engines: a schema says what there is. Where the text does not tell whose a property
is (of what a list holds, of a map, of a function's result), any property, component or key will do.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from pytest_cypherbench.syntax.brackets import Holds
from pytest_cypherbench.syntax.names import Name, Role, read_names

if TYPE_CHECKING:
    from collections.abc import Iterator

    from pytest_cypherbench.cypher import Token
    from pytest_cypherbench.flow import Entity, Schema
    from pytest_cypherbench.syntax.names import Names, Owner

_DATE = """year quarter month week weekYear dayOfQuarter dayOfYear ordinalDay quarterDay dayOfWeek
weekDay day"""
_CLOCK = "hour minute second millisecond microsecond nanosecond"
_ZONE = "timezone offset offsetMinutes offsetSeconds"
_DURATION = """years quarters months weeks days hours minutes seconds milliseconds microseconds
nanoseconds quartersOfYear monthsOfQuarter monthsOfYear daysOfWeek minutesOfHour secondsOfMinute
millisecondsOfSecond microsecondsOfSecond nanosecondsOfSecond"""
# What can be read off a value of each type, as in the Cypher manual for Neo4j 5; in any case.
COMPONENTS = {
    kind: frozenset(text.lower().split())
    for kind, text in {
        "DATE": _DATE,
        "LOCAL TIME": _CLOCK,
        "ZONED TIME": f"{_CLOCK} {_ZONE}",
        "LOCAL DATETIME": f"{_DATE} {_CLOCK}",
        "ZONED DATETIME": f"{_DATE} {_CLOCK} {_ZONE} epochMillis epochSeconds",
        "DURATION": _DURATION,
        "POINT": "x y z longitude latitude height crs srid",
    }.items()
}
_ANY_COMPONENT = frozenset[str]().union(*COMPONENTS.values())


def unknown_names(tokens: tuple[Token, ...], schema: Schema) -> tuple[str, ...]:
    """One line for each name that the schema lacks, in the order of the text, each once."""
    names = read_names(tokens)
    lines = (_reason(name, names, schema) for name in names.found)
    return tuple(dict.fromkeys(filter(None, lines)))


def properties_of(schema: Schema, owner: Owner | None) -> dict[str, tuple[str, ...]]:
    """The properties of an owner's labels or types, of all where it has none, with their types."""
    found: dict[str, set[str]] = {}
    for entity in _entities(schema, owner):
        for known in entity.properties:
            found.setdefault(known.name, set()).update(known.types)
    return {name: tuple(sorted(types)) for name, types in sorted(found.items())}


def _entities(schema: Schema, owner: Owner | None) -> Iterator[Entity]:
    if owner is None:
        yield from (*schema.labels, *schema.relationships)
        return
    of = schema.relationships if owner.holds is Holds.RELATIONSHIP else schema.labels
    yield from (entity for entity in of if not owner.names or entity.name in owner.names)


def _reason(name: Name, names: Names, schema: Schema) -> str:
    match name.role:
        case Role.LABEL:
            known = {entity.name for entity in schema.labels}
            return "" if name.text in known else f"the graph has no label {name.text}"
        case Role.TYPE:
            known = {entity.name for entity in schema.relationships}
            return "" if name.text in known else f"the graph has no relationship type {name.text}"
        case Role.COMPONENT:
            return _component(name, names, schema)
    return _property(name, names, schema)


def _property(name: Name, names: Names, schema: Schema) -> str:
    if name.text in properties_of(schema, name.owner):
        return ""
    if name.owner is None:
        known = name.text.lower() in _ANY_COMPONENT or name.text in names.keys
        return "" if known else f"nothing in the graph has the property {name.text}"
    what = "relationship" if name.owner.holds is Holds.RELATIONSHIP else "node"
    of = " or ".join(sorted(name.owner.names)) or f"any {what}"
    if not any(_entities(schema, name.owner)):
        return ""  # the label or type is unknown, which is said of it
    return f"{of} has no property {name.text}"


def _component(name: Name, names: Names, schema: Schema) -> str:
    types = properties_of(schema, name.owner).get(name.of)
    if name.text in names.keys or (types is None and name.text.lower() in _ANY_COMPONENT):
        return ""
    if name.owner is None or types is None:
        have = _ANY_COMPONENT | properties_of(schema, None).keys()
        known = name.text.lower() in have or name.text in have
        return "" if known else f"nothing has {name.text}"
    if any(name.text.lower() in COMPONENTS.get(kind, ()) for kind in types):
        return ""
    return f"{name.of} ({' or '.join(types)}) has no {name.text}"
