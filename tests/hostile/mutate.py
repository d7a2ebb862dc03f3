"""Real queries bent out of shape: tokens lost, doubled and swapped, keywords, nesting, splices."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import yaml
from hypothesis import strategies as st

from pytest_cypherbench import cypher

if TYPE_CHECKING:
    from collections.abc import Callable

ROOT = Path(__file__).parents[2]
KEYWORDS = [
    "MATCH", "WHERE", "RETURN", "WITH", "UNWIND", "CALL", "OPTIONAL", "UNION", "CREATE",
    "MERGE", "SET", "DELETE", "DETACH", "REMOVE", "FOREACH", "LOAD", "CSV", "FROM",
    "USE", "SHOW", "EXPLAIN", "PROFILE", "CYPHER", "DROP", "IN", "TRANSACTIONS", "AS",
    "DISTINCT", "ORDER", "BY", "SKIP", "LIMIT", "NOT", "AND", "OR", "XOR",
    "IS", "NULL", "EXISTS", "COUNT", "COLLECT", "CASE", "WHEN", "THEN", "ELSE",
    "END", "ON", "YIELD", "FINISH",
]  # fmt: skip
ODDS = [
    "\u00a0", "\ufeff", "\u200b", "\u202e", "\u2028", "\x0b", "\u0301", "\U0001f3ac", "İ", "ß",
    "\\u0027", "\\u000a", "\\u0060", "\\", "'", '"', "`", "/*", "*/", "//", ";", "$p", "$", "{", "}",
    "(", ")", "[", "]", "..", "*", "-->", "1e999", "0x", "-9223372036854775808", "''", "[]", "{}",
]  # fmt: skip
WRAPPINGS = [
    "CALL () {{ {} }} RETURN 1",
    "RETURN EXISTS {{ {} }} AS x",
    "RETURN COUNT {{ {} }} AS x",
    "RETURN COLLECT {{ {} }} AS x",
    "RETURN [x IN COLLECT {{ {} }} | x] AS x",
    "CALL () {{ CALL () {{ {} }} RETURN 1 AS a }} RETURN a",
    "{} UNION {}",
    "/* {} */ {}",
    "{} // {}",
    "({})",
    "OPTIONAL {}",
    "{} LIMIT 3",
    "{};",
    "{}; {}",
    "EXPLAIN {}",
    "UNWIND range(1, 3) AS i CALL (i) {{ {} }} RETURN i",
]


def movies_queries() -> list[str]:
    files = sorted((ROOT / "cases" / "movies").glob("*.yaml"))
    documents = [yaml.safe_load(file.read_text(encoding="utf-8")) for file in files]
    return [case["reference"] for document in documents for case in document["cases"]]


def tiny_queries() -> list[str]:
    lines = (ROOT / "tests" / "graphs" / "probes.txt").read_text(encoding="utf-8").splitlines()
    return [line for line in lines if line.strip()]


def _cut(text: str) -> list[str]:
    try:
        tokens = cypher.tokenize(text)
    except cypher.CypherTextError:
        return text.split(" ")
    return [token.text for token in tokens]


@st.composite
def mutated(draw: st.DrawFn, queries: list[str]) -> str:
    """A query with one or two mutations."""
    text = draw(st.sampled_from(queries))
    # An exchange often leaves a query that runs: as likely as all others together.
    for name in draw(
        st.lists(st.sampled_from([*MUTATIONS, *["exchange"] * 12]), min_size=1, max_size=2)
    ):
        text = MUTATIONS[name](text, draw, queries)
    return text


def _at(draw: st.DrawFn, parts: list[str]) -> int:
    return draw(st.integers(0, max(0, len(parts) - 1)))


def _delete(text: str, draw: st.DrawFn, _: list[str]) -> str:
    parts = _cut(text)
    position = _at(draw, parts)
    return " ".join(parts[:position] + parts[position + 1 :])


def _double(text: str, draw: st.DrawFn, _: list[str]) -> str:
    parts = _cut(text)
    position = _at(draw, parts)
    return " ".join(parts[: position + 1] + parts[position:])


def _swap(text: str, draw: st.DrawFn, _: list[str]) -> str:
    parts = _cut(text)
    if parts:
        one, two = _at(draw, parts), _at(draw, parts)
        parts[one], parts[two] = parts[two], parts[one]
    return " ".join(parts)


def _inject(text: str, draw: st.DrawFn, _: list[str]) -> str:
    parts = _cut(text)
    position = _at(draw, parts)
    word = draw(st.sampled_from(KEYWORDS))
    return " ".join([*parts[:position], word, *parts[position:]])


def _replace(text: str, draw: st.DrawFn, _: list[str]) -> str:
    parts = _cut(text)
    position = _at(draw, parts)
    word = draw(st.sampled_from(KEYWORDS + ODDS))
    return " ".join([*parts[:position], word, *parts[position + 1 :]])


def _alike(one: cypher.Token, two: cypher.Token) -> bool:
    return one.kind is two.kind and (one.upper in KEYWORDS) == (two.upper in KEYWORDS)


def _exchange(text: str, draw: st.DrawFn, queries: list[str]) -> str:
    """One token for another of its kind from another query: often still a query."""
    try:
        tokens = cypher.tokenize(text)
        others = cypher.tokenize(draw(st.sampled_from(queries)))
    except cypher.CypherTextError:
        return text
    if not tokens:
        return text
    old = draw(st.sampled_from(tokens))
    new = draw(st.sampled_from([other for other in others if _alike(old, other)] or [old]))
    return text[: old.start] + new.text + text[old.end :]


def _odd(text: str, draw: st.DrawFn, _: list[str]) -> str:
    position = draw(st.integers(0, len(text)))
    return text[:position] + draw(st.sampled_from(ODDS)) + text[position:]


def _truncate(text: str, draw: st.DrawFn, _: list[str]) -> str:
    return text[: draw(st.integers(0, len(text)))]


def _behead(text: str, draw: st.DrawFn, _: list[str]) -> str:
    return text[draw(st.integers(0, len(text))) :]


def _splice(text: str, draw: st.DrawFn, queries: list[str]) -> str:
    head, tail = _cut(text), _cut(draw(st.sampled_from(queries)))
    return " ".join(head[: _at(draw, head)] + tail[_at(draw, tail) :])


def _wrap(text: str, draw: st.DrawFn, _: list[str]) -> str:
    return draw(st.sampled_from(WRAPPINGS)).format(text, text)


def _deepen(text: str, draw: st.DrawFn, _: list[str]) -> str:
    parts = _cut(text)
    position = _at(draw, parts)
    if not parts:
        return text
    depth = draw(st.sampled_from([1, 5, 50, 500]))
    left, right = ("[", "]") if draw(st.booleans()) else ("(", ")")
    parts[position] = left * depth + parts[position] + right * depth
    return " ".join(parts)


def _respell(text: str, draw: st.DrawFn, _: list[str]) -> str:
    """One character as a unicode escape, or in the other case."""
    if not text:
        return text
    position = draw(st.integers(0, len(text) - 1))
    char = text[position]
    other = f"\\u{ord(char):04x}" if draw(st.booleans()) and ord(char) < 2**16 else char.swapcase()
    return text[:position] + other + text[position + 1 :]


MUTATIONS: dict[str, Callable[[str, st.DrawFn, list[str]], str]] = {
    function.__name__[1:]: function
    for function in (
        _delete, _double, _swap, _inject, _replace, _exchange, _odd, _truncate, _behead, _splice,
        _wrap, _deepen, _respell,
    )
}  # fmt: skip
