"""The CSV files of neo4j-labs/text2cypher: questions and queries written by language models.

Knows nothing of files. Columns as in that repository's README files: a file has ``false_schema``
or ``no_cypher`` or neither, by the model that wrote it.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from pytest_cypherbench.importers.format import Format, SourceRow, marked_wrong, tags

if TYPE_CHECKING:
    from collections.abc import Mapping


def convert(row: SourceRow) -> Mapping[str, object]:
    """Queries that the source found wrong are refused; what it merely observed becomes a tag."""
    # Every flag is read before any decides: a shifted row is to be called shifted.
    syntax_error, timeout = row.flag("syntax_error"), row.flag("timeout")
    results, no_cypher = row.flag("returns_results"), row.flag("no_cypher")
    question, reference = row.required("question"), row.required("cypher")
    if syntax_error:
        raise marked_wrong("a syntax error")
    if no_cypher:
        raise marked_wrong("the schema cannot answer the question")
    if (unknown := row.text("false_schema")).lower() not in {"", "false"}:
        raise marked_wrong("uses what the schema does not have", unknown)
    observed = ["timed-out" if timeout else "", "no-results" if results is False else ""]
    return {
        "question": question,
        "reference": reference,
        "graph": row.text("database"),
        "tags": tags(row.text("type"), *observed),
    }


FORMAT = Format(
    name="neo4j-labs",
    title="Neo4j Labs text2cypher",
    home="https://github.com/neo4j-labs/text2cypher",
    licence="not stated with the data: ask its authors before you pass it on",
    required=("question", "cypher", "type", "database"),
    optional=("syntax_error", "timeout", "returns_results", "false_schema", "no_cypher"),
    convert=convert,
)
