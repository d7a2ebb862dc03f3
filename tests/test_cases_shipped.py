"""The cases and graphs that come with us: sound by structure, without a database."""

from __future__ import annotations

import csv
import re
from collections import Counter
from pathlib import Path

import pytest
import yaml

from pytest_cypherbench.audit.known import COMPONENTS
from pytest_cypherbench.cases import is_case_file, load_cases, refuse_duplicates
from pytest_cypherbench.cypher import clauses, statements, tokenize
from pytest_cypherbench.flow import Case, Order
from pytest_cypherbench.graphs import cells
from pytest_cypherbench.graphs.data import read_graph
from pytest_cypherbench.syntax.names import Role, read_names

CASES = Path(__file__).parent.parent / "cases"
GRAPHS = sorted(folder.name for folder in (CASES / "graphs").iterdir() if folder.is_dir())
FOLDERS = sorted({file.parent.name for file in CASES.glob("*/*.yaml")} - {"train"})
FILES = [file for name in FOLDERS for file in sorted((CASES / name).glob("*.yaml"))]
ROWS = refuse_duplicates(row for file in FILES for row in load_cases(file))
OURS = [row for row in ROWS if isinstance(row, Case)]
MANIFESTS = {
    name: yaml.safe_load((CASES / "graphs" / name / "graph.yaml").read_text(encoding="utf-8"))
    for name in GRAPHS
}
TABLES = [
    (name, table)
    for name, manifest in MANIFESTS.items()
    for table in (*manifest["nodes"], *manifest["relationships"])
]

in_each_folder = pytest.mark.parametrize("folder", FOLDERS)
of_each_graph = pytest.mark.parametrize("graph", GRAPHS)


def cases_of(folder: str) -> list[Case]:
    return [case for case in OURS if Path(case.origin.file).parent.name == folder]


def read(graph: str, file: str) -> list[dict[str, str]]:
    with (CASES / "graphs" / graph / file).open(encoding="utf-8", newline="") as table:
        return list(csv.DictReader(table, strict=True))


def explained_tags() -> list[str]:
    readme = (CASES / "README.md").read_text(encoding="utf-8")
    return sorted(re.findall(r"^\| `(\w+)` \| ", readme, re.MULTILINE))


def names_of(graph: str) -> dict[Role, set[str]]:
    """What the manifest knows; of a property's parts, all that any type has."""
    manifest = MANIFESTS[graph]
    tables = [table for name, table in TABLES if name == graph]
    return {
        Role.LABEL: {label for node in manifest["nodes"] for label in node["labels"]},
        Role.TYPE: {relationship["type"] for relationship in manifest["relationships"]},
        Role.PROPERTY: {name for table in tables for name in table.get("properties", {})},
        Role.COMPONENT: {part.lower() for parts in COMPONENTS.values() for part in parts},
    }


# ── cases ──


def test_every_row_is_a_case() -> None:
    """Every row of the files is a case, none is bad, and no id stands twice."""
    assert list(ROWS) == OURS
    assert all(is_case_file(file) for file in FILES)


def test_every_graph_has_cases_and_every_folder_a_graph() -> None:
    """Folders of cases and graphs have the same names, and cases/README.md has a row for each."""
    readme = (CASES / "README.md").read_text(encoding="utf-8")
    assert FOLDERS == GRAPHS == sorted(re.findall(r"^\| \[`(\w+)`\]", readme, re.MULTILINE))


@in_each_folder
def test_cases_are_named_after_their_graph(folder: str) -> None:
    """Every case asks about its folder's graph and says so in an id that needs no quotes."""
    for case in cases_of(folder):
        assert case.graph == folder
        assert re.fullmatch(rf"{folder}(-[a-z0-9]+)+", case.id)


@in_each_folder
def test_questions_differ(folder: str) -> None:
    """No question is asked twice, whatever its case and spacing."""
    counted = Counter(" ".join(case.question.lower().split()) for case in cases_of(folder))
    assert [question for question, times in counted.items() if times > 1] == []


@in_each_folder
def test_french_questions_ask_what_english_ones_ask(folder: str) -> None:
    """A French case has reference, tags and difficulty of one English case, and an id that says so."""
    cases = cases_of(folder)
    english = [case for case in cases if case.language == "en"]
    french = [case for case in cases if case.language == "fr"]
    assert len(english) + len(french) == len(cases)
    asked = {case.reference: (set(case.tags), case.difficulty) for case in english}
    assert len(asked) == len(english)
    assert len({case.reference for case in french}) == len(french) >= 12
    for case in cases:
        assert case.id.startswith(f"{folder}-fr-") == (case.language == "fr"), case.id
    for case in french:
        assert asked[case.reference] == (set(case.tags), case.difficulty), case.id


def test_every_tag_is_explained_and_used() -> None:
    """The tags of all cases are those of the table in cases/README.md; but for `empty`, which is
    rare, each has 15 English cases or more."""
    assert all(case.tags for case in OURS)
    used = Counter(tag for case in OURS if case.language == "en" for tag in case.tags)
    assert sorted(used) == explained_tags()
    assert {tag: times for tag, times in used.items() if times < 15 and tag != "empty"} == {}


@in_each_folder
def test_every_folder_asks_of_everything(folder: str) -> None:
    """Every feature tag has two English cases or more in every folder."""
    used = Counter(tag for case in cases_of(folder) if case.language == "en" for tag in case.tags)
    assert [tag for tag in explained_tags() if tag != "empty" and used[tag] < 2] == []


@in_each_folder
def test_difficulty_spreads(folder: str) -> None:
    """Every level from 1 to 5 has at least three cases, and none has more than half of them."""
    levels = Counter(case.difficulty for case in cases_of(folder))
    assert set(levels) == {1, 2, 3, 4, 5}
    assert min(levels.values()) >= 3
    assert max(levels.values()) <= len(cases_of(folder)) / 2


@pytest.mark.parametrize("case", OURS, ids=lambda case: case.id)
def test_order_is_asked_where_it_counts(case: Case) -> None:
    """A reference ends in ORDER BY exactly where it is tagged `ordering`, unless the case says that
    the order is of a part alone; LIMIT needs it too."""
    keywords = [clause.keyword for clause in clauses(tokenize(case.reference))]
    last = keywords[keywords.index("RETURN") :]
    asked = "ordering" in case.tags and case.order is not Order.IGNORED
    assert ("ORDER BY" in last) == asked
    assert "ORDER BY" in keywords or "LIMIT" not in keywords


@pytest.mark.parametrize("case", OURS, ids=lambda case: case.id)
def test_references_use_only_what_the_graph_has(case: Case) -> None:
    """No reference or accepted query names a label, type or property that the manifest lacks."""
    known = names_of(case.graph)
    for text in (case.reference, *case.accept):
        (statement,) = statements(tokenize(text))
        names = read_names(statement)
        for name in names.found:
            part = name.text.lower() in known[Role.COMPONENT] or name.text in names.keys
            if name.role is Role.COMPONENT or (name.role is Role.PROPERTY and name.owner is None):
                assert part or name.text in known[Role.PROPERTY], name
            else:
                assert name.text in known[name.role], name


# ── graphs ──


@pytest.mark.parametrize(
    ("graph", "table"), TABLES, ids=[f"{name}-{table['file']}" for name, table in TABLES]
)
def test_every_cell_has_its_type(graph: str, table: dict[str, object]) -> None:
    """Each property's column exists, every cell parses as its type, and none is blank or padded."""
    properties = table.get("properties", {})
    assert isinstance(properties, dict)
    rows = read(graph, str(table["file"]))
    assert rows
    for row in rows:
        assert None not in row
        for name, kind in properties.items():
            if row[name]:
                cells.parse(row[name], kind)
            items = row[name].split(";") if kind.endswith("[]") else [row[name]]
            assert all(item == item.strip() for item in items)
            assert len(items) == 1 or all(items)


@of_each_graph
def test_the_folder_is_a_graph(graph: str) -> None:
    """The reader that engines load from takes the folder and loses no row of any table."""
    data, manifest = read_graph(CASES / "graphs" / graph), MANIFESTS[graph]
    nodes = sum(len(read(graph, table["file"])) for table in manifest["nodes"])
    relationships = sum(len(read(graph, table["file"])) for table in manifest["relationships"])
    assert (len(data.nodes), len(data.relationships)) == (nodes, relationships)
    assert all(len(node.labels) == 1 for node in data.nodes)


@of_each_graph
def test_every_file_is_used(graph: str) -> None:
    """Each CSV file of the folder is one table of the manifest."""
    named = sorted(str(table["file"]) for name, table in TABLES if name == graph)
    assert named == sorted(file.name for file in (CASES / "graphs" / graph).glob("*.csv"))


@of_each_graph
def test_every_end_of_a_relationship_exists(graph: str) -> None:
    """Start and end of every relationship name a row of the label's file, whose ids are unique."""
    ids: dict[str, set[str]] = {}
    for node in MANIFESTS[graph]["nodes"]:
        column = [row[node["id"]] for row in read(graph, node["file"])]
        assert len(set(column)) == len(column)
        ids[node["labels"][0]] = set(column)
    for relationship in MANIFESTS[graph]["relationships"]:
        for end in (relationship["start"], relationship["end"]):
            used = {row[end["column"]] for row in read(graph, relationship["file"])}
            assert used <= ids[end["label"]], (relationship["type"], used - ids[end["label"]])
