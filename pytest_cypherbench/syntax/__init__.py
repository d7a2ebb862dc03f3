"""How a query reads beyond its tokens: what its brackets hold, whose its names are, a normal form.

Knows nothing of schemas or engines: a reading of tokens, no grammar.
"""
