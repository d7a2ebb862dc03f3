"""What a prompt costs: time an answer by prompt, with the shared part evaluated once and each time.

Ratios of walls taken in one run. A study of small models reported that putting a prompt frame around
the question took an answer from 14 s to 4 s; here the same comparison, with its two causes apart:
how much a model writes, and how much it reads again.
"""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from pytest_cypherbench.backends.llama.gguf import Gguf
from pytest_cypherbench.cases import load_cases
from pytest_cypherbench.flow import Case, Generation, Sampling
from pytest_cypherbench.graphs.data import read_graph
from pytest_cypherbench.graphs.load import facts
from pytest_cypherbench.graphs.schema import schema
from pytest_cypherbench.prompts import load_prompt

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from pytest_cypherbench.backends import ModelSpec
    from pytest_cypherbench.flow import Prompt

CASES = Path(__file__).parents[2] / "cases"
COUNT = 3
LIMIT = Sampling(max_tokens=256)


@pytest.fixture(scope="module")
def model(smollm2: ModelSpec) -> Iterator[Gguf]:
    opened = Gguf(smollm2)
    yield opened
    opened.close()


def answers(model: Gguf, prompts: list[Prompt], *, reuse: bool) -> list[Generation]:
    """The answers; ``reuse``: what cases share is there before the first, else never."""
    model.generate(prompts[0], Sampling(max_tokens=1))
    found = []
    for prompt in prompts:
        if not reuse:
            model._held = None
        found.append(model.generate(prompt, LIMIT))
    return found


def mean(numbers: list[float]) -> float:
    return sum(numbers) / len(numbers)


@pytest.mark.slow
def test_time_an_answer_by_prompt(model: Gguf, figure: Callable[[str], None]) -> None:
    """With its shared part reused, the schema prompt costs less than evaluating it for each case,
    and the answers are the same; how the prompts compare is told, not promised."""
    folder = CASES / "graphs" / "movies"
    about = schema(facts(read_graph(folder)))
    rows = load_cases(CASES / "movies" / "basics.yaml")
    cases = [row for row in rows if isinstance(row, Case)][:COUNT]
    times: dict[tuple[str, bool], float] = {}
    for name in ("bare", "seed", "schema"):
        template = load_prompt(name)
        prompts = [template.render(case, about) for case in cases]
        runs = {reuse: answers(model, prompts, reuse=reuse) for reuse in (True, False)}
        assert [found.text for found in runs[True]] == [found.text for found in runs[False]]
        for reuse, found in runs.items():
            times[name, reuse] = mean([answer.seconds for answer in found])
        figure(
            f"{name}: {mean([answer.prompt_tokens or 0 for answer in runs[True]]):.0f} tokens read, "
            f"{mean([answer.output_tokens or 0 for answer in runs[True]]):.0f} written; "
            f"{times[name, True]:.2f} s an answer with reuse, {times[name, False]:.2f} s without"
        )
    for name in ("seed", "schema"):
        figure(
            f"bare ÷ {name}: {times['bare', False] / times[name, False]:.2f} without reuse, "
            f"{times['bare', True] / times[name, True]:.2f} with"
        )
    gain = times["schema", True] / times["schema", False]
    figure(f"schema with reuse ÷ without: {gain:.2f}")
    assert gain < 1
