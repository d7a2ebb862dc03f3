"""From GGUF to a transformers folder and back, with tiny weights and with real ones."""

# ruff: noqa: E402  # what needs libraries is imported after the look for them

from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from gguf_files import rewrite
from tiny_models import MARKERS, tiny

from pytest_cypherbench.backends import ModelSpec
from pytest_cypherbench.errors import UserError
from pytest_cypherbench.flow import Message, ModelInfo, Prompt

if TYPE_CHECKING:
    from collections.abc import Callable

for library in ("torch", "transformers", "gguf", "llama_cpp"):
    pytest.importorskip(library, reason=f"conversions need {library}: install the extra dev")

from pytest_cypherbench.backends.folders.hf import Hf
from pytest_cypherbench.backends.llama.gguf import Gguf
from pytest_cypherbench.backends.llama.parts import quantise
from pytest_cypherbench.conversions import gguf_to_hf, hf_to_gguf

KINDS = [("llama", True), ("llama", False), ("qwen2", True), ("qwen2", False)]


def weights_of(folder: Path) -> dict[str, object]:
    from safetensors.torch import load_file

    return dict(load_file(folder / "model.safetensors"))


def tensors_of(path: Path) -> dict[str, tuple[str, bytes]]:
    from gguf import GGUFReader

    return {t.name: (t.tensor_type.name, t.data.tobytes()) for t in GGUFReader(path).tensors}


def as_folder(source: Path, folder: Path) -> Path:
    folder.mkdir()
    gguf_to_hf.convert(source, folder)
    return folder


def refused(convert: Callable[[], None]) -> str:
    with pytest.raises(UserError) as caught:
        convert()
    assert "\n" not in str(caught.value)
    assert caught.value.fix
    return str(caught.value)


@pytest.mark.parametrize(("kind", "tied"), KINDS)
def test_there_and_back_is_the_same_model(tmp_path: Path, kind: str, tied: bool) -> None:
    """Every weight to the bit, every number of the config, every token, marker and template."""
    from tokenizers import Tokenizer

    first = tiny(tmp_path / "first", kind, tied=tied)
    hf_to_gguf.convert(first, tmp_path / "m.gguf", "f32")
    again = as_folder(tmp_path / "m.gguf", tmp_path / "again")
    ours, theirs = weights_of(again), weights_of(first)
    assert ours.keys() == theirs.keys()
    assert all(bool((ours[name] == theirs[name]).all()) for name in ours)
    before, after = (json.loads((f / "config.json").read_text()) for f in (first, again))
    told = (after.keys() & before.keys()) - {"transformers_version"}
    assert {key: before[key] for key in told} == {key: after[key] for key in told}
    assert {"rms_norm_eps", "vocab_size", "rope_theta", "tie_word_embeddings"} <= told
    words = [Tokenizer.from_file(str(f / "tokenizer.json")) for f in (first, again)]
    assert words[0].get_vocab() == words[1].get_vocab()
    about = [json.loads((f / "tokenizer_config.json").read_text()) for f in (first, again)]
    for key in ("bos_token", "eos_token", "pad_token", "chat_template"):
        assert about[0][key] == about[1][key]
    hf_to_gguf.convert(again, tmp_path / "m2.gguf", "f32")
    assert tensors_of(tmp_path / "m2.gguf") == tensors_of(tmp_path / "m.gguf")


@pytest.mark.parametrize(("kind", "tied"), KINDS)
def test_both_runtimes_agree_on_the_same_weights(tmp_path: Path, kind: str, tied: bool) -> None:
    """llama.cpp and transformers give a text the same probability: rotation, biases and head are
    where each expects them."""
    folder = tiny(tmp_path / "first", kind, tied=tied)
    hf_to_gguf.convert(folder, tmp_path / "m.gguf", "f32")
    prompt = Prompt("x", (Message("user", "Which movies did Tom Hanks act in, and when?"),), 0)
    text = "MATCH (p:Person)-[:ACTED_IN]->(m) RETURN m.title"
    scores = []
    for opened in (
        Hf(ModelSpec(ModelInfo("hf:fp32", "hf", "fp32"), folder, 1)),
        Gguf(ModelSpec(ModelInfo("gguf:f32", "gguf", "f32"), tmp_path / "m.gguf", 1)),
    ):
        scores.append(opened.score(prompt, text))
        opened.close()
    assert scores[0].tokens == scores[1].tokens
    assert scores[0].logprob == pytest.approx(scores[1].logprob, rel=2e-3)


def test_folder_of_a_quantised_file_holds_what_llama_cpp_dequantises(
    smollm2: ModelSpec, smollm2_folder: ModelSpec, tmp_path: Path
) -> None:
    """SmolLM2's folder as f16 GGUF has the tensors of llama.cpp's own f16 file, bit for bit."""
    assert smollm2.path
    assert smollm2_folder.path
    quantise(smollm2.path, tmp_path / "theirs.gguf", "f16")
    hf_to_gguf.convert(smollm2_folder.path, tmp_path / "ours.gguf", "f16")
    ours, theirs = tensors_of(tmp_path / "ours.gguf"), tensors_of(tmp_path / "theirs.gguf")
    assert ours.keys() == theirs.keys()
    assert [name for name in ours if ours[name] != theirs[name]] == []


def test_tokenizer_of_a_converted_model_adds_nothing(smollm2_folder: ModelSpec) -> None:
    """It adds no BOS in transformers, ends where a turn ends, and keeps every blank."""
    from transformers import AutoTokenizer

    words = AutoTokenizer.from_pretrained(smollm2_folder.path)
    text = "  MATCH (p) \n RETURN p , 'Zoë' ."
    assert words.decode(words.encode(text)) == text
    assert words.encode("a") == words.encode("a", add_special_tokens=False)
    assert (words.eos_token, words.bos_token) == ("<|im_end|>", "<|im_start|>")
    assert words.pad_token_id is not None
    assert words.encode("<|im_end|>") == [words.eos_token_id]
    assert "assistant" in words.apply_chat_template(
        [{"role": "user", "content": "?"}], tokenize=False, add_generation_prompt=True
    )


def test_bos_that_the_file_wants_is_added(tmp_path: Path) -> None:
    """A file that says so makes a tokenizer that begins every text with BOS, and back."""
    from tokenizers import Tokenizer

    folder = tiny(tmp_path / "first")
    hf_to_gguf.convert(folder, tmp_path / "m.gguf", "f32")
    path = rewrite(tmp_path / "m.gguf", tmp_path / "b.gguf", {"tokenizer.ggml.add_bos_token": True})
    again = as_folder(path, tmp_path / "again")
    assert Tokenizer.from_file(str(again / "tokenizer.json")).encode("RETURN").ids[0] == 1
    hf_to_gguf.convert(again, tmp_path / "c.gguf", "f32")
    opened = Gguf(ModelSpec(ModelInfo("gguf:x", "gguf", "x"), tmp_path / "c.gguf", 1))
    assert opened._tokens((Message("raw", "RETURN"),))[0] == 1
    opened.close()


# ── what is refused ──


def test_tokenizer_that_llama_cpp_would_not_follow_is_refused(tmp_path: Path) -> None:
    """A folder whose tokenizer writes everything small cannot be a GGUF file: ids would differ."""
    folder = tiny(tmp_path / "first")
    table = json.loads((folder / "tokenizer.json").read_text())
    table["normalizer"] = {"type": "Lowercase"}
    (folder / "tokenizer.json").write_text(json.dumps(table))
    line = refused(lambda: hf_to_gguf.convert(folder, tmp_path / "m.gguf"))
    assert "does not agree with llama.cpp" in line
    assert not list(tmp_path.glob("m.gguf*"))


@pytest.mark.parametrize(
    ("key", "value", "word"),
    [
        ("tokenizer.ggml.pre", "llama-bpe", "unknown pre-tokenizer to convert 'llama-bpe'"),
        ("general.architecture", "gemma9", "'gemma9'"),
    ],
)
def test_foreign_file_is_refused_in_one_line(
    tmp_path: Path, key: str, value: str, word: str
) -> None:
    """A pre-tokenizer or an architecture that is not known is named."""
    hf_to_gguf.convert(tiny(tmp_path / "first"), tmp_path / "m.gguf")
    path = rewrite(tmp_path / "m.gguf", tmp_path / "x.gguf", {key: value})
    assert word in refused(lambda: gguf_to_hf.convert(path, tmp_path))


@pytest.mark.parametrize(
    ("file", "change", "word"),
    [
        ("config.json", {"model_type": "gpt2"}, "unknown architecture to convert 'gpt2'"),
        ("config.json", {"rope_scaling": {"type": "yarn"}}, "stretches its positions"),
        ("config.json", {"hidden_size": None}, "does not say hidden_size"),
        ("tokenizer.json", {"pre_tokenizer": {"type": "Whitespace"}}, "cuts texts"),
        ("tokenizer.json", {"model": {"type": "Unigram"}}, "no byte-level BPE"),
    ],
)
def test_foreign_folder_is_refused_in_one_line(
    tmp_path: Path, file: str, change: dict[str, object], word: str
) -> None:
    """What GGUF could not say of a model is said in one line; no file is left."""
    folder = tiny(tmp_path / "first")
    content = json.loads((folder / file).read_text())
    (folder / file).write_text(json.dumps({**content, **change}))
    assert word in refused(lambda: hf_to_gguf.convert(folder, tmp_path / "m.gguf"))
    assert not list(tmp_path.glob("m.gguf*"))


def test_damaged_files_are_refused_in_one_line(tmp_path: Path) -> None:
    """A GGUF file cut short, a folder without a config, one without sound JSON, a wrong type."""
    folder = tiny(tmp_path / "first")
    hf_to_gguf.convert(folder, tmp_path / "m.gguf")
    data = (tmp_path / "m.gguf").read_bytes()
    for size in (3, 100, len(data) // 2, len(data) - 1):
        (tmp_path / "cut.gguf").write_bytes(data[:size])
        refused(lambda: gguf_to_hf.convert(tmp_path / "cut.gguf", tmp_path))
    assert "f16, f32" in refused(lambda: hf_to_gguf.convert(folder, tmp_path / "q.gguf", "q4_0"))
    (folder / "config.json").write_text("{")
    assert "config.json cannot be read" in refused(
        lambda: hf_to_gguf.convert(folder, tmp_path / "q.gguf")
    )


def test_markers_stay_markers(tmp_path: Path) -> None:
    """The three special tokens keep their ids and kind through both formats."""
    from tokenizers import Tokenizer

    hf_to_gguf.convert(tiny(tmp_path / "first"), tmp_path / "m.gguf")
    again = as_folder(tmp_path / "m.gguf", tmp_path / "again")
    words = Tokenizer.from_file(str(again / "tokenizer.json"))
    assert [words.token_to_id(marker) for marker in MARKERS] == [0, 1, 2]
    assert words.encode("".join(MARKERS)).ids == [0, 1, 2]
    ends = json.loads((again / "generation_config.json").read_text())["eos_token_id"]
    assert ends == [0, 2]
