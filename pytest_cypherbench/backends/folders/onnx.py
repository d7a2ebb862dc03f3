"""Backend for ONNX files of a decoder with its past: ONNX Runtime in this process, on the CPU.

Knows nothing of cases, candidates or databases. ONNX Runtime itself refuses weights outside the
file's folder. Does not protect from a file made to attack its reader.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

import numpy as np  # noqa: TID253  # the runtime brings it
import onnxruntime  # noqa: TID253  # the one module that loads it

from pytest_cypherbench.backends.folders.decoding import FolderModel, by_blocks
from pytest_cypherbench.backends.folders.loading import loading
from pytest_cypherbench.backends.threads import on, processors
from pytest_cypherbench.errors import UserError

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    from pytest_cypherbench.backends import ModelSpec
    from pytest_cypherbench.backends.scores import Scores

_FATAL_ONLY = 4
_GIVEN = {"input_ids", "attention_mask", "position_ids"}
_PAST = "past_key_values."
_KINDS = {"tensor(float)": np.float32, "tensor(float16)": np.float16}


class Onnx(FolderModel):
    """A model exported as one ONNX file, beside its tokenizer."""

    def __init__(self, spec: ModelSpec) -> None:
        if spec.path is None or not spec.path.is_dir():
            raise UserError(f"no folder for --model {spec.info.label}", fix="give onnx:FOLDER")
        threads = spec.threads or processors()
        session = _open(_file_in(spec.path, spec.info.label), threads, spec.info.label)
        runtime = f"onnxruntime {onnxruntime.__version__}, {on('cpu', threads)}"
        super().__init__(spec, spec.path, _Network(session, spec.info.label), runtime)


class _State(NamedTuple):
    """Keys and values of every layer behind so many tokens; ONNX Runtime changes none of them."""

    seen: int
    values: Sequence[onnxruntime.OrtValue]


class _Network:
    def __init__(self, session: onnxruntime.InferenceSession, label: str) -> None:
        inputs = {each.name: each for each in session.get_inputs()}
        outputs = {each.name: each for each in session.get_outputs()}
        past = [name for name in inputs if name.startswith(_PAST)]
        present = [name.replace(_PAST, "present.") for name in past]
        strange = {*inputs} - {*past} - _GIVEN
        if strange or not past or not {"logits", *present} <= {*outputs}:
            what = f"an input {min(strange)!r} that is not known" if strange else "no past"
            raise UserError(
                f"the graph of --model {label} has {what}",
                fix="export it with optimum, as text-generation-with-past",
            )
        self._session = session
        self._given = _GIVEN & {*inputs}
        self._past, self._wanted = past, ["logits", *present]
        self.vocabulary: int = outputs["logits"].shape[-1]
        _, heads, _, size = inputs[past[0]].shape
        empty = np.zeros((1, heads, 0, size), _KINDS[inputs[past[0]].type])
        self._nothing = _State(0, [_value(empty)] * len(past))

    def forward(
        self, tokens: Sequence[int], state: _State | None, keep: int
    ) -> tuple[Scores, _State]:
        return by_blocks(self._step, tokens, state or self._nothing, keep)

    def kept(self, state: _State) -> _State:
        return state

    def begun(self, kept: _State) -> _State:
        return kept

    def close(self) -> None:
        self._session = None

    def _step(self, tokens: Sequence[int], state: _State) -> tuple[Scores, _State]:
        end = state.seen + len(tokens)
        given = {
            "input_ids": np.array([tokens]),
            "attention_mask": np.ones((1, end), np.int64),
            "position_ids": np.arange(state.seen, end).reshape(1, -1),
        }
        fed = {name: _value(array) for name, array in given.items() if name in self._given}
        fed |= zip(self._past, state.values, strict=True)
        scores, *values = self._session.run_with_ort_values(self._wanted, fed)
        return scores.numpy()[0].astype(np.float32, copy=False), _State(end, values)


def _value(array: np.ndarray) -> onnxruntime.OrtValue:
    return onnxruntime.OrtValue.ortvalue_from_numpy(array)


def _file_in(folder: Path, label: str) -> Path:
    files = sorted(folder.glob("*.onnx"))
    if len(files) != 1:
        found = ", ".join(file.name for file in files) or "none"
        raise UserError(
            f"{folder.name} must hold one .onnx file and holds {found} (--model {label})",
            fix="give the folder of one exported model",
        )
    return files[0]


def _open(file: Path, threads: int, label: str) -> onnxruntime.InferenceSession:
    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads, options.inter_op_num_threads = threads, 1
    options.log_severity_level = _FATAL_ONLY
    with loading(label, "cpu"):
        return onnxruntime.InferenceSession(file, options, providers=["CPUExecutionProvider"])
