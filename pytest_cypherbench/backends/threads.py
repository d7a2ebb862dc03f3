"""How many processors this process may use.

Knows nothing of runtimes.
"""

from __future__ import annotations

import os


def processors() -> int:
    """Those that it is allowed to run on; all, where the system cannot say."""
    if hasattr(os, "sched_getaffinity"):
        return len(os.sched_getaffinity(0))
    return os.cpu_count() or 1
