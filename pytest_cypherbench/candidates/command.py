"""``python -m pytest_cypherbench quantise``: variants of a candidate as files, and what they hold.

Knows nothing of how a variant is made: it asks for models as ``pytest --model`` does. Reads the
environment, as a command has no options of pytest's.
"""

from __future__ import annotations

import argparse
import os
import shutil
import sys
from pathlib import Path
from typing import TYPE_CHECKING

from pytest_cypherbench.candidates import check, resolve
from pytest_cypherbench.candidates.contents import contents_of, in_words
from pytest_cypherbench.candidates.exports import EXPORTS
from pytest_cypherbench.defaults import CANDIDATE, cache_folder, candidate_folders
from pytest_cypherbench.errors import UserError

if TYPE_CHECKING:
    from collections.abc import Sequence

    from pytest_cypherbench.backends import ModelSpec

DONE = 0
_FILES = ("gguf", *EXPORTS)


def main(arguments: Sequence[str]) -> int:
    """Make the variants and say what they are. 0: done; argparse exits with 2. Raises
    CypherbenchError."""
    options = _parser().parse_args(arguments)
    folders = candidate_folders(Path.cwd())
    for model in options.models:
        _check(model, options.candidate, folders)
    cache = options.cache_dir or Path(os.environ.get("CYPHERBENCH_CACHE") or cache_folder())
    for model in options.models:
        spec = resolve(
            model,
            candidate=options.candidate,
            folders=folders,
            model_dirs=tuple(options.model_dir),
            cache=cache,
            threads=None,
            references={},
            report=lambda line: sys.stderr.write(f"{line}\n"),
        )
        lines = _described(spec, cache)
        if options.output and spec.path:
            lines.append(f"  written to {_copied(spec.path, options.output)}")
        sys.stdout.write("".join(f"{line}\n" for line in lines))
    return DONE


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="python -m pytest_cypherbench quantise",
        description="Make variants of a candidate, and say what each of them holds.",
    )
    add = parser.add_argument
    add("models", nargs="+", metavar="MODEL", help="as for pytest --model: gguf:q4_k_m, onnx:int8")
    add("--candidate", default=CANDIDATE, metavar="NAME", help=f"of which [{CANDIDATE}]")
    add("--output", type=Path, metavar="DIR", help="copy them there [they stay in the cache]")
    add("--model-dir", type=Path, action="append", default=[], metavar="DIR", help="as for pytest")
    add("--cache-dir", type=Path, metavar="DIR", help="as for pytest")
    return parser


def _check(model: str, candidate: str, folders: tuple[Path, ...]) -> None:
    """Every model first, so that nothing is made where one cannot be."""
    check(model, candidate=candidate, folders=folders)
    if model.partition(":")[0] not in _FILES:
        raise UserError(
            f"{model} is no file that can be made",
            fix=f"have: {', '.join(_FILES)}; hf: models are quantised while they are loaded",
        )


def _described(spec: ModelSpec, cache: Path) -> list[str]:
    info, notes = spec.info, list(spec.info.notes)
    lines = [f"{info.label}  {info.file}  {info.size_bytes:,} bytes  sha256 {info.sha256}"]
    if info.backend == "gguf" and spec.path:
        shares = contents_of(spec.path, cache)
        bits = 8 * spec.path.stat().st_size / sum(share.weights for share in shares)
        tensors = ", ".join(f"{share.tensors} {share.type}" for share in shares)
        held = in_words(shares)
        notes = [*(note for note in notes if note != held), held]
        notes += [f"tensors: {tensors}", f"{bits:.2f} bits a weight"]
    return [*lines, *(f"  {note}" for note in notes)]


def _copied(path: Path, folder: Path) -> Path:
    """A copy in the folder, under the name that it has in the cache."""
    target = folder / path.name
    try:
        folder.mkdir(parents=True, exist_ok=True)
        if path.is_dir():
            shutil.copytree(path, target, dirs_exist_ok=True)
        else:
            shutil.copy(path, target)
    except OSError as error:
        raise UserError(
            f"cannot write {target} (--output): {error.strerror or error}",
            fix="free space there or make it writable, or name another folder",
        ) from error
    return target
