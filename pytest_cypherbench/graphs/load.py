"""Writes a graph's data into an empty database, in batches, and checks that it arrived whole.

Knows nothing of folders or of how the database was started.
"""

from __future__ import annotations

import re
from collections import defaultdict
from typing import TYPE_CHECKING, TypeAlias, cast

from pytest_cypherbench.cypher import quoted
from pytest_cypherbench.errors import EngineError
from pytest_cypherbench.graphs.schema import Facts, fingerprint, missing, read_facts
from pytest_cypherbench.values import Temporal

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from pytest_cypherbench.graphs.bolt import Bolt
    from pytest_cypherbench.graphs.data import GraphData
    from pytest_cypherbench.values import Value

# What finds or numbers a row, and its properties.
_Given: TypeAlias = "tuple[Mapping[str, Value], Mapping[str, Value]]"

# Indexes and constraints change no answer, and would be there already at the second load.
_SCHEMA_STATEMENT = re.compile(r"(CREATE|DROP)\b[^(]*\b(INDEX|CONSTRAINT)\b", re.IGNORECASE)
_BATCH_ROWS = 2000
_ENDS = (
    "UNWIND $rows AS row MATCH (a) WHERE elementId(a) = row.a MATCH (b) WHERE elementId(b) = row.b"
)
_FACT_CHARS = 200


def load(bolt: Bolt, data: GraphData, *, dynamic: bool = False) -> Facts:
    """Write everything, read it back, compare. Raises EngineError, also where the engine did not
    keep a value as it was given.

    ``dynamic``: the engine takes labels and types as values (Neo4j since 5.26). Then two statements
    write any graph: on a cold server the plan of each costs more than what it writes."""
    for statement in data.statements:
        if not _SCHEMA_STATEMENT.match(statement):
            bolt.write(statement)
    if dynamic:
        _write_at_once(bolt, data)
    else:
        _write_relationships(bolt, data, _write_nodes(bolt, data))
    found = read_facts(bolt)
    wanted = facts(data)
    if not data.statements and fingerprint(found) != fingerprint(wanted):
        lost = missing(wanted, found)[:_FACT_CHARS] or "something more than was given"
        raise EngineError(f"the engine did not keep the graph {data.name!r} as it is: {lost}")
    return found


def facts(data: GraphData) -> Facts:
    """What the database must hold once the files are loaded."""
    return Facts(
        tuple(
            (str(index), tuple(sorted(set(row.labels))), row.properties)
            for index, row in enumerate(data.nodes)
        ),
        tuple(
            (str(row.start), row.type, str(row.end), row.properties) for row in data.relationships
        ),
    )


def _write_at_once(bolt: Bolt, data: GraphData) -> None:
    nodes: list[dict[str, Value]] = [
        {"l": list(row.labels), "p": dict(row.properties)} for row in data.nodes
    ]
    create = "UNWIND $rows AS row CREATE (x:$(row.l)) SET x = row.p RETURN elementId(x)"
    ids = [cast("str", row[0]) for row in _in_batches(bolt, create, nodes)]
    edges: list[dict[str, Value]] = [
        {"a": ids[row.start], "b": ids[row.end], "t": row.type, "p": dict(row.properties)}
        for row in data.relationships
    ]
    create = f"{_ENDS} CREATE (a)-[x:$(row.t)]->(b) SET x = row.p RETURN 1"
    _in_batches(bolt, create, edges)


def _write_nodes(bolt: Bolt, data: GraphData) -> list[str]:
    """Element ids in the order of ``data.nodes``."""
    groups: defaultdict[tuple[str, ...], list[_Given]] = defaultdict(list)
    for index, row in enumerate(data.nodes):
        groups[row.labels].append(({"index": index}, row.properties))
    ids = [""] * len(data.nodes)
    for labels, given in groups.items():
        create = f"UNWIND $rows AS row CREATE (x{''.join(':' + quoted(label) for label in labels)})"
        for number, element_id in _write(bolt, create, given, "RETURN row.index, elementId(x)"):
            ids[cast("int", number)] = cast("str", element_id)
    return ids


def _write_relationships(bolt: Bolt, data: GraphData, ids: Sequence[str]) -> None:
    groups: defaultdict[str, list[_Given]] = defaultdict(list)
    for row in data.relationships:
        groups[row.type].append(({"a": ids[row.start], "b": ids[row.end]}, row.properties))
    for name, given in groups.items():
        _write(bolt, f"{_ENDS} CREATE (a)-[x:{quoted(name)}]->(b)", given, "RETURN 1")


def _write(bolt: Bolt, create: str, given: Sequence[_Given], answer: str) -> list[list[object]]:
    """Run ``create`` for all rows with the properties set on ``x``.

    Zoned date-times go as text: given as a parameter, ArcadeDB 26.10 stores one with an offset as a
    local date-time in UTC."""
    moments = sorted({key for _, found in given for key, value in found.items() if _zoned(value)})
    lists = {key for _, found in given for key in moments if isinstance(found.get(key), list)}
    sets = ["x = row.properties"] + [
        f"x.{quoted(key)} = "
        + (f"[t IN row.m{index} | datetime(t)]" if key in lists else f"datetime(row.m{index})")
        for index, key in enumerate(moments)
    ]
    statement = f"{create} SET {', '.join(sets)} {answer}"
    return _in_batches(bolt, statement, [_parameters(*row, moments) for row in given])


def _in_batches(bolt: Bolt, statement: str, rows: Sequence[dict[str, Value]]) -> list[list[object]]:
    """The answers for all rows, in their order."""
    answers: list[list[object]] = []
    for start in range(0, len(rows), _BATCH_ROWS):
        answers += bolt.write(statement, rows[start : start + _BATCH_ROWS])
    return answers


def _parameters(
    head: Mapping[str, Value], found: Mapping[str, Value], moments: Sequence[str]
) -> dict[str, Value]:
    plain = {key: value for key, value in found.items() if key not in moments}
    texts = {f"m{index}": _text(found.get(key)) for index, key in enumerate(moments)}
    return {**head, "properties": plain, **texts}


def _zoned(value: Value) -> bool:
    first = value[0] if isinstance(value, list) and value else value
    return isinstance(first, Temporal) and first.kind == "date_time"


def _text(value: Value) -> Value:
    if isinstance(value, list):
        return [_text(item) for item in value]
    return value.text if isinstance(value, Temporal) else value
