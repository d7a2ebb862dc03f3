"""The backend under test: what a subclass says of it, and how the tests get at it.

Knows nothing of what is tested.
"""

from __future__ import annotations

from contextlib import suppress
from typing import TYPE_CHECKING, ClassVar, cast

import pytest

from pytest_cypherbench.backends import BACKENDS, Backend, ModelSpec
from pytest_cypherbench.candidates import resolve
from pytest_cypherbench.defaults import cache_folder
from pytest_cypherbench.testing.prompts import GREEDY

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator

    from pytest_cypherbench.flow import Prompt, Sampling


class Opened:
    """One backend at a time in memory: opened when it is first asked for, and again when it was
    taken away or a new one is wanted."""

    def __init__(self, make: Callable[[], Backend]) -> None:
        self._make = make
        self._backend: Backend | None = None

    @property
    def backend(self) -> Backend:
        """The backend, open."""
        if self._backend is None:
            self._backend = self._make()
        return self._backend

    def anew(self) -> Backend:
        """Another instance, which nothing was asked."""
        self.drop()
        return self.backend

    def take(self) -> Backend:
        """The backend, to be closed by who takes it."""
        backend, self._backend = self.backend, None
        return backend

    def drop(self) -> None:
        """Close what is open. How a backend closes is a test of its own."""
        if self._backend is not None:
            with suppress(Exception):
                self.take().close()


class Subject:
    """What a subclass says of its backend, all of it optional but the first."""

    model: ClassVar[str] = ""
    """``BACKEND:VARIANT`` as given to ``--model``. Choose a small model: it is opened seven times
    and asked about a hundred times for a few tokens."""

    deterministic: ClassVar[bool] = True
    """False where a server decides that and may answer the same prompt differently: no texts are
    compared then, and those tests are skipped with that as their reason."""

    frames: ClassVar[bool] = True
    """False where a server applies the chat template: what it takes control tokens in a question
    for is then not the backend's to say."""

    too_long_words: ClassVar[int] = 20_000
    """How many words make a prompt that does not fit the model's context."""

    @pytest.fixture(scope="class")
    @classmethod
    def spec(cls) -> ModelSpec:
        """What the backend is opened with: what ``model`` stands for. Override it to open the
        backend with files, threads or a key that the test has at hand."""
        if not cls.model:
            pytest.fail(f"say on {cls.__name__} what to test: model = 'BACKEND:VARIANT'")
        return resolve(
            cls.model,
            candidate="",
            folders=(),
            model_dirs=(),
            cache=cache_folder(),
            threads=None,
            references={},
            report=lambda _: None,
        )

    @classmethod
    def open(cls, spec: ModelSpec) -> Backend:
        """Open the backend by its entry point. Override it where there is none."""
        make = cast("Callable[[ModelSpec], Backend]", BACKENDS.load(spec.info.backend))
        return make(spec)

    @pytest.fixture(scope="class")
    @classmethod
    def opened(cls, spec: ModelSpec) -> Iterator[Opened]:
        """The backend, for tests that close it."""
        opened = Opened(lambda: cls.open(spec))
        yield opened
        opened.drop()

    @pytest.fixture
    def backend(self, opened: Opened) -> Backend:
        """The backend, shared by all tests of the class."""
        return opened.backend

    @pytest.fixture
    def repeatable(self) -> None:
        """For tests that compare texts."""
        if not self.deterministic:
            pytest.skip("deterministic = False: texts of this backend are not compared")


def texts(
    backend: Backend, prompts: Iterable[Prompt], sampling: Sampling = GREEDY
) -> dict[str, str]:
    """Answers by their case's id, asked for in the order of the prompts."""
    return {prompt.case_id: backend.generate(prompt, sampling).text for prompt in prompts}
