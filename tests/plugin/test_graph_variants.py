"""`--graph-variants`: luck on the graph does not pass on an altered copy of it; and `accept`."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest
from groups import uses_server

if TYPE_CHECKING:
    from project import Project

CASES = """\
graph: tiny
cases:
  - {id: names, question: Who is there?, reference: "MATCH (p:Person) RETURN p.name"}
  - {id: people, question: How many people?, reference: "MATCH (p:Person) RETURN count(p)"}
  - {id: busiest, question: Who made two films?, language: fr, difficulty: 2,
     reference: "MATCH (p:Person)-[:MADE]->(f) WITH p, count(f) AS n WHERE n = 2 RETURN p.name"}
  - {id: makers, question: Who made a film?,
     reference: "MATCH (p:Person) WHERE EXISTS { (p)-[:MADE]->() } RETURN p.name"}
"""
RIGHT = {
    "names": "MATCH (x:Person) RETURN x.name AS who",
    "people": "MATCH (:Person) RETURN count(*)",
    "busiest": "MATCH (p:Person)-[r:MADE]->() WITH p, count(r) AS n WHERE n = 2 RETURN p.name",
    "makers": "MATCH (p:Person)-[:MADE]->() RETURN DISTINCT p.name",
}
LUCKY = {
    "names": "UNWIND ['Ann', 'Bob', 'Cid'] AS x RETURN x",
    "people": "RETURN 3",
    "makers": "MATCH (p:Person) WHERE p.name <> 'Cid' RETURN p.name",
}


@pytest.fixture
def judged(project: Project) -> Project:
    project.write("cases/tiny/cases.yaml", CASES)
    return project


def by_case(project: Project) -> dict[str, dict[str, Any]]:
    return {line["case"]["id"]: line for line in project.records()}


def test_what_is_right_by_luck_is_a_miss(judged: Project, engine: str) -> None:
    """A constant, a list written down and a filter that happens to fit pass on the graph and fail on
    its copy: a mismatch marked lucky, whose reason names the copy; the summary counts them."""
    model = judged.answers(**{**RIGHT, **LUCKY})
    result = judged.run("--model", model, "--graph-engine", engine)
    result.assert_outcomes(passed=1, failed=3)
    for name, record in by_case(judged).items():
        verdict = record["verdict"]
        assert verdict["lucky"] == (name in LUCKY)
        assert record["copies"] == {"judged": 1, "reason": ""}
        if name in LUCKY:
            assert verdict["outcome"] == "mismatch"
            assert verdict["reason"].startswith("right by luck: on altered copy ")
    result.stdout.fnmatch_lines(["  mismatch * 3", "    lucky * 3", "*: 1 of 4 cases pass"])


def test_what_is_right_passes_on_every_copy(judged: Project, engine: str) -> None:
    """A right query in other words passes on three copies, with as many workers."""
    flags = ("--graph-variants", "3", "-n", "2")
    result = judged.run("--model", judged.answers(**RIGHT), "--graph-engine", engine, *flags)
    result.assert_outcomes(passed=4)
    assert {record["copies"]["judged"] for record in judged.records()} == {3}


@pytest.mark.slow
def test_luck_is_found_by_every_worker(judged: Project, engine: str) -> None:
    """The same misses under xdist."""
    model = judged.answers(**{**RIGHT, **LUCKY})
    judged.run("--model", model, "--graph-engine", engine, "-n", "2")
    assert {name for name, line in by_case(judged).items() if line["verdict"]["lucky"]} == set(
        LUCKY
    )


def test_no_copy_is_made_where_none_is_asked_for(judged: Project) -> None:
    """`--graph-variants 0`, or the ini: luck passes, as it does on the graph alone."""
    judged.write("pytest.ini", "[pytest]\ncypherbench_graph_variants = 0\n")
    result = judged.run("--model", judged.answers(**{**RIGHT, **LUCKY}))
    result.assert_outcomes(passed=4)
    assert {record["copies"] for record in judged.records()} == {None}
    assert "judged again" not in result.stdout.str()


@pytest.mark.parametrize("value", ["-1", "1.5", "many"])
def test_a_number_that_is_none_is_refused(judged: Project, value: str) -> None:
    """One line and exit status 4."""
    result = judged.run("--model", "reference", f"--graph-variants={value}")
    assert result.ret == 4
    result.stderr.fnmatch_lines([f"*--graph-variants '{value}' is no whole number from 0 up*"])


def test_copies_that_cannot_decide_are_said(project: Project) -> None:
    """Where the reference is empty on every copy, or its rows are frozen, the pass stands, with
    the reason in the record and a count in the summary."""
    project.write(
        "cases/tiny/cases.yaml",
        "graph: tiny\ncases:\n"
        "- {id: none, question: q, reference: 'MATCH (p:Person)-[:MADE]->(q:Person) RETURN p.name'}\n"
        "- {id: frozen, question: p, reference: RETURN 1, expect: [[1]]}\n",
    )
    result = project.run("--model", "reference")
    result.assert_outcomes(passed=2)
    found = {name: line["copies"] for name, line in by_case(project).items()}
    assert found["none"]["judged"] == found["frozen"]["judged"] == 0
    assert found["none"]["reason"].endswith("the reference returns no rows")
    assert found["frozen"]["reason"] == "frozen rows have no graph that could be altered"
    result.stdout.fnmatch_lines(["*2 passed on too few altered copies"])


def test_resuming_with_more_copies_judges_again(judged: Project) -> None:
    """What was judged on one copy says nothing of two; with as many, nothing is done twice."""
    model = judged.answers(**RIGHT)
    judged.run("--model", model, "--journal", "j.jsonl")
    for flags, lines in [((), 4), (("--graph-variants", "2"), 8)]:
        judged.run("--model", model, "--resume", "j.jsonl", *flags).assert_outcomes(passed=4)
        text = (judged.path / "j.jsonl").read_text()
        assert text.count('"type":"record"') == lines


def test_difficulty_and_language_are_told_apart(judged: Project) -> None:
    """With -v the summary has EX by both, in the JSON it is always."""
    model = judged.answers(**RIGHT)
    shown = judged.run("--model", model, "-v", "--benchmark-json", "out.json").stdout
    shown.fnmatch_lines(
        ["  EX difficulty 2 * 1/1", "  EX language en * 3/3", "  EX language fr * 1/1"]
    )
    assert "EX language" not in judged.run("--model", model).stdout.str()


ACCEPTING = """\
- id: {id}
  graph: tiny
  question: Who is the oldest ({id})?
  reference: MATCH (p:Person) RETURN p.name ORDER BY p.born LIMIT 1
  accept: ["MATCH (p:Person) RETURN p.name, p.born ORDER BY p.born LIMIT 1", "{second}"]
"""


def accepting(**second: str) -> str:
    return "".join(ACCEPTING.format(id=name, second=text) for name, text in second.items())


def test_any_accepted_answer_passes(project: Project, engine: str) -> None:
    """The rows of an accepted query are as right as those of the reference, on the copies too."""
    answers = {
        "first": "MATCH (p:Person) RETURN p.name, p.born ORDER BY p.born LIMIT 1",
        "second": "MATCH (p:Person) WITH min(p.born) AS m RETURN m",
        "neither": "MATCH (p:Person) RETURN p.name ORDER BY p.born LIMIT 2",
    }
    cases = accepting(**dict.fromkeys(answers, "MATCH (p:Person) RETURN min(p.born)"))
    project.write("cases/tiny/cases.yaml", cases)
    project.run("--model", project.answers(**answers), "--graph-engine", engine)
    assert project.outcomes() == {"first": "pass", "second": "pass", "neither": "mismatch"}


def test_an_accepted_query_that_will_not_do_is_named(project: Project) -> None:
    """It is a fault of the case, found before anything is generated."""
    cases = accepting(
        broken="MATCH (p:Person RETURN p.name", loose="MATCH (p:Person) RETURN p.name LIMIT 1"
    )
    project.write("cases/tiny/cases.yaml", cases)
    project.run("--model", project.answers(broken="RETURN 1", loose="RETURN 1"))
    assert project.outcomes() == {"broken": "reference_error", "loose": "undecidable"}
    for record in project.records():
        assert record["generation"] is None
        assert "accept 2: " in record["verdict"]["reason"]


@uses_server
def test_a_database_of_someones_is_not_copied(
    judged: Project, monkeypatch: pytest.MonkeyPatch
) -> None:
    """With --allow-nonempty on a server of the user's, passes stand, and each record says why."""
    from conftest import NAMED

    if not NAMED["NEO4J_URI"]:
        pytest.skip("no Neo4j: set NEO4J_URI, NEO4J_USERNAME, NEO4J_PASSWORD (see .ci/neo4j)")
    for name, value in NAMED.items():
        monkeypatch.setenv(name, value)
    server = ("--model", judged.answers(**RIGHT), "--graph-engine", "neo4j-server")
    judged.run(*server)  # loads the graph, which the second run finds
    judged.run(*server, "--allow-nonempty", "--journal", "found.jsonl").assert_outcomes(passed=4)
    assert (
        '"judged":0,"reason":"a graph that was found in a database is not copied"'
        in (judged.path / "found.jsonl").read_text()
    )
