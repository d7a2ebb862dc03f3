"""--cache: what an earlier run generated is not generated again, and never timed."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

from platformdirs import user_cache_path

if TYPE_CHECKING:
    from project import Project

# A model that counts its answers in a file, and can be told from another.
COUNTING = """
from dataclasses import replace
from pathlib import Path
from pytest_cypherbench.flow import Generation

class Model:
    def __init__(self, spec):
        self.info = replace(spec.info, sha256="ab" * 32)

    def generate(self, prompt, sampling):
        with Path("asked").open("a") as file:
            print(prompt.case_id, sampling.seed, sampling.max_tokens, file=file)
        return Generation("MATCH (p:Person) RETURN p.name", 9, 9, 0.5, 0.1, "stop")

    def close(self):
        pass
"""


def _prepare(project: Project) -> None:
    """The backend, and a cache folder that has the classes of the engine already."""
    project.backend("counting", COUNTING)
    kept = project.path / "kept"
    kept.mkdir()
    engines = user_cache_path("pytest-cypherbench") / "engines"
    engines.mkdir(parents=True, exist_ok=True)
    (kept / "engines").symlink_to(engines)


def _asked(project: Project) -> list[str]:
    """The cases for which a whole answer was asked, in order; then forgotten."""
    file = project.path / "asked"
    lines = file.read_text().splitlines() if file.exists() else []
    file.unlink(missing_ok=True)
    return [line.split()[0] for line in lines if not line.endswith(" 1")]  # 1 token: to get warm


def test_a_second_run_generates_nothing_and_times_nothing(project: Project) -> None:
    """All answers come from the cache; the JSON has no time for them, the summary says so."""
    _prepare(project)
    flags = ["--model", "counting:a", "--cache", "--cache-dir", "kept"]
    project.run(*flags)
    assert _asked(project) == ["names", "count", "oldest"]
    result = project.run(*flags, "--benchmark-json", "out.json")
    assert _asked(project) == []
    result.stdout.fnmatch_lines(["generation p50 *–", "*3 answers from the cache, not timed"])
    output = json.loads((project.path / "out.json").read_text())
    assert output["benchmarks"] == []
    assert {tuple(line["round_seconds"]) for line in project.records()} == {()}


def test_another_seed_is_another_answer(project: Project) -> None:
    """What can change a text misses."""
    _prepare(project)
    flags = ["--model", "counting:a", "--cache", "--cache-dir", "kept"]
    project.run(*flags)
    _asked(project)
    project.run(*flags, "--max-tokens", "99")
    assert _asked(project) == ["names", "count", "oldest"]


def test_without_the_flag_nothing_is_kept(project: Project) -> None:
    """A plain run asks again, and writes no cache."""
    _prepare(project)
    for _ in range(2):
        project.run("--model", "counting:a", "--cache-dir", "kept")
        assert _asked(project) == ["names", "count", "oldest"]
    assert not (project.path / "kept" / "generations.sqlite").exists()
