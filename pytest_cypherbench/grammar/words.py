"""Sets of words as GBNF: one of these words, and any word but these.

Knows nothing of Cypher. Words are written as the branches of a tree, so that whoever matches one
has few ways to follow at a time instead of one for every word.
"""

from __future__ import annotations

import string
from typing import TYPE_CHECKING, TypeAlias

if TYPE_CHECKING:
    from collections.abc import Iterable

# What may follow each character; "" marks the end of a word.
_Tree: TypeAlias = "dict[str, _Tree]"

_STARTS = frozenset(string.ascii_letters + "_")
_REST = _STARTS | frozenset(string.digits)
_PLAIN = range(0x20, 0x7F)
_SHORT = 0xFFFF


def one_of(words: Iterable[str]) -> str:
    """An expression that matches these words and no other. Raises ValueError if there are none."""
    tree = _tree(words)
    if not tree:
        raise ValueError("no words")
    return _these(tree)


def any_but(words: Iterable[str], *, tail: str) -> str:
    """An expression that matches every word of ASCII letters, digits and ``_`` but these, in
    whatever case they are written. ``tail``: the name of a rule for any number of such characters.
    """
    return _others(_tree(word.lower() for word in words), _STARTS, tail)


def literal(text: str) -> str:
    """An expression that matches a text."""
    return '"' + "".join(map(_escaped, text)) + '"'


def _tree(words: Iterable[str]) -> _Tree:
    root: _Tree = {}
    for word in words:
        at = root
        for char in word:
            at = at.setdefault(char, {})
        at[""] = {}
    return root


def _these(tree: _Tree) -> str:
    """What may stand from here on: the characters that all words share, then a choice."""
    shared = ""
    while len(tree) == 1 and "" not in tree:
        [(char, tree)] = tree.items()
        shared += char
    ways = [_these({char: after}) for char, after in sorted(tree.items()) if char]
    choice = f"({' | '.join(ways)})" + ("?" if "" in tree else "") if ways else ""
    return " ".join(part for part in (literal(shared) if shared else "", choice) if part)


def _others(tree: _Tree, allowed: frozenset[str], tail: str) -> str:
    """What may stand from here on so that no word of the tree comes of it."""
    letters = {char for char in tree if char}
    elsewhere = allowed - letters - {char.upper() for char in letters}
    ways = [f"{_class(elsewhere)} {tail}"]
    ways += [f"{_either(char)} {_after(tree[char], tail)}" for char in sorted(letters)]
    return f"({' | '.join(ways)})"


def _after(tree: _Tree, tail: str) -> str:
    """Behind a letter of a word: more must follow where the word is complete, and may elsewhere."""
    return _others(tree, _REST, tail) + ("" if "" in tree else "?")


def _either(char: str) -> str:
    return _class(frozenset({char.upper(), char}))


def _class(chars: frozenset[str]) -> str:
    return f"[{''.join(sorted(chars))}]"


def _escaped(char: str) -> str:
    """A character in quotes, in printable ASCII: readers differ in how they take others."""
    if char in '"\\':
        return f"\\{char}"
    if ord(char) in _PLAIN:
        return char
    return f"\\U{ord(char):08X}" if ord(char) > _SHORT else f"\\u{ord(char):04X}"
