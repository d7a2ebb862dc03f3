"""Models that lie in a folder: the backends ``hf``, ``onnx`` and ``openvino``, with one loop.

Knows nothing of other runtimes.
"""
