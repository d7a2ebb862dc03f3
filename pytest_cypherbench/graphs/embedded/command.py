"""How ArcadeDB is started: its package, the JVM's options, the server's settings and rights.

Knows nothing of processes: it makes a command line and the files that this refers to.
"""

from __future__ import annotations

import hashlib
import json
import os
from importlib.metadata import PackageNotFoundError, version
from importlib.util import find_spec
from pathlib import Path
from typing import TYPE_CHECKING

from pytest_cypherbench.errors import UserError
from pytest_cypherbench.graphs.process.jvm import HOST

if TYPE_CHECKING:
    from collections.abc import Iterable

PACKAGE = "arcadedb-embedded"
READER = "reader"
_HEAP = "1g"
_MAIN = "com.arcadedb.server.ArcadeDBServer"
# Only what Bolt and openCypher need: no other protocol, console, importer or assistant interface.
_LEFT_OUT = ("console", "graphql", "integration", "mcp", "postgresw", "redisw", "python-bridge")
# The default groups, less the right of everyone to do anything.
_ALL_RECORDS = ["createRecord", "readRecord", "updateRecord", "deleteRecord"]
_GROUPS = {
    "admin": (["updateSecurity", "updateSchema", "updateDatabaseSettings"], _ALL_RECORDS),
    READER: ([], ["readRecord"]),
    "*": ([], []),
}


def write_files(folder: Path, password: str) -> None:
    """What the command refers to: rights and root's password, which no command line shows."""
    config = folder / "config"
    config.mkdir()
    (config / "server-groups.json").write_text(json.dumps(_groups()), encoding="utf-8")
    (folder / "password").write_text(password, encoding="utf-8")


def command(folder: Path, bolt_port: int, http_port: int, more: Iterable[str] = ()) -> list[str]:
    """The command line of a server in ``folder``, with ``more`` options for its JVM. Raises
    UserError if it is not installed whole."""
    package = package_folder()
    java = package / "jre" / "bin" / ("java.exe" if os.name == "nt" else "java")
    settings = _settings(folder, bolt_port, http_port)
    options = [f"-Darcadedb.{key}={value}" for key, value in settings.items()]
    return [str(java), *_jvm_options(package, folder), *more, *options, _MAIN]


def classes_file(folder: Path) -> Path:
    """Where in ``folder`` the classes of the installed server are kept: another installation has
    another file. Raises UserError if it is not installed whole."""
    parts = [installed_version(), str(package := package_folder())]
    parts += [str((package / part).stat().st_mtime_ns) for part in ("jars", "jre")]
    return folder / f"classes-{hashlib.sha256(' '.join(parts).encode()).hexdigest()[:16]}.aot"


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


def _settings(folder: Path, bolt_port: int, http_port: int) -> dict[str, object]:
    return {
        "server.rootPath": folder,
        "server.rootPasswordPath": folder / "password",
        "server.databaseDirectory": folder / "databases",
        "server.logsDirectory": folder / "log",
        # Not production: that hides the reasons of errors from the client.
        "server.mode": "development",
        "server.plugins": "Bolt:com.arcadedb.bolt.BoltProtocolPlugin",
        "server.httpIncomingHost": HOST,
        "server.httpIncomingPort": http_port,
        "server.httpWorkerThreads": 2,
        "serverMetrics": "false",
        "server.healthCheck.enabled": "false",
        "bolt.host": HOST,
        "bolt.port": bolt_port,
        "opencypher.loadCsv.allowFileUrls": "false",
        "opencypher.loadCsv.allowRemoteUrls": "false",
    }
