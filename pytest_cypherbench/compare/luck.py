"""Whether a prediction that is right on a graph is right by luck: it is judged on altered copies.

Knows nothing of engines or of how copies are made: it asks through what it is given.
"""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Protocol

from pytest_cypherbench.compare.accepted import judge_any
from pytest_cypherbench.flow import Copies, Execution, Failure, Outcome, Verdict

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from pytest_cypherbench.flow import Case
    from pytest_cypherbench.values import Value

# More copies than were asked for, where the reference says nothing on some.
SPARE_COPIES = 3
# Other verdicts say more of the engine than of the query.
_DECISIVE = frozenset({Outcome.PASS, Outcome.MISMATCH, Outcome.RUNTIME_ERROR})


class Copy(Protocol):
    """A graph with the same schema and other data."""

    def answers(self, case: Case) -> tuple[Execution, ...] | Failure:
        """What the reference and the accepted queries return there."""

    def run(self, statement: str, params: Mapping[str, Value]) -> Execution | Failure:
        """What a query returns there."""


def judge_on_copies(
    case: Case,
    statement: str,
    verdict: Verdict,
    count: int,
    *,
    copy: Callable[[int], Copy],
    control: Copy | None = None,
) -> tuple[Verdict, Copies]:
    """``verdict`` if the prediction matches on ``count`` copies, made of seeds from 1 up, else a
    mismatch that is marked lucky; and how many copies decided.

    A copy on which the reference is empty, fails or is undetermined says nothing: the next seed is
    tried, ``SPARE_COPIES`` times. ``control``: the graph itself where the copies are, if that is on
    another engine; one that does not find the prediction right says nothing of it."""
    judged, why = 0, ""
    if control is not None:
        found = _judge(case, statement, control, may_be_empty=True)
        if not isinstance(found, Verdict) or found.outcome is not Outcome.PASS:
            reason = found.reason if isinstance(found, Verdict) else found
            return verdict, Copies(0, f"where the copies are, the query cannot be judged: {reason}")
    for seed in range(1, count + SPARE_COPIES + 1):
        if judged == count:
            return verdict, Copies(judged)
        found = _judge(case, statement, copy(seed))
        if not isinstance(found, Verdict):
            why = f"altered copy {seed}: {found}"
            continue
        judged += 1
        if found.outcome is not Outcome.PASS:
            reason = f"right by luck: on altered copy {seed} of the graph: {found.reason}"
            return replace(verdict, outcome=Outcome.MISMATCH, lucky=True, reason=reason), Copies(
                judged
            )
    return verdict, Copies(judged, "" if judged == count else why)


def _judge(case: Case, statement: str, copy: Copy, *, may_be_empty: bool = False) -> Verdict | str:
    """The verdict there, or why there is none."""
    expected = copy.answers(case)
    if isinstance(expected, Failure):
        return expected.reason
    if not expected[0].rows and not may_be_empty:
        return "the reference returns no rows"
    verdict = judge_any(case, expected, copy.run(statement, case.params))
    return verdict if verdict.outcome in _DECISIVE else f"{verdict.outcome}: {verdict.reason}"
