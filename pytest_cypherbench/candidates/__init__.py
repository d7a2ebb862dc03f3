"""``BACKEND:VARIANT`` → ModelSpec: which model that is, and its file on this machine.

Knows nothing of pytest or of how a model is run.
"""

from __future__ import annotations

import hashlib
from dataclasses import replace
from importlib.util import find_spec
from pathlib import Path
from typing import TYPE_CHECKING

from pytest_cypherbench.backends import BACKENDS, ModelSpec
from pytest_cypherbench.backends.endpoints.address import read_address
from pytest_cypherbench.backends.variants import GGUF_TYPES
from pytest_cypherbench.candidates.answers import read_answers
from pytest_cypherbench.candidates.contents import contents_of, in_words
from pytest_cypherbench.candidates.digest import files_of, sha256_of, sha256_of_folder
from pytest_cypherbench.candidates.exports import EXPORTS, check_export, find_export
from pytest_cypherbench.candidates.hf import check_hf, find_hf
from pytest_cypherbench.candidates.hub import find_file
from pytest_cypherbench.candidates.making import note_of, quantised
from pytest_cypherbench.candidates.manifest import find_candidate
from pytest_cypherbench.candidates.store import Store
from pytest_cypherbench.errors import UserError, missing_extra
from pytest_cypherbench.flow import ModelInfo
from pytest_cypherbench.registry import unknown

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping

_HUB_PARTS = 3  # Org/Repo/variant


def check(model: str, *, candidate: str, folders: Iterable[Path]) -> None:
    """Refuse what cannot be, without touching files of models. Raises UserError."""
    backend, rest = _split(model)
    if backend == "gguf":
        _check_gguf(rest, model, candidate, folders)
    elif backend == "hf":
        check_hf(rest, model, candidate, folders)
    elif backend in EXPORTS:
        check_export(backend, rest, model, candidate, folders)
    elif backend == "openai":
        read_address(rest)
        if find_spec("httpx") is None:
            raise missing_extra("openai", f"--model {model}")
    elif backend == "scripted":
        _check_file(rest, model)


def _check_gguf(rest: str, model: str, candidate: str, folders: Iterable[Path]) -> None:
    if find_spec("llama_cpp") is None:
        raise missing_extra("gguf", f"--model {model}")
    if _is_path(rest):
        _check_file(rest, model)
    elif "/" in rest:
        if rest.count("/") != _HUB_PARTS - 1:
            raise UserError(
                f"cannot read --model {model}", fix="a file of the hub is gguf:ORG/REPO/VARIANT"
            )
    else:
        chosen = find_candidate(candidate, folders)
        known = {*GGUF_TYPES, *(file.variant for file in chosen.files)}
        if rest.lower() not in known:
            raise unknown("variant", rest, known, flag=f"--model {model}")


def _check_file(rest: str, model: str) -> None:
    if not Path(rest).expanduser().is_file():
        backend = model.partition(":")[0]
        raise UserError(f"no file {rest!r} (--model {model})", fix=f"give {backend}:PATH")


def resolve(
    model: str,
    *,
    candidate: str,
    folders: Iterable[Path],
    model_dirs: tuple[Path, ...],
    cache: Path,
    threads: int | None,
    references: Mapping[str, str],
    report: Callable[[str], object],
    adapter: Path | None = None,
    trust_remote_code: bool = False,
) -> ModelSpec:
    """What a backend is opened with; fetches, verifies and makes files as needed.

    ``folders`` hold candidates, ``model_dirs`` model files of the user's; ``references`` maps case
    ids to what the backend ``reference`` answers; ``report`` takes lines of progress; ``adapter``
    is a peft folder, for hf alone. Raises UserError.
    """
    check(model, candidate=candidate, folders=folders)
    backend, rest = _split(model)
    info = ModelInfo(label=model, backend=backend, variant=rest)
    if adapter and backend != "hf":
        raise UserError(f"--model {model} takes no adapter", fix="choose an hf: model for it")
    if backend == "reference":
        return ModelSpec(info, answers=references)
    if backend == "scripted":
        path = Path(rest).expanduser()
        return ModelSpec(_with_file(info, path, cache), path, answers=read_answers(path))
    store = Store(cache, model_dirs, report)
    if backend == "hf":
        path, info = find_hf(info, candidate, folders, store, trust_remote_code=trust_remote_code)
        info = _with_adapter(_with_file(info, path, cache), adapter, cache)
        return ModelSpec(info, path, threads, adapter=adapter, trust_remote_code=trust_remote_code)
    if backend in EXPORTS:
        path, info = find_export(info, candidate, folders, store)
        return ModelSpec(_with_file(info, path, cache), path, threads)
    if backend != "gguf":  # a server's or another package's, which knows what its words mean
        return ModelSpec(info, Path(rest) if Path(rest).is_file() else None, threads)
    path, info = _find_gguf(rest, info, candidate, folders, store)
    return ModelSpec(_with_file(info, path, cache), path, threads)


def _find_gguf(
    rest: str, info: ModelInfo, candidate: str, folders: Iterable[Path], store: Store
) -> tuple[Path, ModelInfo]:
    if _is_path(rest):
        path = Path(rest).expanduser()
        return path, replace(info, variant=path.stem)
    if "/" in rest:
        repo, _, variant = rest.rpartition("/")
        return find_file(repo, variant, info.label), replace(info, variant=variant.lower())
    return _of_candidate(info, candidate, folders, store)


def _of_candidate(
    info: ModelInfo, name: str, folders: Iterable[Path], store: Store
) -> tuple[Path, ModelInfo]:
    candidate = find_candidate(name, folders)
    info = replace(info, variant=info.variant.lower(), candidate=candidate.name)
    for file in candidate.files:
        if file.variant == info.variant:
            return store.fetch(candidate, file), info
    path, original = quantised(store, candidate, info.variant)
    held = in_words(contents_of(path, store.cache))
    return path, replace(info, notes=(note_of(info.variant, original), held))


def _split(model: str) -> tuple[str, str]:
    backend, _, rest = model.partition(":")
    if backend not in BACKENDS.names():
        raise unknown("backend", backend, BACKENDS.names(), flag="--model")
    return backend, rest


def _is_path(text: str) -> bool:
    """Whether it names a file here: a path that starts as one, or a name that ends in .gguf."""
    plain = "/" not in text and text.endswith(".gguf")
    return (
        plain
        or text.startswith((".", "/", "~"))
        or (text.endswith(".gguf") and Path(text).exists())
    )


def _with_file(info: ModelInfo, path: Path, cache: Path) -> ModelInfo:
    try:
        if path.is_dir():
            size = sum(file.stat().st_size for file in files_of(path))
            digest = sha256_of_folder(path, cache)
        else:
            size, digest = path.stat().st_size, sha256_of(path, cache)
    except OSError as error:
        raise UserError(
            f"cannot read {path} (--model {info.label}): {error.strerror}",
            fix="check its permissions",
        ) from error
    return replace(info, file=path.name, size_bytes=size, sha256=digest)


def _with_adapter(info: ModelInfo, adapter: Path | None, cache: Path) -> ModelInfo:
    if adapter is None:
        return info
    if not (adapter / "adapter_config.json").is_file():
        raise UserError(f"no adapter in {adapter}", fix="name a folder that peft has saved")
    digest = sha256_of_folder(adapter, cache)
    both = hashlib.sha256(f"{info.sha256} {digest}".encode()).hexdigest()  # what is loaded
    note = f"sha256 with adapter {adapter.name} {digest[:12]}"
    return replace(info, sha256=both, notes=(*info.notes, note))
