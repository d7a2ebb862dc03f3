"""Processes of ours that end with those who need them, however these end.

Knows nothing of which database runs in them.
"""
