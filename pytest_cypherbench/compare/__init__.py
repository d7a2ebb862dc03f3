"""Two executions to a verdict: when results are the same, and what a reference says about that.

Knows nothing of models, prompts, databases or pytest; pure functions.
"""

from __future__ import annotations

from pytest_cypherbench.compare.accepted import each_reference, judge_any
from pytest_cypherbench.compare.luck import judge_on_copies
from pytest_cypherbench.compare.reading import Reading, read_reference
from pytest_cypherbench.compare.undetermined import undetermined
from pytest_cypherbench.compare.verdict import judge

__all__ = [
    "Reading",
    "each_reference",
    "judge",
    "judge_any",
    "judge_on_copies",
    "read_reference",
    "undetermined",
]
