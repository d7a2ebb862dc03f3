"""What a reference says about its result: order, sort keys, lists without order."""

from __future__ import annotations

import pytest

from pytest_cypherbench.compare import read_reference
from pytest_cypherbench.compare.values import BAG, ORDERED, Shape

MATCH = "MATCH (p:Person)-[:ACTED_IN]->(m:Movie) "


@pytest.mark.parametrize(
    ("reference", "ordered"),
    [
        ("MATCH (n) RETURN n ORDER BY n.x", True),
        ("match (n) return n order\n  by n.x limit 3;", True),
        ("MATCH (n) RETURN n /* ORDER BY n.x */", False),
        ("MATCH (n) RETURN n // ORDER BY n.x", False),
        ("MATCH (n) RETURN 'ORDER BY n.x'", False),
        ("MATCH (n) RETURN n.`ORDER BY`", False),
        ("MATCH (n) WITH n ORDER BY n.x RETURN n", False),
        ("CALL { MATCH (n) RETURN n ORDER BY n.x } RETURN n", False),
        ("RETURN COLLECT { MATCH (n) RETURN n.x ORDER BY n.x } AS xs", False),
        ("RETURN 1 AS x UNION RETURN 2 AS x ORDER BY x", False),
        ("MATCH (n) RETURN n ORDER BY rand()", False),
        ("MATCH (n) RETURN n ORDER BY 'not closed", False),
        ("CREATE (n)", False),
        ("", False),
    ],
)
def test_only_an_order_of_the_last_projection_orders_the_result(
    reference: str, ordered: bool
) -> None:
    """ORDER BY in a comment, a string, a name, a WITH, a subquery or after UNION orders nothing."""
    assert read_reference(reference).ordered is ordered


@pytest.mark.parametrize(
    ("projection", "keys", "added"),
    [
        ("n.a AS a, n.b AS b ORDER BY b DESC, a", (1, 0), ""),
        ("n.a, n.b ORDER BY n . b /* by age */ ASC", (1,), ""),
        ("n.a AS `the a` ORDER BY `the a` DESCENDING", (0,), ""),
        ("n.a ORDER BY n.b SKIP 1 LIMIT 2", (None,), ", n.b AS `__sort_0`"),
        (
            "n.a AS a ORDER BY n.c, a, n.b",
            (None, 0, None),
            ", n.c AS `__sort_0`, n.b AS `__sort_1`",
        ),
        ("n.a AS a ORDER BY toLower(a) + n.a", (None,), ", toLower((n.a)) + n.a AS `__sort_0`"),
        ("n.c AS a, m.c AS n ORDER BY n.c", (None,), ", (m.c).c AS `__sort_0`"),
        (
            "n.a AS a, n.c AS c ORDER BY m.a, m.a:c",
            (None, None),
            ", m.a AS `__sort_0`, m.a:c AS `__sort_1`",
        ),
        ("* ORDER BY n.a", (None,), ", n.a AS `__sort_0`"),
        ("DISTINCT n ORDER BY n.a", (None,), ", n.a AS `__sort_0`"),
        ("DISTINCT n.a AS a ORDER BY size(a)", (None,), ", size((n.a)) AS `__sort_0`"),
        ("n.a AS a, count(*) AS c ORDER BY c / 2, a", (None, 0), ", (count(*)) / 2 AS `__sort_0`"),
        ("n.a, count(*) ORDER BY count(*) DESC", (1,), ""),
    ],
)
def test_sort_keys_are_found_or_returned_as_well(
    projection: str, keys: tuple[int | None, ...], added: str
) -> None:
    """Each key is found among the columns, or added after the items with aliases resolved."""
    items, order = projection.split(" ORDER BY ")
    reading = read_reference(f"MATCH (n), (m) RETURN {projection}")
    assert reading.sort_keys == keys
    assert reading.statement == f"MATCH (n), (m) RETURN {items}{added} ORDER BY {order}"


@pytest.mark.parametrize(
    "projection",
    ["DISTINCT n.a ORDER BY n.b", "n.a, count(*) ORDER BY max(n.b)", "n.a, count(*) ORDER BY m.b"],
)
def test_a_key_that_would_change_the_rows_is_not_returned(projection: str) -> None:
    """Beside DISTINCT or an aggregate no foreign key is added: the order is said to be unknown."""
    reading = read_reference(f"MATCH (n), (m) RETURN {projection}")
    assert reading.ordered
    assert reading.sort_keys == ()
    assert reading.statement.endswith(projection)
    assert "sort key" in reading.why_order_is_unknown


def test_a_comment_at_the_end_does_not_swallow_the_key() -> None:
    """What is added stands before a comment that follows the last item."""
    reading = read_reference("MATCH (n) RETURN n.a // the name\nORDER BY n.b")
    assert reading.statement == "MATCH (n) RETURN n.a, n.b AS `__sort_0` // the name\nORDER BY n.b"


FILMS = Shape(entries=(("films", BAG),))


@pytest.mark.parametrize(
    ("query", "shape"),
    [
        ("RETURN collect(m.title)", BAG),
        ("RETURN collect(DISTINCT m.title)", BAG),
        ("RETURN (collect(m.title))", BAG),
        ("RETURN collect([m.title, m.year])", BAG),
        ("RETURN keys(p)", BAG),
        ("RETURN labels(p)", BAG),
        ("RETURN reverse(collect(m.title))", BAG),
        ("RETURN apoc.coll.toSet(collect(m.title))", BAG),
        ("RETURN coalesce(collect(m.title), [])", BAG),
        ("RETURN collect(m.title) + collect(p.name)", BAG),
        ("RETURN [t IN collect(m.title) WHERE t <> 'x' | toUpper(t)]", BAG),
        ("RETURN [(p)-->(x) | x.title]", BAG),
        ("RETURN COLLECT { MATCH (p)-->(x) RETURN x.title }", BAG),
        ("WITH p, collect(m) AS films RETURN films", BAG),
        ("WITH p, collect(m) AS films WITH films AS f, p RETURN f", BAG),
        ("WITH p, collect(m) AS films WITH *, 1 AS one RETURN films", BAG),
        ("CALL { MATCH (x) RETURN collect(x) AS xs } RETURN xs", BAG),
        ("WITH p, m ORDER BY m.year LIMIT 5 MATCH (m)--(x) RETURN collect(x)", BAG),
        ("WITH p, collect(m) AS films UNWIND [films] AS f RETURN f", BAG),
        ("RETURN {films: collect(m.title), name: p.name}", FILMS),
        ("RETURN p {.name, films: collect(m.title)}", FILMS),
        ("WITH p, collect(m.title) AS films RETURN p {.*, films}", FILMS),
        ("WITH {films: collect(m.title)} AS row RETURN row.films", BAG),
        ("WITH p, collect(m) AS films RETURN collect(films)", Shape(bag=True, items=BAG)),
        (
            "WITH p, collect(m) AS films RETURN collect({films: films})",
            Shape(bag=True, items=FILMS),
        ),
        ("RETURN [collect(m.title)]", Shape(items=BAG)),
        ("RETURN collect(m.title) UNION RETURN ['x']", BAG),
        ("WITH m ORDER BY m.year RETURN collect(m.title)", ORDERED),
        ("WITH m ORDER BY m.year WHERE m.year > 0 WITH m RETURN collect(m.title)", ORDERED),
        ("RETURN COLLECT { MATCH (p)-->(x) RETURN x.title ORDER BY x.title }", ORDERED),
        ("RETURN apoc.coll.sort(collect(m.title))", ORDERED),
        ("RETURN size(collect(m.title))", ORDERED),
        ("RETURN 'x' IN collect(m.title)", ORDERED),
        ("WITH p, collect(m) AS films RETURN size(films) * 2 + 1", ORDERED),
        ("WITH p, collect(m) AS films RETURN any(f IN films WHERE f.year > 1)", ORDERED),
        ("WITH p, collect(m) AS films UNWIND films AS f RETURN f", ORDERED),
        ("WITH p, collect(m) AS films RETURN p.films", ORDERED),
        ("RETURN nodes(path)", ORDERED),
        ("RETURN [1, 2, 3]", ORDERED),
        ("RETURN [x IN range(1, 3) | x * x]", ORDERED),
        ("RETURN labels(p)[0]", ORDERED),
        ("RETURN p.a + p.b", ORDERED),
        ("RETURN collect(m.title)[..3]", None),
        ("RETURN head(collect(m.title))", None),
        ("WITH p, collect(m) AS films RETURN films[0].title", None),
        ("WITH p, collect(m.title)[0] AS first RETURN first", None),
        ("WITH p, collect(m) AS films RETURN reduce(s = '', f IN films | s + f.title)", None),
        ("RETURN ['first'] + collect(m.title)", None),
        ("RETURN {first: head(collect(m.title))}", None),
    ],
)
def test_lists_have_no_order_where_collect_made_them_without_one(
    query: str, shape: Shape | None
) -> None:
    """A collected list is a bag through aliases, maps and comprehensions, unless an order stood
    before it; where a value depends on the order that nothing fixes, that is said."""
    reading = read_reference(MATCH + query)
    assert reading.columns[-1] == shape
    assert reading.undetermined((), 1) == (frozenset({0}) if shape is None else frozenset())


def test_columns_of_a_star_are_found_by_name() -> None:
    """After ``RETURN *`` the names of the result tell which column is a bag."""
    reading = read_reference(MATCH + "WITH p.name AS name, collect(m) AS films RETURN *")
    assert reading.shapes(("films", "name"), 2) == (BAG, ORDERED)
