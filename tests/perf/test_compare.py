"""How long comparisons take; the figures are printed (-s), asserted are outcomes and ratios."""

from __future__ import annotations

import time
from random import Random
from typing import TYPE_CHECKING

import pytest

from pytest_cypherbench.compare import judge
from pytest_cypherbench.flow import Case, Execution, Origin, Outcome, Verdict

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Sequence

    from pytest_cypherbench.values import Row, Value

CASE = Case("id", "g", "q", "MATCH (n) RETURN n.x", Origin("f", 1))
WIDE, HIGH = 26, 1000


def timed(what: str, expected: Sequence[Row], predicted: Sequence[Row]) -> tuple[Verdict, float]:
    """Judge once and print the time."""
    left, right = Execution((), tuple(expected), 0.0), Execution((), tuple(predicted), 0.0)
    start = time.perf_counter()
    verdict = judge(CASE, left, right)
    seconds = time.perf_counter() - start
    print(f"{what:<55} {seconds * 1000:9.1f} ms  {verdict.outcome} {verdict.reason}")
    return verdict, seconds


def permuted(rows: Sequence[Row], random: Random) -> list[Row]:
    """The same rows in another order of rows and columns, as new objects."""
    columns = list(range(len(rows[0])))
    random.shuffle(columns)
    other = [tuple(row[i] for i in columns) for row in rows]
    random.shuffle(other)
    return other


def with_cell(rows: Sequence[Row], value: Value) -> list[Row]:
    """The rows with one cell changed."""
    middle = len(rows) // 2
    return [*rows[:middle], (*rows[middle][:-1], value), *rows[middle + 1 :]]


def balanced(random: Random) -> list[Row]:
    """Columns of booleans that all have as many of each."""
    half = [True] * (HIGH // 2) + [False] * (HIGH // 2)
    return list(zip(*(random.sample(half, HIGH) for _ in range(WIDE)), strict=True))


def ring(size: int) -> list[Row]:
    """Edges of a ring as rows, vertices as columns: every column looks like every other."""
    return [tuple(v in {i % size, (i + 1) % size} for v in range(size)) for i in range(size * 38)]


def mixed(random: Random, row: int) -> Row:
    """Integers, floats and words."""
    kinds: list[Callable[[], Value]] = [
        lambda: random.randrange(1000),
        random.random,
        lambda: f"name {random.randrange(50)}",
    ]
    return tuple(kinds[(i + row * 0) % 3]() for i in range(WIDE))


TABLES: dict[str, Callable[[Random], Iterable[Row]]] = {
    "mixed": lambda random: (mixed(random, row) for row in range(HIGH)),
    "booleans": lambda random: (
        tuple(random.random() < 0.5 for _ in range(WIDE)) for _ in range(HIGH)
    ),
    "booleans, as many true in every column": balanced,
    "two values": lambda random: (
        tuple(random.randrange(2) for _ in range(WIDE)) for _ in range(HIGH)
    ),
    "one value": lambda _: ((1,) * WIDE for _ in range(HIGH)),
    "one of each row is true": lambda _: (
        tuple(i % WIDE == j for j in range(WIDE)) for i in range(HIGH)
    ),
    "half of the columns identical": lambda random: (
        (row % 7,) * 13 + tuple(random.randrange(3) for _ in range(13)) for row in range(HIGH)
    ),
    "a ring of columns": lambda _: ring(WIDE),
    "lists and maps": lambda random: (
        tuple([random.randrange(9), {"a": random.random()}] for _ in range(WIDE))
        for _ in range(HIGH)
    ),
    "floats": lambda random: (tuple(random.random() for _ in range(WIDE)) for _ in range(HIGH)),
}


@pytest.mark.parametrize("name", TABLES)
def test_wide_tables_are_matched_without_trying_permutations(name: str) -> None:
    """26 columns × 1,000 rows in any order pass, one changed cell does not, in time that is no
    multiple of 26!: at most some hundred times that of comparing identical rows cell by cell."""
    random = Random(7)  # noqa: S311
    rows = list(TABLES[name](random))
    other = permuted(rows, random)
    start = time.perf_counter()
    assert all(
        a == b
        for ours, theirs in zip(rows, list(rows), strict=True)
        for a, b in zip(ours, theirs, strict=True)
    )
    plain = time.perf_counter() - start
    verdict, seconds = timed(f"26 × 1000 {name}", rows, other)
    assert verdict.outcome is Outcome.PASS
    verdict, seconds_different = timed(
        f"26 × 1000 {name}, one cell changed", rows, with_cell(other, "x")
    )
    assert verdict.outcome is Outcome.MISMATCH
    print(f"{'':<55} {max(seconds, seconds_different) / plain:9.1f} × comparing cell by cell")
    assert max(seconds, seconds_different) < 500 * plain


def table(order: Iterable[int]) -> list[tuple[int, str, float]]:
    """10⁶ rows of an integer, a word and a float, made in this order."""
    return [(i, f"name {i * 7919 % 1_000_003}", (i * 0.37) % 1000 + i * 1e-3) for i in order]


def test_a_million_rows() -> None:
    """10⁶ × 3 pass in any order of rows and columns and fail by one cell; the cost as a multiple of
    that of one set of all rows is printed and bounded."""
    size = 10**6
    order = list(range(size))
    rows = table(order)
    Random(3).shuffle(order)  # noqa: S311
    other = table(order)
    start = time.perf_counter()
    assert len(set(rows) | set(other)) == size
    plain = time.perf_counter() - start
    print(f"{'10⁶ × 3, a set of both':<55} {plain * 1000:9.1f} ms")
    verdict, equal = timed("10⁶ × 3, rows permuted", rows, other)
    assert verdict.outcome is Outcome.PASS
    verdict, _ = timed("10⁶ × 3, the same order", rows, list(rows))
    assert verdict.outcome is Outcome.PASS
    verdict, different = timed("10⁶ × 3, one cell changed", rows, with_cell(other, -1.0))
    assert verdict.outcome is Outcome.MISMATCH
    verdict, missing = timed("10⁶ × 3, one row missing", rows, other[:-1])
    assert verdict.outcome is Outcome.MISMATCH
    verdict, turned = timed("10⁶ × 3, columns permuted", rows, [(c, a, b) for a, b, c in other])
    assert verdict.outcome is Outcome.PASS
    verdict, near = timed(
        "10⁶ × 3, every float another within the tolerance",
        rows,
        [(a, b, c * (1 + 1e-12)) for a, b, c in other],
    )
    assert verdict.outcome is Outcome.PASS
    assert equal < 10 * plain
    assert max(different, missing, turned, near) < 40 * plain
