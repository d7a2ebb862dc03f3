"""Backend for any OpenAI-compatible server (vLLM, llama-server, Ollama, TGI …), streamed.

Knows nothing of cases, databases, or of how a request is sent again. What the server computes is
its own: whether a text depends on what else it was asked at the time cannot be seen from here.
"""

from __future__ import annotations

import asyncio
from dataclasses import replace
from typing import TYPE_CHECKING

from httpx import __version__ as httpx_version

from pytest_cypherbench.backends.endpoints.address import read_address
from pytest_cypherbench.backends.endpoints.client import (
    AbsentError,
    Endpoint,
    Patience,
    RefusedError,
)
from pytest_cypherbench.backends.endpoints.format import Answer, described, request
from pytest_cypherbench.backends.endpoints.loop import Background
from pytest_cypherbench.backends.endpoints.stream import read_objects
from pytest_cypherbench.errors import BackendError, UserError

if TYPE_CHECKING:
    from concurrent.futures import Future

    from httpx import Response

    from pytest_cypherbench.backends import ModelSpec
    from pytest_cypherbench.backends.endpoints.stream import Json
    from pytest_cypherbench.flow import Generation, Prompt, Sampling

_PATIENCE = Patience()
_OPENING_TRIES = 3
_OPENING_SECONDS = 30.0
# Of the time for an answer: a connection can be dropped, so a late answer is an error of its case
# before it is the end of the run.
_SHARE = 0.95
# An event with a token takes some 300 bytes: what is longer than this is no answer.
_BYTES, _BYTES_PER_TOKEN = 2**20, 2**12


class OpenAI:
    """A model that a server answers for; ``submit`` has several answers under way."""

    def __init__(self, spec: ModelSpec, patience: Patience = _PATIENCE) -> None:
        self.info = replace(spec.info, runtime=f"httpx {httpx_version}")
        self._address = read_address(spec.info.variant)
        self._seconds = spec.answer_seconds and spec.answer_seconds * _SHARE
        self._patience = patience
        self._counts = True  # until the server refuses to be asked for counts
        self._endpoint = Endpoint(self._address, spec.info.label, spec.api_key)
        self._background = Background("cypherbench-openai")
        try:
            self._background.finish(self._look())
        except BaseException as error:
            self.close()
            if isinstance(error, BackendError):
                raise UserError(error.cause, fix=error.fix) from error
            raise

    def generate(self, prompt: Prompt, sampling: Sampling) -> Generation:
        """Answer one prompt. ``seconds`` is the time of the try that succeeded, without waits."""
        return self._background.finish(self._answer(prompt, sampling))

    def submit(self, prompt: Prompt, sampling: Sampling) -> Future[Generation]:
        """Begin to answer a prompt; to cancel the future closes its connection."""
        return self._background.begin(self._answer(prompt, sampling))

    def close(self) -> None:
        """Close every connection; harmless when called twice."""
        self._background.close(self._endpoint.close)

    async def _look(self) -> None:
        """Learn what the server says of the model; some say nothing."""
        patience = replace(self._patience, tries=min(self._patience.tries, _OPENING_TRIES))
        try:
            async with asyncio.timeout(_OPENING_SECONDS):
                listing = await self._endpoint.ask("/models", None, _listing, patience)
        except TimeoutError:
            raise BackendError(
                f"--model {self.info.label} gave no answer within {_OPENING_SECONDS:g} s",
                fix="look at the server",
            ) from None
        except (AbsentError, RefusedError):
            return
        self.info = described(self.info, self._address.model, listing)

    async def _answer(self, prompt: Prompt, sampling: Sampling) -> Generation:
        try:
            async with asyncio.timeout(self._seconds):
                return await self._counted(prompt, sampling)
        except TimeoutError:
            raise BackendError(
                f"--model {self.info.label} gave no answer within {self._seconds:g} s",
                fix="look at the server, or give it longer with --generation-timeout",
            ) from None

    async def _counted(self, prompt: Prompt, sampling: Sampling) -> Generation:
        """With counts of tokens, from a server that takes the request for them."""
        counts = self._counts
        try:
            return await self._sent(prompt, sampling, counts=counts)
        except RefusedError as error:
            if not counts or "stream_options" not in error.cause:
                raise
        self._counts = False
        return await self._sent(prompt, sampling, counts=False)

    async def _sent(self, prompt: Prompt, sampling: Sampling, *, counts: bool) -> Generation:
        path, body = request(self._address.model, prompt.messages, sampling, counts=counts)
        limit = _BYTES + _BYTES_PER_TOKEN * sampling.max_tokens

        async def read(response: Response, started: float) -> Generation:
            answer = Answer(started)
            async for event in read_objects(response, limit):
                answer.take(event)
            return answer.whole()

        got = await self._endpoint.ask(path, body, read, self._patience)
        return replace(got, text=self._endpoint.masked(got.text))


async def _listing(response: Response, _: float) -> Json:
    merged: Json = {}
    async for found in read_objects(response, _BYTES):
        merged |= found
    return merged
