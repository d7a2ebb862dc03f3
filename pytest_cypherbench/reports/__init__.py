"""What a run says: a summary in which every number is computed once, and forms of showing it.

Knows nothing of models, databases or pytest.
"""
