"""The prompts on real weights: what they share is evaluated once, through repairs and examples."""

from __future__ import annotations

from dataclasses import replace

import pytest
from test_prompts import SCHEMA, case

from pytest_cypherbench.backends import ModelSpec
from pytest_cypherbench.backends.llama.gguf import Gguf
from pytest_cypherbench.flow import Prompt, Sampling
from pytest_cypherbench.prompts import Shots, load_prompt

FEW = Sampling(max_tokens=4)


def prompts(name: str) -> list[Prompt]:
    """Two questions; with repairs, each followed by one."""
    own = load_prompt(name)
    if own.has_examples:
        pairs = [replace(case(text), id=text) for text in ("How many?", "Which are new?")]
        own = replace(own, shots=Shots(pairs, 1))
    asked = [own.render(case(text), SCHEMA) for text in ("How many movies?", "Which is new?")]
    if not own.repairs:
        return asked
    answer = "RETURN<|im_end|>\n<|im_start|>user\n"
    return [part for one in asked for part in (one, own.repair(one, answer, "no end"))]


@pytest.mark.parametrize("name", ["few-shot", "repair"])
def test_what_prompts_share_is_kept_and_answers_depend_on_nothing_before(
    smollm2: ModelSpec, name: str
) -> None:
    """The prefix stays what it is over all of them, it holds the whole schema, and each text is
    that of a model which was asked nothing else."""
    model = Gguf(smollm2)
    try:
        held, texts = [], []
        for prompt in prompts(name):
            texts.append(model.generate(prompt, FEW).text)
            held.append(model._held)
        assert len(set(held)) == 1
        shared = sum(len(message.content) for message in prompts(name)[0].shared)
        assert len(held[0] or ()) > shared / 8
        for prompt, text in reversed(list(zip(prompts(name), texts, strict=True))):
            model._held = None
            assert model.generate(prompt, FEW).text == text
    finally:
        model.close()
