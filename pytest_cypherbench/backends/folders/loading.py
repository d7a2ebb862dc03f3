"""What libraries raise while they load a model, as one line with a way out.

Knows nothing of models or of any one library.
"""

from __future__ import annotations

from contextlib import contextmanager
from typing import TYPE_CHECKING

from pytest_cypherbench.errors import UserError

if TYPE_CHECKING:
    from collections.abc import Iterator

_NO_MEMORY = (
    "out of memory",
    "allocate memory",
    "not enough memory",
    "bad_alloc",
    "bad allocation",
)


@contextmanager
def loading(label: str, device: str) -> Iterator[None]:
    """Load a model of that label within; whatever is raised becomes UserError."""
    try:
        yield
    except UserError:
        raise
    except Exception as error:  # many libraries, each fails in its own way
        reason = " ".join(str(error).split())[:300] or type(error).__name__
        full = isinstance(error, MemoryError) or any(sign in reason.lower() for sign in _NO_MEMORY)
        raise UserError(
            f"--model {label} cannot be loaded on {device}: {reason}",
            fix="choose a smaller variant" if full else "choose another variant or another model",
        ) from error
