"""How many processors this process may use, and how a record says it.

Knows nothing of runtimes.
"""

from __future__ import annotations

import os


def processors() -> int:
    """Those that it is allowed to run on; all, where the system cannot say."""
    if hasattr(os, "sched_getaffinity"):
        return len(os.sched_getaffinity(0))
    return os.cpu_count() or 1


def on(device: str, threads: int) -> str:
    """``cpu, 2 threads``, as it stands in a record's runtime."""
    return f"{device}, {threads} thread{'s' * (threads != 1)}"
