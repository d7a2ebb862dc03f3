"""Several --model: paired with the first, one in memory at a time."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from project import Project


LOUD = """
from pytest_cypherbench.flow import Generation

class Model:
    def __init__(self, spec):
        self.info = spec.info
        self.note("open")

    def generate(self, prompt, sampling):
        return Generation("RETURN 1", None, None, 0.1, None, "stop")

    def close(self):
        self.note("close")

    def note(self, what):
        with open("log", "a") as file:
            print(what, self.info.label, file=file)
"""


def test_flips_against_the_first_model_are_counted(project: Project) -> None:
    """Which cases exactly one of two models passes stands in the summary and in the JSON."""
    project.write("a.json", json.dumps({"names": "RETURN 1", "count": "RETURN 1", "oldest": "-"}))
    right = project.answers(count="RETURN 1")
    result = project.run(
        *("--model", "scripted:a.json", "--model", right, "--benchmark-json", "out.json")
    )
    result.stdout.fnmatch_lines(
        ["vs the first:", "  only this passes * 2", "  only the first passes * 0", "*McNemar*0.5"]
    )
    [pairing] = json.loads((project.path / "out.json").read_text())["cypherbench"]["pairings"]
    assert pairing["against"] == "scripted:a.json"
    assert pairing["cases"] == 3
    assert pairing["gained"] == ["names", "oldest"]
    assert pairing["lost"] == []
    assert pairing["slowdown"] > 0


def test_only_one_model_is_in_memory(project: Project) -> None:
    """A model is closed before the next is opened, and each is opened once."""
    project.backend("loud", LOUD)
    project.run("--model", "loud:a", "--model", "loud:b")
    log = (project.path / "log").read_text().splitlines()
    assert log == ["open loud:a", "close loud:a", "open loud:b", "close loud:b"]
