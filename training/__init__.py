"""Fine-tuned candidates: train, export, quantise. Not here yet; README.md beside this says what will come.

Knows nothing of the plugin, its options or its session; nothing imports it.
"""
