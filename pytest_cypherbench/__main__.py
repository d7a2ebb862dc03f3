"""``python -m pytest_cypherbench COMMAND …``: a table of commands, each a function of arguments.

Knows nothing of what they do; a command is imported when it is chosen. What goes wrong in any of
them is one line here.
"""

from __future__ import annotations

import argparse
import sys
from importlib import import_module
from typing import TYPE_CHECKING

from pytest_cypherbench.errors import CypherbenchError
from pytest_cypherbench.reports.text import one_line

if TYPE_CHECKING:
    from collections.abc import Sequence

CANNOT_RUN, INTERRUPTED = 4, 130
COMMANDS = {
    "audit": ("pytest_cypherbench.audit.command:main", "check what cases are worth"),
    "cache": ("pytest_cypherbench.cache.command:main", "list or remove kept generations"),
    "import": ("pytest_cypherbench.importers.command:main", "make cases of a public data set"),
    "quantise": (
        "pytest_cypherbench.candidates.command:main",
        "make variants of a model, and say what they hold",
    ),
}


def main(arguments: Sequence[str]) -> int:
    """Run a command; its exit status, or 4 where it cannot run. argparse exits with 2."""
    lines = "\n".join(f"  {name:<10}{what}" for name, (_, what) in COMMANDS.items())
    parser = argparse.ArgumentParser(
        prog="python -m pytest_cypherbench",
        description=f"commands:\n{lines}\n\nCOMMAND --help says more.",
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument("command", choices=COMMANDS, metavar="COMMAND")
    chosen = parser.parse_args(arguments[:1]).command
    module, _, function = COMMANDS[chosen][0].partition(":")
    try:
        status: int = getattr(import_module(module), function)(arguments[1:])
    except CypherbenchError as error:
        sys.stderr.write(f"{chosen}: {one_line(str(error), 1000)}\n")
        return CANNOT_RUN
    except KeyboardInterrupt:
        sys.stderr.write(f"{chosen}: interrupted\n")
        return INTERRUPTED
    return status


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
