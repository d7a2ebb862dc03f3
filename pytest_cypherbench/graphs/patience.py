"""Work that is waited for so long and no longer, in a thread that is kept for the next.

Knows nothing of what the work is. Does not end work that overruns: its thread is left to it.
"""

from __future__ import annotations

from queue import Empty, SimpleQueue
from threading import Thread
from typing import TYPE_CHECKING, Generic, TypeVar

if TYPE_CHECKING:
    from collections.abc import Callable

Answer = TypeVar("Answer")


class OverrunError(Exception):
    """Work outlived its time; it may still be going on."""


class Patience(Generic[Answer]):
    """Starting a thread for every query would cost more than many a query."""

    def __init__(self) -> None:
        self._tasks: SimpleQueue[Callable[[], Answer] | None] | None = None
        self._answers: SimpleQueue[Answer | Exception] = SimpleQueue()

    def call(self, work: Callable[[], Answer], seconds: float) -> Answer:
        """What ``work`` returns, or raises. Raises OverrunError after so many seconds."""
        if self._tasks is None:
            self._tasks, self._answers = SimpleQueue(), SimpleQueue()
            arguments = (self._tasks, self._answers)
            Thread(target=_serve, args=arguments, name="cypherbench-query", daemon=True).start()
        self._tasks.put(work)
        try:
            answer = self._answers.get(timeout=seconds)
        except BaseException as error:  # also Ctrl-C: an answer that comes now is to no question
            self.close()
            if isinstance(error, Empty):
                raise OverrunError from None
            raise
        if isinstance(answer, Exception):
            raise answer
        return answer

    def close(self) -> None:
        """Let the thread end, now or when its work does; the next call starts another."""
        if self._tasks is not None:
            self._tasks.put(None)
            self._tasks = None


def _serve(
    tasks: SimpleQueue[Callable[[], Answer] | None], answers: SimpleQueue[Answer | Exception]
) -> None:
    while (work := tasks.get()) is not None:
        try:
            answers.put(work())
        except Exception as error:  # noqa: BLE001 - raised again where it is waited for
            answers.put(error)
        del work  # holds nothing of the query while it waits
