"""The audit on a real engine: each fault is planted once, found by its check, and by no other."""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING

import pytest
from audit_project import SOUND, case, write_cases, write_graph
from graph_engines import started
from groups import uses_server

from pytest_cypherbench.audit.answers import Budget
from pytest_cypherbench.audit.checking import Audit, Plan, by_graph, check_graph, check_texts
from pytest_cypherbench.cases.folders import Rows, read_paths

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from pytest_cypherbench.audit.findings import Finding
    from pytest_cypherbench.graphs import Engine

NAMES = "MATCH (p:Person) RETURN p.name"
NONE = "MATCH (p:Person {name: 'Zoe'}) RETURN p.born"
# check -> a case that only this check finds fault with; mutants are left out but in `strength`.
PLANTED = {
    "tags": case("tags", NAMES, tags=[]),
    "difficulty": case("difficulty", NAMES, difficulty=None),
    "parses": case("parses", "MATCH (p:Person RETURN p.name"),
    "read-only": case("read-only", "CREATE (p:Person) RETURN p"),
    "schema": case("schema", "MATCH (p:Person) RETURN p.name, p.nickname"),
    "budget": case(
        "budget", "MATCH (p:Person), (q:Person), (c:City) RETURN p.name, q.name, c.name"
    ),
    "empty": case("empty", NONE),
    "determined": case("determined", "MATCH (p:Person) RETURN p.name LIMIT 1"),
    # The one in the middle is the same in both orders that the text can be given.
    "load-order": case("load-order", "MATCH (c:City) RETURN collect(c.name)[1] AS city"),
    "accept": case("accept", NAMES, accept=["MATCH (q:Person) RETURN q.name AS n"]),
    "waiver": case("waiver", NAMES, waive={"empty": "on purpose"}),
}
WEAK = "MATCH (p:Person) WHERE p.name <> 'Zoe' RETURN p.name"


@pytest.fixture(scope="module")
def engine() -> Iterator[Engine]:
    with started("embedded") as engine:
        yield engine


def audited(cases: Path, engine: Engine, plan: Plan | None = None) -> tuple[Finding, ...]:
    return run(cases, engine, plan)[1]


def run(cases: Path, engine: Engine, plan: Plan | None = None) -> tuple[Audit, tuple[Finding, ...]]:
    rows = read_paths([cases], cases.parent)
    audit = Audit(plan or Plan(Budget(5.0, 50), altered=2, strength=False))
    check_texts(rows, Rows(()), audit)
    for folder, found in by_graph(rows.cases, cases.parent, cases, audit).items():
        check_graph(found, folder, engine, audit)
    return audit, audit.findings.settled(rows.cases)


def checks(findings: tuple[Finding, ...]) -> list[tuple[str, str]]:
    return [(finding.case_id, finding.check) for finding in findings]


def test_sound_cases_are_clean(tmp_path: Path, engine: Engine) -> None:
    """With all checks, mutants and copies; every mutant that counts is told apart."""
    write_graph(tmp_path / "cases")
    query = "MATCH (c:City) OPTIONAL MATCH (p:Person)-[:LIVES_IN]->(c) RETURN c.name, count(p) AS n"
    write_cases(tmp_path / "cases" / "a.yaml", SOUND, case("per-city", query))
    audit, findings = run(tmp_path / "cases", engine, Plan())
    assert findings == ()
    assert audit.undecided == []
    assert audit.tally.made == audit.tally.told_apart
    assert audit.tally.made.total() == 15
    assert audit.loads == 1 + 3 + 4


def test_each_check_finds_its_fault_and_no_other(tmp_path: Path, engine: Engine) -> None:
    """All planted faults in one file, each found once, at its row."""
    write_graph(tmp_path / "cases")
    write_cases(tmp_path / "cases" / "a.yaml", *(
        {**row, "reference": row["reference"] + f" // {number}", "question": f"{number} and {number}?"}
        for number, row in enumerate(PLANTED.values())
    ))  # fmt: skip
    # The same query in several cases is meant here; the check has its own test.
    found = [f for f in audited(tmp_path / "cases", engine) if f.check != "duplicate"]
    assert {(f.check, f.case_id, f.file, f.row) for f in found} == {
        (check, check, "cases/a.yaml", row) for row, check in enumerate(PLANTED, start=1)
    }
    assert len(found) == len(PLANTED)


def test_a_weak_case_is_named_with_its_mutant(tmp_path: Path, engine: Engine) -> None:
    """A condition that holds of everything can be left out, and that is the finding."""
    write_graph(tmp_path / "cases")
    write_cases(tmp_path / "cases" / "a.yaml", case("weak", WEAK))
    findings = audited(tmp_path / "cases", engine, Plan())
    assert checks(findings) == [("weak", "strength")]
    assert findings[0].reason.endswith("(filter): without p.name <> 'Zoe'")


def test_altered_copies_tell_more_mutants_apart(tmp_path: Path, engine: Engine) -> None:
    """That the one whom Ada knows is young enough is luck: a condition that could be left out."""
    write_graph(tmp_path / "cases")
    query = "MATCH (:Person {name: 'Ada'})-[:KNOWS]->(p:Person) WHERE p.born > 1900 RETURN p.name"
    write_cases(tmp_path / "cases" / "a.yaml", case("lucky", query))
    alone = run(tmp_path / "cases", engine, Plan(altered=0))[0].tally
    more = run(tmp_path / "cases", engine, Plan(altered=6))[0].tally
    assert alone.made == more.made
    assert alone.told_apart.total() < more.told_apart.total()


def test_a_waived_finding_stays_with_its_reason(tmp_path: Path, engine: Engine) -> None:
    """A waiver of `strength` waives every mutant of the case."""
    write_graph(tmp_path / "cases")
    waive = {"strength": "a name that nobody has"}
    write_cases(tmp_path / "cases" / "a.yaml", case("weak", WEAK, waive=waive))
    findings = audited(tmp_path / "cases", engine, Plan())
    assert [finding.waived for finding in findings] == [waive["strength"]]


def test_accepted_queries_are_audited_too(tmp_path: Path, engine: Engine) -> None:
    """A fault of one is found and says which."""
    write_graph(tmp_path / "cases")
    row = case(
        "a", NAMES, accept=["MATCH (p:Person) RETURN p.name, p.born", "MATCH (p:Robot) RETURN p"]
    )
    write_cases(tmp_path / "cases" / "a.yaml", row)
    findings = audited(tmp_path / "cases", engine)
    assert Counter(f.check for f in findings) == {"schema": 1, "empty": 1}
    assert all(f.reason.startswith("accept 2: ") for f in findings)


def test_what_the_engine_cannot_judge_is_listed(tmp_path: Path, engine: Engine) -> None:
    """It is no finding, and no waiver of it is idle."""
    write_graph(tmp_path / "cases")
    query = "RETURN point.distance(point({x: 1, y: 1}), point({x: 1, y: 2})) AS d"
    write_cases(tmp_path / "cases" / "a.yaml", case("far", query, waive={"empty": "who knows"}))
    audit, findings = run(tmp_path / "cases", engine)
    assert [(case.id, "distance" in reason) for case, reason in audit.undecided] == [("far", True)]
    assert findings == ()


def test_a_graph_without_data_leaves_the_others(tmp_path: Path, engine: Engine) -> None:
    """A missing folder, and one with nothing in it, are findings; other graphs are audited."""
    cases = tmp_path / "cases"
    write_graph(cases)
    (cases / "graphs" / "void").mkdir()
    write_cases(cases / "a.yaml", case("nowhere", NAMES), graph="nowhere")
    write_cases(cases / "b.yaml", case("void", NAMES), graph="void")
    write_cases(cases / "c.yaml", case("fine", NONE))
    findings = audited(cases, engine)
    assert checks(findings) == [("nowhere", "graph"), ("void", "graph"), ("fine", "empty")]
    assert "void holds no graph: add graph.yaml" in findings[1].reason


def test_a_graph_of_scripts_is_copied(tmp_path: Path, engine: Engine) -> None:
    """What scripts made is read back and loaded in another order."""
    folder = tmp_path / "cases" / "graphs" / "town"
    folder.mkdir(parents=True)
    (folder / "a.cypher").write_text("UNWIND ['x', 'y', 'z'] AS name CREATE (:City {name: name});")
    write_cases(tmp_path / "cases" / "a.yaml", PLANTED["load-order"])
    assert checks(audited(tmp_path / "cases", engine)) == [("load-order", "load-order")]


@uses_server
def test_neo4j_says_the_same(tmp_path: Path) -> None:
    """On Neo4j, where every copy is a load of the one database."""
    cases = tmp_path / "cases"
    write_graph(cases)
    write_cases(cases / "a.yaml", SOUND, PLANTED["determined"], PLANTED["load-order"])
    write_cases(cases / "b.yaml", case("weak", WEAK))
    with started("neo4j-server", tmp_path) as engine:
        findings = audited(cases, engine, Plan(shuffles=2, altered=1))
    assert ("weak", "strength") in checks(findings)
    left = [found for found in checks(findings) if found[1] != "strength"]
    assert left == [("determined", "determined"), ("load-order", "load-order")]
