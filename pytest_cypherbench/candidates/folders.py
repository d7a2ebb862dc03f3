"""A transformers folder: whether it is one, and whether it can be loaded without running its code.

Knows nothing of candidates or runtimes; reads names and two small files. Does not protect from a
folder that is changed between this look and its use.
"""

from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING

from pytest_cypherbench.errors import UserError

if TYPE_CHECKING:
    from collections.abc import Iterable

_CONFIGS = ("config.json", "tokenizer_config.json")
_INDEX = "model.safetensors.index.json"
_PICKLES = (".bin", ".pt", ".pth", ".ckpt", ".pkl", ".pickle")


def check_folder(folder: Path, label: str, *, trust_remote_code: bool = False) -> None:
    """Raise UserError for what is no model folder, holds its weights as pickle, or wants to run
    code of its own that nobody has allowed."""
    if not folder.is_dir():
        raise UserError(f"no folder {str(folder)!r} (--model {label})", fix="give hf:FOLDER")
    names = {path.name for path in folder.iterdir()}
    check_names(names, folder.name, label)
    if _INDEX in names:
        _check_index(folder, label)
    for name in sorted(names & {*_CONFIGS}):
        if _read(folder / name, label).get("auto_map") and not trust_remote_code:
            raise UserError(
                f"{folder.name} brings code of its own (auto_map in {name}), which is not run",
                fix="allow it with --trust-remote-code, if you trust who wrote it",
            )


def _check_index(folder: Path, label: str) -> None:
    """The parts of large weights must lie in the folder, by their plain names."""
    parts = _read(folder / _INDEX, label).get("weight_map")
    for part in set(parts.values()) if isinstance(parts, dict) else ():
        if not isinstance(part, str) or Path(part).name != part:
            raise UserError(
                f"{_INDEX} in {folder.name} names weights outside its folder (--model {label})",
                fix="save the model again",
            )


def _read(path: Path, label: str) -> dict[str, object]:
    try:
        content = json.loads(path.read_text("utf-8"))
    except (OSError, ValueError) as error:
        raise UserError(
            f"cannot read {path.name} in {path.parent.name} (--model {label})",
            fix="save the model again",
        ) from error
    return content if isinstance(content, dict) else {}


def check_names(names: Iterable[str], where: str, label: str) -> None:
    """Raise UserError for names that are no model's, or whose weights are pickle alone."""
    present = set(names)
    if "config.json" not in present:
        raise UserError(
            f"{where} is no transformers model: it has no config.json (--model {label})",
            fix="name a folder that save_pretrained wrote",
        )
    if any(name.endswith(".safetensors") for name in present):
        return
    if pickles := sorted(name for name in present if name.endswith(_PICKLES)):
        raise UserError(
            f"the weights of {where} are a pickle ({pickles[0]}), which can run any code when it "
            f"is read (--model {label})",
            fix="save them as safetensors",
        )
    raise UserError(
        f"{where} holds no weights (*.safetensors) (--model {label})",
        fix="name a folder that save_pretrained wrote",
    )
