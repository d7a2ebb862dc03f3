"""Where a statement begins and ends in a text that also holds prose.

Knows nothing of models. A reading aid: it looks for what no Cypher has (a keyword without what it
needs, an operand after an operand), and lets everything in doubt stand, for the engine to refuse.
"""

from __future__ import annotations

import re

from pytest_cypherbench.cypher import (
    ADMINISTRATION,
    UPDATES,
    Clause,
    Kind,
    Token,
    clauses,
    tokenize,
)

LINE_CHARS = 300  # how much of a line is looked at to tell prose from Cypher

# Keywords that begin a statement; those of the second set only in capitals: "Show me", "Use the".
_OPENERS = frozenset(
    {"MATCH", "OPTIONAL MATCH", "RETURN", "WITH", "UNWIND", "CALL", "OPTIONAL CALL", "CREATE"}
    | {"MERGE", "LOAD CSV", "EXPLAIN", "PROFILE"}
)
_LOUD_OPENERS = (
    ADMINISTRATION
    | (UPDATES - {"CREATE", "MERGE"})
    | {"USE", "FINISH", "SHOW", "START", "CYPHER", "LET", "FILTER"}
    | {"DETACH DELETE", "NODETACH DELETE"}
)
_PATTERN_OPENERS = frozenset(
    {"MATCH", "OPTIONAL MATCH", "CREATE", "MERGE", "CALL", "OPTIONAL CALL"}
)
# Words between operands, and those of them that can end an expression.
_ENDINGS = frozenset(["ASC", "DESC", "ASCENDING", "DESCENDING", "END", "NULL", "TRUE", "FALSE"])
_OPERATORS = _ENDINGS | frozenset(
    [
        "AND",
        "OR",
        "XOR",
        "NOT",
        "IN",
        "IS",
        "AS",
        "STARTS",
        "ENDS",
        "CONTAINS",
        "DISTINCT",
        "CASE",
        "WHEN",
        "THEN",
        "ELSE",
        "BY",
        "TYPED",
        "NORMALIZED",
        "SHORTEST",
        "HEADERS",
        "FROM",
        "OF",
        "ROWS",
        "TRANSACTIONS",
        "CONCURRENT",
        "FIELDTERMINATOR",
    ]
)
_WAITING = "+-/%^=<>|&:.,!"  # what cannot end a statement

# How a line begins that is no Cypher, that goes on with Cypher, and that may be either.
_MARKDOWN = ("#", "**", "---", "```")
_GOES_ON = ("//", "/*", ",", "+", "=", "<", ".", "&", "%", "^", "/", ")", "]", "}", ";")
_EITHER = ("-", "*", "|", ">", "(", "[", "{")

_WORDS = re.compile(r"[A-Za-z][\w \t]*")
_LINE = re.compile(r"[^\n]*")
_NUMBERED = re.compile(r"\d{1,3}[.)]\s")
_LABEL = re.compile(r"[*_# \t]*[^\W\d][\w \t]{0,40}[*_]*[:：](?:\s|\*|$)")
# Every run of text is one of these, so that scanning never goes back: strings, names and comments
# (an open one reaches to the end), brackets, semicolons, line ends, blanks, the rest.
_SCAN = re.compile(
    r"""(?P<opaque>'(?:[^'\\]|\\.)*+(?:'|\\?\Z)|"(?:[^"\\]|\\.)*+(?:"|\\?\Z)|`[^`]*+(?:`|\Z))"""
    r"""|(?P<comment>//[^\n]*|/\*.*?(?:\*/|\Z))"""
    r"""|(?P<symbol>[()\[\]{};\n])|(?P<blank>[^\S\n]+)|(?P<rest>[^\s'"`/()\[\]{};]+|/)""",
    re.DOTALL,
)
_COMMENTS = re.compile(r"(?:\s|//[^\n]*|/\*.*?\*/)*+", re.DOTALL)
_CANDIDATE = re.compile(
    r"^[ \t]*(?:cypher[ \t]+)?(?=[A-Za-z])|(?:[:.!?][ \t*]+|：)(?=[A-Z])",
    re.MULTILINE | re.IGNORECASE,
)


def skip_comments(text: str, position: int = 0) -> int:
    """Where the first thing stands that is neither blank nor comment."""
    found = _COMMENTS.match(text, position)
    return found.end() if found else position


def begins(text: str) -> bool:
    """Whether the text begins with a statement, comments aside."""
    return opens(text, skip_comments(text))


def find_start(text: str, position: int = 0) -> int | None:
    """Where the first statement begins: at the text's start, at that of a line, or after ``: ``."""
    first = skip_comments(text, position)
    if opens(text, first):
        return first
    for candidate in _CANDIDATE.finditer(text, position):
        if opens(text, candidate.end()) and not _in_comment(text, candidate.start()):
            return candidate.end()
    return None


def find_last(text: str) -> int | None:
    """Where the last statement begins, one that only tells of a clause left aside."""
    last = start = find_start(text)
    while start is not None:
        line = text[start : start + LINE_CHARS].partition("\n")[0]
        if not _reads_as_prose(line):
            last = start
        start = find_start(text, find_end(text, start))
    return last


def _in_comment(text: str, position: int) -> bool:
    begin = max(0, position - LINE_CHARS)
    line = text.rfind("\n", begin, position) + 1
    return text[max(line, begin) : position + 3].lstrip().startswith("//")


def opens(text: str, position: int) -> bool:
    """Whether what stands here can begin a statement."""
    head = text[position : position + LINE_CHARS]
    clause = first_clause(head)
    if clause is None or clause.keyword not in _OPENERS | _LOUD_OPENERS:
        return False
    end = clause.tokens[0].start if clause.tokens else clause.end
    if head[:1].isupper() and head[:end].isupper():
        return head[end : end + 1] not in (":", ".", ",")
    line = head.partition("\n")[0]
    if clause.keyword in _LOUD_OPENERS or _reads_as_prose(line) or not head[end:].strip():
        return False
    # a pattern may begin on the next line
    return clause.keyword not in _PATTERN_OPENERS or any(
        mark in (line[end:].strip() or head[end:]) for mark in "({"
    )


def first_clause(text: str) -> Clause | None:
    """The clause that the words at the start of a text open, as far as these words go."""
    words = _WORDS.match(text)
    found = clauses(tokenize(words[0])) if words else ()
    return found[0] if found and found[0].keyword else None


def find_end(text: str, position: int = 0) -> int:
    """Where the prose begins that follows the statements at a position; else the text's end.

    Only a line start outside brackets and a semicolon can be the place. Several statements are kept
    together, whether or not semicolons stand between them: which one was meant is not ours to say.
    """
    depth, last, blank = 0, "", False
    for part in _SCAN.finditer(text, position):
        if part.lastgroup in ("opaque", "rest"):
            last, blank = part[0], False
        elif part[0] in ("(", "[", "{"):
            depth, last, blank = depth + 1, part[0], False
        elif part[0] in (")", "]", "}"):
            depth, last, blank = max(0, depth - 1), part[0], False
        elif part[0] == ";" and depth == 0:
            if not opens(text, _skip_empty(text, part.start())):
                return part.start()
            last, blank = ";", False
        elif part[0] == "\n" and depth == 0:
            line = _LINE.match(text, part.end(), part.end() + LINE_CHARS)
            if line and line[0].strip() and _is_prose_after(last, line[0].strip(), blank=blank):
                return part.start()
            blank = True
    return len(text)


def _skip_empty(text: str, position: int) -> int:
    """Where the next thing stands that is no blank, comment or semicolon."""
    while text[position : position + 1] == ";":
        position = skip_comments(text, position + 1)
    return position


def _is_prose_after(last: str, line: str, *, blank: bool) -> bool:
    """Whether a line does not go on with a statement whose last part so far is ``last``.

    In doubt it does: a wrong query must not become right by losing its end. ``blank``: an empty
    line stands before, as hardly ever within a query.
    """
    if line.startswith(_MARKDOWN) or (_NUMBERED.match(line) and not _is_waiting(last)):
        return True
    if line.startswith(_GOES_ON) or _is_waiting(last):
        return False
    word = line.split(maxsplit=1)[0]
    if first_clause(line) or word.upper() in _OPERATORS:
        return not word.isupper() and (_reads_as_prose(line) or _is_label(line))
    if line.startswith(_EITHER):
        return _reads_as_prose(line)
    ends = line.endswith((".", "!", "?"))
    return blank or not line[0].isascii() or ends or _is_label(line) or _reads_as_prose(line)


def _is_label(line: str) -> bool:
    return _LABEL.match(line) is not None


def _is_waiting(last: str) -> bool:
    """Whether an expression or a pattern cannot end here."""
    if not last or last[-1] in _WAITING:
        return True
    word = last.upper()
    if word in _ENDINGS:
        return False
    return word in _OPERATORS or word == "OPTIONAL" or first_clause(word) is not None


def _reads_as_prose(line: str) -> bool:
    """Whether two operands follow each other, as words do in prose and nowhere in Cypher."""
    bare = re.sub(r"(?<=[A-Za-z])['’](?=[a-z])", "", line)  # the apostrophe of "it's"
    bare = "".join(
        " , " if part.lastgroup in ("opaque", "comment") else part[0]
        for part in _SCAN.finditer(bare)
    )
    return any(_has_two_operands(words) for words in re.findall(r"[^\W\d][\w \t]*", bare))


def _has_two_operands(words: str) -> bool:
    def operand(token: Token) -> bool:
        return token.kind in (Kind.WORD, Kind.NUMBER) and token.upper not in _OPERATORS

    return any(
        operand(first) and operand(second)
        for clause in clauses(tokenize(words))
        for first, second in zip(clause.tokens, clause.tokens[1:], strict=False)
    )
