"""The JSON files of endeavorXx/Mind-the-Query: questions on graphs of Neo4j's examples.

Knows nothing of files. Keys as its files have them: those that people looked through say whether
the query is ``logical [0/1]``, the others what a pipeline of checks said.
"""

from __future__ import annotations

from pathlib import PurePosixPath
from typing import TYPE_CHECKING

from pytest_cypherbench.importers.format import (
    Format,
    SourceRow,
    make_source_id,
    marked_wrong,
    tags,
)

if TYPE_CHECKING:
    from collections.abc import Mapping

LOGICAL = "logical [0/1]"
REASON = "reason/observation [reason for why the query was not logical or was incorrect]"


def convert(row: SourceRow) -> Mapping[str, object]:
    """A query that people found wrong, or that did not run, is refused."""
    question, reference = row.required("NL Question"), row.required("Cypher")
    if row.flag("neo4j_runtime_passed") is False:
        raise marked_wrong("the query did not run")
    if row.flag(LOGICAL) is False:
        raise marked_wrong("not logical", row.text(REASON))
    results = row.flag("neo4j_result_passed")
    return {
        "id": make_source_id("mind-the-query", row.text("unique_id")),
        "question": question,
        "reference": reference,
        "graph": row.text("source_dataset"),
        "tags": tags(
            PurePosixPath(row.text("original_file")).stem,
            "no-results" if results is False else "",
        ),
    }


FORMAT = Format(
    name="mind-the-query",
    title="Mind the Query",
    home="https://github.com/endeavorXx/Mind-the-Query",
    licence="Apache-2.0",
    required=("NL Question", "Cypher", "source_dataset", "unique_id"),
    optional=("original_file", "neo4j_runtime_passed", "neo4j_result_passed", LOGICAL, REASON),
    convert=convert,
)
