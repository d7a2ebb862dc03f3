"""What a model is called in GGUF and in transformers: tensors and numbers, architecture by
architecture.

Knows nothing of files or tokenizers. Names and the order of rotated rows are facts of the two
formats: llama.cpp turns neighbouring rows of Q and K for ``llama``, transformers the two halves.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING

from pytest_cypherbench.errors import UserError
from pytest_cypherbench.registry import unknown

if TYPE_CHECKING:
    from collections.abc import Mapping

    from numpy import dtype, floating, ndarray

    Array = ndarray[tuple[int, ...], dtype[floating]]


@dataclass(frozen=True, slots=True)
class Architecture:
    """``name`` in GGUF, ``model`` class and ``kind`` in transformers; ``paired``: whether GGUF has
    the rows that are turned together beside each other."""

    name: str
    model: str
    kind: str
    paired: bool


ARCHITECTURES = {
    "llama": Architecture("llama", "LlamaForCausalLM", "llama", paired=True),
    "qwen2": Architecture("qwen2", "Qwen2ForCausalLM", "qwen2", paired=False),
}
_OUTER = {"token_embd": "model.embed_tokens", "output_norm": "model.norm", "output": "lm_head"}
_INNER = {
    "attn_norm": "input_layernorm",
    "ffn_norm": "post_attention_layernorm",
    "attn_q": "self_attn.q_proj",
    "attn_k": "self_attn.k_proj",
    "attn_v": "self_attn.v_proj",
    "attn_output": "self_attn.o_proj",
    "ffn_gate": "mlp.gate_proj",
    "ffn_up": "mlp.up_proj",
    "ffn_down": "mlp.down_proj",
}
_OUTER_BACK = {there: here for here, there in _OUTER.items()}
_INNER_BACK = {there: here for here, there in _INNER.items()}
_BLOCK = re.compile(r"blk\.(\d+)\.(\w+)\.(weight|bias)")
_LAYER = re.compile(r"model\.layers\.(\d+)\.([\w.]+)\.(weight|bias)")
# transformers' name of a number → GGUF's, behind the architecture's own.
NUMBERS = {
    "num_hidden_layers": "block_count",
    "max_position_embeddings": "context_length",
    "hidden_size": "embedding_length",
    "intermediate_size": "feed_forward_length",
    "num_attention_heads": "attention.head_count",
    "num_key_value_heads": "attention.head_count_kv",
    "rope_theta": "rope.freq_base",
    "rms_norm_eps": "attention.layer_norm_rms_epsilon",
}


def architecture_of(name: str, label: str) -> Architecture:
    """The architecture of that name, which both formats use alike. Raises UserError."""
    if name not in ARCHITECTURES:
        raise unknown("architecture to convert", name, ARCHITECTURES, flag=label)
    return ARCHITECTURES[name]


def to_transformers(name: str, label: str) -> str:
    """A tensor's name in transformers. Raises UserError for one that this architecture lacks."""
    outer, _, kind = name.partition(".")
    if outer in _OUTER and kind == "weight":
        return f"{_OUTER[outer]}.{kind}"
    if (found := _BLOCK.fullmatch(name)) and found[2] in _INNER:
        return f"model.layers.{found[1]}.{_INNER[found[2]]}.{found[3]}"
    raise _foreign(name, label)


def to_gguf(name: str, label: str) -> str:
    """A tensor's name in GGUF. Raises UserError for one that this architecture lacks."""
    outer, _, kind = name.rpartition(".")
    if outer in _OUTER_BACK and kind == "weight":
        return f"{_OUTER_BACK[outer]}.{kind}"
    if (found := _LAYER.fullmatch(name)) and found[2] in _INNER_BACK:
        return f"blk.{found[1]}.{_INNER_BACK[found[2]]}.{found[3]}"
    raise _foreign(name, label)


def _foreign(name: str, label: str) -> UserError:
    return UserError(
        f"{label} holds the tensor {name!r}, which cannot be converted",
        fix="use the model in the format that it has",
    )


def heads_turned(name: str, config: Mapping[str, object]) -> int:
    """How many heads the rows of this tensor (GGUF's name) are turned in; 0 where none is."""
    part = name.split(".")[-2] if name.startswith("blk.") else ""
    key = {"attn_q": "num_attention_heads", "attn_k": "num_key_value_heads"}.get(part)
    return int(str(config[key])) if key else 0


def halves_from_pairs(rows: Array, heads: int) -> Array:
    """Rows (heads × half × 2, …) → (heads × 2 × half, …): GGUF's order → transformers'."""
    shape = (heads, rows.shape[0] // heads // 2, 2, *rows.shape[1:])
    return rows.reshape(shape).swapaxes(1, 2).reshape(rows.shape)


def pairs_from_halves(rows: Array, heads: int) -> Array:
    """Rows (heads × 2 × half, …) → (heads × half × 2, …): transformers' order → GGUF's."""
    shape = (heads, 2, rows.shape[0] // heads // 2, *rows.shape[1:])
    return rows.reshape(shape).swapaxes(1, 2).reshape(rows.shape)
