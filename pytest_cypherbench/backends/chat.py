"""Chat templates: messages to the text that a model was trained on, and what cases share of it.

Knows nothing of runtimes. A template comes with a model file and is hostile: it runs in Jinja's
immutable sandbox. Does not protect from a template that never ends.
"""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, NoReturn

from jinja2 import TemplateError
from jinja2.sandbox import ImmutableSandboxedEnvironment

from pytest_cypherbench.errors import SuiteError, UserError

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from jinja2 import Template

    from pytest_cypherbench.flow import Message, Prompt

# Stand-ins for a question. Tokenizers join what follows to what stands before in different ways
# (letter, digit, blank, line end, punctuation, other scripts): what all leave alone is shared.
_STAND_INS = ("Which", "7", " a", "\n", ".", "é", "什")


class _RefusedError(TemplateError):
    """The template itself called ``raise_exception``."""


def _refuse(message: str) -> NoReturn:
    raise _RefusedError(message)


class ChatTemplate:
    """One model's template; ``source`` None where it has none: its prompts get a plain frame, each
    message a paragraph and the answer on a line of its own. ``notes`` says so."""

    def __init__(self, source: str | None, *, bos: str, eos: str) -> None:
        self._source = source
        self._special = {"bos_token": bos, "eos_token": eos}
        self._template: Template | None = None
        self.notes = () if source else ("no chat template, so a plain frame",)

    def render(self, messages: Sequence[Message]) -> str:
        """The text to tokenise, up to where the assistant's answer begins.

        Raises UserError for a template that fails.
        """
        if any(message.role == "raw" for message in messages):
            return "".join(message.content for message in messages)
        if not self._source:
            return "\n\n".join(message.content.strip() for message in messages) + "\n"
        try:
            return self._fill(self._source, messages)
        except _RefusedError as error:
            if messages[0].role != "system":
                raise _failed(error) from error
        except Exception as error:  # a template can fail in any way
            raise _failed(error) from error
        return self.render(_fold_system(messages))

    def _fill(self, source: str, messages: Sequence[Message]) -> str:
        if self._template is None:
            environment = ImmutableSandboxedEnvironment(
                trim_blocks=True, lstrip_blocks=True, extensions=["jinja2.ext.loopcontrols"]
            )
            self._template = environment.from_string(source)
        # No clock is offered: with strftime_now the same case would differ from day to day, and
        # templates that ask for it all fall back when it is undefined.
        return self._template.render(
            messages=[{"role": message.role, "content": message.content} for message in messages],
            add_generation_prompt=True,
            raise_exception=_refuse,
            **self._special,
        )


def _failed(error: Exception) -> UserError:
    reason = " ".join(str(error).split()) or type(error).__name__
    return UserError(
        f"the model's chat template failed (--model): {reason}",
        fix="choose another file of this model, or --prompt seed, which needs no template",
    )


def _fold_system(messages: Sequence[Message]) -> tuple[Message, ...]:
    """For templates that refuse a system message (Gemma's): it opens the user's first."""
    system, first, *rest = messages
    return (replace(first, content=f"{system.content}\n\n{first.content}"), *rest)


def split(text: str, contents: Sequence[str]) -> list[tuple[str, bool]]:
    """Cut a rendered text into pieces, each with whether it is the template's own.

    Only in those may a marker mean more than its letters. Raises SuiteError where the two cannot
    be told apart.
    """
    pieces: list[tuple[str, bool]] = []
    for content in contents:
        content = content.strip()  # noqa: PLW2901 templates may trim
        if not content:  # an answer may be empty
            continue
        before, found, text = text.partition(content)
        if not found:
            raise SuiteError(
                "the question, schema or answer holds control tokens of the model",
                fix="its chat template changes them, so they cannot be kept as plain text",
            )
        pieces += [(before, True), (found, False)]
    return [*pieces, (text, True)]


def stand_ins(prompt: Prompt) -> tuple[tuple[Message, ...], ...]:
    """The prompt as it would be for other cases on the same graph, for finding what they share."""
    *before, last = prompt.shared
    return tuple((*before, replace(last, content=last.content + text)) for text in _STAND_INS)


def common_prefix(sequences: Iterable[Sequence[int]]) -> tuple[int, ...]:
    """What every sequence begins with."""
    columns = zip(*sequences, strict=False)
    prefix: list[int] = []
    for column in columns:
        if any(token != column[0] for token in column):
            break
        prefix.append(column[0])
    return tuple(prefix)
