"""What Neo4j 5 rejects although the embedded engine answers it: rules over tokens.

Knows nothing of engines' errors. A rule that is not sure says nothing.
"""

from __future__ import annotations

import itertools
from typing import TYPE_CHECKING

from pytest_cypherbench import cypher
from pytest_cypherbench.cypher import Kind
from pytest_cypherbench.graphs.embedded.patterns import pattern_expressions
from pytest_cypherbench.graphs.embedded.traits import AGGREGATES, NAMES, PROPERTY_TOKENS, Statement

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from pytest_cypherbench.cypher import Clause, Token

_TAIL: tuple[str, ...] = ("ORDER BY", "SKIP", "LIMIT")
_ENDS = frozenset({"RETURN", "CALL", "OPTIONAL CALL", "FINISH", "SHOW", "YIELD", ""})
_LITERALS = frozenset({"TRUE", "FALSE", "NULL", "NAN", "INF", "INFINITY"})
_PATH_ONLY = frozenset({"length", "nodes", "relationships"})
_RELATIONSHIP_ONLY = frozenset({"type", "startnode", "endnode"})
_NOT_BOOLEAN = frozenset({"size", "tointeger", "tostring", "tofloat", "length", "count", "toupper"})
_NEWER = frozenset({"LET", "FILTER", "INSERT", "HAVING", "GROUP BY", "START", "STOP", "ENABLE"})


def operators(found: Statement) -> str:
    """``!=`` and ``==``, which other languages have."""
    for token in found.tokens:
        if token.kind is Kind.SYMBOL and token.text in {"!=", "=="}:
            return f"the operator {token.text}"
    return ""


def unknown_clauses(found: Statement) -> str:
    """Clauses of SQL, of GQL or of later versions."""
    for level in found.levels:
        for clause in level:
            if clause.keyword in _NEWER:
                return f"the clause {clause.keyword}"
    return ""


def clause_order(found: Statement) -> str:
    """After RETURN only ORDER BY, SKIP, LIMIT and UNION, in this order; nothing ends in MATCH."""
    for number, level in enumerate(found.levels):
        last, allowed = "", _TAIL
        for clause in level:
            keyword = "SKIP" if clause.keyword == "OFFSET" else clause.keyword
            if keyword == "RETURN" and last != "RETURN":
                last, allowed = "RETURN", _TAIL
            elif last == "RETURN" and keyword in allowed:
                allowed = allowed[allowed.index(keyword) + 1 :]
            elif last == "RETURN" and not keyword.startswith("UNION"):
                return f"{keyword} after RETURN"
            elif keyword not in {*_TAIL, "WHERE"}:
                last = keyword.partition(" ")[0] if keyword.startswith("UNION") else keyword
        if number == 0 and last not in _ENDS:
            return f"a query that ends in {last}"
    return ""


def unaliased(found: Statement) -> str:
    """WITH gives every expression that is no plain variable a name."""
    for level in found.levels:
        for index, clause in enumerate(level):
            if clause.keyword != "WITH":
                continue
            for item in cypher.projection(level, index).items:
                plain = len(item.tokens) == 1 and item.tokens[0].kind in NAMES
                if item.alias is None and not plain and cypher.normal(item.tokens) != "*":
                    return f"WITH {cypher.source(found.text, item.tokens)} without AS"
    return ""


def pattern_values(found: Statement) -> str:
    """A pattern is a test, not a value: in WHERE, beside AND, OR, XOR and NOT, after CASE WHEN, and
    in exists(), which takes nothing else."""
    tested = set()
    for pattern in pattern_expressions(found):
        if not pattern.allowed:
            return "a pattern that is used as a value"
        tested.add(pattern.last + 1)
    if any(call.name == "exists" and call.end not in tested for call in found.calls):
        return "exists() of something that is no pattern"
    return ""


def wrong_kinds(found: Statement) -> str:
    """Functions of paths, relationships and nodes given something else."""
    for call in found.calls:
        argument = call.arguments[0] if len(call.arguments) == 1 else ()
        kinds = _kinds(found, argument)
        property_ = _is_property(argument)
        if call.name in _PATH_ONLY and (property_ or (kinds and not kinds & {"path", "other"})):
            return f"{call.name}() of something that is no path"
        if call.name == "length" and argument and argument[0].kind in {Kind.STRING, Kind.NUMBER}:
            return "length() of something that is no path"
        if call.name in _RELATIONSHIP_ONLY and (
            property_ or (kinds and kinds <= {"node", "path", "list"})
        ):
            return f"{call.name}() of something that is no relationship"
        if call.name == "labels" and (
            property_ or (kinds and kinds <= {"relationship", "path", "list"})
        ):
            return "labels() of something that is no node"
        if call.name == "keys" and property_:
            return "keys() of a property"
        if call.name == "size" and kinds and kinds <= {"node", "relationship", "path"}:
            return "size() of something that is no list or string"
    for index, _ in found.accesses:
        name = found.tokens[index - 1]
        if found.at(index - 2) != "." and found.kinds.get(cypher.name(name), frozenset()) == {
            "list"
        }:
            return f"a property of the list {name.text}"
    return ""


def _kinds(found: Statement, argument: tuple[Token, ...]) -> frozenset[str]:
    if len(argument) == 1 and argument[0].kind in NAMES:
        return found.kinds.get(cypher.name(argument[0]), frozenset())
    return frozenset()


def _is_property(tokens: tuple[Token, ...]) -> bool:
    """``a.b`` and nothing else."""
    return (
        len(tokens) == PROPERTY_TOKENS
        and tokens[1].text == "."
        and {tokens[0].kind, tokens[2].kind} <= NAMES
    )


def undefined(found: Statement) -> str:
    """Names that nothing introduces, where the embedded engine takes them for null."""
    for index, token in enumerate(found.tokens):
        if token.kind in NAMES and _is_use(found, index):
            name = cypher.name(token)
            if name not in found.kinds and token.upper not in _LITERALS:
                return f"the undefined variable {name}"
    return ""


def _is_use(found: Statement, index: int) -> bool:
    before, after = found.at(index - 1), found.at(index + 1)
    opener = found.openers[index]
    in_braces = opener >= 0 and found.at(opener) == "{"
    if before == ":" and in_braces and after in {",", "}"}:
        return True
    if in_braces and before in {"{", ","} and after in {",", "}"}:
        return found.is_name(opener - 1) and found.at(opener - 1) not in {
            "EXISTS",
            "COUNT",
            "COLLECT",
        }
    if before == "UNWIND" and after == "AS":
        return True
    starts = after == "." and before != "." and found.at(index + 3) not in {"(", "."}
    return starts and (before != ":" or in_braces)


def non_boolean(found: Statement) -> str:
    """Predicates that are numbers, strings, lists, nodes or functions that give such."""
    for operand in predicates(found):
        if len(operand) == 1:
            token = operand[0]
            kinds = found.kinds.get(cypher.name(token)) if token.kind in NAMES else None
            if token.kind in {Kind.STRING, Kind.NUMBER} or (kinds and "other" not in kinds):
                return f"{token.text} as a predicate"
        elif operand[0].text == "[" and _closes_last(operand, 0):
            return "a list as a predicate"
        elif (
            operand[0].text.lower() in _NOT_BOOLEAN
            and operand[1].text == "("
            and _closes_last(operand, 1)
        ):
            return f"{operand[0].text}() as a predicate"
    return ""


def _closes_last(operand: tuple[Token, ...], index: int) -> bool:
    """Whether the bracket at ``index`` is closed by the last token and no other."""
    depth = operand[index].depth
    closing = [
        i for i, t in enumerate(operand) if i > index and t.depth == depth and t.text in ")]"
    ]
    return closing == [len(operand) - 1]


def predicates(found: Statement) -> Iterator[tuple[Token, ...]]:
    """What AND, OR, XOR and NOT connect in the WHERE clauses, outer brackets taken off."""
    for level in found.levels:
        for clause in level:
            if clause.keyword == "WHERE":
                yield from _split_predicate(clause.tokens)


def _split_predicate(tokens: tuple[Token, ...]) -> Iterator[tuple[Token, ...]]:
    part: list[Token] = []
    parts: list[list[Token]] = [part]
    for token in tokens:
        connects = token.upper in {"AND", "OR", "XOR"} or (token.upper == "NOT" and not part)
        if token.depth == tokens[0].depth and connects:
            part = []
            parts.append(part)
        else:
            part.append(token)
    for found in filter(None, parts):
        if found[0].text == "(" and found[-1].text == ")" and _closes_last(tuple(found), 0):
            yield from _split_predicate(tuple(found[1:-1]))
        else:
            yield tuple(found)


def boolean_sums(found: Statement) -> str:
    """``true`` and ``false`` have no sum."""
    for index, token in enumerate(found.tokens):
        if token.upper in {"TRUE", "FALSE"} and "+" in {found.at(index - 1), found.at(index + 1)}:
            return "a sum with a boolean"
    return ""


def is_words(found: Statement) -> str:
    """IS after a property takes NULL, NOT NULL or a type, nothing else."""
    for index, token in enumerate(found.tokens):
        if token.upper == "IS" and found.at(index - 2) == ".":
            after = found.at(index + 2) if found.at(index + 1) == "NOT" else found.at(index + 1)
            if after in {"TRUE", "FALSE", "EMPTY"}:
                return f"IS {after}"
    return ""


def implicit_grouping(found: Statement) -> str:
    """Beside an aggregate an expression may use only what the projection groups by."""
    for level in found.levels:
        for index, clause in enumerate(level):
            if clause.keyword not in {"WITH", "RETURN"}:
                continue
            if name := _ungrouped(level, index, frozenset(found.kinds)):
                return f"{name} beside an aggregate without being grouped by"
    return ""


def _ungrouped(level: tuple[Clause, ...], index: int, names: frozenset[str]) -> str:
    items = cypher.projection(level, index).items
    mixed = [item.tokens for item in items if _aggregates(item.tokens)]
    keys = {cypher.normal(item.tokens) for item in items if not _aggregates(item.tokens)}
    for tokens in mixed:
        for chain in _free_chains(tokens, names):
            if chain not in keys and chain.partition(" ")[0] not in keys:
                return chain.replace(" ", "")
    return ""


def _aggregates(tokens: tuple[Token, ...]) -> bool:
    return any(
        token.text.lower() in AGGREGATES and following.text == "("
        for token, following in itertools.pairwise(tokens)
    )


def _free_chains(tokens: tuple[Token, ...], names: frozenset[str]) -> Iterator[str]:
    """``a . b`` and ``a`` that stand outside aggregates and are no local variables of a list."""
    local = {t.text for t, after in itertools.pairwise(tokens) if after.upper == "IN"}
    index = 0
    while index < len(tokens):
        token, after = tokens[index], tokens[index + 1].text if index + 1 < len(tokens) else ""
        if token.text.lower() in AGGREGATES and after == "(":
            index = _skip(tokens, index + 1)
        elif after == "." and token.kind in NAMES and index + 2 < len(tokens):
            if token.text not in local and (
                index + 3 >= len(tokens) or tokens[index + 3].text != "("
            ):
                yield f"{token.text} . {tokens[index + 2].text}"
            index += 3
        else:
            before = tokens[index - 1].text if index else ""
            bare = token.kind in NAMES and after not in {"(", ":"} and before not in {".", ":", "["}
            if bare and cypher.name(token) in names and token.text not in local:
                yield token.text
            index += 1


def _skip(tokens: tuple[Token, ...], opener: int) -> int:
    depth = tokens[opener].depth
    return next(
        i
        for i in range(opener + 1, len(tokens))
        if tokens[i].depth == depth and tokens[i].text == ")"
    )


def imports(found: Statement) -> str:
    """The first WITH of a CALL subquery names outer variables and nothing else."""
    for index, token in enumerate(found.tokens):
        if token.upper != "CALL" or found.at(index + 1) != "{" or found.at(index + 2) != "WITH":
            continue
        inside = found.tokens[index + 2 : found.closers[index + 1]]
        outer = {cypher.name(t) for t in found.tokens[:index] if t.kind in NAMES}
        for item in cypher.projection(cypher.clauses(inside), 0).items:
            if item.alias is not None and outer & {cypher.name(t) for t in item.tokens}:
                return "an expression in the importing WITH of a subquery"
    return ""


RULES: tuple[Callable[[Statement], str], ...] = (
    operators,
    unknown_clauses,
    clause_order,
    unaliased,
    pattern_values,
    wrong_kinds,
    undefined,
    non_boolean,
    boolean_sums,
    is_words,
    implicit_grouping,
    imports,
)
