"""Benchmarks print their figures at the end of the run, whether output is captured or not."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

FIGURE = "figure"


@pytest.fixture
def figure(request: pytest.FixtureRequest) -> Callable[[str], None]:
    """Call it with a line to print; ratios are of things measured in the same run."""

    def note(line: str) -> None:
        # Travels with the report, also from a worker.
        request.node.user_properties.append((FIGURE, f"{request.node.name}: {line}"))

    return note


def pytest_terminal_summary(terminalreporter: Any) -> None:
    """Print what the benchmarks noted."""
    reports = [one for found in terminalreporter.stats.values() for one in found]
    lines = [
        value
        for report in reports
        if getattr(report, "when", "") == "call"
        for name, value in report.user_properties
        if name == FIGURE
    ]
    if lines:
        terminalreporter.section("figures")
        for line in lines:
            terminalreporter.write_line(line)
