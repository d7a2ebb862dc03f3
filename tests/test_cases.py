"""Every case format, written as real files, and every way in which a row or a file can be bad."""

from __future__ import annotations

import csv
import datetime as dt
import json
import math
import re
import sys
from dataclasses import replace
from typing import TYPE_CHECKING

import openpyxl
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from hypothesis import given
from hypothesis import strategies as st

from pytest_cypherbench import cases
from pytest_cypherbench.cases import (
    SUFFIXES,
    dataset_sha256,
    describe,
    is_case_file,
    load_cases,
    make_id,
    refuse_duplicates,
    sheets,
)
from pytest_cypherbench.cases.structured import MAX_YAML_NODES
from pytest_cypherbench.errors import UserError
from pytest_cypherbench.flow import BadRow, Case, Order, Origin
from pytest_cypherbench.values import Temporal

if TYPE_CHECKING:
    from pathlib import Path

ROWS = [
    {
        "id": "t1",
        "graph": "movies",
        "question": "Who directed 'Alien'; and when?",
        "reference": "MATCH (p)-[:DIRECTED]->(m {title: $title})\nRETURN p.name, m.year",
        "tags": ["hop", "filter"],
        "difficulty": 2,
        "params": {"title": "Alien"},
        "order": "ignored",
        "tolerance": 0.001,
        "expect": [["Ridley Scott", 1979]],
    },
    {
        "id": "t2",
        "graph": "movies",
        "question": "Combien ?",
        "reference": "RETURN 1",
        "accept": ["RETURN 1, 'film'", "RETURN 1.0"],
        "language": "fr",
        "waive": {"duplicate": "the same as t1, in French"},
    },
]
KEYS = list(dict.fromkeys(key for row in ROWS for key in row))


def spelled(row: dict[str, object]) -> list[object]:
    """A row as a sheet has to spell it."""
    cells = [row.get(key) for key in KEYS]
    return [
        ", ".join(cell)
        if key == "tags" and isinstance(cell, list)
        else json.dumps(cell)
        if isinstance(cell, (dict, list))
        else cell
        for key, cell in zip(KEYS, cells, strict=True)
    ]


def write(path: Path, rows: list[dict[str, object]] = ROWS) -> Path:
    """The rows in the format that the suffix names."""
    match path.suffix:
        case ".jsonl":
            path.write_text("\n".join(map(json.dumps, rows)))
        case ".yaml" | ".yml":
            path.write_text(json.dumps(rows, indent=1))  # JSON is YAML
        case ".csv":
            with path.open("w", newline="") as file:
                csv.writer(file).writerows([KEYS, *map(spelled, rows)])
        case ".xlsx":
            save_xlsx(path, [KEYS, *map(spelled, rows)])
        case ".parquet":
            table = [{k: row.get(k) for k in KEYS} for row in rows]
            for row in table:  # a column has one type, so mixed rows travel as text
                for key in ("expect", "waive"):
                    row[key] = json.dumps(row[key]) if row[key] else None
            pq.write_table(pa.Table.from_pylist(table), path)
    return path


def save_xlsx(path: Path, *sheets: list[list[object]]) -> Path:
    book = openpyxl.Workbook()
    book.remove(book.active)
    for rows in sheets:
        sheet = book.create_sheet()
        for row in rows:
            sheet.append(row)
    book.save(path)
    return path


def text_file(path: Path, text: str | bytes) -> Path:
    path.write_bytes(text if isinstance(text, bytes) else text.encode())
    return path


def yaml_reason(tmp_path: Path, row: str, **rest: str | None) -> str:
    """Why a row of YAML is no case; it is otherwise a good one."""
    good = "graph: movies\nquestion: q\nreference: RETURN 1\n"
    keys = re.findall(r"(?m)^[a-z]+(?=:)", row)
    kept = [line for line in good.splitlines() if line.partition(":")[0] not in keys]
    body = "\n".join([*kept, row]).replace("\n", "\n  ")
    (found,) = load_cases(text_file(tmp_path / "x.yaml", f"- {body}\n"), **rest)
    assert isinstance(found, BadRow)
    assert found.origin.row == 1
    return found.reason


# ── the formats ─────────────────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize("suffix", sorted(SUFFIXES))
def test_every_format_gives_the_same_cases(tmp_path: Path, suffix: str) -> None:
    """One data set is the same cases, with one hash, whatever format it was written in."""
    first, second = load_cases(write(tmp_path / f"x{suffix}"))
    assert first == Case(
        id="t1",
        graph="movies",
        question="Who directed 'Alien'; and when?",
        reference="MATCH (p)-[:DIRECTED]->(m {title: $title})\nRETURN p.name, m.year",
        origin=Origin((tmp_path / f"x{suffix}").as_posix(), 1),
        tags=("hop", "filter"),
        difficulty=2,
        params={"title": "Alien"},
        order=Order.IGNORED,
        tolerance=0.001,
        expect=(("Ridley Scott", 1979),),
    )
    assert isinstance(second, Case)
    assert (second.params, second.order, second.expect, second.origin.row) == ({}, None, None, 2)
    assert (second.accept, second.language) == (("RETURN 1, 'film'", "RETURN 1.0"), "fr")
    assert second.waive == {"duplicate": "the same as t1, in French"}


@pytest.mark.parametrize("suffix", [".csv", ".xlsx", ".jsonl", ".parquet"])
def test_the_studys_sheet_loads_as_it_is(tmp_path: Path, suffix: str) -> None:
    """instruction/input/output stand for question and reference; an empty input is ignored."""
    path = tmp_path / f"study{suffix}"
    rows = [
        ["instruction", "input", "output"],
        ["Who?", None, "RETURN 1"],
        ["Who", "else?", "RETURN 2"],
    ]
    match suffix:
        case ".csv":
            with path.open("w", newline="") as file:
                csv.writer(file).writerows(rows)
        case ".xlsx":
            save_xlsx(path, rows)
        case ".jsonl":
            path.write_text(
                "\n".join(json.dumps(dict(zip(rows[0], r, strict=True))) for r in rows[1:])
            )
        case _:
            pq.write_table(
                pa.table({k: [r[i] for r in rows[1:]] for i, k in enumerate(rows[0])}), path
            )
    first, second = load_cases(path, default_graph="movies")
    assert isinstance(first, Case)
    assert isinstance(second, Case)
    assert (first.question, first.reference, first.graph) == ("Who?", "RETURN 1", "movies")
    assert second.question == "Who\nelse?"


def test_a_yaml_mapping_sets_defaults_and_rows_add_tags(tmp_path: Path) -> None:
    """Defaults serve rows that do not say otherwise; a row's tags are added to the file's."""
    text = (
        "graph: movies\ntags: [all]\ndifficulty: 1\nlanguage: fr\ncases:\n"
        "- {question: a, reference: RETURN 1}\n"
        "- {question: b, reference: RETURN 1, graph: trains, tags: [x, all], difficulty: 5, language: EN}\n"
    )
    first, second = load_cases(text_file(tmp_path / "x.yml", text))
    assert isinstance(first, Case)
    assert isinstance(second, Case)
    assert (first.graph, first.tags, first.difficulty) == ("movies", ("all",), 1)
    assert (first.language, second.language) == ("fr", "en")
    assert (second.graph, second.tags, second.difficulty) == ("trains", ("all", "x"), 5)


@pytest.mark.parametrize("delimiter", [",", ";", "\t"])
@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16"])
def test_csv_dialects(tmp_path: Path, delimiter: str, encoding: str) -> None:
    """The header decides on the delimiter, whatever the cells hold; encoding marks are skipped."""
    path = tmp_path / "x.csv"
    rows = [
        [" Question ", "REFERENCE", "tags"],
        ['Où, "wo"; where\tis\nit?', "MATCH (a),(b);", "a;b,c"],
        [" plain ", "RETURN 1", ""],
    ]
    with path.open("w", newline="", encoding=encoding) as file:
        csv.writer(file, delimiter=delimiter).writerows(rows)
    first, second = load_cases(path, default_graph="g")
    assert isinstance(first, Case)
    assert isinstance(second, Case)
    assert (first.question, first.tags) == (rows[1][0], ("a", "b", "c"))
    assert (second.question, second.origin.row) == ("plain", 2)


def test_unknown_columns_of_sheets_are_ignored(tmp_path: Path) -> None:
    """A foreign sheet's columns do not matter; where two names stand for one, the nearer counts."""
    text = "schema,cypher,output,question,,database\nlong,RETURN 1,model's,q,x,neo\n"
    (case,) = load_cases(text_file(tmp_path / "x.csv", text), default_graph="g")
    assert isinstance(case, Case)
    assert case.reference == "RETURN 1"


def test_spreadsheet_numbers_become_ids(tmp_path: Path) -> None:
    """12, 12.0 and the text "12.0" are the id 12, as a spreadsheet has no integers."""
    header: list[object] = ["id", "question", "reference", "difficulty"]
    path = save_xlsx(
        tmp_path / "x.xlsx",
        [
            [],
            header,
            [12, "a", "RETURN 1", 3.0],
            [],
            [13.0, "b", "RETURN 1", "2"],
            ["14.0", "c", "x", None],
        ],
    )
    cases = load_cases(path, default_graph="g")
    assert [(c.id, c.difficulty, c.origin.row) for c in cases if isinstance(c, Case)] == [
        ("12", 3, 1),
        ("13", 2, 3),
        ("14", None, 4),
    ]


def test_the_sheet_with_cases_is_found(tmp_path: Path) -> None:
    """A cover sheet before the cases does no harm; if no sheet has them, the first is reported."""
    cover: list[list[object]] = [["Our data set"], ["2024"]]
    sheet = [["question", "cypher"], ["q", "RETURN 1"]]
    assert isinstance(
        load_cases(save_xlsx(tmp_path / "a.xlsx", cover, sheet), default_graph="g")[0], Case
    )
    (bad,) = load_cases(save_xlsx(tmp_path / "b.xlsx", cover))
    assert isinstance(bad, BadRow)
    assert bad.reason == "has no column question or instruction; it has: Our data set"


def test_a_sheet_with_one_cell_in_the_last_corner_is_read(tmp_path: Path) -> None:
    """A stray cell at XFD1048576 takes no memory for the 17 billion cells before it."""
    book = openpyxl.Workbook()
    book.active.append(["question", "reference"])
    book.active.append(["q", "RETURN 1"])
    book.active.cell(1048576, 16384, "x")
    book.save(tmp_path / "x.xlsx")
    (case,) = load_cases(tmp_path / "x.xlsx", default_graph="g")
    assert isinstance(case, Case)


def test_parquet_nulls_maps_and_dates(tmp_path: Path) -> None:
    """NaN and null are empty cells, a map is params, a timestamp is a temporal value."""
    when = dt.datetime(2024, 5, 6, 7, 8, 9, 10)  # noqa: DTZ001 a local date and time is meant
    table = pa.table(
        {
            "question": ["a", "b", None],
            "reference": ["RETURN 1", "RETURN 2", "RETURN 3"],
            "difficulty": [math.nan, 3.0, 1.0],
            "params": pa.array(
                [[("t", when)], None, None], pa.map_(pa.string(), pa.timestamp("us"))
            ),
        }
    )
    pq.write_table(table, tmp_path / "x.parquet")
    first, second, third = load_cases(tmp_path / "x.parquet", default_graph="g")
    assert isinstance(first, Case)
    assert isinstance(second, Case)
    assert isinstance(third, BadRow)
    assert first.params == {"t": Temporal("local_date_time", "2024-05-06T07:08:09.000010000")}
    assert (first.difficulty, second.difficulty, second.params) == (None, 3, {})
    assert (third.origin.row, third.reason) == (3, "question is empty")


def test_yaml_dates_are_temporal_values(tmp_path: Path) -> None:
    """Dates and times that YAML reads as such come as the values that an engine compares."""
    text = (
        "- question: q\n  reference: RETURN 1\n  graph: g\n  params:\n    day: 2024-05-06\n"
        "    at: 2024-05-06T07:08:09+02:00\n"
    )
    (case,) = load_cases(text_file(tmp_path / "x.yaml", text))
    assert isinstance(case, Case)
    assert case.params == {
        "day": Temporal("date", "2024-05-06"),
        "at": Temporal("date_time", "2024-05-06T07:08:09.000000000+02:00"),
    }


def test_parquet_without_its_library_names_the_extra(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Only who reads Parquet needs pyarrow, and is told how to get it."""
    path = write(tmp_path / "x.parquet")
    for name in [name for name in sys.modules if name.partition(".")[0] == "pyarrow"]:
        monkeypatch.delitem(sys.modules, name)
    monkeypatch.setitem(sys.modules, "pyarrow", None)
    with pytest.raises(UserError, match=r"pip install 'pytest-cypherbench\[parquet\]'"):
        load_cases(path)


# ── bad rows ────────────────────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize(
    ("row", "reason"),
    [
        ("question: ''", "question is empty"),
        ("question: '  '", "question is empty"),
        ("question: no", "question is not text but a boolean: quote it"),
        ("question: [a]", "question is not text but a list: quote it"),
        ('question: "a\\0b"', "question holds a NUL character"),
        ("reference: 12", "reference is not text but a number: quote it"),
        ("reference:", "reference is empty"),
        (
            "graph: ../secret",
            "graph '../secret' may hold only letters A-Z a-z, digits, '_', '.', '-'",
        ),
        ("graph: ..", "graph '..' may hold only letters A-Z a-z, digits, '_', '.', '-'"),
        ("graph:", "graph is missing, and no default is set"),
        ("id: a[1]", "id 'a[1]' may hold only letters A-Z a-z, digits, '_', '.', '-'"),
        ("id: 'a::b'", "id 'a::b' may hold only letters A-Z a-z, digits, '_', '.', '-'"),
        ("id: two words", "id 'two words' may hold only letters A-Z a-z, digits, '_', '.', '-'"),
        ("id: true", "id is not text but a boolean: quote it"),
        ("tags: 5", "tags is neither a list nor text but a number"),
        ("tags: [1]", "tags holds a number: quote it"),
        ("difficulty: 6", "difficulty is not one of 1 2 3 4 5: '6'"),
        ("difficulty: hard", "difficulty is not a number: 'hard'"),
        ("difficulty: true", "difficulty is not a number: 'True'"),
        ("tolerance: -1", "tolerance is relative, from 0 to below 1: '-1'"),
        ("tolerance: .inf", "tolerance is relative, from 0 to below 1: 'inf'"),
        ("order: significnt", "unknown order 'significnt': did you mean significant?"),
        ("order: x", "unknown order 'x': have: ignored, significant"),
        ("params: [1]", "params is not a mapping but a list"),
        ("params: '{x}'", "params is not JSON: "),
        ("params: {1: a}", "params has a key that is not text: '1'"),
        ("params: {a: 9223372036854775808}", "params holds an integer that does not fit 64 bits"),
        ("params: {a: !!set {b}}", "params holds a set, which Cypher has no value for"),
        ("expect: {a: 1}", "expect is not a list of rows, each a list of values"),
        ("expect: [1]", "expect is not a list of rows, each a list of values"),
        ("expect: [[1], [1, 2]]", "expect has rows of different width"),
        ("accept: RETURN 1", "accept is not JSON: "),
        ("accept: {a: RETURN 1}", "accept is not a list of queries but a mapping"),
        ("accept: [1]", "accept is not text but a number: quote it"),
        ("accept: ['']", "accept is empty"),
        ("accept: [RETURN 1]\nexpect: [[1]]", "accept and expect exclude each other"),
        ("language: french", "language is no ISO 639-1 code such as en or fr: 'french'"),
        ("language: no", "language is not text but a boolean: quote it"),
        ("waive: [strength]", "waive is not a mapping of checks to reasons but a list"),
        ("waive: {strength: }", "waive of strength is empty"),
        ("waive: {strength: 1}", "waive of strength is not text but a number: quote it"),
        ("waive: {1: why}", "waive has a key that is not text: '1'"),
        ("refrence: x", "unknown key 'refrence': did you mean reference?"),
        ("cypher: x", "gives reference twice, under the names reference and cypher and output"),
        ("question: a\nquestion: b", "key 'question' stands twice"),
        ("tags: !!python/name:os.system ''", "could not determine a constructor"),
        (f"params: {{a: {'9' * 5000}}}", "holds a value that cannot be read"),
        ("params: {a: 2024-13-45}", "holds a value that cannot be read"),
    ],
)
def test_a_bad_cell_is_named(tmp_path: Path, row: str, reason: str) -> None:
    """Each kind of bad cell makes its row a BadRow that says which cell and why."""
    assert reason in yaml_reason(tmp_path, row)


def test_only_the_bad_rows_of_a_yaml_file_fail(tmp_path: Path) -> None:
    """A row that is no mapping, or lacks a key, leaves the rows around it alone."""
    text = (
        "- just text\n- {question: q, reference: RETURN 1, graph: g}\n- {reference: r, graph: g}\n"
    )
    first, second, third = load_cases(text_file(tmp_path / "x.yaml", text))
    assert isinstance(first, BadRow)
    assert isinstance(second, Case)
    assert isinstance(third, BadRow)
    assert (first.reason, third.reason) == (
        "is not a mapping of keys to values",
        "question is missing",
    )


def test_only_the_broken_lines_of_a_jsonl_file_fail(tmp_path: Path) -> None:
    """A broken, foreign or deeply nested line is a BadRow of its line number; the others run."""
    good = b'{"question": "a", "reference": "RETURN 1", "graph": "g"}'
    lines = [
        good,
        b"",
        b'{"question": ',
        b'{"question": "\xff"}',
        b"[" * 100_000,
        b"7",
        b'{"question": "a", "question": "b"}',
        rb'{"question": "\ud800", "reference": "r", "graph": "g"}',
        good.replace(b'"a"', b'"b"'),
    ]
    path = text_file(tmp_path / "x.jsonl", b"\r\n".join(lines))
    rows = load_cases(path)
    assert [(row.origin.row, isinstance(row, Case)) for row in rows] == [
        (1, True), (3, False), (4, False), (5, False),
        (6, False), (7, False), (8, False), (9, True),
    ]  # fmt: skip
    reasons = [row.reason for row in rows if isinstance(row, BadRow)]
    for reason, part in zip(
        reasons,
        ["is not JSON", "not UTF-8", "too deeply", "not a mapping", "stands twice", "surrogate"],
        strict=True,
    ):
        assert part in reason


def test_shifted_columns_are_bad_rows(tmp_path: Path) -> None:
    """A CSV row with too many or too few cells is refused, not read into the wrong columns."""
    text = (
        "question,reference,graph\n"
        "Who, and when?,RETURN 1,g\n"
        "q,RETURN 1\n"
        "\n,,\n"
        "q,RETURN 1,g,,\n"
        '"q"x,RETURN 1,g\n'
        "q2,RETURN 1,g\n"
        'q3,"RETURN 1,g\n'
    )
    rows = load_cases(text_file(tmp_path / "x.csv", text))
    assert [(row.origin.row, isinstance(row, Case)) for row in rows] == [
        (1, False), (2, False), (4, True), (5, False), (6, True), (7, False),
    ]  # fmt: skip
    assert "has 4 cells where the header has 3: shifted columns" in rows[0].reason  # type: ignore[union-attr]
    assert "is not CSV at line 7" in rows[3].reason  # type: ignore[union-attr]


def test_a_bad_row_is_described_with_file_and_row() -> None:
    """The message leads to the place; row 0, the whole file, is not spelled."""
    assert describe(BadRow(Origin("cases/x.csv", 7), "r")) == "cases/x.csv, row 7: r"
    assert describe(BadRow(Origin("cases/x.csv", 0), "r")) == "cases/x.csv: r"


# ── bad files ───────────────────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize(
    ("name", "content", "reason"),
    [
        ("x.yaml", "", "holds no cases"),
        ("x.yaml", "a: [", "is not YAML: line "),
        ("x.yaml", "hello", "holds neither a list of rows nor a mapping with 'cases:'"),
        ("x.yaml", "graph: g", "is a mapping without one list under 'cases:'"),
        ("x.yaml", "grpah: g\ncases: []", "unknown key 'grpah': did you mean graph?"),
        ("x.yaml", "- &a [*a]", "alias"),
        ("x.yaml", "[" * 5000, "is n"),
        ("x.yaml", b"- question: \xe9", "is not UTF-8 at line 1: save it as UTF-8"),
        ("x.jsonl", "[\n{}\n]", "is a JSON array: a .jsonl file holds one object per line"),
        ("x.csv", "question,reference\n", "holds no cases"),
        ("x.csv", "a,b\n1,2\n", "has no column question or instruction; it has: a, b"),
        ("x.csv", "question,b\n1,2\n", "has no column reference or cypher or output"),
        ("x.csv", "question,Question,reference\n", "has two columns named 'question'"),
        ("x.csv", b"question,reference\n\xe9,x", "is not UTF-8 at line 2"),
        ("x.xlsx", "no zip", "is not an XLSX file"),
        ("x.parquet", "PAR1 no PAR1", "is not a readable Parquet file"),
    ],
)
def test_a_bad_file_is_one_bad_row(tmp_path: Path, name: str, content: str, reason: str) -> None:
    """A file that gives no rows is one BadRow with row 0, so that other files still run."""
    (bad,) = load_cases(text_file(tmp_path / name, content))
    assert isinstance(bad, BadRow)
    assert bad.origin.row == 0
    assert reason in bad.reason
    assert "\n" not in bad.reason


def test_a_missing_file_and_a_folder_are_bad_rows(tmp_path: Path) -> None:
    """What the system says about a file is the reason."""
    (tmp_path / "d.yaml").mkdir()
    for path in (tmp_path / "none.yaml", tmp_path / "d.yaml"):
        (bad,) = load_cases(path)
        assert isinstance(bad, BadRow)
        assert bad.reason.startswith("cannot be read: ")


def test_an_unknown_suffix_is_a_usage_error(tmp_path: Path) -> None:
    """Which formats there are is said, before anything is read."""
    with pytest.raises(UserError, match=r"unknown suffix '\.txt'.*\.parquet"):
        load_cases(tmp_path / "x.txt")


@pytest.mark.parametrize("merge", [False, True])
def test_an_alias_bomb_is_refused(tmp_path: Path, merge: bool) -> None:
    """A kilobyte of aliases that stands for billions of values is refused, not expanded."""
    form = "y{0}: &a{0} {{<<: [*a{1}, *a{1}]}}" if merge else "y{0}: &a{0} [*a{1}, *a{1}]"
    lines = ["x: &a0 {k: v}", *(form.format(i, i - 1) for i in range(1, 40))]
    text = "\n".join([*lines, "cases: [{question: q, reference: r, graph: g}]"])
    (bad,) = load_cases(text_file(tmp_path / "x.yaml", text))
    assert isinstance(bad, BadRow)
    assert bad.reason == f"expands to more than {MAX_YAML_NODES:,} values"


@pytest.mark.parametrize("suffix", [".xlsx", ".parquet"])
def test_a_zip_bomb_is_refused(
    tmp_path: Path, suffix: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A sheet that unpacks to more than memory should hold is refused before it is unpacked."""
    monkeypatch.setattr(sheets, "MAX_UNPACKED_BYTES", 200)
    (bad,) = load_cases(write(tmp_path / f"x{suffix}"))
    assert isinstance(bad, BadRow)
    assert bad.reason.startswith("unpacks to more than")


def test_a_file_larger_than_the_limit_is_not_read(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A case file of gigabytes is refused by its size."""
    monkeypatch.setattr(cases, "MAX_FILE_BYTES", 100)
    (bad,) = load_cases(write(tmp_path / "x.csv"))
    assert isinstance(bad, BadRow)
    assert bad.reason.startswith("is larger than")


@pytest.mark.parametrize("suffix", sorted(SUFFIXES))
@given(data=st.binary(max_size=300), cut=st.integers(0, 400))
def test_no_content_raises(
    tmp_path_factory: pytest.TempPathFactory, suffix: str, data: bytes, cut: int
) -> None:
    """Any bytes, also a good file cut short and followed by rubbish, give rows, no exception."""
    folder = tmp_path_factory.getbasetemp() / f"fuzz{suffix}"
    if not folder.exists():
        folder.mkdir()
        write(folder / f"good{suffix}")
    good = (folder / f"good{suffix}").read_bytes()
    path = text_file(folder / f"x{suffix}", good[: len(good) * cut // 400] + data)
    assert all(isinstance(row, (Case, BadRow)) for row in load_cases(path, default_graph="g"))
    is_case_file(path)


# ── ids ─────────────────────────────────────────────────────────────────────────────────────────


def test_a_missing_id_is_readable_and_stable() -> None:
    """The id is a slug and a hash of graph and question, for ever: baselines are keyed by it."""
    assert make_id("movies", "Who directed The Matrix?") == "who-directed-the-matrix-01b9f5f3"
    assert make_id("movies", "Who directed The Matrix?") != make_id(
        "films", "Who directed The Matrix?"
    )
    assert make_id("movies", "Où est le café ?").startswith("ou-est-le-cafe-")
    assert make_id("movies", "谁导演了黑客帝国？").startswith("movies-")
    assert make_id("g", "cafe\u0301") == make_id("g", "caf\u00e9")


@given(st.text(min_size=1), st.from_regex(r"[A-Za-z0-9_][A-Za-z0-9_.-]{0,119}", fullmatch=True))
def test_a_made_id_is_always_a_valid_one(question: str, graph: str) -> None:
    """No question, however long or foreign, makes an id that a node id could not hold."""
    if question.encode(errors="replace").decode() == question:
        assert re.fullmatch(r"[A-Za-z0-9_.-]{1,60}", make_id(graph, question))


def test_a_second_row_with_an_id_is_refused(tmp_path: Path) -> None:
    """The first keeps the id; every further one names it, in one file and across files."""
    text = "".join(f"- {{id: a, question: q{i}, reference: r, graph: g}}\n" for i in range(3))
    rows = load_cases(text_file(tmp_path / "x.yaml", text))
    assert isinstance(rows[0], Case)
    assert [row.reason for row in rows[1:] if isinstance(row, BadRow)] == [
        "id 'a' is taken by row 1"
    ] * 2
    other = load_cases(text_file(tmp_path / "y.yaml", text))
    bad = refuse_duplicates([*rows, *other])[3]
    assert isinstance(bad, BadRow)
    assert bad.reason == f"id 'a' is taken by {(tmp_path / 'x.yaml').as_posix()}, row 1"


def test_one_question_twice_is_one_id_twice(tmp_path: Path) -> None:
    """Rows without id that ask the same of one graph cannot be told apart, so the second fails."""
    text = "- {question: q, reference: r, graph: g}\n" * 2
    first, second = load_cases(text_file(tmp_path / "x.yaml", text))
    assert isinstance(first, Case)
    assert isinstance(second, BadRow)


# ── the hash of a data set ──────────────────────────────────────────────────────────────────────


def case(**changes: object) -> Case:
    base: dict[str, object] = {
        "id": "i", "graph": "g", "question": "q", "reference": "r", "origin": Origin("f", 1),
    }  # fmt: skip
    return Case(**(base | changes))  # type: ignore[arg-type]


@pytest.mark.parametrize(
    "changes",
    [
        {"id": "j"},
        {"graph": "h"},
        {"question": "p"},
        {"reference": "s"},
        {"params": {"a": 1}},
        {"params": {"a": 1.0}},
        {"params": {"a": Temporal("date", "2024-01-01")}},
        {"order": Order.IGNORED},
        {"tolerance": 0.1},
        {"expect": ()},
        {"expect": ((b"x",),)},
        {"accept": ("s",)},
    ],
)
def test_whatever_decides_a_verdict_changes_the_hash(changes: dict[str, object]) -> None:
    """A data set in which one of these differs is another data set."""
    assert dataset_sha256([case(**changes)]) != dataset_sha256([case()])
    assert dataset_sha256([case(params={"a": 1})]) != dataset_sha256([case(params={"a": 1.0})])


def test_the_hash_is_that_of_the_content() -> None:
    """Neither files, rows, tags, languages and waivers nor the order of cases and of params' keys
    change it."""
    a = case(id="a", params={"x": 1, "y": 2})
    moved = case(id="a", params={"y": 2, "x": 1}, origin=Origin("z", 9), tags=("t",), difficulty=3)
    moved = replace(moved, language="fr", waive={"strength": "why"})
    assert dataset_sha256([a, case()]) == dataset_sha256([case(), moved])
    assert dataset_sha256([a]) != dataset_sha256([a, a])


# ── is it a case file? ──────────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize("suffix", sorted(SUFFIXES))
def test_case_files_are_told_from_other_data(tmp_path: Path, suffix: str) -> None:
    """A walk through a folder takes the case files and no others."""
    assert is_case_file(write(tmp_path / f"cases{suffix}"))
    other = tmp_path / f"other{suffix}"
    match suffix:
        case ".csv":
            text_file(other, "id,title\n1,question and reference\n")
        case ".jsonl":
            text_file(other, '{"title": "question, reference"}\n')
        case ".xlsx":
            save_xlsx(other, [["id", "title"], ["1", "a question"]])
        case ".parquet":
            pq.write_table(pa.table({"id": [1], "title": ["x"]}), other)
        case _:
            text_file(other, "jobs:\n  build:\n    output: question\n")
    assert not is_case_file(other)


def test_yaml_case_files_of_the_house_style_are_seen(tmp_path: Path) -> None:
    """Also where defaults and comments come first."""
    rows = "  - id: a\n    question: |\n      q\n    reference: RETURN 1\n"
    text = f"# ours\ngraph: movies\ncases:\n{rows}"
    assert is_case_file(text_file(tmp_path / "x.yaml", text))


def test_what_cannot_be_read_is_no_case_file(tmp_path: Path) -> None:
    """A walk never fails over a file that is not there, empty, a folder or of another kind."""
    (tmp_path / "d.yaml").mkdir()
    assert not is_case_file(tmp_path / "d.yaml")
    assert not is_case_file(tmp_path / "none.csv")
    assert not is_case_file(text_file(tmp_path / "x.py", "question: reference:"))
    for suffix in SUFFIXES:
        assert not is_case_file(text_file(tmp_path / f"e{suffix}", ""))
