"""The engine ``embedded``: ArcadeDB in a child process, and what it cannot judge as Neo4j would.

Knows nothing of models.
"""
