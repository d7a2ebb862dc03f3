"""--constrain: the grammar travels with the prompt, and backends without one refuse."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from project import Project

OBEDIENT = """
from typing import ClassVar, Literal
from pytest_cypherbench.backends.scripted import Scripted

class Obedient(Scripted):
    constrains: ClassVar[Literal[True]] = True

    def __init__(self, spec):
        super().__init__(spec)
        self._answers = {name: "RETURN 1" for name in ("names", "count", "oldest")}

    def generate(self, prompt, sampling):
        self._answers["names"] = "MATCH (p:Person) RETURN p.name"
        if 'property ::= ("born" | "name" | "title")' not in prompt.grammar:
            self._answers["names"] = "RETURN 2"
        if prompt.grammar and "root ::= " not in prompt.grammar:
            raise ValueError(prompt.grammar)
        return super().generate(prompt, sampling)
"""


@pytest.fixture
def obedient(project: Project) -> Project:
    project.write("obedient.py", OBEDIENT)
    info = project.path / "obedient-1.dist-info"
    info.mkdir()
    (info / "METADATA").write_text("Name: obedient\nVersion: 1\n")
    (info / "entry_points.txt").write_text(
        "[pytest_cypherbench.backends]\nobedient = obedient:Obedient\n"
    )
    project.pytester.syspathinsert()
    project.pytester._monkeypatch.setenv("PYTHONPATH", str(project.path))
    return project


def test_the_grammar_goes_with_the_prompt_and_into_the_key(obedient: Project) -> None:
    """Without the option no grammar and no line in the header; with it the graph's own, and
    --resume takes no record that was made without."""
    free = obedient.run("--model", "obedient:a", "--journal", "run.jsonl")
    assert "constrain:" not in free.stdout.str()
    assert _names(obedient) == ["mismatch"]
    kept = obedient.run("--model", "obedient:a", "--resume", "run.jsonl", "--constrain", "schema")
    kept.stdout.fnmatch_lines(["constrain: schema"])
    assert _names(obedient) == ["mismatch", "pass"]


def _names(project: Project) -> list[str]:
    lines = map(json.loads, (project.path / "run.jsonl").read_text().splitlines())
    records = [line for line in lines if line["type"] == "record"]
    return [one["verdict"]["outcome"] for one in records if one["case"]["id"] == "names"]


@pytest.mark.parametrize(
    ("flags", "fault"),
    [
        (("reference", "grammar"), "--constrain is not supported by the backend reference"),
        (("reference", "shema"), "unknown mode 'shema' (--constrain): did you mean schema?"),
    ],
)
def test_what_cannot_be_constrained_is_refused(
    project: Project, flags: tuple[str, str], fault: str
) -> None:
    """One line that names the flag, exit status 4, before anything is loaded."""
    model, mode = flags
    result = project.run("--model", model, "--constrain", mode)
    assert result.ret == 4
    assert fault in result.stderr.str() + result.stdout.str()
