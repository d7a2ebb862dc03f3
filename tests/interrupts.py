"""Ctrl-C in the middle of something."""

from __future__ import annotations

import signal
from typing import TYPE_CHECKING, NoReturn

import pytest

if TYPE_CHECKING:
    from collections.abc import Callable


def interrupt_after(seconds: float, work: Callable[[], object]) -> None:
    """Work that must end by the KeyboardInterrupt that comes after ``seconds``.

    No context manager: a busy machine may let that pass before the body is reached, and what is
    raised outside ends the whole run.
    """

    def interrupt(*_: object) -> NoReturn:
        raise KeyboardInterrupt

    previous = signal.signal(signal.SIGALRM, interrupt)
    try:
        with pytest.raises(KeyboardInterrupt):
            signal.setitimer(signal.ITIMER_REAL, seconds)
            work()
    finally:
        signal.setitimer(signal.ITIMER_REAL, 0)
        signal.signal(signal.SIGALRM, previous)
