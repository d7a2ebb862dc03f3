"""What Neo4j says a statement would do, before it does it: refuses all but reads of this graph.

Knows nothing of connections. Does not protect from functions that a server evaluates while it
plans, nor from reads that are slow or large: time-outs and caps do.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, TypeAlias, cast

from pytest_cypherbench.flow import Failure, FailureKind
from pytest_cypherbench.graphs.guard import allowed_procedure

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

PREFIX = "EXPLAIN "
# As the driver gives it: operatorType, args, children.
Plan: TypeAlias = "Mapping[str, object]"

# The steps of Neo4j 5.26 that only read, sort and join, without what stands in brackets behind
# them (``Expand(All)``). What is in neither list is not run: a newer server may know steps that do
# more than read.
_READS = """
    ProduceResults EmptyResult EmptyRow Argument ArgumentTracker NonFuseable PreserveOrder Prober
    Projection Filter Unwind PartitionedUnwind CacheProperties RemoteBatchProperties Eager Error
    Distinct OrderedDistinct Union OrderedUnion EagerAggregation OrderedAggregation
    Sort PartialSort Top PartialTop Top1WithTies Limit ExhaustiveLimit Skip
    Optional Expand OptionalExpand VarLengthExpand ProjectEndpoints ShortestPath
    StatefulShortestPath PathPropagatingBFS Repeat BidirectionalRepeat
    Anti Apply SemiApply AntiSemiApply LetSemiApply LetAntiSemiApply SelectOrSemiApply
    SelectOrAntiSemiApply LetSelectOrSemiApply LetSelectOrAntiSemiApply RollUpApply
    ConditionalApply AntiConditionalApply TriadicSelection TriadicBuild TriadicFilter
    CartesianProduct NodeHashJoin ValueHashJoin NodeLeftOuterHashJoin NodeRightOuterHashJoin
    AssertSameNode AssertSameRelationship
    AllNodesScan NodeByLabelScan UnionNodeByLabelsScan IntersectionNodeByLabelsScan
    SubtractionNodeByLabelsScan NodeByIdSeek NodeByElementIdSeek NodeCountFromCountStore
    RelationshipCountFromCountStore
    NodeIndexScan NodeIndexContainsScan NodeIndexEndsWithScan NodeIndexSeek NodeIndexSeekByRange
    NodeUniqueIndexSeek NodeUniqueIndexSeekByRange MultiNodeIndexSeek AssertingMultiNodeIndexSeek
    AllRelationshipsScan RelationshipTypeScan UnionRelationshipTypesScan RelationshipByIdSeek
    RelationshipByElementIdSeek RelationshipIndexScan RelationshipIndexContainsScan
    RelationshipIndexEndsWithScan RelationshipIndexSeek RelationshipIndexSeekByRange
    RelationshipUniqueIndexSeek RelationshipUniqueIndexSeekByRange
    AssertingMultiRelationshipIndexSeek
"""
_VARIANTS = ("Partitioned", "Directed", "Undirected")
# Steps that are more than reads of this graph, by how they begin.
_REACHES_OUT = {
    "LoadCSV": "LOAD CSV reaches out of the graph",
    "RunQueryAt": "USE reaches out of the graph",
    "Show": "SHOW reaches out of the graph",
    "Transaction": "IN TRANSACTIONS is not allowed in a read-only query",
    "TerminateTransactions": "TERMINATE is not allowed in a read-only query",
    "AdministrationCommand": "administration is not allowed in a read-only query",
}
# A subquery inside a list comprehension, CASE or reduce() is no step of the plan: it is seen only
# in the server's own spelling of the expression, which is the same however the query spells it.
_INSIDE = {
    "LOAD CSV": "LOAD CSV reaches out of the graph",
    "IN TRANSACTIONS": "IN TRANSACTIONS is not allowed in a read-only query",
    "CONCURRENT TRANSACTIONS": "IN TRANSACTIONS is not allowed in a read-only query",
    "ResolvedCall(": "a procedure inside an expression is not on the allow-list",
    "UnresolvedCall(": "a procedure inside an expression is not on the allow-list",
}
_POSITION = re.compile(r"\(line (\d+), column (\d+) \(offset: (\d+)\)\)")


def examine(query_type: str | None, plan: Plan | None, home: str | None = None) -> Failure | None:
    """The refusal of a statement whose EXPLAIN gave this; None if it only reads the graph. ``home``
    is the database that the connection asks, where that is known."""
    if query_type is None or plan is None:
        return _blocked("the server did not say what this statement would do")
    found = list(_steps(plan))  # first: a step says more than the type
    for refused in (_refuse(step, home) for step in found):
        if refused is not None and refused.kind is FailureKind.BLOCKED:
            return refused
    if query_type != "r":
        does = {"w": "writes", "rw": "writes", "s": "administers"}.get(query_type, "does not read")
        return _blocked(f"the statement {does}: only reads are allowed")
    return next(filter(None, (_refuse(step, home) for step in found)), None)


def plan_instead_of_rows(plan: Plan | None, profile: Plan | None) -> Failure | None:
    """The refusal of a statement that was executed and came with a plan: an EXPLAIN that nobody
    saw, whose missing rows would equal an empty reference."""
    if plan is None and profile is None:
        return None
    return _blocked("EXPLAIN and PROFILE ask for a plan, not for rows")


def unshift(reason: str) -> str:
    """A reason with the position in the statement instead of that behind ``PREFIX``."""

    def moved(found: re.Match[str]) -> str:
        line, column, offset = map(int, found.groups())
        column -= len(PREFIX) if line == 1 else 0
        return f"(line {line}, column {column} (offset: {max(0, offset - len(PREFIX))}))"

    return _POSITION.sub(moved, reason)


def home_of(plan: Plan | None) -> str | None:
    """The database that a plan's first step runs on."""
    name, at, database = str((plan or {}).get("operatorType", "")).partition("@")
    return database if name and at else None


def _steps(plan: Plan) -> Iterator[Plan]:
    """All steps; a stack of ours because a plan may be deeper than Python's."""
    left = [plan]
    while left:
        step = left.pop()
        yield step
        left.extend(cast("list[Plan]", step.get("children") or ()))


def _refuse(step: Plan, home: str | None) -> Failure | None:
    full, _, database = str(step.get("operatorType", "")).partition("@")
    details = str(cast("Plan", step.get("args") or {}).get("Details") or "")
    name = full.partition("(")[0]
    if name == "ProcedureCall":
        called = details.partition("(")[0].replace("`", "")
        if not allowed_procedure(called):
            return _blocked(f"the procedure {called} is not on the allow-list")
    elif reason := next((why for begin, why in _REACHES_OUT.items() if name.startswith(begin)), ""):
        return _blocked(reason)
    if home and database != home:
        return _blocked("USE reaches out of the graph")
    spelled = " ".join(details.split())
    if reason := next((why for mark, why in _INSIDE.items() if mark in spelled), ""):
        return _blocked(reason)
    if name != "ProcedureCall" and _plain(name) not in _READS.split():
        reason = f"this server's plan has the step {full!r}, which is not known to only read"
        return Failure(FailureKind.UNDECIDABLE, reason)
    return None


def _plain(name: str) -> str:
    for variant in _VARIANTS:
        name = name.removeprefix(variant)
    return name


def _blocked(reason: str) -> Failure:
    return Failure(FailureKind.BLOCKED, reason)
