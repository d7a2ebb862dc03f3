"""Bad input gets one line with cause and fix, exit status 4, and no traceback."""

from __future__ import annotations

from importlib.util import find_spec
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from project import Project

# Not importorskip: pytester forgets what its tests import, and numpy loads once in a process.
needs_llama = pytest.mark.skipif(find_spec("llama_cpp") is None, reason="needs [gguf]")


@pytest.mark.parametrize(
    ("arguments", "line"),
    [
        (("--model", "ggfu:q4_k_m"), "*unknown backend 'ggfu' (--model): did you mean gguf?*"),
        (("--model", "gguf:q4km"), "*q4km*q4_k_m*"),
        (("--model", "gguf:q4_k_m", "--candidate", "smolm2-135m"), "*unknown candidate*did you mean smollm2-135m?*"),
        (("--model", "gguf:./none.gguf"), "*none.gguf*"),
        (("--model", "scripted:none.json"), "*none.json*"),
        (("--model", "reference", "--graph-engine", "neo4j"), "*unknown engine 'neo4j' (--graph-engine)*"),
        (("--model", "reference", "--rounds", "0"), "*--rounds '0' is no whole number from 1 up*"),
        (("--model", "reference", "--query-timeout", "soon"), "*--query-timeout 'soon' is no number*"),
        (("--model", "reference", "--prompt", "shema"), "*unknown prompt 'shema' (--prompt): did you mean schema?*"),
        (("--model", "reference", "nowhere"), "*no such file or folder*nowhere*"),
        (("--model", "reference", "-k", "nothing"), "*no case is selected*check -k*"),
        (("--model", "reference", "--resume"), "*--resume: no journal*run without it first*"),
        (("--model", "reference", "--resume", "none.jsonl"), "*none.jsonl: no such journal*"),
        (("--model", "reference", "--model-dir", "none"), "*--model-dir*none: no such folder*"),
        (("--model", "reference", "--journal", "cases/tiny/cases.yaml/j"), "*cannot write the journal*--journal*"),
        (("--model", "reference", "--graph-engine", "neo4j-server"), "*NEO4J_URI*"),
    ],
)  # fmt: skip
def test_one_line_and_status_4(project: Project, arguments: tuple[str, ...], line: str) -> None:
    """The cause, the fix and the flag's name; nothing else."""
    result = project.run(*arguments)
    assert result.ret == 4
    errors = [text for text in result.errlines if text.startswith("ERROR: ")]
    assert len(errors) == 1
    result.stderr.fnmatch_lines([line])
    assert "Traceback" not in result.stderr.str() + result.stdout.str()


def test_an_unreachable_server_is_said_before_the_first_generation(
    project: Project, monkeypatch: pytest.MonkeyPatch
) -> None:
    """One line that names the variable, never the password."""
    monkeypatch.setenv("NEO4J_URI", "bolt://127.0.0.1:1")
    monkeypatch.setenv("NEO4J_PASSWORD", "hunter2hunter2")
    result = project.run("--model", "reference", "--graph-engine", "auto")
    assert result.ret == 4
    result.stderr.fnmatch_lines(["ERROR: *127.0.0.1:1*NEO4J_URI*"])
    assert "hunter2" not in result.stdout.str() + result.stderr.str()
    assert "Traceback" not in result.stderr.str() + result.stdout.str()


@needs_llama
def test_a_broken_gguf_is_said_before_the_first_generation(project: Project) -> None:
    """Random bytes are no model."""
    project.write("broken.gguf", "this is no model")
    result = project.run("--model", "gguf:./broken.gguf")
    assert result.ret == 4
    result.stderr.fnmatch_lines(["ERROR: *broken.gguf*"])


@needs_llama
def test_a_broken_gguf_under_xdist_ends_the_run_too(project: Project) -> None:
    """Not one error for every case: one line, status 4, from whichever worker."""
    project.write("broken.gguf", "this is no model")
    result = project.run("--model", "gguf:./broken.gguf", "-n", "2")
    assert result.ret == 4
    assert "broken.gguf" in result.stdout.str() + result.stderr.str()
    assert "Traceback" not in result.stderr.str() + result.stdout.str()


def test_a_missing_extra_is_named(project: Project, monkeypatch: pytest.MonkeyPatch) -> None:
    """Where llama_cpp cannot be imported, the line to install it with."""
    project.write(
        "without/llama_cpp.py", "raise ModuleNotFoundError('no module', name='llama_cpp')"
    )
    monkeypatch.setenv("PYTHONPATH", str(project.path / "without"))
    project.write("model.gguf", "GGUF")
    result = project.run("--model", "gguf:./model.gguf")
    assert result.ret == 4
    result.stderr.fnmatch_lines(["ERROR: *pip install 'pytest-cypherbench[[]gguf[]]'*"])
    assert "Traceback" not in result.stderr.str() + result.stdout.str()


def test_a_full_disk_costs_nothing_that_was_recorded(project: Project) -> None:
    """The journal cannot grow beyond its first records: one line, and --resume judges the rest."""
    project.write(
        "conftest.py",
        "import resource\n"
        "def pytest_runtest_setup(item):\n"
        "    resource.setrlimit(resource.RLIMIT_FSIZE, (2500, resource.RLIM_INFINITY))\n",
    )
    model = project.answers()
    result = project.run("--model", model, "--journal", "j.jsonl")
    assert result.ret == 4
    assert "cannot write the journal" in result.stdout.str() + result.stderr.str()
    # What stands before the last line end; a torn record after it is not one.
    whole = (project.path / "j.jsonl").read_bytes().rpartition(b"\n")[0]
    kept = whole.count(b"verdict")
    (project.path / "conftest.py").unlink()
    result = project.run("--model", model, "--journal", "j.jsonl", "--resume", "j.jsonl")
    result.assert_outcomes(passed=3)
    result.stdout.fnmatch_lines([f"*{kept} records to resume from*", "*3 of 3 cases pass*"])


def test_a_cache_that_cannot_be_written_is_said(project: Project) -> None:
    """A file stands where the folder should be."""
    project.write("cache", "")
    result = project.run("--model", "gguf:q4_k_m", "--cache-dir", "cache")
    assert result.ret == 4
    result.stderr.fnmatch_lines(["ERROR: *cache*--cache-dir*"])
    assert "Traceback" not in result.stderr.str() + result.stdout.str()


def test_no_cases_folder_and_no_path(project: Project) -> None:
    """The ini option names a folder that is not there."""
    project.write("pytest.ini", "[pytest]\ncypherbench_cases = elsewhere\n")
    result = project.run("--model", "reference")
    assert result.ret == 4
    result.stderr.fnmatch_lines(["ERROR: *no case folder*elsewhere*cypherbench_cases*"])
