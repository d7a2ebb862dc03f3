"""How different questions and queries are: normal forms, 4-grams of words, query skeletons.

Knows nothing of how they were made.
"""

from __future__ import annotations

import re

from pytest_cypherbench.cypher import Kind, tokenize

_N = 4
_WORD = re.compile(r"[\w']+")
# Words of Cypher that a skeleton keeps; any other word is a name.
_KEPT = frozenset(
    """
    MATCH OPTIONAL WHERE RETURN WITH ORDER BY DESC ASC LIMIT SKIP UNION ALL DISTINCT AND OR NOT IN
    IS NULL AS EXISTS COUNT COLLECT UNWIND STARTS ENDS CONTAINS CASE WHEN THEN ELSE END ANY NONE
    SINGLE SUM AVG MIN MAX SIZE HEAD LAST TOLOWER TOUPPER SPLIT LEFT SUBSTRING DURATION DATE LENGTH
    SHORTESTPATH COALESCE ROUND TRUE FALSE CALL NODES RELATIONSHIPS TOSTRING YEAR MONTH DAYS INDAYS
    BETWEEN DAY TOFLOAT REDUCE TYPE LABELS XOR
    """.split()  # noqa: SIM905 - a list of words reads better than a list of strings
)


def normal_question(question: str) -> str:
    """Lower case, words only."""
    return " ".join(_WORD.findall(question.lower()))


def normal_query(query: str) -> str:
    """White space as single blanks."""
    return " ".join(query.split())


def fourgrams(question: str) -> frozenset[tuple[str, ...]]:
    """All runs of four words; the question itself if it is shorter."""
    words = _WORD.findall(question.lower())
    runs = {tuple(words[i : i + _N]) for i in range(len(words) - _N + 1)}
    return frozenset(runs or {tuple(words)})


def shared(grams: frozenset[tuple[str, ...]], other: frozenset[tuple[str, ...]]) -> float:
    """The part of the shorter question's 4-grams that the other has too."""
    return len(grams & other) / min(len(grams), len(other))


def skeleton(query: str) -> str:
    """The query with names as ``x`` and constants as ``0`` or ``''``."""
    parts = []
    for token in tokenize(query):
        if token.kind is Kind.STRING:
            parts.append("''")
        elif token.kind is Kind.NUMBER:
            parts.append("0")
        elif token.kind is Kind.QUOTED or (token.kind is Kind.WORD and token.upper not in _KEPT):
            parts.append("x")
        else:
            parts.append(token.upper or token.text)
    return " ".join(parts)
