"""One HTTP server asked with patience: retries, waits, refusals in one line, and no redirects.

Knows nothing of prompts or of what an answer holds. The key travels in one header and nowhere else;
what a server says is masked before it is repeated. Does not protect from a server that keeps it.
"""

from __future__ import annotations

import asyncio
import json
import math
import random
from dataclasses import dataclass
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from ssl import PROTOCOL_TLS_CLIENT, SSLContext
from time import perf_counter
from typing import TYPE_CHECKING, Any, TypeVar
from urllib.parse import urlsplit

import httpx

from pytest_cypherbench.errors import BackendError, CypherbenchError, UserError

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable

    from pytest_cypherbench.backends.endpoints.address import Address

T = TypeVar("T")
_KEY = "OPENAI_API_KEY"
_BUSY = frozenset({408, 425, 429, 500, 502, 503, 504, 529})
_UNREACHED = (httpx.ConnectError, httpx.ConnectTimeout)
_CONNECT_SECONDS = 10.0
_REASON_BYTES = 64 * 2**10
_REASON_CHARS = 300
_MASKED_FROM = 8  # shorter ones are placeholders such as EMPTY, and may be words of an answer


class PassingError(Exception):
    """Trouble that the next try may not meet; ``wait``: the seconds that the server asks for."""

    def __init__(self, reason: str, *, wait: float = 0.0, reached: bool = True) -> None:
        super().__init__(reason)
        self.wait = wait
        self.reached = reached


class RefusedError(BackendError):
    """A request that the server will never answer, however often it is sent."""


class AbsentError(UserError):
    """What was asked for is not there: the model, or the whole path."""


@dataclass(frozen=True, slots=True)
class Patience:
    """How often a request is sent, and the shortest and longest wait between two of them."""

    tries: int = 6
    first_seconds: float = 0.5
    longest_seconds: float = 60.0

    def wait(self, failures: int, asked: float) -> float:
        """Seconds before the next try: what the server asks for, and a share of a doubling time by
        chance, so that many who were refused together do not come back together."""
        own: float = self.first_seconds * 2 ** (failures - 1) * random.uniform(0.5, 1)  # noqa: S311
        return min(self.longest_seconds, asked + own)


class Endpoint:
    """A server and the key for it. Several requests may be under way at the same time."""

    def __init__(self, address: Address, label: str, key: str | None) -> None:
        if key and not (key.isascii() and key.isprintable() and key == key.strip()):
            raise UserError(f"{_KEY} holds what no key does (blanks, line ends)", fix="set it anew")
        self._address = address
        self._label = label
        self._key = key or ""
        self._client = httpx.AsyncClient(
            headers={"Accept-Encoding": "identity"}
            | ({"Authorization": f"Bearer {key}"} if key else {}),
            # How long an answer may take is for who asks; proxies are for servers elsewhere.
            timeout=httpx.Timeout(None, connect=_CONNECT_SECONDS),
            limits=httpx.Limits(max_connections=None),
            follow_redirects=False,
            # To read the certificates of this machine takes long, and plain HTTP needs none.
            verify=True if address.url.startswith("https") else SSLContext(PROTOCOL_TLS_CLIENT),
            trust_env=not address.is_loopback,
        )

    async def ask(
        self,
        path: str,
        body: object | None,
        read: Callable[[httpx.Response, float], Awaitable[T]],
        patience: Patience,
    ) -> T:
        """What ``read`` makes of the response to POST (GET without a body), and of the time when it
        was sent: sent again until it passes.

        Raises UserError where no prompt can be answered, BackendError for this one alone.
        """
        for failures in range(1, patience.tries + 1):
            try:
                return await self._once(path, body, read)
            except PassingError as error:
                trouble = error
            if failures < patience.tries:
                await asyncio.sleep(patience.wait(failures, trouble.wait))
        said = self.masked(str(trouble))
        if not trouble.reached:
            raise UserError(
                f"--model {self._label} cannot be reached: {said}",
                fix="start the server, or correct the address",
            )
        raise BackendError(
            f"--model {self._label} {said} ({patience.tries} tries)", fix="its log may say why"
        )

    async def _once(
        self, path: str, body: object | None, read: Callable[[httpx.Response, float], Awaitable[T]]
    ) -> T:
        url = self._address.url + path
        method = "GET" if body is None else "POST"
        started = perf_counter()
        try:
            async with self._client.stream(method, url, json=body) as response:
                if not response.is_success:
                    raise await self._refusal(response)
                return await read(response, started)
        except RefusedError as error:
            said = self.masked(error.cause)
            raise RefusedError(f"--model {self._label} {said}", fix=error.fix) from error
        except httpx.TransportError as error:
            reason = ascii(str(error)[:_REASON_CHARS])[1:-1] or type(error).__name__
            reached = not isinstance(error, _UNREACHED)
            broke = "broke the connection: " if reached else ""
            raise PassingError(broke + reason, reached=reached) from error

    async def close(self) -> None:
        """Close every connection."""
        await self._client.aclose()

    def masked(self, text: str) -> str:
        """The text without the key, which a server may repeat."""
        return text.replace(self._key, "***") if len(self._key) >= _MASKED_FROM else text

    async def _refusal(self, response: httpx.Response) -> CypherbenchError | PassingError:
        """What a status other than 2xx means."""
        status = response.status_code
        if response.is_redirect:
            host = ascii(urlsplit(response.headers["location"]).hostname or "itself")[1:-1]
            return UserError(
                f"--model {self._label} redirects to {host[:100]}, which is not followed",
                fix="give the address where it answers itself",
            )
        said = f"answers {status}: {self.masked(await _reason(response))}"
        if status in {401, 403}:
            wrong = "does not take the key" if self._key else "asks for a key"
            return UserError(f"--model {self._label} {wrong} ({status})", fix=f"set {_KEY}")
        if status == 404:  # noqa: PLR2004 the number is its name
            return AbsentError(
                f"--model {self._label} {said}",
                fix="NAME must be one of the server's models, and URL usually ends in /v1",
            )
        if status in _BUSY:
            return PassingError(said, wait=_retry_after(response.headers.get("retry-after", "")))
        return RefusedError(said)


def reason_in(found: object) -> str:
    """The message of an error object, in any of the shapes that servers use; "" if it is none."""
    while isinstance(found, dict):
        named = [found[name] for name in ("error", "message", "detail") if found.get(name)]
        found = named[0] if named else ""
    text = found if isinstance(found, str) else json.dumps(found)
    return ascii(" ".join(text.split())[:_REASON_CHARS])[1:-1]


async def _reason(response: httpx.Response) -> str:
    data = b""
    async for chunk in response.aiter_raw():
        data += chunk
        if len(data) > _REASON_BYTES:
            break
    found: Any
    try:
        found = json.loads(data)
    except (ValueError, RecursionError):
        found = data[:_REASON_CHARS].decode("ascii", "replace")
    return reason_in(found) or response.reason_phrase or "no reason given"


def _retry_after(header: str) -> float:
    """Seconds from a number or a date (RFC 9110, 10.2.3); 0 for anything else."""
    try:
        seconds = float(header)
    except ValueError:
        try:
            until = parsedate_to_datetime(header)
        except ValueError:
            return 0.0
        seconds = (until.replace(tzinfo=until.tzinfo or UTC) - datetime.now(UTC)).total_seconds()
    return max(0.0, seconds) if math.isfinite(seconds) else 0.0
