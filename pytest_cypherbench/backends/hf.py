"""Backend for transformers folders: PyTorch in this process, with a decoding loop of its own.

Knows nothing of cases, candidates or databases. ``generate`` of transformers is not used: it would
follow penalties and cuts of the folder's generation_config.json, and draw from a seed shared with
everybody else.
"""

from __future__ import annotations

import copy
import json
from dataclasses import replace
from time import perf_counter
from typing import TYPE_CHECKING, ClassVar, Literal

from pytest_cypherbench.backends import torch_batch
from pytest_cypherbench.backends.chat import ChatTemplate
from pytest_cypherbench.backends.constrained import Grammars
from pytest_cypherbench.backends.framing import Framing
from pytest_cypherbench.backends.hf_words import FolderWords
from pytest_cypherbench.backends.torch_parts import (
    device_for,
    load,
    picker_of,
    release,
    runtime_of,
    torch,
)
from pytest_cypherbench.backends.variants import HF_VARIANTS
from pytest_cypherbench.errors import UserError
from pytest_cypherbench.flow import Generation, Likelihood

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from pathlib import Path

    from pytest_cypherbench.backends import ModelSpec
    from pytest_cypherbench.backends.torch_parts import Cache
    from pytest_cypherbench.flow import Message, Prompt, Sampling

_CONTEXT_TOKENS = 4096


class Hf:
    """A transformers model, whose texts depend on nothing that ran before.

    What cases share is evaluated once, always as a batch of its own; every case begins with a copy
    of that state. Only a text of ``generate_many`` depends on its batch.
    """

    constrains: ClassVar[Literal[True]] = True

    def __init__(self, spec: ModelSpec) -> None:
        if spec.path is None or not spec.path.is_dir():
            raise UserError(
                f"no folder for --model {spec.info.label}", fix="name a transformers folder"
            )
        variant = spec.info.variant if spec.info.variant in HF_VARIANTS else HF_VARIANTS[0]
        self._words = FolderWords(spec.path, trust_remote_code=spec.trust_remote_code)
        self._model = load(spec, spec.path, variant)
        self._device = device_for(variant)
        self.info = replace(spec.info, runtime=runtime_of(variant))
        config = self._model.config
        trained = getattr(config, "max_position_embeddings", None) or _CONTEXT_TOKENS
        self._template = ChatTemplate(
            self._words.template, bos=self._words.bos, eos=self._words.eos
        )
        self._framing = Framing(
            self._words, self._template, spec.context_tokens or min(_CONTEXT_TOKENS, trained)
        )
        self._ends = _ends_of(spec.path, self._words)
        self._held: tuple[tuple[int, ...], Cache] = ((), None)
        self._grammars: Grammars | None = None

    def generate(self, prompt: Prompt, sampling: Sampling) -> Generation:
        """Answer one prompt; the first with a new shared part pays for evaluating that.

        The output tokens do not include the one that ends the answer.
        """
        started = perf_counter()
        prefix, rest = self._framing.parts(prompt)
        used = len(prefix) + len(rest)
        limit = min(sampling.max_tokens, self._framing.room(used))
        with torch.inference_mode():
            tokens, first, ended = self._answer(
                rest, self._after(prefix), self._picker(prompt, sampling), limit
            )
        return Generation(
            text=self._words.decode(tokens),
            prompt_tokens=used,
            output_tokens=len(tokens),
            seconds=perf_counter() - started,
            first_token_seconds=first and first - started,
            finish="stop" if ended else "length",
        )

    def generate_many(
        self, prompts: Sequence[Prompt], sampling: Sampling
    ) -> tuple[Generation, ...]:
        """Answer several at once; what all share is evaluated once, and kept for the next batch."""
        started = perf_counter()
        parts = [self._framing.parts(prompt) for prompt in prompts]
        prefix = parts[0][0] if parts else ()
        if any(part[0] != prefix for part in parts):
            parts = [((), [*before, *rest]) for before, rest in parts]
            prefix = ()
        used = [len(prefix) + len(rest) for _, rest in parts]
        limits = [min(sampling.max_tokens, self._framing.room(count)) for count in used]
        with torch.inference_mode():
            answers = torch_batch.decode(
                self._model,
                self._after(prefix),
                len(prefix),
                [rest for _, rest in parts],
                pick=[self._picker(prompt, sampling) for prompt in prompts],
                limits=limits,
                ends=self._ends,
            )
        texts = [self._words.decode(tokens) for tokens, _ in answers]
        seconds = (perf_counter() - started) / max(1, len(prompts))
        return tuple(
            Generation(text, count, len(tokens), seconds, None, "stop" if ended else "length")
            for text, count, (tokens, ended) in zip(texts, used, answers, strict=True)
        )

    def score(self, prompt: Prompt, text: str) -> Likelihood:
        """How likely this model is to answer so, from the same state as an answer of its own."""
        wanted = self._words.encode(text, markers=False)
        prefix, rest = self._framing.parts(prompt, room=len(wanted))
        logprob = 0.0
        if wanted:
            with torch.inference_mode():
                scores, _ = self._forward(
                    [*rest, *wanted[:-1]], self._after(prefix), keep=len(wanted)
                )
                chances = torch.log_softmax(scores.double().cpu(), dim=-1)
                logprob = float(chances[torch.arange(len(wanted)), torch.tensor(wanted)].sum())
        return Likelihood(logprob, len(wanted), len(text.encode("utf-8", "replace")))

    def close(self) -> None:
        """Free the model; harmless when called twice."""
        self._model, self._held = None, ((), None)
        release()

    def _picker(self, prompt: Prompt, sampling: Sampling) -> Callable[[torch.Tensor], int]:
        """What chooses the tokens of one answer."""
        pick = picker_of(sampling)
        if not prompt.grammar:
            return pick
        if self._grammars is None:
            scores = self._model.get_output_embeddings().out_features
            self._grammars = Grammars(self._words.tokenizer, scores, self._ends)
        return self._grammars.keep(pick, prompt.grammar)

    def _answer(
        self, rest: list[int], cache: Cache, pick: Callable[[torch.Tensor], int], limit: int
    ) -> tuple[list[int], float | None, bool]:
        """Tokens, when the first was there, and whether the model ended by itself."""
        tokens: list[int] = []
        first = None
        scores, cache = self._forward(rest, cache)
        while True:
            token = pick(scores[-1])
            if token in self._ends:
                return tokens, first, True
            tokens.append(token)
            first = first or perf_counter()
            if len(tokens) >= limit:
                return tokens, first, False
            scores, cache = self._forward([token], cache)

    def _after(self, prefix: tuple[int, ...]) -> Cache:
        """The state behind the prefix, for one answer to go on from."""
        if not prefix:
            return None
        if self._held[0] != prefix:
            self._held = ((), None)  # stays so if evaluating the prefix is interrupted
            self._held = (prefix, self._forward(list(prefix), None)[1])
        return copy.deepcopy(self._held[1])

    def _forward(
        self, tokens: list[int], cache: Cache, keep: int = 1
    ) -> tuple[torch.Tensor, Cache]:
        """Scores behind the last ``keep`` tokens (keep × vocabulary), and the state behind all."""
        ids = torch.tensor([tokens], device=self._device)
        out = self._model(input_ids=ids, past_key_values=cache, use_cache=True, logits_to_keep=keep)
        return out.logits[0, -keep:].float(), out.past_key_values

    def _tokens(self, messages: Sequence[Message]) -> list[int]:
        return self._framing.tokens(messages)


def _ends_of(folder: Path, words: FolderWords) -> frozenset[int]:
    """The tokens that end an answer: the folder's own list, and its tokenizer's end."""
    ends: set[int] = set()
    for name in ("generation_config.json", "config.json"):
        try:
            found = json.loads((folder / name).read_text("utf-8")).get("eos_token_id")
        except (OSError, ValueError, AttributeError):
            continue
        ends |= {
            int(token)
            for token in (found if isinstance(found, list) else [found])
            if token is not None
        }
    own = words.id_of(words.eos)
    return frozenset(ends | ({own} if own is not None else set()))
