"""A prompt file read, compiled in Jinja's sandbox, filled in; what is wrong names file and line.

Knows nothing of cases or messages. A prompt may be a stranger's: it sees what it is given and no
file but those of ours that it extends. Does not protect from one that never ends.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from hashlib import sha256
from importlib.resources import files
from pathlib import Path
from typing import TYPE_CHECKING, Literal

from jinja2 import StrictUndefined, Template, TemplateSyntaxError, meta, nodes
from jinja2.sandbox import ImmutableSandboxedEnvironment

from pytest_cypherbench.cypher import written
from pytest_cypherbench.errors import UserError
from pytest_cypherbench.registry import unknown

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from jinja2 import Environment

    from pytest_cypherbench.flow import Property

SUFFIX = ".jinja"
MAX_TEMPLATE_BYTES = 2**20
_FRAMES = ({"user"}, {"system", "user"}, {"raw"})
# An error's text for the trial of the block that shows it.
_TRIAL = "\x02reason"


@dataclass(frozen=True, slots=True)
class Source:
    """``blocks`` and the variables of a file and of what it extends; ``sha256`` of them all.
    ``which``: of several queries in an answer the first or the last is meant."""

    file: str
    sha256: str
    blocks: frozenset[str]
    variables: frozenset[str]
    which: Literal["first", "last"]
    _chain: tuple[Template, ...] = field(repr=False)

    def fill(self, block: str, values: Mapping[str, object]) -> str:
        """A block's text without blank lines around it. Raises UserError, with the line."""
        try:
            context = self._chain[0].new_context(dict(values))
            for template in self._chain[1:]:
                for name, inherited in template.blocks.items():
                    context.blocks.setdefault(name, []).append(inherited)
            return "".join(context.blocks[block][0](context)).strip("\n")
        except Exception as error:
            raise _broken(self.file, error, self._chain[0]) from error


def load_source(name_or_path: str) -> Source:
    """A file that comes with us by name, or any other by a path that ends in ``.jinja``.

    Raises UserError for one that does not exist, cannot be read, or is no prompt.
    """
    if name_or_path.endswith(SUFFIX) or "/" in name_or_path or "\\" in name_or_path:
        return _compile(name_or_path, _read(Path(name_or_path)))
    if name_or_path not in set(prompt_names()):
        raise unknown("prompt", name_or_path, prompt_names(), flag="--prompt")
    return _compile(f"{name_or_path}{SUFFIX}", _ours(name_or_path))


def prompt_names() -> Iterator[str]:
    """The prompts that come with us."""
    entries = sorted(entry.name for entry in files(__package__).iterdir())
    return (name.removesuffix(SUFFIX) for name in entries if name.endswith(SUFFIX))


def _ours(name: str) -> bytes:
    return files(__package__).joinpath(f"{name}{SUFFIX}").read_bytes()


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


def _compile(file: str, source: bytes) -> Source:
    environment = ImmutableSandboxedEnvironment(
        undefined=StrictUndefined, trim_blocks=True, lstrip_blocks=True, autoescape=False
    )
    environment.filters |= {"name": written, "properties": property_list}
    chain, trees, digest = [], [], sha256()
    text: bytes | None = source
    while text is not None:
        try:
            decoded = text.decode()
            trees.append(environment.parse(decoded))
            chain.append(environment.from_string(decoded))
        except Exception as error:
            raise _broken(file, error) from error
        digest.update(text)
        text = _extended(file, trees[-1], environment)
    found = Source(
        file,
        digest.hexdigest(),
        frozenset(name for template in chain for name in template.blocks),
        frozenset().union(*map(meta.find_undeclared_variables, trees)),
        _which(file, trees[0]),
        tuple(chain),
    )
    _check(found)
    return found


def _extended(file: str, tree: nodes.Template, environment: Environment) -> bytes | None:
    """The file of ours that a file extends. The environment has no loader: nothing else is read."""
    for node in tree.find_all(nodes.Extends):
        name = node.template.as_const() if isinstance(node.template, nodes.Const) else None
        if str(name).removesuffix(SUFFIX) not in set(prompt_names()) or environment.loader:
            raise UserError(
                f"prompt {file}, line {node.lineno}: it extends what is no prompt of ours",
                fix=f"extend one of {', '.join(f'{ours}{SUFFIX}' for ours in prompt_names())}",
            )
        return _ours(str(name).removesuffix(SUFFIX))
    return None


def _which(file: str, tree: nodes.Template) -> Literal["first", "last"]:
    """What a line ``{% set answer = "last" %}`` outside of all blocks says."""
    for node in tree.find_all(nodes.Assign):
        if (
            node in tree.body
            and isinstance(node.target, nodes.Name)
            and node.target.name == "answer"
        ):
            value = node.node.value if isinstance(node.node, nodes.Const) else None
            if value == "last":
                return "last"
            if value != "first":
                raise UserError(
                    f"prompt {file}, line {node.lineno}: the answer is neither first nor last",
                    fix='write {% set answer = "last" %} if the last query of an answer counts',
                )
    return "first"


def _check(found: Source) -> None:
    if found.blocks - {"repair"} not in _FRAMES:
        raise UserError(
            f"prompt {found.file} has the blocks: {', '.join(sorted(found.blocks)) or 'none'}",
            fix="write the blocks 'system' and 'user', 'user' alone, or 'raw' alone",
        )
    if "repair" not in found.blocks:
        return
    if "raw" in found.blocks:
        raise UserError(
            f"prompt {found.file} has the blocks raw and repair, but a finished text has no turns",
            fix="write a block 'user' in place of 'raw'",
        )
    if _TRIAL not in found.fill("repair", {"reason": _TRIAL}):
        raise UserError(
            f"prompt {found.file} does not say what was wrong with an answer",
            fix="write {{ reason }} in the block 'repair'",
        )


def _broken(file: str, error: Exception, template: Template | None = None) -> UserError:
    """Jinja tells the line of a syntax error; others happened where the template's frame stood."""
    line = error.lineno if isinstance(error, TemplateSyntaxError) else 1
    frame = error.__traceback__
    while frame and template:
        if frame.tb_frame.f_code.co_filename == "<template>":
            line = template.get_corresponding_lineno(frame.tb_lineno)
        frame = frame.tb_next
    reason = " ".join(str(error).split()) or type(error).__name__
    return UserError(f"prompt {file}, line {line}: {reason}")


def property_list(properties: tuple[Property, ...]) -> str:
    """`` {title: STRING, year: INTEGER}``, or nothing for none; several types stand with ``|``."""
    listed = ", ".join(f"{written(p.name)}: {'|'.join(p.types)}" for p in properties)
    return f" {{{listed}}}" if listed else ""
