"""What a reference leaves to the database: which rows of a tie are cut, the orders of lists, paths.

Each choice is written into the text both ways, so that it can be seen whether it matters.
Knows nothing of results or engines.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from enum import StrEnum
from typing import TYPE_CHECKING

from pytest_cypherbench.compare.lists import aggregates
from pytest_cypherbench.compare.parts import (
    CUTS,
    Query,
    closing,
    cut_at,
    inside_of,
    queries,
    spelled,
    statement_of,
    word_at,
)
from pytest_cypherbench.cypher import (
    Kind,
    name,
    projection,
    quoted,
    source,
    split,
)

if TYPE_CHECKING:
    from collections.abc import Iterator

    from pytest_cypherbench.compare.lists import Tokens
    from pytest_cypherbench.cypher import Clause, Projection

_MAKE_ROWS = frozenset({"MATCH", "OPTIONAL MATCH", "CALL", "OPTIONAL CALL"})
# What can make the order in which a graph was loaded show in the rows.
_SHOW_ORDER = CUTS | {"COLLECT", "KEYS", "LABELS", "SHORTESTPATH", "SHORTEST", "HEAD", "LAST"}
_TAKE_BY_PLACE = frozenset({"HEAD", "LAST", "TAIL", "REDUCE"})
# After these words a bracket opens a list; after any other name it takes an element of one.
_BEFORE_LISTS = frozenset(
    {"IN", "RETURN", "WITH", "UNWIND", "WHERE", "AND", "OR", "XOR", "NOT", "WHEN", "THEN", "ELSE"}
    | {"CASE", "BY", "DISTINCT", "LIMIT", "SKIP", "OFFSET", "CONTAINS"}
)
_ITEM = "`__item`"
_WAY = "\0"  # stands for ASC or DESC in what is written into the text


class Same(StrEnum):
    """What shows that a choice makes no difference: its statements return the reference's result,
    the same rows as each other, or the reference's rows but for how often each comes."""

    RESULT = "result"
    EACH_OTHER = "each other"
    SET = "set"


@dataclass(frozen=True, slots=True)
class Choice:
    """What the database chooses, as a verdict would say it, and statements that make that choice in
    two opposite ways (``Same.SET``: in all ways at once); none if it cannot be written."""

    reason: str
    statements: tuple[str, ...]
    same: Same = Same.RESULT


def shows_load_order(reference: str) -> bool:
    """Whether the order in which the graph was loaded may show in the rows."""
    return any(token.upper in _SHOW_ORDER for token in statement_of(reference))


def choices(reference: str, columns: tuple[str, ...] = ()) -> tuple[Choice, ...]:
    """All choices that the text leaves; ``columns`` are what it returned, for RETURN ``*``."""
    return tuple(_Reader(reference, statement_of(reference), columns).choices())


@dataclass(frozen=True, slots=True)
class _Reader:
    """Finds the choices in a text."""

    text: str
    tokens: Tokens
    columns: tuple[str, ...]

    def choices(self) -> Iterator[Choice]:
        by_place = any(_takes_by_place(self.tokens, index) for index in range(len(self.tokens)))
        for query in queries(self.tokens):
            yield from self._in_query(query, by_place=by_place)
        if by_place:
            yield from self._lists()
        yield from self._paths()

    def _in_query(self, query: Query, *, by_place: bool) -> Iterator[Choice]:
        ordered = False
        for index, clause in enumerate(query.clauses):
            if clause.keyword in _MAKE_ROWS:
                ordered = False
            if clause.keyword not in {"WITH", "RETURN"}:
                continue
            read = projection(query.clauses, index)
            if by_place and index and not ordered:
                yield from self._collects(clause)
            kept = ordered and not _groups(read)
            yield from self._rows(query, index, read, ordered=kept, by_place=by_place)
            ordered = kept or bool(read.order_by)

    def _rows(
        self, query: Query, index: int, read: Projection, *, ordered: bool, by_place: bool
    ) -> Iterator[Choice]:
        """Which rows a cut leaves, and in which order rows go on."""
        collected = query.within == "COLLECT"
        passed = query.clauses[index].keyword == "WITH"
        cut = cut_at(query.clauses, index + 1 + bool(read.order_by))
        if cut and (read.order_by or not ordered):
            how = "cuts a tie" if read.order_by else "stands without ORDER BY"
            yield self._sorted(query, index, read, f"{spelled(self.text, cut)} {how}", cut)
        if read.order_by and (passed or (collected and not cut)):
            order = source(self.text, query.clauses[index + 1].tokens)
            reason = f"rows that tie under ORDER BY {order} may permute"
            yield self._sorted(query, index, read, reason)
        if collected and by_place and not ordered and not passed and not cut and not read.order_by:
            yield self._sorted(query, index, read, "it depends on the order of COLLECT { … }")

    def _sorted(
        self, query: Query, index: int, read: Projection, reason: str, cut: tuple[Clause, ...] = ()
    ) -> Choice:
        """Everything that matters as one more sort key: then only rows that are the same still tie.
        What a WITH cuts is compared where it is cut: later clauses may show some choices only."""
        clause = query.clauses[index]
        passed = clause.keyword == "WITH"
        keys = self._used(query, index, read) if passed else self._returned(query, read)
        if keys is None:
            return Choice(reason, ())
        more = ", ".join(f"{key} {_WAY}" for key in keys)
        place = query.clauses[index + bool(read.order_by)].end
        instead = (", " if read.order_by else " ORDER BY ") + more if keys else ""
        if not cut or not passed or query.within:
            return self._choice(reason, place, place, instead)
        rows = ", ".join(f"{key} AS `__{number}`" for number, key in enumerate(keys)) or "1 AS one"
        part = query.clauses[0].start, cut[-1].end
        choice = self._choice(reason, place, place, instead, part=part, tail=f" RETURN {rows}")
        return replace(choice, same=Same.EACH_OTHER)

    def _returned(self, query: Query, read: Projection) -> list[str] | None:
        """The output columns; None for a ``*`` that stands for what the text does not tell."""
        if any(_is_star(item.tokens) for item in read.items):
            return None if query.within else [quoted(column) for column in self.columns]
        return [
            quoted(item.alias) if item.alias is not None else source(self.text, item.tokens)
            for item in read.items
        ]

    def _used(self, query: Query, index: int, read: Projection) -> list[str] | None:
        """What later clauses take from a WITH: its variables, or but properties of them."""
        if any(_is_star(item.tokens) for item in read.items):
            return None
        names = {
            item.alias if item.alias is not None else name(item.tokens[0]) for item in read.items
        }
        last = index + bool(read.order_by)
        later = [
            t for t in self.tokens if query.clauses[last].end <= t.start < query.clauses[-1].end
        ]
        used: dict[str, None] = {}
        for place, token in enumerate(later):
            before, after = word_at(later, place - 1), word_at(later, place + 1)
            if token.text == "*" and before in {"RETURN", "WITH", "DISTINCT"}:
                used.update(dict.fromkeys(map(quoted, names)))
            if token.kind not in {Kind.WORD, Kind.QUOTED} or name(token) not in names:
                continue
            if before in {".", "AS"}:
                continue
            key = later[place + 2] if after == "." and place + 2 < len(later) else None
            called = word_at(later, place + 3) == "("
            suffix = f".{key.text}" if key is not None and not called else ""
            used[quoted(name(token)) + suffix] = None
        return [key for key in used if "." not in key or key.partition(".")[0] not in used]

    def _collects(self, clause: Clause) -> Iterator[Choice]:
        """The rows that go into ``collect(x)`` sorted by x."""
        for index, token in enumerate(clause.tokens[:-1]):
            if token.upper != "COLLECT" or clause.tokens[index + 1].text != "(":
                continue
            inside = inside_of(clause.tokens, index + 1)
            inside = inside[1:] if inside and inside[0].upper == "DISTINCT" else inside
            if any(word.kind in {Kind.WORD, Kind.QUOTED} for word in inside):
                value = source(self.text, inside)
                reason = f"it depends on the order of collect({value})"
                rows = f"WITH * ORDER BY {value} {_WAY} "
                yield self._choice(reason, clause.start, clause.start, rows)

    def _lists(self) -> Iterator[Choice]:
        """``labels(n)``, ``keys(n)`` and pattern comprehensions as sorted lists."""
        for index, token in enumerate(self.tokens[:-1]):
            called = token.upper in {"LABELS", "KEYS"} and self.tokens[index + 1].text == "("
            if not called and not _is_pattern_comprehension(self.tokens, index):
                continue
            end = self.tokens[closing(self.tokens, index + called)].end
            value = self.text[token.start : end]
            order = f"RETURN {_ITEM} ORDER BY {_ITEM} {_WAY}"
            items = f"COLLECT {{ UNWIND {value} AS {_ITEM} {order} }}"
            yield self._choice(f"it depends on the order of {value}", token.start, end, items)

    def _paths(self) -> Iterator[Choice]:
        """All shortest paths in place of any one, unless only their length is asked for."""
        for index, token in enumerate(self.tokens):
            before, after = word_at(self.tokens, index - 1), word_at(self.tokens, index + 1)
            start, end, instead = token.start, token.end, "ALL SHORTEST"
            if token.upper == "SHORTESTPATH" and before in {"=", "MATCH", ","}:
                if before == "=" and _only_measured(self.tokens, index - 2):
                    continue
                instead = "allShortestPaths"
            elif token.upper == "SHORTEST" and before == "ANY":
                start = self.tokens[index - 1].start
            elif token.upper == "SHORTEST" and after == "1":
                end = self.tokens[index + 1].end
            else:
                continue
            text = self.text[:start] + instead + self.text[end:]
            yield Choice("there are several shortest paths", (text,), Same.SET)

    def _choice(
        self,
        reason: str,
        start: int,
        end: int,
        instead: str,
        *,
        part: tuple[int, int] | None = None,
        tail: str = "",
    ) -> Choice:
        """The text, or a part of it and a tail, with something else from ``start`` to ``end``."""
        first, last = part or (0, len(self.text))
        up, down = (
            self.text[first:start] + instead.replace(_WAY, way) + self.text[end:last] + tail
            for way in ("ASC", "DESC")
        )
        return Choice(" ".join(reason.split()), (up, down))


def _is_star(tokens: Tokens) -> bool:
    return len(tokens) == 1 and tokens[0].text == "*"


def _groups(read: Projection) -> bool:
    return read.distinct or any(aggregates(item.tokens) for item in read.items)


def _takes_by_place(tokens: Tokens, index: int) -> bool:
    """``head(…)``, ``reduce(…)``, ``x[0]``: the order of a list shows."""
    token = tokens[index]
    if token.upper in _TAKE_BY_PLACE:
        return True
    before = tokens[index - 1] if index else token
    names = before.kind in {Kind.WORD, Kind.QUOTED} and before.upper not in _BEFORE_LISTS
    return token.text == "[" and index > 0 and (names or before.text in {")", "]", "}"})


def _is_pattern_comprehension(tokens: Tokens, index: int) -> bool:
    """``[(a)--(b) | …]`` or ``[p = (a)--(b) | …]``."""
    if tokens[index].text != "[":
        return False
    inside = inside_of(tokens, index)
    first = inside[2:] if len(inside) > 2 and inside[1].text == "=" else inside  # noqa: PLR2004
    return len(split(inside, "|")) > 1 and bool(first) and first[0].text == "("


def _only_measured(tokens: Tokens, path: int) -> bool:
    """Whether the path of this name occurs elsewhere only as ``length(name)``."""
    return all(
        index == path or [word_at(tokens, index - 2), word_at(tokens, index - 1)] == ["LENGTH", "("]
        for index, token in enumerate(tokens)
        if token.text == tokens[path].text
    )
