"""The top-level `cypherbench` block of pytest-benchmark's JSON.

Knows nothing of pytest-benchmark: it is given the JSON as it stands.
"""

from __future__ import annotations

import platform
from dataclasses import asdict
from typing import TYPE_CHECKING, Any

import psutil

from pytest_cypherbench import __version__
from pytest_cypherbench.records import FORMAT, record_to_json

if TYPE_CHECKING:
    from collections.abc import Iterable

    from pytest_cypherbench.flow import Record
    from pytest_cypherbench.reports.summary import ModelSummary, Rate, Summary
    from pytest_cypherbench.settings import Settings


def summary_block(
    summary: Summary,
    settings: Settings,
    untimed: Iterable[Record],
    *,
    prompt_sha256: str,
    examples: str | None,
    commit: object,
) -> dict[str, Any]:
    """Everything that a comparison needs to know of the run; ``untimed`` are the records that have
    no entry among pytest-benchmark's (under xdist: all). ``commit`` is pytest-benchmark's."""
    records = [record_to_json(record) for record in untimed]
    timed = len(records) < sum(sum(model.outcomes.values()) for model in summary.models)
    return {
        "format": FORMAT,
        "version": __version__,
        "git": commit,
        "engines": list(summary.engines),
        "dataset": {"sha256": summary.dataset_sha256, "cases": summary.cases},
        "graph_variants": settings.graph_variants,
        "prompt": {"name": settings.prompt, "sha256": prompt_sha256, "examples": examples},
        "sampling": {
            "max_tokens": settings.max_tokens,
            "temperature": settings.temperature,
            "seed": settings.seed,
            "rounds": settings.rounds,
            "samples": settings.answers.samples,
            "constrain": settings.constrain,
        },
        "latency": {
            "batch": settings.answers.batch_size,
            "window": settings.answers.window,
            "workers": max(settings.workers, 1),
            "clock": "pytest-benchmark" if timed else "backend",
        },
        "machine": _machine(),
        "models": [_model(model) for model in summary.models],
        "pairings": [asdict(pairing) for pairing in summary.pairings],
        "untimed": records,
    }


def _machine() -> dict[str, Any]:
    return {
        "system": platform.system(),
        "machine": platform.machine(),
        "processor": platform.processor(),
        "cores": psutil.cpu_count(logical=True),
        "memory_bytes": psutil.virtual_memory().total,
        "python": platform.python_version(),
    }


def _model(model: ModelSummary) -> dict[str, Any]:
    return {
        **asdict(model),
        "ex": _rate(model.ex),
        "by_tag": _rates(model.by_tag),
        "by_difficulty": _rates(model.by_difficulty),
        "by_language": _rates(model.by_language),
    }


def _rates(rates: dict[str, Rate]) -> dict[str, Any]:
    return {name: _rate(rate) for name, rate in rates.items()}


def _rate(rate: Rate) -> dict[str, Any]:
    low, high = rate.interval
    return {"hits": rate.hits, "total": rate.total, "value": rate.value, "low": low, "high": high}
