"""Whether a case tells wrong queries from right ones: its mutants must return something else.

Knows nothing of files or of how graphs are altered.
"""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from pytest_cypherbench.audit.findings import Check
from pytest_cypherbench.audit.mutants import Mutant, MutantKind, make_mutants
from pytest_cypherbench.compare import judge_any
from pytest_cypherbench.flow import Execution, Failure, FailureKind, Outcome

if TYPE_CHECKING:
    from collections.abc import Sequence

    from pytest_cypherbench.audit.findings import Findings
    from pytest_cypherbench.flow import Case
    from pytest_cypherbench.loaded import Graph


@dataclass(slots=True)
class Tally:
    """Mutants by kind: made, told apart, and not counted by the kind of the engine's refusal."""

    made: Counter[MutantKind] = field(default_factory=Counter)
    told_apart: Counter[MutantKind] = field(default_factory=Counter)
    refused: Counter[FailureKind] = field(default_factory=Counter)

    @property
    def share(self) -> float | None:
        """Told apart, of those made; None if none was."""
        return self.told_apart.total() / self.made.total() if self.made else None

    def add(self, other: Tally) -> None:
        """Count in another graph's."""
        self.made += other.made
        self.told_apart += other.told_apart
        self.refused += other.refused


@dataclass(slots=True)
class Trial:
    """The mutants of one case that nothing has told apart yet. ``unseen``: some could not be run
    on this engine."""

    case: Case
    left: list[Mutant]
    unseen: bool = False

    @classmethod
    def of(cls, case: Case, graph: Graph) -> Trial:
        """All mutants of a case."""
        return cls(case, list(make_mutants(case, case.accept, graph.schema)))

    def first(self, graph: Graph, expected: Sequence[Execution], tally: Tally) -> None:
        """Run all on the graph as it is; what the engine refuses is not counted."""
        survived = []
        for mutant in self.left:
            done = graph.run(mutant.text, self.case.params)
            if isinstance(done, Failure):
                tally.refused[done.kind] += 1
                self.unseen |= done.kind is FailureKind.UNDECIDABLE
                continue
            tally.made[mutant.kind] += 1
            if _differs(self.case, expected, done):
                tally.told_apart[mutant.kind] += 1
            else:
                survived.append(mutant)
        self.left = survived

    def again(self, copy: Graph, expected: Sequence[Execution], tally: Tally) -> None:
        """Run those that are left on an altered copy, where ``expected`` is right."""
        survived = []
        for mutant in self.left:
            done = copy.run(mutant.text, self.case.params)
            if isinstance(done, Execution) and _differs(self.case, expected, done):
                tally.told_apart[mutant.kind] += 1
            else:
                survived.append(mutant)
        self.left = survived

    def report(self, findings: Findings) -> None:
        """A finding for each mutant that is left."""
        for mutant in self.left:
            reason = f"passes although it is wrong ({mutant.kind}): {mutant.what}"
            findings.add(Check.STRENGTH, self.case, reason)
        if not self.unseen:
            findings.made(self.case, Check.STRENGTH)


def _differs(case: Case, expected: Sequence[Execution], found: Execution) -> bool:
    """Whether a prediction with these rows would fail: other rows than each right answer has. What
    the comparison cannot decide is not told apart."""
    return judge_any(case, expected, found).outcome is Outcome.MISMATCH
