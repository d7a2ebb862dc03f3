"""Models of two layers with random weights, as transformers folders: the formats in a second."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

from pytest_cypherbench.conversions.words import PRE_TOKENIZERS

if TYPE_CHECKING:
    from pathlib import Path

MARKERS = ("<|endoftext|>", "<|im_start|>", "<|im_end|>")
TEMPLATE = (
    "{% for m in messages %}<|im_start|>{{ m.role }}\n{{ m.content }}<|im_end|>\n{% endfor %}"
    "{% if add_generation_prompt %}<|im_start|>assistant\n{% endif %}"
)
TEXT = (
    "MATCH (p:Person)-[:ACTED_IN]->(m:Movie) RETURN p.name, m.title ORDER BY p.born LIMIT 10 " * 3
)
PRE = {"llama": "smollm", "qwen2": "qwen2"}


def tiny(folder: Path, kind: str = "llama", *, tied: bool = True, **numbers: int) -> Path:
    """A folder with weights, tokenizer and template; the same for the same arguments."""
    import torch
    from transformers import AutoConfig, AutoModelForCausalLM

    folder.mkdir(parents=True, exist_ok=True)
    size = _words(folder, PRE[kind])
    config = AutoConfig.for_model(
        kind,
        **{
            "vocab_size": size,
            "hidden_size": 64,
            "intermediate_size": 128,
            "num_hidden_layers": 2,
            "num_attention_heads": 4,
            "num_key_value_heads": 2,
            "max_position_embeddings": 1024,
            "tie_word_embeddings": tied,
            "initializer_range": 0.2,
            "rope_theta": 10000.0,
            "bos_token_id": 1,
            "eos_token_id": 2,
            "pad_token_id": 0,
            **numbers,
        },
    )
    torch.manual_seed(7)
    model = AutoModelForCausalLM.from_config(config)
    with torch.no_grad():
        for name, weights in model.named_parameters():
            if name.endswith(".bias"):  # they begin as zeros, which would hide one that is lost
                weights.normal_()
        model.get_output_embeddings().weight[[0, 2]] = 0  # so that no answer ends by itself
    model.save_pretrained(folder)
    return folder


def _words(folder: Path, pre: str) -> int:
    from tokenizers import Tokenizer, decoders, models, trainers

    alphabet = [chr(code) for code in range(33, 127)]
    alphabet += [chr(code) for code in (*range(161, 173), *range(174, 256), *range(256, 324))]
    tokenizer = Tokenizer(models.BPE())
    table = json.loads(tokenizer.to_str())
    table["pre_tokenizer"] = {"type": "Sequence", "pretokenizers": PRE_TOKENIZERS[pre]}
    tokenizer = Tokenizer.from_str(json.dumps(table))
    tokenizer.decoder = decoders.ByteLevel()
    trainer = trainers.BpeTrainer(
        vocab_size=320,
        special_tokens=list(MARKERS),
        initial_alphabet=alphabet,
        show_progress=False,
    )
    tokenizer.train_from_iterator([TEXT], trainer)
    tokenizer.save(str(folder / "tokenizer.json"))
    about = {
        "tokenizer_class": "PreTrainedTokenizerFast",
        "bos_token": MARKERS[1],
        "eos_token": MARKERS[2],
        "pad_token": MARKERS[0],
        "chat_template": TEMPLATE,
        "clean_up_tokenization_spaces": False,
    }
    (folder / "tokenizer_config.json").write_text(json.dumps(about))
    return int(tokenizer.get_vocab_size())
