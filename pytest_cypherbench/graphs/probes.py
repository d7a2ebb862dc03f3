"""Six hostile statements sent straight at a server before the first case: does it refuse them?

Knows nothing of how the server is reached. They pass neither the token guard nor EXPLAIN, so that
what answers is the server's own policy; whatever one of them does is rolled back. Does not protect
from what a server does outside these six.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from pytest_cypherbench.errors import UserError
from pytest_cypherbench.flow import Execution, FailureKind, Limits
from pytest_cypherbench.graphs.patience import OverrunError

if TYPE_CHECKING:
    from pytest_cypherbench.graphs.bolt import Bolt

_LIMITS = Limits(seconds=3.0, rows=1)
# Port 9 of this machine, and an address that is kept for documentation: nobody answers there, so
# that a server that would connect can harm nobody. Numbers, so that no name is looked up.
_ADDRESSES = ("http://127.0.0.1:9/", "http://192.0.2.1:9/", "https://[::1]:9/", "ftp://127.0.0.1/")
PROBES = {
    "writing": ("CREATE (:CypherbenchProbe)",),
    "creating an index": ("CREATE INDEX cypherbench_probe FOR (n:CypherbenchProbe) ON (n.x)",),
    "LOAD CSV from a file": ("LOAD CSV FROM 'file:///etc/hosts' AS line RETURN line",),
    "LOAD CSV from the network": tuple(
        f"LOAD CSV FROM '{address}' AS line RETURN line" for address in _ADDRESSES
    ),
    "CALL {…} IN TRANSACTIONS": (
        "UNWIND [1] AS x CALL (x) { CREATE (:CypherbenchProbe) } IN TRANSACTIONS",
    ),
    "CREATE USER": ("CREATE USER cypherbench_probe SET PASSWORD 'cypherbench-probe-1'",),
}
# How Neo4j says that a setting forbids a LOAD CSV; a file that is not there sounds otherwise.
_POLICY = "configuration property"


def allowed(bolt: Bolt) -> tuple[str, ...]:
    """What the server would let a prediction do: the names of the probes that it did not refuse.

    Only a refusal counts as one: an error of another kind, such as a missing file, shows that the
    server tried. Raises EngineError if the connection is lost."""
    return tuple(
        name
        for name, statements in PROBES.items()
        if not all(_refused(bolt, statement) for statement in statements)
    )


def must_refuse(bolt: Bolt, where: str, fix: str) -> None:
    """Raise UserError where the server at ``where`` would let a prediction do any of the six."""
    if found := allowed(bolt):
        raise UserError(f"{where} would let a prediction do this: {', '.join(found)}", fix=fix)


def _refused(bolt: Bolt, statement: str) -> bool:
    try:
        done = bolt.read(statement, {}, _LIMITS, trusted=True)
    except OverrunError:
        return False
    if isinstance(done, Execution):
        return False
    return done.kind is FailureKind.BLOCKED or _POLICY in done.reason
