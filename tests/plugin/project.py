"""A small project with a graph and two case files, judged in a process of its own."""

from __future__ import annotations

import json
import sys
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from pathlib import Path

    import pytest

GRAPH = """\
nodes:
  - labels: [Person]
    file: people.csv
    id: id
    properties: {name: string, born: integer}
  - labels: [Film]
    file: films.csv
    id: id
    properties: {title: string}
relationships:
  - type: MADE
    file: made.csv
    start: {label: Person, column: person}
    end: {label: Film, column: film}
    properties: {}
"""
PEOPLE = "id,name,born\n1,Ann,1950\n2,Bob,1960\n3,Cid,1970\n"
FILMS = "id,title\n1,Dawn\n2,Dusk\n"
MADE = "person,film\n1,1\n2,1\n2,2\n"
CASES = """\
graph: tiny
cases:
  - id: names
    question: Who is there?
    reference: MATCH (p:Person) RETURN p.name
    tags: [match]
  - id: count
    question: How many films did each person make?
    reference: MATCH (p:Person)-[:MADE]->(f) RETURN p.name, count(f)
    tags: [aggregation]
  - id: oldest
    question: Everybody from the oldest to the youngest?
    reference: MATCH (p:Person) RETURN p.name ORDER BY p.born
    tags: [ordering]
"""
RIGHT = {
    "names": "MATCH (p:Person) RETURN p.name AS who",
    "count": "MATCH (p:Person)-[:MADE]->(f:Film) RETURN count(*), p.name",
    "oldest": "MATCH (p:Person) RETURN p.name ORDER BY p.born ASC",
}


@dataclass(frozen=True)
class Project:
    """A folder with cases, and ways to judge it."""

    pytester: pytest.Pytester

    @property
    def path(self) -> Path:
        return self.pytester.path

    def write(self, name: str, text: str) -> Path:
        path = self.path / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8")
        return path

    def answers(self, **changes: str | list[str]) -> str:
        """A --model value for a file with the right answers but for these."""
        self.write("answers.json", json.dumps({**RIGHT, **changes}))
        return "scripted:answers.json"

    def backend(self, name: str, source: str) -> None:
        """A backend from another package: the class ``Model`` in ``source``."""
        self.write(f"{name}.py", source)
        self.write(f"{name}-1.dist-info/METADATA", f"Name: {name}\nVersion: 1\n")
        entry = f"[pytest_cypherbench.backends]\n{name} = {name}:Model\n"
        self.write(f"{name}-1.dist-info/entry_points.txt", entry)
        self.pytester._monkeypatch.setenv("PYTHONPATH", str(self.path))

    def run(self, *arguments: str) -> pytest.RunResult:
        engine = () if "--graph-engine" in arguments else ("--graph-engine", "embedded")
        return self.pytester.run(sys.executable, "-m", "pytest", *engine, *arguments)

    def records(self) -> list[dict[str, Any]]:
        """The records of the newest journal."""
        newest = max((self.path / ".cypherbench").glob("*.jsonl"))
        lines = map(json.loads, newest.read_text().splitlines())
        return [line for line in lines if line["type"] == "record"]

    def outcomes(self) -> dict[str, str]:
        return {line["case"]["id"]: line["verdict"]["outcome"] for line in self.records()}
