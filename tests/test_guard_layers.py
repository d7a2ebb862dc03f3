"""Each layer of the guard holds, and without it the statement that it is there for gets through."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path
from typing import TYPE_CHECKING

import neo4j
import pytest
from canary import canary
from graph_engines import TINY, execute, server_spec, started
from groups import uses_server

from pytest_cypherbench.errors import UserError
from pytest_cypherbench.flow import Execution, Failure, FailureKind, Limits
from pytest_cypherbench.graphs import guard, probes
from pytest_cypherbench.graphs.bolt import Bolt
from pytest_cypherbench.graphs.convert import Meter
from pytest_cypherbench.graphs.embedded import database
from pytest_cypherbench.graphs.neo4j import explain
from pytest_cypherbench.graphs.neo4j.safe import PROCEDURES, safe_settings
from pytest_cypherbench.graphs.patience import OverrunError

if TYPE_CHECKING:
    from collections.abc import Iterator

    from pytest_cypherbench.graphs import Engine

ROOT = Path(__file__).parents[1]
pytestmark = uses_server
LIMITS = Limits(seconds=5)
# No reading of tokens can tell that BY is a variable here and CALL a clause.
UNSEEN = "MATCH (by) WITH by CALL dbms.listConfig() YIELD name RETURN name LIMIT 3"
PLAN = "EXPLAIN MATCH (n) RETURN n.name"
INSIDE = "RETURN [x IN [1] | COLLECT { LOAD CSV FROM '%s' AS line RETURN line }] AS lines"


@pytest.fixture(params=["embedded", "neo4j-server"])
def engine(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Engine]:
    with started(request.param, tmp_path) as found:
        found.load(TINY)
        yield found


@pytest.fixture
def bolt(tmp_path: Path) -> Iterator[Bolt]:
    """The way to a Neo4j as an engine has it, on a graph of ours."""
    spec = server_spec(tmp_path)
    with started("neo4j-server", tmp_path) as engine:
        engine.load(TINY)
    found = Bolt(spec.uri or "", spec.username, spec.password or "", explains=True)
    yield found
    found.close()


def kind(done: Execution | Failure) -> FailureKind | None:
    return done.kind if isinstance(done, Failure) else None


def probes_left() -> int:
    """Nodes that a write of these tests left; they are removed."""
    spec = server_spec()
    count = "MATCH (n:CypherbenchProbe) RETURN count(n)"
    found: int = execute(spec, count)[0][0]
    execute(spec, "MATCH (n:CypherbenchProbe) DELETE n")
    return found


# ── 1. tokens ───────────────────────────────────────────────────────────────────────────────────


def test_without_tokens_what_one_engine_would_run_is_run(monkeypatch: pytest.MonkeyPatch) -> None:
    """USE of the database itself passes EXPLAIN; only the reading of tokens says blocked."""
    with started("neo4j-server") as engine:
        engine.load(TINY)
        assert kind(engine.run("USE neo4j RETURN 1", {}, LIMITS)) is FailureKind.BLOCKED
        monkeypatch.setattr(guard, "check", lambda _: None)
        assert isinstance(engine.run("USE neo4j RETURN 1", {}, LIMITS), Execution)


@pytest.mark.parametrize(
    ("statement", "reason"),
    [
        ("EXPLAIN MATCH (n) RETURN n", "EXPLAIN asks for a plan"),
        ("  // a\n/* b */ explain MATCH (n) RETURN n", "EXPLAIN asks for a plan"),
        ("PROFILE MATCH (n) RETURN n", "PROFILE asks for a plan"),
        ("CYPHER 5 EXPLAIN MATCH (n) RETURN n", "EXPLAIN asks for a plan"),
        ("CYPHER runtime=slotted PROFILE RETURN 1", "PROFILE asks for a plan"),
        ("CYPHER 5 CYPHER planner=cost EXPLAIN RETURN 1", "EXPLAIN asks for a plan"),
        ("EXPLAIN CYPHER 5 RETURN 1", "EXPLAIN asks for a plan"),
        ("EXPLAIN PROFILE RETURN 1", "EXPLAIN asks for a plan"),
        (r"\u0045XPLAIN RETURN 1", "EXPLAIN asks for a plan"),
        (r"// \u000aPROFILE RETURN 1", "PROFILE asks for a plan"),
        ("CYPHER debug=ast RETURN 1", "option debug"),
        ("CYPHER 5 runtime=slotted debug=tostring RETURN 1", "option debug"),
        (r"\u0043REATE (:X)", "CREATE is not allowed"),
        (r"RETURN [1] AS x /* \u002a\u002f LOAD CSV FROM 'x' AS y RETURN y */", "LOAD CSV"),
        (r"RETURN '\u0027 AS x UNION LOAD CSV FROM \u0027f\u0027 AS x RETURN x//'", "LOAD CSV"),
    ],
)
def test_prefixes_and_escapes_have_one_rule(statement: str, reason: str) -> None:
    """A statement that asks for a plan, hides a word in escapes or sets an option is blocked."""
    found = guard.check(statement)
    assert found is not None
    assert found.kind is FailureKind.BLOCKED
    assert reason in found.reason


@pytest.mark.parametrize(
    "statement",
    [
        "CYPHER 5 MATCH (n:Person) RETURN n.name",
        "CYPHER MATCH (n:Person) RETURN n.name",
        "CYPHER 5 runtime=slotted planner=cost MATCH (n:Person) RETURN n.name",
        "/* why */ CYPHER planner = dp RETURN 1",
        "MATCH (explain:Person) RETURN explain.profile AS cypher",
        r"RETURN 'it\u0027 AS x //'",
        r"RETURN 'C:\\users' AS x",
        "RETURN 'EXPLAIN' AS `PROFILE`",
    ],
)
def test_other_prefixes_and_names_run(bolt: Bolt, statement: str) -> None:
    """A version, an option of the list, and keywords that are names are neither blocked nor in
    the way of EXPLAIN."""
    assert guard.check(statement) is None
    assert isinstance(bolt.read(statement, {}, LIMITS), Execution)


# ── 2. EXPLAIN ──────────────────────────────────────────────────────────────────────────────────


def test_without_explain_an_unseen_procedure_runs(monkeypatch: pytest.MonkeyPatch) -> None:
    """Neo4j's own procedures are refused by nothing but what EXPLAIN shows."""
    with started("neo4j-server") as engine:
        engine.load(TINY)
        assert guard.check(UNSEEN) is None
        assert kind(engine.run(UNSEEN, {}, LIMITS)) is FailureKind.BLOCKED
        monkeypatch.setattr(explain, "examine", lambda *_: None)
        assert isinstance(engine.run(UNSEEN, {}, LIMITS), Execution)


def test_without_a_look_at_the_answer_a_plan_equals_no_rows(
    bolt: Bolt, monkeypatch: pytest.MonkeyPatch
) -> None:
    """An EXPLAIN that got past the tokens, by a way that nobody knows yet, would pass for an empty
    result: explained once more it is still a read."""
    assert kind(bolt.read(PLAN, {}, LIMITS)) is FailureKind.BLOCKED
    monkeypatch.setattr(explain, "plan_instead_of_rows", lambda *_: None)
    done = bolt.read(PLAN, {}, LIMITS)
    assert isinstance(done, Execution)
    assert done.rows == ()


LOADS = "COUNT { LOAD CSV FROM 'file:///etc/hosts' AS line RETURN line }"


@pytest.mark.parametrize(
    "statement",
    [
        f"RETURN {LOADS} AS x",
        f"RETURN [i IN [1] | {LOADS}] AS x",
        f"RETURN CASE WHEN true THEN {LOADS} END AS x",
        f"RETURN reduce(s = 0, i IN [1] | s + {LOADS}) AS x",
        f"RETURN all(i IN [1] WHERE {LOADS} > 0) AS x",
        f"MATCH (n) WHERE elementId(n) = toString([i IN [1] | {LOADS}][0]) RETURN n",
        f"MATCH (n) WHERE (n)--() OR n.x = [i IN [1] | {LOADS}] RETURN n",
        f"MATCH (n) RETURN n ORDER BY [i IN [1] | {LOADS}] LIMIT 1",
        f"MATCH (n)-[r*1..2 {{x: [i IN [1] | {LOADS}]}}]->(m) RETURN m",
        f"MATCH (n), (m) WHERE n.x = m.x + [i IN [1] | {LOADS}] RETURN m",
        f"MATCH (n) RETURN n {{.*, x: [i IN [1] | {LOADS}]}}",
        f"MATCH p = shortestPath((a:X)-[*]-(b:Y)) WHERE all(x IN nodes(p) WHERE {LOADS} > 0) "
        "RETURN p",
        f"MATCH ANY SHORTEST (a:X)((b)-->(c) WHERE b.x = [i IN [1] | {LOADS}])+(d:Y) RETURN a",
        f"MATCH (a:$(toString([i IN [1] | {LOADS}][0]))) RETURN a",
        f"RETURN 1 AS x UNION RETURN [i IN [1] | {LOADS}] AS x",
        f"MATCH (n) RETURN n.x AS x, collect([i IN [1] | {LOADS}]) AS y",
        "RETURN [i IN [1] | COLLECT { LOAD/**/CSV FROM 'file:///x' AS y RETURN y }] AS x",
        r"RETURN [i IN [1] | COLLECT { \u004cOAD\u0020CSV FROM 'file:///x' AS y RETURN y }] AS x",
        "RETURN [i IN [1] | COLLECT { CALL db.info() YIELD name RETURN name }] AS x",
        "RETURN [i IN [1] | COLLECT { UNWIND [1] AS a CALL (a) { RETURN 1 AS b } IN TRANSACTIONS "
        "RETURN b }] AS x",
        "UNWIND [1] AS a CALL (a) { RETURN 1 AS b } IN 2 CONCURRENT TRANSACTIONS RETURN b",
        "CALL { CALL db.info() YIELD name RETURN name } RETURN name",
        "CALL db.`info`",
        "SHOW INDEXES",
        "SHOW CURRENT USER",
        "TERMINATE TRANSACTIONS 'x'",
        "CREATE (:X)",
        "CREATE INDEX FOR (n:X) ON (n.x)",
        "CREATE USER a SET PASSWORD 'abcdefghi'",
    ],
)
def test_explain_sees_it_wherever_it_stands(bolt: Bolt, statement: str) -> None:
    """What writes or reaches out is blocked although no token was read: as a step of the plan, in
    an expression of one, or by the type of the statement."""
    assert kind(bolt.read(statement, {}, LIMITS)) is FailureKind.BLOCKED


@pytest.mark.parametrize(
    ("query_type", "plan", "expected"),
    [
        (None, {"operatorType": "ProduceResults@neo4j"}, FailureKind.BLOCKED),
        ("r", None, FailureKind.BLOCKED),
        ("rw", {"operatorType": "ProduceResults@neo4j"}, FailureKind.BLOCKED),
        ("x", {"operatorType": "ProduceResults@neo4j"}, FailureKind.BLOCKED),
        ("r", {"operatorType": "ProduceResults@other"}, FailureKind.BLOCKED),
        ("r", {"operatorType": "RunQueryAt@neo4j"}, FailureKind.BLOCKED),
        ("r", {}, FailureKind.BLOCKED),
        ("r", {"operatorType": "Teleport@neo4j"}, FailureKind.UNDECIDABLE),
        ("r", {"operatorType": "ProduceResults@neo4j"}, None),
    ],
)
def test_what_explain_does_not_say_is_not_run(
    query_type: str | None, plan: dict[str, object] | None, expected: FailureKind | None
) -> None:
    """No type, no plan, another database or an unknown step: the statement does not run."""
    found = explain.examine(query_type, plan, "neo4j")
    assert (found and found.kind) == expected


def test_a_position_is_that_in_the_statement(bolt: Bolt) -> None:
    """EXPLAIN moves nothing that the user reads."""
    done = bolt.read("MATCH (n RETURN n\nRETURN 1", {}, LIMITS)
    plain = bolt.read("MATCH (n RETURN n\nRETURN 1", {}, LIMITS, trusted=True)
    assert isinstance(done, Failure)
    assert isinstance(plain, Failure)
    assert "column 10" in done.reason
    assert (done.kind, done.reason) == (plain.kind, plain.reason)


# ── 3. the transaction ──────────────────────────────────────────────────────────────────────────

WRITE = "CREATE (n:CypherbenchProbe) RETURN 1"


def test_without_read_access_a_write_runs_and_is_rolled_back(
    bolt: Bolt, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The access mode refuses a write that nobody examined; without it, the roll-back undoes it."""
    assert kind(bolt.read(WRITE, {}, LIMITS, trusted=True)) is FailureKind.BLOCKED
    monkeypatch.setattr(neo4j, "READ_ACCESS", neo4j.WRITE_ACCESS)
    assert isinstance(bolt.read(WRITE, {}, LIMITS, trusted=True), Execution)
    assert probes_left() == 0


def test_without_the_roll_back_a_write_stays(bolt: Bolt, monkeypatch: pytest.MonkeyPatch) -> None:
    """Nothing but the roll-back undoes what a transaction wrote."""
    monkeypatch.setattr(neo4j, "READ_ACCESS", neo4j.WRITE_ACCESS)
    monkeypatch.setattr(neo4j.Transaction, "rollback", neo4j.Transaction.commit)
    bolt.read(WRITE, {}, LIMITS, trusted=True)
    assert probes_left() == 1


class _Implicit:
    """A session in the place of its transaction: each statement commits by itself."""

    def __init__(self, session: neo4j.Session) -> None:
        self.run = session.run

    def rollback(self) -> None:
        """Nothing is open."""


def test_without_an_explicit_transaction_in_transactions_commits(
    bolt: Bolt, monkeypatch: pytest.MonkeyPatch
) -> None:
    """CALL {…} IN TRANSACTIONS cannot run in a transaction of ours; on its own it commits."""
    commits = "UNWIND [1] AS x CALL (x) { CREATE (:CypherbenchProbe) } IN TRANSACTIONS"
    monkeypatch.setattr(neo4j, "READ_ACCESS", neo4j.WRITE_ACCESS)
    assert isinstance(bolt.read(commits, {}, LIMITS, trusted=True), Failure)
    assert probes_left() == 0
    monkeypatch.setattr(
        neo4j.Session, "begin_transaction", lambda self, timeout: (timeout, _Implicit(self))[1]
    )
    assert isinstance(bolt.read(commits, {}, LIMITS, trusted=True), Execution)
    assert probes_left() == 1


def test_without_a_readers_rights_the_embedded_engine_writes(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """ArcadeDB heeds no access mode: there the rights of the user refuse a write, and the probes
    find out if they do not."""
    monkeypatch.setattr(guard, "check", lambda _: None)
    with started("embedded") as engine:
        engine.load(TINY)
        assert kind(engine.run(WRITE, {}, LIMITS)) is FailureKind.BLOCKED
    monkeypatch.setattr(database, "READER", "root")
    with started("embedded") as engine:
        with pytest.raises(UserError, match="would let a prediction do this: writing"):
            engine.load(TINY)
        monkeypatch.setattr(probes, "allowed", lambda _: ())
        engine.load(TINY)
        assert isinstance(engine.run(WRITE, {}, LIMITS), Execution)
        done = engine.run("MATCH (n:CypherbenchProbe) RETURN count(n)", {}, LIMITS)
        assert isinstance(done, Execution)
        assert done.rows == ((0,),)


SLOW = "UNWIND range(1, 100000) AS x UNWIND range(1, 100000) AS y RETURN sum(x % 7 * y) AS s"


def test_without_a_time_limit_the_server_does_not_end_a_query(
    bolt: Bolt, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The server ends a query at its limit; without one only the client gives up waiting."""
    limits = Limits(seconds=0.5)
    assert kind(bolt.read(SLOW, {}, limits)) is FailureKind.TIMEOUT
    begin = neo4j.Session.begin_transaction
    with monkeypatch.context() as patched, pytest.raises(OverrunError):
        # Longer than is waited for here, and not so long that it disturbs the next test.
        patched.setattr(
            neo4j.Session, "begin_transaction", lambda self, timeout: begin(self, None, timeout + 8)
        )
        bolt.read(SLOW, {}, limits)


# ── 4. caps ─────────────────────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize(
    ("cap", "statement", "limits"),
    [
        ("row", "UNWIND range(1, 101) AS x RETURN x", Limits(rows=100)),
        ("add", "UNWIND range(1, 100) AS x RETURN 'abcdefghij' AS y", Limits(value_bytes=999)),
        ("nest", "RETURN [[[[1]]]] AS x", Limits(depth=3)),
    ],
)
def test_without_a_cap_everything_is_taken(
    engine: Engine, monkeypatch: pytest.MonkeyPatch, cap: str, statement: str, limits: Limits
) -> None:
    """Rows, bytes and depth are each counted by their own cap while they come."""
    assert kind(engine.run(statement, {}, limits)) is FailureKind.TOO_LARGE
    monkeypatch.setattr(Meter, cap, lambda *_: None)
    assert isinstance(engine.run(statement, {}, limits), Execution)


# ── 5. the server's settings ────────────────────────────────────────────────────────────────────


def test_settings_keep_a_server_from_reaching_out(bolt: Bolt, tmp_path: Path) -> None:
    """Sent straight at a server with our settings, LOAD CSV reads no file and opens no connection,
    also where no plan shows it as a step."""
    secret = tmp_path / "secret.csv"
    secret.write_text("canary\n", encoding="utf-8")
    with canary() as (address, touched):
        for target in (
            secret.as_uri(),
            f"http://{address}/",
            f"http://localhost:{address.partition(':')[2]}/",
            f"https://{address}/",
            f"ftp://{address}/",
            f"http://[::ffff:127.0.0.1]:{address.partition(':')[2]}/",
        ):
            for statement in (f"LOAD CSV FROM '{target}' AS x RETURN x", INSIDE % target):
                done = bolt.read(statement, {}, LIMITS, trusted=True)
                assert isinstance(done, Failure), statement
                assert "canary" not in done.reason
    assert touched == []


def test_a_server_has_the_settings_that_it_was_given() -> None:
    """The settings are names that Neo4j knows, and what it says of them is what we asked for."""
    spec = server_spec()
    shown = dict(
        record.values() for record in execute(spec, "SHOW SETTINGS YIELD name, value RETURN *")
    )
    as_given = {
        name: value
        for name, value in safe_settings().items()
        if name in shown and value in {"true", "false"}
    }
    assert len(as_given) > 5
    assert {name: shown[name] for name in as_given} == as_given
    assert set(PROCEDURES) < set(shown["dbms.security.procedures.allowlist"].split(","))
    assert shown["dbms.memory.transaction.total.max"] == "320.00MiB"


def test_the_tests_server_gets_the_same_settings() -> None:
    """The script that starts the tests' server asks this module, and each setting is one line."""
    script = ROOT / "pytest_cypherbench" / "graphs" / "neo4j" / "safe.py"
    done = subprocess.run(
        [sys.executable, "-I", "-S", str(script)], capture_output=True, text=True, check=True
    )
    assert dict(line.split("=", 1) for line in done.stdout.splitlines()) == safe_settings()
    assert str(script.relative_to(ROOT)) in (ROOT / ".ci" / "neo4j").read_text(encoding="utf-8")


# ── 6. probes ───────────────────────────────────────────────────────────────────────────────────


def test_a_safe_server_refuses_all_six(bolt: Bolt) -> None:
    """A server with our settings lets none of the six through, and nothing is left of them."""
    assert len(probes.PROBES) == 6
    assert probes.allowed(bolt) == ()
    assert probes_left() == 0


def test_only_a_refusal_is_a_refusal(bolt: Bolt, monkeypatch: pytest.MonkeyPatch) -> None:
    """A probe that runs, fails otherwise, or does not end counts as allowed."""
    for name, statement in {
        "runs": "RETURN 1",
        "fails": "RETURN 1/0",
        "not there": "CALL no.such.procedure()",
        "not parsed": "LOAD THE FILE",
        "not ended": SLOW,
    }.items():
        monkeypatch.setattr(probes, "PROBES", {name: (statement,)})
        assert probes.allowed(bolt) == (name,)


def test_without_read_access_the_probes_say_so(bolt: Bolt, monkeypatch: pytest.MonkeyPatch) -> None:
    """A server that does not hold back writes is found out, and what a probe wrote is undone."""
    monkeypatch.setattr(neo4j, "READ_ACCESS", neo4j.WRITE_ACCESS)
    assert set(probes.allowed(bolt)) >= {"writing", "creating an index"}
    assert probes_left() == 0
