"""Libraries that load and convert models, kept silent: what is wrong becomes one line of ours.

Knows nothing of models.
"""

from __future__ import annotations

import io
import logging
import warnings
from contextlib import contextmanager, redirect_stderr, redirect_stdout
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator


@contextmanager
def silence() -> Iterator[None]:
    """No bars, warnings or advice of transformers and what it loads."""
    from transformers import logging as advice

    before, level = logging.root.manager.disable, advice.get_verbosity()
    logging.disable(logging.CRITICAL)
    advice.set_verbosity_error()  # OpenVINO's exporter switches all logging on again
    advice.disable_progress_bar()
    try:
        with (
            warnings.catch_warnings(),
            redirect_stdout(io.StringIO()),
            redirect_stderr(io.StringIO()),
        ):
            warnings.simplefilter("ignore")
            yield
    finally:
        advice.set_verbosity(level)
        logging.disable(before)
