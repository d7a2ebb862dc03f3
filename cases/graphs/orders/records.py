"""Tables of text that a person can read, as lists. Knows nothing of what they are about."""

from __future__ import annotations


def records(text: str) -> list[list[str]]:
    """The fields of every line."""
    return [[cell.strip() for cell in line.split("|")] for line in text.strip().splitlines()]
