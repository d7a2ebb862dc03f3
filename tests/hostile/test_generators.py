"""Backends that fail: an error of that case, or of the run, in one line; never a lost record."""

from __future__ import annotations

import json
import shutil
from dataclasses import dataclass
from pathlib import Path

import pytest
from graph_engines import TINY
from trial import Result, run

HERE = Path(__file__).parent
# Each fault of one answer, and what its one line says.
FAULTS = {
    "raises": "--model faulty:any failed: ValueError: out of \\x1b[31mtokens (faulty_backend.py:",
    "exits": "--model faulty:any failed: SystemExit: 0 (faulty_backend.py:",
    "gives-none": "--model faulty:any returned NoneType instead of a Generation",
    "gives-bytes": "--model faulty:any returned bytes instead of a Generation",
    "gives-text-as-bytes": "--model faulty:any returned a Generation whose text is bytes",
    "gives-no-time": "--model faulty:any returned a Generation whose times are no seconds",
    "gives-text-as-tokens": "--model faulty:any returned a Generation whose tokens are no int",
}


@dataclass(frozen=True)
class Bench:
    """A project whose ``--model faulty:…`` is the faulty backend, found by its entry point."""

    folder: Path

    def run(
        self, *cases: str, model: str = "faulty:any", arguments: tuple[str, ...] = ()
    ) -> Result:
        rows = [{"id": name, "graph": "tiny", "question": f"{name}?"} for name in cases]
        reference = {"reference": "MATCH (p:Person) RETURN p.name"}
        lines = (json.dumps(row | reference) + "\n" for row in rows)
        (self.folder / "cases" / "faults.jsonl").write_text("".join(lines))
        return run(
            self.folder, "embedded", ["--model", model, "-p", "no:cacheprovider", *arguments], 120
        )


@pytest.fixture
def bench(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Bench:
    shutil.copytree(TINY, tmp_path / "cases" / "graphs" / "tiny")
    shutil.copy(HERE / "faulty_backend.py", tmp_path)
    (tmp_path / "pytest.ini").write_text("[pytest]\n")
    info = tmp_path / "faulty-1.0.dist-info"
    info.mkdir()
    (info / "METADATA").write_text("Metadata-Version: 2.1\nName: faulty\nVersion: 1.0\n")
    entry = "[pytest_cypherbench.backends]\nfaulty = faulty_backend:Faulty\n"
    (info / "entry_points.txt").write_text(entry)
    monkeypatch.setenv("PYTHONPATH", str(tmp_path), prepend=":")
    return Bench(tmp_path)


@pytest.mark.parametrize("workers", [(), ("-n", "2")], ids=["serial", "two-workers"])
def test_a_faulty_answer_is_an_error_of_its_case(bench: Bench, workers: tuple[str, ...]) -> None:
    """One line that names the model and the fault, no traceback, nothing raw; every other case is
    judged and recorded, and the faulty ones are no misses."""
    between = [f"fine{index}" for index in range(len(FAULTS))]
    mixed = [name for pair in zip(FAULTS, between, strict=True) for name in pair]
    result = bench.run(*mixed, "prints", arguments=workers)
    assert result.verdicts() == dict.fromkeys([*between, "prints"], "pass")
    for line in FAULTS.values():
        assert line in result.text
    assert result.status == 1
    assert f"{len(FAULTS)} errors" in result.text
    assert "failed" not in result.text.splitlines()[-1]
    assert "Traceback" not in result.text
    assert "\x1b" not in result.text


@pytest.mark.parametrize("fault", ["hangs", "hangs-in-a-library"])
def test_a_backend_that_hangs_ends_the_run(bench: Bench, fault: str) -> None:
    """Within its limit, with one line that names the option; what was judged is kept, and --resume
    judges the rest. A library that heeds no signal costs the process a little later."""
    grace = "import pytest_cypherbench.backends.guarded as g\ng.GRACE_SECONDS = 1\n"
    (bench.folder / "conftest.py").write_text(grace)
    result = bench.run("fine", fault, arguments=("--generation-timeout", "1"))
    assert result.status == 4
    assert "--model faulty:any gave no answer within 1 s" in result.text
    assert result.verdicts() == {"fine": "pass"}
    assert "Traceback" not in result.text
    result = bench.run("fine", "again", arguments=("--resume",))
    assert result.status == 0
    assert result.verdicts() == {"fine": "pass", "again": "pass"}


def test_a_backend_that_hangs_in_a_worker_ends_the_run(bench: Bench) -> None:
    """The worker tells the controller why."""
    result = bench.run("hangs", arguments=("--generation-timeout", "1", "-n", "1"))
    assert result.status == 4
    assert "--model faulty:any gave no answer within 1 s" in result.text
    assert "Traceback" not in result.text


def test_a_backend_that_dies_costs_its_case(bench: Bench) -> None:
    """Without workers the run is over, with them the case fails; the records before it are kept."""
    result = bench.run("fine", "dies", "after")
    assert result.status == 3
    assert result.verdicts() == {"fine": "pass"}
    result = bench.run("fine", "after", arguments=("--resume",))
    assert result.verdicts() == {"fine": "pass", "after": "pass"}


def test_a_backend_that_dies_in_a_worker_is_noticed(bench: Bench) -> None:
    """The run goes on in another worker and fails at the end."""
    result = bench.run("fine", "dies", "after", "last", arguments=("-n", "2"))
    assert result.status == 1
    assert result.verdicts() == dict.fromkeys(["fine", "after", "last"], "pass")
    assert "crashed" in result.text


def test_a_backend_that_cannot_be_opened_or_closed_is_named(bench: Bench) -> None:
    """One line each: before the first case, or after the last with the records kept."""
    result = bench.run("fine", model="faulty:unopened")
    assert result.status == 4
    assert "ERROR: --model faulty:unopened cannot be opened: RuntimeError: no such (" in result.text
    assert "Traceback" not in result.text
    result = bench.run("fine", model="faulty:unclosed")
    assert result.status == 1
    assert result.verdicts() == {"fine": "pass"}
    assert "ERROR: --model faulty:unclosed failed when closed: RuntimeError: will" in result.text
    assert "Traceback" not in result.text
