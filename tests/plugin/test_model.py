"""--model: which cases run, on what, and what comes of them."""

from __future__ import annotations

import json
import sys
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from project import Project


def test_the_reference_passes_its_own_cases(project: Project) -> None:
    """`--model reference` without a path runs the case folder and nothing else, all green."""
    project.write("test_other.py", "def test_other(): raise SystemExit('must not run')")
    result = project.run("--model", "reference")
    result.assert_outcomes(passed=3)
    assert result.ret == 0
    result.stdout.fnmatch_lines(["*reference: 3 of 3 cases pass*"])


def test_wrong_answers_fail_their_tests_alone(project: Project) -> None:
    """A miss fails its own test, exit status 1, with question, prediction and both results shown."""
    model = project.answers(names="MATCH (p:Person) RETURN p.born", count="no query here")
    result = project.run("--model", model)
    result.assert_outcomes(passed=1, failed=2)
    assert result.ret == 1
    assert project.outcomes() == {"names": "mismatch", "count": "no_query", "oldest": "pass"}
    result.stdout.fnmatch_lines(
        ["*question*Who is there?*", "*prediction*MATCH (p:Person) RETURN p.born*"]
    )
    assert "Traceback" not in result.stdout.str()
    assert "plugin.py" not in result.stdout.str()


def test_two_models_are_a_matrix(project: Project) -> None:
    """Each model judges each case; both stand in one summary, in the order given."""
    model = project.answers(names="RETURN 1")
    result = project.run("--model", "reference", "--model", model)
    result.assert_outcomes(passed=5, failed=1)
    result.stdout.fnmatch_lines(["reference: 3 of 3 cases pass", "scripted:*: 2 of 3 cases pass"])


def test_a_path_narrows_and_node_ids_select(project: Project) -> None:
    """A file, a node id and -k each pick what they name; ids are the case's and the model's."""
    project.write(
        "cases/tiny/more.yaml", "- {id: one, graph: tiny, question: One?, reference: RETURN 1}"
    )
    project.run("--model", "reference", "cases/tiny/more.yaml").assert_outcomes(passed=1)
    node = "cases/tiny/cases.yaml::test_cypher[oldest-reference]"
    project.run("--model", "reference", node).assert_outcomes(passed=1)
    project.run("--model", "reference", "-k", "names").assert_outcomes(passed=1, deselected=3)


def test_last_failed_runs_the_misses_again(project: Project) -> None:
    """--lf selects what failed before."""
    model = project.answers(names="RETURN 1")
    project.run("--model", model)
    result = project.run("--model", model, "--lf")
    assert result.parseoutcomes()["failed"] == 1
    assert "passed" not in result.parseoutcomes()


def test_without_model_the_plugin_does_nothing(project: Project) -> None:
    """Case files are no tests until a model is named; tests that ask for a case are skipped."""
    project.write("test_mine.py", "def test_a(): pass\ndef test_b(case, model, graph): assert 0")
    result = project.run()
    result.assert_outcomes(passed=1, skipped=1)
    assert "cypherbench:" not in result.stdout.str()


def test_the_fixtures_serve_a_function_of_the_users_own(project: Project) -> None:
    """`case`, `model`, `graph` give the question, a way to ask, and a way to run."""
    project.write(
        "test_mine.py",
        "def test_mine(case, model, graph):\n"
        "    query = model.ask(case, graph)\n"
        "    assert query.text == case.reference\n"
        "    assert graph.run(query.text, {}).rows\n"
        "    assert [label.name for label in graph.schema.labels] == ['Film', 'Person']\n",
    )
    project.run("--model", "reference", "test_mine.py").assert_outcomes(passed=3)


def test_a_fixture_of_that_name_in_the_project_wins(project: Project) -> None:
    """A project that has its own `model` fixture keeps it."""
    project.write("conftest.py", "import pytest\n@pytest.fixture\ndef model(): return 'mine'\n")
    project.write("test_mine.py", "def test_mine(model): assert model == 'mine'")
    project.run("--model", "reference", "test_mine.py").assert_outcomes(passed=1)


def test_a_bad_row_is_an_error_of_its_own(project: Project) -> None:
    """The other rows run; the error names file, row and reason."""
    project.write("cases/tiny/bad.yaml", "- {graph: tiny, question: '', reference: RETURN 1}\n")
    result = project.run("--model", "reference")
    result.assert_outcomes(passed=3, errors=1)
    result.stdout.fnmatch_lines(["*cases/tiny/bad.yaml, row 1: *question*"])


def test_an_id_that_another_file_has_is_an_error(project: Project) -> None:
    """Two cases of one id cannot be told apart in a report."""
    project.write(
        "cases/tiny/z.yaml", "- {id: names, graph: tiny, question: Q?, reference: RETURN 1}"
    )
    result = project.run("--model", "reference")
    result.assert_outcomes(passed=3, errors=1)
    result.stdout.fnmatch_lines(["*'names' is taken by a case in cases/tiny/cases.yaml*"])


def test_a_reference_that_fails_is_an_error_and_costs_no_generation(project: Project) -> None:
    """The data set is wrong, not the model: error, verdict reference_error, not counted."""
    project.write(
        "cases/tiny/z.yaml", "- {id: z, graph: tiny, question: Q?, reference: MATCH (n RETURN n}"
    )
    result = project.run("--model", "reference")
    result.assert_outcomes(passed=3, errors=1)
    found = next(line for line in project.records() if line["case"]["id"] == "z")
    assert found["verdict"]["outcome"] == "reference_error"
    assert found["generation"] is None
    result.stdout.fnmatch_lines(["*reference: 3 of 3 cases pass; 1 not judged*"])


def test_a_graph_that_is_not_there_is_an_error_of_its_cases(project: Project) -> None:
    """The cases of other graphs run."""
    project.write("cases/tiny/z.yaml", "- {id: z, graph: moon, question: Q?, reference: RETURN 1}")
    result = project.run("--model", "reference")
    result.assert_outcomes(passed=3, errors=1)
    result.stdout.fnmatch_lines(["*no graph 'moon'*"])


def test_frozen_rows_stand_in_for_the_reference(project: Project) -> None:
    """`expect` decides where a case has it."""
    project.write(
        "cases/tiny/z.yaml",
        "- {id: z, graph: tiny, question: Q?, reference: RETURN 1, expect: [[2]]}",
    )
    model = project.answers(z="RETURN 2")
    project.run("--model", model, "-k", "z-").assert_outcomes(passed=1, deselected=3)


def test_the_json_holds_a_record_for_every_case(project: Project) -> None:
    """pytest-benchmark's file: misses keep their time, the block has the summary; `compare` reads it."""
    pytest.importorskip("pytest_benchmark")
    model = project.answers(names="RETURN 1")
    project.run("--model", model, "--benchmark-json", "out.json")
    out = json.loads((project.path / "out.json").read_text())
    assert len(out["benchmarks"]) == 3
    assert all(bench["stats"]["rounds"] == 1 for bench in out["benchmarks"])
    outcomes = {
        bench["extra_info"]["cypherbench"]["case"]["id"]:
        bench["extra_info"]["cypherbench"]["verdict"]["outcome"]
        for bench in out["benchmarks"]
    }  # fmt: skip
    assert outcomes == {"names": "mismatch", "count": "pass", "oldest": "pass"}
    assert {bench["params"]["case"] for bench in out["benchmarks"]} == {*outcomes}
    block = out["cypherbench"]
    assert block["latency"] == {"batch": 1, "window": 1, "workers": 1, "clock": "pytest-benchmark"}
    assert block["models"][0]["ex"]["hits"] == 2
    assert block["untimed"] == []
    assert len(block["dataset"]["sha256"]) == 64
    compared = project.pytester.run(sys.executable, "-m", "pytest_benchmark", "compare", "out.json")
    assert compared.ret == 0
    compared.stdout.fnmatch_lines(["*names-scripted*"])


def test_under_xdist_accuracy_is_recorded_all_the_same(project: Project) -> None:
    """-n 2: the same verdicts, one journal, a JSON whose records carry no time of pytest-benchmark."""
    pytest.importorskip("xdist")
    model = project.answers(names="RETURN 1")
    result = project.run("--model", model, "-n", "2", "--benchmark-json", "out.json")
    result.assert_outcomes(passed=2, failed=1)
    assert project.outcomes() == {"names": "mismatch", "count": "pass", "oldest": "pass"}
    result.stdout.fnmatch_lines(["*2 of 3 cases pass*"])
    out = json.loads((project.path / "out.json").read_text())
    assert len(out["cypherbench"]["untimed"]) == 3
    assert out["cypherbench"]["latency"] == {
        "batch": 1,
        "window": 1,
        "workers": 2,
        "clock": "backend",
    }
    result.stdout.fnmatch_lines(["latency *2 workers at once*"])


def test_without_pytest_benchmark_accuracy_is_recorded(project: Project) -> None:
    """The plugin needs pytest-benchmark for its JSON alone."""
    result = project.run("--model", "reference", "-p", "no:benchmark")
    result.assert_outcomes(passed=3)
    assert set(project.outcomes().values()) == {"pass"}


def test_rounds_are_timed_and_the_last_text_is_judged(project: Project) -> None:
    """--rounds 3: three times in the JSON and in the record."""
    project.run(
        "--model", "reference", "--rounds", "3", "--benchmark-json", "out.json", "-k", "names"
    )
    out = json.loads((project.path / "out.json").read_text())
    assert out["benchmarks"][0]["stats"]["rounds"] == 3
    assert len(project.records()[0]["round_seconds"]) == 3


def test_resume_generates_nothing_twice(project: Project) -> None:
    """--resume takes what the journal holds and judges the rest; the summary is that of all."""
    model = project.answers(names="RETURN 1")
    project.run("--model", model, "-k", "names or count")
    before = project.records()
    result = project.run("--model", model, "--resume", "--benchmark-json", "out.json")
    result.assert_outcomes(passed=2, failed=1)
    after = project.records()
    assert after[:2] == before
    assert len(after) == 3
    result.stdout.fnmatch_lines(["*2 of 3 cases pass*"])
    out = json.loads((project.path / "out.json").read_text())
    assert len(out["benchmarks"]) == 3


def test_resume_asks_only_the_database_for_what_it_owed(project: Project) -> None:
    """A case whose database failed is judged again with the text that the journal holds."""
    project.run("--model", "reference", "--journal", "j.jsonl")
    lines = [json.loads(line) for line in (project.path / "j.jsonl").read_text().splitlines()]
    owed = next(
        line for line in lines if line["type"] == "record" and line["case"]["id"] == "count"
    )
    owed["verdict"]["outcome"] = "engine_error"
    owed["generation"]["text"] = "RETURN 'as the journal has it'"
    (project.path / "j.jsonl").write_text("".join(json.dumps(line) + "\n" for line in lines))
    result = project.run("--model", "reference", "--resume", "j.jsonl")
    result.assert_outcomes(passed=2, failed=1)
    newest = json.loads((project.path / "j.jsonl").read_text().splitlines()[-2])
    assert newest["case"]["id"] == "count"
    assert newest["verdict"]["outcome"] == "mismatch"
    assert newest["query"]["text"] == "RETURN 'as the journal has it'"
