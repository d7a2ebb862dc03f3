"""Copies of a graph, each loaded in its turn: in another order, and altered.

Knows nothing of cases. An engine holds one graph at a time, so whoever asks uses a copy up first.
"""
