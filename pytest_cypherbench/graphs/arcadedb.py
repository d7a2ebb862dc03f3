"""ArcadeDB with its Bolt plugin in a child process: found, started, told what to do, killed.

Knows nothing of graphs or predictions. Does not protect from other users of this machine who may
read this user's processes or files.
"""

from __future__ import annotations

import base64
import http.client
import json
import os
import secrets
import shutil
import socket
import subprocess
import sys
import tempfile
import time
from contextlib import suppress
from http import HTTPStatus
from importlib.metadata import PackageNotFoundError, version
from importlib.util import find_spec
from pathlib import Path

from pytest_cypherbench.errors import EngineError, UserError

HOST = "127.0.0.1"
PACKAGE = "arcadedb-embedded"
READER = "reader"
# Exit status of a JVM under -XX:+ExitOnOutOfMemoryError.
OUT_OF_MEMORY = 3
_START_SECONDS = 60.0
_STOP_SECONDS = 10.0
_DEATH_SECONDS = 2.0
_HEAP = "1g"
# Only what Bolt and openCypher need: no other protocol, console, importer or assistant interface.
_LEFT_OUT = ("console", "graphql", "integration", "mcp", "postgresw", "redisw", "python-bridge")
# The default groups, less the right of everyone to do anything.
_ALL_RECORDS = ["createRecord", "readRecord", "updateRecord", "deleteRecord"]
_GROUPS = {
    "admin": (["updateSecurity", "updateSchema", "updateDatabaseSettings"], _ALL_RECORDS),
    READER: ([], ["readRecord"]),
    "*": ([], []),
}


class ArcadeDb:
    """One running child. Raises UserError if not installed, EngineError if it does not start."""

    def __init__(self) -> None:
        self.version = installed_version().partition(".post")[0]
        self.password = secrets.token_urlsafe(24)
        self._folder = Path(tempfile.mkdtemp(prefix="cypherbench-"))
        self.bolt_port, self._http_port = _free_ports()
        try:
            self._keeper = self._start()
        except OSError as error:
            shutil.rmtree(self._folder, ignore_errors=True)
            raise EngineError(f"cannot start the embedded database: {error}") from error
        try:
            self._await_start()
            self._command("server", f"create user {json.dumps(self._reader())}")
        except EngineError:
            self.close()
            raise

    @property
    def uri(self) -> str:
        """Where Bolt answers."""
        return f"bolt://{HOST}:{self.bolt_port}"

    def create_database(self, name: str) -> None:
        """Make an empty database that ``READER`` may read."""
        self._command("server", f"create database {name}")

    def set_timeout(self, database: str, seconds: float) -> None:
        """Let the server abort statements after this long; the driver's limit it ignores."""
        setting = f"ALTER DATABASE `arcadedb.command.timeout` {max(1, round(seconds * 1000))}"
        self._command(f"command/{database}", setting, language="sql")

    def kill(self) -> None:
        """End the child at once. Safe from any thread; ``close`` is still due."""
        with suppress(OSError, ValueError):
            if self._keeper.stdin is not None:
                self._keeper.stdin.close()

    def status(self) -> int | None:
        """The exit status of a child that has just died, None if it is alive."""
        try:
            return self._keeper.wait(timeout=_DEATH_SECONDS)
        except subprocess.TimeoutExpired:
            return None

    def close(self) -> None:
        """End the child and remove its folder."""
        self.kill()
        try:
            self._keeper.wait(timeout=_STOP_SECONDS)
        except subprocess.TimeoutExpired:
            self._keeper.kill()
            self._keeper.wait()
        shutil.rmtree(self._folder, ignore_errors=True)

    def _reader(self) -> dict[str, object]:
        return {"name": READER, "password": self.password, "databases": {"*": [READER]}}

    def _start(self) -> subprocess.Popen[bytes]:
        """Secrets go through files that only this user can read, never through the command line."""
        config = self._folder / "config"
        config.mkdir()
        (config / "server-groups.json").write_text(json.dumps(_groups()), encoding="utf-8")
        (self._folder / "password").write_text(self.password, encoding="utf-8")
        package = package_folder()
        java = package / "jre" / "bin" / ("java.exe" if os.name == "nt" else "java")
        arguments = [*_jvm_options(package, self._folder), *self._settings()]
        command = [str(java), *arguments, "com.arcadedb.server.ArcadeDBServer"]
        keeper = Path(__file__).with_name("keeper.py")
        return subprocess.Popen(  # noqa: S603 - our own files
            [sys.executable, "-I", "-S", str(keeper), str(self._folder), *command],
            stdin=subprocess.PIPE,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
            start_new_session=True,  # Ctrl-C at the terminal is for us; we then close it
            env={key: value for key, value in os.environ.items() if key not in _JAVA_VARIABLES},
        )

    def _settings(self) -> list[str]:
        settings = {
            "server.rootPath": self._folder,
            "server.rootPasswordPath": self._folder / "password",
            "server.databaseDirectory": self._folder / "databases",
            "server.logsDirectory": self._folder / "log",
            # Not production: that hides the reasons of errors from the client.
            "server.mode": "development",
            "server.plugins": "Bolt:com.arcadedb.bolt.BoltProtocolPlugin",
            "server.httpIncomingHost": HOST,
            "server.httpIncomingPort": self._http_port,
            "server.httpWorkerThreads": 2,
            "serverMetrics": "false",
            "server.healthCheck.enabled": "false",
            "bolt.host": HOST,
            "bolt.port": self.bolt_port,
            "opencypher.loadCsv.allowFileUrls": "false",
            "opencypher.loadCsv.allowRemoteUrls": "false",
        }
        return [f"-Darcadedb.{key}={value}" for key, value in settings.items()]

    def _await_start(self) -> None:
        deadline = time.monotonic() + _START_SECONDS
        while self._keeper.poll() is None and time.monotonic() < deadline:
            with suppress(EngineError):
                self._command("server", "list databases")
                return
            time.sleep(0.05)
        raise EngineError(f"the embedded database did not start: {self._last_words()}")

    def _last_words(self) -> str:
        with suppress(OSError):
            text = (self._folder / "out.log").read_text(encoding="utf-8", errors="replace")
            lines = [line for line in text.splitlines() if line.strip()]
            return (lines or ["it said nothing"])[-1][:200]
        return "it left no log"

    def _command(self, path: str, command: str, language: str | None = None) -> None:
        """One HTTP request as root; urllib is not used because it would heed proxy variables."""
        body = json.dumps({"command": command} | ({"language": language} if language else {}))
        login = base64.b64encode(f"root:{self.password}".encode()).decode()
        headers = {"Authorization": f"Basic {login}", "Content-Type": "application/json"}
        connection = http.client.HTTPConnection(HOST, self._http_port, timeout=30)
        try:
            connection.request("POST", f"/api/v1/{path}", body, headers)
            response = connection.getresponse()
            answer = response.read()
        except (http.client.HTTPException, OSError) as error:
            raise EngineError(f"the embedded database does not answer: {error!r}") from error
        finally:
            connection.close()
        if response.status >= HTTPStatus.BAD_REQUEST:
            raise EngineError(f"the embedded database refused {command!r}: {answer[:200]!r}")


# Variables by which a JVM takes options that are not ours.
_JAVA_VARIABLES = frozenset({"JAVA_TOOL_OPTIONS", "_JAVA_OPTIONS", "JDK_JAVA_OPTIONS", "CLASSPATH"})


def installed_version() -> str:
    """The version of the package. Raises UserError if it is missing."""
    try:
        return version(PACKAGE)
    except PackageNotFoundError as error:
        raise UserError(
            f"--graph-engine embedded needs the package {PACKAGE}", fix=f"pip install {PACKAGE}"
        ) from error


def package_folder() -> Path:
    """The folder with ``jars`` and ``jre``, found without importing the package."""
    spec = find_spec("arcadedb_embedded")
    locations = (spec.submodule_search_locations if spec else None) or [""]
    folder = Path(locations[0])
    if not (folder / "jars").is_dir() or not (folder / "jre").is_dir():
        raise UserError(
            f"the package {PACKAGE} is not whole", fix=f"pip install --force-reinstall {PACKAGE}"
        )
    return folder


def _groups() -> dict[str, object]:
    groups = {
        name: {
            "resultSetLimit": -1,
            "readTimeout": -1,
            "access": rights,
            "types": {"*": {"access": records}},
        }
        for name, (rights, records) in _GROUPS.items()
    }
    return {"version": 1, "databases": {"*": {"groups": groups}}}


def _jvm_options(package: Path, folder: Path) -> list[str]:
    jars = [
        str(jar)
        for jar in sorted((package / "jars").glob("*.jar"))
        if not jar.name.removeprefix("arcadedb-").startswith(_LEFT_OUT)
    ]
    return [
        f"-Xmx{_HEAP}",
        "-XX:+UseSerialGC",
        "-XX:TieredStopAtLevel=1",
        "-XX:+ExitOnOutOfMemoryError",
        "-XX:-UsePerfData",
        f"-Djava.io.tmpdir={folder}",
        "-Djava.awt.headless=true",
        "--add-modules=jdk.incubator.vector",
        "--enable-native-access=ALL-UNNAMED",
        "--add-opens=java.base/java.nio=ALL-UNNAMED",
        "-cp",
        os.pathsep.join(jars),
    ]


def _free_ports() -> tuple[int, int]:
    """Two ports that were free a moment ago; the server has no way to choose and tell its own."""
    with socket.socket() as first, socket.socket() as second:
        first.bind((HOST, 0))
        second.bind((HOST, 0))
        return first.getsockname()[1], second.getsockname()[1]
