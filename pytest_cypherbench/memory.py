"""The peak resident memory of this process, from a point in time on.

Knows nothing of models. Linux can reset the peak; elsewhere it is that of the whole process.
"""

from __future__ import annotations

import sys
from pathlib import Path


def reset_peak() -> None:
    """Start a new peak, where the operating system lets us."""
    try:
        Path("/proc/self/clear_refs").write_text("5", encoding="ascii")
    except OSError:
        return


def peak_bytes() -> int | None:
    """Peak resident set size in bytes; None where it cannot be read."""
    try:
        for line in Path("/proc/self/status").read_text(encoding="ascii").splitlines():
            if line.startswith("VmHWM:"):
                return int(line.split()[1]) * 1024
    except OSError:
        pass
    try:
        import resource
    except ImportError:
        return None
    unit = 1 if sys.platform == "darwin" else 1024
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * unit
