"""A case and its graph's schema to chat messages, by one sandboxed Jinja file per prompt.

Knows nothing of models or databases. Does not protect from chat-control tokens in a question or a
schema (``<|im_start|>``): they are plain text here, and the backend's tokeniser must keep them so.
"""

from __future__ import annotations

import os.path
from dataclasses import dataclass, field
from hashlib import sha256
from importlib.resources import files
from pathlib import Path
from typing import TYPE_CHECKING, Literal

from jinja2 import StrictUndefined, Template, TemplateSyntaxError
from jinja2.sandbox import ImmutableSandboxedEnvironment

from pytest_cypherbench.errors import UserError
from pytest_cypherbench.flow import Message, Prompt
from pytest_cypherbench.registry import unknown

if TYPE_CHECKING:
    from collections.abc import Iterator

    from pytest_cypherbench.flow import Case, Property, Schema

SUFFIX = ".jinja"
MAX_TEMPLATE_BYTES = 2**20

_Role = Literal["system", "user", "raw"]
_ROLES: tuple[_Role, ...] = ("system", "user", "raw")
# Two questions with no first character in common: what they share is what all questions share.
_SENTINELS = ("\x02question", "\x03question")


@dataclass(frozen=True, slots=True)
class PromptTemplate:
    """A prompt file: ``name`` as in reports, ``sha256`` of the file, ``file`` for messages."""

    name: str
    sha256: str
    file: str
    _template: Template = field(repr=False)

    def render(self, case: Case, schema: Schema) -> Prompt:
        """The messages for one case, and how much of them every case on this graph has.

        Raises UserError, with the line, if the template fails or breaks that promise.
        """
        first, second = (self._messages(question, schema) for question in _SENTINELS)
        if first[:-1] != second[:-1] or first == second:
            raise self._misplaced()
        # characters, not path components, are what is meant
        shared = len(os.path.commonprefix([first[-1].content, second[-1].content]))  # noqa: RUF071
        messages = self._messages(case.question, schema)
        if (messages[:-1], messages[-1].content[:shared]) != (
            first[:-1],
            first[-1].content[:shared],
        ):
            raise self._misplaced()
        return Prompt(case.id, messages, shared)

    def _messages(self, question: str, schema: Schema) -> tuple[Message, ...]:
        try:
            context = self._template.new_context({"question": question, "schema": schema})
            return tuple(
                Message(role, "".join(self._template.blocks[role](context)).strip("\n"))
                for role in _ROLES
                if role in self._template.blocks
            )
        except Exception as error:
            raise _template_error(self.file, error, self._template) from error

    def _misplaced(self) -> UserError:
        return UserError(
            f"prompt {self.file} does not end in the question, or what stands before depends on it",
            fix="write {{ question }} once, in the block 'user' or 'raw'",
        )


def load_prompt(name_or_path: str) -> PromptTemplate:
    """A prompt that comes with us by name, or any other by a path that ends in ``.jinja``.

    Raises UserError for one that does not exist, cannot be read, or is no prompt.
    """
    is_path = name_or_path.endswith(SUFFIX) or "/" in name_or_path or "\\" in name_or_path
    if is_path:
        file, source = name_or_path, _read(Path(name_or_path))
    else:
        file = f"{name_or_path}{SUFFIX}"
        if name_or_path not in set(prompt_names()):
            raise unknown("prompt", name_or_path, prompt_names(), flag="--prompt")
        source = files(__name__).joinpath(file).read_bytes()
    name = Path(name_or_path).stem if is_path else name_or_path
    return PromptTemplate(name, sha256(source).hexdigest(), file, _compile(file, source))


def render(case: Case, schema: Schema, name: str) -> Prompt:
    """The messages for one case by the named prompt; a run loads a template once."""
    return load_prompt(name).render(case, schema)


def prompt_names() -> Iterator[str]:
    """The prompts that come with us."""
    entries = sorted(entry.name for entry in files(__name__).iterdir())
    return (name.removesuffix(SUFFIX) for name in entries if name.endswith(SUFFIX))


def _read(path: Path) -> bytes:
    try:
        with path.open("rb") as file:
            source = file.read(MAX_TEMPLATE_BYTES + 1)
    except OSError as error:
        raise UserError(
            f"--prompt {path} cannot be read: {error.strerror or error}",
            fix=f"give a name ({', '.join(prompt_names())}) or a {SUFFIX} file",
        ) from error
    if len(source) > MAX_TEMPLATE_BYTES:
        raise UserError(f"--prompt {path} is larger than {MAX_TEMPLATE_BYTES // 2**20} MiB")
    return source


def _compile(file: str, source: bytes) -> Template:
    environment = ImmutableSandboxedEnvironment(
        undefined=StrictUndefined, trim_blocks=True, lstrip_blocks=True, autoescape=False
    )
    environment.filters |= {"name": escape_name, "properties": property_list}
    try:
        template = environment.from_string(source.decode())
    except Exception as error:
        raise _template_error(file, error) from error
    if set(template.blocks) not in ({"user"}, {"system", "user"}, {"raw"}):
        raise UserError(
            f"prompt {file} has the blocks: {', '.join(sorted(template.blocks)) or 'none'}",
            fix="write the blocks 'system' and 'user', 'user' alone, or 'raw' alone",
        )
    return template


def _template_error(file: str, error: Exception, template: Template | None = None) -> UserError:
    """Jinja tells the line of a syntax error; others happened where the template's frame stood."""
    line = error.lineno if isinstance(error, TemplateSyntaxError) else 1
    frame = error.__traceback__
    while frame and template:
        if frame.tb_frame.f_code.co_filename == "<template>":
            line = template.get_corresponding_lineno(frame.tb_lineno)
        frame = frame.tb_next
    reason = " ".join(str(error).split()) or type(error).__name__
    return UserError(f"prompt {file}, line {line}: {reason}")


def escape_name(name: str) -> str:
    """A label, type or property as a query writes it: in backticks where it is no plain word."""
    plain = name.isascii() and name.isidentifier()
    return name if plain else "`" + name.replace("`", "``") + "`"


def property_list(properties: tuple[Property, ...]) -> str:
    """`` {title: STRING, year: INTEGER}``, or nothing for none; several types stand with ``|``."""
    listed = ", ".join(f"{escape_name(p.name)}: {'|'.join(p.types)}" for p in properties)
    return f" {{{listed}}}" if listed else ""
