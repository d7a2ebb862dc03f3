"""Matching in bipartite graphs: everyone with a partner, and the assignment of the greatest weight.

Knows nothing of rows, columns or values; standard library only: to import scipy takes longer
than all comparisons of a run together.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Sequence


def perfect(edges: Sequence[Sequence[int]]) -> bool:
    """Whether every left vertex can have a right partner of its own; ``edges`` as in partners."""
    return partners(edges) is not None


def partners(edges: Sequence[Sequence[int]]) -> list[int] | None:
    """A right partner of its own for every left vertex, if there is a way to hand them out.

    ``edges[i]`` lists the right vertices that left vertex i may take. Augmenting paths, O(V E)."""
    owner: dict[int, int] = {}
    if not all(_augment(edges, owner, left) for left in range(len(edges))):
        return None
    found = {left: right for right, left in owner.items()}
    return [found[left] for left in range(len(edges))]


def _augment(edges: Sequence[Sequence[int]], owner: dict[int, int], start: int) -> bool:
    """Find ``start`` a partner by moving those already matched along a shortest augmenting path."""
    came_from: dict[int, int] = {}
    queue = [start]
    for left in queue:
        for right in edges[left]:
            if right in came_from:
                continue
            came_from[right] = left
            if right not in owner:
                _flip(owner, came_from, right)
                return True
            queue.append(owner[right])
    return False


def _flip(owner: dict[int, int], came_from: dict[int, int], right: int) -> None:
    """Hand each right vertex of the path to the left vertex that reached it."""
    held = {left: vertex for vertex, left in owner.items()}
    step: int | None = right
    while step is not None:
        left = came_from[step]
        owner[step] = left
        step = held.get(left)


def best_assignment(weights: Sequence[Sequence[int]]) -> list[int]:
    """For each row the column it gets so that the sum of weights is greatest; one row per column.

    At most as many rows as columns. The Hungarian method with potentials, O(rows² columns)."""
    width = len(weights[0]) if weights else 0
    row_of = [-1] * (width + 1)  # the last place holds the row that is being placed
    lift, drop = [0] * len(weights), [0] * (width + 1)
    for row in range(len(weights)):
        row_of[width] = row
        _place(weights, row_of, lift, drop)
    column_of = [0] * len(weights)
    for column, row in enumerate(row_of[:width]):
        if row >= 0:
            column_of[row] = column
    return column_of


def _place(
    weights: Sequence[Sequence[int]], row_of: list[int], lift: list[int], drop: list[int]
) -> None:
    """Give the row in the last place a column along the cheapest alternating path."""
    width = len(row_of) - 1
    slack: list[float] = [float("inf")] * width
    came_from = [width] * width
    seen = [False] * (width + 1)
    here = width
    while row_of[here] >= 0:
        seen[here] = True
        row = row_of[here]
        for column in range(width):
            reduced = -weights[row][column] - lift[row] - drop[column]
            if not seen[column] and reduced < slack[column]:
                slack[column], came_from[column] = reduced, here
        nearest = min((c for c in range(width) if not seen[c]), key=slack.__getitem__)
        step = int(slack[nearest])
        for column in range(width + 1):
            if seen[column]:
                lift[row_of[column]] += step
                drop[column] -= step
            elif column < width:
                slack[column] -= step
        here = nearest
    while here != width:
        row_of[here] = row_of[came_from[here]]
        here = came_from[here]
