"""What a Neo4j status code says about a query: the kind of its failure.

Knows nothing of connections or drivers.
"""

from __future__ import annotations

from pytest_cypherbench.flow import FailureKind

# The part of a Neo4j status code after "Neo.<class>."; what is not listed goes by its class.
_KINDS = {
    "Statement.SyntaxError": FailureKind.SYNTAX_ERROR,
    "Statement.AccessMode": FailureKind.BLOCKED,
    "Statement.NotSystemDatabaseError": FailureKind.BLOCKED,
    "Statement.UnsupportedAdministrationCommand": FailureKind.BLOCKED,
    "General.ForbiddenOnReadOnlyDatabase": FailureKind.BLOCKED,
    "General.MemoryPoolOutOfMemoryError": FailureKind.TOO_LARGE,
    "General.TransactionOutOfMemoryError": FailureKind.TOO_LARGE,
    "General.OutOfMemoryError": FailureKind.TOO_LARGE,
    "General.StackOverFlowError": FailureKind.TOO_LARGE,
    "Transaction.Terminated": FailureKind.TIMEOUT,
    "Transaction.LockClientStopped": FailureKind.TIMEOUT,
    # Another server has taken the place of the one that took our login: never a prediction's doing.
    "Security.Unauthorized": FailureKind.ENGINE_ERROR,
    "Security.AuthenticationRateLimit": FailureKind.ENGINE_ERROR,
    "Statement.ExecutionFailed": FailureKind.RUNTIME_ERROR,
}


def classify(code: str) -> FailureKind:
    """The kind of failure behind a status code such as ``Neo.ClientError.Statement.TypeError``."""
    _, _, rest = code.partition(".")
    group, _, detail = rest.partition(".")
    if detail.startswith("Transaction.TransactionTimedOut"):
        return FailureKind.TIMEOUT
    if detail in _KINDS:
        return _KINDS[detail]
    if detail.startswith("Security."):
        return FailureKind.BLOCKED
    return FailureKind.RUNTIME_ERROR if group == "ClientError" else FailureKind.ENGINE_ERROR
