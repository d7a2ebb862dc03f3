"""What a loaded graph holds, seen through queries: its schema, and a fingerprint of all its data.

Knows nothing of files or of which engine answers: it asks only what every engine answers alike.
Types come from the values themselves, because engines name the types of lists differently.
"""

from __future__ import annotations

import hashlib
from collections import Counter, defaultdict
from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Protocol, TypeAlias, cast

from pytest_cypherbench.flow import Entity, Limits, Pattern, Property, Schema
from pytest_cypherbench.values import Duration, Point, Temporal, Value

if TYPE_CHECKING:
    from collections.abc import Iterable

    from pytest_cypherbench.values import Row

# Nothing but the size of the graph bounds what is read here; it is ours, not a prediction's.
OURS = Limits(seconds=600.0, rows=2**40, value_bytes=2**50)
_NODES = "MATCH (n) RETURN elementId(n), labels(n), properties(n)"
_RELATIONSHIPS = "MATCH (a)-[r]->(b) RETURN elementId(a), type(r), elementId(b), properties(r)"
_EMPTY_LIST = "LIST<NOTHING>"

Properties: TypeAlias = Mapping[str, Value]
NodeFact: TypeAlias = tuple[str, tuple[str, ...], Properties]  # id, labels sorted, properties
RelationshipFact: TypeAlias = tuple[str, str, str, Properties]  # start id, type, end id, properties


class Reader(Protocol):
    """What can be asked: ``Bolt`` in real life."""

    def rows(self, statement: str, limits: Limits, **params: Value) -> tuple[Row, ...]:
        """The rows of a statement."""


@dataclass(frozen=True, slots=True)
class Facts:
    """All nodes and relationships, from a database or from files; ids only tie the two together."""

    nodes: tuple[NodeFact, ...]
    relationships: tuple[RelationshipFact, ...]


def read_facts(reader: Reader) -> Facts:
    """Everything that the database holds."""
    nodes = tuple(
        (str(key), tuple(sorted(map(str, cast("list[Value]", labels)))), cast("Properties", found))
        for key, labels, found in reader.rows(_NODES, OURS)
    )
    relationships = tuple(
        (str(start), str(name), str(end), cast("Properties", found))
        for start, name, end, found in reader.rows(_RELATIONSHIPS, OURS)
    )
    return Facts(nodes, relationships)


def schema(facts: Facts) -> Schema:
    """Labels, relationship types and patterns, each sorted by name."""
    labelled = [(label, found) for _, labels, found in facts.nodes for label in labels]
    typed = [(name, found) for _, name, _, found in facts.relationships]
    labels_of = {key: labels for key, labels, _ in facts.nodes}
    patterns = {
        (a, name, b)
        for start, name, end, _ in facts.relationships
        for a in labels_of[start]
        for b in labels_of[end]
    }
    return Schema(
        _entities(labelled), _entities(typed), tuple(Pattern(*found) for found in sorted(patterns))
    )


def fingerprint(facts: Facts) -> str:
    """32 hex digits that change with any label, type, property or end, not with ids or order."""
    return f"{sum(_prints(facts)) % 2**128:032x}"


def missing(wanted: Facts, found: Facts) -> str:
    """The first node or relationship of ``wanted`` that ``found`` lacks, as text; "" if none."""
    left = Counter(_prints(found))
    for mark, fact in zip(_prints(wanted), [*wanted.nodes, *wanted.relationships], strict=True):
        if not left[mark]:
            return repr(fact[1:])
        left[mark] -= 1
    return ""


def _prints(facts: Facts) -> list[int]:
    nodes = {key: _print(labels, _canonical(found)) for key, labels, found in facts.nodes}
    steps = [
        _print(nodes[start], name, nodes[end], _canonical(found))
        for start, name, end, found in facts.relationships
    ]
    return [*nodes.values(), *steps]


def _print(*parts: object) -> int:
    return int.from_bytes(
        hashlib.sha256(repr(parts).encode("utf-8", "surrogatepass")).digest()[:16]
    )


def _canonical(found: Properties) -> list[tuple[str, Value]]:
    return sorted(found.items(), key=lambda item: item[0])


def _entities(rows: Iterable[tuple[str, Properties]]) -> tuple[Entity, ...]:
    counts: Counter[str] = Counter()
    types: defaultdict[str, defaultdict[str, set[str]]] = defaultdict(lambda: defaultdict(set))
    for name, found in rows:
        counts[name] += 1
        for key, value in found.items():
            types[name][key].add(type_name(value))
    return tuple(
        Entity(
            name,
            tuple(Property(key, _sorted_types(types[name][key])) for key in sorted(types[name])),
            counts[name],
        )
        for name in sorted(counts)
    )


def _sorted_types(names: set[str]) -> tuple[str, ...]:
    """An empty list tells nothing about its items where another list does."""
    if any(name.startswith("LIST<") and name != _EMPTY_LIST for name in names):
        names = names - {_EMPTY_LIST}
    return tuple(sorted(names))


def type_name(value: Value) -> str:
    """The Cypher name of a stored value's type."""
    if isinstance(value, list):
        inner = sorted({type_name(item) for item in value})
        return f"LIST<{' | '.join(inner)}>" if inner else _EMPTY_LIST
    if isinstance(value, Temporal):
        return _TEMPORAL[value.kind]
    for known, name in _TYPES:
        if isinstance(value, known):
            return name
    return type(value).__name__.upper()


_TEMPORAL = {
    "date": "DATE",
    "time": "ZONED TIME",
    "local_time": "LOCAL TIME",
    "date_time": "ZONED DATETIME",
    "local_date_time": "LOCAL DATETIME",
}
_TYPES: tuple[tuple[type, str], ...] = (
    (bool, "BOOLEAN"),
    (int, "INTEGER"),
    (float, "FLOAT"),
    (str, "STRING"),
    (Duration, "DURATION"),
    (Point, "POINT"),
)
