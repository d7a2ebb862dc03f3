"""--perplexity: how likely a model finds the references."""

from __future__ import annotations

import json
import math
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from project import Project

SURE = """
from pytest_cypherbench.backends.scripted import Scripted
from pytest_cypherbench.flow import Likelihood

class Model(Scripted):
    def __init__(self, spec):
        super().__init__(spec)
        self._answers = {name: "RETURN 1" for name in ("names", "count")}
        self._answers["oldest"] = "MATCH (p:Person) RETURN p.name ORDER BY p.born"

    def score(self, prompt, text):
        sure = prompt.case_id == "oldest"
        return Likelihood(-1.0 if sure else -8.0, 4, len(text))
"""


def test_perplexity_is_of_all_references_and_correlated_with_ex(project: Project) -> None:
    """Per token: exp of 17 nats over 12 tokens; the one likely reference is the one that passes."""
    project.backend("sure", SURE)
    result = project.run("--model", "sure:a", "--perplexity", "--benchmark-json", "out.json")
    result.stdout.fnmatch_lines([f"perplexity per token *{math.exp(17 / 12):.2f}"])
    [model] = json.loads((project.path / "out.json").read_text())["cypherbench"]["models"]
    found = model["perplexity"]
    size = sum(len(line["case"]["reference"]) for line in project.records())
    assert math.isclose(found["per_byte"], math.exp(17 / size))
    assert found["cases"] == 3
    assert 0.8 < found["ex_correlation"] <= 1


def test_a_backend_that_cannot_tell_says_so(project: Project) -> None:
    """The run goes on without, and one line says why."""
    result = project.run("--model", "reference", "--perplexity")
    result.assert_outcomes(passed=3)
    result.stdout.fnmatch_lines(["*reference cannot tell how likely a text is: no perplexity*"])
    assert "perplexity per token" not in result.stdout.str()


def test_nobody_asks_without_the_flag(project: Project) -> None:
    """No likelihood is recorded, no row is shown."""
    project.backend("sure", SURE)
    result = project.run("--model", "sure:a")
    assert "perplexity" not in result.stdout.str()
    assert {line["likelihood"] for line in project.records()} == {None}
