"""How much of the rows is right when not all are: precision and recall beside the verdict.

Knows nothing of queries, cases or verdicts; pure functions.

Columns are matched so that the sum of their overlaps as multisets is greatest, and rows compared on
the matched columns alone; precision is scaled by the share of the prediction's columns that have a
partner, recall by that of the reference's. So a prediction with a column too many can have recall
1, one with a column too few precision 1, and neither can have both.
"""

from __future__ import annotations

from collections import Counter
from itertools import repeat
from typing import TYPE_CHECKING

from pytest_cypherbench.compare.matching import best_assignment

if TYPE_CHECKING:
    from collections.abc import Hashable, Sequence

    from pytest_cypherbench.compare.keys import Keys
    from pytest_cypherbench.compare.rows import Pair

# Beyond this many cells (columns × columns × rows) columns without an equal go by their places.
_CELLS = 4_000_000
# Beyond this many rows there are no soft scores: at 10⁶ rows they would double a verdict's time.
MOST_ROWS = 250_000


def precision_recall(pair: Pair) -> tuple[float, float]:
    """Shares of the prediction's and of the reference's rows that are right."""
    left, right = pair.left, pair.right
    if not left.rows or not right.rows:
        both_empty = float(not left.rows and not right.rows)
        return both_empty, both_empty
    if not left.columns or not right.columns:
        return 0.0, 0.0
    places = _match_columns(*pair.keys)
    if pair.precise:
        keys = [(pair.keys[0][i], pair.keys[1][j]) for i, j in places]
    else:
        keys = [(k[0], k[1]) for k in (pair.encode(i, j)[0] for i, j in places)]
    common = len(places) * _overlap([ours for ours, _ in keys], [theirs for _, theirs in keys])
    precision = common / (len(right.rows) * len(right.columns))
    recall = common / (len(left.rows) * len(left.columns))
    return precision, recall


def f1(precision: float, recall: float) -> float:
    """The harmonic mean, 0 where both are 0."""
    return 2 * precision * recall / (precision + recall) if precision + recall else 0.0


def _overlap(left: Keys, right: Keys) -> int:
    """How many rows the two have in common, as multisets."""
    ours = Counter(zip(*left, strict=True))
    if len(ours) == len(left[0]):
        return len(set(ours).intersection(zip(*right, strict=True)))
    theirs = Counter(zip(*right, strict=True))
    return sum(map(min, ours.values(), map(theirs.get, ours, repeat(0))))


def _match_columns(left: Keys, right: Keys) -> list[tuple[int, int]]:
    """Pairs (left, right) of columns, as many as the narrower table has.

    Columns that are equal as multisets go first: no assignment of the rest can make up for that."""
    pairs, mine, others = _match_signatures(left, right)
    rows, columns = ([table[i] for i in free] for table, free in ((left, mine), (right, others)))
    flipped = len(rows) > len(columns)
    if flipped:
        rows, columns = columns, rows
    height = max(len(left[0]), len(right[0]))
    if len(rows) * len(columns) * height > _CELLS or len(columns) < 2:  # noqa: PLR2004
        return [*pairs, *zip(mine, others, strict=False)]
    sets = [_occurrences(column) for column in columns]
    weights = [[len(ours & theirs) for theirs in sets] for ours in map(_occurrences, rows)]
    for i, j in enumerate(best_assignment(weights)):
        pairs.append((mine[j], others[i]) if flipped else (mine[i], others[j]))
    return pairs


def _occurrences(column: Sequence[Hashable]) -> set[Hashable]:
    """A multiset as a set: each key with the number of its occurrence."""
    seen: Counter[Hashable] = Counter()
    found: set[Hashable] = set()
    for key in column:
        seen[key] += 1
        found.add((key, seen[key]))
    return found


def _match_signatures(
    left: Keys, right: Keys
) -> tuple[list[tuple[int, int]], list[int], list[int]]:
    """Pairs of columns of equal signature, and the columns left over on either side."""
    free = dict(enumerate(map(_signature, right)))
    pairs: list[tuple[int, int]] = []
    rest: list[int] = []
    for i, signature in enumerate(map(_signature, left)):
        fitting = [j for j, other in free.items() if other == signature]
        if fitting:
            j = i if i in fitting else fitting[0]
            pairs.append((i, j))
            del free[j]
        else:
            rest.append(i)
    return pairs, rest, list(free)


def _signature(column: Sequence[Hashable]) -> frozenset[tuple[Hashable, int]]:
    """The multiset itself; a sum of hashes would be the same for 0, 3 and for 1, 2."""
    return frozenset(Counter(column).items())
