"""A transformers folder → OpenVINO's files, whole or quantised; beside them, tokenizer and config.

Knows nothing of caches or candidates. optimum exports, NNCF quantises weights without data.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from pytest_cypherbench.backends.folders.silence import silence
from pytest_cypherbench.backends.variants import OPENVINO_VARIANTS
from pytest_cypherbench.conversions.exporting import copy_beside, exported, need
from pytest_cypherbench.registry import unknown

if TYPE_CHECKING:
    from pathlib import Path

VERSION = 1  # of what is written: another number for folders that differ
SCHEMES = {  # how each variant is quantised, for the record
    "int8": "int8 by NNCF: weights by row",
    "int4": "int4 by NNCF: weights in groups of 64, the last layer and the embedding in int8",
}
_GRAPH = "openvino_model.xml"
_NEEDED = ("optimum.exporters.openvino", "openvino", "nncf")
_GROUP = 64  # numbers of a row that share one factor; SmolLM2's rows are no multiple of 128


def check() -> None:
    """Raise UserError for a missing library."""
    need("openvino", "OpenVINO's files", _NEEDED)


def export(folder: Path, target: Path) -> None:
    """Write the model as fp32. ``target`` must be there and empty.

    Raises UserError for a model that optimum cannot export.
    """
    from optimum.exporters.openvino import main_export
    from optimum.intel import OVConfig

    with exported(folder, "for OpenVINO"):
        main_export(
            str(folder),
            output=target,
            task="text-generation-with-past",
            ov_config=OVConfig(dtype="fp32"),
            local_files_only=True,
            convert_tokenizer=False,
        )


def quantise(source: Path, target: Path, variant: str) -> None:
    """Write an fp32 export as int8 or int4. ``target`` must be there and empty.

    Raises UserError for a variant that does not exist.
    """
    import nncf
    import openvino

    modes = {
        "int8": {"mode": nncf.CompressWeightsMode.INT8_ASYM},
        "int4": {
            "mode": nncf.CompressWeightsMode.INT4_ASYM,
            "group_size": _GROUP,
            "ratio": 1.0,
        },
    }
    if variant not in modes:
        raise unknown("variant", variant, OPENVINO_VARIANTS, flag="--model")
    copy_beside(source, target, "openvino_model.")
    with silence():
        whole = openvino.Core().read_model(source / _GRAPH)
        made = nncf.compress_weights(whole, **modes[variant])
        openvino.save_model(made, target / _GRAPH, compress_to_fp16=False)
