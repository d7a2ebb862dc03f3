"""Promises of ``generate``: what comes back, and that it depends on prompt and sampling alone.

Knows nothing of the protocols that a backend need not have.
"""

from __future__ import annotations

from dataclasses import replace
from time import perf_counter
from typing import TYPE_CHECKING

import pytest

from pytest_cypherbench.backends.guarded import unsound
from pytest_cypherbench.errors import CypherbenchError
from pytest_cypherbench.flow import Generation
from pytest_cypherbench.testing.prompts import (
    BY_CHANCE,
    CHATS,
    GRAPHS,
    GREEDY,
    KINDS,
    MARKERS,
    QUESTIONS,
    ask,
    raw,
    say,
)
from pytest_cypherbench.testing.subject import Opened, Subject, texts

if TYPE_CHECKING:
    from pytest_cypherbench.backends import Backend
    from pytest_cypherbench.flow import Prompt, Sampling

# Two clocks need not agree to the last digit.
CLOCK_SECONDS = 0.05
_LONG, _SHORT = replace(GREEDY, max_tokens=8), replace(GREEDY, max_tokens=2)
_REPEATS = 4
_SAMPLINGS = {"greedy": GREEDY, "by chance": BY_CHANCE}


def answer_or_error(backend: Backend, prompt: Prompt) -> Generation | CypherbenchError:
    """An answer, or the error that is raised in its place: one of ours, in one line."""
    try:
        return backend.generate(prompt, _SHORT)
    except CypherbenchError as error:
        found = error
    assert "\n" not in str(found)
    return found


class Answers(Subject):
    """One prompt, one answer."""

    # ── what comes back ──

    @pytest.mark.parametrize("prompt", KINDS.values(), ids=KINDS)
    def test_an_answer_is_a_sound_generation(self, backend: Backend, prompt: Prompt) -> None:
        """To any kind of prompt: text is str, counts are int or None, times are seconds or None,
        ``finish`` is "stop" or "length"."""
        assert unsound(backend.generate(prompt, GREEDY)) == ""

    def test_times_are_wall_times(self, backend: Backend) -> None:
        """``seconds`` is no more than the call took, and the first text comes within them."""
        started = perf_counter()
        answer = backend.generate(CHATS[0], GREEDY)
        took = perf_counter() - started
        assert answer.seconds <= took + CLOCK_SECONDS
        assert (answer.first_token_seconds or 0.0) <= answer.seconds

    def test_no_answer_is_longer_than_max_tokens(self, backend: Backend) -> None:
        """``output_tokens`` is at most ``max_tokens``."""
        for sampling in (_LONG, _SHORT):
            answer = backend.generate(CHATS[0], sampling)
            assert (answer.output_tokens or 0) <= sampling.max_tokens

    @pytest.mark.usefixtures("repeatable")
    def test_a_cut_answer_is_the_beginning_and_says_so(self, backend: Backend) -> None:
        """What ``max_tokens`` cuts off begins like the whole, and its ``finish`` is "length"."""
        whole, cut = (backend.generate(CHATS[0], sampling) for sampling in (_LONG, _SHORT))
        assert whole.text.startswith(cut.text.rstrip("\ufffd"))  # half a character at the end
        assert cut.finish == "length" or cut.text == whole.text

    # ── how a prompt is read ──

    def test_no_template_touches_a_raw_prompt(self, backend: Backend) -> None:
        """A text of the role ``raw`` costs less than the same in a chat: nothing frames it."""
        chat, alone = (backend.generate(made("RETURN 1"), _SHORT) for made in (say, raw))
        if chat.prompt_tokens is None or alone.prompt_tokens is None:
            pytest.skip("this backend does not count a prompt's tokens")
        assert alone.prompt_tokens < chat.prompt_tokens

    @pytest.mark.parametrize("marker", MARKERS)
    def test_control_tokens_in_a_question_are_letters(self, backend: Backend, marker: str) -> None:
        """What ends a turn in a template ends none in a question: it is read as plain text, of
        several tokens, or the prompt is refused."""
        if not self.frames:
            pytest.skip("frames = False: not this backend but its server applies the template")
        plain = backend.generate(say("Who?"), _SHORT).prompt_tokens
        if plain is None:
            pytest.skip("this backend does not count a prompt's tokens")
        forged = answer_or_error(backend, say("Who?" + marker * _REPEATS))
        if isinstance(forged, Generation):
            more = (forged.prompt_tokens or 0) - plain
            assert more > 1.5 * _REPEATS  # one each, give or take, where they are control tokens

    def test_a_prompt_too_long_is_an_error_of_its_case(self, backend: Backend) -> None:
        """It raises SuiteError, UserError or BackendError, in one line, unless the model has room
        for it, and the next prompt is answered as always."""
        before = texts(backend, CHATS[:1])
        answer_or_error(backend, say("word " * self.too_long_words))
        after = texts(backend, CHATS[:1])
        assert after == before or not self.deterministic

    # ── a text depends on prompt and sampling alone ──

    @pytest.mark.usefixtures("repeatable")
    @pytest.mark.parametrize("sampling", _SAMPLINGS.values(), ids=_SAMPLINGS)
    def test_the_same_prompt_gives_the_same_text(
        self, backend: Backend, sampling: Sampling
    ) -> None:
        """Twice in a row, greedy or by chance with the same seed."""
        first, again = (backend.generate(CHATS[0], sampling) for _ in range(2))
        assert first.text == again.text

    @pytest.mark.usefixtures("repeatable")
    def test_a_text_depends_on_nothing_that_was_asked_before(self, backend: Backend) -> None:
        """Asked in another order, questions on one graph get the same texts."""
        assert texts(backend, CHATS[::-1]) == texts(backend, CHATS)

    @pytest.mark.usefixtures("repeatable")
    def test_a_text_depends_on_no_prefix_but_its_own(self, backend: Backend) -> None:
        """Texts stay the same where the graph, and so ``prompt.shared``, changes to and fro."""
        first, second, other = *CHATS[:2], ask(QUESTIONS[0], "towns")
        expected = texts(backend, (first, second, other))
        assert texts(backend, (second, other, first)) == expected

    @pytest.mark.usefixtures("repeatable")
    def test_a_text_depends_on_no_instance(self, opened: Opened) -> None:
        """Opened anew and asked about another graph first, the model answers the same."""
        prompts = [ask(QUESTIONS[0], graph) for graph in GRAPHS]
        expected = texts(opened.anew(), prompts)
        assert texts(opened.anew(), prompts[::-1]) == expected
