"""`python -m training`: says what will come; nothing can be trained yet.

Knows nothing of the plugin.
"""

from __future__ import annotations

import sys

if __name__ == "__main__":
    sys.exit(
        "python -m training: not here yet; sft, rl, export and push will be (training/README.md)"
    )
