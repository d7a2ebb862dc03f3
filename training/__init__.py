"""Fine-tuned candidates: train, export, quantise. Nothing here yet but the place where it will be."""
