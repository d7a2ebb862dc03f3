"""The documentation is run: what it shows, works."""

from __future__ import annotations

import re
import sys
from pathlib import Path

import pytest

from pytest_cypherbench.flow import Outcome
from pytest_cypherbench.options import options_page
from pytest_cypherbench.records import Journal
from pytest_cypherbench.reports.summary import Description, summarise
from pytest_cypherbench.reports.terminal import summary_lines

ROOT = Path(__file__).parents[1]
pytestmark = pytest.mark.skipif(not (ROOT / "docs").is_dir(), reason="needs the checkout")
EMBEDDED = ("--graph-engine", "embedded")
CASE = "- {id: one, graph: dot, question: One?, reference: RETURN 1}"
MANIFEST = "nodes:\n  - {labels: [Dot], file: dots.csv, id: id, properties: {id: integer}}\n"


def code(document: str, language: str) -> list[str]:
    text = (ROOT / document).read_text(encoding="utf-8")
    return re.findall(rf"^```{language}\n(.*?)^```", text, flags=re.DOTALL | re.MULTILINE)


@pytest.fixture
def project(pytester: pytest.Pytester, monkeypatch: pytest.MonkeyPatch) -> pytest.Pytester:
    monkeypatch.delenv("NEO4J_URI", raising=False)
    folder = pytester.path / "cases" / "graphs" / "dot"
    folder.mkdir(parents=True)
    (folder / "graph.yaml").write_text(MANIFEST)
    (folder / "dots.csv").write_text("id\n1\n")
    (pytester.path / "cases" / "dots").mkdir()
    (pytester.path / "cases" / "dots" / "one.yaml").write_text(CASE)
    return pytester


def test_the_options_page_is_the_table() -> None:
    """docs/options.md is generated; `python -m pytest_cypherbench.options > docs/options.md` renews it."""
    assert (ROOT / "docs" / "options.md").read_text(encoding="utf-8") == options_page()


def test_every_verdict_is_explained() -> None:
    """docs/verdicts.md has a row for each verdict."""
    text = (ROOT / "docs" / "verdicts.md").read_text(encoding="utf-8")
    assert [outcome for outcome in Outcome if f"| `{outcome}` |" not in text] == []


@pytest.fixture
def fifteen_lines(project: pytest.Pytester, monkeypatch: pytest.MonkeyPatch) -> pytest.Pytester:
    """The class in docs/backends.md, installed with its entry point."""
    (project.path / "fixed_backend.py").write_text(code("docs/backends.md", "python")[0])
    info = project.path / "fixed-1.0.dist-info"
    info.mkdir()
    (info / "METADATA").write_text("Metadata-Version: 2.1\nName: fixed\nVersion: 1.0\n")
    entry = code("docs/backends.md", "toml")[0]
    (info / "entry_points.txt").write_text(
        entry.replace('[project.entry-points."', "[").replace('"]', "]").replace('"', "")
    )
    monkeypatch.setenv("PYTHONPATH", str(project.path))
    return project


def test_the_backend_of_fifteen_lines_answers(fifteen_lines: pytest.Pytester) -> None:
    """The class in docs/backends.md, installed with its entry point, passes a case."""
    result = fifteen_lines.run(sys.executable, "-m", "pytest", "--model", "fixed:any", *EMBEDDED)
    result.assert_outcomes(passed=1)


def test_the_backend_of_fifteen_lines_keeps_the_contract(fifteen_lines: pytest.Pytester) -> None:
    """The tests in docs/backends.md: nothing fails, and what the class has not is skipped."""
    fifteen_lines.makepyfile(test_fixed="\n".join(code("docs/backends.md", "python")[1:]))
    result = fifteen_lines.run(sys.executable, "-m", "pytest", "-rs", "-v", "test_fixed.py")
    assert result.ret == 0
    counts = result.parseoutcomes()
    assert set(counts) == {"passed", "skipped"}
    assert counts["passed"] > 20
    result.stdout.fnmatch_lines_random(
        [
            "*PASSED*",
            "*: no generate_many*",
            "*: no score*",
            "*: no submit*",
            "*: constrains is not*",
        ]
    )


def test_the_function_of_the_users_own_in_the_readme_runs(project: pytest.Pytester) -> None:
    """The README's example of `case`, `model`, `graph` passes with the reference."""
    project.makepyfile(test_mine=code("README.md", "python")[0])
    result = project.run(
        sys.executable, "-m", "pytest", "--model", "reference", *EMBEDDED, "test_mine.py"
    )
    result.assert_outcomes(passed=1)


def test_the_summary_in_the_readme_is_that_of_a_real_run() -> None:
    """The journal of the run that the README shows, printed again, is what the README shows."""
    kept = Journal(ROOT / "tests" / "golden" / "readme.jsonl")
    shown = code("README.md", "text")[0].splitlines()
    about = {line.partition(" ")[0]: line.partition(" ")[2].strip() for line in shown}
    run = Description((), "", "", about["prompt"], Path(about["journal"]), 0, about["latency"])
    printed = summary_lines(summarise(kept.records(), kept.models()), run)
    assert shown[1:-1] == ["", *printed]


def test_links_lead_somewhere() -> None:
    """Every relative link in README and docs names a file that is there."""
    for document in [ROOT / "README.md", ROOT / "CONTRIBUTING.md", *(ROOT / "docs").glob("*.md")]:
        links = re.findall(r"\]\((?!http)([^)#]+)", document.read_text(encoding="utf-8"))
        assert [link for link in links if not (document.parent / link).exists()] == []
