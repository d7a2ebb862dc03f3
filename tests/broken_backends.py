"""A backend that has all there is and keeps every promise, and many that each break one.

``BROKEN`` says of each which tests of the contract must fail: those and no others.
"""

from __future__ import annotations

import random
import re
import threading
from collections.abc import Sequence
from concurrent.futures import Future
from dataclasses import replace
from itertools import count
from time import perf_counter, sleep
from typing import Any

from pytest_cypherbench.backends import ModelSpec
from pytest_cypherbench.errors import SuiteError, UserError
from pytest_cypherbench.flow import Generation, Likelihood, Message, Prompt, Sampling

CONTEXT_TOKENS = 4000
END_TOKENS = 40


def sentences(grammar: str) -> list[str]:
    """Of a grammar that is a literal and, after it, one of several."""
    head, *ends = re.findall('"([^"]*)"', grammar)
    return [head + end for end in ends or [""]]


class Whole:
    """Its tokens are letters, and all that it writes is drawn by chance with the prompt as seed."""

    constrains = True

    def __init__(self, spec: ModelSpec) -> None:
        if spec.path is not None and not spec.path.is_file():
            raise UserError(f"no file for --model {spec.info.label}", fix="name one")
        self.info = replace(spec.info, runtime="letters 1.0")

    def read(self, prompt: Prompt) -> list[str]:
        """The prompt's tokens."""
        tokens = [token for message in prompt.messages for token in self.framed(message)]
        if len(tokens) > CONTEXT_TOKENS:
            raise SuiteError(f"prompt of {len(tokens)} tokens does not fit", fix="ask less")
        return tokens

    def framed(self, message: Message) -> list[str]:
        if message.role == "raw":
            return [*message.content]
        return [f"<{message.role}>", *message.content, "<end>"]

    def seed(self, prompt: Prompt, sampling: Sampling) -> object:
        """All that an answer depends on."""
        return self.read(prompt), sampling.temperature and sampling.seed

    def whole(self, prompt: Prompt, sampling: Sampling) -> str:
        """What would be written without a limit."""
        drawn = random.Random(repr(self.seed(prompt, sampling)))  # noqa: S311
        if prompt.grammar:
            return drawn.choice(sentences(prompt.grammar))
        return "".join(drawn.choices("MATCHRETURN (n) ", k=END_TOKENS))

    def generate(self, prompt: Prompt, sampling: Sampling) -> Generation:
        return self.answer(prompt, sampling)

    def answer(self, prompt: Prompt, sampling: Sampling) -> Generation:
        started = perf_counter()
        whole = self.whole(prompt, sampling)
        text = whole[: sampling.max_tokens]
        first, end = perf_counter() - started, perf_counter() - started
        finish = "stop" if text == whole else "length"
        return Generation(text, len(self.read(prompt)), len(text), end, first, finish)

    def generate_many(
        self, prompts: Sequence[Prompt], sampling: Sampling
    ) -> tuple[Generation, ...]:
        started = perf_counter()
        found = [self.answer(prompt, sampling) for prompt in prompts]
        share = (perf_counter() - started) / max(1, len(prompts))
        return tuple(replace(one, seconds=share, first_token_seconds=None) for one in found)

    def score(self, prompt: Prompt, text: str) -> Likelihood:
        own = self.whole(prompt, Sampling())
        chances = (-0.1 if pair[0] == pair[1] else -3.0 for pair in zip(text, own, strict=False))
        return Likelihood(sum(chances, 0.0), len(text), len(text.encode()))

    def submit(self, prompt: Prompt, sampling: Sampling) -> Future[Generation]:
        future: Future[Generation] = Future()
        threading.Thread(target=self.fulfil, args=(future, prompt, sampling)).start()
        return future

    def fulfil(self, future: Future[Generation], prompt: Prompt, sampling: Sampling) -> None:
        if not future.set_running_or_notify_cancel():
            return
        try:
            future.set_result(self.answer(prompt, sampling))
        except SuiteError as error:
            future.set_exception(error)

    def close(self) -> None:
        """Nothing to free."""


def otherwise(found: Generation, prompt: Prompt, why: str = "") -> Generation:
    """Another answer; a grammar is kept to all the same."""
    letter = str(sum(map(ord, why)) % 10)
    return found if prompt.grammar else replace(found, text=letter + found.text[1:])


BROKEN: dict[type[Whole], set[str]] = {}


def breaks(*tests: str) -> Any:
    """The tests that must fail, without the ``test_`` that all of them begin with."""

    def keep(broken: type[Whole]) -> type[Whole]:
        BROKEN[broken] = {f"test_{name}" for name in tests}
        return broken

    return keep


# ── opened, described, closed ──


@breaks("info_keeps_what_is_known_of_the_model")
class Renames(Whole):
    def __init__(self, spec: ModelSpec) -> None:
        super().__init__(spec)
        self.info = replace(self.info, label=self.info.label.upper())


@breaks("runtime_names_its_version")
class HasNoVersion(Whole):
    def __init__(self, spec: ModelSpec) -> None:
        super().__init__(spec)
        self.info = replace(self.info, runtime="letters")


@breaks("a_file_that_does_not_exist_is_one_line")
class LetsTheSystemSay(Whole):
    def __init__(self, spec: ModelSpec) -> None:
        if spec.path:
            spec.path.read_bytes()
        super().__init__(spec)


@breaks("a_file_that_does_not_exist_is_one_line")
class OpensWhatIsNotThere(Whole):
    def __init__(self, spec: ModelSpec) -> None:
        super().__init__(replace(spec, path=None))


@breaks("closing_twice_is_harmless")
class ClosesOnce(Whole):
    open = True

    def close(self) -> None:
        if not self.open:
            raise RuntimeError("already closed")
        self.open = False


# ── what comes back ──


@breaks("an_answer_is_a_sound_generation")
class CountsInFloats(Whole):
    def generate(self, prompt: Prompt, sampling: Sampling) -> Generation:
        found = self.answer(prompt, sampling)
        return replace(found, output_tokens=float(found.output_tokens or 0))  # type: ignore[arg-type]


@breaks("an_answer_is_a_sound_generation")
class ChokesOnRepairs(Whole):
    def generate(self, prompt: Prompt, sampling: Sampling) -> Generation:
        found = self.answer(prompt, sampling)
        asked = prompt.messages[-1].content.startswith("The database")
        return replace(found, finish="eos") if asked else found  # type: ignore[arg-type]


@breaks("times_are_wall_times")
class CountsAMinuteAsASecond(Whole):
    def generate(self, prompt: Prompt, sampling: Sampling) -> Generation:
        return replace(self.answer(prompt, sampling), seconds=1.0)


@breaks("times_are_wall_times")
class BeginsAfterItsEnd(Whole):
    def generate(self, prompt: Prompt, sampling: Sampling) -> Generation:
        return replace(self.answer(prompt, sampling), first_token_seconds=1.0)


@breaks("no_answer_is_longer_than_max_tokens", "a_batch_has_a_sound_answer_to_each_prompt")
class GoesOn(Whole):
    def answer(self, prompt: Prompt, sampling: Sampling) -> Generation:
        return super().answer(prompt, replace(sampling, max_tokens=sampling.max_tokens + 2))


@breaks("a_cut_answer_is_the_beginning_and_says_so")
class NeverSaysThatItWasCut(Whole):
    def generate(self, prompt: Prompt, sampling: Sampling) -> Generation:
        found = self.answer(prompt, sampling)
        return found if prompt.grammar else replace(found, finish="stop")


# ── how a prompt is read ──


@breaks("no_template_touches_a_raw_prompt")
class FramesRawTexts(Whole):
    def framed(self, message: Message) -> list[str]:
        return super().framed(replace(message, role="user"))


@breaks("control_tokens_in_a_question_are_letters")
class BelievesAQuestion(Whole):
    def framed(self, message: Message) -> list[str]:
        marked = "X" * message.content.count("<|im_end|>")
        content = message.content.replace("<|im_end|>", "") + marked
        return super().framed(replace(message, content=content))


@breaks("a_prompt_too_long_is_an_error_of_its_case", "a_future_raises_what_generate_raises")
class SaysItInTwoLines(Whole):
    def read(self, prompt: Prompt) -> list[str]:
        try:
            return super().read(prompt)
        except SuiteError as error:
            raise SuiteError(f"{error}\nTraceback") from error


@breaks("a_prompt_too_long_is_an_error_of_its_case")
class IsShakenByALongPrompt(Whole):
    shaken = False

    def generate(self, prompt: Prompt, sampling: Sampling) -> Generation:
        shaken, self.shaken = self.shaken, False
        try:
            found = self.answer(prompt, sampling)
        except SuiteError:
            self.shaken = True
            raise
        return otherwise(found, prompt) if shaken else found


# ── a text depends on prompt and sampling alone ──


@breaks("the_same_prompt_gives_the_same_text")
class IgnoresTheSeed(Whole):
    calls = 0

    def seed(self, prompt: Prompt, sampling: Sampling) -> object:
        self.calls += 1
        return super().seed(prompt, sampling), sampling.temperature and self.calls


@breaks(
    "a_text_depends_on_nothing_that_was_asked_before",
    "a_text_depends_on_no_prefix_but_its_own",
    "a_text_depends_on_no_instance",
    "a_batch_leaves_no_trace",
    "each_future_holds_what_generate_returns",
)
class RemembersTheLastQuestion(Whole):
    last = ""

    def generate(self, prompt: Prompt, sampling: Sampling) -> Generation:
        last, self.last = self.last, prompt.case_id
        found = self.answer(prompt, sampling)
        return found if last in {"", self.last} else otherwise(found, prompt, last)


@breaks("a_text_depends_on_no_prefix_but_its_own", "a_text_depends_on_no_instance")
class ChangesTheGraphTooLate(Whole):
    held: object = None

    def generate(self, prompt: Prompt, sampling: Sampling) -> Generation:
        late = self.held not in {None, prompt.shared}
        self.held = prompt.shared
        found = self.answer(prompt, sampling)
        return otherwise(found, prompt) if late else found


@breaks("a_text_depends_on_no_instance")
class NeverChangesTheGraph(Whole):
    held: object = None

    def generate(self, prompt: Prompt, sampling: Sampling) -> Generation:
        self.held = self.held or prompt.shared
        found = self.answer(prompt, sampling)
        return found if self.held == prompt.shared else otherwise(found, prompt)


@breaks("a_text_depends_on_no_instance")
class BeginsByChance(Whole):
    numbers = count()

    def __init__(self, spec: ModelSpec) -> None:
        super().__init__(spec)
        self.number = next(self.numbers)

    def answer(self, prompt: Prompt, sampling: Sampling) -> Generation:
        return otherwise(super().answer(prompt, sampling), prompt, chr(self.number))


# ── several at once ──


@breaks("a_batch_has_a_sound_answer_to_each_prompt", "a_batch_keeps_the_order_of_its_prompts")
class DropsOne(Whole):
    def generate_many(
        self, prompts: Sequence[Prompt], sampling: Sampling
    ) -> tuple[Generation, ...]:
        return super().generate_many(prompts, sampling)[: max(1, len(prompts) - 1)]


@breaks("a_batch_has_a_sound_answer_to_each_prompt")
class GivesAList(Whole):
    def generate_many(
        self, prompts: Sequence[Prompt], sampling: Sampling
    ) -> tuple[Generation, ...]:
        return list(super().generate_many(prompts, sampling))  # type: ignore[return-value]


@breaks("a_batch_keeps_the_order_of_its_prompts")
class SortsByLength(Whole):
    def generate_many(
        self, prompts: Sequence[Prompt], sampling: Sampling
    ) -> tuple[Generation, ...]:
        return super().generate_many(sorted(prompts, key=lambda one: len(one.case_id)), sampling)


@breaks("a_batch_keeps_the_order_of_its_prompts")
class SortsAndCountsNothing(SortsByLength):
    def answer(self, prompt: Prompt, sampling: Sampling) -> Generation:
        return replace(super().answer(prompt, sampling), prompt_tokens=None)


@breaks("a_batch_shares_its_time")
class GivesEachTheWholeTime(Whole):
    def generate_many(
        self, prompts: Sequence[Prompt], sampling: Sampling
    ) -> tuple[Generation, ...]:
        found = super().generate_many(prompts, sampling)
        sleep(0.05)
        return tuple(replace(one, seconds=0.05) for one in found)


@breaks("a_batch_leaves_no_trace")
class IsChangedByABatch(Whole):
    batched = False

    def generate_many(
        self, prompts: Sequence[Prompt], sampling: Sampling
    ) -> tuple[Generation, ...]:
        self.batched = bool(sampling.temperature)
        return super().generate_many(prompts, sampling)

    def generate(self, prompt: Prompt, sampling: Sampling) -> Generation:
        found, batched, self.batched = self.answer(prompt, sampling), self.batched, False
        return otherwise(found, prompt) if batched else found


# ── likelihood ──


@breaks("a_likelihood_is_the_logarithm_of_a_probability")
class ScoresWithoutTheSign(Whole):
    def score(self, prompt: Prompt, text: str) -> Likelihood:
        found = super().score(prompt, text)
        return replace(found, logprob=5 + found.logprob / 100 if text else 0.0)


@breaks("the_empty_text_is_certain")
class CountsTheEnd(Whole):
    def score(self, prompt: Prompt, text: str) -> Likelihood:
        found = super().score(prompt, text)
        return replace(found, logprob=found.logprob - 1, tokens=found.tokens + 1)


@breaks("a_likelihood_depends_on_prompt_and_text_alone")
class ScoresByWhatWasScored(Whole):
    last = ""

    def score(self, prompt: Prompt, text: str) -> Likelihood:
        last, self.last = self.last, prompt.case_id
        found = super().score(prompt, text)
        return replace(found, logprob=found.logprob - 1e-9 * len(last) * len(text))


@breaks("what_the_model_writes_is_likelier_than_the_same_backwards")
class ScoresByLength(Whole):
    def score(self, prompt: Prompt, text: str) -> Likelihood:
        return replace(super().score(prompt, text), logprob=-1.0 * len(text))


# ── futures ──


@breaks("each_future_holds_what_generate_returns")
class AnswersTheFirst(Whole):
    first: Prompt | None = None

    def submit(self, prompt: Prompt, sampling: Sampling) -> Future[Generation]:
        if len(prompt.messages[-1].content) < CONTEXT_TOKENS:
            self.first = prompt = self.first or prompt
        return super().submit(prompt, sampling)


@breaks("a_future_raises_what_generate_raises")
class RaisesAtOnce(Whole):
    def submit(self, prompt: Prompt, sampling: Sampling) -> Future[Generation]:
        self.read(prompt)
        return super().submit(prompt, sampling)


@breaks("to_cancel_a_future_ends_its_work")
class CannotStop(Whole):
    def answer(self, prompt: Prompt, sampling: Sampling) -> Generation:
        if sampling.max_tokens > 100:
            sleep(0.3)
        return super().answer(prompt, sampling)


# ── grammars ──


@breaks(
    "an_answer_that_ends_is_a_sentence",
    "an_answer_that_is_cut_begins_a_sentence",
    "a_grammar_holds_for_its_prompt_alone",
)
class IgnoresTheGrammar(Whole):
    def whole(self, prompt: Prompt, sampling: Sampling) -> str:
        return super().whole(replace(prompt, grammar=""), sampling)


@breaks("a_grammar_holds_for_its_prompt_alone")
class KeepsTheFirstGrammar(Whole):
    grammar = ""

    def whole(self, prompt: Prompt, sampling: Sampling) -> str:
        self.grammar = self.grammar or prompt.grammar
        return super().whole(replace(prompt, grammar=prompt.grammar and self.grammar), sampling)


@breaks("an_answer_that_is_cut_begins_a_sentence")
class NeverSaysThatASentenceWasCut(Whole):
    def generate(self, prompt: Prompt, sampling: Sampling) -> Generation:
        found = self.answer(prompt, sampling)
        return replace(found, finish="stop") if prompt.grammar else found
