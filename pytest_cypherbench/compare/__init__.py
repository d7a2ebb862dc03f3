"""Two executions to a verdict: when results are the same, and what a reference says about that.

Knows nothing of models, prompts, databases or pytest; pure functions.
"""

from __future__ import annotations

from pytest_cypherbench.compare.reading import Reading, read_reference
from pytest_cypherbench.compare.undetermined import undetermined
from pytest_cypherbench.compare.verdict import judge

__all__ = ["Reading", "judge", "read_reference", "undetermined"]
