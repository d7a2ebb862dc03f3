"""Generations of earlier runs: what cannot have changed is not generated again.

Knows nothing of cases, databases or models. A generation from here is marked ``cached``: its times
are those of the run that made it.
"""

from pytest_cypherbench.cache.key import CacheKey
from pytest_cypherbench.cache.store import FILE, Cache

__all__ = ["FILE", "Cache", "CacheKey"]
