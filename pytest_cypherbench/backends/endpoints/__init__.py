"""Servers that speak the protocol of OpenAI: the backend ``openai`` and its parts.

Knows nothing of other runtimes.
"""
