"""Raw model text to the query in it, or why there is none: the one choke point for hostile text.

Knows nothing of models, cases or databases. Does not protect from a hostile query: it
neither parses nor judges Cypher, and hands on several statements as they are, for the guard.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Literal, TypeAlias

from pytest_cypherbench.extract.wrappers import (
    NOT_FOUND,
    UNFINISHED,
    Cuts,
    NoQueryError,
    answer_tags,
    control_characters,
    end_of_turn,
    fences,
    inline_code,
    json_text,
    last_fence,
    last_inline_code,
    last_text_before,
    reasoning,
    text_after,
    text_before,
)
from pytest_cypherbench.flow import Query

__all__ = ["NOTHING", "NOT_FOUND", "TOO_DEEP", "TOO_LONG", "UNFINISHED", "extract"]

MAX_PASSES = 12
# No model writes so much for a query; what reads tokens later stays within seconds.
MAX_CHARS = 2**20
NOTHING = "the answer is empty"
TOO_DEEP = "the answer is wrapped in itself too often"
TOO_LONG = f"the answer is longer than {MAX_CHARS} characters"

Rule: TypeAlias = Callable[[str, Cuts], str]
_WRAPPINGS = (
    control_characters,
    reasoning,
    end_of_turn,
    answer_tags,
    json_text,
    fences,
    inline_code,
)
_PROSE = (text_before, text_after)
_LAST: dict[Rule, Rule] = {
    fences: last_fence,
    inline_code: last_inline_code,
    text_before: last_text_before,
}


def extract(text: str, *, which: Literal["first", "last"] = "first") -> Query:
    """The query in a model's text. Never raises; the time is linear in the length of the text.
    ``which``: of several, in blocks or between prose; the last where an answer begins with steps.

    Wrappings come off until there is none, then prose; and again until nothing changes, so that
    what was extracted stays itself when extracted again. A text that is a query passes unchanged.
    """
    if len(text) > MAX_CHARS:
        return Query(None, TOO_LONG)
    cuts = Cuts()
    wrappings, prose = (
        rules if which == "first" else tuple(_LAST.get(rule, rule) for rule in rules)
        for rules in (_WRAPPINGS, _PROSE)
    )
    try:
        for _ in range(MAX_PASSES):
            before = text
            text = _apply(wrappings, text, cuts)
            if text == before:
                text = _apply(prose, text, cuts)
            if text == before:
                return Query(text, "", tuple(cuts.made))
    except NoQueryError as error:
        return Query(None, str(error), tuple(cuts.made))
    return Query(None, TOO_DEEP, tuple(cuts.made))


def _apply(rules: tuple[Rule, ...], text: str, cuts: Cuts) -> str:
    for rule in rules:
        text = rule(text, cuts)
        if not text.strip():
            raise NoQueryError(NOT_FOUND if cuts.made else NOTHING)
    return text.strip()
