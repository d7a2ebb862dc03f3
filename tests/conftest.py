"""Real weights for the tests that need a model, kept in the user's cache; which tests go together."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

import groups
import pytest
from platformdirs import user_cache_path
from weights import CANDIDATES, model_dirs, resolved

from pytest_cypherbench.candidates.manifest import find_candidate

if TYPE_CHECKING:
    from collections.abc import Generator

    from pytest_cypherbench.backends import ModelSpec

# pytester gives the runs that tests start a home of their own, where each would have to keep the
# classes of its engine anew.
os.environ.setdefault("XDG_CACHE_HOME", str(user_cache_path()))
# A run that a test starts is no part of the run that the test is in.
for name in [name for name in os.environ if name.startswith("PYTEST_XDIST_")]:
    del os.environ[name]


@pytest.hookimpl(wrapper=True)
def pytest_collection_modifyitems(
    config: pytest.Config, items: list[pytest.Item]
) -> Generator[None]:
    """Say what belongs together: before pytest-xdist looks at the marks, and after it did."""
    for item in items:
        if group := groups.group_of(item):
            item.add_marker(pytest.mark.xdist_group(group))
    yield
    if config.getoption("loadgroup", default=False):
        for item in items:
            groups.name_in_id(item)


def pytest_runtest_setup(item: pytest.Item) -> None:
    """Before any fixture of a test."""
    groups.enter(item)


@pytest.fixture(scope="session")
def smollm2() -> ModelSpec:
    """SmolLM2-135M as published (98 MB)."""
    return resolved("gguf:q4_1", "smollm2-135m")


@pytest.fixture(scope="session")
def smollm2_folder() -> ModelSpec:
    """The same as a transformers folder (269 MB), made once and kept."""
    for library in ("torch", "transformers", "gguf"):
        pytest.importorskip(library, reason=f"needs {library}: install the extra dev")
    return resolved("hf:fp32", "smollm2-135m")


@pytest.fixture(scope="session")
def coder() -> ModelSpec:
    """Qwen2.5-Coder-0.5B (491 MB), where it already is: too large to fetch for a test."""
    file = find_candidate("qwen2.5-coder-0.5b", [CANDIDATES]).files[0].file
    kept = user_cache_path("pytest-cypherbench") / "models" / "qwen2.5-coder-0.5b"
    if not any((folder / file).is_file() for folder in (kept, *model_dirs())):
        pytest.skip(f"{file} is not in CYPHERBENCH_MODELS")
    return resolved("gguf:q4_k_m", "qwen2.5-coder-0.5b")
