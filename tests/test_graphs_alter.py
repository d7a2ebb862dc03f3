"""Altered copies: other data of the same shape, on which a right query is still right."""

from __future__ import annotations

import random
from collections import Counter
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from graph_engines import TINY, started
from hypothesis import given, settings
from hypothesis import strategies as st

from pytest_cypherbench.cases import load_cases
from pytest_cypherbench.flow import Case, Failure, Limits, Schema
from pytest_cypherbench.graphs.alter import alter
from pytest_cypherbench.graphs.data import GraphData, read_graph
from pytest_cypherbench.graphs.load import facts
from pytest_cypherbench.graphs.schema import Facts, fingerprint, schema
from pytest_cypherbench.loaded import Graph
from pytest_cypherbench.prompts import load_prompt
from pytest_cypherbench.values import Temporal

if TYPE_CHECKING:
    from collections.abc import Iterator

CASES = Path(__file__).parents[1] / "cases"
GRAPHS = [TINY, *sorted(file.parent for file in CASES.glob("graphs/*/graph.yaml"))]
SEEDS = (1, 2, 3)


def shape(found: Schema) -> object:
    """A schema without its counts."""
    entities = [
        [(e.name, e.properties) for e in part] for part in (found.labels, found.relationships)
    ]
    return entities, found.patterns


def people(*rows: dict[str, object], edges: tuple[tuple[int, int], ...] = ()) -> Facts:
    nodes = tuple((str(i), ("P",), row) for i, row in enumerate(rows))
    return Facts(nodes, tuple((str(a), "R", str(b), {}) for a, b in edges))  # type: ignore[arg-type]


@pytest.mark.parametrize("folder", GRAPHS, ids=lambda folder: folder.name)
@pytest.mark.parametrize("seed", SEEDS)
def test_a_copy_has_the_same_schema_and_other_data(folder: Path, seed: int) -> None:
    """The prompt would be the same; most nodes and counts are not."""
    old = facts(read_graph(folder))
    new = facts(alter("copy", old, seed))
    assert shape(schema(new)) == shape(schema(old))
    assert fingerprint(new) != fingerprint(old)
    counts = [(e.name, e.count) for e in (*schema(old).labels, *schema(old).relationships)]
    others = [(e.name, e.count) for e in (*schema(new).labels, *schema(new).relationships)]
    assert sum(a != b for a, b in zip(counts, others, strict=True)) > len(counts) / 3


def test_a_seed_makes_the_same_copy_from_any_order_of_the_facts() -> None:
    """Ids and order, which each engine has its own of, change nothing; another seed does."""
    old = facts(read_graph(CASES / "graphs" / "movies"))
    chance = random.Random(0)  # noqa: S311
    new_ids = {key: f"x{chance.random()}" for key, _, _ in old.nodes}
    nodes = [(new_ids[key], labels, found) for key, labels, found in old.nodes]
    edges = [(new_ids[a], kind, new_ids[b], found) for a, kind, b, found in old.relationships]
    chance.shuffle(nodes)
    chance.shuffle(edges)
    moved = Facts(tuple(nodes), tuple(edges))
    prints = [fingerprint(facts(alter("copy", found, 1))) for found in (old, moved)]
    assert prints[0] == prints[1]
    assert fingerprint(facts(alter("copy", old, 2))) != prints[0]


@pytest.mark.parametrize("seed", SEEDS)
def test_what_is_unique_or_whole_stays_so(seed: int) -> None:
    """Unique values stay unique, pairs joined once are joined once, and whoever must have a
    relationship keeps one: a right query stays right."""
    old = facts(read_graph(CASES / "graphs" / "movies"))
    new = facts(alter("copy", old, seed))
    for found in (old, new):
        titles = [p["title"] for _, labels, p in found.nodes if labels == ("Movie",)]
        assert len(set(titles)) == len(titles)
        pairs = Counter(row[:3] for row in found.relationships if row[1] != "REVIEWED")
        assert max(pairs.values()) == 1  # a critic may review a film twice
        movies = {key for key, labels, _ in found.nodes if labels == ("Movie",)}
        for kind, side in (("IN_GENRE", 0), ("DIRECTED", 2)):
            assert {row[side] for row in found.relationships if row[1] == kind} == movies


def test_names_still_occur_but_elsewhere() -> None:
    """Odd seeds move names to other nodes, even ones leave them; hardly one is lost."""
    old = facts(read_graph(CASES / "graphs" / "movies"))
    titles = {
        str(p["title"]): p.get("runtime") for _, labels, p in old.nodes if labels == ("Movie",)
    }
    for seed in SEEDS:
        rows = facts(alter("copy", old, seed)).nodes
        found = {str(p["title"]): p.get("runtime") for _, labels, p in rows if labels == ("Movie",)}
        kept = titles.keys() & found.keys()
        assert len(kept) > 0.95 * len(titles)
        assert sum(titles[title] != found[title] for title in kept) > 0.6 * len(kept)


def test_one_of_two_dates_is_never_above_the_other() -> None:
    """Who was born before he died still was."""

    def year(number: int) -> Temporal:
        return Temporal("date", f"{number}-05-05")

    rows = [{"name": f"n{i}", "born": year(1900 + i), "died": year(1960 + i)} for i in range(30)]
    new = facts(alter("copy", people(*rows), 1))  # type: ignore[arg-type]
    ages = [(p["born"].text, p["died"].text) for _, _, p in new.nodes]  # type: ignore[union-attr]
    assert all(born < died for born, died in ages)
    assert sorted(ages) != sorted((r["born"].text, r["died"].text) for r in rows)  # type: ignore[attr-defined]


def test_a_position_stays_within_its_list() -> None:
    """What numbers the stops of a line numbers them afterwards: no position twice."""
    nodes = [("L", (), {"name": f"L{i}"}) for i in range(4)] + [
        ("S", (), {"name": f"S{i}"}) for i in range(12)
    ]
    found = Facts(
        tuple((str(i), (label,), p) for i, (label, _, p) in enumerate(nodes)),
        tuple(
            (str(4 + (3 * line + n) % 12), "ON", str(line), {"position": n})
            for line in range(4)
            for n in range(6)
        ),
    )
    for seed in SEEDS:
        new = facts(alter("copy", found, seed))
        places = [(b, p["position"]) for _, _, b, p in new.relationships]
        assert len(set(places)) == len(places)


VALUES = st.one_of(
    st.integers(-(2**62), 2**62), st.floats(allow_nan=False, allow_infinity=False), st.text(max_size=3),
    st.booleans(), st.lists(st.integers(0, 3), max_size=2),
    st.sampled_from([Temporal("date", "0001-01-01"), Temporal("date", "9999-12-31")]),
)  # fmt: skip


@settings(max_examples=60, deadline=None)
@given(
    st.lists(st.dictionaries(st.sampled_from("abc"), VALUES), min_size=1, max_size=12),
    st.lists(st.tuples(st.integers(0, 11), st.integers(0, 11)), max_size=12),
)
def test_any_graph_can_be_altered(
    rows: list[dict[str, object]], edges: list[tuple[int, int]]
) -> None:
    """Whatever it holds, also at the ends of what a type can hold, its schema is kept."""
    kept = tuple((a, b) for a, b in edges if max(a, b) < len(rows))
    old = people(*rows, edges=kept)
    assert shape(schema(facts(alter("copy", old, 1)))) == shape(schema(old))


# ── on the engine ──


@pytest.fixture(scope="module")
def movies() -> Iterator[Graph]:
    folder = CASES / "graphs" / "movies"
    with started("embedded") as engine:
        yield Graph("movies", folder, engine.load(folder), engine, Limits())


def test_references_stay_non_empty_and_change(movies: Graph) -> None:
    """Of our own cases at least 95 % have a result to judge by on the first two copies, nearly all
    of them another one than on the graph itself."""
    files = sorted((CASES / "movies").glob("*.yaml"))
    cases = [row for file in files for row in load_cases(file) if isinstance(row, Case)]
    there, changed = 0, 0
    for case in (case for case in cases if "empty" not in case.tags):
        here = movies.expected(case)
        copies = [movies.altered(seed).expected(case) for seed in (1, 2)]
        rows = next(
            (found.rows for found in copies if not isinstance(found, Failure) and found.rows), None
        )
        there += rows is not None
        changed += not isinstance(here, Failure) and rows is not None and rows != here.rows
    asked = sum("empty" not in case.tags for case in cases)
    assert there >= 0.95 * asked
    assert changed >= 0.9 * there


def test_the_prompt_is_the_same_for_a_copy(movies: Graph) -> None:
    """A schema text that differed would be another question to a model."""
    data: GraphData = alter("movies", facts(read_graph(movies.folder)), 1)
    case = load_cases(CASES / "movies" / "basics.yaml")[0]
    assert isinstance(case, Case)
    template = load_prompt("schema")
    assert template.render(case, schema(facts(data))) == template.render(case, movies.schema)
