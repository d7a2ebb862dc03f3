"""One spelling for questions, and for queries, that differ only in how they are written down.

Knows nothing of cases or schemas.
"""

from __future__ import annotations

import unicodedata
from collections import Counter
from typing import TYPE_CHECKING

from pytest_cypherbench.cypher import CypherTextError, Kind, name, statements, tokenize
from pytest_cypherbench.syntax.brackets import is_name
from pytest_cypherbench.syntax.names import read_names

if TYPE_CHECKING:
    from pytest_cypherbench.cypher import Token

_WORDS = frozenset(
    [
        "ALL",
        "AND",
        "ANY",
        "AS",
        "ASC",
        "ASCENDING",
        "BY",
        "CALL",
        "CASE",
        "CONTAINS",
        "COUNT",
        "CREATE",
        "DESC",
        "DESCENDING",
        "DISTINCT",
        "ELSE",
        "END",
        "ENDS",
        "EXISTS",
        "FALSE",
        "IN",
        "IS",
        "LIMIT",
        "MATCH",
        "NONE",
        "NOT",
        "NULL",
        "OFFSET",
        "OPTIONAL",
        "OR",
        "ORDER",
        "RETURN",
        "SHORTEST",
        "SINGLE",
        "SKIP",
        "STARTS",
        "THEN",
        "TRUE",
        "UNION",
        "UNWIND",
        "WHEN",
        "WHERE",
        "WITH",
        "XOR",
        "YIELD",
        "COLLECT",
    ]
)
_SAME = {"ASCENDING": "ASC", "DESCENDING": "DESC", "OFFSET": "SKIP", "!=": "<>"}


def question_words(question: str) -> tuple[str, ...]:
    """The words of a question: case, accents, quotes and punctuation do not count."""
    text = unicodedata.normalize("NFKD", question.casefold())
    bare = "".join(char for char in text if not unicodedata.combining(char))
    return tuple("".join(char if char.isalnum() else " " for char in bare).split())


def normal_query(query: str) -> str:
    """A query without what does not count: white space, comments, the case of keywords and of
    functions, quotes, the names of variables and columns. Labels, types, properties and constants
    are kept. A text that is not Cypher is its own normal form."""
    try:
        parts = statements(tokenize(query))
    except CypherTextError:
        return query
    return " ".join(_normal(part) for part in parts)


def _normal(tokens: tuple[Token, ...]) -> str:
    names = read_names(tokens)
    kept = {found.place for found in names.found}
    renamed: dict[str, str] = {}
    words = []
    unused = _unused_aliases(tokens)
    for place, token in enumerate(tokens):
        if place in unused:
            continue
        after = tokens[place + 1].text if place + 1 < len(tokens) else ""
        if place in kept:
            words.append(name(token))
        elif token.kind is Kind.STRING:
            words.append(f"'{token.text[1:-1]}'")
        elif is_name(token) and name(token) in names.variables and after != "(":
            words.append(renamed.setdefault(name(token), f"v{len(renamed)}"))
        elif token.kind is Kind.WORD and (after == "(" or token.upper in _WORDS):
            words.append(_SAME.get(token.upper, token.upper))
        else:
            words.append(_SAME.get(token.text, token.text))
    return " ".join(word for word in words if word != "ASC")


def _unused_aliases(tokens: tuple[Token, ...]) -> set[int]:
    """The places of each ``AS name`` that only names a column."""
    times = Counter(name(token) for token in tokens if is_name(token))
    found: set[int] = set()
    for place, token in enumerate(tokens[:-1]):
        alias = tokens[place + 1]
        if token.upper == "AS" and is_name(alias) and times[name(alias)] == 1:
            found |= {place, place + 1}
    return found


def ngrams(words: tuple[str, ...], size: int) -> frozenset[tuple[str, ...]]:
    """All runs of ``size`` words."""
    return frozenset(words[start : start + size] for start in range(len(words) - size + 1))
