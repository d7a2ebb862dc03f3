"""Records as JSON, and the journal that survives a kill."""

from __future__ import annotations

import json
import multiprocessing
import os
import signal
import subprocess
import sys
import time
from dataclasses import replace
from pathlib import Path

import pytest

from pytest_cypherbench.errors import UserError
from pytest_cypherbench.flow import (
    Case,
    Excerpt,
    Failure,
    FailureKind,
    Generation,
    ModelInfo,
    Origin,
    Outcome,
    Query,
    Record,
    Verdict,
)
from pytest_cypherbench.records import Journal, ModelLine, record_from_json, record_to_json
from pytest_cypherbench.values import Duration, Node, Point, Relationship, Temporal
from pytest_cypherbench.values import Path as GraphPath


def make_record(key: str = "k", outcome: Outcome = Outcome.PASS) -> Record:
    return Record(
        key=key,
        case=Case("c1", "movies", "Who?", "RETURN 1", Origin("cases/a.yaml", 3), ("match",), 2),
        model="gguf:q4_k_m",
        sample=0,
        prompt_sha256="ab",
        generation=Generation("RETURN 1", 10, 3, 0.5, 0.1, "stop"),
        round_seconds=(0.5,),
        query=Query("RETURN 1", "", (("fence", "```"),)),
        predicted=Excerpt(("x",), ((1,),), 1, 0.01),
        expected=Excerpt(("x",), ((1,),), 1, 0.02),
        verdict=Verdict(outcome, "equal", f1=1.0, precision=1.0, recall=1.0),
        engine="embedded (ArcadeDB)",
    )


def test_a_record_survives_the_way_through_json() -> None:
    """Reading back what was written gives the same record."""
    record = make_record()
    assert record_from_json(json.loads(json.dumps(record_to_json(record)))) == record


def test_an_answer_and_the_one_that_it_repairs_survive_too() -> None:
    """Both are read back; a journal from before there were any is read as without."""
    first = Generation("RETUR", 10, 2, 0.2, 0.1, "stop")
    record = replace(
        make_record(), generation=Generation("x", 30, 9, 0.9, 0.2, "stop", first=first)
    )
    line = json.loads(json.dumps(record_to_json(record)))
    assert record_from_json(line) == record
    del line["generation"]["first"]
    assert record_from_json(line).generation == replace(record.generation, first=None)


def test_a_failed_execution_survives_too() -> None:
    """A typed failure keeps its kind and its reason; what never ran stays absent."""
    failure = Failure(FailureKind.TIMEOUT, "ended after 10 s", 10.0)
    record = replace(
        make_record(outcome=Outcome.TIMEOUT), predicted=failure, generation=None, query=None
    )
    assert record_from_json(record_to_json(record)) == record


def test_every_kind_of_cell_value_becomes_json() -> None:
    """Nodes, paths, temporals, points, bytes and non-finite numbers are tagged, not lost."""
    node = Node("1", frozenset({"B", "A"}), {"x": 1})
    edge = Relationship("2", "R", node, node, {})
    cells = (
        None, True, 1, 0.5, float("nan"), "é\ud800", b"\x00", [1, {"a": None}], {"k": [2]},
        Temporal("date", "2024-01-01"), Duration(1, 2, 3, 4), Point(4326, (1.0, 2.0)),
        node, edge, GraphPath((node, node), (edge,)),
    )  # fmt: skip
    record = replace(make_record(), predicted=Excerpt(("x",) * len(cells), (cells,), 1, 0.0))
    row = json.loads(json.dumps(record_to_json(record)))["predicted"]["rows"][0]
    assert row[4] == {"$float": "nan"}
    assert row[6] == {"$bytes": "00"}
    assert row[9] == {"$date": "2024-01-01"}
    assert row[12] == {"$node": [["A", "B"], {"x": 1}]}
    assert row[13]["$relationship"][0] == "R"
    assert len(row) == len(cells)


def test_the_journal_gives_the_newest_record_of_a_key(tmp_path: Path) -> None:
    """A case judged twice (a resumed run) counts once, with its newest outcome."""
    journal = Journal(tmp_path / "deep" / "j.jsonl")
    journal.open()
    journal.add_record(make_record("a", Outcome.MISMATCH))
    journal.add_record(make_record("b"))
    journal.add_record(make_record("a", Outcome.PASS))
    assert [(r.key, r.verdict.outcome) for r in journal.records()] == [
        ("b", Outcome.PASS),
        ("a", Outcome.PASS),
    ]
    assert journal.record_at(journal.keys()["a"]).verdict.outcome is Outcome.PASS


def test_a_torn_last_line_costs_that_line_alone(tmp_path: Path) -> None:
    """A line cut by a kill is skipped, and the next writer begins on a line of its own."""
    journal = Journal(tmp_path / "j.jsonl")
    journal.open()
    journal.add_record(make_record("a"))
    with journal.file.open("ab") as stream:
        stream.write(b'{"type":"record","key":"to')
    journal.add_record(make_record("b"))
    assert sorted(journal.keys()) == ["a", "b"]


def test_models_keep_the_highest_peak(tmp_path: Path) -> None:
    """Two workers report the same model; the report shows the larger process."""
    journal = Journal(tmp_path / "j.jsonl")
    journal.open()
    info = ModelInfo("gguf:x", "gguf", "x", notes=("requantised from q4_1",))
    for peak in (5, 7, None):
        journal.add_model(ModelLine(info, peak))
    assert journal.models() == [ModelLine(info, 7)]


def _write(file: Path, name: str) -> None:
    journal = Journal(file)
    for number in range(50):
        journal.add_record(make_record(f"{name}{number}"))


def test_two_processes_write_whole_lines(tmp_path: Path) -> None:
    """Workers share a journal; no line is torn or lost."""
    file = tmp_path / "j.jsonl"
    workers = [
        multiprocessing.get_context("spawn").Process(target=_write, args=(file, name))
        for name in "xy"
    ]
    for worker in workers:
        worker.start()
    for worker in workers:
        worker.join()
    assert len(Journal(file).keys()) == 100


def test_kill_9_loses_nothing_that_was_finished(tmp_path: Path) -> None:
    """A writer killed at any moment leaves every record that add_record had returned from."""
    file, told = tmp_path / "j.jsonl", tmp_path / "told"
    program = (
        "import sys; sys.path.insert(0, sys.argv[3])\n"
        "from pathlib import Path\n"
        "from test_records import make_record, Journal\n"
        "told = open(sys.argv[2], 'w', buffering=1)\n"
        "for n in range(10**6):\n"
        "    Journal(Path(sys.argv[1])).add_record(make_record(str(n)))\n"
        "    told.write(f'{n}\\n')\n"
    )
    child = subprocess.Popen(
        [sys.executable, "-c", program, str(file), str(told), str(Path(__file__).parent)]
    )
    while not (told.exists() and told.read_text().count("\n") > 20):
        assert child.poll() is None
        time.sleep(0.01)
    os.kill(child.pid, signal.SIGKILL)
    child.wait()
    keys = Journal(file).keys()
    assert set(told.read_text().split("\n")[:-1]) <= set(keys)


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="no /dev/full on this system")
def test_a_full_disk_is_one_line_with_the_way_on(tmp_path: Path) -> None:
    """No traceback but the cause and the flags that help."""
    file = tmp_path / "j.jsonl"
    file.symlink_to("/dev/full")
    with pytest.raises(UserError, match=r"no space left.*--journal.*--resume"):
        Journal(file).add_record(make_record())


def test_a_journal_in_a_file_instead_of_a_folder_is_refused(tmp_path: Path) -> None:
    """An unwritable place is found before the first case."""
    (tmp_path / "taken").write_text("")
    with pytest.raises(UserError, match="cannot write the journal"):
        Journal(tmp_path / "taken" / "j.jsonl").open()


def test_a_journal_of_another_format_is_refused(tmp_path: Path) -> None:
    """Records that this version cannot read are not skipped in silence."""
    journal = Journal(tmp_path / "j.jsonl")
    journal.file.write_text(json.dumps({"type": "record", "format": 99, "key": "k"}) + "\n")
    with pytest.raises(UserError, match="format 99"):
        journal.keys()
