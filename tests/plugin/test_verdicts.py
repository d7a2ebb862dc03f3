"""Every verdict that a model's answer can get, from whole runs on a real database."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from project import Project

ANSWERS = {
    "pass": "MATCH (p:Person) RETURN p.name AS who",
    "mismatch": "MATCH (p:Person) RETURN p.born",
    "undecidable": "RETURN date('+999999-01-01')",
    "no_query": "I do not know.",
    "syntax_error": "MATCH (p:Person RETURN p.name",
    "runtime_error": "MATCH (p:Person) RETURN p.born / 0",
    "timeout": " ".join(f"UNWIND range(1, 1000) AS {x}" for x in "abcd") + " RETURN max(a+b+c+d)",
    "too_large": "UNWIND range(1, 5000) AS x RETURN x",
    "blocked": "MATCH (p:Person) DETACH DELETE p",
}
CASE = "- {{id: {id}, graph: tiny, question: Who?, reference: {reference}}}\n"


@pytest.fixture
def verdicts(project: Project) -> Project:
    """A project with one case for every verdict."""
    cases = [
        CASE.format(id=outcome, reference="MATCH (p:Person) RETURN p.name") for outcome in ANSWERS
    ]
    cases.append(CASE.format(id="reference_error", reference="MATCH (p RETURN p.name"))
    project.write("cases/tiny/cases.yaml", "".join(cases))
    return project


def test_every_verdict_is_seen(verdicts: Project, engine: str) -> None:
    """Each answer gets the verdict that its case is named after; what is undecidable is a skip and
    a faulty reference an error, so that neither counts as the model's."""
    model = verdicts.answers(**ANSWERS)
    limits = ("--query-timeout", "1", "--max-rows", "1000")
    result = verdicts.run("--model", model, "--graph-engine", engine, *limits)
    assert verdicts.outcomes() == {name: name for name in [*ANSWERS, "reference_error"]}
    result.assert_outcomes(passed=1, failed=7, skipped=1, errors=1)
    result.stdout.fnmatch_lines(["scripted:*: 1 of 8 cases pass; 2 not judged"])


def test_the_reference_passes_everywhere(project: Project, engine: str) -> None:
    """`--model reference` is all green on each engine."""
    result = project.run("--model", "reference", "--graph-engine", engine)
    result.assert_outcomes(passed=3)
