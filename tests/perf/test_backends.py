"""What a backend costs beside its runtime, in ratios of walls taken in one run.

The loops that it is measured against are written straight on each runtime's calls: one reads what
prompts share once, as the backend does; the naive one reads every prompt as a whole.
"""

# ruff: noqa: E402  # what needs libraries is imported after the look for them

from __future__ import annotations

import copy
from time import perf_counter
from typing import TYPE_CHECKING, Any, Protocol

import numpy as np
import pytest
from weights import resolved

for library in ("torch", "transformers", "onnxruntime", "optimum"):
    pytest.importorskip(library, reason=f"needs {library}: install the extra dev")

import onnxruntime
import torch
from transformers import AutoModelForCausalLM

from pytest_cypherbench.backends.guarded import open_backend
from pytest_cypherbench.backends.llama.gguf import Gguf
from pytest_cypherbench.backends.llama.parts import llama_cpp
from pytest_cypherbench.flow import Generation, Message, Prompt, Sampling

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path


pytestmark = [pytest.mark.slow, pytest.mark.xdist_group("walls")]

TOKENS = 24
TURNS = 3
# As long as the schema of a small graph, some 900 tokens.
SCHEMA = "\n".join(
    f"(:Label{number} {{name: STRING, since: INTEGER}})-[:TYPE_{number}]->(:Other{number})"
    for number in range(32)
)
OPENING = f"The graph:\n{SCHEMA}\n\nQuestion: "
PROMPTS = [
    Prompt(
        str(number),
        (
            Message("system", "You write Cypher. Answer with one query and nothing else."),
            Message("user", f"{OPENING}How many nodes are linked to node {number}?"),
        ),
        len(OPENING),
    )
    for number in range(5)
]


class Bare(Protocol):
    """A runtime and nothing around it: token ids in, token ids out."""

    def begin(self, tokens: list[int]) -> object:
        """Read what comes first."""

    def answer(self, state: object, tokens: list[int], count: int) -> list[int]:
        """Read the rest, after that state, and choose so many tokens more."""


class BareGguf:
    def __init__(self, path: Path) -> None:
        params = llama_cpp.llama_context_default_params()
        params.n_ctx = params.n_batch = 4096
        params.n_threads = params.n_threads_batch = 1
        self.model = llama_cpp.llama_model_load_from_file(
            str(path).encode(), llama_cpp.llama_model_default_params()
        )
        self.context = llama_cpp.llama_init_from_model(self.model, params)
        self.memory = llama_cpp.llama_get_memory(self.context)
        self.sampler = llama_cpp.llama_sampler_init_greedy()

    def evaluate(self, tokens: list[int]) -> None:
        array = (llama_cpp.llama_token * len(tokens))(*tokens)
        batch = llama_cpp.llama_batch_get_one(array, len(tokens))
        assert not llama_cpp.llama_decode(self.context, batch)

    def begin(self, tokens: list[int]) -> int:
        llama_cpp.llama_memory_seq_rm(self.memory, 0, 0, -1)
        if tokens:
            self.evaluate(tokens)
        return len(tokens)

    def answer(self, state: Any, tokens: list[int], count: int) -> list[int]:
        llama_cpp.llama_memory_seq_rm(self.memory, 0, state, -1)
        self.evaluate(tokens)
        found: list[int] = []
        while True:
            found.append(llama_cpp.llama_sampler_sample(self.sampler, self.context, -1))
            if len(found) == count:
                return found
            self.evaluate(found[-1:])


class BareHf:
    def __init__(self, path: Path) -> None:
        torch.set_num_threads(1)
        self.model = AutoModelForCausalLM.from_pretrained(path, dtype=torch.float32)

    def read(self, tokens: list[int], state: Any) -> Any:
        with torch.inference_mode():
            return self.model(
                torch.tensor([tokens]), past_key_values=state, use_cache=True, logits_to_keep=1
            )

    def begin(self, tokens: list[int]) -> Any:
        return self.read(tokens, None).past_key_values if tokens else None

    def answer(self, state: Any, tokens: list[int], count: int) -> list[int]:
        out = self.read(tokens, copy.deepcopy(state))
        found: list[int] = []
        while True:
            found.append(int(out.logits[0, -1].argmax()))
            if len(found) == count:
                return found
            out = self.read(found[-1:], out.past_key_values)


class BareOnnx:
    def __init__(self, path: Path) -> None:
        options = onnxruntime.SessionOptions()
        options.intra_op_num_threads = 1
        self.session = onnxruntime.InferenceSession(
            path / "model.onnx", options, providers=["CPUExecutionProvider"]
        )
        self.past = [i for i in self.session.get_inputs() if i.name.startswith("past_key_values")]
        self.outputs = [each.name for each in self.session.get_outputs()]

    def read(self, tokens: list[int], state: Any) -> Any:
        seen, values = state
        end = seen + len(tokens)
        arrays = {
            "input_ids": np.array([tokens]),
            "attention_mask": np.ones((1, end), np.int64),
            "position_ids": np.arange(seen, end).reshape(1, -1),
        }
        fed = {key: onnxruntime.OrtValue.ortvalue_from_numpy(v) for key, v in arrays.items()}
        fed |= {each.name: value for each, value in zip(self.past, values, strict=True)}
        scores, *values = self.session.run_with_ort_values(self.outputs, fed)
        return scores.numpy()[0], (end, values)

    def begin(self, tokens: list[int]) -> Any:
        shape = self.past[0].shape
        empty = np.zeros((1, shape[1], 0, shape[3]), np.float32)
        nothing = (0, [onnxruntime.OrtValue.ortvalue_from_numpy(empty)] * len(self.past))
        return self.read(tokens, nothing)[1] if tokens else nothing

    def answer(self, state: Any, tokens: list[int], count: int) -> list[int]:
        scores, state = self.read(tokens, state)
        found: list[int] = []
        while True:
            found.append(int(scores[-1].argmax()))
            if len(found) == count:
                return found
            scores, state = self.read(found[-1:], state)


BARE: dict[str, Callable[[Path], Bare]] = {
    "gguf:q4_k_m": BareGguf,
    "hf:fp32": BareHf,
    "onnx:fp32": BareOnnx,
}


def clock(work: Callable[[], object]) -> float:
    started = perf_counter()
    work()
    return perf_counter() - started


@pytest.mark.parametrize("model", BARE)
def test_backend_beside_bare_loops(model: str, figure: Callable[[str], None]) -> None:
    """A backend writes what its runtime writes, in the time of a bare loop that reads the shared
    part once too, and a third of that of one that reads it for every prompt."""
    spec = resolved(model, "smollm2-135m")
    assert spec.path is not None
    backend: Any = open_backend(spec)
    parts = [backend._framing.parts(prompt) for prompt in PROMPTS]
    shared = list(parts[0][0])
    bare = BARE[model](spec.path)

    def ours() -> list[Generation]:
        backend._held = None if isinstance(backend, Gguf) else ((), None)  # read it anew
        return [backend.generate(prompt, Sampling(TOKENS)) for prompt in PROMPTS]

    written = ours()
    # The token that ends an answer is chosen too.
    counts = [(one.output_tokens or 0) + (one.finish == "stop") for one in written]

    def reusing() -> list[list[int]]:
        state = bare.begin(shared)
        return [bare.answer(state, rest, n) for (_, rest), n in zip(parts, counts, strict=True)]

    def naive() -> list[list[int]]:
        return [
            bare.answer(bare.begin([]), [*shared, *rest], n)
            for (_, rest), n in zip(parts, counts, strict=True)
        ]

    for one, ids in zip(written, reusing(), strict=True):
        assert texts_of(backend, ids[: one.output_tokens]) == one.text
    walls: dict[str, list[float]] = {"ours": [], "reusing": [], "naive": []}
    for _ in range(TURNS):  # by turns, so that a busy neighbour meets both of them
        for name, work in (("ours", ours), ("reusing", reusing)):
            walls[name].append(clock(work))
    walls["naive"].append(clock(naive))
    best = {name: min(seconds) for name, seconds in walls.items()}
    figure(
        f"{len(PROMPTS)} prompts of {len(shared) + len(parts[0][1])} tokens, {len(shared)} shared, "
        f"{sum(counts)} written: ÷ bare loop with reuse {best['ours'] / best['reusing']:.3f}, "
        f"÷ naive loop {best['ours'] / best['naive']:.3f} "
        f"({best['ours']:.2f}, {best['reusing']:.2f}, {best['naive']:.2f} s)"
    )
    backend.close()
    assert best["ours"] < 1.3 * best["reusing"]
    assert best["ours"] < 0.7 * best["naive"]


def texts_of(backend: Any, ids: list[int]) -> str:
    words = backend._words
    if isinstance(backend, Gguf):
        return b"".join(map(words.piece, ids)).decode("utf-8", "replace")
    return str(words.decode(ids))
