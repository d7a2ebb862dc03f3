"""``NAME@URL``: a model and the OpenAI-compatible server that answers for it.

Knows nothing of HTTP. Refuses an address that holds a password, and never repeats it.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from ipaddress import ip_address
from urllib.parse import urlsplit

from pytest_cypherbench.errors import UserError

_PARTS = re.compile(r"(?P<model>[^@].*?)@(?P<url>https?://[!-~]+)", re.IGNORECASE)
_FORM = "write openai:NAME@URL, such as openai:qwen@http://127.0.0.1:8000/v1"


@dataclass(frozen=True, slots=True)
class Address:
    """``model`` as the server calls it; ``url`` up to and without the slash before ``/models``."""

    model: str
    url: str

    @property
    def is_loopback(self) -> bool:
        """Whether the server is on this machine, where no proxy can reach it for us."""
        host = urlsplit(self.url).hostname or ""
        if host == "localhost" or host.endswith(".localhost"):
            return True
        try:
            ip = ip_address(host)
        except ValueError:
            return False
        ip = getattr(ip, "ipv4_mapped", None) or ip
        return ip.is_loopback or ip.is_unspecified


def read_address(variant: str) -> Address:
    """Read what stands behind ``openai:``. Raises UserError.

    No error repeats the text: it may hold a password in a place where none is expected.
    """
    found = _PARTS.fullmatch(variant)
    if not found:
        raise UserError("a --model openai:… without NAME@URL", fix=_FORM)
    model, url = found["model"], found["url"].rstrip("/")
    try:
        parts = urlsplit(url)
        host, _ = parts.hostname, parts.port
    except ValueError:
        host = None
    if not host or "\\" in url:
        raise UserError(f"--model openai:{model}@… names no host, or no port", fix=_FORM)
    if "@" in parts.netloc:
        raise UserError(
            f"--model openai:{model}@… holds a user or a password in its address",
            fix="labels are recorded: leave it out and set OPENAI_API_KEY",
        )
    if parts.query or parts.fragment or "?" in url or "#" in url:
        raise UserError(
            f"--model openai:{model}@… has something after its path",
            fix="an address ends in its path, such as /v1; a key belongs in OPENAI_API_KEY",
        )
    return Address(model, url)
