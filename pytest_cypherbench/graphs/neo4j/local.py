"""The engine ``neo4j-local``: a Neo4j from the user's disk, started as a private process.

Knows nothing of graphs or predictions. Only the jars are used: never the configuration, data or
plug-ins of that Neo4j. Does not protect from what the jars themselves do.
"""

from __future__ import annotations

import hashlib
import secrets
from typing import TYPE_CHECKING

from pytest_cypherbench.errors import EngineError
from pytest_cypherbench.graphs.neo4j.engine import Neo4j
from pytest_cypherbench.graphs.neo4j.handshake import speaks_bolt
from pytest_cypherbench.graphs.neo4j.installed import MAIN, find_jars, find_java
from pytest_cypherbench.graphs.neo4j.safe import safe_settings
from pytest_cypherbench.graphs.process.child import last_words
from pytest_cypherbench.graphs.process.home import Address
from pytest_cypherbench.graphs.process.jvm import HOST, environment, free_ports
from pytest_cypherbench.graphs.process.lifeline import wait_until
from pytest_cypherbench.graphs.process.shared import SharedHome

if TYPE_CHECKING:
    from pathlib import Path

    from pytest_cypherbench.graphs import EngineSpec
    from pytest_cypherbench.graphs.process.child import Place

USER = "neo4j"
_START_SECONDS = 120.0
_ATTEMPTS = 3
_HASH_ROUNDS = 1024
_TAKEN = "Address already in use"
_JVM = (
    # What ``safe_settings`` asks for.
    "-Xmx512m",
    "-XX:+UseSerialGC",
    "-XX:-UsePerfData",
    "-Djava.awt.headless=true",
    # What Neo4j's own script opens to it.
    "--add-opens=java.base/java.nio=ALL-UNNAMED",
    "--add-opens=java.base/java.io=ALL-UNNAMED",
    "--add-opens=java.base/sun.nio.ch=ALL-UNNAMED",
    "--add-opens=java.base/java.lang=ALL-UNNAMED",
    "--add-opens=java.base/java.util.concurrent=ALL-UNNAMED",
)


class Neo4jLocal(Neo4j):
    """An Engine (see ``graphs``)."""

    name = "neo4j-local"

    def __init__(self, spec: EngineSpec) -> None:
        starter = LocalStarter(find_jars(spec.home), find_java(spec.java_home))
        super().__init__(spec, SharedHome(spec.run_folder, starter))


class LocalStarter:
    """A Starter (see ``shared``) of the Neo4j in ``jars``."""

    def __init__(self, jars: Path, java: Path) -> None:
        self._jars = jars
        self._java = java

    def start(self, place: Place) -> Address:
        """See Starter. A port that was taken since we looked for it is replaced by another."""
        reason = ""
        for _ in range(_ATTEMPTS):
            (port,) = free_ports(1)
            password = secrets.token_urlsafe(24)
            home = place.folder / "home"
            write_home(home, port, password)
            if self._starts(place, home, port):
                return Address(f"bolt://{HOST}:{port}", USER, password, None, place.generation)
            reason = last_words(place.folder, _TAKEN, "ERROR", "Exception")
            if _TAKEN not in reason:
                break
            place.clear()
        raise EngineError(f"the Neo4j in {self._jars} did not start: {reason}")

    def _starts(self, place: Place, home: Path, port: int) -> bool:
        child = place.start(self._command(home), environment=environment())
        wait_until(lambda: not child.is_running() or speaks_bolt(HOST, port), _START_SECONDS)
        return child.is_running() and speaks_bolt(HOST, port)

    def _command(self, home: Path) -> list[str]:
        options = [*_JVM, f"-Djava.io.tmpdir={home}", "-cp", f"{self._jars}/*"]
        folders = [f"--home-dir={home}", f"--config-dir={home / 'conf'}"]
        # Its log goes to stdout, where ``last_words`` finds it, and into no file that grows.
        return [str(self._java), *options, MAIN, *folders, "--console-mode"]


def write_home(home: Path, port: int, password: str) -> None:
    """A Neo4j home with settings and login; secrets stand in files that only this user can read."""
    settings = {
        **safe_settings(),
        "server.default_listen_address": HOST,
        "server.bolt.enabled": "true",
        "server.bolt.listen_address": f"{HOST}:{port}",
        "server.memory.pagecache.size": "64m",
    }
    (home / "conf").mkdir(parents=True)
    (home / "data" / "dbms").mkdir(parents=True)
    text = "".join(f"{name}={value}\n" for name, value in settings.items())
    (home / "conf" / "neo4j.conf").write_text(text, encoding="utf-8")
    (home / "data" / "dbms" / "auth.ini").write_text(_login(password), encoding="ascii")


def _login(password: str) -> str:
    """What ``neo4j-admin dbms set-initial-password`` would write, without its second JVM and with
    no password on its command line."""
    salt = secrets.token_bytes(32)
    digest = hashlib.sha256(salt + password.encode()).digest()
    for _ in range(_HASH_ROUNDS - 1):
        digest = hashlib.sha256(digest).digest()
    return f"{USER}:SHA-256,{digest.hex()},{salt.hex()},{_HASH_ROUNDS}:\n"
