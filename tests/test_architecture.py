"""The house rules that a linter does not know."""

from __future__ import annotations

import ast
import subprocess
import sys
from collections import Counter
from pathlib import Path

import pytest

PACKAGE = Path(__file__).parents[1] / "pytest_cypherbench"
MODULES = sorted(PACKAGE.rglob("*.py"))
KNOW_PYTEST = {"plugin.py", "collection.py", "options.py", "latency.py", "testing"}
HEAVY = ("torch", "transformers", "llama_cpp", "onnxruntime", "neo4j", "testcontainers", "trl",
         "scipy", "numpy", "jinja2", "yaml", "pyarrow", "python_calamine")  # fmt: skip


@pytest.mark.parametrize("module", MODULES, ids=lambda path: str(path.relative_to(PACKAGE)))
def test_modules_stay_small(module: Path) -> None:
    """A module has at most 400 lines, a function at most 40."""
    text = module.read_text(encoding="utf-8")
    assert text.count("\n") <= 400
    long = [
        f"{node.name}: {node.end_lineno - node.lineno + 1} lines"
        for node in ast.walk(ast.parse(text))
        if isinstance(node, ast.FunctionDef)
        and node.end_lineno
        and node.end_lineno - node.lineno > 40
    ]
    assert long == []


@pytest.mark.parametrize("module", MODULES, ids=lambda path: str(path.relative_to(PACKAGE)))
def test_modules_say_what_they_know_nothing_of(module: Path) -> None:
    """The docstring says what the module is for and where its knowledge ends."""
    docstring = ast.get_docstring(ast.parse(module.read_text(encoding="utf-8"))) or ""
    assert docstring
    if module.name != "__init__.py" or module.parent != PACKAGE:
        assert "nothing" in docstring.lower() or "no logic" in docstring.lower()


def test_only_hooks_and_tests_to_inherit_know_pytest() -> None:
    """Domain code does not import pytest."""
    importing = {
        module.relative_to(PACKAGE).parts[0]
        for module in MODULES
        for node in ast.walk(ast.parse(module.read_text(encoding="utf-8")))
        if (isinstance(node, ast.Import) and any(alias.name == "pytest" for alias in node.names))
        or (
            isinstance(node, ast.ImportFrom)
            and node.module
            and node.module.split(".")[0] in {"pytest", "_pytest"}
        )
    }
    assert importing == KNOW_PYTEST


def test_nothing_heavy_is_imported_without_model(pytester: pytest.Pytester) -> None:
    """A pytest run without --model loads none of the libraries that the plugin adapts."""
    pytester.makepyfile("def test_a(): pass")
    program = (
        "import sys, pytest; status = pytest.main(['-q', '-p', 'no:hypothesispytest']); "
        f"print('loaded', [name for name in {HEAVY!r} if name in sys.modules]); sys.exit(status)"
    )
    result = subprocess.run(
        [sys.executable, "-c", program],
        capture_output=True,
        text=True,
        check=True,
        cwd=pytester.path,
    )
    assert "loaded []" in result.stdout


def test_no_two_test_modules_have_one_name() -> None:
    """Pytest would collect only one of them."""
    names = Counter(path.name for path in Path(__file__).parent.rglob("test_*.py"))
    assert [name for name, count in names.items() if count > 1] == []
