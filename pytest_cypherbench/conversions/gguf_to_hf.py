"""A GGUF file → a transformers folder: safetensors, config and a tokenizer with llama.cpp's ids.

Knows nothing of caches or variants. Quantised tensors are dequantised to float16, the type of an
f16 GGUF file, so that this folder and that file hold the same numbers; what the source has as
float32, norms and biases among them, stays so.
"""

from __future__ import annotations

import json
from importlib.util import find_spec
from typing import TYPE_CHECKING

from pytest_cypherbench.conversions.architectures import (
    NUMBERS,
    architecture_of,
    halves_from_pairs,
    heads_turned,
    to_transformers,
)
from pytest_cypherbench.conversions.words import Words, agree, build
from pytest_cypherbench.errors import UserError, missing_extra

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

    from gguf import GGUFReader

    from pytest_cypherbench.backends.llama.words import Vocabulary
    from pytest_cypherbench.conversions.architectures import Architecture, Array

VERSION = 1  # of what is written: another number for folders that differ
_NEEDED = ("gguf", "tokenizers", "safetensors", "llama_cpp")
_GREATEST_HALF = 65504.0
_DAMAGED = "it may be damaged or cut short: delete it and fetch it again"


def convert(source: Path, folder: Path) -> None:
    """Write the folder, which must be there and empty.

    Raises UserError for a missing library, another architecture or pre-tokenizer, tensors that the
    architecture lacks, and a tokenizer whose ids are not llama.cpp's.
    """
    if any(find_spec(name) is None for name in _NEEDED):
        raise missing_extra("convert", f"{source.name} in another format")
    from gguf import GGUFReader

    from pytest_cypherbench.backends.llama.words import opened_vocabulary

    with opened_vocabulary(source) as vocabulary:  # refuses a file that is no sound GGUF
        try:
            reader = GGUFReader(source)
        except (ValueError, IndexError, OSError) as error:
            raise UserError(f"{source.name} cannot be read: {error}", fix=_DAMAGED) from error
        values = {key: field.contents() for key, field in reader.fields.items()}
        architecture = architecture_of(str(values["general.architecture"]), source.name)
        words = _words(values)
        config = _config(values, reader, architecture, source.name)
        _write_words(words, vocabulary, folder, config, source.name)
    _write_weights(reader, architecture, config, folder, source.name)


def _words(values: Mapping[str, object]) -> Words:
    def of(key: str) -> object:
        return values.get(f"tokenizer.ggml.{key}")

    template = values.get("tokenizer.chat_template")
    return Words(
        pre=str(of("pre")),
        tokens=_list(of("tokens")),
        types=_list(of("token_type")),
        merges=_list(of("merges")),
        bos=_number(of("bos_token_id")),
        eos=_number(of("eos_token_id")),
        pad=_number(of("padding_token_id")),
        starts=bool(of("add_bos_token")),
        template=None if template is None else str(template),
    )


def _config(
    values: Mapping[str, object], reader: GGUFReader, architecture: Architecture, label: str
) -> dict[str, object]:
    """config.json. Raises UserError for a number that is missing and for stretched positions."""
    import numpy as np

    prefix = f"{architecture.name}."
    names = {tensor.name for tensor in reader.tensors}
    if "rope_freqs.weight" in names or any(
        key.startswith(f"{prefix}rope.scaling") for key in values
    ):
        raise UserError(
            f"{label} stretches its positions, which cannot be converted",
            fix="use the model in the format that it has",
        )
    config: dict[str, object] = {
        "architectures": [architecture.model],
        "model_type": architecture.kind,
        "hidden_act": "silu",
        "tie_word_embeddings": "output.weight" not in names,
        "torch_dtype": "float32",
        "use_cache": True,
    }
    values = {
        f"{prefix}attention.head_count_kv": values.get(f"{prefix}attention.head_count"),
        **values,
    }
    for there, here in NUMBERS.items():
        if (number := values.get(prefix + here)) is None:
            raise UserError(f"{label} does not say its {prefix}{here}", fix=_DAMAGED)
        # The shortest number that float32 holds so: 1e-06, not 9.99999997e-07.
        config[there] = float(str(np.float32(number))) if isinstance(number, float) else number
    if head := values.get(f"{prefix}attention.key_length"):
        config["head_dim"] = head
    config["vocab_size"] = len(_list(values.get("tokenizer.ggml.tokens")))
    return config


def _write_words(
    words: Words, vocabulary: Vocabulary, folder: Path, config: dict[str, object], label: str
) -> None:
    tokenizer = build(words, label)
    agree(tokenizer, vocabulary, label)
    tokenizer.save(str(folder / "tokenizer.json"))
    special = {"bos_token": words.bos, "eos_token": words.eos, "pad_token": words.pad}
    ends = [number for number in range(len(words.tokens)) if vocabulary.ends(number)]
    ids = {f"{key}_id": number for key, number in special.items() if number is not None}
    config |= ids
    _write(folder / "config.json", config)
    _write(folder / "generation_config.json", {**ids, "eos_token_id": ends})
    about = {key: words.tokens[number] for key, number in special.items() if number is not None}
    if words.template is not None:
        about["chat_template"] = words.template
    _write(
        folder / "tokenizer_config.json",
        {
            "tokenizer_class": "PreTrainedTokenizerFast",
            "model_max_length": config["max_position_embeddings"],
            "clean_up_tokenization_spaces": False,
            **about,
        },
    )


def _write_weights(
    reader: GGUFReader,
    architecture: Architecture,
    config: Mapping[str, object],
    folder: Path,
    label: str,
) -> None:
    import numpy as np
    from gguf import GGMLQuantizationType, dequantize
    from safetensors.numpy import save_file

    exact = {GGMLQuantizationType.F32, GGMLQuantizationType.BF16}
    weights: dict[str, Array] = {}
    for tensor in reader.tensors:
        array: Array = dequantize(tensor.data, tensor.tensor_type)
        if architecture.paired and (heads := heads_turned(tensor.name, config)):
            array = halves_from_pairs(array, heads)
        fits = bool(np.abs(array).max() <= _GREATEST_HALF)
        kind = np.float32 if tensor.tensor_type in exact or not fits else np.float16
        name = to_transformers(tensor.name, label)
        weights[name] = np.ascontiguousarray(array, kind)
    save_file(weights, folder / "model.safetensors", metadata={"format": "pt"})


def _write(path: Path, content: Mapping[str, object]) -> None:
    path.write_text(json.dumps(content, indent=2, sort_keys=True) + "\n", "utf-8")


def _list(value: object) -> list:  # type: ignore[type-arg]
    return value if isinstance(value, list) else []


def _number(value: object) -> int | None:
    return value if isinstance(value, int) else None
