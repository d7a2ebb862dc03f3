"""Answers that are under way before their case comes."""

from __future__ import annotations

from concurrent.futures import Future
from dataclasses import dataclass, field

import pytest

from pytest_cypherbench.ahead import Ahead, Pace
from pytest_cypherbench.errors import BackendError, UserError
from pytest_cypherbench.flow import Generation, Message, ModelInfo, Prompt, Sampling


def prompt(name: str) -> Prompt:
    return Prompt(name, (Message("user", name),), 0)


def answer(text: str) -> Generation:
    return Generation(text, None, None, 0.1, None, "stop")


@dataclass
class Many:
    """Answers with the case's name, in a window or in batches; what it is asked is on record."""

    info: ModelInfo = field(default_factory=lambda: ModelInfo("many:a", "many", "a"))
    begun: list[str] = field(default_factory=list)
    cancelled: list[str] = field(default_factory=list)
    batches: list[int] = field(default_factory=list)

    def generate(self, _prompt: Prompt, _sampling: Sampling) -> Generation:
        raise AssertionError("asked one by one")

    def submit(self, prompt: Prompt, _sampling: Sampling) -> Future[Generation]:
        self.begun.append(prompt.case_id)
        future: Future[Generation] = Future()
        if prompt.case_id == "broken":
            future.set_exception(BackendError("broken"))
        elif prompt.case_id == "late":
            future.add_done_callback(lambda _: self.cancelled.append("late"))
        else:
            future.set_result(answer(prompt.case_id))
        return future

    def generate_many(
        self, prompts: tuple[Prompt, ...], _sampling: Sampling
    ) -> tuple[Generation, ...]:
        self.batches.append(len(prompts))
        if any(one.case_id == "broken" for one in prompts):
            raise BackendError("broken")
        return tuple(answer(one.case_id) for one in prompts)

    def close(self) -> None:
        pass


def ahead(model: Many, pace: Pace, *names: str) -> Ahead:
    return Ahead(model, Sampling(), pace, map(prompt, names))


def texts(found: Ahead, *names: str) -> list[str | None]:
    return [taken.text if (taken := found.take(prompt(name))) else None for name in names]


@pytest.mark.parametrize("pace", [Pace(window=2), Pace(batch=2)])
def test_every_case_gets_its_own_answer(pace: Pace) -> None:
    """In order, each once; after the last there is nothing."""
    found = ahead(Many(), pace, *"abcde")
    assert texts(found, *"abcde") == [*"abcde"]
    assert texts(found, "a", "f") == [None, None]


def test_a_window_sends_no_more_than_it_holds() -> None:
    """While one answer is read, as many as the window has are under way."""
    model = Many()
    found = ahead(model, Pace(window=2), *"abcde")
    texts(found, "a")
    assert model.begun == ["a", "b", "c"]


def test_batches_are_as_large_as_asked() -> None:
    """Five prompts by two are batches of 2, 2 and 1."""
    model = Many()
    texts(ahead(model, Pace(batch=2), *"abcde"), *"abcde")
    assert model.batches == [2, 2, 1]


def test_answers_to_skipped_cases_are_dropped() -> None:
    """A case that never came does not shift the answers of those after it."""
    found = ahead(Many(), Pace(window=4), *"abcde")
    assert texts(found, "a", "c", "d") == ["a", "c", "d"]


def test_what_was_never_sent_disturbs_nothing() -> None:
    """A prompt from elsewhere, such as a repair, has no answer here; the next case still has."""
    found = ahead(Many(), Pace(window=2), *"abc")
    assert texts(found, "a", "repair of a", "b", "c") == ["a", None, "b", "c"]


@pytest.mark.parametrize("pace", [Pace(window=3), Pace(batch=3)])
def test_a_failure_is_that_of_its_case_alone(pace: Pace) -> None:
    """It is raised where its case comes, and the next one has its answer."""
    found = ahead(Many(), pace, "a", "broken", "b")
    assert texts(found, "a") == ["a"]
    with pytest.raises(BackendError, match="broken"):
        found.take(prompt("broken"))
    assert texts(found, "b") == ["b"]


def test_closing_ends_what_is_under_way() -> None:
    """A request that nobody waits for any more is cancelled."""
    model = Many()
    found = ahead(model, Pace(window=2), "a", "late")
    texts(found, "a")
    found.close()
    assert model.cancelled == ["late"]


class Plain:
    """Answers one prompt at a time."""

    info = ModelInfo("plain:a", "plain", "a")


@pytest.mark.parametrize(
    ("pace", "fault"),
    [
        (Pace(window=2), "--window 2: plain:a answers one prompt at a time"),
        (Pace(batch=3), "--batch-size 3: plain:a takes no batches"),
    ],
)
def test_a_backend_that_cannot_is_refused(pace: Pace, fault: str) -> None:
    """One line that names flag and model."""
    with pytest.raises(UserError, match=fault):
        pace.check(Plain())  # type: ignore[arg-type]
