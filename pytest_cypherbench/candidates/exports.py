"""``onnx:…`` and ``openvino:…`` → a folder on this machine: a path, or made of the candidate.

Knows nothing of how a model is run.
"""

from __future__ import annotations

from dataclasses import replace
from importlib.util import find_spec
from pathlib import Path
from typing import TYPE_CHECKING

from pytest_cypherbench.backends.variants import ONNX_VARIANTS, OPENVINO_VARIANTS
from pytest_cypherbench.candidates.making import exported, note_of
from pytest_cypherbench.candidates.manifest import find_candidate
from pytest_cypherbench.errors import UserError, missing_extra
from pytest_cypherbench.registry import unknown

if TYPE_CHECKING:
    from collections.abc import Iterable

    from pytest_cypherbench.candidates.store import Store
    from pytest_cypherbench.flow import ModelInfo

EXPORTS = {"onnx": ONNX_VARIANTS, "openvino": OPENVINO_VARIANTS}
_RUNTIMES = {"onnx": "onnxruntime", "openvino": "openvino"}


def check_export(
    backend: str, rest: str, model: str, candidate: str, folders: Iterable[Path]
) -> None:
    """Refuse what cannot be, without touching weights. Raises UserError."""
    if find_spec(_RUNTIMES[backend]) is None:
        raise missing_extra(backend, f"--model {model}")
    if _is_path(rest):
        if not Path(rest).expanduser().is_dir():
            raise UserError(f"no folder {rest!r} (--model {model})", fix=f"give {backend}:FOLDER")
        return
    find_candidate(candidate, folders)
    if rest.lower() not in EXPORTS[backend]:
        raise unknown("variant", rest, EXPORTS[backend], flag=f"--model {model}")


def find_export(
    info: ModelInfo, candidate: str, folders: Iterable[Path], store: Store
) -> tuple[Path, ModelInfo]:
    """The folder, and what is known of it. Raises UserError."""
    if _is_path(info.variant):
        path = Path(info.variant).expanduser()
        return path, replace(info, variant=path.name)
    chosen, variant = find_candidate(candidate, folders), info.variant.lower()
    path, original, scheme = exported(store, chosen, info.backend, variant)
    notes = tuple(filter(None, (note_of(variant, original), scheme)))
    return path, replace(info, variant=variant, candidate=chosen.name, notes=notes)


def _is_path(rest: str) -> bool:
    return "/" in rest or rest.startswith((".", "~"))
