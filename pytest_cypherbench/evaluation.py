"""The test function that every case becomes: what `pytest --model …` runs.

Knows nothing of how a record is made; the fixtures do that, so that a faulty reference or a dead
database is an error of the set-up and only the model's own miss is a failed test.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from pytest_cypherbench.flow import Outcome
from pytest_cypherbench.reports.failure import explain

if TYPE_CHECKING:
    from pytest_cypherbench.flow import Record


def test_cypher(record: Record) -> None:
    """The model's query returns what the reference returns."""
    if record.verdict.outcome is not Outcome.PASS:
        raise AssertionError(explain(record))
