"""Waiting for work so long and no longer."""

from __future__ import annotations

import threading

import pytest

from pytest_cypherbench.graphs.patience import OverrunError, Patience


def test_one_thread_serves_all() -> None:
    """Answers come in the order of the questions, from one thread that is kept."""
    patience: Patience[tuple[int, int]] = Patience()
    answers = [
        patience.call(lambda n=n: (n, threading.get_ident()), 5)  # type: ignore[misc]
        for n in range(20)
    ]
    assert [n for n, _ in answers] == list(range(20))
    assert len({thread for _, thread in answers}) == 1
    patience.close()


def test_what_the_work_raises_is_raised_here() -> None:
    """The caller sees the error; the next call works."""
    patience: Patience[float] = Patience()
    with pytest.raises(ZeroDivisionError):
        patience.call(lambda: 1 / 0, 5)
    assert patience.call(lambda: 2.0, 5) == 2


def test_a_late_answer_is_nobodys() -> None:
    """Work that overran is left to its thread; what it answers later is not the next one's."""
    patience: Patience[str] = Patience()
    go_on = threading.Event()
    with pytest.raises(OverrunError):
        patience.call(lambda: str(go_on.wait()) and "late", 0.05)
    go_on.set()
    assert patience.call(lambda: "in time", 5) == "in time"
    patience.close()


def test_threads_end() -> None:
    """Neither a closed nor an abandoned thread stays."""
    before = set(threading.enumerate())
    patience: Patience[bool] = Patience()
    go_on = threading.Event()
    with pytest.raises(OverrunError):
        patience.call(go_on.wait, 0.05)
    patience.call(lambda: True, 5)
    started = set(threading.enumerate()) - before
    assert len(started) == 2
    patience.close()
    go_on.set()
    for thread in started:
        thread.join(5)
    assert not any(thread.is_alive() for thread in started)
