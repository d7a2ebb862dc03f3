"""--samples, --pass-at: several answers a case, and what they estimate."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from project import Project

WRONG = "RETURN 1"
RIGHT = "MATCH (p:Person) RETURN p.name"


def test_every_sample_is_judged_and_pass_at_k_estimated(project: Project) -> None:
    """One of two samples of one case of three is wrong: pass@1 is 5/6, pass@2 is 1."""
    model = project.answers(names=[RIGHT, WRONG])
    result = project.run("--model", model, "--samples", "2", "--temperature", "0.8")
    result.assert_outcomes(passed=5, failed=1)
    result.stdout.fnmatch_lines(["pass@1 *83.3%", "pass@2 *100.0%", "*: 5 of 6 samples pass"])
    samples = [(line["case"]["id"], line["sample"]) for line in project.records()]
    assert sorted(samples) == [(case, n) for case in ("count", "names", "oldest") for n in (0, 1)]


def test_samples_of_a_case_are_no_further_cases_to_the_interval(project: Project) -> None:
    """Four samples of three cases leave the interval of EX as wide as three cases do."""
    single = project.run("--model", "reference").stdout.str()
    many = project.run("--model", "reference", "--samples", "4", "--temperature", "1").stdout.str()
    interval = "100.0% [43.9%, 100.0%]"
    assert interval in single
    assert interval in many


@pytest.mark.parametrize(
    ("flags", "fault"),
    [
        (["--samples", "2"], "--samples 2 at --temperature 0 would be the same answer 2 times"),
        (["--samples", "0"], "--samples '0' is no whole number from 1 up"),
        (["--pass-at", "3"], "--pass-at 3 cannot be estimated from --samples 1"),
        (["--pass-at", "x"], "--pass-at 'x' is no whole number from 1 up"),
    ],
)
def test_what_cannot_be_estimated_is_refused(
    project: Project, flags: list[str], fault: str
) -> None:
    """One line that names the flag, exit status 4."""
    result = project.run("--model", "reference", *flags)
    assert result.ret == 4
    result.stderr.fnmatch_lines([f"*{fault}*"])
