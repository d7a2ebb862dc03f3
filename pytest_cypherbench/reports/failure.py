"""Why a case did not pass, in the few lines that pytest shows under the test.

Knows nothing of pytest: it only formats a record.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from pytest_cypherbench.flow import Excerpt, Failure
from pytest_cypherbench.records import rows_text
from pytest_cypherbench.reports.text import one_line, printable

if TYPE_CHECKING:
    from pytest_cypherbench.flow import Record

SHOWN_ROWS = 5


def explain(record: Record) -> str:
    """Verdict and rule first, then what was asked, written, expected and returned."""
    query = record.query.text if record.query and record.query.text else None
    raw = record.generation.text if record.generation else ""
    lines = [
        f"{record.verdict.outcome}: {one_line(record.verdict.reason, 500)}",
        f"  model      {record.model}",
        f"  question   {one_line(record.case.question)}",
        *_block("reference", record.case.reference),
        *(_block("prediction", query) if query else _block("text", raw or "(empty)")),
        *_result("expected", record.expected),
        *_result("returned", record.predicted),
    ]
    return "\n".join(lines)


def _block(name: str, text: str) -> list[str]:
    """A bar before every further line: to a CI system one that begins with ``::`` is a command."""
    first, *rest = printable(text).splitlines() or [""]
    return [f"  {name:<10} {first}", *(f"  {'':<10} | {line}" for line in rest)]


def _result(name: str, result: Excerpt | Failure | None) -> list[str]:
    if result is None:
        return []
    if isinstance(result, Failure):
        return [f"  {name:<10} {result.kind}: {one_line(result.reason, 500)}"]
    rows = rows_text(result.rows[:SHOWN_ROWS])
    more = f" … {result.row_count} rows" if result.row_count > SHOWN_ROWS else ""
    return [f"  {name:<10} {one_line(rows, 500)}{more}"]
