"""Runtimes that turn a prompt into text: the protocol, and the table of those that come with us.

Knows nothing of cases' references, databases or pytest.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Protocol

from pytest_cypherbench.registry import Entry, Registry

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

    from pytest_cypherbench.flow import Generation, ModelInfo, Prompt, Sampling


@dataclass(frozen=True, slots=True)
class ModelSpec:
    """What a backend is opened with: the resolved model, its files, and how to run it.

    ``answers`` maps case ids to texts, for the two backends that test the harness itself."""

    info: ModelInfo
    path: Path | None = None
    threads: int | None = None
    context_tokens: int | None = None
    answers: Mapping[str, str] = field(default_factory=dict)


class Backend(Protocol):
    """A loaded model. Constructed with a ModelSpec; raises UserError if it cannot be loaded."""

    info: ModelInfo

    def generate(self, prompt: Prompt, sampling: Sampling) -> Generation:
        """Answer one prompt; the text depends on prompt and sampling alone, on no earlier call."""

    def close(self) -> None:
        """Free the model."""


BACKENDS = Registry(
    kind="backend",
    group="pytest_cypherbench.backends",
    flag="--model",
    table={
        "gguf": Entry("pytest_cypherbench.backends.gguf:Gguf", extra="gguf"),
        "reference": Entry("pytest_cypherbench.backends.scripted:Scripted"),
        "scripted": Entry("pytest_cypherbench.backends.scripted:Scripted"),
    },
)
