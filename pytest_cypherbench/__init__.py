"""Judge text-to-Cypher models with pytest: every dataset entry is a case, every answer runs on a real graph."""

__version__ = "0.1.0"
