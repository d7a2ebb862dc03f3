"""ArcadeDB with its Bolt plugin in a child process: found, started, told what to do, killed.

Knows nothing of graphs or predictions. Does not protect from other users of this machine who may
read this user's processes or files.
"""

from __future__ import annotations

import base64
import http.client
import json
import secrets
import tempfile
import time
from contextlib import suppress
from http import HTTPStatus
from pathlib import Path

from pytest_cypherbench.errors import EngineError
from pytest_cypherbench.graphs.embedded.command import (
    READER,
    classes_file,
    command,
    installed_version,
    write_files,
)
from pytest_cypherbench.graphs.process.child import Child, last_words
from pytest_cypherbench.graphs.process.classes import Classes
from pytest_cypherbench.graphs.process.jvm import HOST, OUT_OF_MEMORY, environment, free_ports
from pytest_cypherbench.graphs.process.lifeline import Lifeline, wait_until

__all__ = ["OUT_OF_MEMORY", "READER", "ArcadeDb", "start"]

_START_SECONDS = 60.0
_STOP_SECONDS = 10.0
# To end and write down its classes takes it four on an idle machine; it is waited for once.
_RECORD_SECONDS = 60.0
_DEATH_SECONDS = 2.0


def start(state: Path | None) -> ArcadeDb:
    """A new child, with the classes that are kept in ``state``, if any are, and if it starts with
    them. Raises as ArcadeDb does."""
    classes = Classes(classes_file(state) if state else None)
    try:
        return ArcadeDb(classes)
    except EngineError:
        if not classes.discard():
            raise
        return ArcadeDb()


class ArcadeDb:
    """One running child. Raises UserError if not installed, EngineError if it does not start."""

    def __init__(self, classes: Classes | None = None) -> None:
        self._classes = classes or Classes(None)
        self.version = installed_version().partition(".post")[0]
        self.password = secrets.token_urlsafe(24)
        self.bolt_port, self._http_port = free_ports(2)
        # A lifeline of its own: a query that is killed with its child takes no other process's.
        name = f"cypherbench-{secrets.token_hex(8)}"
        self._child: Child | None = None
        self._lifeline = Lifeline(Path(tempfile.gettempdir()) / name)
        try:
            self._child = self._start()
            self._await_start()
            self._command("server", f"create user {json.dumps(self._reader())}")
        except OSError as error:
            self.close()
            raise EngineError(f"cannot start the embedded database: {error}") from error
        except BaseException:
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

    @property
    def folder(self) -> Path:
        """Where its files lie until it is closed."""
        return self._lifeline.folder

    @property
    def keeper_pid(self) -> int:
        """The process that keeps it."""
        return 0 if self._child is None else self._child.keeper_pid

    def status(self) -> int | None:
        """The exit status of a child that has just died, None if it is alive or nobody knows."""
        child = self._child
        if child is None:
            return None
        wait_until(lambda: not child.is_running(), _DEATH_SECONDS)
        return child.status()

    def leave_classes(self) -> None:
        """Where nobody has, end the child so that the next ones start faster."""
        if self._child is None or not self._classes.recording:
            return
        with suppress(EngineError):
            self._command("server", "shutdown")
            wait_until(lambda: not self._child_runs(), _RECORD_SECONDS)
        if self._child.status() is not None:
            self._classes.keep()

    def close(self) -> None:
        """End the child and remove its folder."""
        self._classes.release()
        self._lifeline.close()
        if self._child is not None:
            self._child.reap(_STOP_SECONDS)
            self._child = None

    def _reader(self) -> dict[str, object]:
        return {"name": READER, "password": self.password, "databases": {"*": [READER]}}

    def _start(self) -> Child:
        folder = self._lifeline.folder
        write_files(folder, self.password)
        more = self._classes.options(folder)
        arguments = command(folder, self.bolt_port, self._http_port, more)
        return Child(self._lifeline, folder, arguments, environment=environment())

    def _child_runs(self) -> bool:
        return self._child is not None and self._child.is_running()

    def _await_start(self) -> None:
        deadline = time.monotonic() + _START_SECONDS
        while self._child_runs() and time.monotonic() < deadline:
            with suppress(EngineError):
                self._command("server", "list databases")
                return
            time.sleep(0.05)
        words = last_words(self._lifeline.folder)
        raise EngineError(f"the embedded database did not start: {words}")

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
