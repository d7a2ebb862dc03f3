"""One row's cells to a Case: every value is checked here, once, for all file formats.

Knows nothing of files; the reason of a BadRow is all that a bad cell leaves.
"""

from __future__ import annotations

import datetime as dt
import math
import re
import unicodedata
from collections.abc import Mapping
from difflib import get_close_matches
from hashlib import sha256
from typing import TYPE_CHECKING, TypeGuard

from pytest_cypherbench.cases.structured import parse_json
from pytest_cypherbench.flow import BadRow, Case, Order, Origin
from pytest_cypherbench.values import Temporal

if TYPE_CHECKING:
    from pytest_cypherbench.cases.columns import Cells
    from pytest_cypherbench.values import Row, Value

MAX_DEPTH = 64
SLUG_CHARS = 40

_NAME = re.compile(r"[A-Za-z0-9_.-]{1,120}")
_LANGUAGE = re.compile(r"[a-z]{2}")
_INT64 = 2**63


class _CellError(ValueError):
    """What is wrong with one cell."""


def read_case(cells: Cells, origin: Origin, default_graph: str | None) -> Case | BadRow:
    """The case that the cells make, or the first thing that is wrong with them."""
    try:
        return _case(cells, origin, default_graph)
    except _CellError as error:
        return BadRow(origin, str(error))


def _case(cells: Cells, origin: Origin, default_graph: str | None) -> Case:
    question = _required(cells, "question")
    if extra := _text(cells, "input"):
        question = f"{question}\n{extra}"
    reference = _required(cells, "reference")
    graph = _name("graph", _text(cells, "graph") or default_graph)
    return Case(
        id=_id(cells, graph, question),
        graph=graph,
        question=question,
        reference=reference,
        origin=origin,
        tags=_tags(cells.get("tags")),
        difficulty=_difficulty(cells.get("difficulty")),
        params=_params(cells.get("params")),
        order=_order(cells),
        tolerance=_tolerance(cells.get("tolerance")),
        expect=_expect(cells.get("expect")),
        accept=_accept(cells),
        language=_language(cells),
        waive=_waive(cells.get("waive")),
    )


# ── texts and names ─────────────────────────────────────────────────────────────────────────────


def _empty(cell: object) -> bool:
    """An empty cell, as CSV, JSON and Parquet (null, or NaN by way of pandas) spell it."""
    return cell is None or cell == "" or (isinstance(cell, float) and math.isnan(cell))


def _text(cells: Cells, key: str) -> str:
    cell = cells.get(key)
    if _empty(cell):
        return ""
    if not isinstance(cell, str):
        raise _CellError(f"{key} is not text but {_kind(cell)}: quote it")
    return _storable(key, cell).strip()


def _required(cells: Cells, key: str) -> str:
    if key not in cells:
        raise _CellError(f"{key} is missing")
    text = _text(cells, key)
    if not text:
        raise _CellError(f"{key} is empty")
    return text


def _storable(key: str, text: str) -> str:
    """Refuse what no database and no JSON file takes; other control characters stay."""
    if "\0" in text:
        raise _CellError(f"{key} holds a NUL character")
    try:
        text.encode()
    except UnicodeEncodeError as error:
        raise _CellError(f"{key} holds half a surrogate pair at {error.start}") from error
    return text


def _kind(cell: object) -> str:
    names = {
        bool: "a boolean",
        int: "a number",
        float: "a number",
        list: "a list",
        dict: "a mapping",
    }
    return names.get(type(cell), f"a {type(cell).__name__}")


def _name(key: str, name: str | None) -> str:
    """A graph names a folder, an id a test: no character may mean something to a path or a test."""
    if not name:
        raise _CellError(f"{key} is missing, and no default is set")
    if not _NAME.fullmatch(name) or not name.strip("."):
        raise _CellError(
            f"{key} {name[:60]!r} may hold only letters A-Z a-z, digits, '_', '.', '-'"
        )
    return name


def _id(cells: Cells, graph: str, question: str) -> str:
    cell = cells.get("id")
    if isinstance(cell, float) and cell.is_integer():  # spreadsheets have no integers
        cell = int(cell)
    if isinstance(cell, int) and not isinstance(cell, bool):
        cell = str(cell)
    given = _text({"id": cell}, "id")
    if re.fullmatch(r"\d+\.0", given):  # a numeric id that went through a spreadsheet's CSV export
        given = given[:-2]
    return _name("id", given or make_id(graph, question))


def make_id(graph: str, question: str) -> str:
    """The id of a row that has none: ``who-directed-the-matrix-3f2a91c0``.

    The question's first words in ASCII, then 8 hex digits of SHA-256 over graph, NUL and question
    (in Unicode form C). It changes with either and with nothing else.
    """
    text = unicodedata.normalize("NFC", question)
    ascii_text = (
        unicodedata.normalize("NFKD", text[: SLUG_CHARS * 4]).encode("ascii", "ignore").decode()
    )
    words = re.findall(r"[a-z0-9]+", ascii_text.lower())
    slug = ""
    for word in words or [graph]:
        if slug and len(slug) + len(word) >= SLUG_CHARS:
            break
        slug = f"{slug}-{word}".lstrip("-")
    digest = sha256(graph.encode() + b"\0" + text.encode()).hexdigest()
    return f"{slug[:SLUG_CHARS]}-{digest[:8]}"


# ── the small columns ───────────────────────────────────────────────────────────────────────────


def _tags(cell: object) -> tuple[str, ...]:
    if _empty(cell):
        return ()
    parts = re.split(r"[,;]", cell) if isinstance(cell, str) else cell
    if not isinstance(parts, list):
        raise _CellError(f"tags is neither a list nor text but {_kind(cell)}")
    for part in parts:
        if not isinstance(part, str):
            raise _CellError(f"tags holds {_kind(part)}: quote it")
    tags = (" ".join(_storable("tags", part).split()) for part in parts)
    return tuple(dict.fromkeys(tag for tag in tags if tag))


def _number(key: str, cell: object) -> float:
    try:
        if isinstance(cell, (int, float, str)) and not isinstance(cell, bool):
            return float(cell)
    except (ValueError, OverflowError):
        pass
    raise _CellError(f"{key} is not a number: {str(cell)[:60]!r}")


def _difficulty(cell: object) -> int | None:
    if _empty(cell):
        return None
    number = _number("difficulty", cell)
    if number not in (1, 2, 3, 4, 5):
        raise _CellError(f"difficulty is not one of 1 2 3 4 5: {str(cell)[:60]!r}")
    return int(number)


def _tolerance(cell: object) -> float:
    if _empty(cell):
        return 1e-9
    number = _number("tolerance", cell)
    if not 0 <= number < 1:
        raise _CellError(f"tolerance is relative, from 0 to below 1: {str(cell)[:60]!r}")
    return number


def _order(cells: Cells) -> Order | None:
    text = _text(cells, "order").lower()
    if not text:
        return None
    try:
        return Order(text)
    except ValueError:
        near = get_close_matches(text, list(Order), n=1)
        hint = f"did you mean {near[0]}?" if near else f"have: {', '.join(Order)}"
        raise _CellError(f"unknown order {text[:60]!r}: {hint}") from None


def _language(cells: Cells) -> str:
    text = _text(cells, "language").lower()
    if not text:
        return "en"
    if not _LANGUAGE.fullmatch(text):
        raise _CellError(f"language is no ISO 639-1 code such as en or fr: {text[:60]!r}")
    return text


# ── values ──────────────────────────────────────────────────────────────────────────────────────


def _json(key: str, cell: object) -> object:
    """A cell's own structure, or the one that its text spells in JSON, as a sheet has to."""
    if not isinstance(cell, str):
        return cell
    try:
        return parse_json(cell)
    except ValueError as error:
        raise _CellError(f"{key} is not JSON: {error}") from error


def _params(cell: object) -> Mapping[str, Value]:
    if _empty(cell):
        return {}
    params = _json("params", cell)
    if _is_pairs(params):
        params = dict(params)
    if not isinstance(params, Mapping):
        raise _CellError(f"params is not a mapping but {_kind(params)}")
    return {_key("params", name): _value("params", value) for name, value in params.items()}


def _expect(cell: object) -> tuple[Row, ...] | None:
    if _empty(cell):
        return None
    rows = _json("expect", cell)
    if not isinstance(rows, list) or not all(isinstance(row, list) for row in rows):
        raise _CellError("expect is not a list of rows, each a list of values")
    if len({len(row) for row in rows}) > 1:
        raise _CellError("expect has rows of different width")
    return tuple(tuple(_value("expect", value) for value in row) for row in rows)


def _accept(cells: Cells) -> tuple[str, ...]:
    """Further references; frozen rows have no graph on which these could be run."""
    if _empty(cells.get("accept")):
        return ()
    queries = _json("accept", cells["accept"])
    if not isinstance(queries, list):
        raise _CellError(f"accept is not a list of queries but {_kind(queries)}")
    if not _empty(cells.get("expect")):
        raise _CellError(
            "accept and expect exclude each other: frozen rows are the only right ones"
        )
    return tuple(_required({"accept": query}, "accept") for query in queries)


def _waive(cell: object) -> Mapping[str, str]:
    if _empty(cell):
        return {}
    checks = _json("waive", cell)
    if _is_pairs(checks):
        checks = dict(checks)
    if not isinstance(checks, Mapping):
        raise _CellError(f"waive is not a mapping of checks to reasons but {_kind(checks)}")
    return {_key("waive", name): _reason(str(name), why) for name, why in checks.items()}


def _reason(check: str, cell: object) -> str:
    return _required({f"waive of {check}": cell}, f"waive of {check}")


def _is_pairs(cell: object) -> TypeGuard[list[tuple[object, object]]]:
    """Whether it is a Parquet map, which is read as pairs."""
    return isinstance(cell, list) and all(isinstance(p, tuple) and len(p) == 2 for p in cell)  # noqa: PLR2004


def _key(column: str, name: object) -> str:
    if not isinstance(name, str):
        raise _CellError(f"{column} has a key that is not text: {str(name)[:60]!r}")
    return _storable(column, name)


def _value(column: str, value: object, depth: int = 0) -> Value:
    """A value that Cypher has. Dates and times of YAML and sheets become temporal values."""
    if depth > MAX_DEPTH:
        raise _CellError(f"{column} is nested deeper than {MAX_DEPTH}")
    if isinstance(value, str):
        return _storable(column, value)
    if isinstance(value, int) and not -_INT64 <= value < _INT64:
        raise _CellError(f"{column} holds an integer that does not fit 64 bits")
    if value is None or isinstance(value, (bool, int, float, bytes)):
        return value
    if isinstance(value, (dt.date, dt.time)):
        return _temporal(value)
    if isinstance(value, Mapping):
        return {_key(column, k): _value(column, v, depth + 1) for k, v in value.items()}
    if isinstance(value, list):
        return [_value(column, item, depth + 1) for item in value]
    raise _CellError(f"{column} holds {_kind(value)}, which Cypher has no value for")


def _temporal(value: dt.date | dt.time) -> Temporal:
    if not isinstance(value, (dt.datetime, dt.time)):
        return Temporal("date", value.isoformat())
    text = value.isoformat(timespec="microseconds")
    point = text.index(".") + 7  # six digits of fraction, where a Temporal has nine
    text = f"{text[:point]}000{text[point:]}"
    if isinstance(value, dt.time):
        return Temporal("time" if value.tzinfo else "local_time", text)
    return Temporal("date_time" if value.tzinfo else "local_date_time", text)
