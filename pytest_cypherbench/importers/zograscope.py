"""The CSV files of interact-erc/ZOGRASCOPE: questions on Neo4j's example graph ``pole``.

Knows nothing of files. Columns as in that repository's README and the headers of its files.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from pytest_cypherbench.importers.format import Format, SourceRow, make_source_id, tags

if TYPE_CHECKING:
    from collections.abc import Mapping


def convert(row: SourceRow) -> Mapping[str, object]:
    """``nl`` is the question; its variants with entities marked or linked are left out."""
    nodes, returned = row.number("num_nodes"), row.number("return_count")
    return {
        "id": make_source_id("zograscope", row.required("id")),
        "question": row.required("nl"),
        "reference": row.required("mr"),
        "tags": tags(
            row.text("type"),
            f"{nodes} nodes" if nodes else "",
            "no-results" if returned == 0 else "",
        ),
    }


FORMAT = Format(
    name="zograscope",
    title="ZOGRASCOPE",
    home="https://github.com/interact-erc/ZOGRASCOPE",
    licence="CC-BY-4.0",
    required=("id", "nl", "mr"),
    optional=("num_nodes", "type", "return_count"),
    convert=convert,
    graph="pole",
)
