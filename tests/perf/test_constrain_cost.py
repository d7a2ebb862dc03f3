"""What a token costs with the grammar beside one without, in ratios of walls taken in one run."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from pytest_cypherbench.backends import Backend, ModelSpec
from pytest_cypherbench.backends.llama.gguf import Gguf
from pytest_cypherbench.cases import load_cases
from pytest_cypherbench.flow import Case, Sampling
from pytest_cypherbench.grammar import grammar
from pytest_cypherbench.prompts import load_prompt

sys.path.insert(0, str(Path(__file__).parents[1]))
from grammars import CASES, schema_of

pytestmark = pytest.mark.slow
MOVIES = schema_of(CASES / "graphs" / "movies")
TOKENS = 32


@pytest.fixture(params=["smollm2", "coder", "smollm2_folder"])
def model(request: pytest.FixtureRequest) -> Iterator[Backend]:
    spec: ModelSpec = request.getfixturevalue(request.param)
    if request.param == "smollm2_folder":
        from pytest_cypherbench.backends.folders.hf import Hf

        opened: Backend = Hf(spec)
    else:
        opened = Gguf(spec)
    yield opened
    opened.close()


def test_cost_of_a_token(model: Backend, figure: Callable[[str], None]) -> None:
    """Whole answers to eight questions, seconds per token: with the schema's grammar at most 1.6
    times as many as without it."""
    found = load_cases(CASES / "movies" / "lookups.yaml")[:8]
    prompts = [
        replace(load_prompt("schema").render(case, MOVIES), grammar=rules)
        for case in found
        if isinstance(case, Case)
        for rules in ("", grammar(MOVIES, "schema"))
    ]
    for prompt in prompts[:2]:
        model.generate(prompt, Sampling(max_tokens=2))  # reads prefix and grammar
    seconds, tokens = [0.0, 0.0], [0, 0]
    for index, prompt in enumerate(prompts):
        answer = model.generate(prompt, Sampling(max_tokens=TOKENS))
        assert answer.first_token_seconds is not None
        seconds[index % 2] += answer.seconds - answer.first_token_seconds
        tokens[index % 2] += (answer.output_tokens or 1) - 1
    free, kept = (1000 * wall / max(1, count) for wall, count in zip(seconds, tokens, strict=True))
    figure(f"{free:.1f} ms a token without, {kept:.1f} with the grammar: {kept / free:.2f}")
    assert kept <= 1.6 * free
