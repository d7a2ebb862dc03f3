"""`python -m training COMMAND`: domains makes the training graphs, pairs the question/Cypher pairs;
README.md says what will come.

Knows nothing of the plugin.
"""

from __future__ import annotations

import sys


def main(arguments: list[str]) -> int | str:
    """Run one command; the exit status, or what was wrong with the command line."""
    if arguments[:1] == ["domains"]:
        from training.domains import command as domains

        return domains.run(domains.parse(arguments[1:]))
    if arguments[:1] == ["pairs"]:
        from training.pairs import command as pairs

        return pairs.run(pairs.parse(arguments[1:]))
    return (
        "python -m training: domains makes the training graphs, pairs the question/Cypher pairs;"
        " sft, rl, export and push are not here yet (training/README.md)"
    )


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
