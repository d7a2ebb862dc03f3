"""The truth table of result equality: situations, and what a fair judge says of each."""

from __future__ import annotations

import math
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

import pytest

from pytest_cypherbench.compare import judge
from pytest_cypherbench.flow import Case, Execution, Order, Origin, Outcome
from pytest_cypherbench.values import Duration, Node, Path, Point, Relationship, Temporal

if TYPE_CHECKING:
    from collections.abc import Mapping

    from pytest_cypherbench.values import Row

SAME, DIFFERENT, UNKNOWN = Outcome.PASS, Outcome.MISMATCH, Outcome.UNDECIDABLE
PLAIN = "MATCH (p:Person) RETURN p.name, p.born"
ONE = "MATCH (p:Person) RETURN p.name"
BY_NAME = f"{ONE} ORDER BY p.name"
BY_BORN = f"{ONE} ORDER BY p.born"
COLLECTED = "MATCH (p:Person)-[:ACTED_IN]->(m) RETURN p.name, collect(m.title)"
TOP = "MATCH (p:Person)-[:ACTED_IN]->(m) RETURN p.name, collect(m.title)[0]"
SORTED = ("p.name", "__sort_0")

KEANU = Node("4:1:1", frozenset({"Person"}), {"name": "Keanu Reeves", "born": 1964})
KEANU_ELSEWHERE = Node("4:9:7", frozenset({"Person"}), {"born": 1964.0, "name": "Keanu Reeves"})
CARRIE = Node("4:1:2", frozenset({"Person"}), {"name": "Carrie-Anne Moss"})
NAMESAKE = Node("4:1:3", frozenset({"Person"}), {"name": "Keanu Reeves", "born": 1964})
ROBOT = Node("4:1:4", frozenset({"Robot"}), {"name": "Keanu Reeves", "born": 1964})
KNOWS = Relationship("5:1:1", "KNOWS", KEANU, CARRIE, {"since": 1999})
KNOWS_TOO = Relationship("5:1:2", "KNOWS", KEANU, CARRIE, {"since": 1999})
KNOWN_BY = Relationship("5:1:1", "KNOWS", CARRIE, KEANU, {"since": 1999})
PARIS = Temporal("date_time", "2024-01-01T12:00:00.000000000+01:00[Europe/Paris]")
PLUS_ONE = Temporal("date_time", "2024-01-01T12:00:00.000000000+01:00")
UTC = Temporal("date_time", "2024-01-01T11:00:00.000000000+00:00")
DAY = Temporal("date", "2024-01-01")


@dataclass(frozen=True)
class Situation:
    """Rows of a reference and of a prediction, and what is to be said of them."""

    name: str
    say: Outcome
    expected: list[Row]
    predicted: list[Row]
    reference: str = PLAIN
    columns: tuple[str, ...] = ()
    order: Order | None = None
    tolerance: float = 1e-9
    same_database: bool = True
    also: Mapping[str, object] = field(default_factory=dict)


def cells(name: str, say: Outcome, left: object, right: object, **rest: object) -> Situation:
    """A situation of one cell."""
    rest.setdefault("reference", ONE)
    return Situation(name, say, [(left,)], [(right,)], **rest)  # type: ignore[arg-type,list-item]


A, B, C = ("a", 1), ("b", 2), ("c", 3)
GIVEN = [
    Situation("1 rows permuted, no ORDER BY", SAME, [A, B, C], [C, A, B], also={"ordered": None}),
    Situation(
        "2 rows permuted, ordered by a unique key",
        DIFFERENT,
        [("a",), ("b",)],
        [("b",), ("a",)],
        BY_NAME,
        also={"ordered": False, "f1": 1.0},
    ),
    Situation(
        "3 only tied rows permuted",
        SAME,
        [("a", 1), ("b", 2), ("c", 2), ("d", 3)],
        [("a",), ("c",), ("b",), ("d",)],
        BY_BORN,
        SORTED,
        also={"ordered": True},
    ),
    Situation(
        "4 ORDER BY only inside a WITH",
        SAME,
        [A, B],
        [B, A],
        "MATCH (p) WITH p ORDER BY p.name LIMIT 2 RETURN p.name, p.born",
    ),
    Situation(
        "5 ORDER BY only inside a string",
        SAME,
        [A, B],
        [B, A],
        "MATCH (p) WHERE p.note = 'x order by y' RETURN p.name, p.born",
    ),
    Situation("6 another column alias", SAME, [A], [A], columns=("name", "born")),
    Situation(
        "7 columns swapped", SAME, [A, B], [(2, "b"), (1, "a")], also={"permuted_columns": True}
    ),
    Situation(
        "8 one more column",
        DIFFERENT,
        [A, B],
        [("a", 1, 0), ("b", 2, 0)],
        also={"recall": 1.0, "precision": 2 / 3},
    ),
    Situation(
        "9 a column missing",
        DIFFERENT,
        [A, B],
        [("a",), ("b",)],
        also={"recall": 0.5, "precision": 1.0},
    ),
    Situation("10 one duplicate row too many", DIFFERENT, [A, B], [A, B, B], also={"recall": 1.0}),
    Situation("11 {1,1,2} and {1,2,2}", DIFFERENT, [(1,), (1,), (2,)], [(1,), (2,), (2,)], ONE),
    Situation("12 columns right, rows paired wrongly", DIFFERENT, [A, B], [("a", 2), ("b", 1)]),
    cells("13 0.1+0.2 and 0.3", SAME, 0.1 + 0.2, 0.3),
    cells("14 0.500 and 0.505", DIFFERENT, 0.5, 0.505),
    cells("15 2 and 2.0", SAME, 2, 2.0),
    cells("16 1 and true", DIFFERENT, 1, True),  # noqa: FBT003
    cells("17 1 and '1'", DIFFERENT, 1, "1"),
    cells("18 null and null", SAME, None, None),
    cells("19 NaN and NaN", SAME, math.nan, float("nan")),
    Situation("20 both empty", SAME, [], [], also={"empty": True, "f1": 1.0}),
    Situation("21 reference empty", DIFFERENT, [], [A], also={"empty": False, "f1": 0.0}),
    cells("22 lists in another order", DIFFERENT, [1, 2], [2, 1]),
    Situation(
        "22 collected lists in another order",
        SAME,
        [("a", ["x", "y"]), ("b", ["z"])],
        [("b", ["z"]), ("a", ["y", "x"])],
        COLLECTED,
    ),
    Situation(
        "22 lists collected after an ORDER BY",
        DIFFERENT,
        [("a", ["x", "y"])],
        [("a", ["y", "x"])],
        "MATCH (p)-->(m) WITH p, m ORDER BY m.year RETURN p.name, collect(m.title)",
    ),
    cells("23 list with null and mixed types", SAME, [None, 1, "a", True], [None, 1.0, "a", True]),
    cells("24 map keys in another order", SAME, {"a": 1, "b": [2]}, {"b": [2], "a": 1}),
    cells("25 equal dates", SAME, DAY, Temporal("date", "2024-01-01")),
    cells("26 equal zoned date-times", SAME, PARIS, Temporal(PARIS.kind, PARIS.text)),
    cells("27 the same node", SAME, KEANU, KEANU),
    cells("28 other labels, same properties", DIFFERENT, KEANU, ROBOT),
    cells("28 the same across databases", DIFFERENT, KEANU, ROBOT, same_database=False),
    cells("29 the same relationship", SAME, KNOWS, KNOWS),
    cells("30 a node and a map of its properties", DIFFERENT, KEANU, dict(KEANU.properties)),
]

OWN = [
    cells("another node with the same content", DIFFERENT, KEANU, NAMESAKE),
    cells("the same node across databases", SAME, KEANU, KEANU_ELSEWHERE, same_database=False),
    cells("another relationship, same content", DIFFERENT, KNOWS, KNOWS_TOO),
    cells("the same across databases", SAME, KNOWS, KNOWS_TOO, same_database=False),
    cells("a relationship turned round", DIFFERENT, KNOWS, KNOWN_BY, same_database=False),
    cells("the same path", SAME, Path((KEANU, CARRIE), (KNOWS,)), Path((KEANU, CARRIE), (KNOWS,))),
    cells(
        "a path walked backwards",
        DIFFERENT,
        Path((KEANU, CARRIE), (KNOWS,)),
        Path((CARRIE, KEANU), (KNOWS,)),
    ),
    cells("a path and its nodes", DIFFERENT, Path((KEANU,), ()), [KEANU]),
    cells("a node and its id", DIFFERENT, KEANU, "4:1:1"),
    cells(
        "a node and a relationship of one id",
        DIFFERENT,
        KEANU,
        Relationship("4:1:1", "X", KEANU, KEANU, {}),
    ),
    cells("one instant in two offsets", DIFFERENT, PLUS_ONE, UTC),
    cells("one instant with and without a named zone", DIFFERENT, PARIS, PLUS_ONE),
    cells("Z and +00:00", SAME, UTC, Temporal("date_time", "2024-01-01T11:00:00.000000000Z")),
    cells("a date and its text", DIFFERENT, DAY, "2024-01-01"),
    cells(
        "a date and a local date-time", DIFFERENT, DAY, Temporal("local_date_time", "2024-01-01")
    ),
    cells("60 seconds and a minute", SAME, Duration(0, 0, 60, 0), Duration(0, 0, 59, 10**9)),
    cells("a day and 24 hours", DIFFERENT, Duration(0, 1, 0, 0), Duration(0, 0, 86_400, 0)),
    cells("points nearly alike", SAME, Point(4326, (0.1 + 0.2, 1.0)), Point(4326, (0.3, 1))),
    cells("points in two systems", DIFFERENT, Point(4326, (1.0, 2.0)), Point(7203, (1.0, 2.0))),
    cells("0.0 and -0.0", SAME, 0.0, -0.0),
    cells("0 and 1e-300: no absolute tolerance", DIFFERENT, 0.0, 1e-300),
    cells("the case allows one percent", SAME, 0.5, 0.505, tolerance=0.01),
    cells("no tolerance", DIFFERENT, 0.1 + 0.2, 0.3, tolerance=0.0),
    cells("large integers are exact", DIFFERENT, 1_700_000_000_000, 1_700_000_000_001),
    cells(
        "large integers beside a float near both",
        DIFFERENT,
        [1_700_000_000_000, 1.7e12],
        [1_700_000_000_001, 1.7e12],
    ),
    cells("a large integer and a float", SAME, 1_700_000_000_001, 1.7e12),
    cells("2^53+1 and 2^53 as a float, exactly", DIFFERENT, 2**53 + 1, 2.0**53, tolerance=0.0),
    cells("an integer beyond every float", DIFFERENT, 10**400, math.inf),
    cells("infinity and itself", SAME, math.inf, math.inf),
    cells("infinity and the greatest float", DIFFERENT, math.inf, 1.7976931348623157e308),
    cells("infinity and minus infinity", DIFFERENT, math.inf, -math.inf),
    cells("NaN and null", DIFFERENT, math.nan, None),
    cells("false and 0", DIFFERENT, False, 0),  # noqa: FBT003
    cells("false and null", DIFFERENT, False, None),  # noqa: FBT003
    cells("'' and null", DIFFERENT, "", None),
    cells("[] and null", DIFFERENT, [], None),
    cells("[1] and 1", DIFFERENT, [1], 1),
    cells("[true] and [1]", DIFFERENT, [True], [1]),
    cells("[NaN] and [NaN]", SAME, [math.nan], [math.nan]),
    cells("a map entry that is null and none", DIFFERENT, {"a": None}, {}),
    cells("{} and []", DIFFERENT, {}, []),
    cells("bytes and text", DIFFERENT, b"a", "a"),
    cells("composed and decomposed letters", DIFFERENT, "\u00e9", "e\u0301"),
    cells("letter case", DIFFERENT, "Keanu", "keanu"),
    cells("a list that looks like a key", DIFFERENT, ["node", "4:1:1"], KEANU),
    Situation(
        "columns swapped in one row only",
        DIFFERENT,
        [("a", "b"), ("c", "d")],
        [("a", "b"), ("d", "c")],
    ),
    Situation(
        "columns and rows permuted at once",
        SAME,
        [(1, 2, 3), (4, 5, 6)],
        [(6, 4, 5), (3, 1, 2)],
        also={"permuted_columns": True},
    ),
    Situation("two equal columns", SAME, [(1, 1, 2)], [(2, 1, 1)], also={"permuted_columns": True}),
    Situation("as many, other duplicates", DIFFERENT, [(1, 1, 2)], [(2, 2, 1)]),
    Situation(
        "near is not transitive: 0-1, 1-2 but not 0-2",
        DIFFERENT,
        [(1.0,), (1.02,)],
        [(1.02,), (1.04,)],
        ONE,
        tolerance=0.015,
    ),
    Situation(
        "near: a partner for each exists",
        SAME,
        [(1.0,), (1.02,)],
        [(1.01,), (1.03,)],
        ONE,
        tolerance=0.015,
    ),
    Situation(
        "order ignored by the case",
        SAME,
        [("a",), ("b",)],
        [("b",), ("a",)],
        BY_NAME,
        order=Order.IGNORED,
        also={"ordered": False},
    ),
    Situation("order demanded, and kept", SAME, [A, B], [A, B], order=Order.SIGNIFICANT),
    Situation(
        "order demanded, the reference has none", UNKNOWN, [A, B], [B, A], order=Order.SIGNIFICANT
    ),
    Situation("order demanded, other rows", DIFFERENT, [A, B], [B, C], order=Order.SIGNIFICANT),
    Situation(
        "rows swapped across ties",
        DIFFERENT,
        [("a", 1), ("b", 1), ("c", 2)],
        [("c",), ("b",), ("a",)],
        BY_BORN,
        SORTED,
        also={"ordered": False},
    ),
    Situation(
        "ordered and columns swapped",
        SAME,
        [("a", 1), ("b", 2)],
        [(1, "a"), (2, "b")],
        f"{PLAIN} ORDER BY p.born",
        also={"ordered": True, "permuted_columns": True},
    ),
    Situation(
        "sort key not returned with frozen rows, in order",
        SAME,
        [("a",), ("b",)],
        [("a",), ("b",)],
        BY_BORN,
        also={"ordered": True},
    ),
    Situation(
        "sort key not returned with frozen rows, permuted",
        UNKNOWN,
        [("a",), ("b",)],
        [("b",), ("a",)],
        BY_BORN,
    ),
    Situation("first of a collected list, the same", SAME, [("a", "x")], [("a", "x")], TOP),
    Situation("first of a collected list, another", UNKNOWN, [("a", "x")], [("a", "y")], TOP),
    Situation(
        "first of a collected list, another person", DIFFERENT, [("a", "x")], [("b", "y")], TOP
    ),
    Situation(
        "pairs in a collected list keep their order",
        DIFFERENT,
        [("a", [[1, 2], [3, 4]])],
        [("a", [[4, 3], [1, 2]])],
        "MATCH (p)-->(m) RETURN p.name, collect([m.x, m.y])",
    ),
    Situation(
        "collected lists of collected lists",
        SAME,
        [("a", [[1, 2], [3]])],
        [("a", [[3], [2, 1]])],
        "MATCH (p)-->(m) WITH p, m, collect(m.x) AS xs RETURN p.name, collect(xs)",
    ),
    Situation(
        "collected lists with another count",
        DIFFERENT,
        [("a", [1, 1, 2])],
        [("a", [1, 2, 2])],
        COLLECTED,
    ),
    Situation("collected floats", SAME, [("a", [0.1 + 0.2, 1])], [("a", [1.0, 0.3])], COLLECTED),
    Situation(
        "a collected list in another column",
        SAME,
        [("a", [1, 2]), ("b", [])],
        [([2, 1], "a"), ([], "b")],
        COLLECTED,
        also={"permuted_columns": True},
    ),
    Situation(
        "a union ends in ORDER BY",
        SAME,
        [("a",), ("b",)],
        [("b",), ("a",)],
        f"{ONE} UNION {BY_NAME}",
    ),
    Situation("expected rows of two lengths", Outcome.REFERENCE_ERROR, [("a",), A], [("a",), A]),
    Situation("no rows, other columns", SAME, [], [], columns=("a", "b"), also={"empty": True}),
]


@pytest.mark.parametrize("situation", GIVEN + OWN, ids=lambda situation: situation.name)
def test_says_of_each_situation_what_a_fair_judge_says(situation: Situation) -> None:
    """Every row of the truth table has the outcome and the flags that stand in it."""
    case = Case(
        id="x",
        graph="g",
        question="q",
        reference=situation.reference,
        origin=Origin("f", 1),
        order=situation.order,
        tolerance=situation.tolerance,
    )
    verdict = judge(
        case,
        Execution(situation.columns, tuple(situation.expected), 0.0),
        Execution((), tuple(situation.predicted), 0.0),
        same_database=situation.same_database,
    )
    assert verdict.outcome is situation.say, verdict.reason
    assert {name: getattr(verdict, name) for name in situation.also} == situation.also
    if situation.say is SAME:
        assert (verdict.precision, verdict.recall, verdict.f1) == (1.0, 1.0, 1.0)
