"""A server's answer as JSON objects: one body, or server-sent events, never more than a limit.

Knows nothing of what the objects mean. Does not protect from an answer that trickles: who reads
sets the time.
"""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any, TypeAlias

from pytest_cypherbench.backends.endpoints.client import PassingError, RefusedError

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

    from httpx import Response

Json: TypeAlias = dict[str, Any]

_DONE = "[DONE]"


async def read_objects(response: Response, limit: int) -> AsyncIterator[Json]:
    """The objects of an answer of at most ``limit`` bytes, each as soon as it is there.

    Raises PassingError for JSON that is broken, RefusedError for what is neither kind of answer.
    """
    kind = response.headers.get("content-type", "").partition(";")[0].strip().lower()
    if kind == "text/event-stream":
        async for data in _events(response, limit):
            if data == _DONE:
                return
            yield _object(data)
    elif kind == "application/json":
        yield _object(b"".join([chunk async for chunk in _chunks(response, limit)]))
    else:
        raise RefusedError(
            f"answers with {kind[:60]!a} instead of JSON or events",
            fix="check the address: it usually ends in /v1",
        )


async def _events(response: Response, limit: int) -> AsyncIterator[str]:
    """The data of every event; comments, which keep a connection open, hold none."""
    data: list[str] = []
    async for line in _lines(response, limit):
        name, _, value = line.partition(":")
        if name == "data":
            data.append(value.removeprefix(" "))
        elif not line and data:
            yield "\n".join(data)
            data = []
    if data:  # a server that ends without the last blank line
        yield "\n".join(data)


async def _lines(response: Response, limit: int) -> AsyncIterator[str]:
    rest = b""
    async for chunk in _chunks(response, limit):
        *lines, rest = (rest + chunk).replace(b"\r\n", b"\n").split(b"\n")
        for line in lines:
            yield line.decode("utf-8", "replace")
    yield rest.decode("utf-8", "replace")


async def _chunks(response: Response, limit: int) -> AsyncIterator[bytes]:
    """Bytes as they arrive: a chunk that is larger than the limit is never held as a whole."""
    if response.headers.get("content-encoding", "identity") != "identity":
        raise RefusedError("sends a compressed answer, which was not asked for")
    size = 0
    async for chunk in response.aiter_raw():
        size += len(chunk)
        if size > limit:
            raise RefusedError(f"sends more than {limit:,} bytes for one answer")
        yield chunk


def _object(text: str | bytes) -> Json:
    try:
        found = json.loads(text)
    except (ValueError, RecursionError):
        found = None
    if not isinstance(found, dict):
        raise PassingError("sent broken JSON")
    return found
