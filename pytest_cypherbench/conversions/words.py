"""A GGUF file's vocabulary ⇄ a ``tokenizers`` tokenizer that gives the same ids.

Knows nothing of weights. The tokenizer that transformers itself makes from a GGUF file gives other
ids (it adds BOS), so this one is built from the file's own tokens, merges and pre-tokenizer, and
``agree`` compares it with llama.cpp before anybody uses it.
"""

from __future__ import annotations

import unicodedata
from dataclasses import dataclass
from typing import TYPE_CHECKING, cast

from pytest_cypherbench.errors import UserError
from pytest_cypherbench.registry import unknown

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from tokenizers import Tokenizer

    from pytest_cypherbench.backends.llama.words import Vocabulary

NORMAL, CONTROL, USER_DEFINED, UNUSED = 1, 3, 4, 5  # GGUF's types of tokens
# How each GGUF pre-tokenizer cuts a text before the merges, as tokenizers writes it down.
_BYTES: dict[str, object] = {"type": "ByteLevel", "add_prefix_space": False, "trim_offsets": True}
_QWEN2 = (
    r"(?i:'s|'t|'re|'ve|'m|'ll|'d)|[^\r\n\p{L}\p{N}]?\p{L}+|\p{N}| ?[^\s\p{L}\p{N}]+[\r\n]*"
    r"|\s*[\r\n]+|\s+(?!\S)|\s+"
)
PRE_TOKENIZERS: dict[str, list[dict[str, object]]] = {
    "smollm": [{"type": "Digits", "individual_digits": True}, {**_BYTES, "use_regex": True}],
    "qwen2": [
        {"type": "Split", "pattern": {"Regex": _QWEN2}, "behavior": "Isolated", "invert": False},
        {**_BYTES, "use_regex": False},
    ],
}
# Where tokenizers of the same vocabulary part: blanks, line ends, digits, contractions, quotes,
# other scripts, composed and bare accents, emoji with joiners, controls, markers as plain text.
# No </s>: llama.cpp takes it for a marker even where it is an ordinary token of the model (Qwen's).
AWKWARD = (
    *("", " ", "  ", "\n", " \n\n  \t x", "a  b   c\r\n\r\nd", "x \n y", "    return 1\n"),
    *("1234567890", "3.14e-10", "v2beta3", "½ ² ٣ Ⅷ", "1️⃣", "it's IT'S we'LL they’re 'tis ''d"),
    *("MATCH (p:Person {name: 'Zoë'})-[:ACTED_IN]->(m) RETURN m.title;", "`a``b`", "\\n \\u00e9"),
    *("Éric", "E\u0301ric", "naïve café", "什么?日本の首都は東京です。", "שלום עולם", "مرحبا ١٢٣"),
    *(
        "नमस्ते",
        "👩‍👩‍👧 👍🏽",
        "\u200b\u00a0\u3000\ufeff",
        "\x00\x07\x1b[0m",
        "…—“”",
        "_ __init__ #!",
    ),
    *("<|im_start|>user\nhi<|im_end|>\n", "<|endoftext|>", "<|im_start", "a<|im_end|>b", "< s>"),
    "The graph:\n(:Movie {title: STRING, released: INTEGER})\n\nQuestion: Which?\nCypher:",
)


@dataclass(frozen=True, slots=True)
class Words:
    """A byte-level BPE vocabulary: tokens and their GGUF types by id, merges in their order."""

    pre: str
    tokens: Sequence[str]
    types: Sequence[int]
    merges: Sequence[str]
    bos: int | None
    eos: int | None
    pad: int | None
    starts: bool
    template: str | None


def build(words: Words, label: str) -> Tokenizer:
    """The tokenizer. Raises UserError for a pre-tokenizer that is not in our table."""
    from tokenizers import AddedToken, Tokenizer, decoders, models, pre_tokenizers, processors

    if words.pre not in PRE_TOKENIZERS:
        raise unknown("pre-tokenizer to convert", words.pre, PRE_TOKENIZERS, flag=label)
    vocabulary = {token: number for number, token in enumerate(words.tokens)}
    merges = [cast("tuple[str, str]", tuple(merge.split(" ", 1))) for merge in words.merges]
    tokenizer = Tokenizer(models.BPE(vocabulary, merges))
    parts: list[pre_tokenizers.PreTokenizer] = [
        _pre_tokenizer(p) for p in PRE_TOKENIZERS[words.pre]
    ]
    tokenizer.pre_tokenizer = pre_tokenizers.Sequence(parts)
    tokenizer.decoder = decoders.ByteLevel()
    for kind in (CONTROL, USER_DEFINED):
        tokenizer.add_tokens(
            [
                AddedToken(token, special=kind == CONTROL, normalized=False)
                for token, found in zip(words.tokens, words.types, strict=True)
                if found == kind
            ]
        )
    if words.starts and words.bos is not None:
        bos = words.tokens[words.bos]
        tokenizer.post_processor = processors.TemplateProcessing(
            single=[bos, "$A"], special_tokens=[(bos, words.bos)]
        )
    return tokenizer


def _pre_tokenizer(table: Mapping[str, object]) -> object:
    from tokenizers import Regex, pre_tokenizers

    if table["type"] == "Digits":
        return pre_tokenizers.Digits(individual_digits=True)
    if table["type"] == "Split":
        return pre_tokenizers.Split(Regex(_QWEN2), behavior="isolated")
    return pre_tokenizers.ByteLevel(add_prefix_space=False, use_regex=bool(table["use_regex"]))


def pre_of(table: object, label: str) -> str:
    """GGUF's name for the ``pre_tokenizer`` of a tokenizer.json. Raises UserError."""
    parts = table.get("pretokenizers") if isinstance(table, dict) else None
    found = [
        {**part, "trim_offsets": True} if "trim_offsets" in part else part for part in parts or []
    ]
    for name, known in PRE_TOKENIZERS.items():
        if found == known:
            return name
    raise UserError(
        f"{label} cuts texts in a way that cannot be converted",
        fix=f"use the model in the format that it has; converted are: {', '.join(PRE_TOKENIZERS)}",
    )


def agree(tokenizer: Tokenizer, vocabulary: Vocabulary, label: str) -> None:
    """Raise UserError where ids differ from llama.cpp's on any awkward text, or texts from bytes.

    Markers are read both as what they are and as plain letters; what llama.cpp decodes from the
    ids must be what the tokenizer decodes.
    """
    kept = tokenizer.encode_special_tokens
    try:
        for markers in (True, False):
            tokenizer.encode_special_tokens = not markers
            for awkward in AWKWARD:
                # llama.cpp never composes accents; a tokenizer that does agrees on what is.
                text = unicodedata.normalize("NFC", awkward) if tokenizer.normalizer else awkward
                ids = tokenizer.encode(text, add_special_tokens=False).ids
                theirs = vocabulary.encode(text, markers=markers)
                if ids != theirs:
                    raise _differ(label, text, f"ids {ids[:8]}, llama.cpp's {theirs[:8]}")
                back = b"".join(map(vocabulary.piece, theirs)).decode("utf-8", "replace")
                if (read := tokenizer.decode(ids, skip_special_tokens=False)) != back:
                    raise _differ(label, text, f"reads {read[:40]!a}")
    finally:
        tokenizer.encode_special_tokens = kept


def _differ(label: str, text: str, how: str) -> UserError:
    return UserError(
        f"the tokenizer of {label} does not agree with llama.cpp on {text[:40]!a}: {how}",
        fix="use the model in the format that it has",
    )
