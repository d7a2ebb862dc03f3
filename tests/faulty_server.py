"""An OpenAI-compatible server of the tests' own that does what it is told, well or badly."""

from __future__ import annotations

import json
import socket
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

Reply = Callable[["Handler"], None]
EVENTS = "text/event-stream; charset=utf-8"


class Handler(BaseHTTPRequestHandler):
    """A request; ``reply`` ends it."""

    protocol_version = "HTTP/1.1"
    body: Any = None

    def setup(self) -> None:
        super().setup()
        self.server_state.connections.append(self.connection)

    @property
    def server_state(self) -> Faulty:
        return self.server.state  # type: ignore[attr-defined,no-any-return]

    def do_GET(self) -> None:
        self.server_state.listing(self)

    def do_POST(self) -> None:
        state = self.server_state
        self.body = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
        with state.lock:
            state.requests.append(Request(self.path, dict(self.headers), self.body))
            reply = state.script.pop(0) if state.script else state.otherwise
        with suppress(OSError):
            reply(self)

    def start(self, status: int, kind: str, **headers: str) -> None:
        self.send_response(status)
        self.send_header("Content-Type", kind)
        for name, value in headers.items():
            self.send_header(name.replace("_", "-"), value)
        self.end_headers()

    def whole(self, status: int, data: bytes, kind: str, **headers: str) -> None:
        self.start(status, kind, Content_Length=str(len(data)), **headers)
        self.wfile.write(data)

    def chunk(self, data: bytes) -> None:
        self.wfile.write(b"%x\r\n%s\r\n" % (len(data), data))

    def log_message(self, *_: object) -> None:
        """Silent."""


@dataclass(frozen=True)
class Request:
    """A POST as it came in."""

    path: str
    headers: dict[str, str]
    body: Any


@dataclass
class Faulty:
    """``script``: how the next POSTs are answered, then ``otherwise``; ``requests``: all POSTs."""

    port: int
    otherwise: Reply
    listing: Reply
    script: list[Reply] = field(default_factory=list)
    requests: list[Request] = field(default_factory=list)
    lock: threading.Lock = field(default_factory=threading.Lock)
    connections: list[socket.socket] = field(default_factory=list)
    over: threading.Event = field(default_factory=threading.Event)

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}/v1"


@contextmanager
def faulty_server() -> Iterator[Faulty]:
    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    server.daemon_threads = True
    server.block_on_close = False
    server.handle_error = lambda *_: None  # type: ignore[method-assign]
    state = Faulty(server.server_address[1], says("RETURN 1"), lists("m"))
    server.state = state  # type: ignore[attr-defined]
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
    thread.start()
    try:
        yield state
    finally:
        state.over.set()
        server.shutdown()
        server.server_close()
        for connection in state.connections:
            with suppress(OSError):
                connection.shutdown(socket.SHUT_RDWR)
        thread.join()


# ── replies ──


def event(data: object) -> bytes:
    return b"data: %s\n\n" % (data if isinstance(data, bytes) else json.dumps(data).encode())


def piece(text: str | None = None, finish: str | None = None) -> dict[str, Any]:
    return {"choices": [{"index": 0, "delta": {"content": text}, "finish_reason": finish}]}


def usage(prompt: object = 11, completion: object = 3) -> dict[str, Any]:
    return {
        "choices": [],
        "usage": {"prompt_tokens": prompt, "completion_tokens": completion},
    }


def says(*texts: str, finish: str | None = "stop", counts: bool = True) -> Reply:
    """A sound answer, streamed as asked."""
    events = [event(piece(text)) for text in texts]
    events += [event(piece(finish=finish))] if finish else []
    events += [event(usage())] if counts else []
    return streams(b"".join(events) + event(b"[DONE]"))


def streams(*chunks: bytes, ends: bool = True, **headers: str) -> Reply:
    """Chunks of events; ``ends`` False breaks the connection off after the last of them."""

    def reply(handler: Handler) -> None:
        handler.start(200, EVENTS, Transfer_Encoding="chunked", **headers)
        for data in chunks:
            handler.chunk(data)
        if ends:
            handler.wfile.write(b"0\r\n\r\n")
        else:
            handler.close_connection = True

    return reply


def gives(status: int, body: object, kind: str = "application/json", **headers: str) -> Reply:
    data = body if isinstance(body, bytes) else json.dumps(body).encode()
    return lambda handler: handler.whole(status, data, kind, **headers)


def lists(*names: str, **more: object) -> Reply:
    return gives(200, {"object": "list", "data": [{"id": name, **more} for name in names]})


def drops(handler: Handler) -> None:
    """The connection ends without a word."""
    handler.close_connection = True
    handler.connection.close()


def hangs(handler: Handler) -> None:
    """Nothing comes, until the server ends."""
    handler.server_state.over.wait()


def trickles(handler: Handler) -> None:
    """A comment every few milliseconds, never an answer."""
    handler.start(200, EVENTS, Transfer_Encoding="chunked")
    while not handler.server_state.over.wait(0.02):
        handler.chunk(b": still here\n\n")


def takes(seconds: float, slots: int, text: Callable[[Handler], str]) -> Reply:
    """An answer that takes a while, by a server that works on so many at once."""
    free = threading.Semaphore(slots)

    def reply(handler: Handler) -> None:
        with free:
            handler.server_state.over.wait(seconds)
        says(text(handler))(handler)

    return reply
