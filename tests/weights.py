"""Models of the candidates, for the tests that need real weights."""

from __future__ import annotations

import os
from pathlib import Path
from typing import TYPE_CHECKING

from platformdirs import user_cache_path

from pytest_cypherbench.candidates import resolve

if TYPE_CHECKING:
    from pytest_cypherbench.backends import ModelSpec

CANDIDATES = Path(__file__).parents[1] / "candidates"


def model_dirs() -> tuple[Path, ...]:
    named = os.environ.get("CYPHERBENCH_MODELS", "")
    return tuple(Path(folder) for folder in named.split(os.pathsep) if folder)


def resolved(model: str, candidate: str) -> ModelSpec:
    return resolve(
        model,
        candidate=candidate,
        folders=[CANDIDATES],
        model_dirs=model_dirs(),
        cache=user_cache_path("pytest-cypherbench"),
        threads=1,
        references={},
        report=lambda _: None,
    )
