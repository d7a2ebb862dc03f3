"""``BACKEND:VARIANT`` → ModelSpec: which model that is, and its file on this machine.

Knows nothing of pytest or of how a model is run.
"""

from __future__ import annotations

from dataclasses import replace
from importlib.util import find_spec
from pathlib import Path
from typing import TYPE_CHECKING

from pytest_cypherbench.backends import BACKENDS, ModelSpec
from pytest_cypherbench.backends.variants import GGUF_TYPES
from pytest_cypherbench.candidates.answers import read_answers
from pytest_cypherbench.candidates.digest import sha256_of
from pytest_cypherbench.candidates.hub import find_file
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
    if backend == "gguf" and find_spec("llama_cpp") is None:
        raise missing_extra("gguf", f"--model {model}")
    if backend == "scripted" or (backend == "gguf" and _is_path(rest)):
        if not Path(rest).expanduser().is_file():
            raise UserError(f"no file {rest!r} (--model {model})", fix=f"give {backend}:PATH")
    elif backend == "gguf" and "/" in rest:
        if rest.count("/") != _HUB_PARTS - 1:
            raise UserError(
                f"cannot read --model {model}", fix="a file of the hub is gguf:ORG/REPO/VARIANT"
            )
    elif backend == "gguf":
        chosen = find_candidate(candidate, folders)
        known = {*GGUF_TYPES, *(file.variant for file in chosen.files)}
        if rest.lower() not in known:
            raise unknown("variant", rest, known, flag=f"--model {model}")


def resolve(
    model: str,
    *,
    candidate: str,
    folders: Iterable[Path],
    model_dirs: tuple[Path, ...],
    cache: Path,
    threads: int | None,
    references: Mapping[str, str],
    report: Callable[[str], None],
) -> ModelSpec:
    """What a backend is opened with; fetches, verifies and makes files as needed.

    ``folders`` hold candidates, ``model_dirs`` model files of the user's; ``references`` maps case
    ids to what the backend ``reference`` answers; ``report`` takes lines of progress.
    Raises UserError.
    """
    check(model, candidate=candidate, folders=folders)
    backend, rest = _split(model)
    info = ModelInfo(label=model, backend=backend, variant=rest)
    if backend == "reference":
        return ModelSpec(info, answers=references)
    if backend == "scripted":
        path = Path(rest).expanduser()
        return ModelSpec(_with_file(info, path, cache), path, answers=read_answers(path))
    if backend != "gguf":  # of another package: it knows what its own words mean
        return ModelSpec(info, Path(rest) if Path(rest).is_file() else None, threads)
    if _is_path(rest):
        path = Path(rest).expanduser()
        info = replace(info, variant=path.stem)
    elif "/" in rest:
        repo, _, variant = rest.rpartition("/")
        path = find_file(repo, variant, model)
        info = replace(info, variant=variant.lower())
    else:
        store = Store(cache, model_dirs, report)
        path, info = _of_candidate(info, candidate, folders, store)
    return ModelSpec(_with_file(info, path, cache), path, threads)


def _of_candidate(
    info: ModelInfo, name: str, folders: Iterable[Path], store: Store
) -> tuple[Path, ModelInfo]:
    candidate = find_candidate(name, folders)
    info = replace(info, variant=info.variant.lower(), candidate=candidate.name)
    for file in candidate.files:
        if file.variant == info.variant:
            return store.fetch(candidate, file), info
    path, original = store.quantised(candidate, info.variant)
    return path, replace(info, notes=(f"requantised from {original.variant}",))


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
        size, digest = path.stat().st_size, sha256_of(path, cache)
    except OSError as error:
        raise UserError(
            f"cannot read {path} (--model {info.label}): {error.strerror}",
            fix="check its permissions",
        ) from error
    return replace(info, file=path.name, size_bytes=size, sha256=digest)
