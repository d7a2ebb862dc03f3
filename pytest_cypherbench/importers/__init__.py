"""Public data sets to case files: a table of formats, each a module of its own.

Knows nothing of what a case is worth; ``python -m pytest_cypherbench import`` runs it. Rows are
never part of this project: they stay their authors', under the licence written beside the output.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, cast

from pytest_cypherbench.registry import Entry, Registry

if TYPE_CHECKING:
    from pytest_cypherbench.importers.format import Format

FORMATS = Registry(
    kind="format",
    group="pytest_cypherbench.importers",
    flag="FORMAT",
    table={
        "neo4j-labs": Entry("pytest_cypherbench.importers.neo4j_labs:FORMAT"),
        "neo4j-2024": Entry("pytest_cypherbench.importers.neo4j_years:FORMAT_2024"),
        "neo4j-2025": Entry("pytest_cypherbench.importers.neo4j_years:FORMAT_2025"),
        "cypherbench": Entry("pytest_cypherbench.importers.cypherbench:FORMAT"),
        "mind-the-query": Entry("pytest_cypherbench.importers.mind_the_query:FORMAT"),
        "zograscope": Entry("pytest_cypherbench.importers.zograscope:FORMAT"),
        "kuzu": Entry("pytest_cypherbench.importers.kuzu:FORMAT"),
    },
)


def find_format(name: str) -> Format:
    """The format of that name. Raises UserError with the nearest one where there is none."""
    return cast("Format", FORMATS.load(name))
