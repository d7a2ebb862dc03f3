"""Question/Cypher pairs made from graphs, words and query patterns; WORDS.md is for their authors.

Knows nothing of models or of how the pairs are used.
"""
