"""Every number of a report, computed once from the records.

Knows nothing of how it is shown. EX leaves out what this suite or engine could not decide.
"""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field
from hashlib import sha256
from math import ceil, exp
from statistics import fmean
from typing import TYPE_CHECKING, TypeAlias

from pytest_cypherbench.cases import dataset_sha256
from pytest_cypherbench.flow import Case, Likelihood, ModelInfo, Outcome, Record
from pytest_cypherbench.records import ModelLine
from pytest_cypherbench.reports.paired import Pairing, Results, pair
from pytest_cypherbench.stats import correlation, pass_at, quantile, wilson

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
    constrain: str = ""


@dataclass(frozen=True, slots=True)
class Rate:
    """Execution accuracy: ``hits`` of ``total`` judged answers with its 95 % Wilson interval, for
    which the samples of one case count as one trial: they are right or wrong together."""

    hits: int
    total: int
    samples: int = 1

    @property
    def value(self) -> float | None:
        """A share from 0 to 1; None where nothing was judged."""
        return self.hits / self.total if self.total else None

    @property
    def interval(self) -> tuple[float, float]:
        """Both ends, 0 to 1."""
        trials = ceil(self.total / self.samples)
        return wilson(self.value * trials if self.value else 0.0, trials)


@dataclass(frozen=True, slots=True)
class Perplexity:
    """How surprised a model is by the references: the exponential of the mean negative logarithm of
    their probability, ``per_token`` of its own tokens and ``per_byte`` of UTF-8, of which only the
    second can be compared between tokenizers. ``ex_correlation``: of EX with the mean logarithm per
    byte, case by case (point-biserial); None where either does not vary."""

    per_token: float
    per_byte: float
    cases: int
    ex_correlation: float | None


@dataclass(frozen=True, slots=True)
class ModelSummary:
    """One model's numbers. Times in seconds; a quantile is None where nothing was timed. ``lucky``:
    mismatches on an altered copy alone; ``unproved``: passes for which too few copies decided;
    ``retried``: answers that the model was asked to repair, and ``repaired``, those then right."""

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
    samples: int = 1
    pass_at: dict[int, float] = field(default_factory=dict)
    perplexity: Perplexity | None = None
    cached: int = 0
    retried: int = 0
    repaired: int = 0


@dataclass(frozen=True, slots=True)
class Summary:
    """All models of a run over the same cases; ``pairings``: each but the first against it."""

    models: tuple[ModelSummary, ...]
    pairings: tuple[Pairing, ...]
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
    retried: int = 0
    repaired: int = 0
    generation: list[float] = field(default_factory=list)
    first_token: list[float] = field(default_factory=list)
    database: list[float] = field(default_factory=list)
    f1: list[float] = field(default_factory=list)
    prompt_tokens: int = 0
    output_tokens: int = 0
    decode_tokens: int = 0
    decode_seconds: float = 0.0
    results: dict[tuple[str, int], tuple[bool, float | None]] = field(default_factory=dict)
    cached: int = 0
    likelihoods: dict[str, Likelihood] = field(default_factory=dict)

    def add(self, record: Record) -> None:
        """Count one record."""
        verdict = record.verdict
        self.outcomes[verdict.outcome] += 1
        self.empty += verdict.outcome is Outcome.PASS and verdict.empty
        self.lucky += verdict.lucky
        self.unproved += record.copies is not None and bool(record.copies.reason)
        if record.generation is not None and record.generation.first is not None:
            self.retried += 1
            self.repaired += verdict.outcome is Outcome.PASS
        if verdict.outcome not in UNJUDGED:
            seconds = quantile(record.round_seconds, 0.5)
            key = (record.case.id, record.sample)
            self.results[key] = (verdict.outcome is Outcome.PASS, seconds)
            self._add_rates(record.case, hit=verdict.outcome is Outcome.PASS)
            self.f1.append(verdict.f1 or 0.0)
        if record.likelihood is not None:
            self.likelihoods[record.case.id] = record.likelihood
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
        self.cached += generation.cached
        self.prompt_tokens += generation.prompt_tokens or 0
        self.output_tokens += generation.output_tokens or 0
        if generation.first_token_seconds is not None and not generation.cached:
            self.first_token.append(generation.first_token_seconds)
            # The first token belongs to the prompt's evaluation, so the rate starts after it.
            self.decode_tokens += max((generation.output_tokens or 0) - 1, 0)
            self.decode_seconds += generation.seconds - generation.first_token_seconds

    def summary(self, line: ModelLine, ks: Sequence[int]) -> ModelSummary:
        """The numbers."""
        samples = 1 + max((sample for _, sample in self.results), default=0)
        judged = sum(count for outcome, count in self.outcomes.items() if outcome not in UNJUDGED)
        speed = self.decode_tokens / self.decode_seconds if self.decode_seconds > 0 else None
        return ModelSummary(
            info=line.info,
            ex=Rate(self.outcomes[Outcome.PASS], judged, samples),
            outcomes={
                outcome: self.outcomes[outcome] for outcome in Outcome if self.outcomes[outcome]
            },
            empty=self.empty,
            lucky=self.lucky,
            unproved=self.unproved,
            by_tag=_rates(self.tags, samples),
            by_difficulty=_rates(self.difficulties, samples),
            by_language=_rates(self.languages, samples),
            generation_p50=quantile(self.generation, 0.5),
            generation_p95=quantile(self.generation, 0.95),
            first_token_p50=quantile(self.first_token, 0.5),
            tokens_per_second=speed,
            prompt_tokens=self.prompt_tokens,
            output_tokens=self.output_tokens,
            database_p50=quantile(self.database, 0.5),
            row_f1=sum(self.f1) / len(self.f1) if self.f1 else None,
            peak_rss_bytes=line.peak_rss_bytes,
            samples=samples,
            pass_at=_pass_at(self.results, ks),
            cached=self.cached,
            perplexity=_perplexity(self.likelihoods, self.results),
            retried=self.retried,
            repaired=self.repaired,
        )


def summarise(
    records: Iterable[Record], models: Sequence[ModelLine], ks: Sequence[int] = ()
) -> Summary:
    """Stream the records once; models appear in the order in which they ran. ``ks``: for which k to
    estimate pass@k."""
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
            tally.summary(lines.get(label) or ModelLine(_unknown(label), None), ks)
            for label, tally in tallies.items()
        ),
        pairings=_pairings(tallies),
        engines=tuple(engines),
        cases=len(cases),
        dataset_sha256=sha256("".join(sorted(cases.values())).encode()).hexdigest(),
    )


def _rates(counts: _Counts, samples: int) -> dict[str, Rate]:
    return {name: Rate(hits, total, samples) for name, (hits, total) in sorted(counts.items())}


def _pass_at(results: Results, ks: Sequence[int]) -> dict[int, float]:
    """For every k the mean over the cases of which that many samples were judged."""
    cases: dict[str, list[bool]] = {}
    for (case, _), (passed, _) in results.items():
        cases.setdefault(case, []).append(passed)
    found: dict[int, float] = {}
    for k in ks:
        usable = [passed for passed in cases.values() if len(passed) >= k]
        if usable:
            found[k] = fmean(pass_at(k, len(passed), sum(passed)) for passed in usable)
    return found


def _perplexity(likelihoods: dict[str, Likelihood], results: Results) -> Perplexity | None:
    found = {case: likely for case, likely in likelihoods.items() if likely.tokens}
    if not found:
        return None
    surprise = -sum(likely.logprob for likely in found.values())
    judged = [(found[case], results[case, 0][0]) for case in found if (case, 0) in results]
    return Perplexity(
        per_token=exp(surprise / sum(likely.tokens for likely in found.values())),
        per_byte=exp(surprise / sum(likely.text_bytes for likely in found.values())),
        cases=len(found),
        ex_correlation=correlation(
            [passed for _, passed in judged],
            [likely.logprob / likely.text_bytes for likely, _ in judged],
        ),
    )


def _pairings(tallies: dict[str, _Tally]) -> tuple[Pairing, ...]:
    """Every model but the first against it."""
    if not tallies:
        return ()
    (first, before), *others = tallies.items()
    return tuple(pair(first, before.results, after.results) for _, after in others)


def _unknown(label: str) -> ModelInfo:
    """A model whose process died before it could say more."""
    backend, _, variant = label.partition(":")
    return ModelInfo(label, backend, variant)
