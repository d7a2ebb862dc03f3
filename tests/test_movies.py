"""What is particular to the graph `movies`; tests/test_cases_shipped.py has what holds for all."""

from __future__ import annotations

import csv
from collections import Counter
from pathlib import Path

GRAPH = Path(__file__).parent.parent / "cases" / "graphs" / "movies"


def read(table: str) -> list[dict[str, str]]:
    with (GRAPH / table).open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file, strict=True))


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
