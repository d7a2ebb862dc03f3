"""What there is on this machine to start a Neo4j with: its jars, and a Java that can run them.

Knows nothing of how it is started.
"""

from __future__ import annotations

import re
import shutil
import subprocess
import zipfile
from contextlib import suppress
from pathlib import Path

from pytest_cypherbench.errors import UserError
from pytest_cypherbench.graphs.neo4j.admission import is_new_enough
from pytest_cypherbench.graphs.process.jvm import environment

MAIN = "org.neo4j.server.CommunityEntryPoint"
_ENGINE = "--graph-engine neo4j-local"
_HOME_FIX = "give the folder of a Neo4j 5.26 or newer, or one that holds its jars"
_JAVA_FIX = "install Java 21 or 17 and set JAVA_HOME to it"
_JAVAS = (17, 21)
_SECONDS = 30


def find_jars(home: Path | None) -> Path:
    """The folder of the jars in ``home``: ``lib``, or itself. Raises UserError if they are not
    those of a Neo4j Community Edition that can be used."""
    if home is None:
        raise UserError(f"{_ENGINE} needs a Neo4j", fix="set NEO4J_HOME or --neo4j-home")
    jars = home / "lib" if (home / "lib").is_dir() else home
    if not jars.is_dir():
        raise UserError(f"--neo4j-home {home}: no such folder", fix=_HOME_FIX)
    kernels = sorted(jars.glob("neo4j-kernel-[0-9]*.jar"))
    if not kernels:
        raise UserError(f"--neo4j-home {home}: no jars of a Neo4j there", fix=_HOME_FIX)
    version = kernels[-1].stem.removeprefix("neo4j-kernel-")
    if not is_new_enough(version):
        raise UserError(f"--neo4j-home {home}: Neo4j {version} is too old", fix=_HOME_FIX)
    if not _starts_from(jars, version):
        raise UserError(
            f"--neo4j-home {home}: the jars of Neo4j {version} there have no {MAIN}",
            fix="add the jar org.neo4j:neo4j of this version, with what it needs",
        )
    return jars


def _starts_from(jars: Path, version: str) -> bool:
    """Whether the class that starts a server is there: not in every set of jars for embedding."""
    entry = MAIN.replace(".", "/") + ".class"
    for jar in (jars / f"neo4j-{version}.jar", *sorted(jars.glob("neo4j-server-*.jar"))):
        with suppress(OSError, zipfile.BadZipFile), zipfile.ZipFile(jar) as content:
            if entry in content.NameToInfo:
                return True
    return False


def find_java(java_home: Path | None) -> Path:
    """The ``java`` of JAVA_HOME or PATH. Raises UserError if there is none that Neo4j runs on."""
    where = java_home / "bin" if java_home else None
    found = shutil.which("java", path=str(where) if where else None)
    if found is None:
        at = f"in JAVA_HOME {java_home}" if java_home else "on the PATH"
        raise UserError(f"{_ENGINE} needs Java, and there is none {at}", fix=_JAVA_FIX)
    version = _java_version(found)
    if version not in _JAVAS:
        said = f"Java {version}" if version else "no Java that answers"
        raise UserError(f"{_ENGINE} needs Java 17 or 21; {found} is {said}", fix=_JAVA_FIX)
    return Path(found)


def _java_version(java: str) -> int:
    """21 for 21.0.4, 8 for 1.8.0; 0 if it does not answer."""
    with suppress(OSError, subprocess.TimeoutExpired):
        done = subprocess.run(  # noqa: S603 - the user's own Java
            [java, "-version"],
            capture_output=True,
            text=True,
            timeout=_SECONDS,
            check=False,
            env=environment(),
        )
        if match := re.search(r'version "(?:1\.)?(\d+)', done.stderr):
            return int(match[1])
    return 0
