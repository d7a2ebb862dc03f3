"""Real weights for the tests that need a model: fetched once, kept in the user's cache."""

from __future__ import annotations

import os
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from platformdirs import user_cache_path

from pytest_cypherbench.candidates import resolve
from pytest_cypherbench.candidates.manifest import find_candidate

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


@pytest.fixture(scope="session")
def smollm2() -> ModelSpec:
    """SmolLM2-135M as published (98 MB)."""
    return resolved("gguf:q4_1", "smollm2-135m")


@pytest.fixture(scope="session")
def coder() -> ModelSpec:
    """Qwen2.5-Coder-0.5B (491 MB), where it already is: too large to fetch for a test."""
    file = find_candidate("qwen2.5-coder-0.5b", [CANDIDATES]).files[0].file
    kept = user_cache_path("pytest-cypherbench") / "models" / "qwen2.5-coder-0.5b"
    if not any((folder / file).is_file() for folder in (kept, *model_dirs())):
        pytest.skip(f"{file} is not in CYPHERBENCH_MODELS")
    return resolved("gguf:q4_k_m", "qwen2.5-coder-0.5b")
