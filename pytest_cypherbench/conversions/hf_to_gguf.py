"""A transformers folder → a GGUF file of type f16 or f32, with its tokenizer and chat template.

Knows nothing of caches or candidates. Matrices get the type that is asked for; norms and biases
stay float32, as llama.cpp wants them.
"""

from __future__ import annotations

import json
from importlib.util import find_spec
from typing import TYPE_CHECKING

from pytest_cypherbench.conversions.architectures import (
    NUMBERS,
    architecture_of,
    heads_turned,
    pairs_from_halves,
    to_gguf,
)
from pytest_cypherbench.conversions.words import (
    CONTROL,
    NORMAL,
    UNUSED,
    USER_DEFINED,
    Words,
    agree,
    pre_of,
)
from pytest_cypherbench.errors import UserError, missing_extra
from pytest_cypherbench.registry import unknown

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping
    from pathlib import Path

    from gguf import GGUFWriter

    from pytest_cypherbench.conversions.architectures import Architecture, Array

_NEEDED = ("gguf", "tokenizers", "safetensors", "torch", "llama_cpp")
TYPES = {"f32": 0, "f16": 1}  # GGUF's numbers for them


def convert(folder: Path, target: Path, kind: str = "f16") -> None:
    """Write the file.

    Raises UserError for a missing library, a type that is not f16 or f32, a folder that holds no
    such model, and a tokenizer whose ids are not llama.cpp's; no file is left then.
    """
    if any(find_spec(name) is None for name in _NEEDED):
        raise missing_extra("convert", f"{folder.name} as GGUF")
    if kind not in TYPES:
        raise unknown("type of GGUF file", kind, TYPES, flag=folder.name)
    config = _read(folder / "config.json")
    architecture = architecture_of(str(config.get("model_type")), folder.name)
    part = target.with_name(f"{target.name}.part")
    try:
        _write(folder, part, kind, config, architecture)
        _verify(folder, part)
        part.replace(target)
    finally:
        part.unlink(missing_ok=True)


def _write(
    folder: Path, part: Path, kind: str, config: Mapping[str, object], architecture: Architecture
) -> None:
    import numpy as np
    from gguf import GGUFWriter

    writer = GGUFWriter(part, architecture.name)
    try:
        writer.add_file_type(TYPES[kind])
        _add_numbers(writer, config, architecture, folder.name)
        _add_words(writer, _words(folder, int(str(config["vocab_size"]))))
        tied = bool(config.get("tie_word_embeddings"))
        for there, array in _weights(folder):
            if there == "lm_head.weight" and tied:  # some folders keep it twice
                continue
            name = to_gguf(there, folder.name)
            if architecture.paired and (heads := heads_turned(name, config)):
                array = pairs_from_halves(array, heads)  # noqa: PLW2901
            wide = kind == "f32" or array.ndim == 1
            writer.add_tensor(name, np.ascontiguousarray(array, np.float32 if wide else np.float16))
        writer.write_header_to_file()
        writer.write_kv_data_to_file()
        writer.write_tensors_to_file()
    finally:
        writer.close()


def _add_numbers(
    writer: GGUFWriter, config: Mapping[str, object], architecture: Architecture, label: str
) -> None:
    if config.get("rope_scaling"):
        raise UserError(
            f"{label} stretches its positions, which cannot be converted",
            fix="use the model in the format that it has",
        )
    values = {
        "num_key_value_heads": config.get("num_attention_heads"),
        "rope_theta": 10000.0,
        **config,
    }
    for there, here in NUMBERS.items():
        number = values.get(there)
        if not isinstance(number, int | float):
            raise UserError(f"config.json of {label} does not say {there}", fix="save it again")
        if there in {"rope_theta", "rms_norm_eps"}:
            writer.add_float32(f"{architecture.name}.{here}", float(number))
        else:
            writer.add_uint32(f"{architecture.name}.{here}", int(number))
    heads, width = int(str(values["num_attention_heads"])), int(str(values["hidden_size"]))
    head = int(str(config.get("head_dim") or width // heads))
    writer.add_rope_dimension_count(head)
    if head * heads != width:
        writer.add_key_length(head)
        writer.add_value_length(head)
    writer.add_vocab_size(int(str(config["vocab_size"])))


def _weights(folder: Path) -> Iterator[tuple[str, Array]]:
    from safetensors import safe_open

    for path in sorted(folder.glob("*.safetensors")):
        with safe_open(path, framework="pt") as file:  # numpy knows no bfloat16
            for name in file.keys():  # noqa: SIM118  # no mapping
                yield name, file.get_tensor(name).float().numpy()


def _words(folder: Path, size: int) -> Words:
    """The folder's vocabulary, filled up to the size that the weights have."""
    table, about = _read(folder / "tokenizer.json"), _read(folder / "tokenizer_config.json")
    model = table.get("model")
    if not isinstance(model, dict) or model.get("type") != "BPE":
        raise UserError(
            f"the tokenizer of {folder.name} is no byte-level BPE, which alone can be converted",
            fix="use the model in the format that it has",
        )
    tokens = [f"[PAD{number}]" for number in range(size)]
    types = [UNUSED] * size
    for token, number in model["vocab"].items():
        tokens[number], types[number] = token, NORMAL
    added = table.get("added_tokens")
    for entry in added if isinstance(added, list) else []:
        tokens[entry["id"]] = entry["content"]
        types[entry["id"]] = CONTROL if entry["special"] else USER_DEFINED
    ids = {token: number for number, token in enumerate(tokens)}

    def special(key: str) -> int | None:
        token = about.get(key)
        return ids.get(str(token["content"] if isinstance(token, dict) else token))

    merges = [merge if isinstance(merge, str) else " ".join(merge) for merge in model["merges"]]
    return Words(
        pre=pre_of(table.get("pre_tokenizer"), folder.name),
        tokens=tokens,
        types=types,
        merges=merges,
        bos=special("bos_token"),
        eos=special("eos_token"),
        pad=special("pad_token"),
        starts="TemplateProcessing" in json.dumps(table.get("post_processor")),
        template=_template(folder, about),
    )


def _template(folder: Path, about: Mapping[str, object]) -> str | None:
    file = folder / "chat_template.jinja"
    if file.is_file():
        return file.read_text("utf-8")
    template = about.get("chat_template")
    return template if isinstance(template, str) else None


def _add_words(writer: GGUFWriter, words: Words) -> None:
    writer.add_tokenizer_model("gpt2")
    writer.add_tokenizer_pre(words.pre)
    writer.add_token_list(words.tokens)
    writer.add_token_types(words.types)
    writer.add_token_merges(words.merges)
    writer.add_add_bos_token(words.starts)
    if words.bos is not None:
        writer.add_bos_token_id(words.bos)
    if words.eos is not None:
        writer.add_eos_token_id(words.eos)
    if words.pad is not None:
        writer.add_pad_token_id(words.pad)
    if words.template is not None:
        writer.add_chat_template(words.template)


def _verify(folder: Path, part: Path) -> None:
    """Refuse a file whose ids are not those of the folder's own tokenizer."""
    from tokenizers import Tokenizer

    from pytest_cypherbench.backends.llama.words import opened_vocabulary

    tokenizer = Tokenizer.from_file(str(folder / "tokenizer.json"))
    with opened_vocabulary(part) as vocabulary:
        agree(tokenizer, vocabulary, folder.name)


def _read(path: Path) -> dict[str, object]:
    try:
        content = json.loads(path.read_text("utf-8"))
    except (OSError, ValueError) as error:
        raise UserError(
            f"{path.parent.name} is no transformers folder: {path.name} cannot be read",
            fix="name a folder with config.json, tokenizer.json and safetensors",
        ) from error
    return content if isinstance(content, dict) else {}
