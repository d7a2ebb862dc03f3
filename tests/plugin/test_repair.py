"""--prompt repair: an answer that does not run is sent back once, with what the database said."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from project import Project

BROKEN = "MATCH (p:Person RETURN p.name"
RIGHT = "MATCH (p:Person) RETURN p.name"
WRONG = "MATCH (f:Film) RETURN f.title"


def test_an_answer_that_does_not_run_gets_one_more_try(project: Project) -> None:
    """A syntax error, a runtime error and no query at all are repaired once; the record keeps both
    answers, their costs are one, and the summary says how many were tried and how many that made right."""
    model = project.answers(
        names=[BROKEN, RIGHT],
        count=["I don't know.", "Still not.", RIGHT],
        oldest=["MATCH (p:Person) RETURN p.born / 0", f"{RIGHT} ORDER BY p.born"],
    )
    result = project.run(
        "--model", model, "--prompt", "repair", "--rounds", "3", "--benchmark-json", "out.json"
    )
    result.assert_outcomes(passed=2, failed=1)
    result.stdout.fnmatch_lines(["  repaired * 2/3"])
    records = {line["case"]["id"]: line for line in project.records()}
    outcomes = {name: line["verdict"]["outcome"] for name, line in records.items()}
    assert outcomes == {"names": "pass", "count": "no_query", "oldest": "pass"}
    answer = records["names"]["generation"]
    assert (answer["first"]["text"], answer["text"]) == (BROKEN, RIGHT)
    assert answer["seconds"] > answer["first"]["seconds"]
    assert len(records["names"]["round_seconds"]) == 3
    block = json.loads((project.path / "out.json").read_text())["cypherbench"]
    assert (block["models"][0]["retried"], block["models"][0]["repaired"]) == (3, 2)


def test_what_would_tell_of_the_reference_or_the_guard_is_not_repaired(project: Project) -> None:
    """Nobody who asks a question knows that rows are wrong, and a try to write is no slip."""
    model = project.answers(names=[WRONG, RIGHT], count=["MATCH (p:Person) DETACH DELETE p", RIGHT])
    result = project.run("--model", model, "--prompt", "repair")
    result.assert_outcomes(passed=1, failed=2)
    assert project.outcomes() == {"names": "mismatch", "count": "blocked", "oldest": "pass"}
    assert [line["generation"]["first"] for line in project.records()] == [None] * 3
    result.stdout.no_fnmatch_line("  repaired *")


def test_other_prompts_give_one_try(project: Project) -> None:
    """A second try is a prompt's own, and none that a model is given unasked."""
    model = project.answers(names=[BROKEN, RIGHT])
    project.run("--model", model, "-k", "names").assert_outcomes(failed=1)
    assert project.outcomes() == {"names": "syntax_error"}
