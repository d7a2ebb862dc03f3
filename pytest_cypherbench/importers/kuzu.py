"""The text file of kuzudb/text2cypher: questions on the social network of LDBC, by hand.

Knows nothing of files: numbered.py gives the columns. The other repository that one might look
in, kuzudb/dspy-text2cypher, holds no such file.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from pytest_cypherbench.importers.format import (
    Format,
    RefusedError,
    SourceRow,
    make_source_id,
    tags,
)

if TYPE_CHECKING:
    from collections.abc import Mapping


def convert(row: SourceRow) -> Mapping[str, object]:
    """The answers are left out: they are prose. A question may stand without a query."""
    question = row.required("question")
    if not row.text("cypher"):
        raise RefusedError("the question stands without a query", fix="write one under it")
    number = f"{row.text('category_number')}-{row.text('question_number')}"
    return {
        "id": make_source_id("kuzu", number),
        "question": " ".join(question.split()),  # one that runs over lines
        "reference": row.text("cypher"),
        "tags": tags(row.text("category")),
    }


FORMAT = Format(
    name="kuzu",
    title="Kuzu text2cypher",
    home="https://github.com/kuzudb/text2cypher",
    licence="not stated with the data: ask its authors before you pass it on",
    required=("category_number", "category", "question_number", "question", "cypher"),
    convert=convert,
    graph="ldbc-snb",
)
