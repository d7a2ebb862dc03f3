"""A transformers folder → ONNX with its past, whole or quantised; beside it, tokenizer and config.

Knows nothing of caches or candidates. optimum exports, ONNX Runtime's own tools quantise. Weights
lie in a file of their own, which is mapped and not read as a whole.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from pytest_cypherbench.backends.folders.silence import silence
from pytest_cypherbench.backends.variants import ONNX_VARIANTS
from pytest_cypherbench.conversions.exporting import copy_beside, exported, need
from pytest_cypherbench.registry import unknown

if TYPE_CHECKING:
    from pathlib import Path

    import onnx

VERSION = 1  # of what is written: another number for folders that differ
SCHEMES = {  # how each variant is quantised, for the record
    "fp16": "",
    "int8": "int8 by onnxruntime: weights by column in 7 bits, activations as they come",
    "int4": "int4 by onnxruntime: weights in blocks of 32 (MatMulNBits), sums in int8",
}
_GRAPH, _WEIGHTS = "model.onnx", "model.onnx_data"
_NEEDED = ("optimum.exporters.onnx", "onnx", "onnxruntime")
# Rows of a matrix that share one factor: 32 is the finest that the CPU kernels take.
_BLOCK = 32
_INT8_SUMS = 4  # MatMulNBits' accuracy level: activations too are int8, block by block


def check() -> None:
    """Raise UserError for a missing library."""
    need("onnx", "an ONNX file", _NEEDED)


def export(folder: Path, target: Path) -> None:
    """Write the model as fp32. ``target`` must be there and empty.

    Raises UserError for a model that optimum cannot export.
    """
    import onnx
    from optimum.exporters.onnx import main_export

    with exported(folder, "as ONNX"):
        main_export(
            str(folder),
            output=target,
            task="text-generation-with-past",
            do_validation=False,
            local_files_only=True,
        )
    model = onnx.load(target / _GRAPH)
    for written in target.glob(f"{_GRAPH}*"):
        written.unlink()
    _save(model, target)


def quantise(source: Path, target: Path, variant: str) -> None:
    """Write an fp32 export as fp16, int8 or int4. ``target`` must be there and empty.

    Raises UserError for a variant that does not exist.
    """
    make = {"fp16": _halve, "int8": _int8, "int4": _int4}.get(variant)
    if make is None:
        raise unknown("variant", variant, ONNX_VARIANTS, flag="--model")
    copy_beside(source, target, _GRAPH)
    import onnx

    with silence():
        make(onnx.load(source / _GRAPH), target)


def _halve(model: onnx.ModelProto, target: Path) -> None:
    from onnxruntime.transformers.float16 import convert_float_to_float16

    _save(convert_float_to_float16(model, disable_shape_infer=True), target)


def _int8(model: onnx.ModelProto, target: Path) -> None:
    from onnxruntime.quantization import QuantType, quantize_dynamic

    _untie(model)
    quantize_dynamic(
        model,
        target / _GRAPH,
        weight_type=QuantType.QInt8,
        per_channel=True,
        reduce_range=True,
        op_types_to_quantize=["MatMul", "Gather"],
        use_external_data_format=True,
    )


def _int4(model: onnx.ModelProto, target: Path) -> None:
    from onnxruntime.quantization.matmul_nbits_quantizer import MatMulNBitsQuantizer

    _untie(model)
    made = MatMulNBitsQuantizer(
        model,
        bits=4,
        block_size=_BLOCK,
        is_symmetric=False,
        accuracy_level=_INT8_SUMS,
        op_types_to_quantize=("MatMul", "Gather"),
        quant_axes=(("MatMul", 0), ("Gather", 1)),
    )
    made.process()
    _save(made.model.model, target)


def _untie(model: onnx.ModelProto) -> None:
    """Where the embedding is also the last layer, optimum stores it once and turns it at run time;
    quantisers see no weight there, and would leave the largest matrix as it is."""
    import numpy as np
    from onnx import numpy_helper

    graph = model.graph
    weights = {weight.name: weight for weight in graph.initializer}
    for node in [each for each in graph.node if each.op_type == "Transpose"]:
        if node.input[0] in weights:
            array = numpy_helper.to_array(weights[node.input[0]])
            order = tuple(node.attribute[0].ints) if node.attribute else None
            turned = np.ascontiguousarray(array.transpose(order))
            graph.initializer.append(numpy_helper.from_array(turned, node.output[0]))
            graph.node.remove(node)


def _save(model: onnx.ModelProto, target: Path) -> None:
    import onnx

    onnx.save(model, target / _GRAPH, save_as_external_data=True, location=_WEIGHTS)
