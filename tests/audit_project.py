"""A small graph with its cases, for the tests of the audit: one case is sound, each other has one fault."""

from __future__ import annotations

from pathlib import Path

import yaml

FILES = {
    "graph.yaml": """
nodes:
  - {labels: [Person], file: people.csv, id: id,
     properties: {name: string, born: integer, joined: date}}
  - {labels: [City], file: cities.csv, id: id, properties: {name: string, founded: integer}}
relationships:
  - {type: LIVES_IN, file: lives.csv, start: {label: Person, column: person},
     end: {label: City, column: city}}
  - {type: KNOWS, file: knows.csv, start: {label: Person, column: a},
     end: {label: Person, column: b}, properties: {since: integer}}
""",
    "people.csv": "id,name,born,joined\n1,Ada,1815,2001-02-03\n2,Ben,1902,2001-05-06\n"
    "3,Cleo,1902,2004-02-01\n4,Dan,1950,\n5,Eve,,2010-10-10\n",
    "cities.csv": "id,name,founded\no,Oslo,1040\np,Paris,250\nr,Rome,753\n",
    "lives.csv": "person,city\n1,p\n2,p\n3,r\n4,r\n",
    "knows.csv": "a,b,since\n1,2,2001\n2,3,2005\n3,1,2005\n4,1,2010\n",
}
SOUND = {
    "id": "sound",
    "question": "Who lives in Paris?",
    "tags": ["match"],
    "difficulty": 1,
    "reference": "MATCH (p:Person)-[:LIVES_IN]->(:City {name: 'Paris'}) RETURN p.name",
}


def write_graph(cases: Path, name: str = "town") -> Path:
    """The graph in a case folder."""
    folder = cases / "graphs" / name
    folder.mkdir(parents=True)
    for file, text in FILES.items():
        (folder / file).write_text(text)
    return folder


def case(name: str, reference: str, **more: object) -> dict[str, object]:
    """A row that is sound but for what its reference, or ``more``, says."""
    question = f"A question about {name}?"
    return {**SOUND, "id": name, "question": question, "reference": reference, **more}


def write_cases(file: Path, *rows: dict[str, object], graph: str = "town") -> Path:
    """A case file."""
    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_text(yaml.safe_dump({"graph": graph, "cases": list(rows)}, sort_keys=False))
    return file
