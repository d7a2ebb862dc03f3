"""What stands around a query in a model's text: one rule per kind of wrapping.

Knows nothing of models. A rule takes the text and notes in ``Cuts`` what it removes from it.
"""

from __future__ import annotations

import json
import re
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from pytest_cypherbench.extract.statement import (
    begins,
    find_end,
    find_last,
    find_start,
    first_clause,
    opens,
    skip_comments,
)

if TYPE_CHECKING:
    from collections.abc import Iterator

UNFINISHED = "the answer ends inside its reasoning"
NOT_FOUND = "no Cypher statement found"


class NoQueryError(Exception):
    """Nothing usable is left; the message says why."""


@dataclass(slots=True)
class Cuts:
    """What the rules removed so far."""

    made: list[tuple[str, str]] = field(default_factory=list)

    def add(self, rule: str, *removed: str) -> None:
        """Note what a rule removed; a gap stands where the kept text was."""
        text = " … ".join(part.strip() for part in removed if part.strip())
        if text:
            self.made.append((rule, text))


# ── characters that no query has ────────────────────────────────────────────────────────────────

_NEWLINE = re.compile(r"\r\n?|[\x0b\x0c\x85]")
# A terminal's escape sequences, then control characters, half surrogate pairs and byte order marks.
_CONTROL = re.compile(
    r"\x1b\[[0-?]*[ -/]*[@-~]|\x1b\][^\x07\x1b]*(?:\x07|\x1b\\)"
    r"|[\x00-\x08\x0e-\x1f\x7f-\x9f\ud800-\udfff\ufeff]"
)


def control_characters(text: str, cuts: Cuts) -> str:
    r"""Line ends become ``\n``; what no text should hold is dropped, and noted in escaped form."""
    if not text.isascii():  # two halves that an API sent one by one are a character
        text = text.encode("utf-16-le", "surrogatepass").decode("utf-16-le", "surrogatepass")
    text = _NEWLINE.sub("\n", text)
    removed = "".join(_CONTROL.findall(text))
    cuts.add("control characters", removed.encode("unicode_escape").decode())
    return _CONTROL.sub("", text)


# ── what a chat model writes around its answer ──────────────────────────────────────────────────

_THINK = re.compile(r"<(/?)(?:think|thinking|thought|reasoning)>", re.IGNORECASE)


def reasoning(text: str, cuts: Cuts) -> str:
    """Think blocks go, also nested; one that is not closed goes to the end of the text.

    A closing tag without an opening one, which then stood in the prompt, ends a block that began
    with the text, unless nothing follows it: then it is a leaked token.
    """
    parts: list[str] = []  # what stands outside of blocks
    removed: list[str] = []
    depth = position = answer = ended = 0
    for tag in [*_THINK.finditer(text), None]:
        part = text[position : tag.start() if tag else len(text)]
        (removed if depth else parts).append(part)
        if not depth and part.strip():
            answer = ended
        if tag:
            removed.append(tag[0])
            position = tag.end()
            if tag[1] and not depth:
                ended = len(parts)
            depth = max(0, depth - 1) if tag[1] else depth + 1
    cuts.add("reasoning", "".join(parts[:answer] + removed))
    left = "".join(parts[answer:])
    if depth and not left.strip():
        raise NoQueryError(UNFINISHED)
    return left


_TOKEN = re.compile(
    r"<[|｜][^<>|｜\s]{1,40}[|｜]>|</s>|<eos>|<bos>|<(?:end|start)_of_turn>|\[/?INST\]|<</?SYS>>"
)
_LEADING = re.compile(rf"(?:\s|{_TOKEN.pattern}|<s>|(?<=>)(?:assistant|model)\b)*+")


def end_of_turn(text: str, cuts: Cuts) -> str:
    """Special tokens before the answer go; from the first one after it, the rest goes."""
    start = _LEADING.match(text)
    begin = start.end() if start else 0
    token = _TOKEN.search(text, begin)
    end = token.start() if token else len(text)
    cuts.add("special tokens", text[:begin], text[end:])
    return text[begin:end]


_TAG = re.compile(r"<(answer|cypher|query|output|result)>", re.IGNORECASE)


def answer_tags(text: str, cuts: Cuts) -> str:
    """What stands in ``<answer>…</answer>`` or a tag like it; an open one reaches to the end."""
    tag = _TAG.search(text)
    if not tag:
        return text
    end = text.find(f"</{tag[1]}>", tag.end())
    end = len(text) if end < 0 else end
    cuts.add("answer tags", text[: tag.end()], text[end:])
    return text[tag.end() : end]


_QUERY_KEYS = ("cypher", "query", "cypher_query", "cypherquery", "statement", "answer", "output")


def json_text(text: str, cuts: Cuts) -> str:
    """The query in ``{"query": "…"}``, a list of one, or a JSON string; no Cypher begins so."""
    query = _unwrap(text)
    if query is None:
        return text
    cuts.add("json", text)
    return query


def _unwrap(text: str) -> str | None:
    text = text.lstrip()
    if not text.startswith(("{", '"', "[")):
        return None
    try:
        value, _ = json.JSONDecoder(strict=False).raw_decode(text)
    except (ValueError, RecursionError):
        return None
    if isinstance(value, list) and len(value) == 1:
        value = value[0]
    if isinstance(value, dict):
        lower = {str(key).lower(): item for key, item in value.items()}
        value = next((lower[key] for key in _QUERY_KEYS if key in lower), None)
    return value if isinstance(value, str) else None


# ── Markdown ────────────────────────────────────────────────────────────────────────────────────


@dataclass(slots=True)
class _Block:
    """A fenced block: its text, and where the fences that enclose it begin and end."""

    start: int
    end: int = 0
    lines: list[str] = field(default_factory=list)

    @property
    def text(self) -> str:
        return "\n".join(self.lines)


def fences(text: str, cuts: Cuts) -> str:
    """The first fenced block that holds a statement; without such a block, what stands before them.

    A statement that opens the text, before any fence, comes before every block.
    """
    return _fenced(text, cuts, last=False)


def last_fence(text: str, cuts: Cuts) -> str:
    """The last fenced block that holds a statement, whatever stands before it."""
    return _fenced(text, cuts, last=True)


def _fenced(text: str, cuts: Cuts, *, last: bool) -> str:
    blocks = list(_blocks(text))
    if not blocks:
        return text
    ahead = text[: blocks[0].start]
    if last or not begins(ahead):
        for block in reversed(blocks) if last else blocks:
            if _unwrap(block.text) is not None or find_start(block.text) is not None:
                cuts.add("fence", text[: block.start], text[block.end :], "```")
                return json_text(block.text, cuts)
    outside = ahead if ahead.strip() else text[blocks[-1].end :]
    cuts.add("fence", text[len(ahead) :] if ahead.strip() else text[: blocks[-1].end])
    return outside


def _blocks(text: str) -> Iterator[_Block]:
    """Blocks in fences of three or more backticks or tildes; the last may lack its closing one."""
    block: _Block | None = None
    mark, position = "", 0
    for line in text.split("\n"):
        begin, position = position, position + len(line) + 1
        if block is None:
            at = _fence_at(line)
            if at is None:
                continue
            block, mark = _Block(begin + at), line[at] * 3
            rest = _after_info(line[at:].lstrip(mark[0]))
            if not rest.strip():
                continue
            line = rest  # noqa: PLW2901 the block's first line stands beside its fence
        stripped = line.strip()
        if stripped.startswith(mark) and block.lines:
            rest = stripped.lstrip(mark[0])
            block.end = begin if rest else min(position, len(text))
            yield block
            block = _Block(begin) if rest else None
            if block and (rest := _after_info(rest)).strip():
                block.lines.append(rest)
        elif stripped.endswith(mark):
            block.lines.append(stripped.rstrip(mark[0]))
            block.end = min(position, len(text))
            yield block
            block = None
        else:
            block.lines.append(line)
    if block:
        block.end = len(text)
        yield block


def _fence_at(line: str) -> int | None:
    """Where a fence opens: at a line's start, or after a blank or colon.

    Elsewhere three backticks are the end of a quoted name that ends in one.
    """
    at = len(line) - len(line.lstrip())
    if line.startswith(("```", "~~~"), at):
        return at
    at = line.find("```")
    return at if at > 0 and line[at - 1] in " \t:" else None


def _after_info(line: str) -> str:
    """A fence's line without the name of the language: any first word that is no keyword."""
    word = re.match(r"[ \t]*([\w+#.-]{1,20})(?=\s|$)", line)
    if word and (word[1].lower() == "cypher" or not first_clause(line.lstrip())):
        return line[word.end() :]
    return line


def inline_code(text: str, cuts: Cuts) -> str:
    """A statement in backticks within prose, or that is all of the text."""
    return _inline(text, cuts, last=False)


def last_inline_code(text: str, cuts: Cuts) -> str:
    """The same; of several the last."""
    return _inline(text, cuts, last=True)


def _inline(text: str, cuts: Cuts, *, last: bool) -> str:
    stripped = text.strip()
    for size in (2, 1):
        marks, inner = "`" * size, stripped[size:-size]
        if stripped.startswith(marks) and stripped.endswith(marks) and begins(inner):
            cuts.add("backticks", marks, marks)
            return inner
    if "`" not in text or find_start(text) is not None:
        return text
    found = None
    for mark in re.finditer(r"(?<!`)`{1,2}(?=[A-Za-z])", text):
        end = text.find(mark[0], mark.end())
        if end > 0 and opens(text, mark.end()):
            found = slice(mark.end(), end)
            if not last:
                break
    if found is None:
        return text
    cuts.add("backticks", text[: found.start], text[found.stop :])
    return text[found]


# ── prose ───────────────────────────────────────────────────────────────────────────────────────


def text_before(text: str, cuts: Cuts) -> str:
    """Comments and prose before the first statement. Raises NoQueryError where there is none."""
    return _from(text, cuts, find_start(text))


def last_text_before(text: str, cuts: Cuts) -> str:
    """The same before the last statement: those before it are steps on the way."""
    return _from(text, cuts, find_last(text))


def _from(text: str, cuts: Cuts, start: int | None) -> str:
    if start is None:
        raise NoQueryError(NOT_FOUND)
    comments = skip_comments(text)
    cuts.add("comment" if comments == start else "text before", text[:start])
    return text[start:]


def text_after(text: str, cuts: Cuts) -> str:
    """Prose after the last statement, and the last semicolon with what follows it."""
    end = find_end(text)
    removed = text[end:].strip()
    cuts.add("semicolon" if set(removed) == {";"} else "text after", removed)
    return text[:end]
