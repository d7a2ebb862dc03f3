"""What a whole pytest run costs beside what it measures: ratios of walls taken in one run."""

from __future__ import annotations

import json
import re
import subprocess
import sys
from pathlib import Path
from statistics import median
from time import perf_counter
from typing import TYPE_CHECKING

import pytest

from pytest_cypherbench.cases import load_cases
from pytest_cypherbench.flow import Case
from pytest_cypherbench.graphs import EngineSpec
from pytest_cypherbench.graphs.embedded.engine import Embedded
from pytest_cypherbench.prompts import load_prompt

if TYPE_CHECKING:
    from collections.abc import Callable

    from pytest_cypherbench.backends import ModelSpec

ROOT = Path(__file__).parents[2]
HEAVY = ("llama_cpp", "neo4j", "numpy", "scipy", "yaml", "jinja2", "openpyxl", "psutil", "torch")
TURNS = 7
MANY = 10_000
GRAPH = "nodes:\n  - {labels: [Dot], file: dots.csv, id: id, properties: {id: integer}}\n"

# llama.cpp and nothing else: the prompts of the run, the shared part evaluated once.
BARE = """
import ctypes, json, os, sys
os.environ["GOMP_SPINCOUNT"] = "1000"
import llama_cpp as L
quiet = L.llama_log_callback(lambda *_: None)
L.llama_log_set(quiet, None)
path, threads, limit, work = sys.argv[1], int(sys.argv[2]), int(sys.argv[3]), json.load(sys.stdin)
model = L.llama_model_load_from_file(path.encode(), L.llama_model_default_params())
params = L.llama_context_default_params()
params.n_ctx = params.n_batch = 4096
params.n_threads = params.n_threads_batch = threads
context = L.llama_init_from_model(model, params)
memory, vocabulary = L.llama_get_memory(context), L.llama_model_get_vocab(model)
sampler = L.llama_sampler_init_greedy()
def evaluate(tokens):
    array = (L.llama_token * len(tokens))(*tokens)
    assert not L.llama_decode(context, L.llama_batch_get_one(array, len(tokens)))
evaluate(work["shared"])
written = 0
for tokens in work["rests"]:
    L.llama_memory_seq_rm(memory, 0, len(work["shared"]), -1)
    evaluate(tokens)
    for count in range(limit):
        token = L.llama_sampler_sample(sampler, context, -1)
        if L.llama_vocab_is_eog(vocabulary, token):
            break
        written += 1
        if count < limit - 1:
            evaluate([token])
print(written)
"""


def wall(command: list[str], folder: Path, **more: str) -> tuple[float, str]:
    started = perf_counter()
    done = subprocess.run(
        command, cwd=folder, capture_output=True, text=True, check=False, timeout=900, **more
    )  # type: ignore[call-overload]
    return perf_counter() - started, done.stdout + done.stderr


def test_the_plugin_costs_nothing_without_a_model(
    tmp_path: Path, figure: Callable[[str], None]
) -> None:
    """Loaded but not used it adds milliseconds, and imports no library but pytest's."""
    (tmp_path / "test_a.py").write_text("def test_a(): pass\n")
    (tmp_path / "pytest.ini").write_text("[pytest]\n")
    base = [sys.executable, "-m", "pytest", "-q", "-p", "no:hypothesispytest", "-p", "no:benchmark"]
    walls: dict[str, list[float]] = {"on": [], "off": []}
    for _ in range(TURNS):
        walls["on"].append(wall(base, tmp_path)[0])
        walls["off"].append(wall([*base, "-p", "no:cypherbench"], tmp_path)[0])
    on, off = median(walls["on"]), median(walls["off"])
    figure(
        f"pytest without --model: plugin on {on:.3f} s, off {off:.3f} s, "
        f"{(on - off) * 1000:+.0f} ms, ratio {on / off:.2f}"
    )
    trace = wall([sys.executable, "-X", "importtime", *base[1:]], tmp_path)[1]
    imported = set(re.findall(r"\| +([\w.]+)$", trace, flags=re.MULTILINE))
    assert "pytest_cypherbench.options" in imported
    assert {name for name in imported if name.partition(".")[0] in HEAVY} == set()
    assert on < 2 * off


@pytest.mark.parametrize("count", [3, pytest.param(40, marks=pytest.mark.slow)])
def test_a_run_beside_a_bare_loop(
    count: int, smollm2: ModelSpec, tmp_path: Path, figure: Callable[[str], None]
) -> None:
    """`pytest --model gguf:…` over cases of `movies`, start and end included, beside a process that
    only has llama.cpp write the same answers."""
    from pytest_cypherbench.backends.llama.gguf import Gguf

    files = sorted((ROOT / "cases" / "movies").glob("*.yaml"))
    cases = [row for file in files for row in load_cases(file) if isinstance(row, Case)][:count]
    chosen = " or ".join(f"{case.id}-" for case in cases)
    engine = Embedded(EngineSpec())
    schema = engine.load(ROOT / "cases" / "graphs" / "movies")
    engine.close()
    template = load_prompt("schema")
    prompts = [template.render(case, schema) for case in cases]
    model = Gguf(smollm2)
    ids = [model._tokens(prompt.messages) for prompt in prompts]
    shared = list(model._framing.parts(prompts[0])[0])
    model.close()
    work = json.dumps({"shared": shared, "rests": [tokens[len(shared) :] for tokens in ids]})
    assert smollm2.path is not None
    bare = [sys.executable, "-c", BARE, str(smollm2.path), "2", "256"]
    run = [
        sys.executable, "-m", "pytest", "--model", f"gguf:{smollm2.path}", "--threads", "2",
        "--graph-engine", "embedded", "--graph-variants", "0", "--journal", str(tmp_path / "j.jsonl"), "--tb=no",
        "-k", chosen, *map(str, files),
    ]  # fmt: skip
    bare_seconds, written = wall(bare, ROOT, input=work)
    run_seconds, output = wall(run, ROOT)
    lines = (tmp_path / "j.jsonl").read_text().splitlines()
    records = [line for line in map(json.loads, lines) if line["type"] == "record"]
    tokens = sum(record["generation"]["output_tokens"] for record in records)
    assert len(records) == len(cases), output
    assert int(written.split()[-1]) == tokens
    figure(
        f"{len(cases)} cases, {tokens} tokens: pytest {run_seconds:.1f} s ÷ bare loop "
        f"{bare_seconds:.1f} s = {run_seconds / bare_seconds:.2f}"
        f" ({(run_seconds - bare_seconds) / len(cases):.2f} s a case)"
    )
    assert run_seconds < 4 * bare_seconds


@pytest.mark.slow
def test_ten_thousand_answers(tmp_path: Path, figure: Callable[[str], None]) -> None:
    """10,000 answers judged one after the other, in memory that does not grow with them."""
    folder = tmp_path / "cases" / "graphs" / "dot"
    folder.mkdir(parents=True)
    (folder / "graph.yaml").write_text(GRAPH)
    (folder / "dots.csv").write_text("id\n" + "".join(f"{number}\n" for number in range(100)))
    (tmp_path / "pytest.ini").write_text("[pytest]\n")
    query = "MATCH (d:Dot) WHERE d.id < {} RETURN d.id"
    walls, peaks = [], []
    for count in (MANY // 10, MANY):
        rows = [
            {"id": f"c{n}", "graph": "dot", "question": f"{n}?", "reference": query.format(n % 50)}
            for n in range(count)
        ]
        (tmp_path / "cases" / "many.jsonl").write_text("\n".join(map(json.dumps, rows)))
        answers = {f"c{n}": query.format(n % 50 + (n % 3 == 0)) for n in range(count)}
        (tmp_path / "answers.json").write_text(json.dumps(answers))
        out = tmp_path / f"{count}.json"
        command = [
            sys.executable, "-m", "pytest", "--model", "scripted:answers.json", "-q", "--tb=no",
            "--graph-engine", "embedded", "--graph-variants", "0", "-rN", "--benchmark-json", str(out),
        ]  # fmt: skip
        seconds, output = wall(command, tmp_path)
        block = json.loads(out.read_text())["cypherbench"]["models"][0]
        assert sum(block["outcomes"].values()) == count, output
        walls.append(seconds)
        peaks.append(block["peak_rss_bytes"])
    figure(
        f"{MANY} recorded answers: {walls[1]:.1f} s, {walls[1] / MANY * 1000:.1f} ms each "
        f"(a tenth of them: {walls[0]:.1f} s); peak {peaks[1] / 2**20:.0f} MiB (a tenth: "
        f"{peaks[0] / 2**20:.0f} MiB)"
    )
    assert peaks[1] - peaks[0] < 40_000 * (MANY - MANY // 10)  # pytest's own items and reports
