"""Chat completions as OpenAI wrote them down and others speak them: what is sent, what comes back.

Knows nothing of HTTP. The reference: platform.openai.com/docs/api-reference/chat-streaming.
"""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from time import perf_counter
from typing import TYPE_CHECKING, Any

from pytest_cypherbench.backends.endpoints.client import PassingError, RefusedError, reason_in
from pytest_cypherbench.flow import Generation

if TYPE_CHECKING:
    from collections.abc import Sequence

    from pytest_cypherbench.backends.endpoints.stream import Json
    from pytest_cypherbench.flow import Message, ModelInfo, Sampling

_SEEDS = 2**31
_WORDS, _WORD_CHARS = ("owned_by", "root", "max_model_len"), 80
_NAMES_SHOWN = 5
# A fault that a server reports in the middle of an answer is the request's own with these codes.
_REFUSALS = range(400, 500)
_BUSY = 429


def request(
    model: str, messages: Sequence[Message], sampling: Sampling, *, counts: bool
) -> tuple[str, Json]:
    """Path and body: a raw text goes where no chat template touches it. ``counts``: ask for them.

    Above temperature 0 nothing but the temperature shapes the choice, as in the other backends.
    """
    body: Json = {
        "model": model,
        "max_tokens": sampling.max_tokens,
        "temperature": sampling.temperature,
        "seed": sampling.seed % _SEEDS,
        "stream": True,
    }
    if sampling.temperature > 0:
        body["top_p"] = 1.0
    if counts:
        body["stream_options"] = {"include_usage": True}
    if any(message.role == "raw" for message in messages):
        text = "".join(message.content for message in messages)
        return "/completions", body | {"prompt": text}
    spoken = [{"role": message.role, "content": message.content} for message in messages]
    return "/chat/completions", body | {"messages": spoken}


@dataclass(slots=True)
class Answer:
    """An answer that comes in pieces, or as a whole from a server that does not stream."""

    started: float
    _pieces: list[str] = field(default_factory=list)
    _first: float | None = None
    _finish: str = ""
    _usage: Json = field(default_factory=dict)

    def take(self, event: Json) -> None:
        """Add a piece. Raises PassingError or RefusedError for an error that the server reports."""
        if event.get("error") or event.get("object") == "error":
            raise _reported(event)
        usage, choices = event.get("usage"), event.get("choices")
        if isinstance(usage, dict):
            self._usage = usage
        if not isinstance(choices, list) or not all(isinstance(one, dict) for one in choices):
            raise PassingError("sent JSON that is no completion")
        for choice in choices[:1]:
            said = choice.get("delta") or choice.get("message") or choice
            text = said.get("content") or said.get("text") if isinstance(said, dict) else None
            if isinstance(text, str) and text:
                streamed = "delta" in choice or "message" not in choice
                self._first = self._first or (perf_counter() if streamed else None)
                self._pieces.append(text)
            self._finish = str(choice.get("finish_reason") or self._finish)

    def whole(self) -> Generation:
        """The generation. Raises PassingError for an answer without its end, which says why."""
        if not self._finish:
            raise PassingError("ended its answer in the middle" if self._pieces else "sent nothing")
        return Generation(
            text="".join(self._pieces),
            prompt_tokens=self._count("prompt_tokens"),
            output_tokens=self._count("completion_tokens"),
            seconds=perf_counter() - self.started,
            first_token_seconds=self._first and self._first - self.started,
            finish="length" if self._finish == "length" else "stop",
        )

    def _count(self, name: str) -> int | None:
        found = self._usage.get(name)
        return found if type(found) is int and found >= 0 else None


def described(info: ModelInfo, model: str, listing: Json) -> ModelInfo:
    """What the server's list of models adds: its words for this one, or that it is not there."""
    found: list[Any] = listing["data"] if isinstance(listing.get("data"), list) else []
    listed = {str(one.get("id")): one for one in found if isinstance(one, dict)}
    if model in listed:
        words = [f"{word} {listed[model][word]}" for word in _WORDS if listed[model].get(word)]
        told = ", ".join(ascii(word[:_WORD_CHARS])[1:-1] for word in words)
        return replace(info, runtime=f"{info.runtime}; the server says: {told or 'no more'}")
    if not listed:
        return info
    names = ", ".join(ascii(name[:_WORD_CHARS])[1:-1] for name in sorted(listed)[:_NAMES_SHOWN])
    return replace(info, notes=(*info.notes, f"the server lists no such name, but {names}"))


def _reported(event: Json) -> PassingError | RefusedError:
    error = event.get("error") or event
    code = str(error.get("code")) if isinstance(error, dict) else ""
    said = f"reports an error: {reason_in(event) or 'without a reason'}"
    refused = code.isdecimal() and int(code) in _REFUSALS and int(code) != _BUSY
    return RefusedError(said) if refused else PassingError(said)
