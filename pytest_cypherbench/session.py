"""A run: open the engine and the models, judge cases into a journal, sum up.

Knows nothing of pytest; the plugin calls it and is called back through ``say``.
"""

from __future__ import annotations

import secrets
import signal
import tempfile
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from dataclasses import dataclass, field, replace
from itertools import dropwhile
from pathlib import Path
from threading import current_thread, main_thread
from typing import TYPE_CHECKING, cast

from pytest_cypherbench import memory
from pytest_cypherbench.ahead import ONE_AT_A_TIME, Ahead, Pace
from pytest_cypherbench.asking import Model, Timer, once
from pytest_cypherbench.backends import Scoring
from pytest_cypherbench.backends.guarded import must_constrain, open_backend, shut
from pytest_cypherbench.cache import FILE, Cache
from pytest_cypherbench.candidates import check, resolve
from pytest_cypherbench.errors import CypherbenchError, SuiteError
from pytest_cypherbench.examples import ExampleSource, source_of_examples
from pytest_cypherbench.flow import Case, Limits, Outcome, Prompt, Record, Sampling
from pytest_cypherbench.grammar import UNCONSTRAINED
from pytest_cypherbench.graphs import ENGINES, Engine, EngineSpec
from pytest_cypherbench.graphs.auto import choose
from pytest_cypherbench.loaded import Graph
from pytest_cypherbench.places import choose_journal, find_graph, shown
from pytest_cypherbench.prompts import PromptTemplate, load_prompt
from pytest_cypherbench.records import Journal, ModelLine
from pytest_cypherbench.registry import unknown
from pytest_cypherbench.reports.summary import Description, Summary, summarise
from pytest_cypherbench.runner import judge, record_key

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from pytest_cypherbench.backends import ModelSpec
    from pytest_cypherbench.settings import Settings

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
    examples: ExampleSource | None = None
    _recorded: dict[str, int] = field(default_factory=dict)
    _specs: dict[str, ModelSpec] = field(default_factory=dict)
    _choice: tuple[str, str] | None = None
    _engine: Engine | None = None
    _beside: Engine | None = None
    _graph: Graph | None = None
    _model: Model | None = None
    _ahead: tuple[object, Ahead] | None = None
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
        examples = source_of_examples(template, settings)
        if shared is None:
            folder = Path(tempfile.gettempdir()) / f"cypherbench-run-{secrets.token_hex(8)}"
            shared = Shared(choose_journal(settings), folder)
        run = cls(settings, say, shared, Journal(shared.journal), template, examples)
        if settings.resume:
            run._recorded = run.journal.keys()
        return run

    def start(self, cases: tuple[Case, ...], *, eager: bool) -> None:
        """Open the journal and fetch the models' files; ``eager``: open engine and first model too,
        so that what is wrong with them is said before the first case. Raises UserError."""
        _end_like_ctrl_c(signal.SIGTERM)
        self.journal.open()
        self.dataset = {case.id: case for case in cases}
        if self.examples and cases:
            self.template = replace(self.template, shots=self.examples.shots(cases))
        for label in self.settings.models:
            spec = self._spec(label)
            if self.settings.constrain != UNCONSTRAINED:
                must_constrain(spec)
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
        found = not self.settings.neo4j.allow_nonempty  # else it may be in the database alone
        folder = find_graph(case, self.settings.root, self.settings.cases, must_exist=found)
        if self._graph is None or self._graph.folder != folder:
            self._graph = None
            limits = Limits(
                seconds=self.settings.query_timeout_seconds, rows=self.settings.max_rows
            )
            schema = self.engine.load(folder)
            variants = self.settings.graph_variants
            beside = None if self.settings.neo4j.allow_nonempty else self._open_beside
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
            for note in backend.info.notes[len(spec.info.notes) :]:  # what opening it has shown
                self.say(f"{label}: {note}")
            settings = self.settings
            sampling = Sampling(settings.max_tokens, settings.temperature, settings.seed)
            pace = ONE_AT_A_TIME
            if not settings.workers:
                pace = Pace(settings.answers.window, settings.answers.batch_size)
                pace.check(backend)
            if settings.perplexity and not isinstance(backend, Scoring):
                self.say(f"{label} cannot tell how likely a text is: no perplexity")
            self._model = Model(
                backend,
                self.template,
                sampling,
                seconds=settings.generation_timeout_seconds,
                say=self.say,
                scores=settings.perplexity,
                cache=Cache(settings.cache_dir / FILE) if settings.answers.cache else None,
                constrain=settings.constrain,
                pace=pace,
            )
        return self._model

    # ── a case ──

    def judge(
        self, case: Case, model: Model, graph: Graph, timer: Timer = once, *, sample: int = 0
    ) -> Record:
        """Judge a sample of a case, or take what the resumed journal says of it; what the database
        owed an answer is asked again, not generated again."""
        model = model.for_sample(sample)
        prompt = model.prompt(case, graph.schema)
        key = record_key(case, model, graph, prompt)
        self._look_ahead(case, model, graph, sample)
        if model.ahead:
            timer = once  # by the backend's clock: to wait for it here is no measure
        if key in self._recorded:
            known = self.journal.record_at(self._recorded[key])
            if known.verdict.outcome is not Outcome.ENGINE_ERROR:
                return known
            timer = _again(known) or timer
        record = judge(case, model, graph, key=key, prompt=prompt, timer=timer, sample=sample)
        self.journal.add_record(record)
        return record

    def _look_ahead(self, case: Case, model: Model, graph: Graph, sample: int) -> None:
        """Let the answers to the cases to come on this graph be under way, where that is asked."""
        if model.pace == ONE_AT_A_TIME:
            return
        place = (model.label, graph.folder, sample)
        if self._ahead is None or self._ahead[0] != place:
            self._stop_ahead()
            prompts = self._prompts_from(case, model, graph)
            self._ahead = place, Ahead(model.backend, model.sampling, model.pace, prompts)
        model.ahead = self._ahead[1]

    def _prompts_from(self, case: Case, model: Model, graph: Graph) -> Iterator[Prompt]:
        """The prompts of this case and those after it on its graph that no run has answered."""
        rest = dropwhile(lambda other: other.id != case.id, self.dataset.values())
        for other in rest:
            if other.graph != graph.name:
                continue
            prompt = model.prompt(other, graph.schema)
            key = record_key(other, model, graph, prompt)
            if key not in self._recorded and model.known(prompt) is None:
                yield prompt

    def _stop_ahead(self) -> None:
        if self._ahead is not None:
            self._ahead[1].close()
            self._ahead = None

    # ── after the last case ──

    def close_model(self) -> None:
        """Free the open model and note how much memory it took."""
        self._stop_ahead()
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
        return summarise(self.records(), self.journal.models(), self.settings.answers.pass_at)

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
            prompt=self._prompt(),
            journal=shown(self.journal.file, settings.root),
            resumed=len(self._recorded),
            latency=self._latency(),
            copies=self._copies(),
            constrain="" if settings.constrain == UNCONSTRAINED else settings.constrain,
        )

    def _latency(self) -> str:
        """How times are taken."""
        workers, answers = self.settings.workers, self.settings.answers
        apart = "not to be compared with a run of one"
        if workers:
            return f"{workers} workers at once: {apart}"
        if answers.window > 1:
            return f"up to {answers.window} requests at once: {apart}"
        if answers.batch_size > 1:
            return f"batches of {answers.batch_size}, each answer its share of the time: {apart}"
        return "one answer at a time"

    def _prompt(self) -> str:
        prompt = f"{self.template.name} (sha256 {self.template.sha256[:12]})"
        return f"{prompt}, {self.examples.describe()}" if self.examples else prompt

    def _copies(self) -> str:
        """How luck is told from skill, for the header."""
        count = self.settings.graph_variants
        copies = f"{count} altered {'copy' if count == 1 else 'copies'} of the graph"
        if not count or self.choice[0] == COPIES_ENGINE:
            return copies if count else ""
        if self.settings.neo4j.allow_nonempty:
            return ""
        return f"{copies}, on an {COPIES_ENGINE} engine beside"

    # ── how ──

    def _spec(self, label: str) -> ModelSpec:
        if label not in self._specs:
            spec = resolve(
                label,
                candidate=self.settings.candidate,
                folders=self.settings.candidates,
                model_dirs=self.settings.model_dirs,
                cache=self.settings.cache_dir,
                threads=self.settings.threads,
                references={case.id: case.reference for case in self.dataset.values()},
                report=self.say,
                adapter=self.settings.adapter,
                trust_remote_code=self.settings.trust_remote_code,
            )
            self._specs[label] = replace(
                spec,
                api_key=self.settings.api_key,
                answer_seconds=self.settings.generation_timeout_seconds or None,
            )
        return self._specs[label]

    def _choose(self) -> tuple[str, str]:
        if self.shared.engine:
            return self.shared.engine, "as in the other processes"
        if self.settings.graph_engine != "auto":
            return self.settings.graph_engine, "asked for"
        return choose(self._engine_spec(), self.settings.neo4j.docker_host)

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
            image=settings.neo4j.image,
            home=settings.neo4j.home,
            java_home=settings.neo4j.java_home,
            allow_unsafe=settings.neo4j.allow_unsafe_server,
            allow_nonempty=settings.neo4j.allow_nonempty,
            say=self.say,
        )
        if server := settings.neo4j.server:
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
