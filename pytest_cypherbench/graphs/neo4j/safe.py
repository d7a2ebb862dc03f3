"""Settings of the Neo4j servers that we start, each with its reason; run as a script: neo4j.conf.

Knows nothing of how a server is started. Standard library only and no import of ours, so that a
script can ask for the settings before anything is installed. Does not protect from what Neo4j's
memory accounting does not see, such as one huge string: the heap limit and a new start do.
"""

from __future__ import annotations

import sys

# Read-only procedures that tell nothing but the graph's own schema: all that a prediction may call.
PROCEDURES = (
    "db.labels",
    "db.relationshipTypes",
    "db.propertyKeys",
    "db.schema.visualization",
    "db.schema.nodeTypeProperties",
    "db.schema.relTypeProperties",
)
# What we call ourselves, to learn the version.
_OURS = ("dbms.components",)

_SETTINGS = (
    # ── nothing reaches out ──
    # LOAD CSV reads the server's files by default, with the server's rights.
    ("dbms.security.allow_csv_import_from_file_urls", "false"),
    # Where it would read, were it allowed to: a folder that nobody makes, not the server's home.
    ("server.directories.import", "import"),
    # LOAD CSV over http, https and ftp: no address may be connected to, on either protocol. The
    # setting has no public name in 5.26 and is the only one that there is; the start-up probes
    # tell if a server does not heed it.
    ("internal.dbms.cypher_ip_blocklist", "0.0.0.0/0,::/0"),
    # Nothing is told about us.
    ("dbms.usage_report.enabled", "false"),
    ("server.bolt.telemetry.enabled", "false"),
    # ── nothing but queries ──
    # No APOC: plug-ins are looked for in a folder that nobody makes, and none is on the list. The
    # list does not hold back what Neo4j brings along (dbms.listConfig): ``explain`` does.
    ("server.directories.plugins", "no-plugins"),
    ("dbms.security.procedures.allowlist", ",".join((*PROCEDURES, *_OURS))),
    # None may go round the rights of who calls it.
    ("dbms.security.procedures.unrestricted", ""),
    # Whoever else is on this machine does not know the password.
    ("dbms.security.auth_enabled", "true"),
    # Bolt is enough; a port that is not there is not attacked.
    ("server.http.enabled", "false"),
    ("server.https.enabled", "false"),
    # Queries and parameters are not written to the disk.
    ("db.logs.query.enabled", "OFF"),
    # ── nothing runs away ──
    # For transactions that bring no limit of their own; each prediction's does.
    ("db.transaction.timeout", "600s"),
    # How often limits are looked at: at every 2 s, a query may live that much longer.
    ("db.transaction.monitor.check.interval", "200ms"),
    # A query that sorts or collects too much fails alone. Together they fit into a heap of 512 MB.
    ("db.memory.transaction.max", "192m"),
    ("dbms.memory.transaction.total.max", "320m"),
    ("dbms.memory.tracking.enable", "true"),
    # A setting above that this server does not know ends its start: none is silently missing.
    ("server.config.strict_validation.enabled", "true"),
)


def safe_settings() -> dict[str, str]:
    """Name → value for ``neo4j.conf`` of Neo4j 5.26; addresses, ports and folders are the home's,
    and it must give the server a heap of 512 MB or more."""
    return dict(_SETTINGS)


if __name__ == "__main__":
    sys.stdout.writelines(f"{name}={value}\n" for name, value in _SETTINGS)
