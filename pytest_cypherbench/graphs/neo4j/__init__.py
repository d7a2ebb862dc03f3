"""Neo4j, reached in three ways: the user's server, a container, a private process.

Knows nothing of models.
"""
