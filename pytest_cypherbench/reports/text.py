"""Text from models and databases made safe for a terminal.

Knows nothing of records. A control character could move the cursor or forge a line of CI output.
"""

from __future__ import annotations


def printable(text: str, limit: int = 2000) -> str:
    """The text with every control and format character shown as an escape, cut at ``limit``."""
    shown = "".join(char if char == "\n" or char.isprintable() else _escape(char) for char in text)
    return shown if len(shown) <= limit else f"{shown[:limit]}… ({len(shown)} characters)"


def one_line(text: str, limit: int = 200) -> str:
    """The same on one line."""
    return " ".join(printable(text, limit).split())


def _escape(char: str) -> str:
    return "    " if char == "\t" else char.encode("unicode_escape").decode("ascii")
