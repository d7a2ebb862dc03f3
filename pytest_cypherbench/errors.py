"""Four kinds of trouble, told apart because a run answers each in another way.

Knows nothing of pytest: plugin.py maps them to exit status 4, an error of one case, a retry.
"""

from __future__ import annotations


class CypherbenchError(Exception):
    """Cause and fix in one line, lower case, naming the flag where there is one."""

    def __init__(self, cause: str, *, fix: str = "") -> None:
        super().__init__(f"{cause}: {fix}" if fix else cause)
        self.cause = cause
        self.fix = fix


class UserError(CypherbenchError):
    """The user asked for something that cannot be: the run does not start (exit status 4)."""


class SuiteError(CypherbenchError):
    """The data set is wrong: an error of that case alone, never a model's failure."""


class EngineError(CypherbenchError):
    """The database failed, not the query: retried, then an error, never a model's failure."""


class BackendError(CypherbenchError):
    """The backend failed, not the model: an error of that case alone, never a model's failure."""


def missing_extra(extra: str, needed_for: str) -> UserError:
    """The one wording for a library that is not installed."""
    return UserError(
        f"{needed_for} needs the extra '{extra}'", fix=f"pip install 'pytest-cypherbench[{extra}]'"
    )
