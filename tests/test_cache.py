"""The cache of generations: its keys, its file, its command."""

from __future__ import annotations

import json
import multiprocessing
import sqlite3
from dataclasses import fields, replace
from pathlib import Path
from time import time
from typing import Any

import pytest

from pytest_cypherbench.__main__ import main
from pytest_cypherbench.cache import FILE, Cache, CacheKey
from pytest_cypherbench.errors import UserError
from pytest_cypherbench.flow import Generation, Message, Prompt, Sampling

PROMPT = Prompt("c1", (Message("system", "Write Cypher."), Message("user", "Who?")), 2)
KEY = CacheKey(
    backend="gguf",
    variant="q4_k_m",
    weights_sha256="ab" * 32,
    weights_bytes=100,
    runtime="llama-cpp-python 0.3.36",
    prompt=PROMPT,
    sampling=Sampling(256, 0.0, 0),
)
MADE = Generation('RETURN "é☃\ud83d"', 10, 3, 0.5, 0.1, "stop")


def messages(*contents: str, roles: tuple[Any, ...] = ("system", "user")) -> Prompt:
    return replace(PROMPT, messages=tuple(map(Message, roles, contents)))


CHANGES: dict[str, dict[str, Any]] = {
    "backend": {"backend": "hf"},
    "variant": {"variant": "q8_0"},
    "weights": {"weights_sha256": "cd" * 32},
    "no weights known": {"weights_sha256": None},
    "size": {"weights_bytes": 101},
    "version of the library": {"runtime": "llama-cpp-python 0.3.37"},
    "adapter": {"adapter_sha256": "ef" * 32},
    "tokenizer": {"tokenizer_sha256": "01"},
    "chat template": {"chat_template_sha256": "02"},
    "threads": {"threads": 2},
    "context": {"context_tokens": 4096},
    "device": {"device": "cuda"},
    "batch size": {"batch_size": 8},
    "constraint": {"constraint": "root ::= query"},
    "endpoint": {"endpoint": "http://127.0.0.1:8000/v1"},
    "our own format": {"format": 2},
    "sample": {"sample": 1},
    "max tokens": {"sampling": Sampling(255, 0.0, 0)},
    "temperature": {"sampling": Sampling(256, 0.1, 0)},
    "seed": {"sampling": Sampling(256, 0.0, 1)},
    "question": {"prompt": messages("Write Cypher.", "Who? ")},
    "system text": {"prompt": messages("Write Cypher", "Who?")},
    "role": {"prompt": messages("Write Cypher.", "Who?", roles=("user", "user"))},
    "order of messages": {"prompt": replace(PROMPT, messages=PROMPT.messages[::-1])},
    "message more": {"prompt": replace(PROMPT, messages=(*PROMPT.messages, PROMPT.messages[1]))},
    "message less": {"prompt": replace(PROMPT, messages=PROMPT.messages[1:])},
    "text moved between messages": {"prompt": messages("Write Cypher.W", "ho?")},
    "shared part": {"prompt": replace(PROMPT, shared_chars=3)},
    "message that asks": {"prompt": replace(PROMPT, asks=0)},
}


@pytest.fixture
def cache(tmp_path: Path) -> Any:
    opened = Cache(tmp_path / "sub" / FILE)
    yield opened
    opened.close()


# ── keys ──


@pytest.mark.parametrize("change", CHANGES.values(), ids=CHANGES.keys())
def test_any_change_of_what_a_generation_depends_on_misses(
    cache: Cache, change: dict[str, Any]
) -> None:
    """One input changed, and the cache holds nothing; unchanged, it holds the generation."""
    cache.put(KEY.sha256, "gguf:q4_k_m", MADE)
    assert cache.get(replace(KEY, **change).sha256) is None
    assert cache.get(replace(KEY).sha256) == replace(MADE, cached=True)


def test_every_field_of_a_key_is_tried() -> None:
    """The list of changes above leaves no field out, and no two changes come to one key."""
    changed = {name for change in CHANGES.values() for name in change}
    assert changed == {field.name for field in fields(CacheKey)}
    assert len(CHANGES) >= 20
    hashes = {replace(KEY, **change).sha256 for change in CHANGES.values()}
    assert len(hashes | {KEY.sha256}) == len(CHANGES) + 1


def test_a_key_is_the_same_everywhere() -> None:
    """It does not change from process to process; 0 is 0.0; the case's id does not count."""
    same = replace(KEY, prompt=replace(PROMPT, case_id="c2"), sampling=Sampling(256, 0, 0))
    assert same.sha256 == KEY.sha256
    with multiprocessing.get_context("spawn").Pool(1) as pool:
        assert pool.apply(hash_of, (KEY,)) == KEY.sha256
    odd = replace(KEY, prompt=messages("\ud800", "é"))
    assert len(odd.sha256) == 64


def hash_of(key: CacheKey) -> str:
    return key.sha256


# ── the file ──


def test_a_generation_comes_back_marked_as_cached(cache: Cache) -> None:
    """Everything is as it was but the mark; an answer with the one it repairs comes back whole."""
    repaired = replace(MADE, first=MADE, first_token_seconds=None, output_tokens=None)
    for key, made in (("a", MADE), ("b", repaired)):
        cache.put(key, "m", made)
        got = cache.get(key)
        assert got == replace(made, cached=True)
    cache.put("c", "m", replace(MADE, cached=True))
    assert cache.get("c") is None


def test_values_are_json_and_nothing_else(cache: Cache) -> None:
    """What is kept is readable text; what is no generation there is a miss, and overwritten."""
    cache.put("a", "m", MADE)
    raw = sqlite3.connect(cache.file)
    (value,) = raw.execute("SELECT value FROM generations").fetchone()
    assert json.loads(value)["text"] == MADE.text
    good = json.loads(value)
    for bad in (
        b"\x80\x04pickle", "", "[]", "null", "[" * 100_000, value[:-9], json.dumps({"text": "x"}),
        json.dumps({**good, "text": 3}), json.dumps({**good, "finish": "odd"}),
        json.dumps({**good, "seconds": "1"}), json.dumps({**good, "more": 1}),
        json.dumps({**good, "output_tokens": 1.5}), json.dumps({**good, "first": [1]}),
    ):  # fmt: skip
        raw.execute("UPDATE generations SET value = ?", (bad,))
        raw.commit()
        assert cache.get("a") is None
    raw.close()
    cache.put("a", "m", MADE)
    assert cache.get("a") == replace(MADE, cached=True)


def fill(file: Path, process: int, count: int) -> int:
    cache = Cache(file)
    for number in range(count):
        key = f"{number % 20}"
        cache.put(key, f"m{process}", replace(MADE, text=key * 500))
        got = cache.get(key)
        assert got is not None
        assert got.text == key * 500
    cache.close()
    return count


def test_several_processes_write_at_once(tmp_path: Path) -> None:
    """Four processes that open, write and read the same keys lose nothing and wait for each other."""
    file = tmp_path / FILE
    with multiprocessing.get_context("spawn").Pool(4) as pool:
        done = pool.starmap(fill, [(file, number, 40) for number in range(4)])
    assert done == [40] * 4
    cache = Cache(file)
    assert sum(holding.count for holding in cache.holdings()) == 20
    cache.close()


def test_a_killed_writer_leaves_a_sound_file(tmp_path: Path) -> None:
    """After kill -9 in the middle of writing, the file opens and what it holds is whole."""
    file = tmp_path / FILE
    process = multiprocessing.get_context("spawn").Process(target=fill, args=(file, 1, 10**6))
    process.start()
    until = time() + 30
    while time() < until and not (file.exists() and file.stat().st_size and _count(file) > 5):
        process.join(0.05)
    process.kill()
    process.join()
    cache = Cache(file)
    assert all(cache.get(key) for key in ("0", "1", "2"))
    cache.close()


def _count(file: Path) -> int:
    raw = sqlite3.connect(file)
    try:
        return int(raw.execute("SELECT count(*) FROM generations").fetchone()[0])
    except sqlite3.Error:
        return 0
    finally:
        raw.close()


def damaged(path: Path) -> None:
    path.write_bytes(b"no database at all" * 100)


def torn(path: Path) -> None:
    cache = Cache(path)
    for number in range(200):
        cache.put(str(number), "m", MADE)
    cache.close()
    data = path.read_bytes()
    path.write_bytes(data[:4096] + b"\xff" * 8192 + data[12288:])


def foreign(path: Path) -> None:
    raw = sqlite3.connect(path)
    raw.execute("CREATE TABLE generations (something TEXT)")
    raw.close()


def newer(path: Path) -> None:
    Cache(path).close()
    raw = sqlite3.connect(path)
    raw.execute("PRAGMA user_version = 99")
    raw.close()


@pytest.mark.parametrize("harm", [damaged, torn, foreign, newer])
def test_a_file_that_cannot_be_read_is_one_line_and_cleared(
    harm: Any, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """The line names the file and the command; that command makes the cache usable again."""
    file = tmp_path / FILE
    harm(file)
    with pytest.raises(UserError, match="cache clear") as caught:
        cache = Cache(file)
        try:
            for number in range(200):
                cache.get(str(number))
        finally:
            cache.close()
    assert "\n" not in str(caught.value)
    assert str(file) in str(caught.value)
    main(["cache", "--cache-dir", str(tmp_path), "clear"])
    capsys.readouterr()
    cache = Cache(file)
    cache.put("a", "m", MADE)
    assert cache.get("a")
    cache.close()


def test_a_place_that_cannot_hold_it_is_one_line(tmp_path: Path) -> None:
    """A folder where the file should be, a file where the folder should be: cause and fix."""
    (tmp_path / FILE).mkdir()
    (tmp_path / "file").touch()
    for place in (tmp_path / FILE, tmp_path / "file" / FILE):
        with pytest.raises(UserError, match="--cache-dir") as caught:
            Cache(place)
        assert "\n" not in str(caught.value)


# ── pruning ──


def aged(cache: Cache, ages_days: dict[str, float]) -> None:
    raw = sqlite3.connect(cache.file)
    for key, days in ages_days.items():
        cache.put(key, f"model {key}", replace(MADE, text=key * 1000))
        raw.execute("UPDATE generations SET used = ? WHERE key = ?", (time() - days * 86400, key))
        raw.commit()
    raw.close()


def kept(cache: Cache) -> set[str]:
    return {holding.model.removeprefix("model ") for holding in cache.holdings()}


def test_pruning_by_age_goes_by_the_last_use(cache: Cache) -> None:
    """What was not used for so long goes; a hit counts as use."""
    aged(cache, {"a": 40, "b": 40, "c": 1})
    cache.get("b")
    assert cache.prune(seconds=30 * 86400) == 1
    assert kept(cache) == {"b", "c"}


def test_pruning_by_size_keeps_what_was_used_last(cache: Cache) -> None:
    """The newest that fit stay, and the file becomes smaller."""
    aged(cache, {"a": 3, "b": 1, "c": 2, "d": 9})
    size = cache.holdings()[0].bytes
    assert cache.prune(most_bytes=2 * size + 10) == 2
    assert kept(cache) == {"b", "c"}
    assert cache.prune(most_bytes=10 * size) == 0
    assert cache.prune(most_bytes=0) == 2


# ── the command ──


def said(capsys: pytest.CaptureFixture[str], *arguments: str) -> tuple[int, str]:
    status = main(["cache", *arguments])
    out, err = capsys.readouterr()
    return status, out + err


def test_the_command_lists_prunes_and_clears(
    cache: Cache, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    """Label, count, bytes and last use of each model; prune and clear say how many went."""
    monkeypatch.setenv("CYPHERBENCH_CACHE", str(cache.file.parent))
    aged(cache, {"a": 40})
    cache.put("x", "gguf:q4_k_m", MADE)
    cache.put("y", "gguf:q4_k_m", MADE)
    status, text = said(capsys, "list")
    lines = text.splitlines()
    assert status == 0
    assert lines[0].split() == ["model", "generations", "bytes", "last", "used"]
    sizes = {holding.model: holding.bytes for holding in cache.holdings()}
    assert lines[1].split()[:3] == ["gguf:q4_k_m", "2", str(sizes["gguf:q4_k_m"])]
    assert lines[3].split() == ["total", "3", f"{sum(sizes.values()):,}"]
    assert said(capsys, "prune", "--days", "30") == (0, "generations removed: 1\n")
    assert said(capsys, "prune", "--megabytes", "1") == (0, "generations removed: 0\n")
    assert said(capsys, "clear", "--model", "other") == (0, "generations removed: 0\n")
    assert said(capsys, "clear") == (0, "generations removed: 2\n")


def test_the_command_makes_no_cache_and_refuses_nonsense(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """Where there is none it says so; a damaged one is status 4 and one line; bad words are 2."""
    place = ("--cache-dir", str(tmp_path))
    assert said(capsys, *place, "list") == (0, f"no generations in {tmp_path / FILE}\n")
    assert list(tmp_path.iterdir()) == []
    damaged(tmp_path / FILE)
    status, text = said(capsys, *place, "list")
    assert (status, text.count("\n")) == (4, 1)
    assert "cache clear" in text
    for words in (["prune"], ["prune", "--days", "-1"], ["prune", "--days", "nan"], [], ["burn"]):
        with pytest.raises(SystemExit) as ended:
            main(["cache", *words])
        assert ended.value.code == 2
