"""Every format that can be imported, on small files of our own: what comes in, what is refused and
how it is said. The files hold no row of any public set."""

from __future__ import annotations

import hashlib
import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from pytest_cypherbench.__main__ import main as command
from pytest_cypherbench.cases import is_case_file, load_cases
from pytest_cypherbench.errors import UserError
from pytest_cypherbench.flow import Case
from pytest_cypherbench.importers import FORMATS, find_format
from pytest_cypherbench.importers.source import choose_split

SAMPLES = Path(__file__).parent / "importers"
YEARS = [
    {
        "question": "Which trains stop at Halt?",
        "schema": "Node properties: Train {name: STRING}",
        "cypher": "MATCH (t:Train)-[:STOPS_AT]->(:Station {name: 'Halt'}) RETURN t.name",
        "data_source": "our_own",
        "instance_id": "instance_1",
        "database_reference_alias": "railway",
    },
    {
        "question": "How many trains are there?",
        "schema": "Node properties: Train {name: STRING}",
        "cypher": "MATCH (t:Train) RETURN count(t)",
        "data_source": "our_own",
        "instance_id": "instance_2",
        "database_reference_alias": None,
    },
]
FILES = {
    "neo4j-labs": "labs.csv",
    "neo4j-2024": "years.parquet",
    "neo4j-2025": "years.parquet",
    "cypherbench": "cypherbench.json",
    "mind-the-query": "mind_the_query.json",
    "zograscope": "zograscope.csv",
    "kuzu": "kuzu.txt",
}


def main(arguments: list[str]) -> int:
    return command(["import", *arguments])


@pytest.fixture
def here(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder of its own with all samples, and the working folder."""
    for sample in SAMPLES.iterdir():
        (tmp_path / sample.name).write_bytes(sample.read_bytes())
    pq.write_table(pa.Table.from_pylist(YEARS), tmp_path / "years.parquet")
    monkeypatch.chdir(tmp_path)
    return tmp_path


def cases_of(file: Path) -> list[Case]:
    rows = load_cases(file)
    assert [row for row in rows if not isinstance(row, Case)] == []
    return [row for row in rows if isinstance(row, Case)]


def origin(file: Path) -> Any:
    return json.loads(file.read_text(encoding="utf-8"))


def test_every_format_has_a_sample() -> None:
    """A format that is added to the table is tested here, and described in docs/import.md."""
    assert sorted(FILES) == FORMATS.names()
    page = SAMPLES.parents[1] / "docs" / "import.md"
    if page.is_file():  # an installed package has no docs beside it
        text = page.read_text(encoding="utf-8")
        assert [name for name in FILES if f"\n| `{name}` |" not in text] == []


@pytest.mark.parametrize(("name", "file"), FILES.items())
def test_a_good_file_comes_in_whole(
    here: Path, name: str, file: str, capsys: pytest.CaptureFixture[str]
) -> None:
    """Status 0, the file written loads without a bad row, and the origin says whose it is."""
    assert main([name, file, "--graph", "mine"]) == 0
    output = here / f"{name}-{Path(file).stem}.jsonl"
    cases = cases_of(output)
    assert len(cases) >= 2
    assert is_case_file(output)
    told = origin(output.with_suffix(".origin.json"))
    assert told["format"] == name
    assert told["licence"] == find_format(name).licence
    assert told["files"][0]["sha256"] == hashlib.sha256((here / file).read_bytes()).hexdigest()
    assert told["files"][0]["changed"].endswith("+00:00")
    assert told["rows"] == {"imported": len(cases), "refused": 0}
    lines = capsys.readouterr().out.splitlines()
    assert lines[-1] == f"{len(cases)} rows read: {len(cases)} imported, 0 refused"


def test_the_same_source_gives_the_same_bytes(here: Path) -> None:
    """An import may be repeated over itself, and changes nothing."""
    assert main(["kuzu", "kuzu.txt", "--output", "a.jsonl"]) == 0
    first = [(here / name).read_bytes() for name in ("a.jsonl", "a.origin.json")]
    assert main(["kuzu", "kuzu.txt", "--output", "a.jsonl"]) == 0
    assert [(here / name).read_bytes() for name in ("a.jsonl", "a.origin.json")] == first


# ── what the columns become ─────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        (
            "neo4j-labs",
            {
                "id": "which-boats-sank-c57da02d",
                "graph": "marina",
                "question": "Which boats sank?",
                "reference": "MATCH (b:Boat {sunk: true}) RETURN b.name",
                "tags": ("simple-retrieval-queries", "timed-out", "no-results"),
            },
        ),
        (
            "neo4j-2024",
            {
                "id": "neo4j-2024-instance_2",
                "graph": "mine",
                "question": "How many trains are there?",
                "reference": "MATCH (t:Train) RETURN count(t)",
                "tags": ("our-own",),
            },
        ),
        (
            "cypherbench",
            {
                "id": "cypherbench-b6b0f3a2-5f1c-4c0e-9d3e-0a9a54a1c002",
                "graph": "harbour",
                "question": "Which ship is the oldest?",
                "reference": "MATCH (n:Ship) RETURN n.name ORDER BY n.built_year ASC LIMIT 1",
                "tags": ("basic-n", "n-argmax"),
            },
        ),
        (
            "mind-the-query",
            {
                "id": "mind-the-query-apiary_data_1_1_1_1_Simple_Retrieval_1",
                "graph": "apiary",
                "question": "Which hives stand under lime trees?",
                "reference": "MATCH (h:Hive)-[:STANDS_UNDER]->(:Tree {kind: 'lime'}) RETURN h.name",
                "tags": ("simple-retrieval", "no-results"),
            },
        ),
        (
            "zograscope",
            {
                "id": "zograscope-12",
                "graph": "mine",
                "question": "How many phones did nobody call?",
                "reference": "MATCH (x0:Phone) WHERE NOT (x0)-[:CALLED]-() RETURN COUNT(DISTINCT x0)",
                "tags": ("count", "1-nodes"),
            },
        ),
        (
            "kuzu",
            {
                "id": "kuzu-2-2",
                "graph": "mine",
                "question": "How many posts are there? MATCH is a word that a question may begin a line with.",
                "reference": "MATCH (p:Post) RETURN count(p)",
                "tags": ("how-many-how-much",),
            },
        ),
    ],
)
def test_the_last_row_of_each_sample(here: Path, name: str, expected: dict[str, object]) -> None:
    """Question, query, graph, id and tags come from the columns that the page names."""
    main([name, FILES[name], "--graph", "mine", "--output", "out.jsonl"])
    case = cases_of(here / "out.jsonl")[-1]
    assert {key: getattr(case, key) for key in expected} == expected


def test_a_set_on_one_graph_names_it(here: Path) -> None:
    """Without --graph, zograscope's cases are on `pole` and Kuzu's on `ldbc-snb`."""
    assert main(["zograscope", "zograscope.csv", "--output", "z.jsonl"]) == 0
    assert main(["kuzu", "kuzu.txt", "--output", "k.jsonl"]) == 0
    assert {case.graph for case in cases_of(here / "z.jsonl")} == {"pole"}
    assert {case.graph for case in cases_of(here / "k.jsonl")} == {"ldbc-snb"}


def test_kuzus_text_is_read_as_people_wrote_it(here: Path) -> None:
    """Questions and queries over several lines, and an answer marked Q by a slip of the pen."""
    main(["kuzu", "kuzu.txt", "--output", "k.jsonl"])
    cases = cases_of(here / "k.jsonl")
    assert [case.id for case in cases] == ["kuzu-1-1", "kuzu-1-2", "kuzu-2-1", "kuzu-2-2"]
    assert cases[1].question == "Which tags is Ann Teak interested in, and since when?"
    assert cases[1].reference.splitlines()[0] == "MATCH (p:Person)-[i:hasInterest]->(t:Tag)"
    assert cases[2].reference == "MATCH (f:Forum)\nRETURN count(f)"


@pytest.mark.parametrize(
    ("name", "names"),
    [
        ("cypherbench", "gold_match_cypher, answer_json"),
        ("mind-the-query", "source_chunk, original_index, pipeline_stage"),
        ("zograscope", "nl_gold_linked, nl_bracketed, entities, template_id"),
        ("neo4j-2024", "schema"),
        ("kuzu", "answer"),
    ],
)
def test_columns_that_find_no_place_are_named(
    here: Path, name: str, names: str, capsys: pytest.CaptureFixture[str]
) -> None:
    """On the terminal and in the origin."""
    main([name, FILES[name], "--graph", "mine", "--output", "out.jsonl"])
    assert f"columns left out: {names}" in capsys.readouterr().out.splitlines()
    told = origin(here / "out.origin.json")["columns"]
    assert told["left_out"] == names.split(", ")
    assert set(find_format(name).required) <= set(told["read"])


def test_limit_reads_the_first_rows_only(here: Path) -> None:
    """--limit 1 leaves one case, whatever stands below it."""
    assert main(["neo4j-labs", "labs_bad.csv", "--limit", "1", "--output", "one.jsonl"]) == 0
    assert len(cases_of(here / "one.jsonl")) == 1


# ── rows that are refused ───────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize(
    ("name", "file", "rows"),
    [
        (
            "neo4j-labs",
            "labs_bad.csv",
            {
                2: "column question is empty: fill it in",
                3: "asks on the same graph what an earlier row asks: delete one",
                4: "the query does more than read: SET is not allowed",
                5: "has 10 cells where the header has 8: shifted columns: quote every cell",
                6: "column syntax_error is neither true nor false: quote every cell",
                7: "its own source marks it: a syntax error",
                8: "its own source marks it: uses what the schema does not have",
                9: "names no graph: give --graph NAME",
                10: "the query is broken off",
                11: "the query begins with no clause of Cypher: see whether the columns",
            },
        ),
        (
            "cypherbench",
            "cypherbench_bad.json",
            {
                2: "two rows with one id: give one of them another id",
                3: "the query does more than read: DETACH",
                4: "column nl_question is empty",
                5: "is no object",
                6: "column gold_cypher is no text",
                7: "graph '../harbour' may hold only letters",
            },
        ),
        (
            "mind-the-query",
            "mind_the_query_bad.json",
            {
                2: "its own source marks it: not logical",
                3: "its own source marks it: the query did not run",
                4: "the query does more than read: REMOVE",
            },
        ),
        (
            "zograscope",
            "zograscope_bad.csv",
            {
                2: "two rows with one id",
                3: "the query begins with no clause of Cypher",
                4: "the query does more than read: the procedure apoc.load.json",
                5: "column num_nodes is no whole number",
            },
        ),
        (
            "kuzu",
            "kuzu_bad.txt",
            {
                2: "the question stands without a query: write one",
                13: "two rows with one id",
            },
        ),
    ],
)
def test_a_bad_row_is_named_and_the_rest_comes_in(
    here: Path,
    name: str,
    file: str,
    rows: dict[int, str],
    capsys: pytest.CaptureFixture[str],
) -> None:
    """Status 1; file, row, cause and fix of each; the good rows load; the origin has them all."""
    assert main([name, file, "--output", "out.jsonl"]) == 1
    text = capsys.readouterr().out
    for number, cause in rows.items():
        head, _, _ = text.partition(f"  {file}, row {number}")
        assert f": {cause}" in head.splitlines()[-1]
    assert len(cases_of(here / "out.jsonl")) >= 1
    told = origin(here / "out.origin.json")["refused"]
    assert sorted(row["row"] for group in told for row in group["rows"]) == sorted(rows)
    assert all(group["fix"] for group in told)


def test_rows_of_one_cause_are_said_once(here: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """One line with their number, the first three rows, and how many more."""
    head = "id,nl,mr\n1,Q?,RETURN 1\n"
    (here / "many.csv").write_text(head + "".join(f"{n},,RETURN 1\n" for n in range(2, 9)))
    assert main(["zograscope", "many.csv"]) == 1
    assert capsys.readouterr().out.splitlines()[:5] == [
        "refused 7: column nl is empty: fill it in, or delete the row",
        "  many.csv, row 2",
        "  many.csv, row 3",
        "  many.csv, row 4",
        "  and 4 more",
    ]


def test_rows_that_name_no_graph_are_told_the_flag(
    here: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """Most rows of 2024 name no database: they are refused, and come in with --graph."""
    assert main(["neo4j-2024", "years.parquet", "--output", "y.jsonl"]) == 1
    assert "refused 1: names no graph: give --graph NAME" in capsys.readouterr().out
    assert [case.graph for case in cases_of(here / "y.jsonl")] == ["railway"]
    assert main(["neo4j-2024", "years.parquet", "--graph", "x", "--output", "y.jsonl"]) == 0
    assert [case.graph for case in cases_of(here / "y.jsonl")] == ["railway", "x"]


def test_where_nothing_comes_in_nothing_is_written(
    here: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """Status 4, with the reasons."""
    (here / "none.csv").write_text("id,nl,mr\n1,Wipe it.,MATCH (n) DELETE n\n")
    assert main(["zograscope", "none.csv"]) == 4
    text = capsys.readouterr().out
    assert "none.csv, row 1" in text
    assert text.splitlines()[-1] == "1 rows read: 0 imported, 1 refused"
    assert list(here.glob("*.jsonl")) == []


# ── files and command lines that cannot be ──────────────────────────────────────────────────────


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (("zograscope", "labs.csv"), ("without column id, nl, mr", "did you mean neo4j-labs?")),
        (("cypherbench", "mind_the_query.json"), ("did you mean mind-the-query?",)),
        (("neo4j-labs", "years.parquet"), ("did you mean neo4j-2024 or neo4j-2025?",)),
        (("kuzu", "cases.csv"), ("it is a case file",)),
        (("kuzu", "prose.txt"), ("it has: none", "no format fits")),
        (("kuzu", "other.csv"), ("it has: a, b", "no format fits; there are: cypherbench")),
        (("kuzu", "book.xlsx"), ("no format is a '.xlsx' file", ".csv .json .parquet .txt")),
        (("cypherbench", "broken.json"), ("is not JSON",)),
        (("cypherbench", "mapping.json"), ("holds no list of rows",)),
        (("zograscope", "header.csv"), ("holds no rows",)),
        (("zograscope", "twice.csv"), ("has two columns named 'nl'",)),
        (("neo4j-2024", "broken.parquet"), ("is not a readable Parquet file",)),
        (("zograscope", "gone.csv"), ("gone.csv: no such file", "correct the path")),
        (("zograscope", "."), ("is a folder: give one file",)),
        (("kuzu", "kuzu.txt", "--output", "labs.jsonl"), ("exists and is no import",)),
        (("kuzu", "kuzu.txt", "--output", "no/x.jsonl"), ("a folder that is there",)),
    ],
)  # fmt: skip
def test_one_line_and_status_4(
    here: Path,
    arguments: tuple[str, ...],
    words: tuple[str, ...],
    capsys: pytest.CaptureFixture[str],
) -> None:
    """A file in no format or another one, or none at all, is one error with its fix."""
    for name, text in {
        "cases.csv": "question,reference,graph\nQ?,RETURN 1,g\n",
        "prose.txt": "Nothing is asked here.\n",
        "other.csv": "a,b\n1,2\n",
        "book.xlsx": "",
        "broken.json": "[{",
        "mapping.json": '{"rows": []}',
        "header.csv": "id,nl,mr\n",
        "twice.csv": "id,nl,nl,mr\n1,a,b,RETURN 1\n",
        "broken.parquet": "PAR1",
        "labs.jsonl": "{}\n",
    }.items():
        (here / name).write_text(text)
    assert main(arguments) == 4
    shown = capsys.readouterr()
    assert shown.out == ""
    assert shown.err.count("\n") == 1
    for word in words:
        assert word in shown.err


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (("neo4jlabs", "x.csv"), "did you mean neo4j-labs?"),
        (("kuzu",), "SOURCE"),
        (("kuzu", "kuzu.txt", "--output", "x.csv"), "does not end in .jsonl"),
        (("kuzu", "kuzu.txt", "--limit", "0"), "no whole number above 0"),
    ],
)
def test_wrong_usage_is_status_2(
    arguments: tuple[str, ...], words: str, capsys: pytest.CaptureFixture[str]
) -> None:
    """As argparse ends, with the nearest name."""
    with pytest.raises(SystemExit) as ended:
        main(arguments)
    assert ended.value.code == 2
    assert words in capsys.readouterr().err


# ── the hub ─────────────────────────────────────────────────────────────────────────────────────


def test_a_split_is_the_files_that_it_was_cut_into() -> None:
    """Numbered parts belong together; other files and folders of a data set are none."""
    names = [
        "README.md",
        "data/test-00000-of-00001.parquet",
        "data/train-00001-of-00002.parquet",
        "data/train-00000-of-00002.parquet",
        "graphs/schemas/nba.json",
    ]
    assert choose_split(names, "train", "a/b/train")[1] == sorted(names[2:4])
    assert choose_split([*names[:2]], "", "a/b") == ("test", names[1:2])
    with pytest.raises(UserError, match="has 2 splits: give a/b/test or a/b/train"):
        choose_split(names, "", "a/b")
    with pytest.raises(UserError, match="did you mean train"):
        choose_split(names, "trian", "a/b/trian")


def on_the_hub(here: Path, source: str, blocked: str = "") -> subprocess.CompletedProcess[str]:
    """Run an import in a process that reaches no network: the hub is what its cache holds."""
    code = f"import sys; sys.modules.update({{{blocked}}}); " if blocked else ""
    code += "from pytest_cypherbench.__main__ import main; import sys; sys.exit(main(sys.argv[1:]))"
    return subprocess.run(
        [sys.executable, "-c", code, "import", "neo4j-2024", source, "--graph", "mine"],
        cwd=here,
        env={**os.environ, "HF_HOME": str(here / "hf"), "HF_HUB_OFFLINE": "1"},
        capture_output=True,
        text=True,
        check=False,
    )


def test_a_hub_id_is_read_from_the_hub(here: Path) -> None:
    """A data set's split comes in under the hub's names, with its revision."""
    folder = here / "hf" / "hub" / "datasets--our--railway"
    revision = "0123456789abcdef0123456789abcdef01234567"
    data = folder / "snapshots" / revision / "data"
    data.mkdir(parents=True)
    (folder / "refs").mkdir()
    (folder / "refs" / "main").write_text(revision)
    for number in range(2):
        part = pa.Table.from_pylist([YEARS[number]])
        pq.write_table(part, data / f"test-0000{number}-of-00002.parquet")
    done = on_the_hub(here, "our/railway/test")
    assert (done.returncode, done.stderr) == (0, "")
    assert len(cases_of(here / "neo4j-2024-test.jsonl")) == 2
    told = origin(here / "neo4j-2024-test.origin.json")
    assert told["revision"] == revision
    assert told["files"][1]["name"] == "our/railway/data/test-00001-of-00002.parquet"


def test_a_hub_that_does_not_answer_is_one_line(here: Path) -> None:
    """Without a network and without a cache: status 4 and the way on."""
    done = on_the_hub(here, "our/railway/test")
    assert done.returncode == 4
    assert done.stderr.count("\n") == 1
    assert "the hub did not give our/railway/test" in done.stderr
    assert "or give a file" in done.stderr


def test_without_the_extra_the_line_to_install_it(here: Path) -> None:
    """The words are the same everywhere."""
    done = on_the_hub(here, "our/railway/test", blocked="'huggingface_hub': None")
    assert done.returncode == 4
    assert done.stderr == (
        "import: our/railway/test needs the extra 'hub': pip install 'pytest-cypherbench[hub]'\n"
    )
