"""Several right answers: a prediction passes if it equals one of them.

Knows nothing of models, prompts, databases or pytest; pure functions.
"""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from pytest_cypherbench.compare.verdict import judge
from pytest_cypherbench.flow import Execution, Failure, Outcome

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from pytest_cypherbench.flow import Case, Verdict


def each_reference(
    case: Case, ask: Callable[[Case], Execution | Failure]
) -> tuple[Execution, ...] | Failure:
    """What the reference and then every accepted query returns; ``ask`` is given the case with each
    as its reference. The first that fails, named: a case is sound only if all of them are."""
    found: list[Execution] = []
    for number, text in enumerate((case.reference, *case.accept)):
        done = ask(replace(case, reference=text, accept=()))
        if isinstance(done, Failure):
            return replace(done, reason=f"accept {number}: {done.reason}") if number else done
        found.append(done)
    return tuple(found)


def judge_any(
    case: Case,
    expected: Sequence[Execution],
    predicted: Execution | Failure,
    *,
    same_database: bool = True,
) -> Verdict:
    """The verdict on the reference's rows unless an accepted query's, in their order, are nearer:
    a pass before what cannot be decided, that before a miss, and the miss of the highest F1."""
    verdicts = []
    for number, execution in enumerate(expected):
        text = (case.reference, *case.accept)[number]
        one = replace(case, reference=text)
        verdict = judge(one, execution, predicted, same_database=same_database)
        if number:
            verdict = replace(verdict, reason=f"{verdict.reason} (accept {number})")
        if verdict.outcome is Outcome.PASS:
            return verdict
        verdicts.append(verdict)
    return max(verdicts, key=lambda v: (v.outcome is Outcome.UNDECIDABLE, v.f1 or 0))
