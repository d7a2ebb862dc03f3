"""llama.cpp, which reads GGUF files: the backend ``gguf`` and its parts.

Knows nothing of other runtimes.
"""
