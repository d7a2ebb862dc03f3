"""Answers that reason first: the last query is the answer, the fragments before it are steps."""

from __future__ import annotations

import time

import pytest
from hypothesis import given, settings
from test_extract import CLEAN, HOSTILE, TEXTS, WRAPPED, M, Q

from pytest_cypherbench.extract import NOT_FOUND, UNFINISHED, extract

F = "MATCH (p:Person)-[:DIRECTED]->(m:Movie {title: 'Alien'})\nRETURN p.name"
STEPS = [
    f"1. Nodes: Person, Movie.\n2. `(p:Person)-[:DIRECTED]->(m:Movie)`, from the person.\n"
    f"3. Keep `m.title = 'Alien'`.\n4. RETURN p.name\n\n```cypher\n{F}\n```",
    "Steps:\n- Match the movie:\n```cypher\nMATCH (m:Movie {title: 'Alien'})\n```\n- Go to who "
    "directed it:\n```cypher\nMATCH (m)<-[:DIRECTED]-(p:Person)\nRETURN p\n```\n- Return the name."
    f"\n\nFinal query:\n\n```cypher\n{F}\n```\nThis query returns the director's name.",
    "MATCH (m:Movie) finds the movies. DIRECTED leads to people.\nThe query is:\n"
    f"```cypher\n{F};\n```\nIt returns:\n```\nRidley Scott\n```",
    "Step 1: find the movie.\nMATCH (m:Movie {title: 'Alien'})\nStep 2: find the director.\n"
    f"MATCH (p:Person)-[:DIRECTED]->(m)\nStep 3: return the name.\n\nQuery:\n{F}",
    f"1. MATCH (m:Movie) to find the movie.\n2. WHERE m.title = 'Alien'\n3. RETURN p.name\n\n"
    f"Cypher: {F}",
    f"<think>Perhaps\n```cypher\nMATCH (x) RETURN x\n```\n</think>\nSteps: one.\n```cypher\n{F}\n```",
    f"**Step 1**: nodes `Person`, `Movie`\n**Step 2**: `MATCH (p:Person)`\n```\n{F}",
    f"Nodes: Person.\n~~~\nMATCH (p:Person)\n~~~\n```cypher\n{F}\n```<|im_end|>\n```\n{Q}\n```",
    f"```cypher\n{F}\n```",
    F,
]  # fmt: skip


@pytest.mark.parametrize("text", STEPS)
def test_the_last_query_of_an_answer_that_reasons_counts(text: str) -> None:
    """Whether steps mention Cypher in prose, in backticks or in blocks of their own."""
    assert extract(text, which="last").text == F


def test_fragments_in_backticks_lead_to_the_last_of_them() -> None:
    """Without a block the last statement in backticks is the query."""
    text = f"First `MATCH (n:Person)`, then the name: `{Q}` does both."
    assert extract(text, which="last").text == Q


def test_an_answer_that_is_cut_off_is_judged_by_what_it_came_to() -> None:
    """A last block without an end is the answer, however unfinished: an earlier step is none."""
    text = f"```cypher\n{Q}\n```\nNow with the film:\n```cypher\nMATCH (p:Person)-[:DIRECTED]->(m:"
    assert extract(text, which="last").text == "MATCH (p:Person)-[:DIRECTED]->(m:"


def test_what_is_cut_is_recorded() -> None:
    """The steps stand in the record."""
    query = extract(STEPS[0], which="last")
    assert query.cut[0][0] == "fence"
    assert query.cut[0][1].startswith("1. Nodes: Person, Movie.")


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("I would look for persons, then for films.", NOT_FOUND),
        ("1. Nodes: Person\n```\nno query\n```", NOT_FOUND),
        ("<think>I look for\nMATCH (n) RETURN n", UNFINISHED),
    ],
)
def test_why_there_is_no_query(text: str, reason: str) -> None:
    """Steps without a query are no query."""
    query = extract(text, which="last")
    assert (query.text, query.reason) == (None, reason)


@pytest.mark.parametrize("text", CLEAN)
def test_a_query_passes_unchanged(text: str) -> None:
    """A lone query is first and last."""
    query = extract(text, which="last")
    assert (query.text, query.cut) == (text, ())


@pytest.mark.parametrize("text", [text for rule, text, _ in WRAPPED if M not in text])
def test_other_wrappings_come_off_as_ever(text: str) -> None:
    """Only the choice among several queries differs."""
    assert extract(text, which="last") == extract(text)


@given(TEXTS)
@settings(max_examples=300, deadline=None)
def test_any_text_gives_a_sound_answer(text: str) -> None:
    """It never raises, and what comes out stays itself another time."""
    query = extract(text, which="last")
    assert (query.text is None) == bool(query.reason)
    if query.text is not None:
        again = extract(query.text, which="last")
        assert (again.text, again.cut) == (query.text, ())


def test_time_is_linear_in_the_length() -> None:
    """Eight times the text costs about eight times the time."""

    def seconds(piece: str, size: int) -> float:
        text = "x: " + piece * (size // len(piece))
        start = time.process_time()
        extract(text, which="last")
        return time.process_time() - start

    for piece in HOSTILE:
        small = min(seconds(piece, 2_000) for _ in range(2))
        large = seconds(piece, 16_000)
        assert large < 24 * small + 0.05, f"{piece!r}: {small:.3f} s, then {large:.3f} s"
