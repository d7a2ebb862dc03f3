"""May this Neo4j be used: its version, and what it would let a prediction do.

Knows nothing of graphs or of how the server is reached. Does not protect from what a server does
outside the probes.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, cast

from pytest_cypherbench.errors import UserError
from pytest_cypherbench.graphs import probes
from pytest_cypherbench.graphs.schema import OURS

if TYPE_CHECKING:
    from collections.abc import Callable

    from pytest_cypherbench.graphs.bolt import Bolt

OLDEST = (5, 26)
# What to do about a server that is unsafe, by whether it is ours.
FIX = {
    True: "use another Neo4j (--neo4j-image, --neo4j-home)",
    False: "set what docs/safety.md lists, or add --allow-unsafe-server",
}


def is_new_enough(version: str) -> bool:
    """Whether ``5.26.12`` or the like is a version that can be used."""
    return tuple(map(int, re.findall(r"\d+", version)[:2])) >= OLDEST


def read_version(bolt: Bolt, where: str) -> str:
    """``Neo4j 5.26.12 community``. Raises UserError if it is too old or no Neo4j."""
    rows = bolt.rows(
        "CALL dbms.components() YIELD name, versions, edition RETURN name, versions[0], edition",
        OURS,
    )
    kernels = [row for row in rows if row[0] == "Neo4j Kernel"]
    text = cast("str", kernels[0][1]) if kernels else "no Neo4j"
    if not is_new_enough(text):
        raise UserError(f"{where} is {text}, too old or no Neo4j", fix="use Neo4j 5.26 or newer")
    return f"Neo4j {text} {cast('str', kernels[0][2])}"


def must_be_safe(bolt: Bolt, where: str, fix: str, say: Callable[[str], None] | None) -> None:
    """Raises UserError, with that fix, if the server does not refuse every probe; with ``say``,
    only says so."""
    try:
        probes.must_refuse(bolt, where, fix)
    except UserError as error:
        if say is None:
            raise
        say(f"warning: {error.cause}")
