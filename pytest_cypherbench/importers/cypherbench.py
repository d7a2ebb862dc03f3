"""The JSON files of megagonlabs/cypherbench: questions on eleven graphs made from Wikidata.

Knows nothing of files. Keys as in its data card and in the class that its code reads them with.
"""

from __future__ import annotations

from collections.abc import Mapping

from pytest_cypherbench.importers.format import Format, SourceRow, make_source_id, tags


def convert(row: SourceRow) -> Mapping[str, object]:
    """``answer_json`` is left out: frozen rows hold no dates, and the reference gives better ones.
    The template's two names become tags."""
    template = row.cells.get("from_template")
    names = SourceRow(template if isinstance(template, Mapping) else {})
    return {
        "id": make_source_id("cypherbench", row.text("qid")),
        "question": row.required("nl_question"),
        "reference": row.required("gold_cypher"),
        "graph": row.text("graph"),
        "tags": tags(names.text("match_category"), names.text("return_pattern_id")),
    }


FORMAT = Format(
    name="cypherbench",
    title="CypherBench",
    home="https://huggingface.co/datasets/megagonlabs/cypherbench",
    licence="Apache-2.0",
    required=("qid", "graph", "nl_question", "gold_cypher"),
    optional=("from_template",),
    convert=convert,
)
