"""Every number of a report, computed once from the records.

Knows nothing of how it is shown. EX leaves out what this suite or engine could not decide.
"""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field
from hashlib import sha256
from typing import TYPE_CHECKING, TypeAlias

from pytest_cypherbench.cases import dataset_sha256
from pytest_cypherbench.flow import Case, ModelInfo, Outcome, Record
from pytest_cypherbench.records import ModelLine
from pytest_cypherbench.stats import quantile, wilson

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence
    from pathlib import Path

# Hits and all, by name.
_Counts: TypeAlias = dict[str, list[int]]
UNJUDGED = frozenset({Outcome.UNDECIDABLE, Outcome.REFERENCE_ERROR, Outcome.ENGINE_ERROR})


@dataclass(frozen=True, slots=True)
class Description:
    """What a run judges, on what, and where it is recorded; known before the first case."""

    models: tuple[str, ...]
    candidate: str
    engine: str
    prompt: str
    journal: Path
    resumed: int
    latency: str
    copies: str = ""


@dataclass(frozen=True, slots=True)
class Rate:
    """Execution accuracy: ``hits`` of ``total`` judged cases with its 95 % Wilson interval."""

    hits: int
    total: int

    @property
    def value(self) -> float | None:
        """A share from 0 to 1; None where nothing was judged."""
        return self.hits / self.total if self.total else None

    @property
    def interval(self) -> tuple[float, float]:
        """Both ends, 0 to 1."""
        return wilson(self.hits, self.total)


@dataclass(frozen=True, slots=True)
class ModelSummary:
    """One model's numbers. Times in seconds; a quantile is None where nothing was timed. ``lucky``:
    mismatches on an altered copy alone; ``unproved``: passes for which too few copies decided."""

    info: ModelInfo
    ex: Rate
    outcomes: dict[Outcome, int]
    empty: int
    lucky: int
    unproved: int
    by_tag: dict[str, Rate]
    by_difficulty: dict[str, Rate]
    by_language: dict[str, Rate]
    generation_p50: float | None
    generation_p95: float | None
    first_token_p50: float | None
    tokens_per_second: float | None
    prompt_tokens: int
    output_tokens: int
    database_p50: float | None
    row_f1: float | None
    peak_rss_bytes: int | None


@dataclass(frozen=True, slots=True)
class Summary:
    """All models of a run over the same cases."""

    models: tuple[ModelSummary, ...]
    engines: tuple[str, ...]
    cases: int
    dataset_sha256: str


@dataclass(slots=True)
class _Tally:
    """What is kept of a model's records while they stream by; a few numbers each."""

    outcomes: Counter[Outcome] = field(default_factory=Counter)
    tags: _Counts = field(default_factory=dict)
    difficulties: _Counts = field(default_factory=dict)
    languages: _Counts = field(default_factory=dict)
    empty: int = 0
    lucky: int = 0
    unproved: int = 0
    generation: list[float] = field(default_factory=list)
    first_token: list[float] = field(default_factory=list)
    database: list[float] = field(default_factory=list)
    f1: list[float] = field(default_factory=list)
    prompt_tokens: int = 0
    output_tokens: int = 0
    decode_tokens: int = 0
    decode_seconds: float = 0.0

    def add(self, record: Record) -> None:
        """Count one record."""
        verdict = record.verdict
        self.outcomes[verdict.outcome] += 1
        self.empty += verdict.outcome is Outcome.PASS and verdict.empty
        self.lucky += verdict.lucky
        self.unproved += record.copies is not None and bool(record.copies.reason)
        if verdict.outcome not in UNJUDGED:
            self._add_rates(record.case, hit=verdict.outcome is Outcome.PASS)
            self.f1.append(verdict.f1 or 0.0)
        if record.predicted is not None:
            self.database.append(record.predicted.seconds)
        self.generation.extend(record.round_seconds)
        self._add_tokens(record)

    def _add_rates(self, case: Case, *, hit: bool) -> None:
        level = [] if case.difficulty is None else [str(case.difficulty)]
        for counts, names in (
            (self.tags, case.tags),
            (self.difficulties, level),
            (self.languages, [case.language]),
        ):
            for name in names:
                rate = counts.setdefault(name, [0, 0])
                rate[0] += hit
                rate[1] += 1

    def _add_tokens(self, record: Record) -> None:
        generation = record.generation
        if generation is None:
            return
        self.prompt_tokens += generation.prompt_tokens or 0
        self.output_tokens += generation.output_tokens or 0
        if generation.first_token_seconds is not None:
            self.first_token.append(generation.first_token_seconds)
            # The first token belongs to the prompt's evaluation, so the rate starts after it.
            self.decode_tokens += max((generation.output_tokens or 0) - 1, 0)
            self.decode_seconds += generation.seconds - generation.first_token_seconds

    def summary(self, line: ModelLine) -> ModelSummary:
        """The numbers."""
        judged = sum(count for outcome, count in self.outcomes.items() if outcome not in UNJUDGED)
        speed = self.decode_tokens / self.decode_seconds if self.decode_seconds > 0 else None
        return ModelSummary(
            info=line.info,
            ex=Rate(self.outcomes[Outcome.PASS], judged),
            outcomes={
                outcome: self.outcomes[outcome] for outcome in Outcome if self.outcomes[outcome]
            },
            empty=self.empty,
            lucky=self.lucky,
            unproved=self.unproved,
            by_tag=_rates(self.tags),
            by_difficulty=_rates(self.difficulties),
            by_language=_rates(self.languages),
            generation_p50=quantile(self.generation, 0.5),
            generation_p95=quantile(self.generation, 0.95),
            first_token_p50=quantile(self.first_token, 0.5),
            tokens_per_second=speed,
            prompt_tokens=self.prompt_tokens,
            output_tokens=self.output_tokens,
            database_p50=quantile(self.database, 0.5),
            row_f1=sum(self.f1) / len(self.f1) if self.f1 else None,
            peak_rss_bytes=line.peak_rss_bytes,
        )


def summarise(records: Iterable[Record], models: Sequence[ModelLine]) -> Summary:
    """Stream the records once; models appear in the order in which they ran."""
    tallies: dict[str, _Tally] = {}
    engines: dict[str, None] = {}
    cases: dict[str, str] = {}
    for record in records:
        tallies.setdefault(record.model, _Tally()).add(record)
        engines.setdefault(record.engine)
        cases[record.case.id] = dataset_sha256([record.case])
    lines = {line.info.label: line for line in models}
    return Summary(
        models=tuple(
            tally.summary(lines.get(label) or ModelLine(_unknown(label), None))
            for label, tally in tallies.items()
        ),
        engines=tuple(engines),
        cases=len(cases),
        dataset_sha256=sha256("".join(sorted(cases.values())).encode()).hexdigest(),
    )


def _rates(counts: _Counts) -> dict[str, Rate]:
    return {name: Rate(*counts[name]) for name in sorted(counts)}


def _unknown(label: str) -> ModelInfo:
    """A model whose process died before it could say more."""
    backend, _, variant = label.partition(":")
    return ModelInfo(label, backend, variant)
