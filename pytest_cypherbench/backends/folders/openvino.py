"""Backend for OpenVINO files of a decoder that keeps its state: on the CPU, in this process.

Knows nothing of cases, candidates or databases. Does not protect from a file made to attack its
reader.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

import numpy as np  # noqa: TID253  # the runtime brings it
import openvino  # noqa: TID253  # the one module that loads it

from pytest_cypherbench.backends.folders.decoding import FolderModel, by_blocks
from pytest_cypherbench.backends.folders.loading import loading
from pytest_cypherbench.backends.threads import on, processors
from pytest_cypherbench.errors import UserError

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    from pytest_cypherbench.backends import ModelSpec
    from pytest_cypherbench.backends.scores import Scores

_GRAPH = "openvino_model.xml"
_GIVEN = {"input_ids", "attention_mask", "position_ids", "beam_idx"}
# Left to itself, OpenVINO rounds sums to bfloat16 where the processor has it, and the state to 8
# bits: fp32 would be none, answers would differ between machines, and a state of 8 bits cannot be
# read (2026.4 ends the process).
_EXACT = {"INFERENCE_PRECISION_HINT": "f32", "KV_CACHE_PRECISION": "f32"}


class OpenVino(FolderModel):
    """A model exported for OpenVINO, beside its tokenizer."""

    def __init__(self, spec: ModelSpec) -> None:
        if spec.path is None or not spec.path.is_dir():
            raise UserError(f"no folder for --model {spec.info.label}", fix="give openvino:FOLDER")
        threads = spec.threads or processors()
        network = _Network(_compiled(spec.path, threads, spec.info.label), spec.info.label)
        runtime = f"openvino {openvino.__version__.partition('-')[0]}, {on('cpu', threads)}"
        super().__init__(spec, spec.path, network, runtime)


class _State(NamedTuple):
    """So many tokens have been seen; keys and values are in the request unless they are here."""

    seen: int
    tensors: tuple[openvino.Tensor, ...] | None = None


class _Network:
    def __init__(self, model: openvino.CompiledModel, label: str) -> None:
        given = {each.any_name for each in model.inputs}
        scores = model.outputs[0].partial_shape
        strange = given - _GIVEN
        request = model.create_infer_request()
        if strange or not request.query_state():
            what = f"an input {min(strange)!r} that is not known" if strange else "no state"
            raise UserError(
                f"the graph of --model {label} has {what}",
                fix="export it with optimum-intel, as text-generation-with-past",
            )
        self._request = request
        self._given = given
        self.vocabulary: int = scores[2].get_length()

    def forward(
        self, tokens: Sequence[int], state: _State | None, keep: int
    ) -> tuple[Scores, _State]:
        if state is None:
            self._request.reset_state()
        return by_blocks(self._step, tokens, state or _State(0), keep)

    def kept(self, state: _State) -> _State:
        held = (openvino.Tensor(np.array(each.state.data)) for each in self._request.query_state())
        return _State(state.seen, tuple(held))

    def begun(self, kept: _State) -> _State:
        for each, tensor in zip(self._request.query_state(), kept.tensors or (), strict=True):
            each.state = tensor
        return _State(kept.seen)

    def close(self) -> None:
        self._request = None

    def _step(self, tokens: Sequence[int], state: _State) -> tuple[Scores, _State]:
        end = state.seen + len(tokens)
        fed = {
            "input_ids": np.array([tokens]),
            "attention_mask": np.ones((1, end), np.int64),
            "position_ids": np.arange(state.seen, end).reshape(1, -1),
            "beam_idx": np.zeros(1, np.int32),
        }
        self._request.infer({name: fed[name] for name in self._given})
        return self._request.get_tensor("logits").data[0].copy(), _State(end)


def _compiled(folder: Path, threads: int, label: str) -> openvino.CompiledModel:
    settings = {"INFERENCE_NUM_THREADS": threads, "PERFORMANCE_HINT": "LATENCY", **_EXACT}
    with loading(label, "cpu"):
        core = openvino.Core()
        return core.compile_model(core.read_model(folder / _GRAPH), "CPU", settings)
