"""The grammar of --constrain: all that our references use, nothing that writes."""

from __future__ import annotations

import random
import re

import pytest
from grammars import CASES, END, Acceptor, acceptor, cases_in, schema_of
from hypothesis import given, settings
from hypothesis import strategies as st

from pytest_cypherbench import cypher
from pytest_cypherbench.flow import Entity, Pattern, Property, Schema
from pytest_cypherbench.grammar import MODES, grammar
from pytest_cypherbench.grammar.words import any_but, literal, one_of
from pytest_cypherbench.graphs.guard import check

xgrammar = pytest.importorskip("xgrammar", reason="needs xgrammar: install the extra dev")

TESTED = sorted(path.name for path in (CASES / "graphs").iterdir() if path.is_dir())
DOMAINS = sorted(path.name for path in (CASES / "train" / "graphs").iterdir() if path.is_dir())
# Keys that a query gives to a map of its own are no properties of the graph.
REFUSED_BY_SCHEMA = {
    "orders-best-seller-per-category",
    "orders-three-times-the-average",
    "hospital-busier-than-average",
}


def text_property(name: str) -> Property:
    return Property(name, ("STRING",))


TINY = Schema(
    (
        Entity("Person", (text_property("name"),), 3),
        Entity("Movie", (text_property("title"), text_property("set")), 3),
    ),
    (Entity("ACTED_IN", (text_property("roles"),), 3),),
    (Pattern("Person", "ACTED_IN", "Movie"),),
)


@pytest.fixture(scope="module", params=["grammar", "schema"])
def tiny(request: pytest.FixtureRequest) -> Acceptor:
    return acceptor(grammar(TINY, request.param))


# ── it is rich enough ──


@pytest.mark.parametrize("graph", TESTED)
def test_every_reference_of_a_tested_graph_is_accepted(graph: str) -> None:
    """By names of any kind all, by the schema's names all but the two that look into own maps."""
    schema = schema_of(CASES / "graphs" / graph)
    anything, named = (acceptor(grammar(schema, mode)) for mode in MODES[1:])
    for case in cases_in(CASES / graph):
        for text in (case.reference, *case.accept):
            assert anything.accepts(text.strip()), case.id
            assert named.accepts(text.strip()) == (case.id not in REFUSED_BY_SCHEMA), case.id


@pytest.mark.parametrize("domain", DOMAINS)
def test_every_training_pair_written_by_hand_is_accepted(domain: str) -> None:
    """As above."""
    schema = schema_of(CASES / "train" / "graphs" / domain)
    named = acceptor(grammar(schema, "schema"))
    for case in cases_in(CASES / "train" / domain, "hand.yaml"):
        accepted = named.accepts(case.reference.strip())
        assert accepted == (case.id not in REFUSED_BY_SCHEMA), case.id
        if not accepted:
            assert acceptor(grammar(schema, "grammar")).accepts(case.reference.strip())


@pytest.mark.parametrize(
    "text",
    [
        "RETURN 1",
        "match (p:Person) return p.name order by p.name desc skip 1 limit $n",
        "MATCH (p:Person)-[r:ACTED_IN*1..3]->(m) WHERE NOT (p)-->(m) RETURN p{.name, m: 1}",
        "MATCH (p) WHERE p:Person AND EXISTS { (p)-->() } RETURN COUNT { (p)--() } AS n;",
        "MATCH p = ((:Person)-[:ACTED_IN]->(:Movie)){1,3} RETURN length(p)",
        "MATCH p = SHORTEST 1 (:Person)-[:ACTED_IN]-+(:Person) RETURN p",
        "UNWIND [1, 2.5e-3, -3] AS x RETURN [y IN range(0, x) WHERE y % 2 = 0 | y ^ 2][0..-1]",
        "CALL { MATCH (p:Person) RETURN p LIMIT 1 } RETURN p.name",
        "MATCH (p:Person) CALL (p) { RETURN p.name AS name } RETURN name",
        "MATCH (p:Person) RETURN [(p)-[:ACTED_IN]->(m) | m.title] AS titles, p.name AS set",
        "MATCH (p:Person) RETURN COLLECT { MATCH (p)-->(m) RETURN m.title }",
        "RETURN CASE 1 WHEN 1 THEN 'it\\'s' ELSE \"no\" END AS `a word`",
        "MATCH (stop:Movie) WHERE any(x IN [1] WHERE x > 0) RETURN COUNT(DISTINCT stop)",
        "RETURN duration({days: 3}).days, date().year, reduce(a = 0, x IN [1] | a + x)",
        "MATCH (m:Movie) RETURN m.set ORDER BY m.set",
    ],
)
def test_queries_of_every_kind_are_accepted(tiny: Acceptor, text: str) -> None:
    """What models write beside what our references use."""
    assert tiny.accepts(text)


# ── it cannot write ──

HOSTILE = [
    "CREATE (n)",
    "CREATE (n:Person {name: 'x'}) RETURN n",
    "create (n) return n",
    "CrEaTe (n)",
    "MERGE (n:Person {name: 'x'})",
    "MERGE (n:Person) ON CREATE SET n.name = 'x' RETURN n",
    "MATCH (n) SET n.name = 'x'",
    "MATCH (n) SET n.name = 'x' RETURN n",
    "MATCH (n) set n:Movie RETURN n",
    "MATCH (n) SET n += {name: 'x'} RETURN n",
    "MATCH (n) DELETE n",
    "MATCH (n) DETACH DELETE n",
    "MATCH (n) detach delete n",
    "MATCH (n) NODETACH DELETE n",
    "MATCH (n) REMOVE n.name",
    "MATCH (n) REMOVE n:Person RETURN n",
    "MATCH (n) RETURN n CREATE (m)",
    "MATCH (n) RETURN n DELETE n",
    "MATCH (n) WITH n CREATE (m) RETURN m",
    "MATCH (n) WITH n DELETE n RETURN 1",
    "MATCH (n) WITH n SET n.name = 1 RETURN n",
    "MATCH (n) WHERE n.name = 'x' DETACH DELETE n",
    "MATCH (n) WITH * CREATE (m) RETURN *",
    "UNWIND [1] AS x CREATE (:Person {name: x})",
    "UNWIND [1] AS x MERGE (:Person {name: x}) RETURN x",
    "FOREACH (x IN [1] | CREATE (:Person))",
    "MATCH (n) FOREACH (x IN [1] | SET n.name = x)",
    "FOREACH(x IN [1]|CREATE()) RETURN 1",
    "LOAD CSV FROM 'file:///etc/passwd' AS line RETURN line",
    "LOAD CSV WITH HEADERS FROM 'http://example.org' AS line RETURN line",
    "load csv from 'file:///x' as line return line",
    "CALL db.labels()",
    "CALL db.labels() YIELD label RETURN label",
    "CALL dbms.listConfig()",
    "CALL apoc.cypher.doIt('CREATE (n)', {}) YIELD value RETURN value",
    "call db.index.fulltext.drop('x')",
    "CALL `db.labels`()",
    "CALL db.labels",
    "MATCH (n) CALL db.labels() YIELD label RETURN label",
    "CALL { CREATE (n) RETURN n } RETURN n",
    "CALL { MATCH (n) DELETE n }",
    "MATCH (n) CALL { WITH n DETACH DELETE n } RETURN 1",
    "MATCH (n) CALL (n) { SET n.name = 1 } RETURN n",
    "MATCH (n) CALL { WITH n RETURN 1 AS x } IN TRANSACTIONS RETURN x",
    "RETURN EXISTS { CREATE (n) }",
    "RETURN COUNT { MATCH (n) DELETE n }",
    "RETURN COLLECT { MERGE (n) RETURN n }",
    "RETURN 1; CREATE (n)",
    "RETURN 1; RETURN 2",
    "RETURN 1;; RETURN 2",
    "RETURN 1 UNION CREATE (n) RETURN 1",
    "RETURN 1 // \nCREATE (n)",
    "RETURN 1 /* */ CREATE (n)",
    "/* */ CREATE (n)",
    "// x\nCREATE (n)",
    "RETURN 1 // CREATE (n)",
    "CR/**/EATE (n)",
    "\\u0043REATE (n)",
    "MATCH (n) \\u0044ELETE n",
    "RETURN '\\u0027 CREATE (n) //'",
    "RETURN '\\u0027}) CREATE (n) RETURN \\u0027'",
    "MATCH (n:`\\u0060) CREATE (m:\\u0060`) RETURN n",
    "RETURN 1 AS `x\\u0060 CREATE (n:\\u0060`",
    "RETURN 'it''s' CREATE (n)",
    "RETURN `a``b CREATE (n)",
    "DROP INDEX x",
    "CREATE INDEX x FOR (n:Person) ON (n.name)",
    "CREATE USER x SET PASSWORD 'y'",
    "ALTER USER x SET PASSWORD 'y'",
    "GRANT ROLE admin TO x",
    "DENY READ {*} ON GRAPH * TO x",
    "REVOKE ROLE admin FROM x",
    "SHOW DATABASES",
    "TERMINATE TRANSACTIONS 'x'",
    "STOP DATABASE neo4j",
    "USE other MATCH (n) RETURN n",
    "USE other\nRETURN 1",
    "EXPLAIN MATCH (n) DELETE n",
    "PROFILE RETURN 1",
    "CYPHER 5 CREATE (n)",
    "INSERT (n:Person)",
    "MATCH (n) LET x = 1 RETURN x",
    "MATCH (n) RETURN apoc.create.node(['Person'], {})",
    "RETURN file()",
    "MATCH (create) CREATE (n)",
    "MATCH (n) RETURN 2 * delete",
    "RETURN n AS x SET x.y = 1",
    "RETURN 1 AS create CREATE (n)",
    "\ufeffCREATE (n)",
    "CREATE\u00a0(n)",
    "MATCH (n)\u2003DELETE n",
]


@pytest.mark.parametrize("text", HOSTILE)
def test_no_hostile_statement_is_accepted(tiny: Acceptor, text: str) -> None:
    """Neither as it stands nor in another case."""
    for written in {text, text.lower(), text.upper(), text.swapcase()}:
        assert not tiny.accepts(written)


def test_hostile_words_are_plain_text_where_they_are_harmless(tiny: Acceptor) -> None:
    """In strings, in backticks and as names of properties, where they write nothing."""
    text = "MATCH (m:Movie) WHERE m.set = 'CREATE (n); //' RETURN m.title AS `DELETE`"
    assert tiny.accepts(text)
    assert check(text) is None


WRITING = cypher.UPDATES | cypher.ADMINISTRATION | {"LOAD CSV", "DETACH DELETE", "SHOW", "USE"}
CLOSERS = frozenset(b"'\"`)]}|>/1xRTWE ")
STEPS, LAST = 80, 900


def walk(found: Acceptor, chance: random.Random) -> tuple[str, bool]:
    """A text by chance, and whether it is whole. Marks are likelier than letters; after a while
    whatever leads to an end is taken."""
    matcher = xgrammar.GrammarMatcher(found.compiled)
    said: list[int] = []
    while len(said) < LAST:
        ways = found.allowed(matcher)
        if len(said) >= STEPS:
            token = END if END in ways else chance.choice(sorted(CLOSERS & {*ways}) or ways)
        else:
            marks = [way for way in ways if way < 128 and not chr(way).isalnum()]
            token = chance.choice(marks if marks and chance.random() < 0.4 else ways)
        assert matcher.accept_token(token)
        if token == END:
            break
        said.append(token)
    return bytes(said).decode("utf-8", "replace"), token == END


@settings(max_examples=60, deadline=None)
@given(st.integers(0, 2**32), st.sampled_from(MODES[1:]))
def test_whatever_the_grammar_makes_is_one_statement_that_reads(seed: int, mode: str) -> None:
    """A walk by chance through the grammar is whole Cypher text without a clause that writes, as
    the guard reads it, as it stands and with unicode escapes decoded."""
    text, whole = walk(acceptor(grammar(TINY, mode)), random.Random(seed))  # noqa: S311
    assert check(text) is None
    if whole:
        for read in (text, cypher.unescape(text)):
            tokens = cypher.tokenize(read)
            assert len(cypher.statements(tokens)) == 1
            parts = (tokens, *cypher.blocks(tokens))
            keywords = {one.keyword for part in parts for one in cypher.clauses(part)}
            assert not keywords & WRITING


def test_walks_come_to_an_end() -> None:
    """The test above looks at whole texts, of many kinds."""
    found = acceptor(grammar(TINY, "schema"))
    walks = [walk(found, random.Random(seed)) for seed in range(40)]  # noqa: S311
    assert len({text for text, whole in walks if whole}) >= 10


# ── it ends, and only where a query ends ──


def test_a_query_ends_where_it_is_whole_and_nowhere_else(tiny: Acceptor) -> None:
    """Of the beginnings of a query those are accepted that are queries themselves."""
    text = "MATCH (p:Person) RETURN p.name, count(*) AS n ORDER BY n LIMIT 1"
    whole = ("RETURN p", ".name", "count(*)", "AS n", "BY n", "LIMIT 1")
    cut = ("MATCH", "Person", ")", "RETURN", "p.", "name,", "count(", "AS", "ORDER", "BY", "LIMIT")
    for ends, expected in ((whole, True), (cut, False)):
        for word in ends:
            beginning = text[: text.index(word) + len(word)]
            assert tiny.begins(beginning)
            assert tiny.accepts(beginning) == expected, beginning


@pytest.mark.parametrize(
    "text",
    [
        "RETURN  1",
        "RETURN\t1",
        "RETURN\n\n1",
        f"RETURN\n{' ' * 13}1",
        "RETURN 1\n\n",
        f"RETURN {'x' * 60}",
        "Sure: RETURN 1",
        "```cypher\nRETURN 1\n```",
        "MATCH (n) RETURN",
        "MATCH (n)",
        "MATCH (n) RETURN n AS",
        "MATCH (n) WITH n.name RETURN 1",
        "MATCH (n) RETURN DISTINCT",
        "rETURN 1",
    ],
)
def test_what_is_no_query_or_could_grow_for_ever_is_refused(tiny: Acceptor, text: str) -> None:
    """Blanks in rows, names without end, talk around the query, a query that is cut."""
    assert not tiny.accepts(text)


# ── it names what the graph has ──


def test_only_names_of_the_schema_are_accepted() -> None:
    """Labels, relationship types and properties are the graph's; any may follow any variable."""
    named, anything = acceptor(grammar(TINY, "schema")), acceptor(grammar(TINY, "grammar"))
    right = "MATCH (p:Person {name: 'x'})-[r:ACTED_IN]->(m:Movie) RETURN p.title, r.roles"
    assert named.accepts(right)
    for name, other in [
        ("Person", "Persons"),
        ("Person", "person"),
        ("Movie", "ACTED_IN"),
        ("ACTED_IN", "ACTED"),
        ("ACTED_IN", "Movie"),
        ("title", "titles"),
        ("name", "year"),
        ("roles", "role"),
    ]:
        wrong = right.replace(name, other)
        assert anything.accepts(wrong)
        assert not named.accepts(wrong)


@pytest.mark.parametrize(
    ("name", "written"),
    [
        ("order item", "`order item`"),
        ("9lives", "`9lives`"),
        ("Éclair", "`Éclair`"),
        ("日本", "`日本`"),
        ("a`b", "`a``b`"),
        ('say "x"', '`say "x"`'),
        ("a\\u0060b", "`a\\u005Cu0060b`"),
        ("🎬", "`🎬`"),
        ("CREATE", "CREATE"),
        ("x ::= y | [z]", "`x ::= y | [z]`"),
    ],
)
def test_awkward_names_are_written_as_cypher_wants_them(name: str, written: str) -> None:
    """In backticks where they must be, and never as rules of the grammar."""
    entity = Entity(name, (text_property(name),), 1)
    found = acceptor(grammar(Schema((entity,), (entity,), ()), "schema"))
    text = f"MATCH (n:{written})-[:{written}]->() RETURN n.{written}"
    assert found.accepts(text)
    assert cypher.name(cypher.tokenize(text)[4]) == name.replace("\\", "\\u005C")


def test_a_graph_without_names_leaves_them_open() -> None:
    """An empty graph has a grammar too."""
    found = acceptor(grammar(Schema((), (), ()), "schema"))
    assert found.accepts("MATCH (a:Any)-[:TYPE]->() RETURN a.thing")


def test_no_grammar_without_a_mode() -> None:
    """The mode "none" is the empty text."""
    assert grammar(TINY, "none") == ""


# ── words ──


@given(st.sets(st.text('abAB"\\]^-é', min_size=1, max_size=4), min_size=1, max_size=6))
@settings(max_examples=40, deadline=None)
def test_one_of_accepts_these_words_and_no_other(words: set[str]) -> None:
    """Whatever characters are in them."""
    found = acceptor(f"root ::= {one_of(words)}\n")
    others = {word[:-1] for word in words} | {word + "a" for word in words} | {"b", "ab"}
    assert all(found.accepts(word) for word in words)
    assert not any(found.accepts(word) for word in others - words)


@given(st.sets(st.text("abc", min_size=1, max_size=4), min_size=1, max_size=6))
@settings(max_examples=40, deadline=None)
def test_any_but_accepts_every_other_word(words: set[str]) -> None:
    """In no case, one of these; a longer or a shorter one, and one with other letters."""
    found = acceptor(f"root ::= {any_but(words, tail='tail')}\ntail ::= [A-Za-z0-9_]{{0,9}}\n")
    assert not any(found.accepts(one) for word in words for one in (word, word.upper(), "", "1a"))
    others = {word[:-1] for word in words} | {word + end for word in words for end in "a1_"}
    assert all(found.accepts(word) for word in others - words - {""})


def test_one_of_no_words_is_refused() -> None:
    """There is no expression that matches nothing."""
    with pytest.raises(ValueError, match="no words"):
        one_of([])


def test_the_file_is_a_grammar_of_its_own_rules() -> None:
    """Every rule that it names is in it or appended; none is written and never used."""
    text = grammar(TINY, "schema")
    bare = re.sub(r'"(?:[^"\\]|\\.)*"|\[(?:[^\]\\]|\\.)*\]|\{[\d,]*\}', " ", text)
    made = set(re.findall(r"^([\w-]+) ::=", bare, re.MULTILINE))
    used = set(re.findall(r"[a-zA-Z][\w-]*", re.sub(r"^[\w-]+ ::=", "", bare, flags=re.MULTILINE)))
    assert used == made - {"root"}


def test_literal_is_ascii() -> None:
    """Readers of grammars differ in how they take other characters."""
    assert literal('é"\\🎬') == '"\\u00E9\\"\\\\\\U0001F3AC"'
