"""How long comparisons take; asserted are outcomes and ratios of things measured in one run."""

from __future__ import annotations

import time
from random import Random
from typing import TYPE_CHECKING, TypeVar

import pytest

from pytest_cypherbench.compare import judge
from pytest_cypherbench.flow import Case, Execution, Origin, Outcome, Verdict

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Sequence

    from pytest_cypherbench.values import Row, Value

CASE = Case("id", "g", "q", "MATCH (n) RETURN n.x", Origin("f", 1))
WIDE, HIGH = 26, 1000
T = TypeVar("T")


def seconds_of(work: Callable[[], T], rounds: int = 1) -> tuple[T, float]:
    """What the work gives, and the CPU seconds of its fastest round: nothing here waits."""
    best = float("inf")
    for _ in range(rounds):
        start = time.process_time()
        result = work()
        best = min(best, time.process_time() - start)
    return result, best


def timed(
    expected: Sequence[Row], predicted: Sequence[Row], rounds: int = 1
) -> tuple[Verdict, float]:
    """The verdict, and the CPU seconds it took in the fastest round."""
    left, right = Execution((), tuple(expected), 0.0), Execution((), tuple(predicted), 0.0)
    return seconds_of(lambda: judge(CASE, left, right), rounds)


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
def test_wide_tables_are_matched_without_trying_permutations(
    name: str, figure: Callable[[str], None]
) -> None:
    """26 columns × 1,000 rows in any order pass, one changed cell does not, in time that is no
    multiple of 26!: at most some hundred times that of comparing identical rows cell by cell."""
    random = Random(7)  # noqa: S311
    rows = list(TABLES[name](random))
    other = permuted(rows, random)
    pairs = list(zip(rows, list(rows), strict=True))
    equal, plain = seconds_of(
        lambda: all(a == b for ours, theirs in pairs for a, b in zip(ours, theirs, strict=True)), 3
    )
    assert equal
    verdict, same = timed(rows, other, 3)
    assert verdict.outcome is Outcome.PASS
    verdict, different = timed(rows, with_cell(other, "x"), 3)
    assert verdict.outcome is Outcome.MISMATCH
    ratio = max(same, different) / plain
    figure(
        f"the same {same * 1000:.1f} ms, one cell changed {different * 1000:.1f} ms,"
        f" {ratio:.0f} × comparing cell by cell"
    )
    assert ratio < 200


def table(order: Iterable[int]) -> list[tuple[int, str, float]]:
    """10⁶ rows of an integer, a word and a float, made in this order."""
    return [(i, f"name {i * 7919 % 1_000_003}", (i * 0.37) % 1000 + i * 1e-3) for i in order]


@pytest.mark.slow
def test_a_million_rows(figure: Callable[[str], None]) -> None:
    """10⁶ × 3 pass in any order of rows and columns and fail by one cell; the cost as a multiple of
    that of one set of all rows is printed and bounded."""
    size = 10**6
    order = list(range(size))
    rows = table(order)
    Random(3).shuffle(order)  # noqa: S311
    other = table(order)
    distinct, plain = seconds_of(lambda: len(set(rows).union(other)))
    assert distinct == size
    figure(f"one set of both tables {plain:.2f} s")
    same, different = Outcome.PASS, Outcome.MISMATCH
    cases: dict[str, tuple[Callable[[], Sequence[Row]], Outcome, float]] = {
        "the same order": (lambda: list(rows), same, 2),
        "one row missing": (lambda: other[:-1], different, 1),
        "rows permuted": (lambda: other, same, 6),
        "one cell changed": (lambda: with_cell(other, -1.0), different, 6),
        "columns permuted, floats moved": (
            lambda: [(c * (1 + 1e-12), a, b) for a, b, c in other],
            same,
            6,
        ),
    }
    for what, (predicted, outcome, most) in cases.items():
        verdict, seconds = timed(rows, predicted())
        figure(f"{what} {seconds:.2f} s, {seconds / plain:.1f} × the set")
        assert verdict.outcome is outcome
        assert seconds < most * plain


def test_floats_that_tell_no_rows_apart(figure: Callable[[str], None]) -> None:
    """Without a column that tells all rows apart, where numbers must be clustered, the cost stays
    some multiple of that of a set as well."""
    rows = [(i % 1000, word[-2:], number) for i, word, number in table(range(30_000))]
    other = [(a, b, c * (1 + 1e-12)) for a, b, c in rows]
    Random(5).shuffle(other)  # noqa: S311
    _, plain = seconds_of(lambda: len(set(rows).union(other)), 3)
    for what, predicted, outcome in (
        ("every float moved", other, Outcome.PASS),
        ("columns permuted", [(c, a, b) for a, b, c in other], Outcome.PASS),
        ("one cell changed", with_cell(other, -1.0), Outcome.MISMATCH),
    ):
        verdict, seconds = timed(rows, predicted)
        figure(
            f"30,000 × 3, {what} {seconds * 1000:.0f} ms, {seconds / plain:.1f} × a set of both tables"
        )
        assert verdict.outcome is outcome
        assert seconds < 40 * plain
