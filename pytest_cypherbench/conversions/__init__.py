"""A model's files in one format → another: GGUF ⇄ a transformers folder, with the same weights.

Knows nothing of options, cases or pytest. Heavy libraries are imported inside functions. Does not
protect from a file made to attack the reader of its format.
"""
