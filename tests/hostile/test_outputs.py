"""Whole runs over hostile outputs, on every engine, serial and with two workers."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from graph_engines import ENGINES, TINY, execute, server_spec
from outputs import OUTPUTS
from trial import Result, after, run, table, write_project

from pytest_cypherbench.graphs.bolt import Bolt
from pytest_cypherbench.graphs.data import read_graph
from pytest_cypherbench.graphs.load import facts
from pytest_cypherbench.graphs.schema import fingerprint, read_facts

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from canaries import Canaries
    from outputs import Hostile

    from pytest_cypherbench.graphs import EngineSpec

# Escape, its one-byte form, and what turns the direction of text: nothing of it belongs in a log.
RAW = ("\x1b", "\x00", "\x07", "\x9b", "\u202e", "\u2066")


SERIAL, TWO = (), ("-n", "2")
SAMPLE = 6  # every sixth output of a class, in the usual run; `-m slow` takes all


def plan() -> Iterator[object]:
    """Every engine, serial and with two workers: all outputs, and for the usual run a sample."""
    usual = {("embedded", TWO, "all"), ("embedded", SERIAL, "sample")}
    usual |= {("neo4j-server", SERIAL, "sample"), ("neo4j-local", TWO, "sample")}
    usual |= {("neo4j-container", SERIAL, "sample")}
    for engine in ENGINES:
        for workers, name in ((SERIAL, "serial"), (TWO, "two-workers")):
            for part in ("all", "sample"):
                if part == "all" or (engine, workers, part) in usual:
                    marks = () if (engine, workers, part) in usual else (pytest.mark.slow,)
                    yield pytest.param(
                        engine, workers, part, marks=marks, id=f"{engine}-{name}-{part}"
                    )


def chosen(part: str) -> list[Hostile]:
    """The outputs of a part; of each class at least one."""
    if part == "all":
        return list(OUTPUTS)
    groups = dict.fromkeys(output.group for output in OUTPUTS)
    return [o for group in groups for o in [o for o in OUTPUTS if o.group == group][::SAMPLE]]


@pytest.mark.parametrize(("engine_name", "workers", "part"), list(plan()), indirect=["engine_name"])
def test_hostile_outputs_harm_nothing(
    engine_name: str, workers: tuple[str, ...], part: str, places: Canaries, tmp_path: Path
) -> None:
    """Each hostile output gets a verdict that is right for it and the innocent case after it passes;
    the graph is as it was, no canary was touched, and nothing raw reaches the terminal."""
    outputs = chosen(part)
    write_project(tmp_path, engine_name, outputs, places)
    result = run(tmp_path, engine_name, ["--model", "scripted:answers.json", *workers])
    assert result.records, result.text[-3000:]
    verdicts = result.verdicts()
    print(f"\n{engine_name} {' '.join(workers) or 'serial'}, {part}: {result.seconds:.0f} s")
    print(table((o.group, engine_name, verdicts.get(o.id, "none")) for o in outputs))
    wrong = {
        o.id: (verdicts.get(o.id), result.reason(o.id) if o.id in verdicts else "no record")
        for o in outputs
        if verdicts.get(o.id) not in o.allowed(engine_name)
    }
    assert "\n".join(f"{name}: {found}" for name, found in wrong.items()) == ""
    assert [o.id for o in outputs if verdicts.get(after(o.id)) != "pass"] == []
    _no_harm(result, places)
    if engine_name == "neo4j-server":
        _server_is_whole(server_spec())


def _no_harm(result: Result, places: Canaries) -> None:
    assert [char for char in RAW if char in result.text] == []
    assert result.status == 1, result.text[-3000:]  # misses, and no trouble with the graph
    assert "changed during the run" not in result.text
    assert places.touched == []
    assert places.secret.encode() not in result.journal + result.output
    assert places.unread()


def _server_is_whole(spec: EngineSpec) -> None:
    """Seen by another client: the graph of the files, no user, index or constraint more."""
    bolt = Bolt(spec.uri or "", spec.username, spec.password or "")
    try:
        assert fingerprint(read_facts(bolt)) == fingerprint(facts(read_graph(TINY)))
    finally:
        bolt.close()
    assert [row.values() for row in execute(spec, "SHOW USERS YIELD user")] == [[spec.username]]
    assert execute(spec, "SHOW CONSTRAINTS") == []
    assert execute(spec, _FOREIGN) == []


_FOREIGN = """
    SHOW INDEXES YIELD name, type WHERE type <> 'LOOKUP' AND NOT name STARTS WITH 'cypherbench_'
    RETURN name
"""
