"""A run: open the engine and the models, judge cases into a journal, sum up.

Knows nothing of pytest; the plugin calls it and is called back through ``say``.
"""

from __future__ import annotations

import hashlib
import secrets
import signal
import tempfile
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from pathlib import Path
from threading import current_thread, main_thread
from typing import TYPE_CHECKING, cast

from pytest_cypherbench import memory
from pytest_cypherbench.backends.guarded import open_backend, shut
from pytest_cypherbench.candidates import check, resolve
from pytest_cypherbench.errors import CypherbenchError, EngineError, SuiteError, UserError
from pytest_cypherbench.flow import Case, Limits, Outcome, Record, Sampling
from pytest_cypherbench.graphs import ENGINES, Engine, EngineSpec
from pytest_cypherbench.graphs.auto import choose
from pytest_cypherbench.prompts import PromptTemplate, load_prompt
from pytest_cypherbench.records import Journal, ModelLine
from pytest_cypherbench.registry import unknown
from pytest_cypherbench.reports.summary import Description, Summary, summarise
from pytest_cypherbench.reports.text import one_line
from pytest_cypherbench.runner import Graph, Model, Timer, judge, once, record_key

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from pytest_cypherbench.backends import ModelSpec
    from pytest_cypherbench.settings import Settings

JOURNALS = ".cypherbench"
# What holds the altered copies of a graph where the engine itself has room for one graph.
COPIES_ENGINE = "embedded"


@dataclass(frozen=True, slots=True)
class Shared:
    """What all processes of a run have in common: the journal, a folder for its database, which
    need not exist yet, and in workers the engine that the controller chose."""

    journal: Path
    folder: Path
    engine: str = ""


@dataclass(slots=True)
class Run:
    """One process's part of a run. ``say`` takes one line of progress for the user."""

    settings: Settings
    say: Callable[[str], None]
    shared: Shared
    journal: Journal
    template: PromptTemplate
    _recorded: dict[str, int] = field(default_factory=dict)
    _specs: dict[str, ModelSpec] = field(default_factory=dict)
    _choice: tuple[str, str] | None = None
    _engine: Engine | None = None
    _beside: Engine | None = None
    _graph: Graph | None = None
    _model: Model | None = None
    trouble: list[str] = field(default_factory=list)
    judged: dict[str, None] = field(default_factory=dict)
    dataset: dict[str, Case] = field(default_factory=dict)

    # ── before the first case ──

    @classmethod
    def prepare(
        cls, settings: Settings, say: Callable[[str], None], shared: Shared | None = None
    ) -> Run:
        """Check what can be checked without loading anything. Raises UserError."""
        for model in settings.models:
            check(model, candidate=settings.candidate, folders=settings.candidates)
        if settings.graph_engine not in {"auto", *ENGINES.names()}:
            raise unknown(
                "engine", settings.graph_engine, ["auto", *ENGINES.names()], flag="--graph-engine"
            )
        template = load_prompt(settings.prompt)
        if shared is None:
            folder = Path(tempfile.gettempdir()) / f"cypherbench-run-{secrets.token_hex(8)}"
            shared = Shared(choose_journal(settings), folder)
        run = cls(settings, say, shared, Journal(shared.journal), template)
        if settings.resume:
            run._recorded = run.journal.keys()
        return run

    def start(self, cases: tuple[Case, ...], *, eager: bool) -> None:
        """Open the journal and fetch the models' files; ``eager``: open engine and first model too,
        so that what is wrong with them is said before the first case. Raises UserError."""
        _end_like_ctrl_c(signal.SIGTERM)
        self.journal.open()
        self.dataset = {case.id: case for case in cases}
        for label in self.settings.models:
            self._spec(label)
        if eager:
            # A database takes seconds to start, and so does a large model: at the same time.
            with ThreadPoolExecutor(1, "cypherbench-engine") as pool:
                opened = pool.submit(self._open_first, cases)
                try:
                    self.model(self.settings.models[0])
                finally:
                    opened.result()

    def _open_first(self, cases: tuple[Case, ...]) -> None:
        """Open the engine with the first graph; what is wrong with a graph is said at its cases."""
        _ = self.engine
        with suppress(SuiteError):
            for case in cases[:1]:
                self.graph(case)

    # ── what a case needs ──

    @property
    def choice(self) -> tuple[str, str]:
        """The name of the engine, and why that one; chosen once, for all processes of a run."""
        if self._choice is None:
            self._choice = self._choose()
        return self._choice

    @property
    def engine(self) -> Engine:
        """The database, opened when first asked for."""
        if self._engine is None:
            self._engine = self._open_engine()
        return self._engine

    def graph(self, case: Case) -> Graph:
        """The graph of a case, loaded. Raises SuiteError if there is no such graph."""
        found = not self.settings.allow_nonempty  # else it may be in the database alone
        folder = find_graph(case, self.settings.root, self.settings.cases, must_exist=found)
        if self._graph is None or self._graph.folder != folder:
            self._graph = None
            limits = Limits(
                seconds=self.settings.query_timeout_seconds, rows=self.settings.max_rows
            )
            schema = self.engine.load(folder)
            variants = self.settings.graph_variants
            beside = None if self.settings.allow_nonempty else self._open_beside
            self._graph = Graph(case.graph, folder, schema, self.engine, limits, variants, beside)
        return self._graph

    def model(self, label: str) -> Model:
        """The model of that label, open; the one before it is closed first, so that only one is in
        memory. Raises UserError if it cannot be loaded."""
        if self._model is None or self._model.label != label:
            self.close_model()
            spec = self._spec(label)
            memory.reset_peak()
            backend = open_backend(spec)
            settings = self.settings
            sampling = Sampling(settings.max_tokens, settings.temperature, settings.seed)
            limit = settings.generation_timeout_seconds
            self._model = Model(backend, self.template, sampling, limit, self.say)
        return self._model

    # ── a case ──

    def judge(self, case: Case, model: Model, graph: Graph, timer: Timer = once) -> Record:
        """Judge a case, or take what the resumed journal says of it; what the database owed an
        answer is asked again, not generated again."""
        prompt = model.prompt(case, graph.schema)
        key = record_key(case, model, graph, prompt)
        if key in self._recorded:
            known = self.journal.record_at(self._recorded[key])
            if known.verdict.outcome is not Outcome.ENGINE_ERROR:
                return known
            timer = _again(known) or timer
        record = judge(case, model, graph, key=key, prompt=prompt, timer=timer)
        self.journal.add_record(record)
        return record

    # ── after the last case ──

    def close_model(self) -> None:
        """Free the open model and note how much memory it took."""
        model, self._model = self._model, None
        if model is not None:
            self.journal.add_model(ModelLine(model.backend.info, memory.peak_bytes()))
            shut(model.backend)

    def close(self) -> None:
        """Free everything; safe to call twice. What goes wrong (a graph that changed under the
        queries, a full disk) is kept in ``trouble``, so that what was recorded gets reported."""
        for close in (self.close_model, self._close_beside, self._close_engine):
            try:
                close()
            except CypherbenchError as error:
                self.trouble.append(str(error))

    def _close_beside(self) -> None:
        engine, self._beside = self._beside, None
        if engine is not None:
            engine.close()

    def _close_engine(self) -> None:
        engine, self._engine = self._engine, None
        if engine is not None:
            engine.close()

    def summary(self) -> Summary:
        """The numbers of the records that belong to this run, streamed from the journal."""
        return summarise(self.records(), self.journal.models())

    def records(self) -> Iterator[Record]:
        """The records of this run, streamed."""
        return (record for record in self.journal.records() if record.key in self.judged)

    def description(self) -> Description:
        """What is judged, on what, and where it is recorded."""
        settings = self.settings
        return Description(
            models=settings.models,
            candidate=settings.candidate,
            engine="{} ({})".format(*self.choice),
            prompt=f"{self.template.name} (sha256 {self.template.sha256[:12]})",
            journal=_shown(self.journal.file, settings.root),
            resumed=len(self._recorded),
            latency=f"{settings.workers} workers at once: not to be compared with a run of one"
            if settings.workers
            else "one answer at a time",
            copies=self._copies(),
        )

    def _copies(self) -> str:
        """How luck is told from skill, for the header."""
        count = self.settings.graph_variants
        copies = f"{count} altered {'copy' if count == 1 else 'copies'} of the graph"
        if not count or self.choice[0] == COPIES_ENGINE:
            return copies if count else ""
        if self.settings.allow_nonempty:
            return ""
        return f"{copies}, on an {COPIES_ENGINE} engine beside"

    # ── how ──

    def _spec(self, label: str) -> ModelSpec:
        if label not in self._specs:
            self._specs[label] = resolve(
                label,
                candidate=self.settings.candidate,
                folders=self.settings.candidates,
                model_dirs=self.settings.model_dirs,
                cache=self.settings.cache_dir,
                threads=self.settings.threads,
                references={case.id: case.reference for case in self.dataset.values()},
                report=self.say,
            )
        return self._specs[label]

    def _choose(self) -> tuple[str, str]:
        if self.shared.engine:
            return self.shared.engine, "as in the other processes"
        if self.settings.graph_engine != "auto":
            return self.settings.graph_engine, "asked for"
        return choose(self._engine_spec(), self.settings.docker_host)

    def _open_engine(self, name: str = "") -> Engine:
        load = ENGINES.load(name or self.choice[0])
        return cast("type[Engine]", load)(self._engine_spec())  # type: ignore[call-arg]

    def _open_beside(self) -> Engine:
        """An engine that holds copies, beside one that has none: each process has its own."""
        if self._beside is None:
            self._beside = self._open_engine(COPIES_ENGINE)
        return self._beside

    def _engine_spec(self) -> EngineSpec:
        settings = self.settings
        spec = EngineSpec(
            state_folder=settings.cache_dir / "engines",
            run_folder=self.shared.folder,
            image=settings.neo4j_image,
            home=settings.neo4j_home,
            java_home=settings.java_home,
            allow_unsafe=settings.allow_unsafe_server,
            allow_nonempty=settings.allow_nonempty,
            say=self.say,
        )
        if server := settings.server:
            spec = replace(
                spec,
                uri=server.uri,
                username=server.username,
                password=server.password,
                database=server.database,
            )
        return spec


def _end_like_ctrl_c(number: signal.Signals) -> None:
    """Let a CI job that is cancelled report what it has and stop what it started."""

    def interrupt(*_: object) -> None:
        raise KeyboardInterrupt

    if current_thread() is main_thread() and signal.getsignal(number) is signal.SIG_DFL:
        signal.signal(number, interrupt)


def _again(record: Record) -> Timer | None:
    """A timer that gives what was generated when the database failed."""
    generation = record.generation
    return (lambda _: (generation, record.round_seconds)) if generation else None


def refuse_unjudged(record: Record) -> str:
    """Why a case cannot be judged on this engine, or "". Raises SuiteError for a faulty reference
    and EngineError for a database that failed: neither is a miss of the model's."""
    verdict = record.verdict
    reason = one_line(verdict.reason, 500)
    where = f"{record.case.origin.file}, row {record.case.origin.row} ({record.case.id})"
    if verdict.outcome is Outcome.REFERENCE_ERROR:
        raise SuiteError(f"{where}: the reference fails: {reason}", fix="correct the case")
    if verdict.outcome is Outcome.ENGINE_ERROR:
        raise EngineError(f"{where}: the database failed twice: {reason}")
    return reason or "undecidable" if verdict.outcome is Outcome.UNDECIDABLE else ""


def find_graph(case: Case, root: Path, cases: Path, *, must_exist: bool = True) -> Path:
    """The folder `graphs/NAME` beside the case file, above it, or in the case folder."""
    for parent in (*(root / case.origin.file).parents, cases):
        if (folder := parent / "graphs" / case.graph).is_dir():
            return folder.resolve()
    if not must_exist:
        return cases / "graphs" / case.graph
    raise SuiteError(f"no graph {case.graph!r} in {cases / 'graphs'}", fix="add its folder")


def _shown(path: Path, root: Path) -> Path:
    """Relative to the project where it lies in it."""
    return path.relative_to(root) if path.is_relative_to(root) else path


def choose_journal(settings: Settings) -> Path:
    """--journal, else the one that --resume names, else a new file named after the time.

    Raises UserError if there is nothing to resume."""
    if settings.resume and settings.resume != "newest":
        path = Path(settings.resume)
        path = path if path.is_absolute() else settings.root / path
        if not path.is_file():
            raise UserError(
                f"--resume {path}: no such journal", fix="give the file of an earlier run"
            )
        return path
    if settings.journal:
        return settings.journal
    folder = settings.root / JOURNALS
    if settings.resume:
        found = sorted(folder.glob("*.jsonl"))
        if not found:
            raise UserError(f"--resume: no journal in {folder}", fix="run without it first")
        return found[-1]
    now = datetime.now(UTC)
    salt = hashlib.sha256(now.isoformat().encode()).hexdigest()[:4]
    return folder / f"{now:%Y-%m-%dT%H-%M-%S}-{salt}.jsonl"
