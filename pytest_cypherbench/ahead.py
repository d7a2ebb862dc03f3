"""Answers that are under way before their case comes: several at once, for throughput.

Knows nothing of cases, databases or pytest. What such an answer took is no latency: others were
under way beside it.
"""

from __future__ import annotations

from collections import deque
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from pytest_cypherbench.backends import Batching, Concurrent
from pytest_cypherbench.backends.guarded import Answers, ask_all, ask_batches
from pytest_cypherbench.errors import CypherbenchError, UserError

if TYPE_CHECKING:
    from collections.abc import Iterator

    from pytest_cypherbench.backends import Backend
    from pytest_cypherbench.flow import Generation, Prompt, Sampling


@dataclass(frozen=True, slots=True)
class Pace:
    """How many answers at once: ``window`` requests under way, or batches of ``batch`` prompts."""

    window: int = 1
    batch: int = 1

    def check(self, backend: Backend) -> None:
        """Raises UserError for a backend that cannot do that."""
        label = backend.info.label
        if self.window > 1 and not isinstance(backend, Concurrent):
            raise UserError(
                f"--window {self.window}: {label} answers one prompt at a time",
                fix="drop it, or judge an openai: endpoint",
            )
        if self.batch > 1 and not isinstance(backend, Batching):
            raise UserError(
                f"--batch-size {self.batch}: {label} takes no batches",
                fix="drop it, or judge an hf: model",
            )


ONE_AT_A_TIME = Pace()


@dataclass(slots=True)
class Ahead:
    """The answers to prompts, which are read when their turn to be sent comes."""

    backend: Backend
    sampling: Sampling
    pace: Pace
    prompts: Iterator[Prompt]
    _sent: deque[Prompt] = field(default_factory=deque)
    _answers: Answers | None = None
    _next: tuple[Prompt, Generation | CypherbenchError] | None = None

    def take(self, prompt: Prompt) -> Generation | None:
        """The answer to a prompt; None for one that was not sent ahead. Answers to those before it
        are dropped: their cases were skipped. Raises what went wrong with this one."""
        while self._next or self._arrive():
            assert self._next is not None  # noqa: S101 for mypy
            expected, answer = self._next
            if expected == prompt:
                self._next = None
                if isinstance(answer, CypherbenchError):
                    raise answer
                return answer
            if prompt not in self._sent:
                return None
            self._next = None
        return None

    def close(self) -> None:
        """End what is under way."""
        if self._answers is not None:
            self._answers.close()

    def _arrive(self) -> bool:
        """Wait for the next answer; whether there is one."""
        if self._answers is None:
            self._answers = self._begin()
        answer = next(self._answers, None)
        self._next = (self._sent.popleft(), answer) if answer else None
        return self._next is not None

    def _begin(self) -> Answers:
        prompts = self._noted()
        if isinstance(self.backend, Batching) and self.pace.batch > 1:
            return ask_batches(self.backend, prompts, self.sampling, size=self.pace.batch)
        assert isinstance(self.backend, Concurrent)  # noqa: S101 as Pace.check has seen
        return ask_all(self.backend, prompts, self.sampling, window=self.pace.window)

    def _noted(self) -> Iterator[Prompt]:
        for prompt in self.prompts:
            self._sent.append(prompt)
            yield prompt
