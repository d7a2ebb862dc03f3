"""Judge text-to-Cypher models with pytest: every dataset entry a case, on a real graph.

Knows nothing: it holds the version alone.
"""

__version__ = "0.1.0"
