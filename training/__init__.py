"""Fine-tuned candidates: train, export, quantise. README.md says what will come.

Knows nothing of the plugin, its options or its session; nothing imports it.
"""
