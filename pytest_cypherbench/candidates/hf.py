"""``hf:…`` → a transformers folder on this machine: a path, a repository, or a candidate's.

Knows nothing of how a model is run.
"""

from __future__ import annotations

from dataclasses import replace
from importlib.util import find_spec
from pathlib import Path
from typing import TYPE_CHECKING

from pytest_cypherbench.backends.variants import HF_VARIANTS
from pytest_cypherbench.candidates.folders import check_folder
from pytest_cypherbench.candidates.hub import find_folder
from pytest_cypherbench.candidates.making import as_folder, note_of
from pytest_cypherbench.candidates.manifest import find_candidate
from pytest_cypherbench.errors import UserError, missing_extra
from pytest_cypherbench.registry import unknown

if TYPE_CHECKING:
    from collections.abc import Iterable

    from pytest_cypherbench.candidates.store import Store
    from pytest_cypherbench.flow import ModelInfo

_HUB_PARTS = 2  # Org/Repo


def check_hf(rest: str, model: str, candidate: str, folders: Iterable[Path]) -> None:
    """Refuse what cannot be, without touching weights. Raises UserError."""
    if find_spec("torch") is None or find_spec("transformers") is None:
        raise missing_extra("hf", f"--model {model}")
    name, variant = _parts(rest)
    if _is_path(name):
        if not Path(name).expanduser().is_dir():
            raise UserError(f"no folder {name!r} (--model {model})", fix="give hf:FOLDER")
    elif "/" in name:
        if name.count("/") != _HUB_PARTS - 1:
            raise UserError(
                f"cannot read --model {model}",
                fix="a model of the hub is hf:ORG/REPO or hf:ORG/REPO/VARIANT",
            )
    else:
        find_candidate(candidate, folders)
        if variant not in HF_VARIANTS:
            raise unknown("variant", variant, HF_VARIANTS, flag=f"--model {model}")


def find_hf(
    info: ModelInfo,
    candidate: str,
    folders: Iterable[Path],
    store: Store,
    *,
    trust_remote_code: bool,
) -> tuple[Path, ModelInfo]:
    """The folder, looked at but not loaded, and what is known of it. Raises UserError."""
    name, variant = _parts(info.variant)
    info = replace(info, variant=variant)
    if _is_path(name):
        path = Path(name).expanduser()
    elif "/" in name:
        path = find_folder(name, info.label, trust_remote_code=trust_remote_code)
    else:
        chosen = find_candidate(candidate, folders)
        path, original = as_folder(store, chosen)
        info = replace(info, candidate=chosen.name, notes=(note_of("fp32", original),))
    check_folder(path, info.label, trust_remote_code=trust_remote_code)
    return path, info


def _parts(rest: str) -> tuple[str, str]:
    """What is named, "" for the candidate, and the variant that it is to be loaded as."""
    if rest.lower() in HF_VARIANTS or ("/" not in rest and not _is_path(rest)):
        return "", rest.lower()
    name, _, last = rest.rpartition("/")
    if name and last.lower() in HF_VARIANTS and not Path(rest).expanduser().is_dir():
        return name, last.lower()
    return rest, HF_VARIANTS[0]


def _is_path(name: str) -> bool:
    named = name.startswith((".", "/", "~"))
    return named or (name != "" and (Path(name) / "config.json").is_file())
