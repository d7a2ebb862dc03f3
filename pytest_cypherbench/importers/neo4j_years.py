"""Neo4j's Text2Cypher data sets of 2024 and 2025, which have the same columns.

Knows nothing of files. Columns of 2024 as in its data card; of 2025 the required ones as code of
others uses them, so the optional ones may be absent there.
"""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING

from pytest_cypherbench.importers.format import Format, SourceRow, make_source_id, tags

if TYPE_CHECKING:
    from collections.abc import Mapping


def convert(row: SourceRow, prefix: str) -> Mapping[str, object]:
    """``schema`` is left out: it is read from the graph. Most rows of 2024 name no database."""
    return {
        "id": make_source_id(prefix, row.text("instance_id")),
        "question": row.required("question"),
        "reference": row.required("cypher"),
        "graph": row.text("database_reference_alias"),
        "tags": tags(row.text("data_source")),
    }


def _of_year(year: int) -> Format:
    name = f"neo4j-{year}"
    return Format(
        name=name,
        title=f"Neo4j Text2Cypher ({year})",
        home=f"https://huggingface.co/datasets/neo4j/text2cypher-{year}v1",
        licence="Apache-2.0",
        required=("question", "cypher", "database_reference_alias"),
        optional=("data_source", "instance_id"),
        convert=partial(convert, prefix=name),
    )


FORMAT_2024 = _of_year(2024)
FORMAT_2025 = _of_year(2025)
