"""The parts of PyTorch and transformers that a backend is made of: device and weights.

Knows nothing of prompts or answers. Weights are read from safetensors alone, and from this machine
alone. Does not protect from a folder's own code where ``trust_remote_code`` lets it run.
"""

from __future__ import annotations

import gc
from importlib.metadata import version
from importlib.util import find_spec
from typing import TYPE_CHECKING, TypeAlias

import torch  # noqa: TID253  # the one module that loads it
import transformers  # noqa: TID253  # the same

from pytest_cypherbench.backends.folders.loading import loading
from pytest_cypherbench.backends.folders.silence import silence
from pytest_cypherbench.backends.threads import on
from pytest_cypherbench.backends.variants import HF_VARIANTS
from pytest_cypherbench.errors import UserError, missing_extra
from pytest_cypherbench.registry import unknown

if TYPE_CHECKING:
    from pathlib import Path

    from pytest_cypherbench.backends import ModelSpec

__all__ = ["Cache", "device_for", "load", "release", "runtime_of", "torch"]

Cache: TypeAlias = transformers.Cache | None  # None: nothing has been evaluated
_PLAIN = {"fp32": torch.float32, "bf16": torch.bfloat16}


def device_for(variant: str) -> str:
    """Where the model runs: CUDA, else Apple's MPS, which bitsandbytes cannot use, else the CPU."""
    if torch.cuda.is_available():
        return "cuda"
    return "mps" if torch.backends.mps.is_available() and variant in _PLAIN else "cpu"


def load(spec: ModelSpec, folder: Path, variant: str) -> torch.nn.Module:
    """The model with its adapter, ready to be asked. Raises UserError where that fails."""
    if variant not in HF_VARIANTS:
        raise unknown("variant", variant, HF_VARIANTS, flag=f"--model {spec.info.label}")
    if variant not in _PLAIN and find_spec("bitsandbytes") is None:
        raise missing_extra("hf", f"--model {spec.info.label} (bitsandbytes)")
    if spec.threads:
        torch.set_num_threads(spec.threads)
    device = device_for(variant)
    with loading(spec.info.label, device), silence():
        model = transformers.AutoModelForCausalLM.from_pretrained(
            folder,
            local_files_only=True,
            use_safetensors=True,
            trust_remote_code=spec.trust_remote_code,
            **_how(variant, device),
        )
        if spec.adapter:
            model = _adapted(model, spec.adapter, merge=variant in _PLAIN)
        if variant not in _PLAIN:  # some shapes and machines fail only when they are used
            with torch.inference_mode():
                model(input_ids=torch.zeros(1, 1, dtype=torch.long, device=device))
    model.eval()
    return model


def _how(variant: str, device: str) -> dict[str, object]:
    if variant in _PLAIN:
        return {"dtype": _PLAIN[variant], "device_map": {"": device}}
    # int8 multiplies in float16 whatever it is given; int4 is NF4.
    config = transformers.BitsAndBytesConfig(
        load_in_8bit=variant == "int8",
        load_in_4bit=variant == "int4",
        bnb_4bit_quant_type="nf4",
        bnb_4bit_compute_dtype=torch.bfloat16,
    )
    kind = torch.float16 if variant == "int8" else torch.bfloat16
    return {"dtype": kind, "device_map": {"": device}, "quantization_config": config}


def _adapted(model: torch.nn.Module, adapter: Path, *, merge: bool) -> torch.nn.Module:
    """With a peft adapter, merged into plain weights. Raises UserError for what cannot be used."""
    if find_spec("peft") is None:
        raise missing_extra("hf", "an adapter (peft)")
    from peft import PeftConfig, PeftModel

    if not (adapter / "adapter_model.safetensors").is_file():
        raise UserError(
            f"no adapter_model.safetensors in {adapter.name}",
            fix="name a folder that peft has saved as safetensors",
        )
    if PeftConfig.from_pretrained(adapter).is_prompt_learning:
        raise UserError(
            f"the adapter {adapter.name} learns a prompt, and prompts are the run's own",
            fix="name an adapter that changes weights, such as LoRA",
        )
    adapted = PeftModel.from_pretrained(model, adapter)
    return adapted.merge_and_unload() if merge else adapted


def runtime_of(variant: str) -> str:
    """Libraries, device and threads: what changes answers or speed."""
    device = device_for(variant)
    name = torch.cuda.get_device_name() if device == "cuda" else device
    quantised = "" if variant in _PLAIN else f", bitsandbytes {version('bitsandbytes')}"
    return (
        f"transformers {transformers.__version__}, torch {torch.__version__}{quantised}, "
        f"{on(name, torch.get_num_threads())}"
    )


def release() -> None:
    """Give back the memory of models that nobody holds any more."""
    gc.collect()
    if torch.cuda.is_available():
        torch.cuda.empty_cache()
