"""Where pytest-benchmark and pytest-xdist come in: timing, their JSON, a journal shared by workers.

Knows nothing of how a case is judged; everything here also works with neither of them installed.
"""

from __future__ import annotations

import json
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from pytest_cypherbench.asking import once
from pytest_cypherbench.errors import UserError
from pytest_cypherbench.options import FATAL, KEY, RUN, SAID
from pytest_cypherbench.records import record_to_json
from pytest_cypherbench.reports.block import summary_block
from pytest_cypherbench.session import Shared

if TYPE_CHECKING:
    from collections.abc import Callable

    from pytest_cypherbench.flow import Generation, Record
    from pytest_cypherbench.session import Run

SHARED = "cypherbench_shared"


# ── one case ──


@dataclass(slots=True)
class Stopwatch:
    """Times a generation with pytest-benchmark's fixture, else by the backend's clock."""

    fixture: Any
    rounds: int

    def time(self, generate: Callable[[], Generation]) -> tuple[Generation, tuple[float, ...]]:
        """The last generation of ``rounds``, and the seconds of each of them."""
        if self.fixture is None:
            return once(generate)
        generation: Generation = self.fixture.pedantic(generate, rounds=self.rounds, iterations=1)
        if self.fixture.stats is None:  # disabled, as it is under xdist
            return generation, (generation.seconds,)
        return generation, tuple(self.fixture.stats.stats.data)

    def keep(self, record: Record) -> None:
        """Put the record into the JSON, with the recorded times where a journal gave it."""
        if self.fixture is None:
            return
        # Nothing is timed where the journal has the answer or the reference fails: no mishap.
        self.fixture._mode = self.fixture._mode or "recorded"  # noqa: SLF001
        self.fixture.extra_info["cypherbench"] = record_to_json(record)
        if self.fixture.stats is None and self.fixture.enabled and record.round_seconds:
            stats = self.fixture._make_stats(1)  # noqa: SLF001 no public way to add measured times
            for seconds in record.round_seconds:
                stats.update(seconds)


def stopwatch(request: pytest.FixtureRequest) -> Stopwatch:
    """A stopwatch for the test at hand."""
    rounds = request.config.stash[RUN].settings.rounds
    active = request.config.pluginmanager.hasplugin("benchmark")
    return Stopwatch(request.getfixturevalue("benchmark") if active else None, rounds)


# ── the run ──


def register(config: pytest.Config, run: Run) -> None:
    """Add the listeners for the plugins that are there."""
    manager = config.pluginmanager
    manager.register(Listener(run), "cypherbench-listener")
    if manager.hasplugin("benchmark"):
        manager.register(BenchmarkHooks(run), "cypherbench-benchmark")
    if manager.hasplugin("xdist") and not hasattr(config, "workerinput"):
        manager.register(XdistHooks(run), "cypherbench-xdist")


@dataclass(slots=True, eq=False)
class Listener:
    """Notes which records belong to this run, in whichever process they were made."""

    run: Run

    def pytest_runtest_logreport(self, report: pytest.TestReport) -> None:
        """The key travels with the report; xdist reports for a worker that died, at stage `???`."""
        stage: str | None = report.when
        if stage == "???":
            self.run.trouble.append(f"{report.nodeid} has no record: its worker died")
        for name, value in report.user_properties:
            if name == KEY:
                self.run.judged.setdefault(str(value))


@dataclass(slots=True, eq=False)
class BenchmarkHooks:
    """The block in pytest-benchmark's JSON."""

    run: Run
    written: list[str] = field(default_factory=list)

    def pytest_sessionstart(self, session: pytest.Session) -> None:
        """Keep pytest-benchmark's own table out of the way of ours; its JSON is not touched."""
        benchmarks = getattr(session.config, "_benchmarksession", None)
        if benchmarks is not None and not benchmarks.verbose:
            benchmarks.quiet = True

    def pytest_benchmark_update_json(
        self, benchmarks: list[Any], output_json: dict[str, Any]
    ) -> None:
        """Add the block; records without a time stand in it."""
        self.run.close()
        timed = {
            bench.extra_info["cypherbench"]["key"]
            for bench in benchmarks
            if "cypherbench" in bench.extra_info
        }
        for bench in output_json["benchmarks"]:
            if (record := bench["extra_info"].get("cypherbench")) and bench["params"]:
                bench["params"]["case"] = record["case"]["id"]  # else the whole case as a repr
        output_json["cypherbench"] = _block(self.run, output_json, timed)


@dataclass(slots=True, eq=False)
class XdistHooks:
    """One journal for all workers; what is fatal in one of them ends the run of all."""

    run: Run
    _said: set[str] = field(default_factory=set)

    def pytest_runtest_logreport(self, report: pytest.TestReport) -> None:
        """A worker cannot end the run: it tells the controller why."""
        for name, value in report.user_properties:
            if name == FATAL:
                pytest.exit(str(value), returncode=pytest.ExitCode.USAGE_ERROR)

    @pytest.hookimpl(optionalhook=True)
    def pytest_configure_node(self, node: Any) -> None:  # noqa: ANN401 xdist has no types
        """Tell a worker what it shares with the others."""
        shared = self.run.shared
        engine, _ = self.run.choice
        node.workerinput[SHARED] = (str(shared.journal), str(shared.folder), engine)

    @pytest.hookimpl(optionalhook=True)
    def pytest_testnodedown(self, node: Any) -> None:  # noqa: ANN401
        """Say what the workers had to say, each line once; their trouble is the run's."""
        said, trouble = getattr(node, "workeroutput", {}).get(SHARED, ((), ()))
        for line in said:
            if line not in self._said:
                self._said.add(line)
                self.run.say(line)
        self.run.trouble += [line for line in trouble if line not in self.run.trouble]


def inherited(config: pytest.Config) -> Shared | None:
    """In a worker: what the controller chose for all."""
    told = getattr(config, "workerinput", {}).get(SHARED)
    return Shared(Path(told[0]), Path(told[1]), told[2]) if told else None


def hand_over(config: pytest.Config, run: Run) -> None:
    """In a worker that ends: leave what it said, and what went wrong, to the controller."""
    if hasattr(config, "workeroutput"):
        config.workeroutput[SHARED] = (config.stash.get(SAID, []), run.trouble)


def is_alone(config: pytest.Config) -> bool:
    """Whether this process both collects and judges, with no workers."""
    return not hasattr(config, "workerinput") and config.getoption("dist", "no") == "no"


def save_untimed(config: pytest.Config, run: Run) -> None:
    """Write --benchmark-json where pytest-benchmark timed nothing (xdist, --benchmark-disable)."""
    benchmarks = getattr(config, "_benchmarksession", None)
    if benchmarks is None or hasattr(config, "workerinput") or not run.judged:
        return
    if not benchmarks.json or benchmarks.benchmarks:
        return
    commit = config.hook.pytest_benchmark_generate_commit_info(config=config)
    output = config.hook.pytest_benchmark_generate_json(
        config=config,
        benchmarks=[],
        include_data=True,
        machine_info=config.hook.pytest_benchmark_generate_machine_info(config=config),
        commit_info=commit,
    )
    output["cypherbench"] = _block(run, output, set())
    try:
        Path(benchmarks.json).write_text(json.dumps(output, indent=4), encoding="utf-8")
    except OSError as error:
        raise UserError(
            f"--benchmark-json {benchmarks.json} cannot be written ({error.strerror})",
            fix=f"the records are in {run.journal.file}",
        ) from error


def _block(run: Run, output: dict[str, Any], timed: set[str]) -> dict[str, Any]:
    return summary_block(
        run.summary(),
        run.settings,
        (record for record in run.records() if record.key not in timed),
        prompt_sha256=run.template.sha256,
        examples=run.examples.describe() if run.examples else None,
        commit=output.get("commit_info"),
    )
