"""Backend for transformers folders: PyTorch in this process.

Knows nothing of cases, candidates or databases.
"""

from __future__ import annotations

import copy
from time import perf_counter
from typing import TYPE_CHECKING

from pytest_cypherbench.backends.folders import torch_batch
from pytest_cypherbench.backends.folders.decoding import FolderModel
from pytest_cypherbench.backends.folders.torch_parts import (
    device_for,
    load,
    release,
    runtime_of,
    torch,
)
from pytest_cypherbench.backends.variants import HF_VARIANTS
from pytest_cypherbench.errors import UserError
from pytest_cypherbench.flow import Generation

if TYPE_CHECKING:
    from collections.abc import Sequence

    from pytest_cypherbench.backends import ModelSpec
    from pytest_cypherbench.backends.folders.torch_parts import Cache
    from pytest_cypherbench.backends.scores import Scores
    from pytest_cypherbench.flow import Prompt, Sampling


class Hf(FolderModel):
    """A transformers model; only a text of ``generate_many`` depends on what else is asked."""

    def __init__(self, spec: ModelSpec) -> None:
        if spec.path is None or not spec.path.is_dir():
            raise UserError(
                f"no folder for --model {spec.info.label}", fix="name a transformers folder"
            )
        variant = spec.info.variant if spec.info.variant in HF_VARIANTS else HF_VARIANTS[0]
        self._network: _Network
        network = _Network(load(spec, spec.path, variant), variant)
        super().__init__(spec, spec.path, network, runtime_of(variant))

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
        with torch.inference_mode():
            answers = torch_batch.decode(
                self._network.model,
                self._after(prefix),
                len(prefix),
                [rest for _, rest in parts],
                pick=[self._picker(prompt, sampling) for prompt in prompts],
                limits=[min(sampling.max_tokens, self._framing.room(count)) for count in used],
                ends=self._ends,
            )
        texts = [self._words.decode(tokens) for tokens, _ in answers]
        seconds = (perf_counter() - started) / max(1, len(prompts))
        return tuple(
            Generation(text, count, len(tokens), seconds, None, "stop" if ended else "length")
            for text, count, (tokens, ended) in zip(texts, used, answers, strict=True)
        )


class _Network:
    """PyTorch's: a state is the cache of transformers, which grows in place."""

    def __init__(self, model: torch.nn.Module, variant: str) -> None:
        self.model = model
        self.vocabulary: int = model.get_output_embeddings().out_features
        self._device = device_for(variant)

    def forward(self, tokens: Sequence[int], state: Cache, keep: int) -> tuple[Scores, Cache]:
        ids = torch.tensor([list(tokens)], device=self._device)
        with torch.inference_mode():
            out = self.model(
                input_ids=ids, past_key_values=state, use_cache=True, logits_to_keep=keep
            )
            return out.logits[0, -keep:].float().cpu().numpy(), out.past_key_values

    def kept(self, state: Cache) -> Cache:
        return state

    def begun(self, kept: Cache) -> Cache:
        return copy.deepcopy(kept)

    def close(self) -> None:
        self.model = torch.nn.Identity()
        release()
