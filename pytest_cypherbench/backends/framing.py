"""A prompt → token ids, and which of them every case on the graph shares.

Knows nothing of how a model is run: a runtime's tokenizer comes as ``Words``.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Protocol

from pytest_cypherbench.backends.chat import common_prefix, split, stand_ins
from pytest_cypherbench.errors import SuiteError

if TYPE_CHECKING:
    from collections.abc import Sequence

    from pytest_cypherbench.backends.chat import ChatTemplate
    from pytest_cypherbench.flow import Message, Prompt


class Words(Protocol):
    """A runtime's tokenizer; ``bos`` is the text of the token that begins a sequence, or ""."""

    bos: str

    def encode(self, text: str, *, markers: bool, starts: bool = False) -> list[int]:
        """Token ids; markers such as <|im_end|> are tokens of their own, or plain text;
        ``starts``: begin with BOS if this model wants one."""

    def holds_markers(self, text: str) -> bool:
        """Whether a text from outside would be read as more than plain text."""


class Framing:
    """Frames prompts for one model with a context of so many tokens."""

    def __init__(self, words: Words, template: ChatTemplate, context_tokens: int) -> None:
        self._words, self._template = words, template
        self._context_tokens = context_tokens
        self._shared: tuple[object, tuple[int, ...]] = (None, ())

    def parts(self, prompt: Prompt, room: int = 1) -> tuple[tuple[int, ...], list[int]]:
        """The tokens that cases share and those of this one, never none.

        Raises SuiteError where not even ``room`` tokens more fit the context.
        """
        tokens = self.tokens(prompt.messages)
        if self.room(len(tokens)) < room:
            raise SuiteError(
                f"prompt of {len(tokens)} tokens does not fit the context of "
                f"{self._context_tokens}" + (f" with {room} more" if room > 1 else ""),
                fix="use a model with a longer context, or a graph with a smaller schema",
            )
        prefix = self._shared_tokens(prompt)
        if len(prefix) >= len(tokens) or tuple(tokens[: len(prefix)]) != prefix:
            prefix = ()
        return prefix, tokens[len(prefix) :]

    def room(self, used: int) -> int:
        """How many more tokens fit."""
        return self._context_tokens - used

    def tokens(self, messages: Sequence[Message]) -> list[int]:
        """Token ids of all messages, up to where the answer begins."""
        text = self._template.render(messages)
        starts = not (self._words.bos and text.startswith(self._words.bos))
        contents = [message.content for message in messages if message.role != "raw"]
        if not any(map(self._words.holds_markers, contents)):
            return self._words.encode(text, markers=True, starts=starts)
        tokens: list[int] = []
        for piece, own in split(text, contents):
            tokens += self._words.encode(piece, markers=own, starts=starts and not tokens)
        return tokens

    def _shared_tokens(self, prompt: Prompt) -> tuple[int, ...]:
        if self._shared[0] != prompt.shared:
            self._shared = (prompt.shared, common_prefix(map(self.tokens, stand_ins(prompt))))
        return self._shared[1]
