"""The openai backend against a server of ours that misbehaves, and against llama.cpp's."""

from __future__ import annotations

import gzip
import logging
import os
import signal
import socket
import subprocess
import sys
import threading
import time
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime
from pathlib import Path
from typing import TYPE_CHECKING

import faulty_server as faulty
import pytest
from faulty_server import Faulty, event, faulty_server, gives, piece, says, streams

from pytest_cypherbench.backends import Concurrent, ModelSpec
from pytest_cypherbench.backends.endpoints.address import read_address
from pytest_cypherbench.backends.endpoints.client import Patience
from pytest_cypherbench.backends.endpoints.openai import OpenAI
from pytest_cypherbench.backends.guarded import ask_all, open_backend
from pytest_cypherbench.candidates import check
from pytest_cypherbench.errors import BackendError, CypherbenchError, UserError
from pytest_cypherbench.flow import Generation, Message, ModelInfo, Prompt, Sampling

if TYPE_CHECKING:
    from collections.abc import Iterator

KEY = "sk-test-0123456789abcdef"
QUICK = Patience(tries=4, first_seconds=0.01, longest_seconds=0.3)
PROMPT = Prompt("c1", (Message("system", "Write Cypher."), Message("user", "Who?")), 0)
OK = "MATCH (n) RETURN n"


def spec_of(url: str, *, key: str | None = None, seconds: float | None = 10) -> ModelSpec:
    info = ModelInfo(label=f"openai:m@{url}", backend="openai", variant=f"m@{url}")
    return ModelSpec(info, api_key=key, answer_seconds=seconds)


@contextmanager
def opened(
    url: str, *, key: str | None = None, seconds: float | None = 10, patience: Patience = QUICK
) -> Iterator[OpenAI]:
    model = OpenAI(spec_of(url, key=key, seconds=seconds), patience)
    try:
        yield model
    finally:
        model.close()


@pytest.fixture
def server() -> Iterator[Faulty]:
    with faulty_server() as running:
        yield running


def answer(server: Faulty, *script: faulty.Reply, seconds: float | None = 10) -> Generation:
    server.script = list(script)
    with opened(server.url, seconds=seconds) as model:
        return model.generate(PROMPT, Sampling(max_tokens=20))


def line_of(error: CypherbenchError) -> str:
    line = str(error)
    assert "\n" not in line
    assert "--model openai:" in line
    return line


# ── what is asked and what comes back ──


def test_an_answer_is_streamed_with_its_counts_and_times(server: Faulty) -> None:
    """Text, tokens and finish are the server's; the first text comes before the last."""
    slow = streams(event(piece(OK[:5])), event(piece(OK[5:])), event(piece(finish="length")))
    got = answer(server, says(OK[:5], OK[5:]), slow)
    assert (got.text, got.prompt_tokens, got.output_tokens, got.finish) == (OK, 11, 3, "stop")
    assert got.first_token_seconds is not None
    assert 0 < got.first_token_seconds <= got.seconds < 5
    assert not got.cached
    assert answer(server, slow).finish == "length"


def test_the_request_says_how_to_decode(server: Faulty) -> None:
    """Model, messages, seed, temperature and limit are sent; a raw prompt goes to /completions."""
    with opened(server.url) as model:
        model.generate(PROMPT, Sampling(max_tokens=7, temperature=0.5, seed=3))
        raw = {"choices": [{"text": "RETURN 2", "finish_reason": "stop"}]}
        server.script = [streams(event(raw), event(b"[DONE]"))]
        got = model.generate(Prompt("c", (Message("raw", "-- Who?"),), 0), Sampling())
    chat, text = server.requests
    assert chat.path == "/v1/chat/completions"
    assert chat.body == {
        "model": "m",
        "messages": [
            {"role": "system", "content": "Write Cypher."},
            {"role": "user", "content": "Who?"},
        ],
        "max_tokens": 7, "temperature": 0.5, "seed": 3, "top_p": 1.0,
        "stream": True, "stream_options": {"include_usage": True},
    }  # fmt: skip
    assert (text.path, text.body["prompt"]) == ("/v1/completions", "-- Who?")
    assert "messages" not in text.body
    assert "top_p" not in text.body
    assert got.text == "RETURN 2"


def test_counts_that_a_server_does_not_give_are_unknown(server: Faulty) -> None:
    """No usage, or nonsense in it, is None; an answer that is not streamed has no first token."""
    assert answer(server, says(OK, counts=False)).output_tokens is None
    odd = streams(event(piece(OK, "stop")), event(faulty.usage("7", completion=True)))
    assert (got := answer(server, odd)).prompt_tokens is got.output_tokens is None
    message = {"message": {"role": "assistant", "content": OK}, "finish_reason": "stop"}
    whole = answer(server, gives(200, {"choices": [message], "usage": faulty.usage()["usage"]}))
    assert (whole.text, whole.output_tokens, whole.first_token_seconds) == (OK, 3, None)


def test_a_server_that_refuses_to_count_is_not_asked_again(server: Faulty) -> None:
    """One refusal of stream_options, then every request comes without it."""
    server.script = [gives(400, {"error": {"message": "Extra inputs: stream_options"}})]
    with opened(server.url) as model:
        assert model.generate(PROMPT, Sampling()).text == "RETURN 1"
        assert model.generate(PROMPT, Sampling()).text == "RETURN 1"
    assert ["stream_options" in one.body for one in server.requests] == [True, False, False]


@pytest.mark.parametrize("size", [1, 3, 1000])
@pytest.mark.parametrize("end", [b"\n", b"\r\n"])
def test_events_are_read_however_they_are_cut(server: Faulty, size: int, end: bytes) -> None:
    """Comments, CRLF, split characters, data over two lines, no blank at the end: the same text."""
    text = "MATCH (n {name: 'Zoë ☃'}) RETURN n"
    sent = b": ping\n\nevent: message\nid: 1\ndata:" + event(piece(text[:20]))[6:]
    sent += b'data: {"choices":\ndata: [{"delta": {"content": "' + text[20:].encode() + b'"}}]}\n\n'
    sent += event(piece(finish="stop")) + b": ping\n\ndata: [DONE]"
    data = sent.replace(b"\n", end)
    cut = [data[start : start + size] for start in range(0, len(data), size)]
    assert answer(server, streams(*cut)).text == text


def test_what_the_server_says_of_the_model_is_kept(server: Faulty) -> None:
    """Its words stand in `runtime`; a name that it does not list is noted, not refused."""
    server.listing = faulty.lists("m", owned_by="vllm", max_model_len=4096, root="a\x1b[31m\n")
    with opened(server.url) as model:
        assert "owned_by vllm" in model.info.runtime
        assert "max_model_len 4096" in model.info.runtime
        assert model.info.runtime.isprintable()
    server.listing = faulty.lists("other")
    with opened(server.url) as model:
        assert model.info.notes == ("the server lists no such name, but other",)
    server.listing = gives(404, {"detail": "Not Found"})
    with opened(server.url) as model:
        assert model.info.notes == ()


# ── trouble that passes ──

PASSING = {
    "429": gives(429, {"error": {"message": "slow down"}}, Retry_After="0"),
    "500": gives(500, b"oops", "text/plain"),
    "503": gives(503, {"message": "loading"}),
    "half a stream, cut off": streams(event(piece("MATCH (")), ends=False),
    "half a stream, ended": streams(event(piece("MATCH ("))),
    "half a stream, called done": streams(event(piece("MATCH (")), event(b"[DONE]")),
    "half an event": streams(event(piece("MATCH (")), b'data: {"choices": [{"del'),
    "invalid JSON": streams(event(b"{nonsense}")),
    "JSON that is deep": streams(event(b"[" * 100_000)),
    "JSON that is no object": gives(200, [1]),
    "an error in the stream": streams(event({"error": {"message": "out of slots", "code": 503}})),
    "an error in a 200": gives(200, {"object": "error", "message": "overloaded"}),
    "no choices": gives(200, {"choices": []}),
    "choices of another kind": gives(200, {"choices": ["MATCH"]}),
    "nothing": streams(),
    "a dropped connection": faulty.drops,
}


@pytest.mark.parametrize("reply", PASSING.values(), ids=PASSING.keys())
def test_what_may_pass_is_tried_again(server: Faulty, reply: faulty.Reply) -> None:
    """The second try is answered, whole and from its beginning."""
    assert answer(server, reply, says(OK)).text == OK
    assert len(server.requests) == 2


@pytest.mark.parametrize("reply", PASSING.values(), ids=PASSING.keys())
def test_what_does_not_pass_is_an_error_of_its_case(server: Faulty, reply: faulty.Reply) -> None:
    """After the last try there is one line, and the next prompt is answered."""
    server.script = [reply] * QUICK.tries
    with opened(server.url) as model:
        with pytest.raises(BackendError, match="4 tries") as caught:
            model.generate(PROMPT, Sampling())
        line_of(caught.value)
        assert model.generate(PROMPT, Sampling()).text == "RETURN 1"
    assert len(server.requests) == QUICK.tries + 1


def test_waits_double_and_heed_the_server() -> None:
    """Waits grow, differ by chance, are never shorter than the server asks, and have a limit."""
    patience = Patience(first_seconds=1, longest_seconds=20)
    for failures, most in ((1, 1), (2, 2), (3, 4), (9, 20)):
        waits = [patience.wait(failures, 0.0) for _ in range(50)]
        assert most / 2 <= min(waits) <= max(waits) <= most
        assert len(set(waits)) > 1 or most == 20
    assert 7 < patience.wait(1, 7.0) <= 8
    assert patience.wait(1, 1e9) == 20


@pytest.mark.parametrize(
    ("header", "least", "most"),
    [
        ("0.25", 0.25, 0.32),
        ("3600", 0.3, 0.4),  # the longest wait that QUICK allows
        ("in a date", 0.3, 0.4),
        ("-5", 0.0, 0.1), ("inf", 0.0, 0.1), ("soon", 0.0, 0.1), ("", 0.0, 0.1),
    ],
)  # fmt: skip
def test_retry_after_is_heeded_within_reason(
    server: Faulty, header: str, least: float, most: float
) -> None:
    """Seconds and dates are waited for, up to the longest wait; nonsense is ignored."""
    later = format_datetime(datetime.now(UTC) + timedelta(seconds=30), usegmt=True)
    header = later if header == "in a date" else header
    server.script = [gives(429, {}, Retry_After=header)]
    with opened(server.url) as model:
        started = time.perf_counter()
        got = model.generate(PROMPT, Sampling())
        took = time.perf_counter() - started
    assert least <= took <= most + 0.3
    assert got.seconds < 0.25  # the time of the try that succeeded


# ── trouble that does not ──


@pytest.mark.parametrize(
    ("reply", "reason"),
    [
        (gives(400, {"error": {"message": "context is 2048 tokens"}}), "context is 2048 tokens"),
        (gives(413, b"<html>", "text/html"), "answers 413"),
        (gives(422, {"detail": [{"msg": "bad\nfield"}]}), "bad"),
        (streams(event({"error": {"message": "too long", "code": 400}})), "too long"),
        (gives(200, b"<html>Welcome", "text/html"), "'text/html' instead of JSON"),
        (gives(200, b"{}", ""), "instead of JSON"),
        (streams(gzip.compress(event(piece(OK))), Content_Encoding="gzip"), "compressed"),
    ],
)
def test_what_cannot_pass_is_tried_once(server: Faulty, reply: faulty.Reply, reason: str) -> None:
    """One line with the server's reason, after one try."""
    with pytest.raises(BackendError, match=reason) as caught:
        answer(server, reply)
    line_of(caught.value)
    assert len(server.requests) == 1


@pytest.mark.parametrize(
    ("reply", "fix"),
    [
        (gives(401, {"error": {"message": "no key"}}), "asks for a key.*set OPENAI_API_KEY"),
        (gives(403, {"error": {"message": "no"}}), "set OPENAI_API_KEY"),
        (gives(404, {"error": {"message": "The model `m` does not exist."}}), "`m` does not exist.*NAME must be one"),
    ],
)  # fmt: skip
def test_a_wrong_key_or_name_ends_the_run(server: Faulty, reply: faulty.Reply, fix: str) -> None:
    """No case can be answered: a UserError with its fix, after one try."""
    with pytest.raises(UserError, match=fix) as caught:
        answer(server, reply)
    line_of(caught.value)
    assert len(server.requests) == 1


@pytest.mark.parametrize("status", [301, 302, 307, 308])
def test_a_redirect_is_not_followed(server: Faulty, status: int) -> None:
    """The other host hears nothing, and the line names it without what else stands there."""
    with faulty_server() as other:
        place = f"http://user:secret@localhost:{other.port}/v1/chat/completions"
        with pytest.raises(UserError, match="redirects to localhost") as caught:
            answer(server, gives(status, {}, Location=place))
        assert "secret" not in line_of(caught.value)
        assert other.requests == []


@pytest.mark.parametrize("declared", [True, False])
def test_ten_megabytes_are_refused_before_they_are_here(server: Faulty, declared: bool) -> None:
    """A chunk larger than any answer is cut off while it comes in: most of it is never sent."""
    size = 10 * 2**20
    sent: list[int] = []

    def floods(handler: faulty.Handler) -> None:
        length = {"Content_Length": str(size)} if declared else {"Transfer_Encoding": "chunked"}
        handler.start(200, faulty.EVENTS, **length)
        if not declared:
            handler.wfile.write(b"%x\r\n" % size)
        sent.extend(handler.wfile.write(b"x" * 2**16) for _ in range(size // 2**16))

    with pytest.raises(BackendError, match="more than 1,130,496 bytes") as caught:
        answer(server, floods)
    line_of(caught.value)
    assert sum(sent) < size
    assert len(server.requests) == 1


@pytest.mark.parametrize("reply", [faulty.hangs, faulty.trickles])
def test_an_answer_that_does_not_come_is_given_up(server: Faulty, reply: faulty.Reply) -> None:
    """Within the time for an answer there is one line, whether nothing comes or only comments."""
    started = time.perf_counter()
    with pytest.raises(BackendError, match=r"within 0\.38 s.*--generation-timeout"):
        answer(server, reply, seconds=0.4)
    assert time.perf_counter() - started < 2


def test_an_interrupt_ends_an_answer(server: Faulty) -> None:
    """Ctrl-C leaves no request behind, and the model answers the next prompt."""
    server.script = [faulty.hangs]
    with opened(server.url) as model:
        previous = signal.signal(
            signal.SIGALRM, lambda *_: (_ for _ in ()).throw(KeyboardInterrupt)
        )
        signal.setitimer(signal.ITIMER_REAL, 0.2)
        try:
            with pytest.raises(KeyboardInterrupt):
                model.generate(PROMPT, Sampling())
        finally:
            signal.setitimer(signal.ITIMER_REAL, 0)
            signal.signal(signal.SIGALRM, previous)
        assert model.generate(PROMPT, Sampling()).text == "RETURN 1"


def test_a_server_that_is_not_there_is_named_at_the_start() -> None:
    """Nothing listens: one line with the way out, before the first case."""
    with socket.socket() as unused:
        unused.bind(("127.0.0.1", 0))
        url = f"http://127.0.0.1:{unused.getsockname()[1]}/v1"
    with pytest.raises(UserError, match=r"cannot be reached.*start the server") as caught:
        OpenAI(spec_of(url), QUICK)
    line_of(caught.value)
    assert not [one for one in threading.enumerate() if one.name == "cypherbench-openai"]


def test_a_server_that_went_away_ends_the_run() -> None:
    """Every case to come would fail the same way: a UserError, and --resume can go on."""
    with faulty_server() as other:
        model = OpenAI(spec_of(other.url), QUICK)
    with pytest.raises(UserError, match="cannot be reached"):
        model.generate(PROMPT, Sampling())
    model.close()


# ── the key, the label, the way there ──


def test_the_key_is_sent_and_never_shown(server: Faulty, caplog: pytest.LogCaptureFixture) -> None:
    """It stands in one header; not in the spec, the info, an error, a text or a log."""
    caplog.set_level(logging.DEBUG)
    echo = {"error": {"message": f"Incorrect API key provided: {KEY}. Bearer {KEY}"}}
    for reply in (gives(400, echo), gives(500, echo), gives(401, echo), streams(event(echo))):
        server.script = [reply] * QUICK.tries
        with opened(server.url, key=KEY) as model, pytest.raises(CypherbenchError) as caught:
            model.generate(PROMPT, Sampling())
        assert KEY not in line_of(caught.value)
        assert KEY not in repr(model.info)
    with opened(server.url, key=KEY) as model:
        server.script = [says("MATCH ", KEY[:9], KEY[9:])]
        assert model.generate(PROMPT, Sampling()).text == "MATCH ***"
    assert {one.headers["Authorization"] for one in server.requests} == {f"Bearer {KEY}"}
    assert KEY not in repr(spec_of(server.url, key=KEY))
    assert KEY not in caplog.text
    with opened(server.url) as model:
        model.generate(PROMPT, Sampling())
    assert "Authorization" not in server.requests[-1].headers


@pytest.mark.parametrize(
    "key", ["sk-secret-1\n", "sk-secret-1\r\nX: y", " sk-secret-1", "sk-sécret-1"]
)
def test_a_key_that_no_header_holds_is_refused(key: str) -> None:
    """A line end or a letter beyond ASCII is named, not shown."""
    with pytest.raises(UserError, match="OPENAI_API_KEY") as caught:
        open_backend(spec_of("http://127.0.0.1:1/v1", key=key))
    assert "cret-1" not in str(caught.value)


@pytest.mark.parametrize(
    "rest",
    [
        "m@https://user:secret@host/v1", "m@http://secret@host/v1", "https://user:secret@host/v1",
        "m@ftp://user:secret@host", "m@host:8000/secret", "m@http://", "m@http://host:secret/v1",
        "m@http://host/v1?key=secret", "m@http://host/v1#secret", "m@http://[::1/secret",
        "@http://host/v1", "m@http://host/v1\nsecret", "m@http://evil\\@host", "", "secret",
    ],
)  # fmt: skip
def test_labels_that_cannot_be_meant_are_refused_unrepeated(rest: str) -> None:
    """One line says what is wrong; a password in a label is not repeated."""
    with pytest.raises(UserError) as caught:
        check(f"openai:{rest}", candidate="", folders=[])
    assert "secret" not in line_of(caught.value)
    assert caught.value.fix


def test_labels_name_model_and_address() -> None:
    """A name may hold slashes, colons and @; a slash at the end of the address does not count."""
    assert read_address("m@http://h/v1/") == read_address("m@http://h/v1")
    assert read_address("Qwen/Q-0.5B:q4@http://h:1/v1").model == "Qwen/Q-0.5B:q4"
    assert read_address("m@2024@https://h/v1").model == "m@2024"


@pytest.mark.parametrize(
    ("host", "loopback"),
    [
        ("127.0.0.1", True), ("127.8.9.1", True), ("localhost", True), ("LOCALHOST", True),
        ("a.localhost", True), ("[::1]", True), ("[::ffff:127.0.0.1]", True), ("0.0.0.0", True),  # noqa: S104 as it is written
        ("10.0.0.1", False), ("localhost.example.org", False), ("example.org", False),
    ],
)  # fmt: skip
def test_loopback_is_known_by_its_names(host: str, loopback: bool) -> None:
    """All of 127/8, ::1 and localhost, and nothing that only looks like it."""
    assert read_address(f"m@http://{host}:80/v1").is_loopback is loopback


def test_a_proxy_is_for_servers_elsewhere(server: Faulty, monkeypatch: pytest.MonkeyPatch) -> None:
    """A proxy in the environment gets no request to this machine, and those to others."""
    with faulty_server() as proxy:
        for name in ("HTTP_PROXY", "http_proxy", "ALL_PROXY", "all_proxy"):
            monkeypatch.setenv(name, f"http://127.0.0.1:{proxy.port}")
        monkeypatch.delenv("NO_PROXY", raising=False)
        monkeypatch.delenv("no_proxy", raising=False)
        with opened(server.url) as model:
            model.generate(PROMPT, Sampling())
        assert (len(server.requests), len(proxy.requests)) == (1, 0)
        with opened("http://model.invalid/v1") as model:
            model.generate(PROMPT, Sampling())
        assert proxy.requests[0].path == "http://model.invalid/v1/chat/completions"


# ── several at once ──


def numbered(count: int) -> list[Prompt]:
    return [Prompt(str(n), (Message("user", str(n)),), 0) for n in range(count)]


def content(handler: faulty.Handler) -> str:
    return str(handler.body["messages"][-1]["content"])


def test_a_window_keeps_the_order_and_each_error_to_its_prompt(server: Faulty) -> None:
    """Answers stand in the order of their prompts, and where one fails its error does."""

    def reply(handler: faulty.Handler) -> None:
        number = int(content(handler))
        time.sleep(0.02 * (5 - number % 5))
        if number == 3:
            gives(400, {"error": "no three"})(handler)
        else:
            says(str(number))(handler)

    server.otherwise = reply
    with opened(server.url) as model:
        assert isinstance(model, Concurrent)
        got = list(ask_all(model, numbered(12), Sampling(), window=5))
    assert isinstance(got[3], BackendError)
    assert "no three" in line_of(got[3])
    texts = [one.text for one in got if isinstance(one, Generation)]
    assert texts == [str(number) for number in range(12) if number != 3]


def test_a_window_is_never_exceeded_and_reads_prompts_late(server: Faulty) -> None:
    """At no time are more under way than asked for, nor more prompts read than needed."""
    lock, busy, most, read = threading.Lock(), 0, 0, 0

    def reply(handler: faulty.Handler) -> None:
        nonlocal busy, most
        with lock:
            busy += 1
            most = max(most, busy)
        time.sleep(0.03)
        with lock:
            busy -= 1
        says(content(handler))(handler)

    def prompts() -> Iterator[Prompt]:
        nonlocal read
        for prompt in numbered(40):
            read += 1
            yield prompt

    server.otherwise = reply
    with opened(server.url) as model:
        answers = ask_all(model, prompts(), Sampling(), window=4)
        for taken in range(1, 11):
            next(answers)
            assert read == taken + 4
        answers.close()
        assert most == 4


def test_a_window_that_is_left_drops_what_is_under_way(server: Faulty) -> None:
    """To stop in the middle waits for nothing."""
    server.script = [says("first")]
    server.otherwise = faulty.hangs
    with opened(server.url) as model:
        answers = ask_all(model, numbered(8), Sampling(), window=4)
        first = next(answers)
        assert isinstance(first, Generation)
        started = time.perf_counter()
        answers.close()
    assert time.perf_counter() - started < 1


# ── llama.cpp's server ──


@pytest.fixture(scope="module")
def llama(smollm2: ModelSpec) -> Iterator[str]:
    """llama-cpp-python's own server, which answers one prompt after the other."""
    pytest.importorskip("uvicorn")
    with socket.socket() as unused:
        unused.bind(("127.0.0.1", 0))
        port = unused.getsockname()[1]
    options = {
        "--model": smollm2.path, "--model_alias": "smollm2", "--port": port, "--n_ctx": 512,
        "--n_threads": 1, "--n_threads_batch": 1, "--interrupt_requests": False, "--api_key": KEY,
    }  # fmt: skip
    line = [sys.executable, "-m", "llama_cpp.server", *map(str, sum(options.items(), ()))]
    process = subprocess.Popen(line, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    try:
        until = time.monotonic() + 60
        while process.poll() is None and time.monotonic() < until:
            with socket.socket() as client:
                if client.connect_ex(("127.0.0.1", port)) == 0:
                    break
            time.sleep(0.1)
        yield f"http://127.0.0.1:{port}/v1"
    finally:
        process.kill()
        process.wait()


def test_llama_cpp_answers(llama: str) -> None:
    """A real model is streamed, its first token timed; where it starts from the same state, the
    same prompt gives the same text (it keeps the state of the prompt before, which can change one).
    """
    with opened(llama, key=KEY, seconds=60) as model:
        _, first, again = (model.generate(PROMPT, Sampling(max_tokens=8)) for _ in range(3))
        assert first.text == again.text != ""
        assert (first.finish, first.prompt_tokens) == ("length", None)  # it streams no counts
        assert 0 < (first.first_token_seconds or 0) < first.seconds
        raw = Prompt("raw", (Message("raw", "1, 2, 3, 4,"),), 0)
        assert "5" in model.generate(raw, Sampling(max_tokens=4)).text
        assert "smollm2" in model.info.notes[0]


def test_llama_cpp_takes_a_window(llama: str) -> None:
    """Four at once are all answered by a server that answers one by one."""
    prompts = [Prompt(q, (Message("raw", f"{q} plus 1 is"),), 0) for q in ("1", "2", "3", "4")]
    with opened(llama, key=KEY, seconds=60) as model:
        got = list(ask_all(model, prompts, Sampling(4), window=4))
    assert [one.text != "" for one in got if isinstance(one, Generation)] == [True] * 4


def test_llama_cpp_refuses(llama: str) -> None:
    """A wrong key ends the run; a prompt too long, at which it closes the stream, ends its case."""
    with pytest.raises(UserError, match="set OPENAI_API_KEY"):
        OpenAI(spec_of(llama, key="sk-of-someone-else"), QUICK)
    with opened(llama, key=KEY, seconds=60) as model:
        long = Prompt("long", (Message("user", "word " * 2000),), 0)
        with pytest.raises(BackendError, match=r"4 tries.*log") as caught:
            model.generate(long, Sampling(4))
        line_of(caught.value)


# ── a whole run ──


def test_a_run_judges_a_served_model_and_keeps_the_key_out(
    server: Faulty, pytester: pytest.Pytester, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The key reaches the server from the environment, and nothing that the run writes or says."""
    folder = pytester.path / "cases" / "graphs" / "dot"
    folder.mkdir(parents=True)
    manifest = "nodes:\n  - {labels: [Dot], file: d.csv, id: id, properties: {id: integer}}\n"
    (folder / "graph.yaml").write_text(manifest)
    (folder / "d.csv").write_text("id\n1\n")
    (pytester.path / "cases" / "dots").mkdir()
    rows = "".join(
        f"- {{id: c{n}, graph: dot, question: Q{n}, reference: RETURN 1}}\n" for n in range(2)
    )
    (pytester.path / "cases" / "dots" / "all.yaml").write_text(rows)
    monkeypatch.delenv("NEO4J_URI", raising=False)
    monkeypatch.setenv("OPENAI_API_KEY", KEY)
    echo = {"error": {"message": f"bad key {KEY}"}}
    server.otherwise = lambda handler: (
        gives(400, echo)
        if "Q1" in content(handler) and handler.body["max_tokens"] > 1
        else says("RETURN 1")
    )(handler)
    result = pytester.run(
        sys.executable, "-m", "pytest", "--model", f"openai:m@{server.url}",
        "--graph-engine", "embedded", "--graph-variants", "0", "--benchmark-json", "out.json",
    )  # fmt: skip
    result.assert_outcomes(passed=1, errors=1)
    assert server.requests[0].headers["Authorization"] == f"Bearer {KEY}"
    result.stdout.fnmatch_lines(["*bad key ***"])
    written = [path.read_bytes() for path in Path(pytester.path).rglob("*") if path.is_file()]
    assert not any(KEY.encode() in data for data in written)
    assert KEY not in result.stdout.str() + result.stderr.str()
    assert os.environ["OPENAI_API_KEY"] == KEY
