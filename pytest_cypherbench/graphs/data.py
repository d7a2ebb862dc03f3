"""A graph folder, manifest with CSV files or Cypher scripts, read into frozen data with a hash.

Knows nothing of engines: every fault of the folder is found here, with its file and row.
"""

from __future__ import annotations

import csv
import hashlib
import io
from dataclasses import dataclass
from typing import TYPE_CHECKING

import yaml

from pytest_cypherbench import cypher
from pytest_cypherbench.errors import SuiteError
from pytest_cypherbench.graphs import cells

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

    from pytest_cypherbench.values import Value

MANIFEST = "graph.yaml"
_NODE_KEYS = frozenset({"labels", "file", "id", "properties"})
_RELATIONSHIP_KEYS = frozenset({"type", "file", "start", "end", "properties"})


@dataclass(frozen=True, slots=True)
class NodeRow:
    """A node to make."""

    labels: tuple[str, ...]
    properties: Mapping[str, Value]


@dataclass(frozen=True, slots=True)
class RelationshipRow:
    """A relationship to make; ``start`` and ``end`` are positions in ``GraphData.nodes``."""

    type: str
    start: int
    end: int
    properties: Mapping[str, Value]


@dataclass(frozen=True, slots=True)
class GraphData:
    """What a folder holds: nodes and relationships, or the statements that make them.

    ``sha256`` is that of the names and contents of all files that count."""

    name: str
    sha256: str
    nodes: tuple[NodeRow, ...] = ()
    relationships: tuple[RelationshipRow, ...] = ()
    statements: tuple[str, ...] = ()


def read_graph(folder: Path) -> GraphData:
    """Read a graph folder. Raises SuiteError, with file and row, for anything that is no graph."""
    if not folder.is_dir():
        raise SuiteError(f"no graph folder {folder}", fix="add it, or correct the case's graph")
    scripts = sorted(folder.glob("*.cypher"))
    if (folder / MANIFEST).is_file():
        if scripts:
            raise SuiteError(f"{folder} has both {MANIFEST} and *.cypher", fix="keep one of them")
        return _Manifest(folder).read()
    if not scripts:
        raise SuiteError(f"{folder} holds no graph", fix=f"add {MANIFEST} or *.cypher files")
    return _scripts(folder, scripts)


def _scripts(folder: Path, files: list[Path]) -> GraphData:
    found: list[str] = []
    digest = hashlib.sha256()
    for file in files:
        text = _text(file, digest)
        try:
            parts = cypher.statements(cypher.tokenize(text))
        except cypher.CypherTextError as error:
            raise SuiteError(f"{file}: {error}") from error
        found += [cypher.source(text, part) for part in parts]
    if not found:
        raise SuiteError(f"{folder} has no statement in its *.cypher files")
    return GraphData(folder.name, digest.hexdigest(), statements=tuple(found))


def _text(file: Path, digest: hashlib._Hash) -> str:
    r"""A file's text with line ends as \\n, counted into the hash under the file's name."""
    try:
        text = file.read_text(encoding="utf-8-sig")
    except OSError as error:
        raise SuiteError(f"cannot read {file}: {error.strerror}") from error
    except UnicodeDecodeError as error:
        raise SuiteError(f"{file} is not UTF-8: byte {error.start}") from error
    content = text.encode()
    digest.update(f"{file.name} {len(content)}\n".encode() + content)
    return text


class _Manifest:
    """Reads a manifest and the CSV files that it names."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._file = folder / MANIFEST
        self._digest = hashlib.sha256()
        self._nodes: list[NodeRow] = []
        self._relationships: list[RelationshipRow] = []
        # label -> key -> position; a key that two nodes of a label share is refused
        self._positions: dict[str, dict[str, int]] = {}

    def read(self) -> GraphData:
        text = _text(self._file, self._digest)
        try:
            manifest = yaml.safe_load(text)
        except yaml.YAMLError as error:
            line = getattr(getattr(error, "problem_mark", None), "line", -1) + 1
            raise SuiteError(f"{self._file} is no YAML, line {line}") from error
        if not isinstance(manifest, dict) or not set(manifest) <= {"nodes", "relationships"}:
            raise self._bad("it must hold nodes: and relationships:, nothing else")
        for index, entry in enumerate(self._entries(manifest, "nodes", _NODE_KEYS)):
            self._read_nodes(entry, f"nodes[{index}]")
        for index, entry in enumerate(self._entries(manifest, "relationships", _RELATIONSHIP_KEYS)):
            self._read_relationships(entry, f"relationships[{index}]")
        if not self._nodes:
            raise self._bad("it has no node")
        return GraphData(
            self._folder.name,
            self._digest.hexdigest(),
            tuple(self._nodes),
            tuple(self._relationships),
        )

    def _entries(
        self, manifest: Mapping[str, object], key: str, allowed: frozenset[str]
    ) -> list[Mapping[str, object]]:
        found = manifest.get(key) or []
        if not isinstance(found, list):
            raise self._bad(f"{key} must be a list")
        for index, entry in enumerate(found):
            if not isinstance(entry, dict):
                raise self._bad(f"{key}[{index}] must be a mapping")
            if unknown := sorted(map(str, set(entry) - allowed)):
                raise self._bad(f"{key}[{index}] has the unknown key {unknown[0]!r}")
        return found

    def _read_nodes(self, entry: Mapping[str, object], where: str) -> None:
        labels = entry.get("labels")
        if not isinstance(labels, list) or not labels or not all(map(_named, labels)):
            raise self._bad(f"{where}.labels must be a list of names")
        key = self._name(entry, "id", where)
        types = self._types(entry, where)
        for origin, row in self._rows(entry, where, {key, *types}):
            if not row[key]:
                raise SuiteError(f"{origin}: the column {key!r} is empty")
            for label in labels:
                if row[key] in self._positions.setdefault(label, {}):
                    raise SuiteError(f"{origin}: {key} {row[key]!r} occurs twice under :{label}")
                self._positions[label][row[key]] = len(self._nodes)
            self._nodes.append(NodeRow(tuple(labels), _properties(row, types, origin)))

    def _read_relationships(self, entry: Mapping[str, object], where: str) -> None:
        name = self._name(entry, "type", where)
        ends = [self._end(entry, end, where) for end in ("start", "end")]
        types = self._types(entry, where)
        for origin, row in self._rows(entry, where, {*types, *(column for _, column in ends)}):
            start, end = (self._find(label, row[column], origin) for label, column in ends)
            properties = _properties(row, types, origin)
            self._relationships.append(RelationshipRow(name, start, end, properties))

    def _end(self, entry: Mapping[str, object], key: str, where: str) -> tuple[str, str]:
        end = entry.get(key)
        if not isinstance(end, dict) or set(end) != {"label", "column"}:
            raise self._bad(f"{where}.{key} must hold label: and column:")
        label, column = str(end["label"]), str(end["column"])
        if label not in self._positions:
            raise self._bad(f"{where}.{key}: no nodes have the label {label!r}")
        return label, column

    def _find(self, label: str, key: str, origin: str) -> int:
        if (position := self._positions[label].get(key)) is None:
            raise SuiteError(f"{origin}: there is no :{label} {key!r}")
        return position

    def _rows(
        self, entry: Mapping[str, object], where: str, columns: set[str]
    ) -> list[tuple[str, dict[str, str]]]:
        file = self._folder / self._name(entry, "file", where)
        if file.parent != self._folder:
            raise self._bad(f"{where}.file must lie in the graph's folder")
        reader = csv.reader(io.StringIO(_text(file, self._digest), newline=""), strict=True)
        header = next(reader, [])
        if missing := sorted(columns - set(header)):
            raise SuiteError(f"{file}, row 0: there is no column {missing[0]!r}")
        found = []
        try:
            for number, cells_ in enumerate((row for row in reader if row), start=1):
                if len(cells_) != len(header):
                    raise SuiteError(
                        f"{file}, row {number}: {len(cells_)} cells, not {len(header)}"
                    )
                found.append((f"{file}, row {number}", dict(zip(header, cells_, strict=True))))
        except csv.Error as error:
            raise SuiteError(f"{file}, row {len(found) + 1}: {error}") from error
        return found

    def _types(self, entry: Mapping[str, object], where: str) -> dict[str, str]:
        types = entry.get("properties") or {}
        if not isinstance(types, dict) or not all(map(_named, types)):
            raise self._bad(f"{where}.properties must map names to types")
        for name, type_name in types.items():
            if not cells.known(type_name):
                have = ", ".join(cells.PARSERS)
                raise self._bad(
                    f"{where}.properties.{name}: {type_name!r} is none of {have} or T[]"
                )
        return types

    def _name(self, entry: Mapping[str, object], key: str, where: str) -> str:
        value = entry.get(key)
        if not isinstance(value, str) or not value:
            raise self._bad(f"{where}.{key} must be a name")
        return value

    def _bad(self, reason: str) -> SuiteError:
        return SuiteError(f"{self._file}: {reason}")


def _named(value: object) -> bool:
    return isinstance(value, str) and bool(value)


def _properties(row: Mapping[str, str], types: Mapping[str, str], origin: str) -> dict[str, Value]:
    found: dict[str, Value] = {}
    for name, type_name in types.items():
        if not row[name]:
            continue  # an empty cell is an absent property
        try:
            found[name] = cells.parse(row[name], type_name)
        except ValueError as error:
            raise SuiteError(
                f"{origin}: {name} is no {type_name}: {row[name]!r} ({error})"
            ) from error
    return found
