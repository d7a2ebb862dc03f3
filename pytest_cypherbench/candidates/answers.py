"""Scripted answers: a file of texts by case id.

Knows nothing of cases or models.
"""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

from pytest_cypherbench.errors import UserError

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path


def read_answers(path: Path) -> dict[str, str | tuple[str, ...]]:
    """A map of id to text or to a list of texts (YAML or JSON), or JSON lines with ``id`` and
    ``text``.

    Raises UserError that names what is wrong.
    """
    import yaml

    try:
        text = path.read_text("utf-8")
        content = _READERS.get(path.suffix, yaml.safe_load)(text)
    except (OSError, ValueError, yaml.YAMLError) as error:
        reason = error.strerror if isinstance(error, OSError) else " ".join(str(error).split())
        raise _unreadable(path, str(reason)) from error
    if not isinstance(content, dict):
        raise _unreadable(path, "it is no map")
    answers: dict[str, str | tuple[str, ...]] = {}
    for case_id, answer in content.items():
        texts = answer if isinstance(answer, list) and answer else [answer]
        if not all(isinstance(text, str) for text in texts):
            raise _unreadable(path, f"the answer of {case_id!r} is no text")
        answers[str(case_id)] = answer if isinstance(answer, str) else tuple(texts)
    return answers


def _lines(text: str) -> dict[str, object]:
    rows: dict[str, object] = {}
    for number, line in enumerate(text.splitlines(), start=1):
        if not line.strip():
            continue
        row = json.loads(line)
        if not isinstance(row, dict) or not {"id", "text"} <= row.keys():
            raise ValueError(f"line {number} has no 'id' and 'text'")
        rows[str(row["id"])] = row["text"]
    return rows


# YAML reads JSON too, but a hundred times slower.
_READERS: dict[str, Callable[[str], object]] = {".json": json.loads, ".jsonl": _lines}


def _unreadable(path: Path, reason: str) -> UserError:
    return UserError(
        f"cannot read answers from {path} (--model scripted): {reason}",
        fix="a YAML or JSON map of case id to text or texts, or JSON lines with id and text",
    )
