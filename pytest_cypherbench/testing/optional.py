"""Promises of what a backend need not have: batches, likelihoods, futures, grammars.

Knows nothing of how a backend does it; where it does not, the tests are skipped.
"""

from __future__ import annotations

from concurrent.futures import Future, wait
from dataclasses import replace
from time import perf_counter
from typing import TYPE_CHECKING, cast

import pytest

from pytest_cypherbench.backends import Backend, Batching, Concurrent, Scoring
from pytest_cypherbench.backends.guarded import score, unsound
from pytest_cypherbench.errors import CypherbenchError
from pytest_cypherbench.testing.answers import CLOCK_SECONDS
from pytest_cypherbench.testing.prompts import (
    BY_CHANCE,
    CHATS,
    GREEDY,
    QUESTIONS,
    ask,
    say,
)
from pytest_cypherbench.testing.subject import Subject, texts

if TYPE_CHECKING:
    from pytest_cypherbench.flow import Sampling
    from pytest_cypherbench.testing.subject import Opened

_WAIT_SECONDS = 120.0
_UNDER_WAY_SECONDS = 0.1
_QUERY = "MATCH (m:Movie) RETURN m.title"
_GRAMMAR = 'root ::= "MATCH (p:Person) RETURN p." ("name" | "born")\n'
_SENTENCES = ("MATCH (p:Person) RETURN p.name", "MATCH (p:Person) RETURN p.born")
_TO_THE_END = replace(GREEDY, max_tokens=60)
_SAMPLINGS = {"greedy": _TO_THE_END, "by chance": replace(BY_CHANCE, max_tokens=60)}


class Batches(Subject):
    """``generate_many``: several prompts at once."""

    @pytest.fixture
    def batching(self, backend: Backend) -> Batching:
        """The backend, where it has this."""
        if not isinstance(backend, Batching):
            pytest.skip("no generate_many: this backend answers one prompt at a time")
        return backend

    def test_a_batch_has_a_sound_answer_to_each_prompt(self, batching: Batching) -> None:
        """A tuple of as many generations as prompts, each as if it had been asked for alone but for
        its times; to no prompts, an empty one."""
        for prompts in (CHATS, CHATS[:1], ()):
            found = batching.generate_many(prompts, GREEDY)
            assert isinstance(found, tuple)
            assert [unsound(one) for one in found] == [""] * len(prompts)
            assert all((one.output_tokens or 0) <= GREEDY.max_tokens for one in found)

    def test_a_batch_keeps_the_order_of_its_prompts(self, batching: Batching) -> None:
        """Each answer stands where its prompt stood: told by the prompt's tokens, and by the texts
        where those are the ones that the prompts get alone."""
        alone = [batching.generate(prompt, GREEDY) for prompt in CHATS]
        found = batching.generate_many(CHATS, GREEDY)
        assert [one.prompt_tokens for one in found] == [one.prompt_tokens for one in alone]
        if sorted(one.text for one in found) == sorted(one.text for one in alone):
            assert [one.text for one in found] == [one.text for one in alone]

    def test_a_batch_shares_its_time(self, batching: Batching) -> None:
        """Each one's ``seconds`` are the batch's wall time divided by its size, and none has a time
        to the first token."""
        started = perf_counter()
        found = batching.generate_many(CHATS, GREEDY)
        took = perf_counter() - started
        assert len({one.seconds for one in found}) == 1
        assert sum(one.seconds for one in found) <= took + CLOCK_SECONDS
        assert {one.first_token_seconds for one in found} == {None}

    @pytest.mark.usefixtures("repeatable")
    def test_a_batch_leaves_no_trace(self, batching: Batching) -> None:
        """A prompt's text is the same before and after it, alone."""
        before = texts(batching, CHATS[:2])
        batching.generate_many([*CHATS, ask(QUESTIONS[0], "towns")], BY_CHANCE)
        assert texts(batching, CHATS[:2]) == before


class Likelihoods(Subject):
    """``score``: how likely the model is to write a text."""

    @pytest.fixture
    def scoring(self, backend: Backend) -> Scoring:
        """The backend, where it has this."""
        if not isinstance(backend, Scoring):
            pytest.skip("no score: this backend cannot say how likely a text is")
        return backend

    def test_a_likelihood_is_the_logarithm_of_a_probability(self, scoring: Scoring) -> None:
        """Finite and never above 0, with the text's tokens and its bytes in UTF-8."""
        for text in (_QUERY, "é"):
            found = score(scoring, CHATS[0], text)
            assert found.logprob <= 0
            assert found.tokens > 0
            assert found.text_bytes == len(text.encode())

    def test_the_empty_text_is_certain(self, scoring: Scoring) -> None:
        """It has no token and the logarithm 0: the end of an answer is left out."""
        found = score(scoring, CHATS[0], "")
        assert (found.logprob, found.tokens, found.text_bytes) == (0, 0, 0)

    @pytest.mark.usefixtures("repeatable", "scoring")
    def test_a_likelihood_depends_on_prompt_and_text_alone(self, opened: Opened) -> None:
        """The same to the last bit, whatever was scored before, and by which instance."""
        prompts = (*CHATS[:2], ask(QUESTIONS[0], "towns"))
        found = []
        for order in (prompts, prompts[::-1]):
            anew = cast("Scoring", opened.anew())
            found.append({prompt.case_id: score(anew, prompt, _QUERY) for prompt in order})
        assert found[0] == found[1]

    def test_what_the_model_writes_is_likelier_than_the_same_backwards(
        self, scoring: Scoring
    ) -> None:
        """The score is the model's own: its greedy answers together beat their letters reversed."""
        written = [(prompt, scoring.generate(prompt, GREEDY).text) for prompt in CHATS[:2]]
        assert sum(score(scoring, prompt, text).logprob for prompt, text in written) > sum(
            score(scoring, prompt, text[::-1]).logprob for prompt, text in written
        )


class Futures(Subject):
    """``submit``: several answers under way."""

    @pytest.fixture
    def concurrent(self, backend: Backend) -> Concurrent:
        """The backend, where it has this."""
        if not isinstance(backend, Concurrent):
            pytest.skip("no submit: this backend has one answer under way")
        return backend

    def test_each_future_holds_what_generate_returns(self, concurrent: Concurrent) -> None:
        """As many as are asked for; each ends as a sound generation for its own prompt."""
        begun = [concurrent.submit(prompt, GREEDY) for prompt in CHATS]
        assert all(isinstance(future, Future) for future in begun)
        found = [future.result(_WAIT_SECONDS) for future in begun]
        assert [unsound(one) for one in found] == [""] * len(CHATS)
        if self.deterministic:
            assert [one.text for one in found] == [*texts(concurrent, CHATS).values()]

    def test_a_future_raises_what_generate_raises(self, concurrent: Concurrent) -> None:
        """A prompt too long is an error of its future, in one line, not of ``submit``."""
        begun = concurrent.submit(say("word " * self.too_long_words), GREEDY)
        error = begun.exception(_WAIT_SECONDS)
        assert error is None or isinstance(error, CypherbenchError)
        assert "\n" not in str(error)

    def test_to_cancel_a_future_ends_its_work(self, concurrent: Concurrent) -> None:
        """Also while it is under way; the next prompt is answered."""
        begun = concurrent.submit(CHATS[0], replace(GREEDY, max_tokens=256))
        wait((begun,), timeout=_UNDER_WAY_SECONDS)
        assert begun.cancel() or begun.done()
        texts(concurrent, CHATS[1:2])


class Grammars(Subject):
    """``constrains``: an answer keeps to its prompt's grammar."""

    @pytest.fixture
    def constrained(self, backend: Backend) -> Backend:
        """The backend, where it has this."""
        if not getattr(backend, "constrains", False):
            pytest.skip("constrains is not True: this backend is never given a grammar")
        return backend

    @pytest.mark.parametrize("sampling", _SAMPLINGS.values(), ids=_SAMPLINGS)
    def test_an_answer_that_ends_is_a_sentence(
        self, constrained: Backend, sampling: Sampling
    ) -> None:
        """Greedy or by chance, what the model writes to the end is a sentence of the grammar."""
        answer = constrained.generate(ask(QUESTIONS[0], grammar=_GRAMMAR), sampling)
        assert answer.finish == "stop"
        assert answer.text in _SENTENCES

    def test_an_answer_that_is_cut_begins_a_sentence(self, constrained: Backend) -> None:
        """What ``max_tokens`` cuts off is the beginning of one."""
        prompt = ask(QUESTIONS[0], grammar=_GRAMMAR)
        answer = constrained.generate(prompt, replace(GREEDY, max_tokens=3))
        assert any(sentence.startswith(answer.text) for sentence in _SENTENCES)
        assert answer.finish == "length" or answer.text in _SENTENCES

    @pytest.mark.usefixtures("repeatable")
    def test_a_grammar_holds_for_its_prompt_alone(self, constrained: Backend) -> None:
        """Without one, texts are what they were before; with another, that one counts."""
        before = texts(constrained, CHATS[:1])
        constrained.generate(ask(QUESTIONS[0], grammar=_GRAMMAR), GREEDY)
        other = ask(QUESTIONS[0], grammar='root ::= "RETURN 1"\n')
        assert constrained.generate(other, _TO_THE_END).text == "RETURN 1"
        assert texts(constrained, CHATS[:1]) == before
