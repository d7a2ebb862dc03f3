"""Runtimes that turn a prompt into text: the protocol, and the table of those that come with us.

Knows nothing of cases' references, databases or pytest.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, ClassVar, Literal, Protocol, runtime_checkable

from pytest_cypherbench.registry import Entry, Registry

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from concurrent.futures import Future
    from pathlib import Path

    from pytest_cypherbench.flow import Generation, Likelihood, ModelInfo, Prompt, Sampling


@dataclass(frozen=True, slots=True)
class ModelSpec:
    """What a backend is opened with: the resolved model, its files, and how to run it.

    ``answers`` maps case ids to texts, for the two backends that test the harness itself;
    ``adapter`` is a peft folder; ``trust_remote_code``: run code that a model's folder brings;
    ``api_key`` is for a server's, ``answer_seconds`` the longest that it may take (None: any)."""

    info: ModelInfo
    path: Path | None = None
    threads: int | None = None
    context_tokens: int | None = None
    answers: Mapping[str, str | tuple[str, ...]] = field(default_factory=dict)
    api_key: str | None = field(default=None, repr=False)
    answer_seconds: float | None = None
    adapter: Path | None = None
    trust_remote_code: bool = False


class Backend(Protocol):
    """A loaded model. Constructed with a ModelSpec; raises UserError if it cannot be loaded."""

    info: ModelInfo

    def generate(self, prompt: Prompt, sampling: Sampling) -> Generation:
        """Answer one prompt; the text depends on prompt and sampling alone, on no earlier call."""

    def close(self) -> None:
        """Free the model."""


@runtime_checkable
class Concurrent(Backend, Protocol):
    """A backend that can have several answers under way; who asks bounds how many."""

    def submit(self, prompt: Prompt, sampling: Sampling) -> Future[Generation]:
        """Begin an answer. What ``generate`` returns or raises is the future's; cancelling that
        ends the work."""


@runtime_checkable
class Batching(Backend, Protocol):
    """A backend that can answer several prompts at once, faster for all and slower for each."""

    def generate_many(
        self, prompts: Sequence[Prompt], sampling: Sampling
    ) -> tuple[Generation, ...]:
        """The answers in the order of the prompts. Each one's ``seconds`` are the batch's wall time
        divided by its size, and none has a time to the first token. A text can depend on what
        else is in the batch: sums of floating-point numbers are taken in another order."""


@runtime_checkable
class Scoring(Backend, Protocol):
    """A backend that can say how likely its model is to write a given text."""

    def score(self, prompt: Prompt, text: str) -> Likelihood:
        """The probability of the text as the answer, by teacher forcing: each token given the
        prompt and the tokens before it. Depends on prompt and text alone."""


@runtime_checkable
class Constraining(Backend, Protocol):
    """A backend that keeps to ``prompt.grammar``: what it writes by itself to the end is a sentence
    of that grammar, what is cut off by ``max_tokens`` the beginning of one."""

    constrains: ClassVar[Literal[True]]


BACKENDS = Registry(
    kind="backend",
    group="pytest_cypherbench.backends",
    flag="--model",
    table={
        "gguf": Entry("pytest_cypherbench.backends.llama.gguf:Gguf", extra="gguf"),
        "hf": Entry("pytest_cypherbench.backends.folders.hf:Hf", extra="hf"),
        "onnx": Entry("pytest_cypherbench.backends.folders.onnx:Onnx", extra="onnx"),
        "openai": Entry("pytest_cypherbench.backends.endpoints.openai:OpenAI", extra="openai"),
        "openvino": Entry(
            "pytest_cypherbench.backends.folders.openvino:OpenVino", extra="openvino"
        ),
        "reference": Entry("pytest_cypherbench.backends.scripted:Scripted"),
        "scripted": Entry("pytest_cypherbench.backends.scripted:Scripted"),
    },
)
