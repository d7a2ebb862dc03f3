"""Reading graph folders: cells by type, and every fault with its file and row."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest
from graph_engines import TINY
from hypothesis import given
from hypothesis import strategies as st

from pytest_cypherbench.errors import SuiteError
from pytest_cypherbench.graphs.cells import parse
from pytest_cypherbench.graphs.data import read_graph
from pytest_cypherbench.values import Duration, Point, Temporal, Value


@pytest.mark.parametrize(
    ("text", "type_name", "value"),
    [
        ("x; y", "string", "x; y"),
        ("-7", "integer", -7),
        ("2", "float", 2.0),
        ("false", "boolean", False),
        ("2024-02-29", "date", Temporal("date", "2024-02-29")),
        ("07:05", "local_time", Temporal("local_time", "07:05:00.000000000")),
        ("07:05:01.25Z", "time", Temporal("time", "07:05:01.250000000+00:00")),
        (
            "2024-01-01T00:00:00-03:30",
            "datetime",
            Temporal("date_time", "2024-01-01T00:00:00.000000000-03:30"),
        ),
        (
            "2024-01-01T00:00",
            "local_datetime",
            Temporal("local_date_time", "2024-01-01T00:00:00.000000000"),
        ),
        ("P1Y2M1W3DT4H5M6.5S", "duration", Duration(14, 10, 14706, 500_000_000)),
        ("PT-0.5S", "duration", Duration(0, 0, -1, 500_000_000)),
        ("12.5 55.7", "point", Point(4326, (12.5, 55.7))),
        ("9157: 1 2 3", "point", Point(9157, (1.0, 2.0, 3.0))),
        ("1;2; 3", "integer[]", [1, 2, 3]),
        ("only", "string[]", ["only"]),
    ],
)
def test_cells_by_type(text: str, type_name: str, value: Value) -> None:
    """Each type of the manifest reads its text."""
    assert parse(text, type_name) == value


@pytest.mark.parametrize(
    ("text", "type_name"),
    [
        ("1.5", "integer"),
        ("9223372036854775808", "integer"),
        ("yes", "boolean"),
        ("2023-02-29", "date"),
        ("24:00", "local_time"),
        ("12:00", "time"),
        ("2024-01-01T00:00", "datetime"),
        ("P", "duration"),
        ("P1DT", "duration"),
        ("1", "point"),
        ("7203: 1 2 3", "point"),
        ("1;x", "integer[]"),
    ],
)
def test_bad_cells_are_refused(text: str, type_name: str) -> None:
    """A text that is no value of its type is never guessed at."""
    with pytest.raises(ValueError, match=r".*"):
        parse(text, type_name)


@given(st.integers(-(2**63), 2**63 - 1), st.floats(allow_nan=False))
def test_numbers_come_back(whole: int, real: float) -> None:
    """Every integer and float survives its text."""
    assert parse(str(whole), "integer") == whole
    assert parse(repr(real), "float") == real


def test_tiny_is_read_whole() -> None:
    """The test graph has the nodes, labels, ends and absent properties of its files."""
    data = read_graph(TINY)
    assert [row.labels for row in data.nodes].count(("Person", "Robot")) == 2
    assert "born" not in data.nodes[3].properties
    assert {(row.start, row.end) for row in data.relationships if row.start == row.end} == {(2, 2)}


def test_hash_follows_content_alone(tmp_path: Path) -> None:
    """The hash is the same for a copy, also with other line ends, and another after a change."""
    copy = tmp_path / "tiny"
    shutil.copytree(TINY, copy)
    people = copy / "people.csv"
    people.write_bytes(people.read_bytes().replace(b"\n", b"\r\n"))
    assert read_graph(copy).sha256 == read_graph(TINY).sha256
    people.write_bytes(people.read_bytes().replace(b"Ada", b"Eda"))
    assert read_graph(copy).sha256 != read_graph(TINY).sha256


@pytest.mark.parametrize(
    ("file", "old", "new", "says"),
    [
        ("people.csv", "1815,", "eighteen,", "people.csv, row 1: born is no integer: 'eighteen'"),
        (
            "people.csv",
            "3,Grace",
            "1,Grace",
            "people.csv, row 3: id '1' occurs twice under :Person",
        ),
        ("people.csv", "3,Grace", ",Grace", "people.csv, row 3: the column 'id' is empty"),
        ("people.csv", "3,Grace,", "3,Grace,,", "people.csv, row 3: 16 cells, not 15"),
        ("knows.csv", "1,2,", "1,99,", "knows.csv, row 1: there is no :Person '99'"),
        ("knows.csv", "from,to", "from,till", "knows.csv, row 0: there is no column 'to'"),
        ("graph.yaml", "born: integer", "born: int", "nodes[0].properties.born: 'int' is none of"),
        ("graph.yaml", "label: City", "label: Town", "no nodes have the label 'Town'"),
        ("graph.yaml", "file: knows.csv", "file: ../knows.csv", "must lie in the graph's folder"),
        ("graph.yaml", "file: knows.csv", "file: gone.csv", "cannot read"),
        ("graph.yaml", "    id: id", "    key: id", "nodes[0] has the unknown key 'key'"),
        ("graph.yaml", "nodes:", "nodes: [", "is no YAML, line"),
        ("graph.yaml", "nodes:", "vertices:", "it must hold nodes: and relationships:"),
    ],
)
def test_faults_name_file_and_row(tmp_path: Path, file: str, old: str, new: str, says: str) -> None:
    """A fault of the folder is one line with the file, the row and what is wrong."""
    copy = tmp_path / "tiny"
    shutil.copytree(TINY, copy)
    path = copy / file
    text = path.read_text(encoding="utf-8")
    assert old in text
    path.write_text(text.replace(old, new, 1), encoding="utf-8")
    with pytest.raises(SuiteError) as caught:
        read_graph(copy)
    assert says in str(caught.value)
    assert "\n" not in str(caught.value)


def test_a_folder_without_graph(tmp_path: Path) -> None:
    """No folder, an empty one, and one with two kinds of data are each refused."""
    with pytest.raises(SuiteError, match="no graph folder"):
        read_graph(tmp_path / "gone")
    with pytest.raises(SuiteError, match="holds no graph"):
        read_graph(tmp_path)
    (tmp_path / "graph.yaml").write_text("nodes: []", encoding="utf-8")
    (tmp_path / "a.cypher").write_text("CREATE (:X)", encoding="utf-8")
    with pytest.raises(SuiteError, match="keep one of them"):
        read_graph(tmp_path)
    (tmp_path / "graph.yaml").unlink()
    (tmp_path / "a.cypher").write_text("CREATE (:X {a: 'open)", encoding="utf-8")
    with pytest.raises(SuiteError, match="not closed"):
        read_graph(tmp_path)
