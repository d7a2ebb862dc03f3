"""Examples for a question: which are nearest, that none is a case, and what a prompt does with them."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest
from test_prompts import SCHEMA, case, template

from pytest_cypherbench.cases.folders import read_paths
from pytest_cypherbench.errors import UserError
from pytest_cypherbench.examples import ExampleSource
from pytest_cypherbench.flow import Case, Origin
from pytest_cypherbench.prompts import Example, Shots, load_prompt

TRAIN = Path(__file__).parents[1] / "cases" / "train"


def pair(name: str, question: str, reference: str = "RETURN 1", graph: str = "zoo") -> Case:
    return Case(name, graph, question, reference, Origin("pairs.yaml", 1))


def questions(shots: Shots, question: str) -> list[str]:
    """The nearest first."""
    return [example.question for example in reversed(shots.nearest(question, SCHEMA))]


PAIRS = [
    pair("z1", "How many animals live in each cage?", "MATCH (a:Animal)-[:LIVES_IN]->(c:Cage) …"),
    pair("z2", "Which animal is the oldest?", "MATCH (a:Animal) RETURN a.name ORDER BY a.born"),
    pair("z3", "Which cages are empty?", "MATCH (c:Cage) WHERE NOT EXISTS { (c)--() } RETURN c"),
    pair("b1", "How many boats has each harbour?", "MATCH (h:Harbour)--(b:Boat) …", "sea"),
    pair("b2", "What is the name of boat 'Ida'?", "MATCH (b:Boat {name: 'Ida'}) …", "sea"),
]


# ── which are nearest ───────────────────────────────────────────────────────────────────────────


def test_what_is_asked_alike_is_near_whatever_it_is_about() -> None:
    """The ways of asking count: a count for each, not movies or animals."""
    found = questions(Shots(PAIRS, 2), "How many movies has each person?")
    assert found == ["How many boats has each harbour?", "How many animals live in each cage?"]
    assert questions(Shots(PAIRS, 1), "Which movie is the longest?") == [PAIRS[1].question]


def test_the_nearest_stands_last() -> None:
    """Next to the question, where a model looks most."""
    found = Shots(PAIRS, 5).nearest("Which movies are empty?", SCHEMA)
    assert found[-1] == Example(PAIRS[2].question, PAIRS[2].reference)


def test_words_of_a_training_schema_alone_do_not_matter() -> None:
    """A pair's own labels, properties and values neither attract a question nor weigh against it:
    with other names in their place the same pairs are found in the same order."""
    table = {"animal": "engine", "cage": "depot", "boat": "truck", "harbour": "garage"}

    def other(text: str) -> str:
        for old, new in table.items():
            text = text.replace(old, new).replace(old.title(), new.title())
        return text

    others = [replace(p, question=other(p.question), reference=other(p.reference)) for p in PAIRS]
    for question in ("How many are there of each?", "Which animal's cage is the oldest boat?"):
        before = questions(Shots(PAIRS, 5), question)
        assert [other(text) for text in before] == questions(Shots(others, 5), question)


def test_words_of_the_questions_own_schema_do_not_matter() -> None:
    """`title` is a property of the graph asked about: a pair that speaks of titles is no nearer."""
    pairs = [pair("a", "Which are the titles?"), pair("b", "Which are the longest?")]
    assert questions(Shots(pairs, 1), "Which are the longest titles?") == [pairs[1].question]


def test_ties_go_by_id_in_whatever_order_the_pairs_came() -> None:
    """The same question has the same examples on every machine and in every run."""
    pairs = [pair(f"p{n}", f"Where is {word}?") for n, word in enumerate(["x", "y", "z", "w"])]
    found = questions(Shots(pairs, 3), "Where is it?")
    assert found == ["Where is x?", "Where is y?", "Where is z?"]
    assert questions(Shots(reversed(pairs), 3), "Where is it?") == found
    # nothing in common: the first ids
    assert questions(Shots(pairs, 2), "Combien ?") == ["Where is x?", "Where is y?"]


def test_pairs_that_differ_in_names_alone_are_shown_once() -> None:
    """Four spellings of one pattern would teach what one does."""
    pairs = [
        pair(f"p{name}", f"How many does {name} own?", f"MATCH (n {{name: '{name}'}}) RETURN n")
        for name in ("anna", "boris", "carla")
    ]
    shots = Shots([*pairs, pair("q", "Which are new?")], 4)
    assert shots.count == 2
    assert questions(shots, "How many?") == ["How many does anna own?", "Which are new?"]


def test_without_pairs_there_are_no_examples() -> None:
    """Nothing to search is no error here: who reads the pairs says so."""
    assert Shots([], 4).nearest("Why?", SCHEMA) == ()


# ── in a prompt ─────────────────────────────────────────────────────────────────────────────────


def test_examples_stand_between_what_is_shared_and_the_question() -> None:
    """They depend on the question, so they come after what is computed once."""
    prompt = replace(load_prompt("few-shot"), shots=Shots(PAIRS, 2))
    one = prompt.render(case("How many movies has each person?"), SCHEMA)
    two = prompt.render(case("Which movie is the longest?"), SCHEMA)
    assert one.shared == two.shared
    assert one.shared[-1].content.endswith("not in yours:\n\nQuestion: ")
    assert one.messages[-1].content.endswith(
        "Question: How many animals live in each cage?\n"
        "MATCH (a:Animal)-[:LIVES_IN]->(c:Cage) …\n\n"
        "Question: How many boats has each harbour?\n"
        "MATCH (h:Harbour)--(b:Boat) …\n\n"
        "Question about the graph above: How many movies has each person?\n"
        "Write only the Cypher query, without any explanation."
    )


@pytest.mark.parametrize(
    "text",
    [
        "{% block system %}{{ examples[0].question }}{% endblock %}"
        "{% block user %}{{ question }}{% endblock %}",
        "{% block user %}{% for e in examples %}{{ e.question }}{% endfor %}{% endblock %}",
        "{% block user %}{{ examples[0].reference | length }} {{ question }}{% endblock %}",
    ],
)
def test_a_prompt_that_shares_its_examples_or_forgets_the_question_is_refused(
    tmp_path: Path, text: str
) -> None:
    """A backend would reuse one question's examples for another."""
    own = replace(load_prompt(template(tmp_path, text)), shots=Shots(PAIRS, 2))
    with pytest.raises(UserError, match="does not end in the question"):
        own.render(case(), SCHEMA)


# ── where they come from ────────────────────────────────────────────────────────────────────────


def source(path: Path, count: int = 4) -> ExampleSource:
    return ExampleSource(path, count, "--shots-from", path.parent)


def write(path: Path, *rows: str) -> Path:
    path.write_text("\n".join(rows))
    return path


ROW = (
    "- {id: own, question: How old is Ann?, reference: 'MATCH (n:P {name: \"Ann\"}) RETURN n.age'}"
)


def test_a_file_of_the_users_own_needs_no_graph(tmp_path: Path) -> None:
    """Question and reference are all that an example has."""
    path = write(tmp_path / "own.yaml", ROW)
    shots = source(path).shots([case()])
    assert shots.nearest("Why?", SCHEMA)[0].question == "How old is Ann?"


@pytest.mark.parametrize(
    ("question", "reference", "accept", "what"),
    [
        ("how old is Ann", "RETURN 1", (), "question"),
        ("Other?", "match (x:P {name: 'Ann'})\nreturn x.age AS years // of Ann", (), "query"),
        ("Other?", "RETURN 1", ("MATCH (p:P {name: 'Ann'}) RETURN p.age",), "query"),
    ],
)
def test_a_pair_that_is_a_case_is_refused(
    tmp_path: Path, question: str, reference: str, accept: tuple[str, ...], what: str
) -> None:
    """However it is written down: an example must not be the answer. One line says which."""
    path = write(tmp_path / "own.yaml", ROW)
    asked = replace(case(question), id="c7", reference=reference, accept=accept)
    with pytest.raises(UserError) as raised:
        source(path).shots([case(), asked])
    assert str(raised.value) == (
        f"--shots-from {path}: the {what} of own (own.yaml, row 1) is that of the case c7: an "
        "example must not be a case: take it out, or deselect the case"
    )


@pytest.mark.parametrize(
    ("name", "rows", "reason"),
    [
        ("own.yaml", ["- {question: Why?}"], "own.yaml, row 1: "),
        ("own.txt", ["x"], "unknown suffix"),
        ("own.jsonl", ['{"question": 1'], "own.jsonl, row 1: is not JSON"),
    ],
)
def test_pairs_that_cannot_be_read_are_refused(
    tmp_path: Path, name: str, rows: list[str], reason: str
) -> None:
    """A bad row would silently be no example."""
    with pytest.raises(UserError) as raised:
        source(write(tmp_path / name, *rows)).shots([])
    assert str(raised.value).startswith(f"--shots-from {tmp_path / name}: ")
    assert reason in str(raised.value)


def test_a_folder_without_pairs_is_refused(tmp_path: Path) -> None:
    """The folder of graphs, say."""
    with pytest.raises(UserError, match="holds no pairs"):
        source(tmp_path).shots([])


def test_a_split_says_which_graphs_are_for_training(tmp_path: Path) -> None:
    """What is kept for validation is no example; a split that says nothing is an error."""
    for name, graph in (("A", "one"), ("B", "two")):
        write(
            tmp_path / f"{name}.yaml",
            f"- question: {name}?",
            "  reference: RETURN 1",
            f"  graph: {graph}",
        )
    write(tmp_path / "split.yaml", "train: [two]\nvalidation: [one]")
    shots = source(tmp_path).shots([])
    assert [example.question for example in shots.nearest("A?", SCHEMA)] == ["B?"]
    write(tmp_path / "split.yaml", "- two")
    with pytest.raises(UserError, match=r"split\.yaml does not say which graphs are for training"):
        source(tmp_path).shots([])


@pytest.mark.skipif(not TRAIN.is_dir(), reason="needs the checkout")
def test_the_pairs_that_come_with_us_serve_the_cases_that_come_with_us() -> None:
    """None of our cases is among them, the validation domains give none, and more of what a query
    needs is shown than by chance: over the English cases the tags overlap by a third at least
    (measured 0.38; of pairs drawn by chance 0.21)."""
    found = ExampleSource(TRAIN, 4, "", TRAIN.parent)
    cases = read_paths([TRAIN.parent], TRAIN.parent).cases
    shots = found.shots(cases)
    pairs = {pair.question: pair for pair in read_paths([TRAIN], TRAIN).cases}
    overlaps = []
    for asked in [row for row in cases if row.language == "en"][::5]:
        for example in shots.nearest(asked.question, SCHEMA):
            shown = pairs[example.question]
            assert shown.graph not in {"mountains", "vineyards"}
            tags = {*shown.tags}, {*asked.tags}
            overlaps.append(len(tags[0] & tags[1]) / len(tags[0] | tags[1]))
    assert sum(overlaps) / len(overlaps) > 0.33
