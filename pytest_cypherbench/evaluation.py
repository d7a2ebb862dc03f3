"""The test function that every case becomes: what `pytest --model …` runs.

Knows nothing of how a record is made; the fixtures do that, so that a faulty reference or a dead
database is an error of the set-up and only the model's own miss is a failed test.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from pytest_cypherbench.errors import EngineError, SuiteError
from pytest_cypherbench.flow import Outcome
from pytest_cypherbench.reports.failure import explain
from pytest_cypherbench.reports.text import one_line

if TYPE_CHECKING:
    from pytest_cypherbench.flow import Record


def test_cypher(record: Record) -> None:
    """The model's query returns what the reference returns."""
    if record.verdict.outcome is not Outcome.PASS:
        raise AssertionError(explain(record))


def refuse_unjudged(record: Record) -> str:
    """Why a case cannot be judged on this engine, or "". Raises SuiteError for a faulty reference
    and EngineError for a database that failed: neither is a miss of the model's."""
    verdict = record.verdict
    reason = one_line(verdict.reason, 500)
    where = f"{record.case.origin.file}, row {record.case.origin.row} ({record.case.id})"
    if verdict.outcome is Outcome.REFERENCE_ERROR:
        raise SuiteError(f"{where}: the reference fails: {reason}", fix="correct the case")
    if verdict.outcome is Outcome.ENGINE_ERROR:
        raise EngineError(f"{where}: the database failed twice: {reason}")
    return reason or "undecidable" if verdict.outcome is Outcome.UNDECIDABLE else ""
