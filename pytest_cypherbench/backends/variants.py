"""Names of variants: what a model can be quantised to without calibration data, or loaded as.

Knows nothing of runtimes: names and their order only.
"""

from __future__ import annotations

# Most precise first: the best file to requantise from is the first of these that exists.
GGUF_TYPES = (
    *("f32", "bf16", "f16", "q8_0", "q6_k"),
    *("q5_k_m", "q5_k_s", "q5_1", "q5_0"),
    *("q4_k_m", "q4_k_s", "q4_1", "iq4_nl", "iq4_xs", "q4_0"),
    *("q3_k_l", "q3_k_m", "q3_k_s", "q2_k"),
)
# What transformers can load a folder of safetensors as: whole, or quantised while it is loaded.
HF_VARIANTS = ("fp32", "bf16", "int8", "int4")
# What ONNX and OpenVINO files are made as.
ONNX_VARIANTS = ("fp32", "fp16", "int8", "int4")
OPENVINO_VARIANTS = ("fp32", "int8", "int4")
# GGUF types that hold numbers as they are, not quantised.
WHOLE_TYPES = ("f32", "bf16", "f16")
