"""`python -m pytest_cypherbench audit`: arguments, exit status, what is printed and written."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import pytest
from audit_project import SOUND, case, write_cases, write_graph

from pytest_cypherbench.__main__ import main
from pytest_cypherbench.audit.findings import Check
from pytest_cypherbench.audit.mutants import MutantKind

DOCS = Path(__file__).parents[1] / "docs" / "audit.md"
KEYS = ["version", "engine", "cases", "training_cases", "left_out", "clean", "checks", "findings",
        "undecided", "strength", "copies", "graphs", "loads", "seconds"]  # fmt: skip
QUICK = ("--graph-engine", "embedded", "--shuffles", "0", "--altered", "0")


@pytest.fixture
def cases(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    monkeypatch.delenv("NEO4J_URI", raising=False)
    write_graph(tmp_path / "cases")
    return tmp_path / "cases"


def audit(*arguments: object) -> int:
    return main(["audit", *map(str, arguments)])


def test_clean_cases_end_with_0_and_say_so(cases: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """The table, the strength, the cost and one last line."""
    write_cases(cases / "a.yaml", SOUND)
    assert audit("cases", "--graph-engine", "embedded") == 0
    lines = capsys.readouterr().out.splitlines()
    assert lines[0].split() == ["check", "findings", "waived"]
    assert any(line.startswith("strength   ") and "told apart (100.0%)" in line for line in lines)
    assert any(line.startswith("seconds ") and "8 loads of 1 graphs" in line for line in lines)
    assert lines[-1].startswith("clean: 1 cases on embedded (ArcadeDB ")


def test_findings_end_with_1_and_are_written(
    cases: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """A bad row, a file that is no case file and a path that is not there are findings beside those
    of the cases that can be read; the JSON holds all, under the keys that are promised."""
    write_cases(
        cases / "a.yaml", SOUND, {"id": "bad", "question": "?"}, case("none", "RETURN 1", tags=[])
    )
    (cases / "notes.yaml").write_text("a: 1\n")
    (cases / "b.txt").write_text("no cases")
    file = cases.parent / "audit.json"
    assert (
        audit("cases", "cases/b.txt", "cases/c.yaml", *QUICK, "--no-strength", "--json", file) == 1
    )
    shown = capsys.readouterr().out
    assert "cases/a.yaml, row 2: row: reference is missing" in shown
    assert "cases/c.yaml: row: no such path: correct it" in shown
    assert "left out   cases/notes.yaml: no columns of cases" in shown
    assert shown.splitlines()[-1].startswith("4 findings: 2 cases on embedded")
    found = json.loads(file.read_text())
    assert list(found) == KEYS
    assert found["version"] == 1
    assert not found["clean"]
    assert found["checks"]["row"] == {"findings": 3, "waived": 0}
    assert found["strength"]["share"] is None
    assert {"check": "tags", "case": "none", "file": "cases/a.yaml", "row": 3,
            "reason": "no tags: say what the question needs", "waived": None} in found["findings"]  # fmt: skip


def test_training_cases_beside_are_held_against_the_cases(cases: Path) -> None:
    """The folder `train` is not audited, and what of it is in the cases is a leak."""
    write_cases(cases / "a.yaml", SOUND)
    write_cases(cases / "train" / "b.yaml", {**SOUND, "id": "other", "tags": []}, graph="village")
    file = cases.parent / "audit.json"
    assert audit("cases", *QUICK, "--no-strength", "--json", file) == 1
    found = json.loads(file.read_text())
    assert (found["cases"], found["training_cases"]) == (1, 1)
    assert {finding["check"] for finding in found["findings"]} == {"leak"}


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["void"], "no case in void: give case files, or a folder that has some"),
        (["cases", "--graph-engine", "emebdded"], "did you mean embedded?"),
        (["cases", "--train", "nowhere"], "nowhere: no such folder: correct the path"),
    ],
)
def test_what_cannot_run_ends_with_4(
    cases: Path, capsys: pytest.CaptureFixture[str], arguments: list[str], said: str
) -> None:
    """One line with cause and fix, and nothing on stdout."""
    write_cases(cases / "a.yaml", SOUND)
    (cases.parent / "void").mkdir()
    assert audit(*arguments) == 4
    shown = capsys.readouterr()
    assert said in shown.err
    assert len(shown.err.splitlines()) == 1
    assert shown.out == ""


@pytest.mark.parametrize("arguments", [["audit"], ["audit", "x", "--rows", "-1"], ["adit"], []])
def test_bad_usage_ends_with_2(arguments: list[str], capsys: pytest.CaptureFixture[str]) -> None:
    """As argparse says it."""
    with pytest.raises(SystemExit) as ended:
        main(arguments)
    assert ended.value.code == 2
    assert "usage: python -m pytest_cypherbench" in capsys.readouterr().err


@pytest.mark.skipif(not DOCS.is_file(), reason="needs the checkout")
def test_every_check_and_kind_of_mutant_is_explained() -> None:
    """docs/audit.md names each in a row of its tables, and each key of the JSON."""
    text = DOCS.read_text(encoding="utf-8")
    rows = [line.split("|")[1] for line in text.splitlines() if line.startswith("|")]
    assert [name for name in (*Check, *MutantKind) if not any(f"`{name}`" in r for r in rows)] == []
    assert [key for key in KEYS if f"`{key}`" not in text] == []


def test_it_runs_without_pytest(cases: Path) -> None:
    """As a program, in a process that never imports pytest."""
    write_cases(cases / "a.yaml", case("bad", "MATCH (p:Persn) RETURN p.name"), graph="nowhere")
    program = (
        "import sys; from pytest_cypherbench.__main__ import main\n"
        f"status = main(['audit', 'cases', *{QUICK!r}])\n"
        "sys.exit(99 if 'pytest' in sys.modules else status)"
    )
    done = subprocess.run(
        [sys.executable, "-c", program],
        cwd=cases.parent,
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 1, done.stderr
    assert "(bad): graph: no graph 'nowhere' in " in done.stdout
    assert "Traceback" not in done.stderr
