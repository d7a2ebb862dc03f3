"""--shots, --shots-from: a prompt's examples come from training pairs, never from the cases."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from project import Project

PAIRS = """\
- id: ships
  graph: sea
  question: How many ships has each harbour?
  reference: MATCH (h:Harbour)<-[:LIES_IN]-(s:Ship) RETURN h.name, count(s)
- id: captains
  graph: sea
  question: Which captains are there?
  reference: MATCH (c:Captain) RETURN c.name
"""
# Answers a question with the example just before it.
ECHO = """\
from dataclasses import replace
from pytest_cypherbench.flow import Generation

class Echo:
    def __init__(self, spec):
        self.info = spec.info

    def generate(self, prompt, sampling):
        text = prompt.messages[-1].content.split("Question about")[0].strip().split("\\n")[-1]
        return Generation(text, None, None, 0.0, None, "stop")

    def close(self):
        pass
"""


@pytest.fixture
def echo(project: Project, monkeypatch: pytest.MonkeyPatch) -> str:
    project.write("echo_backend.py", ECHO)
    project.write("echo-1.dist-info/METADATA", "Metadata-Version: 2.1\nName: echo\nVersion: 1\n")
    project.write(
        "echo-1.dist-info/entry_points.txt",
        "[pytest_cypherbench.backends]\necho = echo_backend:Echo\n",
    )
    monkeypatch.setenv("PYTHONPATH", str(project.path))
    return "echo:any"


def test_a_model_is_shown_the_nearest_pairs(project: Project, echo: str) -> None:
    """Each question gets its own; header and JSON say how many from where."""
    project.write("pairs/sea.yaml", PAIRS)
    shots = ("--prompt", "few-shot", "--shots", "1", "--shots-from", "pairs")
    result = project.run("--model", echo, *shots, "--benchmark-json", "out.json")
    result.stdout.fnmatch_lines(["prompt: few-shot (sha256 *), 1 examples a question from pairs;*"])
    written = {line["case"]["id"]: line["query"]["text"] for line in project.records()}
    assert written["count"] == "MATCH (h:Harbour)<-[:LIES_IN]-(s:Ship) RETURN h.name, count(s)"
    assert written["names"] == "MATCH (c:Captain) RETURN c.name"
    block = json.loads((project.path / "out.json").read_text())["cypherbench"]
    assert block["prompt"]["examples"] == "1 examples a question from pairs"


@pytest.mark.parametrize(
    ("flags", "fault"),
    [
        (["--shots", "2"], "--shots is for a prompt with examples, and --prompt schema has none"),
        (["--shots-from", "pairs"], "--shots-from is for a prompt with examples"),
        (["--prompt", "few-shot", "--shots", "0"], "--shots '0' is no whole number from 1 up"),
        (["--prompt", "few-shot", "--shots-from", "none"], "/none: no such file or folder"),
        (
            ["--prompt", "few-shot", "--shots-from", "cases/tiny/cases.yaml"],
            "*the question of * is that of the case * (6 such pairs): an example must not be a case*",
        ),
    ],
)
def test_what_gives_no_honest_examples_is_refused(
    project: Project, flags: list[str], fault: str
) -> None:
    """One line that names the flag, exit status 4, before any model is asked."""
    result = project.run("--model", "reference", *flags)
    assert result.ret == 4
    result.stderr.fnmatch_lines([f"*{fault}*"])
