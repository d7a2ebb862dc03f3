"""Records to JSON and back, and the journal: a line for every case as soon as it is judged.

Knows nothing of pytest, models or databases; the only module that knows the JSON of a record.
"""

from __future__ import annotations

import errno
import fcntl
import json
import os
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass
from typing import TYPE_CHECKING, Any, TypeAlias

from pytest_cypherbench.errors import UserError
from pytest_cypherbench.flow import (
    Case,
    Copies,
    Excerpt,
    Failure,
    FailureKind,
    Generation,
    Likelihood,
    ModelInfo,
    Order,
    Origin,
    Outcome,
    Query,
    Record,
    Verdict,
)
from pytest_cypherbench.values import Duration, Node, Path, Point, Relationship, Temporal

if TYPE_CHECKING:
    from pathlib import Path as File

    from pytest_cypherbench.values import Row, Value

FORMAT = 1
Json: TypeAlias = dict[str, Any]


@dataclass(frozen=True, slots=True)
class ModelLine:
    """What the journal keeps of a model: its identity and the peak memory of a process."""

    info: ModelInfo
    peak_rss_bytes: int | None


@dataclass(frozen=True, slots=True)
class Journal:
    """An append-only JSONL file that several processes may write.

    Every line is written with one system call under a lock, so a `kill -9` costs at most the line
    that was being written; a torn last line is skipped by the reader and closed by the next writer.
    Does not protect from a power cut: lines are handed to the operating system, not forced to disk.
    """

    file: File

    def open(self) -> None:
        """Make folder and file. Raises UserError where they cannot be written."""
        try:
            self.file.parent.mkdir(parents=True, exist_ok=True)
            with self.file.open("ab"):
                pass
        except OSError as error:
            raise self._trouble(error) from error

    def add_record(self, record: Record) -> None:
        """Append a record. Raises UserError on a full or vanished disk."""
        self._append({"type": "record", **record_to_json(record)})

    def add_model(self, line: ModelLine) -> None:
        """Append what is known of a model once it has run."""
        self._append({"type": "model", **asdict(line)})

    def records(self) -> Iterator[Record]:
        """The records, the newest of each key alone, in the order in which they first came."""
        newest: dict[str, int] = {}
        for position, line in self._lines("record"):
            newest[line["key"]] = position
        wanted = set(newest.values())
        for position, line in self._lines("record"):
            if position in wanted:
                yield record_from_json(line)

    def keys(self) -> dict[str, int]:
        """Where in the file the newest record of each key begins."""
        return {line["key"]: position for position, line in self._lines("record")}

    def record_at(self, position: int) -> Record:
        """The record that begins at a position from ``keys``."""
        with self.file.open("rb") as stream:
            stream.seek(position)
            return record_from_json(json.loads(stream.readline()))

    def models(self) -> list[ModelLine]:
        """The models, each with the highest peak that a process reported."""
        found: dict[str, ModelLine] = {}
        for _, line in self._lines("model"):
            info = ModelInfo(**{**line["info"], "notes": tuple(line["info"]["notes"])})
            before = found.get(info.label)
            peaks = [before.peak_rss_bytes if before else None, line["peak_rss_bytes"]]
            known = [peak for peak in peaks if peak is not None]
            found[info.label] = ModelLine(info, max(known, default=None))
        return list(found.values())

    def _append(self, line: Json) -> None:
        data = json.dumps(line, ensure_ascii=True, separators=(",", ":")).encode() + b"\n"
        try:
            with self.file.open("ab+", buffering=0) as stream:
                fcntl.flock(stream, fcntl.LOCK_EX)  # until the file is closed
                size = stream.seek(0, os.SEEK_END)
                if size:
                    stream.seek(size - 1)
                    data = data if stream.read(1) == b"\n" else b"\n" + data
                written = stream.write(data)
                if written != len(data):
                    raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))  # noqa: TRY301 one exit
        except OSError as error:
            raise self._trouble(error) from error

    def _lines(self, kind: str) -> Iterator[tuple[int, Json]]:
        if not self.file.exists():
            return
        position = 0
        with self.file.open("rb") as stream:
            for raw in stream:
                try:
                    line = json.loads(raw)
                except ValueError:  # torn by a kill
                    line = None
                if isinstance(line, dict) and line.get("type") == kind:
                    if line.get("format", FORMAT) != FORMAT:
                        raise UserError(
                            f"{self.file} has records of format {line['format']}, not {FORMAT}",
                            fix="resume with the version that wrote it, or start a new journal",
                        )
                    yield position, line
                position += len(raw)

    def _trouble(self, error: OSError) -> UserError:
        reason = (error.strerror or str(error)).lower()
        return UserError(
            f"cannot write the journal {self.file} ({reason})",
            fix="free the disk or choose another file with --journal; --resume goes on from there",
        )


def record_to_json(record: Record) -> Json:
    """A record as JSON types; cell values that JSON lacks become {"$kind": …}."""
    case = record.case
    return {
        "format": FORMAT,
        "key": record.key,
        "case": {
            "id": case.id,
            "graph": case.graph,
            "question": case.question,
            "reference": case.reference,
            "file": case.origin.file,
            "row": case.origin.row,
            "tags": list(case.tags),
            "difficulty": case.difficulty,
            "params": {name: _value(value) for name, value in case.params.items()},
            "order": case.order,
            "tolerance": case.tolerance,
            "accept": list(case.accept),
            "language": case.language,
        },
        "model": record.model,
        "sample": record.sample,
        "prompt_sha256": record.prompt_sha256,
        "generation": asdict(record.generation) if record.generation else None,
        "round_seconds": list(record.round_seconds),
        "query": asdict(record.query) if record.query else None,
        "predicted": _result(record.predicted),
        "expected": _result(record.expected),
        "verdict": asdict(record.verdict),
        "copies": asdict(record.copies) if record.copies else None,
        "likelihood": asdict(record.likelihood) if record.likelihood else None,
        "engine": record.engine,
    }


def record_from_json(line: Json) -> Record:
    """The inverse of record_to_json; cell values stay as JSON has them."""
    case = dict(line["case"])
    origin = Origin(case.pop("file"), case.pop("row"))
    order = Order(case["order"]) if case["order"] else None
    tuples = {name: tuple(case.get(name, ())) for name in ("tags", "accept")}
    query = line["query"]
    verdict = {**line["verdict"], "outcome": Outcome(line["verdict"]["outcome"])}
    return Record(
        key=line["key"],
        case=Case(**{**case, **tuples, "origin": origin, "order": order}),
        model=line["model"],
        sample=line["sample"],
        prompt_sha256=line["prompt_sha256"],
        generation=_read_generation(line["generation"]),
        round_seconds=tuple(line["round_seconds"]),
        query=Query(query["text"], query["reason"], tuple(map(tuple, query["cut"])))
        if query
        else None,
        predicted=_read_result(line["predicted"]),
        expected=_read_result(line["expected"]),
        verdict=Verdict(**verdict),
        engine=line["engine"],
        copies=Copies(**found) if (found := line.get("copies")) else None,
        likelihood=Likelihood(**likely) if (likely := line.get("likelihood")) else None,
    )


def _read_generation(found: Json | None) -> Generation | None:
    if found is None:
        return None
    return Generation(**{**found, "first": _read_generation(found.get("first"))})


def rows_text(rows: Sequence[Row]) -> str:
    """Rows as one line of JSON, for people."""
    return json.dumps(_rows(rows), ensure_ascii=False)


def _result(result: Excerpt | Failure | None) -> Json | None:
    if isinstance(result, Excerpt):
        return {
            "columns": list(result.columns),
            "rows": _rows(result.rows),
            "row_count": result.row_count,
            "seconds": result.seconds,
        }
    return asdict(result) if result else None


def _read_result(found: Json | None) -> Excerpt | Failure | None:
    if found is None:
        return None
    if "kind" in found:
        return Failure(FailureKind(found["kind"]), found["reason"], found["seconds"])
    rows = tuple(map(tuple, found["rows"]))
    return Excerpt(tuple(found["columns"]), rows, found["row_count"], found["seconds"])


def _rows(rows: Sequence[Row]) -> list[list[Any]]:
    return [[_value(cell) for cell in row] for row in rows]


def _value(value: Value) -> Any:  # noqa: ANN401 JSON has no narrower type
    match value:
        case float() if value != value or value in (float("inf"), float("-inf")):  # noqa: PLR0124
            return {"$float": str(value)}
        case None | bool() | int() | float() | str():
            return value
        case bytes():
            return {"$bytes": value.hex()}
        case Temporal():
            return {f"${value.kind}": value.text}
        case Duration() | Point():
            return {f"${type(value).__name__.lower()}": list(asdict(value).values())}
        case Node():
            return {"$node": [sorted(value.labels), _value(value.properties)]}
        case Relationship():
            ends = [_value(value.start), _value(value.end)]
            return {"$relationship": [value.type, *ends, _value(value.properties)]}
        case Path():
            parts = [*map(_value, value.nodes), *map(_value, value.relationships)]
            return {"$path": parts}
        case Mapping():
            return {key: _value(item) for key, item in value.items()}
        case _:
            return [_value(item) for item in value]
