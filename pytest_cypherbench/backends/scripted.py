"""Backend that answers from a table of texts: for tests of the harness, and for ``reference``.

Knows nothing of models or of where the texts come from.
"""

from __future__ import annotations

from time import perf_counter
from typing import TYPE_CHECKING

from pytest_cypherbench.errors import SuiteError
from pytest_cypherbench.flow import Generation

if TYPE_CHECKING:
    from pytest_cypherbench.backends import ModelSpec
    from pytest_cypherbench.flow import Prompt, Sampling


class Scripted:
    """``spec.answers`` gives the text for each case id, or several: which of them depends on the
    sampling's seed and on how many answers the prompt holds already."""

    def __init__(self, spec: ModelSpec) -> None:
        self.info = spec.info
        self._answers = spec.answers

    def generate(self, prompt: Prompt, sampling: Sampling) -> Generation:
        """The text for the prompt's case, tokens not counted; SuiteError where there is none."""
        started = perf_counter()
        texts = self._answers.get(prompt.case_id)
        if texts is None:
            raise SuiteError(
                f"no scripted answer for case {prompt.case_id!r} (--model {self.info.label})",
                fix="add it to the file, or deselect the case",
            )
        if not isinstance(texts, str):
            before = sum(message.role == "assistant" for message in prompt.messages)
            texts = texts[(sampling.seed + before) % len(texts)]
        return Generation(
            text=texts,
            prompt_tokens=None,
            output_tokens=None,
            seconds=perf_counter() - started,
            first_token_seconds=None,
            finish="stop",
        )

    def close(self) -> None:
        """Nothing to free."""
