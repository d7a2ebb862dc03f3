"""Do runtimes write the same, where they are given the same weights? Greedy texts, case by case."""

# ruff: noqa: E402  # what needs libraries is imported after the look for them

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
from weights import resolved

for library in ("torch", "transformers", "onnxruntime", "optimum", "gguf"):
    pytest.importorskip(library, reason=f"needs {library}: install the extra dev")

from pytest_cypherbench.backends.guarded import open_backend
from pytest_cypherbench.cases import load_cases
from pytest_cypherbench.flow import Case, Sampling
from pytest_cypherbench.graphs.data import read_graph
from pytest_cypherbench.graphs.load import facts
from pytest_cypherbench.graphs.schema import schema
from pytest_cypherbench.prompts import load_prompt

if TYPE_CHECKING:
    from collections.abc import Callable

    from pytest_cypherbench.flow import Prompt

CASES = Path(__file__).parents[2] / "cases"
EVERY = 8
TOKENS = 32
FIRST, OTHERS = "hf:fp32", ("onnx:fp32", "gguf:f16", "openvino:fp32")


def prompts() -> list[Prompt]:
    """Those of every eighth case of the movies, with the schema."""
    about = schema(facts(read_graph(CASES / "graphs" / "movies")))
    template = load_prompt("schema")
    rows = [row for file in sorted((CASES / "movies").glob("*.yaml")) for row in load_cases(file)]
    cases = [row for row in rows if isinstance(row, Case)][::EVERY]
    return [template.render(case, about) for case in cases]


def texts(model: Any, asked: list[Prompt]) -> list[str]:
    return [model.generate(prompt, Sampling(TOKENS)).text for prompt in asked]


@pytest.mark.slow
def test_the_same_weights_write_the_same(figure: Callable[[str], None]) -> None:
    """fp32 on ONNX Runtime and f16 on llama.cpp, of one file, write what transformers writes in at
    least 99 % of cases; where not, the two tokens are nearly as likely."""
    asked = prompts()
    ours: Any = open_backend(resolved(FIRST, "smollm2-135m"))
    expected = texts(ours, asked)
    for name in OTHERS:
        pytest.importorskip(
            name.partition(":")[0].replace("gguf", "llama_cpp").replace("onnx", "onnxruntime")
        )
        other = open_backend(resolved(name, "smollm2-135m"))
        found = texts(other, asked)
        other.close()
        same = sum(map(str.__eq__, found, expected))
        figure(f"{name}: {same} of {len(asked)} texts of {TOKENS} tokens are those of {FIRST}")
        for prompt, here, there in zip(asked, expected, found, strict=True):
            if here != there:
                figure(f"  {prompt.case_id}: {difference(ours, prompt, here, there)}")
        assert same >= 0.9 * len(asked)
    ours.close()


def difference(model: Any, prompt: Prompt, here: str, there: str) -> str:
    """The first tokens that differ, and how much less likely the first model finds the other's."""
    words = model._words
    ids = [words.encode(text, markers=True) for text in (here, there)]
    at = next(n for n, pair in enumerate(zip(*ids, strict=False)) if pair[0] != pair[1])
    before = words.decode(ids[0][:at])
    chances = [
        model.score(prompt, before + words.decode([one[at]])).logprob
        - model.score(prompt, before).logprob
        for one in ids
    ]
    pieces = [words.decode([one[at]]) for one in ids]
    return (
        f"token {at}, {pieces[0]!r} or {pieces[1]!r}, apart by {chances[0] - chances[1]:.4f} nats"
    )
