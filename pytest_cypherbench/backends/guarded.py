"""A backend opened, asked and closed so that its faults end in one line that names it.

Knows nothing of models or prompts. Does not protect from a backend that ends the process itself,
nor, outside the main thread, from one that never answers.
"""

from __future__ import annotations

import math
import os
import signal
import threading
import traceback
from collections import deque
from collections.abc import Generator
from contextlib import contextmanager
from itertools import islice
from pathlib import Path
from typing import TYPE_CHECKING, TypeAlias, cast

from pytest_cypherbench.backends import BACKENDS, Backend
from pytest_cypherbench.errors import BackendError, CypherbenchError, UserError
from pytest_cypherbench.flow import Generation, Likelihood

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Sequence
    from concurrent.futures import Future

    from pytest_cypherbench.backends import Batching, Concurrent, ModelSpec, Scoring
    from pytest_cypherbench.flow import Prompt, Sampling

# In the order of their prompts; what went wrong with one stands in its place.
Answers: TypeAlias = Generator[Generation | CypherbenchError, None, None]
_REASON_CHARS = 300
# How much longer a call into a library may ignore the alarm before the process is ended.
GRACE_SECONDS = 30.0
_DOC = "see docs/backends.md for what a backend promises"


class _OverdueError(BaseException):
    """The alarm; no Exception, so that a backend that catches these does not stop it."""


def open_backend(spec: ModelSpec) -> Backend:
    """The backend that a model names, loaded. Raises UserError where that fails."""
    make = cast("Callable[[ModelSpec], Backend]", BACKENDS.load(spec.info.backend))
    try:
        return make(spec)
    except CypherbenchError:
        raise
    except Exception as error:
        raise UserError(f"--model {spec.info.label} cannot be opened: {_what(error)}") from error


def must_constrain(spec: ModelSpec) -> None:
    """Raise UserError for a model whose backend cannot keep to a grammar; nothing is loaded."""
    if not getattr(BACKENDS.load(spec.info.backend), "constrains", False):
        raise UserError(
            f"--constrain is not supported by the backend {spec.info.backend} (--model "
            f"{spec.info.label})",
            fix="leave it out, or choose gguf, hf, onnx or openvino",
        )


def ask(
    backend: Backend,
    prompt: Prompt,
    sampling: Sampling,
    *,
    seconds: float,
    say: Callable[[str], None],
) -> Generation:
    """One answer. Raises BackendError for a backend that fails or returns something else,
    UserError for one that gives none within ``seconds`` (0: no limit), for it cannot be trusted
    with another prompt."""
    late = f"--model {backend.info.label} gave no answer within {seconds:g} s"
    try:
        with _alarm(seconds, lambda: say(f"ERROR: {late} and cannot be interrupted")):
            found: object = backend.generate(prompt, sampling)
    except _OverdueError:
        raise UserError(
            late, fix="look at the backend, or give it longer with --generation-timeout"
        ) from None
    except CypherbenchError:
        raise
    except (Exception, SystemExit) as error:
        raise BackendError(f"--model {backend.info.label} failed: {_what(error)}") from error
    if fault := unsound(found):
        raise BackendError(f"--model {backend.info.label} returned {fault}", fix=_DOC)
    return cast("Generation", found)


def score(backend: Scoring, prompt: Prompt, text: str) -> Likelihood:
    """How likely a model is to write a text. Raises BackendError for a backend that fails or
    returns something else."""
    label = backend.info.label
    try:
        found: object = backend.score(prompt, text)
    except CypherbenchError:
        raise
    except (Exception, SystemExit) as error:
        raise BackendError(f"--model {label} failed: {_what(error)}") from error
    if not isinstance(found, Likelihood) or not math.isfinite(found.logprob):
        raise BackendError(f"--model {label} returned no likelihood of a text", fix=_DOC)
    return found


def ask_all(
    backend: Concurrent, prompts: Iterable[Prompt], sampling: Sampling, *, window: int
) -> Answers:
    """The answers in the order of the prompts, with so many under way at a time; what goes wrong
    with one stands in its place. A prompt is read when its turn to be sent comes; to close the
    iterator ends what is under way."""
    ahead = iter(prompts)
    begun = deque(backend.submit(prompt, sampling) for prompt in islice(ahead, window))
    try:
        while begun:
            answer = _outcome(backend, begun.popleft())
            begun += [backend.submit(prompt, sampling) for prompt in islice(ahead, 1)]
            yield answer
    finally:
        for future in begun:
            future.cancel()


def ask_batches(
    backend: Batching, prompts: Iterable[Prompt], sampling: Sampling, *, size: int
) -> Answers:
    """The answers in the order of the prompts, so many at a time. A batch with which something goes
    wrong is asked again one by one, so that only what is wrong with a prompt is in its place."""
    ahead = iter(prompts)
    while batch := tuple(islice(ahead, size)):
        found = _batch(backend, batch, sampling)
        if len(batch) > 1 and any(isinstance(one, CypherbenchError) for one in found):
            found = [answer for one in batch for answer in _batch(backend, (one,), sampling)]
        yield from found


def _batch(
    backend: Batching, batch: tuple[Prompt, ...], sampling: Sampling
) -> Sequence[Generation | CypherbenchError]:
    label = backend.info.label
    try:
        found = backend.generate_many(batch, sampling)
    except CypherbenchError as error:
        return [error] * len(batch)
    except Exception as error:  # noqa: BLE001 it is this batch's
        return [BackendError(f"--model {label} failed: {_what(error)}")] * len(batch)
    fault = next(filter(None, map(unsound, found)), "")
    if len(found) != len(batch):
        fault = f"{len(found)} answers to {len(batch)} prompts"
    if fault:
        return [BackendError(f"--model {label} returned {fault}", fix=_DOC)] * len(batch)
    return found


def _outcome(backend: Backend, future: Future[Generation]) -> Generation | CypherbenchError:
    label = backend.info.label
    try:
        found = future.result()
    except CypherbenchError as error:
        return error
    except Exception as error:  # noqa: BLE001 it is this prompt's
        return BackendError(f"--model {label} failed: {_what(error)}")
    if fault := unsound(found):
        return BackendError(f"--model {label} returned {fault}", fix=_DOC)
    return found


def shut(backend: Backend) -> None:
    """Free a model. Raises BackendError where that fails."""
    try:
        backend.close()
    except CypherbenchError:
        raise
    except (Exception, SystemExit) as error:
        label = backend.info.label
        raise BackendError(f"--model {label} failed when closed: {_what(error)}") from error


def unsound(found: object) -> str:
    """What is wrong with a generation; "" if nothing is."""
    if not isinstance(found, Generation):
        return f"{type(found).__name__} instead of a Generation"
    if not isinstance(cast("object", found.text), str):
        return f"a Generation whose text is {type(found.text).__name__} instead of str"
    counts = (found.prompt_tokens, found.output_tokens)
    times = (found.seconds, found.first_token_seconds or 0.0)
    if any(count is not None and type(count) is not int for count in counts):
        return "a Generation whose tokens are no int"
    if not all(
        isinstance(time, int | float) and math.isfinite(time) and time >= 0 for time in times
    ):
        return "a Generation whose times are no seconds"
    return "" if found.finish in {"stop", "length"} else "a Generation with an unknown finish"


def _what(error: BaseException) -> str:
    """Type, first line and place of an error, for one line of a terminal."""
    frames = traceback.extract_tb(error.__traceback__)
    place = f" ({Path(frames[-1].filename).name}:{frames[-1].lineno})" if frames else ""
    text = ascii(str(error).partition("\n")[0][:_REASON_CHARS])[1:-1]
    return f"{type(error).__name__}: {text}{place}"


@contextmanager
def _alarm(seconds: float, last_words: Callable[[], None]) -> Iterator[None]:
    """Raise ``_OverdueError`` in the code below after ``seconds``; end the process where a library
    still does not return. The journal is whole then, and who started a database ends it.

    Signals reach the main thread alone; an alarm that somebody else has set is left alone."""
    watched = threading.current_thread() is threading.main_thread()
    if not seconds or not watched or signal.getitimer(signal.ITIMER_REAL)[0]:
        yield
        return

    def ring(*_: object) -> None:
        raise _OverdueError

    def end() -> None:
        last_words()
        os._exit(4)

    before = signal.signal(signal.SIGALRM, ring)
    timer = threading.Timer(seconds + GRACE_SECONDS, end)
    timer.daemon = True
    timer.start()
    signal.setitimer(signal.ITIMER_REAL, seconds)
    try:
        yield
    finally:
        signal.setitimer(signal.ITIMER_REAL, 0)
        timer.cancel()
        signal.signal(signal.SIGALRM, before)
