"""What is taken from a model's text: every rule, what it must not touch, and hostile input."""

from __future__ import annotations

import json
import time
import unicodedata

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from pytest_cypherbench.extract import NOT_FOUND, NOTHING, TOO_DEEP, UNFINISHED, extract

Q = "MATCH (n:Person {name: 'Ann'}) RETURN n.name"
M = "MATCH (m) RETURN m"

# rule → texts from which Q comes out, with what the rule cut
WRAPPED = [
    ("control characters", f"\ufeff\x1b[1;31m{Q}\x1b[0m\x00\x07\x9f",
     r"\ufeff\x1b[1;31m\x1b[0m\x00\x07\x9f"),
    ("control characters", f"{Q[:9]}\ud800{Q[9:]}\udfff", r"\ud800\udfff"),
    ("control characters", f"\x1b]0;title\x07{Q}\x1b", r"\x1b]0;title\x07\x1b"),
    ("reasoning", f"<think>Perhaps\n{M}</think>\n\n{Q}", f"<think>Perhaps\n{M}</think>"),
    ("reasoning", f"<THINK>a<think>b</think>c</think>{Q}", "<THINK>a<think>b</think>c</think>"),
    ("reasoning", f"{Q}\n<thinking>was it?</thinking>", "<thinking>was it?</thinking>"),
    ("reasoning", f"{Q}\n<think>and now\n{M}", f"<think>and now\n{M}"),
    ("reasoning", f"Perhaps\n{M}\n</think>\n{Q}", f"Perhaps\n{M}\n</think>"),
    ("reasoning", f"{Q}</think></think>", "</think></think>"),
    ("special tokens", f"{Q}<|im_end|>\n<|im_start|>user\nmore",
     "<|im_end|>\n<|im_start|>user\nmore"),
    ("special tokens", f"{Q}<|endoftext|>{M}", f"<|endoftext|>{M}"),
    ("special tokens", f"{Q}</s> {M}", f"</s> {M}"),
    ("special tokens", f"{Q}<|eot_id|>", "<|eot_id|>"),
    ("special tokens", f"{Q}<end_of_turn>", "<end_of_turn>"),
    ("special tokens", f"{Q} [/INST] next", "[/INST] next"),
    ("special tokens", f"{Q}\n<|user|>", "<|user|>"),
    ("special tokens", f"{Q}<｜end▁of▁sentence｜>", "<｜end▁of▁sentence｜>"),
    ("special tokens", f"<s><|im_start|>assistant\n{Q}", "<s><|im_start|>assistant"),
    ("answer tags", f"Well.\n<answer>\n{Q}</answer>\nDone", "Well.\n<answer> … </answer>\nDone"),
    ("answer tags", f"<cypher>{Q}", "<cypher>"),
    ("json", json.dumps({"query": Q}), json.dumps({"query": Q})),
    ("json", json.dumps({"why": M, "Cypher": Q}), json.dumps({"why": M, "Cypher": Q})),
    ("json", json.dumps([{"statement": Q}]), json.dumps([{"statement": Q}])),
    ("json", json.dumps(Q) + " as asked", json.dumps(Q) + " as asked"),
    ("json", f'```json\n{{"query": "{Q}"}}\n```', f'{{"query": "{Q}"}}'),
    ("json", json.dumps({"query": f"```cypher\n{Q}\n```"}),
     json.dumps({"query": f"```cypher\n{Q}\n```"})),
    ("fence", f"```cypher\n{Q}\n```", "```"),
    ("fence", f"```Cypher\n{Q}\n```\nIt finds Ann.", "It finds Ann. … ```"),
    ("fence", f"```sql\n{Q}\n```", "```"),
    ("fence", f"  ```\n  {Q}\n  ```", "```"),
    ("fence", f"~~~\n{Q}\n~~~~", "```"),
    ("fence", f"```cypher\n{Q}", "```"),
    ("fence", f"```cypher {Q}```", "```"),
    ("fence", f"```{Q}```", "```"),
    ("fence", f"The query: ```cypher\n{Q}\n```", "The query: … ```"),
    ("fence", f"```python\nrun()\n```\nor\n```cypher\n{Q}\n```\n```\n{M}\n```",
     f"```python\nrun()\n```\nor … ```\n{M}\n``` … ```"),
    ("fence", f"```\nno query\n```cypher\n{Q}\n```", "```\nno query … ```"),
    ("fence", f"{Q}\n```", "```"),
    ("fence", f"{Q}\n```\nAnd:\n```cypher\n{M}\n```", f"```\nAnd:\n```cypher\n{M}\n```"),
    ("backticks", f"`{Q}`", "` … `"),
    ("backticks", f"``{Q}``", "`` … ``"),
    ("backticks", f"You can use `{Q}` for `Ann`.", "You can use ` … ` for `Ann`."),
    ("text before", f"Here's the query:\n\n{Q}", "Here's the query:"),
    ("text before", f"Cypher: {Q}", "Cypher:"),
    ("text before", f"**Answer:** {Q}", "**Answer:**"),
    ("text before", f"查询：{Q}", "查询："),
    ("text before", f"Sure! {Q}", "Sure!"),
    ("text before", f"cypher\n{Q}", "cypher"),
    ("text before", f"cypher {Q}", "cypher"),
    ("text before", f"Match the name.\nReturn the person.\n{Q}",
     "Match the name.\nReturn the person."),
    ("text before", f"With this query we find Ann:\n// Ann\n{Q}",
     "With this query we find Ann:\n// Ann"),
    ("text after", f"{Q}\n\nExplanation: it", "Explanation: it"),
    ("text after", f"{Q}\nNote: it is short", "Note: it is short"),
    ("text after", f"{Q}\nThis query's result is Ann", "This query's result is Ann"),
    ("text after", f'{Q}\nThis finds "Ann" (who else?)\n{M}', f'This finds "Ann" (who else?)\n{M}'),
    ("text after", f"{Q}\n\nWith that we can match it", "With that we can match it"),
    ("text after", f"{Q}\n\nReturn: the name", "Return: the name"),
    ("text after", f"{Q}\n- MATCH finds the node", "- MATCH finds the node"),
    ("text after", f"{Q}\n# Explanation", "# Explanation"),
    ("text after", f"{Q}\n2. {M}", f"2. {M}"),
    ("text after", f"{Q}\n\nn", "n"),
    ("text after", f"{Q}\n这个查询返回名字", "这个查询返回名字"),
    ("text after", f"{Q}; that's it", "; that's it"),
    ("text after", f"{Q};\n\nAlternatively:\n{M};", f";\n\nAlternatively:\n{M};"),
    ("semicolon", f"{Q};", ";"),
    ("semicolon", f"{Q} ;;\n", ";;"),
    ("comment", f"// finds Ann\n/* or\nnot */ {Q}", "// finds Ann\n/* or\nnot */"),
]  # fmt: skip

# texts that are handed on as they are
CLEAN = [
    Q,
    "match (n) where n.x = 1 return n order by n.x desc skip 1 limit 2",
    "MATCH\n  (n)\n\nWHERE\n  n.a = 1\n  AND n.b = 'x'\nRETURN\n  n.a,\n  n.b AS b\n\nORDER BY b",
    "MATCH p = shortestPath((a)-[*]-(b))\nRETURN\n*",
    "MATCH (n) RETURN CASE n.x\n  WHEN 1 THEN 'a'\n  ELSE 'b'\nEND AS c",
    "MATCH (n) WHERE n.text = 'Note: this\n\nThis is prose; RETURN 1 // no' RETURN n",
    "MATCH (n) WHERE n.text CONTAINS '```' RETURN n.`full ``name```",
    "MATCH (n)\n// This comment says all\nRETURN n // and this",
    "CYPHER 5 MATCH (n) RETURN n",
    "EXPLAIN MATCH (n) RETURN n",
    "CALL {\n  MATCH (n) RETURN n\n\n  UNION\n\n  MATCH (n) RETURN n\n}\nRETURN n",
    "call db.labels()",
    "WITH 1 AS x\nRETURN x\nUNION ALL\nWITH 2 AS x\nRETURN x",
    "RETURN 'é 😀 \u200d', \"it's\"",
    "RETURN 1 /* a */ + 1",
    # what would be blocked or would fail is for the guard and the engine to say
    "DROP DATABASE neo4j",
    "DETACH DELETE n",
    "SHOW DATABASES",
    "LOAD CSV FROM 'file:///etc/passwd' AS row RETURN row",
    f"{Q};\n{M}",
    f"{Q}\n\n{M}",
    "MATCH (n) RETURN n;DROP DATABASE neo4j",
    "MATCH (n {name: 'An",
    "MATCH (n RETURN n\n\nThis query fails",
    "RETURN n.name AS a\nb.title",
    "MATCH (n) RETURN n.name\nn.age AS age",
    "MATCH (n)\nWHERE the first name = 1\nRETURN n",
    "MATCH Person RETURN Person",
    "RETURN n,\n\nThis goes on",
]


@pytest.mark.parametrize(("rule", "text", "removed"), WRAPPED)
def test_a_rule_finds_the_query_and_keeps_what_it_cut(rule: str, text: str, removed: str) -> None:
    """The query comes out whole, and the record shows what each rule took away."""
    query = extract(text)
    assert query.text == Q
    assert query.reason == ""
    assert (rule, removed) in query.cut


@pytest.mark.parametrize("text", CLEAN)
def test_a_query_passes_unchanged(text: str) -> None:
    """Nothing is cut from a statement, right or wrong: a wrong one must not become right."""
    query = extract(text)
    assert (query.text, query.cut) == (text, ())


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("", NOTHING),
        (" \n\t\r\n", NOTHING),
        ("\ufeff\x00\ud800", NOT_FOUND),
        ("I'm sorry, I can't answer that with this schema.", NOT_FOUND),
        ("Match the person and return the name.", NOT_FOUND),
        ("Use a MATCH clause to find it.", NOT_FOUND),
        ("MATCH: finds nodes", NOT_FOUND),
        ("Show me the movies", NOT_FOUND),
        ("```\nnothing here\n```", NOT_FOUND),
        ("```", NOT_FOUND),
        ('{"error": "no such label"}', NOT_FOUND),
        ('{"query": "MATCH (n) RET', NOT_FOUND),
        ("// MATCH (n) RETURN n", NOT_FOUND),
        ("/* MATCH (n)", NOT_FOUND),
        ("<|im_end|>", NOT_FOUND),
        (";;", NOT_FOUND),
        ("<think>I look for\nMATCH (n) RETURN n", UNFINISHED),
        ("SELECT name FROM person", NOT_FOUND),
    ],
)
def test_why_there_is_no_query(text: str, reason: str) -> None:
    """Nothing usable is no query, with the reason, never an empty statement."""
    query = extract(text)
    assert (query.text, query.reason) == (None, reason)


def test_halves_of_a_character_are_joined() -> None:
    """A character that an API split over two chunks is whole again."""
    assert extract("RETURN '\ud83d\ude00'").text == "RETURN '😀'"


def test_line_ends_become_newlines() -> None:
    """A query reads the same whatever the line ends of its writer."""
    assert extract("MATCH (n)\r\nRETURN n\rLIMIT 1\x0b").text == "MATCH (n)\nRETURN n\nLIMIT 1"


def test_several_wrappings_come_off_in_one_go() -> None:
    """JSON in a fence behind reasoning with a leaked token is still the one query."""
    inner = json.dumps({"query": f"```cypher\n{Q};\n```"})
    query = extract(f"<think>hm</think>Here:\n```json\n{inner}\n```<|im_end|>")
    assert query.text == Q
    rules = [rule for rule, _ in query.cut]
    assert rules[:4] == ["reasoning", "special tokens", "fence", "json"]


def test_a_text_wrapped_without_end_is_no_query() -> None:
    """Unwrapping stops after a few rounds, so that time stays linear."""
    text = Q
    for _ in range(13):
        text = json.dumps(text)
    assert extract(text).reason == TOO_DEEP


# ── for any text ────────────────────────────────────────────────────────────────────────────────

PIECES = [
    "```", "```cypher\n", "~~~", "`", "<think>", "</think>", "<|im_end|>", "[/INST]", "</s>", "<s>",
    '{"query": "', '"}', "[", "]", "(", ")", "{", "}", "'", '"', "\\", ";", "//", "/*", "*/", "\n",
    "\n\n", " ", ": ", "Note: ", "- ", "MATCH (n) ", "RETURN n", "RETURN", "With ", "the ", "n",
    "5", "\r", "\x00", "\ud800", "\udc00", "\x1b[", "\x1b]", "\x07", "\ufeff", "：", "é",
    "<answer>", "1. ", "cypher ", "CYPHER", "UNION ", "AS ", ",",
    "*", "#", "\x85", "\u2028", "²", "٣", "ſ",
]  # fmt: skip
TEXTS = st.text() | st.lists(st.sampled_from(PIECES), max_size=25).map("".join)


@given(TEXTS)
@settings(max_examples=2000, deadline=None)
def test_any_text_gives_a_sound_answer(text: str) -> None:
    """It never raises; what comes out is clean, not blank, and stays itself another time."""
    query = extract(text)
    for part in (query.text or "", *(removed for _, removed in query.cut)):
        part.encode()
        assert not any(unicodedata.category(c) == "Cc" and c not in "\n\t" for c in part)
    assert (query.text is None) == bool(query.reason)
    if query.text is not None:
        assert query.text == query.text.strip() != ""
        again = extract(query.text)
        assert (again.text, again.cut) == (query.text, ())


WORDS = st.text(st.characters(categories=["L", "N", "P", "S", "Zs"], exclude_characters="<[`\\"))
STRINGS = WORDS.map(lambda text: "'" + text.replace("'", "\\'") + "'")
NAMES = st.sampled_from(["n", "person", "m1", "`odd name`", "count", "é"])
BLANKS = st.sampled_from([" ", "\n", "\n  ", "\n\n", " // why\n", " /* it; */ "])


@st.composite
def statements(draw: st.DrawFn) -> str:
    n, m, blank = draw(NAMES), draw(NAMES), lambda: draw(BLANKS)
    parts = [f"MATCH{blank()}({n}:Person {{x: {draw(STRINGS)}}})"]
    if draw(st.booleans()):
        parts.append(f"-[:KNOWS*1..3]->({m})")
    if draw(st.booleans()):
        parts.append(
            f"{blank()}WHERE {n}.x{blank()}= {draw(STRINGS)}{blank()}AND{blank()}{m}.y > 1.5"
        )
    parts.append(f"{blank()}RETURN {n}.x{blank()}AS a,{blank()}count(*){blank()}+ 1")
    if draw(st.booleans()):
        parts.append(f"{blank()}ORDER BY{blank()}a DESC{blank()}LIMIT 3")
    return "".join(parts)


@given(statements())
@settings(deadline=None)
def test_any_statement_passes_unchanged(statement: str) -> None:
    """Whatever its strings, names, comments and line breaks, a statement is not touched."""
    query = extract(statement)
    assert (query.text, query.cut) == (statement, ())


@given(statements(), st.sampled_from([text for _, text, _ in WRAPPED if text.count(Q) == 1]))
@settings(deadline=None)
def test_any_statement_comes_out_of_a_chat_answer(statement: str, frame: str) -> None:
    """Fences, labels, tokens and explanations come off any statement, not only off a short one."""
    if frame.startswith(("{", "[", '"', "`", "You", "\ufeff", "\ud800")) or '{"query"' in frame:
        frame = f"Sure:\n```cypher\n{Q}\n```\n\nThis query finds it."
    assert extract(frame.replace(Q, statement)).text == statement


HOSTILE = [
    "`", "```\n", "```cypher\n", "```\n~~~\n", "`MATCH (", "`a``", "<think>", "</think>",
    "(", "[{(", "'", "\"'", "'\\", "\\", ";", "RETURN 1;", "/*", "/**/", "//", '{"query":', '["',
    "\x1b[", "\x1b]", ": ", ": MATCH (", "MATCH\n", "Return the list. ", "\n", " ", "<|x",
    "<|im_end|>", "a ", "<answer>", Q + "\n", "\ud800", "- ", ":\n",
]  # fmt: skip


@pytest.mark.parametrize("head", ["", Q + "\n", "RETURN 'a", "x: "])
def test_time_is_linear_in_the_length(head: str) -> None:
    """Eight times the text costs about eight times the time, so no answer can stall a run."""

    def seconds(piece: str, size: int) -> float:
        text = head + piece * (size // len(piece))
        start = time.process_time()
        extract(text)
        return time.process_time() - start

    for piece in HOSTILE:
        small = min(seconds(piece, 8_000) for _ in range(3))
        large = min(seconds(piece, 64_000) for _ in range(2))
        # quadratic time would be 64 times as much
        assert large < 24 * small + 0.05, f"{piece!r}: {small:.3f} s, then {large:.3f} s"
