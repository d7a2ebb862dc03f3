"""A whole run of pytest over hostile outputs, each followed by an innocent one."""

from __future__ import annotations

import json
import shutil
import subprocess
import sys
import time
from collections import Counter
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from graph_engines import TINY

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence
    from pathlib import Path

    from canaries import Canaries
    from outputs import Hostile

GRAPH = "tiny"
# (reference, another way to say it); what was written would show in one of them.
INNOCENT = (
    ("MATCH (p:Person) RETURN p.name", "MATCH (x:Person) RETURN x.name AS who"),
    ("MATCH (n) RETURN count(n)", "MATCH (n) RETURN count(*) AS n"),
    ("MATCH ()-[r]->() RETURN type(r), count(r)", "MATCH (a)-[r]->(b) RETURN type(r) AS t, count(*) AS n"),
    ("MATCH (p:Person)-[:KNOWS]->(q) RETURN p.name, q.name", "MATCH (q)<-[:KNOWS]-(p:Person) RETURN p.name, q.name"),
    ("MATCH (c:City) RETURN c.name", "MATCH (c) WHERE c:City RETURN c.name AS name"),
)  # fmt: skip
OPTIONS = (
    "--query-timeout", "1", "--max-rows", "1000", "--graph-variants", "0", "--tb=short", "-ra",
    "--color=no",
)  # fmt: skip


def after(name: str) -> str:
    return f"after-{name}"


@dataclass(frozen=True)
class Result:
    """What a run left."""

    status: int
    output: bytes
    journal: bytes
    records: list[dict[str, Any]]
    seconds: float

    @property
    def text(self) -> str:
        return self.output.decode(errors="surrogateescape")

    def verdicts(self) -> dict[str, str]:
        return {line["case"]["id"]: line["verdict"]["outcome"] for line in self.records}

    def reason(self, case: str) -> str:
        return next(
            str(line["verdict"]["reason"]) for line in self.records if line["case"]["id"] == case
        )


def write_project(
    folder: Path, engine: str, outputs: Iterable[Hostile], canaries: Canaries
) -> None:
    """Cases and answers: a hostile one, an innocent one, and so on."""
    cases: list[dict[str, str]] = []
    answers: dict[str, str] = {}
    for index, output in enumerate(outputs):
        reference, answer = INNOCENT[index % len(INNOCENT)]
        cases.append({"id": output.id, "reference": output.reference})
        cases.append({"id": after(output.id), "reference": reference})
        answers[output.id] = canaries.fill(output.text_on(engine))
        answers[after(output.id)] = answer
    for case in cases:
        case.update(graph=GRAPH, question=f"What about {case['id']}?")
    (folder / "cases").mkdir()
    (folder / "pytest.ini").write_text("[pytest]\n")
    (folder / "cases" / "hostile.jsonl").write_text(
        "".join(json.dumps(case) + "\n" for case in cases)
    )
    (folder / "answers.json").write_text(json.dumps(answers))
    shutil.copytree(TINY, folder / "cases" / "graphs" / GRAPH)


def run(folder: Path, engine: str, arguments: Sequence[str], limit: float = 300) -> Result:
    """Judge the project; ``limit`` in seconds guards against a hang of the whole run."""
    started = time.perf_counter()
    command = [sys.executable, "-m", "pytest", "--graph-engine", engine, *OPTIONS, *arguments]
    done = subprocess.run(
        command,
        cwd=folder,
        capture_output=True,
        check=False,
        timeout=limit,
        stdin=subprocess.DEVNULL,
    )
    journals = sorted((folder / ".cypherbench").glob("*.jsonl"))
    journal = journals[-1].read_bytes() if journals else b""
    lines = [json.loads(line) for line in journal.splitlines()]
    records = [line for line in lines if line["type"] == "record"]
    seconds = time.perf_counter() - started
    return Result(done.returncode, done.stdout + done.stderr, journal, records, seconds)


def table(rows: Iterable[tuple[str, str, str]]) -> str:
    """Hostile class x engine x verdict: how often each was seen."""
    counts = Counter(rows)
    groups: dict[tuple[str, str], list[str]] = {}
    for (group, engine, verdict), count in sorted(counts.items()):
        groups.setdefault((group, engine), []).append(f"{verdict} {count}")
    return "\n".join(
        f"{group:<10} {engine:<16} {', '.join(found)}" for (group, engine), found in groups.items()
    )
