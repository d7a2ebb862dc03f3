"""The pytest plugin: hooks and fixtures that call the modules that know how.

Holds no logic of its own. Without --model it registers options and fixtures, and does nothing else.
"""

from __future__ import annotations

from contextlib import contextmanager, nullcontext
from typing import TYPE_CHECKING, Any

import pytest

from pytest_cypherbench.errors import CypherbenchError, EngineError, SuiteError, UserError
from pytest_cypherbench.options import FATAL, KEY, RUN, SAID, add_options, read_settings

if TYPE_CHECKING:
    from collections.abc import Generator, Iterator
    from pathlib import Path

    from pytest_cypherbench.asking import Model
    from pytest_cypherbench.collection import CaseFile
    from pytest_cypherbench.flow import Case, Record
    from pytest_cypherbench.loaded import Graph

# ── hooks: before the run ──────────────────────────────────────────────────────────────────────


def pytest_addoption(parser: pytest.Parser) -> None:
    """Register the table of options."""
    add_options(parser)


def pytest_configure(config: pytest.Config) -> None:
    """With --model: check the options and, without a path, turn to the case folder."""
    if not (config.getoption("--model") or config.getini("cypherbench_model")):
        return
    with _usage_errors():
        from pytest_cypherbench import collection, latency, session

        settings = read_settings(config)
        collection.aim(config, settings)
        run = session.Run.prepare(settings, _say(config), latency.inherited(config))
        config.stash[RUN] = run
        latency.register(config, run)


def pytest_report_header(config: pytest.Config) -> list[str]:
    """Say what is judged, on what, and where it is recorded; choosing an engine may pull an image,
    which is nothing for --collect-only."""
    if RUN not in config.stash or config.option.collectonly:
        return []
    from pytest_cypherbench.reports.terminal import header_lines

    return header_lines(config.stash[RUN].description())


def pytest_collect_file(file_path: Path, parent: pytest.Collector) -> CaseFile | None:
    """Read case files, with --model alone."""
    if RUN not in parent.config.stash:
        return None
    from pytest_cypherbench.collection import collect_file

    return collect_file(file_path, parent, parent.config.stash[RUN].settings)


def pytest_generate_tests(metafunc: pytest.Metafunc) -> None:
    """Make a test of every case and model for each function that asks for them."""
    if RUN in metafunc.config.stash:
        from pytest_cypherbench.collection import parametrise

        parametrise(metafunc, metafunc.config.stash[RUN].settings)


@pytest.hookimpl(trylast=True)
def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Let cases that share a model and a graph follow each other, so that prefixes repeat."""
    if RUN in config.stash:
        from pytest_cypherbench.collection import order

        order(items, config.stash[RUN].settings.models)


@pytest.hookimpl(tryfirst=True)
def pytest_runtestloop(session: pytest.Session) -> None:
    """Open what the run needs before the first test; trouble here ends the run with status 4."""
    if RUN in session.config.stash and not session.config.option.collectonly:
        from pytest_cypherbench import collection, latency

        with _usage_errors():
            collection.refuse_nothing(session)
            run = session.config.stash[RUN]
            run.start(collection.cases_of(session.items), eager=latency.is_alone(session.config))


# ── hooks: after each case and at the end ──────────────────────────────────────────────────────


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(
    item: pytest.Item, call: pytest.CallInfo[None]
) -> Generator[None, pytest.TestReport, pytest.TestReport]:
    """Show our own errors, and misses of the packaged test, without a traceback."""
    report = yield
    if report.failed and call.excinfo is not None:
        ours = isinstance(call.excinfo.value, CypherbenchError)
        if ours or (RUN in item.config.stash and _is_packaged(item)):
            shown = call.excinfo.getrepr(style="value", chain=False)
            if shown.reprcrash is not None:
                shown.reprcrash.message = str(call.excinfo.value)
            report.longrepr = shown
        if isinstance(call.excinfo.value, UserError):
            report.user_properties.append((FATAL, str(call.excinfo.value)))
    return report


@pytest.hookimpl(tryfirst=True)
def pytest_sessionfinish(session: pytest.Session) -> None:
    """Free models and databases; write the JSON where pytest-benchmark wrote none."""
    if RUN in session.config.stash:
        from pytest_cypherbench.latency import hand_over, save_untimed

        run = session.config.stash[RUN]
        run.close()
        hand_over(session.config, run)
        save_untimed(session.config, run)
        if run.trouble and session.exitstatus == pytest.ExitCode.OK:
            session.exitstatus = pytest.ExitCode.TESTS_FAILED


def pytest_unconfigure(config: pytest.Config) -> None:
    """Free them, too, when the session never finished."""
    if RUN in config.stash:
        config.stash[RUN].close()


def pytest_terminal_summary(terminalreporter: Any) -> None:  # noqa: ANN401 no public type
    """Print the summary."""
    run = terminalreporter.config.stash.get(RUN, None)
    if run and run.judged:
        from pytest_cypherbench.reports.terminal import summary_lines

        terminalreporter.section("cypherbench")
        verbose = terminalreporter.verbosity > 0
        for line in summary_lines(run.summary(), run.description(), verbose=verbose):
            terminalreporter.write_line(line)
        for line in run.trouble:
            terminalreporter.write_line(f"ERROR: {line}", red=True)


# ── fixtures ───────────────────────────────────────────────────────────────────────────────────


@pytest.fixture
def case(request: pytest.FixtureRequest) -> Case:
    """One case of the data set; a test that asks for it runs once for every case."""
    if not hasattr(request, "param"):
        pytest.skip("no case: run pytest with --model")
    found: Case = request.param
    return found


@pytest.fixture(scope="session")
def model(request: pytest.FixtureRequest) -> Model:
    """The model under test, loaded; a test that asks for it runs once for every --model."""
    if not hasattr(request, "param"):
        pytest.skip("no model: run pytest with --model")
    with _fatal_errors(request.config):
        return request.config.stash[RUN].model(request.param)


@pytest.fixture
def graph(request: pytest.FixtureRequest, case: Case) -> Graph:
    """The graph of the case, loaded, with its schema."""
    with _fatal_errors(request.config):
        return request.config.stash[RUN].graph(case)


@pytest.fixture
def sample(request: pytest.FixtureRequest) -> int:
    """The number of the sample from 0; a test that asks for it runs --samples times."""
    return int(getattr(request, "param", 0))


@pytest.fixture
def record(
    request: pytest.FixtureRequest, case: Case, model: Model, graph: Graph, sample: int
) -> Record:
    """The judged case. A faulty reference or database is an error here, in the set-up; a case that
    cannot be decided is skipped."""
    from pytest_cypherbench.evaluation import refuse_unjudged
    from pytest_cypherbench.latency import stopwatch

    watch = stopwatch(request)
    with _fatal_errors(request.config):
        found = request.config.stash[RUN].judge(case, model, graph, watch.time, sample=sample)
    watch.keep(found)
    request.node.user_properties.append((KEY, found.key))
    if reason := refuse_unjudged(found):
        pytest.skip(reason)
    return found


# ── errors of ours to pytest's ─────────────────────────────────────────────────────────────────


@contextmanager
def _usage_errors() -> Iterator[None]:
    """Before the first test: one line and exit status 4."""
    try:
        yield
    except (UserError, SuiteError, EngineError) as error:
        raise pytest.UsageError(str(error)) from error


@contextmanager
def _fatal_errors(config: pytest.Config) -> Iterator[None]:
    """In a test: a user's error concerns every case to come, so the run ends, its records kept. An
    xdist worker lets its report carry the error to the controller."""
    try:
        yield
    except UserError as error:
        if hasattr(config, "workerinput"):
            raise
        pytest.exit(str(error), returncode=pytest.ExitCode.USAGE_ERROR)


def _say(config: pytest.Config) -> Any:  # noqa: ANN401
    def say(line: str) -> None:
        if hasattr(config, "workerinput"):  # nobody sees a worker's terminal
            config.stash.setdefault(SAID, []).append(line)
            return
        reporter = config.pluginmanager.get_plugin("terminalreporter")
        capture = config.pluginmanager.get_plugin("capturemanager")
        if reporter is None:
            return
        # Within a test it would go into the test's own output, and be lost where that passes.
        with capture.global_and_fixture_disabled() if capture else nullcontext():
            reporter.ensure_newline()
            reporter.write_line(line)
            reporter.flush()

    return say


def _is_packaged(item: pytest.Item) -> bool:
    return getattr(item, "originalname", "") == "test_cypher" and "record" in getattr(
        item, "fixturenames", ()
    )
