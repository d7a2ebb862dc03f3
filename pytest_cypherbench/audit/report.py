"""An audit as lines for the terminal and as JSON.

Knows nothing of how the checks are made.
"""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from typing import TYPE_CHECKING

from pytest_cypherbench.audit.findings import Check, Finding
from pytest_cypherbench.audit.mutants import MutantKind
from pytest_cypherbench.reports.text import one_line

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from pytest_cypherbench.audit.checking import Audit
    from pytest_cypherbench.audit.strength import Tally
    from pytest_cypherbench.cases.folders import Rows

# Raised when a key of the JSON changes its meaning or goes.
JSON_VERSION = 1
_REASON_CHARS = 300


@dataclass(frozen=True, slots=True)
class Report:
    """An audit, what it was made of, and its findings with waivers applied."""

    audit: Audit
    rows: Rows
    training: Rows
    engine: str
    findings: tuple[Finding, ...]

    @property
    def open(self) -> tuple[Finding, ...]:
        """The findings that are not waived."""
        return tuple(finding for finding in self.findings if not finding.waived)


def terminal_lines(report: Report) -> Iterator[str]:
    """A table of checks, the findings, the strength, what it cost, and one last line that says it
    all."""
    yield from _table(report)
    yield ""
    for finding in report.open:
        yield _line(finding)
    if report.open:
        yield ""
    yield from _strength(report.audit.tally)
    for case, reason in report.audit.undecided:
        yield f"undecided  {case.id}: {one_line(reason, _REASON_CHARS)}"
    for file in report.rows.left_out:
        yield f"left out   {one_line(file)}: no columns of cases"
    yield from _cost(report)
    count = len(report.open)
    found = f"{count} finding{'' if count == 1 else 's'}" if count else "clean"
    yield f"{found}: {len(report.rows.cases)} cases on {report.engine}"


def _table(report: Report) -> Iterator[str]:
    found = Counter(finding.check for finding in report.findings)
    open_ = Counter(finding.check for finding in report.open)
    yield f"{'check':<12}{'findings':>10}{'waived':>8}"
    for check in Check:
        waived = found[check] - open_[check]
        yield f"{check:<12}{open_[check]:>10}{waived:>8}"


def _line(finding: Finding) -> str:
    row = f", row {finding.row}" if finding.row else ""
    case = f" ({finding.case_id})" if finding.case_id else ""
    where = one_line(f"{finding.file}{row}{case}")
    return f"{where}: {finding.check}: {one_line(finding.reason, _REASON_CHARS)}"


def _strength(tally: Tally) -> Iterator[str]:
    if tally.share is None:
        return
    made, told = tally.made.total(), tally.told_apart.total()
    yield f"strength   {told} of {made} mutants told apart ({tally.share:.1%})"
    for kind in MutantKind:
        if tally.made[kind]:
            part = f"{tally.told_apart[kind]}/{tally.made[kind]}"
            yield f"  {kind:<14}{part:>10}"
    if tally.refused:
        kinds = ", ".join(f"{count} {kind}" for kind, count in tally.refused.most_common())
        yield f"  not counted, because the engine refuses them: {kinds}"


def _cost(report: Report) -> Iterator[str]:
    audit = report.audit
    phases = ", ".join(f"{phase} {seconds:.1f}" for phase, seconds in audit.seconds.items())
    if phases:
        yield f"seconds    {phases}; {audit.loads} loads of {audit.graphs} graphs"


def as_json(report: Report) -> Mapping[str, object]:
    """The same as JSON-ready values; docs/audit.md lists the keys."""
    audit, tally = report.audit, report.audit.tally
    found = Counter(finding.check for finding in report.findings)
    open_ = Counter(finding.check for finding in report.open)
    return {
        "version": JSON_VERSION,
        "engine": report.engine,
        "cases": len(report.rows.cases),
        "training_cases": len(report.training.cases),
        "left_out": list(report.rows.left_out),
        "clean": not report.open,
        "checks": {
            str(check): {"findings": open_[check], "waived": found[check] - open_[check]}
            for check in Check
        },
        "findings": [_finding(finding) for finding in report.findings],
        "undecided": [
            {"case": case.id, "file": case.origin.file, "row": case.origin.row, "reason": reason}
            for case, reason in audit.undecided
        ],
        "strength": {
            "mutants": tally.made.total(),
            "told_apart": tally.told_apart.total(),
            "share": tally.share,
            "kinds": {
                str(kind): {"mutants": tally.made[kind], "told_apart": tally.told_apart[kind]}
                for kind in MutantKind
            },
            "not_counted": {str(kind): count for kind, count in tally.refused.items()},
        },
        "copies": {"shuffled": audit.plan.shuffles, "altered": audit.plan.altered},
        "graphs": audit.graphs,
        "loads": audit.loads,
        "seconds": {phase: round(seconds, 3) for phase, seconds in audit.seconds.items()},
    }


def _finding(finding: Finding) -> Mapping[str, object]:
    return {
        "check": str(finding.check),
        "case": finding.case_id or None,
        "file": finding.file,
        "row": finding.row or None,
        "reason": finding.reason,
        "waived": finding.waived or None,
    }
