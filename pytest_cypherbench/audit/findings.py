"""What an audit finds, which check found it, and what a case's ``waive`` does about it.

Knows nothing of how the checks are made.
"""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from enum import StrEnum
from typing import TYPE_CHECKING

from pytest_cypherbench.registry import unknown

if TYPE_CHECKING:
    from collections.abc import Iterable

    from pytest_cypherbench.flow import Case


class Check(StrEnum):
    """The checks, in the order in which they are reported; docs/audit.md says what each means."""

    ROW = "row"
    GRAPH = "graph"
    TAGS = "tags"
    DIFFICULTY = "difficulty"
    DUPLICATE = "duplicate"
    LEAK = "leak"
    PARSES = "parses"
    READ_ONLY = "read-only"
    SCHEMA = "schema"
    RUNS = "runs"
    BUDGET = "budget"
    EMPTY = "empty"
    DETERMINED = "determined"
    LOAD_ORDER = "load-order"
    ACCEPT = "accept"
    STRENGTH = "strength"
    WAIVER = "waiver"


# What a case cannot waive: these say that there is nothing to judge by.
_NEVER_WAIVED = frozenset({Check.ROW, Check.GRAPH, Check.PARSES, Check.READ_ONLY, Check.WAIVER})


@dataclass(frozen=True, slots=True)
class Finding:
    """One fault in one line. ``row`` 0 means the whole file; ``waived``: the case's reason."""

    check: Check
    case_id: str
    file: str
    row: int
    reason: str
    waived: str = ""


@dataclass(slots=True)
class Findings:
    """All that was found, and which checks of which case were made in full."""

    found: list[Finding] = field(default_factory=list)
    _made: set[tuple[str, Check]] = field(default_factory=set)

    def add(self, check: Check, case: Case, reason: str) -> None:
        """A fault of a case."""
        line = " ".join(reason.split())
        self.found.append(Finding(check, case.id, case.origin.file, case.origin.row, line))

    def made(self, case: Case, *checks: Check) -> None:
        """These checks were made of this case, so that a waiver of them must have a finding."""
        self._made.update((case.id, check) for check in checks)

    def settled(self, cases: Iterable[Case]) -> tuple[Finding, ...]:
        """Everything in the order of checks and files, with waivers applied, and a finding for each
        waiver that waives nothing."""
        waivers = {case.id: dict(case.waive) for case in cases}
        found = [self._waived(finding, waivers) for finding in dict.fromkeys(self.found)]
        for case in cases:
            for name in waivers[case.id]:
                if reason := self._idle(case, name):
                    where = (case.id, case.origin.file, case.origin.row)
                    found.append(Finding(Check.WAIVER, *where, reason))
        order = list(Check)
        return tuple(sorted(found, key=lambda f: (order.index(f.check), f.file, f.row)))

    def _waived(self, finding: Finding, waivers: dict[str, dict[str, str]]) -> Finding:
        reason = waivers.get(finding.case_id, {}).get(finding.check, "")
        return finding if finding.check in _NEVER_WAIVED else replace(finding, waived=reason)

    def _idle(self, case: Case, name: str) -> str:
        """Why a waiver of this name stands in the way; "" if it does not."""
        names = [check for check in Check if check not in _NEVER_WAIVED]
        if name not in names:
            return str(unknown("check", name, names, flag="waive"))
        finds = any(f.check == name and f.case_id == case.id for f in self.found)
        if finds or (case.id, Check(name)) not in self._made:
            return ""
        return f"{name} is waived, but nothing is found: drop the waiver"
