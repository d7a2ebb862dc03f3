"""The surface of a Cypher text: tokens, statements, clauses, projections.

Knows nothing of engines or cases. A reading aid, neither a parser nor a security boundary: it does
not protect from a hostile statement, it only says where words, strings and brackets are.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from enum import StrEnum


class CypherTextError(ValueError):
    """The text ends inside a string, a name or a comment, or a bracket has no partner."""


class Kind(StrEnum):
    """What a token is."""

    WORD = "word"
    QUOTED = "quoted"  # a name in backticks
    STRING = "string"
    NUMBER = "number"
    PARAM = "param"
    SYMBOL = "symbol"


@dataclass(frozen=True, slots=True)
class Token:
    """``text[start:end]`` of the source; ``depth`` counts the brackets around it (a bracket's own
    depth is that of what it stands in)."""

    kind: Kind
    text: str
    start: int
    end: int
    depth: int

    @property
    def upper(self) -> str:
        """The word in capitals, or "" for anything that is no bare word."""
        return self.text.upper() if self.kind is Kind.WORD else ""


@dataclass(frozen=True, slots=True)
class Clause:
    """A clause on the level asked for: its keyword in capitals, the tokens after it."""

    keyword: str
    tokens: tuple[Token, ...]
    start: int
    end: int


@dataclass(frozen=True, slots=True)
class Item:
    """One projected expression and its alias (None without AS)."""

    tokens: tuple[Token, ...]
    alias: str | None


@dataclass(frozen=True, slots=True)
class Projection:
    """The parts of a RETURN or WITH."""

    distinct: bool
    items: tuple[Item, ...]
    order_by: tuple[tuple[Token, ...], ...]


# Where a comment after // ends; Neo4j knows no other line end.
_BLANKS = re.compile(r"[\s\ufeff]+")
_LINE_END = re.compile(r"[\r\n]")
_OPEN = {"(": ")", "[": "]", "{": "}"}
_CLOSE = frozenset(_OPEN.values())
_SYMBOLS = ("..", "<=", ">=", "<>", "=~", "->", "<-", "||", "+=", "::", "!=", "==")
# Clauses that change the graph, and commands that administer it or the server.
UPDATES = frozenset(["CREATE", "MERGE", "SET", "REMOVE", "DELETE", "FOREACH", "INSERT"])
ADMINISTRATION = frozenset(
    [
        "DROP",
        "ALTER",
        "GRANT",
        "DENY",
        "REVOKE",
        "TERMINATE",
        "STOP",
        "ENABLE",
        "RENAME",
        "DEALLOCATE",
        "REALLOCATE",
    ]
)
_ONE_WORD = """
    MATCH RETURN WITH UNWIND WHERE CALL YIELD SKIP OFFSET LIMIT USE FINISH SHOW EXPLAIN PROFILE LET
    FILTER START CYPHER HAVING
"""
# First words of clauses, each with the words that may follow and belong to the keyword.
_CLAUSES: dict[str, tuple[tuple[str, ...], ...]] = {
    **dict.fromkeys([*_ONE_WORD.split(), *sorted(UPDATES | ADMINISTRATION)], ()),
    "OPTIONAL": (("MATCH",), ("CALL",)),
    "DETACH": (("DELETE",),),
    "NODETACH": (("DELETE",),),
    "ORDER": (("BY",),),
    "GROUP": (("BY",),),
    "LOAD": (("CSV",),),
    "UNION": (("ALL",), ("DISTINCT",)),
    "ON": (("CREATE", "SET"), ("MATCH", "SET")),
}
_NEEDS_SECOND = frozenset({"OPTIONAL", "DETACH", "NODETACH", "ORDER", "GROUP", "LOAD", "ON"})
_HEX = frozenset("0123456789abcdefABCDEF")
# After these a word is a name, whatever it spells.
_NAME_BEFORE = frozenset({".", ":", "|", "&", "!", "%"})


def unescape(text: str) -> str:
    r"""The text with each ``\uXXXX`` replaced by its character, as Neo4j does before it reads a
    query, inside and outside of strings; a backslash behind a backslash begins nothing."""
    parts: list[str] = []
    position = 0
    while (found := text.find("\\", position)) >= 0:
        parts.append(text[position:found])
        digits = text[found + 2 : found + 6]
        if text.startswith("u", found + 1) and len(digits) == 4 and _HEX.issuperset(digits):  # noqa: PLR2004
            parts.append(chr(int(digits, 16)))
            position = found + 6
        else:
            parts.append(text[found : found + 2])
            position = found + 2
    return "".join([*parts, text[position:]])


def tokenize(text: str) -> tuple[Token, ...]:
    """Split a text into tokens, comments and white space left out.

    Raises CypherTextError where the text is cut off inside something, or brackets do not pair."""
    tokens: list[Token] = []
    stack: list[str] = []
    position = 0
    while (position := _skip_blank(text, position)) < len(text):
        kind, end = _next(text, position)
        word = text[position:end]
        if kind is Kind.SYMBOL and word in _CLOSE and (not stack or stack.pop() != word):
            raise CypherTextError(f"unexpected '{word}' at character {position + 1}")
        tokens.append(Token(kind, word, position, end, len(stack)))
        if kind is Kind.SYMBOL and word in _OPEN:
            stack.append(_OPEN[word])
        position = end
    if stack:
        raise CypherTextError(f"'{stack[-1]}' is missing at the end")
    return tuple(tokens)


def statements(tokens: tuple[Token, ...]) -> tuple[tuple[Token, ...], ...]:
    """The tokens between the semicolons that stand in no bracket; empty statements left out."""
    found: list[list[Token]] = [[]]
    for token in tokens:
        if token.text == ";" and token.depth == 0:
            found.append([])
        else:
            found[-1].append(token)
    return tuple(tuple(part) for part in found if part)


def clauses(tokens: tuple[Token, ...]) -> tuple[Clause, ...]:
    """The clauses on the level of the first token. What stands before the first keyword is a clause
    with the keyword "" (absent if nothing does)."""
    if not tokens:
        return ()
    level = tokens[0].depth
    heads: list[tuple[str, int, int]] = []
    index = 0
    while index < len(tokens):
        size = _keyword_size(tokens, index) if tokens[index].depth == level else 0
        if size:
            word = " ".join(token.upper for token in tokens[index : index + size])
            heads.append((word, index, index + size))
        index += size or 1
    if not heads or heads[0][1] > 0:
        heads.insert(0, ("", 0, 0))
    ends = [head[1] for head in heads[1:]] + [len(tokens)]
    return tuple(
        Clause(word, tokens[body:end], tokens[first].start, tokens[max(end, 1) - 1].end)
        for (word, first, body), end in zip(heads, ends, strict=True)
    )


def blocks(tokens: tuple[Token, ...]) -> tuple[tuple[Token, ...], ...]:
    """The insides of all braces that hold clauses (subqueries), outermost first."""
    found = []
    for index, token in enumerate(tokens):
        if token.text != "{" or token.kind is not Kind.SYMBOL:
            continue
        end = next(
            i
            for i in range(index + 1, len(tokens))
            if tokens[i].depth == token.depth and tokens[i].text == "}"
        )
        inside = tokens[index + 1 : end]
        if inside and _keyword_size(inside, 0) and (len(inside) == 1 or inside[1].text != ":"):
            found.append(inside)
    return tuple(found)


def split(tokens: tuple[Token, ...], separator: str = ",") -> tuple[tuple[Token, ...], ...]:
    """The parts between separators on the level of the first token."""
    if not tokens:
        return ()
    parts: list[list[Token]] = [[]]
    for token in tokens:
        if token.text == separator and token.depth == tokens[0].depth:
            parts.append([])
        else:
            parts[-1].append(token)
    return tuple(tuple(part) for part in parts)


def projection(found: tuple[Clause, ...], index: int) -> Projection:
    """Read the RETURN or WITH at ``found[index]`` with the ORDER BY that follows it."""
    tokens = found[index].tokens
    distinct = bool(tokens) and tokens[0].upper == "DISTINCT"
    parts = split(tokens[1:] if distinct else tokens)
    following = found[index + 1] if index + 1 < len(found) else None
    ordered = following is not None and following.keyword == "ORDER BY"
    keys = split(following.tokens) if following is not None and ordered else ()
    return Projection(distinct, tuple(map(_item, parts)), keys)


def source(text: str, tokens: tuple[Token, ...]) -> str:
    """The characters from the first to the last of these tokens."""
    return text[tokens[0].start : tokens[-1].end] if tokens else ""


def normal(tokens: tuple[Token, ...]) -> str:
    """One spelling for expressions that differ only in white space and comments."""
    return " ".join(token.text for token in tokens)


def name(token: Token) -> str:
    """The identifier that a word or a quoted name stands for."""
    return token.text[1:-1].replace("``", "`") if token.kind is Kind.QUOTED else token.text


def quoted(plain: str) -> str:
    """A name in backticks."""
    return "`" + plain.replace("`", "``") + "`"


def written(plain: str) -> str:
    """A name as a query writes it: in backticks where it is no plain word."""
    return plain if plain.isascii() and plain.isidentifier() else quoted(plain)


def _item(tokens: tuple[Token, ...]) -> Item:
    aliased = len(tokens) > 2  # noqa: PLR2004 an expression, AS, a name
    if aliased and tokens[-2].upper == "AS" and tokens[-2].depth == tokens[0].depth:
        return Item(tokens[:-2], name(tokens[-1]))
    return Item(tokens, None)


def _keyword_size(tokens: tuple[Token, ...], index: int) -> int:
    """How many tokens from ``index`` on are a clause keyword: 0, 1, 2 or 3."""
    first = tokens[index].upper
    if first not in _CLAUSES:
        return 0
    before = tokens[index - 1] if index else None
    if before is not None and (
        before.text in _NAME_BEFORE or before.upper in {"AS", "STARTS", "ENDS"}
    ):
        return 0
    if first == "WITH" and before is not None and before.upper == "CSV":
        return 0  # LOAD CSV WITH HEADERS
    after = tokens[index + 1] if index + 1 < len(tokens) else None
    if (
        after is not None
        and after.text in {".", "=", ":", ",", ")"}
        and first not in {"RETURN", "WITH"}
    ):
        return 0  # a variable that is spelled like a keyword
    for rest in _CLAUSES[first]:
        if tuple(token.upper for token in tokens[index + 1 : index + 1 + len(rest)]) == rest:
            return 1 + len(rest)
    return 0 if first in _NEEDS_SECOND else 1


def _skip_blank(text: str, position: int) -> int:
    while position < len(text):
        if blanks := _BLANKS.match(text, position):
            position = blanks.end()
        elif text.startswith("//", position):
            end = _LINE_END.search(text, position)
            position = end.end() if end else len(text)
        elif text.startswith("/*", position):
            close = text.find("*/", position + 2)
            if close < 0:
                raise CypherTextError("a comment is not closed")
            position = close + 2
        else:
            break
    return position


def _next(text: str, start: int) -> tuple[Kind, int]:
    first = text[start]
    if first in "'\"":
        return Kind.STRING, _string_end(text, start)
    if first == "`":
        return Kind.QUOTED, _quoted_end(text, start)
    if first == "$" and start + 1 < len(text):
        if text[start + 1] == "`":
            return Kind.PARAM, _quoted_end(text, start + 1)
        return Kind.PARAM, _word_end(text, start + 1)
    if first.isalpha() or first == "_":
        return Kind.WORD, _word_end(text, start)
    if first.isdecimal() or (first == "." and text[start + 1 : start + 2].isdecimal()):
        return Kind.NUMBER, _number_end(text, start)
    if text.startswith("\\u", start):
        # Neo4j decodes \uXXXX before it reads a query; who does not would see other words.
        raise CypherTextError(f"unicode escape outside a string at character {start + 1}")
    size = 2 if text[start : start + 2] in _SYMBOLS else 1
    return Kind.SYMBOL, start + size


def _word_end(text: str, position: int) -> int:
    while position < len(text) and (text[position].isalnum() or text[position] in "_$"):
        position += 1
    return position


def _number_end(text: str, position: int) -> int:
    """A number ends before ``..``, so that ``1..3`` is a range; exponent signs belong to it."""
    start = position
    while position < len(text):
        char = text[position]
        sign = char in "+-" and text[position - 1] in "eE" and not text.startswith("0x", start)
        dot = char == "." and text[position + 1 : position + 2].isdecimal()
        if not (char.isalnum() or char == "_" or dot or sign):
            break
        position += 1
    return position


def _string_end(text: str, start: int) -> int:
    position = start + 1
    while position < len(text):
        if text[position] == "\\":
            position += 2
        elif text[position] == text[start]:
            return position + 1
        else:
            position += 1
    raise CypherTextError(f"the string that begins at character {start + 1} is not closed")


def _quoted_end(text: str, start: int) -> int:
    position = start + 1
    while (position := text.find("`", position)) >= 0:
        if not text.startswith("``", position):
            return position + 1
        position += 2
    raise CypherTextError(f"the name that begins at character {start + 1} is not closed")
