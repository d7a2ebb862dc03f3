"""What exports have in common: libraries that must be there, one line for what fails.

Knows nothing of formats.
"""

from __future__ import annotations

import shutil
from contextlib import contextmanager
from importlib.util import find_spec
from typing import TYPE_CHECKING

from pytest_cypherbench.backends.folders.silence import silence
from pytest_cypherbench.errors import UserError, missing_extra

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator
    from pathlib import Path


def need(extra: str, what: str, modules: Iterable[str]) -> None:
    """Raise UserError where a library is missing that an extra brings."""
    for name in modules:
        try:
            found = find_spec(name)
        except ModuleNotFoundError:  # not even its parent is there
            found = None
        if found is None:
            raise missing_extra(extra, f"{what} ({name})")


@contextmanager
def exported(folder: Path, how: str) -> Iterator[None]:
    """Let a library export a model; what it raises becomes one UserError."""
    try:
        with silence():
            yield
    except Exception as error:  # torch, transformers and optimum, each fails in its own way
        reason = " ".join(str(error).split())[:300] or type(error).__name__
        raise UserError(
            f"{folder.name} cannot be exported {how}: {reason}",
            fix="choose another runtime, or a model that optimum supports",
        ) from error


def copy_beside(source: Path, target: Path, weights: str) -> None:
    """Copy what lies beside the weights, whose files all begin so: tokenizer, template, config."""
    for file in source.iterdir():
        if file.is_file() and not file.name.startswith(weights):
            shutil.copy(file, target)
