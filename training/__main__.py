"""`python -m training COMMAND`: pairs makes the training pairs; README.md says what will come.

Knows nothing of the plugin.
"""

from __future__ import annotations

import sys


def main(arguments: list[str]) -> int | str:
    """Run one command; the exit status, or what was wrong with the command line."""
    if arguments[:1] == ["pairs"]:
        from training.pairs.command import parse, run

        return run(parse(arguments[1:]))
    return (
        "python -m training: pairs makes the training pairs;"
        " sft, rl, export and push are not here yet (training/README.md)"
    )


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
