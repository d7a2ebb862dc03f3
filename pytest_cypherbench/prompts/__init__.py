"""A case and its graph's schema to chat messages, by one sandboxed Jinja file per prompt.

Knows nothing of models or databases. Does not protect from chat-control tokens in a question or a
schema (``<|im_start|>``): they are plain text here, and the backend's tokeniser must keep them so.
"""

from __future__ import annotations

import os.path
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, Literal

from pytest_cypherbench.errors import UserError
from pytest_cypherbench.flow import Message, Prompt
from pytest_cypherbench.prompts.shots import Example, Shots
from pytest_cypherbench.prompts.source import Source, load_source, prompt_names

if TYPE_CHECKING:
    from collections.abc import Sequence

    from pytest_cypherbench.flow import Case, Schema

__all__ = ["Example", "PromptTemplate", "Shots", "load_prompt", "prompt_names", "render"]

_Role = Literal["system", "user", "raw"]
_ROLES: tuple[_Role, ...] = ("system", "user", "raw")
# Two texts with no first character in common: what prompts with them share is what all share.
_SENTINELS = ("\x02text", "\x03text")
REASON_CHARS = 500


@dataclass(frozen=True, slots=True)
class PromptTemplate:
    """A prompt file, ``name`` as in reports, and where its examples come from, if it has any."""

    name: str
    source: Source
    shots: Shots | None = None

    @property
    def sha256(self) -> str:
        """Of the file; of one that extends another, of both."""
        return self.source.sha256

    @property
    def has_examples(self) -> bool:
        """Whether the file asks for examples."""
        return "examples" in self.source.variables

    @property
    def repairs(self) -> bool:
        """Whether an answer that does not run is sent back once."""
        return "repair" in self.source.blocks

    @property
    def afterwards(self) -> str:
        """What the file says that stands in no message and yet decides of a record; mostly ""."""
        return self.sha256 if self.repairs or self.source.which == "last" else ""

    def render(self, case: Case, schema: Schema) -> Prompt:
        """The messages for one case, and how much of them every case on this graph has.

        Raises UserError, with the line, if the template fails or breaks that promise.
        """
        count = self.shots.count if self.shots else 0
        some, others = ((Example(text, text),) * count for text in _SENTINELS)
        first = self._messages(_SENTINELS[0], schema, some)
        second = self._messages(_SENTINELS[1], schema, others)
        if first[:-1] != second[:-1] or first == self._messages(_SENTINELS[1], schema, some):
            raise self._misplaced()
        # characters, not path components, are what is meant
        shared = len(os.path.commonprefix([first[-1].content, second[-1].content]))  # noqa: RUF071
        examples = self.shots.nearest(case.question, schema) if self.shots else ()
        prompt = Prompt(case.id, self._messages(case.question, schema, examples), shared)
        if prompt.shared != (*first[:-1], replace(first[-1], content=first[-1].content[:shared])):
            raise self._misplaced()
        return prompt

    def repair(self, prompt: Prompt, answer: str, reason: str) -> Prompt:
        """The prompt, the answer to it, and what was wrong with that: one more turn.

        ``reason`` may come from a database and quote the answer: it stays one line of plain text.
        """
        said = answer.encode("utf-8", "replace").decode()
        line = " ".join("".join(c if c.isprintable() else " " for c in reason).split())
        asked = self.source.fill("repair", {"reason": line[:REASON_CHARS]})
        turns = (Message("assistant", said), Message("user", asked))
        return replace(prompt, messages=(*prompt.messages, *turns), asks=len(prompt.messages) - 1)

    def _messages(
        self, question: str, schema: Schema, examples: Sequence[Example]
    ) -> tuple[Message, ...]:
        values = {"question": question, "schema": schema, "examples": tuple(examples)}
        blocks = self.source.blocks
        return tuple(
            Message(role, self.source.fill(role, values)) for role in _ROLES if role in blocks
        )

    def _misplaced(self) -> UserError:
        return UserError(
            f"prompt {self.source.file} does not end in the question, or what stands before"
            " depends on it",
            fix="write {{ question }} once, in the block 'user' or 'raw', and examples just before",
        )


def load_prompt(name_or_path: str) -> PromptTemplate:
    """A prompt that comes with us by name, or any other by a path that ends in ``.jinja``.

    Raises UserError for one that does not exist, cannot be read, or is no prompt.
    """
    source = load_source(name_or_path)
    return PromptTemplate(Path(source.file).stem, source)


def render(case: Case, schema: Schema, name: str) -> Prompt:
    """The messages for one case by the named prompt; a run loads a template once."""
    return load_prompt(name).render(case, schema)
