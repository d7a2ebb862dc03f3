"""The summary in the terminal: one table, one verdict line a model.

Knows nothing of pytest: it returns lines. Colour is the caller's and never the only sign.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from pytest_cypherbench.flow import Outcome
from pytest_cypherbench.reports.text import one_line

if TYPE_CHECKING:
    from pytest_cypherbench.reports.summary import Description, ModelSummary, Rate, Summary

NONE = "–"


def header_lines(run: Description) -> list[str]:
    """What pytest prints at the top."""
    resumed = f", {run.resumed} records to resume from" if run.resumed else ""
    models = ", ".join(one_line(model) for model in run.models)
    return [
        f"cypherbench: {models}; candidate {run.candidate}; engine {run.engine}",
        f"prompt: {run.prompt}; journal: {run.journal}{resumed}",
        *([f"constrain: {run.constrain}"] if run.constrain else []),
        *([f"passes are judged again on {run.copies}"] if run.copies else []),
    ]


def summary_lines(summary: Summary, run: Description, *, verbose: bool = False) -> list[str]:
    """A column for every model; a row for every number; the verdict lines last. ``verbose``: EX by
    difficulty and language too."""
    models = summary.models
    labels = [one_line(model.info.label, 40) for model in models]
    rows: list[list[str]] = [["", *labels]]
    rows += [[name, *cells] for name, *cells in _figures(models)]
    rows += _against_first(summary)
    rows += _outcomes(models)
    if any(model.retried for model in models):
        rows.append(["  repaired", *(f"{model.repaired}/{model.retried}" for model in models)])
    rows += _rates("EX", [model.by_tag for model in models])
    if verbose:
        rows += _rates("EX difficulty", [model.by_difficulty for model in models])
        rows += _rates("EX language", [model.by_language for model in models])
    about = [
        f"engine   {'; '.join(summary.engines)}",
        f"cases    {summary.cases}, data set sha256 {summary.dataset_sha256[:12]}",
        f"prompt   {run.prompt}",
        f"latency  {run.latency}",
        f"journal  {run.journal}",
    ]
    for model in models:
        about.extend(_about(model))
    return [*_align(rows), *about, *(_verdict(model) for model in models)]


def _figures(models: tuple[ModelSummary, ...]) -> list[list[str]]:
    return [
        ["EX (95 % Wilson)", *(_long_rate(model.ex) for model in models)],
        *_pass_at(models),
        *_perplexity(models),
        ["row F1 (soft)", *(_number(model.row_f1) for model in models)],
        ["generation p50", *(seconds(model.generation_p50) for model in models)],
        ["generation p95", *(seconds(model.generation_p95) for model in models)],
        ["first token p50", *(seconds(model.first_token_p50) for model in models)],
        ["tokens/s", *(_number(model.tokens_per_second, 1) for model in models)],
        ["database p50", *(seconds(model.database_p50) for model in models)],
        ["peak RSS", *(size(model.peak_rss_bytes) for model in models)],
    ]


def _against_first(summary: Summary) -> list[list[str]]:
    """What the first model passes and another fails, and the other way round, case by case."""
    if not summary.pairings:
        return []
    first, *others = summary.models
    sizes = [_ratio(model.info.size_bytes, first.info.size_bytes) for model in others]
    pairings = summary.pairings
    return [
        ["vs the first:", "", *("" for _ in others)],
        ["  only this passes", "", *(str(len(pairing.gained)) for pairing in pairings)],
        ["  only the first passes", "", *(str(len(pairing.lost)) for pairing in pairings)],
        ["  McNemar p (exact)", "", *(f"{pairing.p_value:.3g}" for pairing in pairings)],
        ["  generation time", "", *(_times(pairing.slowdown) for pairing in pairings)],
        ["  file size", "", *(_times(size) for size in sizes)],
    ]


def _ratio(value: int | None, base: int | None) -> float | None:
    return value / base if value and base else None


def _times(ratio: float | None) -> str:
    return NONE if ratio is None else f"× {ratio:.2f}"


def _pass_at(models: tuple[ModelSummary, ...]) -> list[list[str]]:
    ks = sorted({k for model in models for k in model.pass_at})
    return [[f"pass@{k}", *(_share(model.pass_at.get(k)) for model in models)] for k in ks]


def _perplexity(models: tuple[ModelSummary, ...]) -> list[list[str]]:
    found = [model.perplexity for model in models]
    if not any(found):
        return []
    return [
        ["perplexity per token", *(_number(one.per_token if one else None, 2) for one in found)],
        ["perplexity per byte", *(_number(one.per_byte if one else None, 3) for one in found)],
        [
            "  correlation with EX",
            *(_number(one.ex_correlation if one else None, 2) for one in found),
        ],
    ]


def _share(value: float | None) -> str:
    return NONE if value is None else f"{value:.1%}"


def _outcomes(models: tuple[ModelSummary, ...]) -> list[list[str]]:
    rows = []
    for outcome in Outcome:
        if any(outcome in model.outcomes for model in models):
            rows.append(
                [f"  {outcome}", *(str(model.outcomes.get(outcome, 0)) for model in models)]
            )
        if outcome is Outcome.MISMATCH and any(model.lucky for model in models):
            rows.append(["    lucky", *(str(model.lucky) for model in models)])
    return rows


def _rates(title: str, found: list[dict[str, Rate]]) -> list[list[str]]:
    names = sorted({name for rates in found for name in rates})
    return [
        [f"  {title} {name}", *(_short_rate(rates.get(name)) for rates in found)] for name in names
    ]


def _about(model: ModelSummary) -> list[str]:
    info = model.info
    parts = [
        info.file or "",
        size(info.size_bytes) if info.size_bytes else "",
        f"sha256 {info.sha256[:12]}" if info.sha256 else "",
        info.runtime,
        *info.notes,
    ]
    text = ", ".join(one_line(part) for part in parts if part)
    return [f"model    {one_line(info.label, 60)}: {text}"] if text else []


def _verdict(model: ModelSummary) -> str:
    left_out = sum(model.outcomes.values()) - model.ex.total
    tail = f"; {left_out} not judged" if left_out else ""
    if model.empty:
        tail += f"; {model.empty} passed on an empty result"
    if model.unproved:
        tail += f"; {model.unproved} passed on too few altered copies"
    if model.cached:
        tail += f"; {model.cached} answers from the cache, not timed"
    what = "cases" if model.samples == 1 else "samples"
    label = one_line(model.info.label, 60)
    return f"{label}: {model.ex.hits} of {model.ex.total} {what} pass{tail}"


def _long_rate(rate: Rate) -> str:
    if rate.value is None:
        return NONE
    low, high = rate.interval
    return f"{rate.value:.1%} [{low:.1%}, {high:.1%}]"


def _short_rate(rate: Rate | None) -> str:
    return f"{rate.hits}/{rate.total}" if rate else NONE


def _number(value: float | None, digits: int = 3) -> str:
    return NONE if value is None else f"{value:.{digits}f}"


def seconds(value: float | None) -> str:
    """A time with three significant digits in s or ms."""
    if value is None:
        return NONE
    return f"{value * 1000:.3g} ms" if value < 1 else f"{value:.3g} s"


def size(value: int | None) -> str:
    """Bytes in MB (10^6)."""
    return NONE if value is None else f"{value / 1e6:.0f} MB"


def _align(rows: list[list[str]]) -> list[str]:
    widths = [max(map(len, column)) for column in zip(*rows, strict=True)]
    return [
        "  ".join(
            cell.ljust(width) if index == 0 else cell.rjust(width)
            for index, (cell, width) in enumerate(zip(row, widths, strict=True))
        ).rstrip()
        for row in rows
    ]
