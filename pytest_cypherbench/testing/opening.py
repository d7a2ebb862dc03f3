"""Promises of a backend's constructor, ``info`` and ``close``.

Knows nothing of what a backend answers.
"""

from __future__ import annotations

from dataclasses import asdict, replace
from typing import TYPE_CHECKING

import pytest

from pytest_cypherbench.errors import UserError
from pytest_cypherbench.testing.subject import Opened, Subject

if TYPE_CHECKING:
    from pathlib import Path

    from pytest_cypherbench.backends import Backend, ModelSpec

_KEPT = ("label", "backend", "variant", "candidate", "file", "size_bytes", "sha256")


class Opening(Subject):
    """Opened, described and closed."""

    def test_info_keeps_what_is_known_of_the_model(self, backend: Backend, spec: ModelSpec) -> None:
        """``info`` says what the spec says: the label as the user wrote it, file, size and hash."""
        known, said = asdict(spec.info), asdict(backend.info)
        expected = {name: known[name] for name in _KEPT if known[name] is not None}
        assert {name: said[name] for name in expected} == expected

    def test_runtime_names_its_version(self, backend: Backend) -> None:
        """``info.runtime`` is one printable line with the library's version."""
        runtime = backend.info.runtime
        if not runtime:
            pytest.skip("info.runtime is empty: a backend that adapts a library names its version")
        assert runtime.isprintable()
        assert any(character.isdigit() for character in runtime)

    def test_a_file_that_does_not_exist_is_one_line(self, spec: ModelSpec, tmp_path: Path) -> None:
        """Where a model cannot be loaded, the constructor raises UserError: cause and fix."""
        if spec.path is None:
            pytest.skip("this model is no file")
        path = tmp_path / "missing" / spec.path.name
        info = replace(spec.info, label=f"{spec.info.backend}:{path}", variant=str(path))
        with pytest.raises(UserError) as caught:
            self.open(replace(spec, path=path, info=info)).close()
        assert "\n" not in str(caught.value)
        assert caught.value.fix

    def test_closing_twice_is_harmless(self, opened: Opened) -> None:
        """``close`` frees the model, and raises nothing when called again."""
        backend = opened.take()
        backend.close()
        backend.close()
