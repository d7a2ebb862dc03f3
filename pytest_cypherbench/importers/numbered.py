"""A text of numbered questions to rows: a question, its query and its answer, under categories.

Knows nothing of what the words mean. Such a text has no grammar of its own; this is what is read::

    Category 1: Title
    Q1: a question, to the next empty line

    its query, over any number of lines

    A1: its answer
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from pytest_cypherbench.cases.columns import decode

if TYPE_CHECKING:
    from pathlib import Path

    from pytest_cypherbench.cases.columns import RawRows
    from pytest_cypherbench.cases.sheets import Choice

COLUMNS = ("category_number", "category", "question_number", "question", "cypher", "answer")
_CATEGORY = re.compile(r"Category\s+(\d+)\s*:\s*(.*)", re.IGNORECASE)
_MARK = re.compile(r"([QA])(\d+)\s*:\s*(.*)")
_RULE = re.compile(r"[-=_*]{3,}")


def read_numbered(path: Path, choose: Choice) -> RawRows:
    """A row's number is the line that its question begins in. No question, no columns."""
    entries = _entries(decode(path.read_bytes()))
    names = choose(COLUMNS if entries else ())
    for line, cells in entries:
        yield line, {name: "\n".join(cells[name]).strip() for name in names}


def _entries(text: str) -> list[tuple[int, dict[str, list[str]]]]:
    entries: list[tuple[int, dict[str, list[str]]]] = []
    category, number, part = "", "", ""
    for line, words in enumerate(map(str.rstrip, text.splitlines()), 1):
        mark = _MARK.fullmatch(words.strip())
        if found := _CATEGORY.fullmatch(words.strip()):
            number, category, part = found[1], found[2], ""
        elif mark and _opens(mark, entries, part):
            cells: dict[str, list[str]] = {name: [] for name in COLUMNS}
            cells |= {"category": [category], "category_number": [number]}
            cells |= {"question_number": [mark[2]], "question": [mark[3]]}
            entries.append((line, cells))
            part = "question"
        elif mark:
            part = "answer" if part else ""
            _add(entries, part, mark[3])
        elif not words and part == "question":
            part = "cypher"
        elif not _RULE.fullmatch(words):
            _add(entries, part, words)
    return entries


def _opens(mark: re.Match[str], entries: list[tuple[int, dict[str, list[str]]]], part: str) -> bool:
    """Whether the mark opens a question. A Q of the open question's own number, below its query,
    is a slip of the pen for its A."""
    if mark[1] == "A":
        return False
    return part != "cypher" or entries[-1][1]["question_number"] != [mark[2]]


def _add(entries: list[tuple[int, dict[str, list[str]]]], part: str, words: str) -> None:
    if part:
        entries[-1][1][part].append(words)
