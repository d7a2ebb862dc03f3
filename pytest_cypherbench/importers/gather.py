"""Rows of a source to cases: what each must be, and why it is refused where it is not.

Knows nothing of files or of any format. Does not say what a case is worth: the audit does.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from pytest_cypherbench import cypher
from pytest_cypherbench.cases.fields import read_case
from pytest_cypherbench.flow import BadRow, Case, Origin
from pytest_cypherbench.graphs import guard
from pytest_cypherbench.importers.format import RefusedError, SourceRow, shown

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from pytest_cypherbench.cases.columns import RawRow
    from pytest_cypherbench.importers.format import Format
    from pytest_cypherbench.importers.table import Table

_CORRECT = "correct the row, or delete it"


@dataclass(frozen=True, slots=True)
class Refusal:
    """A row that is not imported."""

    origin: Origin
    cause: str
    fix: str
    detail: str = ""


@dataclass(frozen=True, slots=True)
class Gathered:
    """Cases with the cells that they were read from, and the rows that are none, in their order."""

    cases: tuple[tuple[Case, Mapping[str, object]], ...]
    refusals: tuple[Refusal, ...]


def gather(tables: Iterable[Table], wanted: Format, graph: str | None) -> Gathered:
    """Every row of the tables, each a case or a refusal. ``graph`` serves rows that name none."""
    cases: list[tuple[Case, Mapping[str, object]]] = []
    refusals: list[Refusal] = []
    first: dict[str, Origin] = {}
    for table in tables:
        for raw in table.rows:
            origin = Origin(table.file, raw[0])
            try:
                cells = _cells(raw, wanted, graph)
                case = _case(cells, origin)
                _refuse_second(case, first.setdefault(case.id, origin), "id" in cells)
            except RefusedError as error:
                refusals.append(Refusal(origin, error.cause, error.fix, error.detail))
            else:
                cases.append((case, cells))
    return Gathered(tuple(cases), tuple(refusals))


def _cells(raw: RawRow, wanted: Format, graph: str | None) -> Mapping[str, object]:
    """The cells of a case, empty ones left out."""
    _, row = raw
    if isinstance(row, str):
        cause, _, fix = row.partition("; ")
        raise RefusedError(cause, fix=fix or _CORRECT)
    found = wanted.convert(SourceRow(row))
    cells = {key: value for key, value in found.items() if value not in ("", None, [])}
    cells.setdefault("graph", graph or wanted.graph)
    if not cells["graph"]:
        raise RefusedError("names no graph", fix="give --graph NAME for such rows")
    _check_query(str(cells["reference"]))
    return cells


def _check_query(query: str) -> None:
    """Refuse what is no query, what is none that can be read, and what does more than read."""
    try:
        tokens = cypher.tokenize(query)
    except cypher.CypherTextError as error:
        raise RefusedError("the query is broken off", fix=_CORRECT, detail=str(error)) from error
    clauses = cypher.clauses(tokens)
    if not clauses or not clauses[0].keyword:
        raise RefusedError(
            "the query begins with no clause of Cypher",
            fix="see whether the columns are shifted; a cell with the delimiter must be quoted",
            detail=shown(query),
        )
    if refused := guard.check(query):
        raise RefusedError(
            f"the query does more than read: {refused.reason}",
            fix="rewrite it so that it only reads, or leave it out",
        )


def _case(cells: Mapping[str, object], origin: Origin) -> Case:
    case = read_case(cells, origin, None)
    if isinstance(case, BadRow):
        raise RefusedError(case.reason, fix=_CORRECT)
    return case


def _refuse_second(case: Case, taken: Origin, has_id: bool) -> None:
    """Refuse a row whose id an earlier one has; rows without an id have one of their question."""
    if taken == case.origin:
        return
    if has_id:
        raise RefusedError(
            "two rows with one id",
            fix="give one of them another id, or delete it",
            detail=f"{case.id} is row {taken.row} of {taken.file}",
        )
    raise RefusedError(
        "asks on the same graph what an earlier row asks",
        fix="delete one of the two",
        detail=f"row {taken.row} of {taken.file}",
    )
