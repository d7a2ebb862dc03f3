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
_OURS = "use another Neo4j (--neo4j-image, --neo4j-home)"
_THEIRS = "set what docs/safety.md lists, or add --allow-unsafe-server"


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


def must_be_safe(
    bolt: Bolt, where: str, *, owned: bool, allow: bool, say: Callable[[str], None]
) -> None:
    """Raises UserError if the server does not refuse every probe; where it is the user's and
    ``allow``, only says so."""
    fix = _OURS if owned else _THEIRS
    try:
        probes.must_refuse(bolt, where, fix)
    except UserError as error:
        if owned or not allow:
            raise
        say(f"warning: {error.cause}")
