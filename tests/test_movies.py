"""The cases that come with us and their graph `movies`: sound by structure, without a database."""

from __future__ import annotations

import csv
import datetime as dt
import re
from collections import Counter
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
import yaml

from pytest_cypherbench.cases import is_case_file, load_cases, refuse_duplicates
from pytest_cypherbench.cypher import clauses, tokenize
from pytest_cypherbench.flow import Case
from pytest_cypherbench.graphs.data import read_graph

if TYPE_CHECKING:
    from collections.abc import Callable

CASES = Path(__file__).parent.parent / "cases"
GRAPH = CASES / "graphs" / "movies"
MANIFEST = yaml.safe_load((GRAPH / "graph.yaml").read_text(encoding="utf-8"))
TABLES = [*MANIFEST["nodes"], *MANIFEST["relationships"]]
FILES = sorted((CASES / "movies").glob("*.yaml"))
ROWS = refuse_duplicates(row for file in FILES for row in load_cases(file))
OURS = [row for row in ROWS if isinstance(row, Case)]

PARSERS: dict[str, Callable[[str], object]] = {
    "string": str,
    "integer": int,
    "date": dt.date.fromisoformat,
    "boolean": {"true": True, "false": False}.__getitem__,
}


def read(table: str) -> list[dict[str, str]]:
    with (GRAPH / table).open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file, strict=True))


def named(opener: str) -> set[str]:
    """The names that follow an opener in the references, string literals left out."""
    bare = [re.sub(r"'[^']*'", "''", case.reference) for case in OURS]
    return {name for text in bare for name in re.findall(rf"{opener}([A-Za-z_]\w*)", text)}


def test_every_row_is_a_case() -> None:
    """Every row of the files is a case, none is bad, and no id stands twice."""
    assert list(ROWS) == OURS
    assert all(is_case_file(file) for file in FILES)


def test_french_questions_ask_what_english_ones_ask() -> None:
    """A French case has reference, tags and difficulty of one English case, and an id that says so."""
    english = [case for case in OURS if case.language == "en"]
    french = [case for case in OURS if case.language == "fr"]
    assert len(english) + len(french) == len(OURS)
    asked = {case.reference: (set(case.tags), case.difficulty) for case in english}
    assert len(asked) == len(english)
    assert len({case.reference for case in french}) == len(french) >= 25
    for case in OURS:
        assert case.id.startswith("movies-fr-") == (case.language == "fr"), case.id
    for case in french:
        assert asked[case.reference] == (set(case.tags), case.difficulty), case.id


def test_cases_are_named_after_their_graph() -> None:
    """Every case asks about `movies` and says so in an id that a shell takes without quotes."""
    for case in OURS:
        assert case.graph == "movies"
        assert re.fullmatch(r"movies(-[a-z0-9]+)+", case.id)


def test_questions_differ() -> None:
    """No question is asked twice, whatever its case and spacing."""
    counted = Counter(" ".join(row.question.lower().split()) for row in OURS)
    assert [question for question, times in counted.items() if times > 1] == []


def test_every_tag_is_explained_and_used() -> None:
    """The tags of the cases are exactly those of the table in cases/README.md, one or more each."""
    readme = (CASES / "README.md").read_text(encoding="utf-8")
    explained = re.findall(r"^\| `(\w+)` \|", readme, re.MULTILINE)
    assert all(case.tags for case in OURS)
    assert sorted({tag for case in OURS for tag in case.tags}) == sorted(explained)


def test_difficulty_spreads() -> None:
    """Every level from 1 to 5 has at least three cases, and none has more than half of them."""
    levels = Counter(case.difficulty for case in OURS)
    assert set(levels) == {1, 2, 3, 4, 5}
    assert min(levels.values()) >= 3
    assert max(levels.values()) <= len(OURS) / 2


def test_order_is_asked_where_it_counts() -> None:
    """A reference ends in ORDER BY exactly where it is tagged `ordering`; LIMIT needs it too."""
    for case in OURS:
        keywords = [clause.keyword for clause in clauses(tokenize(case.reference))]
        last = keywords[keywords.index("RETURN") :]
        assert ("ORDER BY" in last) == ("ordering" in case.tags), case.id
        assert "ORDER BY" in last or "LIMIT" not in keywords, case.id


def test_references_use_only_what_the_graph_has() -> None:
    """No reference names a label, relationship type or property that the manifest lacks."""
    labels = {label for node in MANIFEST["nodes"] for label in node["labels"]}
    types = {relationship["type"] for relationship in MANIFEST["relationships"]}
    properties = {name for table in TABLES for name in table.get("properties", {})}
    assert named("[:|]") <= labels | types
    temporal = {"year", "month", "day", "dayOfWeek", "days", "years", "between", "inDays"}
    assert named(r"(?<=\w)\.") <= properties | temporal


@pytest.mark.parametrize("table", TABLES, ids=lambda table: table["file"])
def test_every_cell_has_its_type(table: dict[str, object]) -> None:
    """Each property's column exists, every cell parses as its type, and none is blank or padded."""
    properties = table.get("properties", {})
    assert isinstance(properties, dict)
    rows = read(str(table["file"]))
    assert rows
    for row in rows:
        assert None not in row
        for name, kind in properties.items():
            cells = row[name].split(";") if kind.endswith("[]") else [row[name]]
            for cell in cells if row[name] else []:
                assert cell == cell.strip() != ""
                PARSERS[kind.removesuffix("[]")](cell)


def test_the_folder_is_a_graph() -> None:
    """The reader that engines load from takes the folder and loses no row of any table."""
    graph = read_graph(GRAPH)
    assert len(graph.nodes) == sum(len(read(table["file"])) for table in MANIFEST["nodes"])
    edges = sum(len(read(table["file"])) for table in MANIFEST["relationships"])
    assert len(graph.relationships) == edges


def test_every_end_of_a_relationship_exists() -> None:
    """Start and end of every relationship name a row of the label's file, whose ids are unique."""
    ids: dict[str, set[str]] = {}
    for node in MANIFEST["nodes"]:
        column = [row[node["id"]] for row in read(node["file"])]
        assert len(set(column)) == len(column)
        ids[node["labels"][0]] = set(column)
    for relationship in MANIFEST["relationships"]:
        for end in (relationship["start"], relationship["end"]):
            used = {row[end["column"]] for row in read(relationship["file"])}
            assert used <= ids[end["label"]], (relationship["type"], used - ids[end["label"]])


def test_no_credit_stands_twice() -> None:
    """A person has one credit of a kind per movie, so that counting credits counts movies."""
    for file in ("acted_in.csv", "directed.csv", "wrote.csv", "produced.csv", "in_genre.csv"):
        pairs = [tuple(row.values())[:2] for row in read(file)]
        assert len(set(pairs)) == len(pairs), file


def test_dates_are_in_order() -> None:
    """Nobody dies before birth, opens before the year, or reviews and follows before joining."""
    assert all(not p["died"] or p["born"] < p["died"] for p in read("people.csv"))
    assert all(m["releaseDate"][:4] in ("", m["released"]) for m in read("movies.csv"))
    joined = {critic["id"]: critic["joined"] for critic in read("critics.csv")}
    opened = {
        movie["id"]: movie["releaseDate"] or movie["released"] for movie in read("movies.csv")
    }
    for review in read("reviewed.csv"):
        assert review["published"] >= max(joined[review["critic"]], opened[review["movie"]])
        assert review["rating"] == "" or 0 <= int(review["rating"]) <= 100
    for follow in read("follows.csv"):
        assert follow["since"] >= max(joined[follow["critic"]], joined[follow["followed"]])


def test_traps_are_in_the_data() -> None:
    """What shows a careless query is there: absent properties, several roles, second reviews."""
    movies, people, reviews = read("movies.csv"), read("people.csv"), read("reviewed.csv")
    assert any(not movie["runtime"] for movie in movies)
    assert any(not movie["releaseDate"] for movie in movies)
    assert any(not person["born"] for person in people)
    assert any(";" in row["roles"] for row in read("acted_in.csv"))
    assert {m["id"] for m in movies} > {r["movie"] for r in reviews}
    assert {c["id"] for c in read("critics.csv")} > {r["critic"] for r in reviews}
    assert {g["id"] for g in read("genres.csv")} > {g["genre"] for g in read("in_genre.csv")}
    assert max(Counter((r["critic"], r["movie"]) for r in reviews).values()) > 1
