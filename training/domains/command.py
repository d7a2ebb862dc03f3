"""`python -m training domains`: write the CSV files of the training domains' graphs.

Knows nothing of pairs or models.
"""

from __future__ import annotations

import argparse
import sys
from dataclasses import dataclass
from importlib import import_module
from pathlib import Path
from typing import TYPE_CHECKING, cast

from training.domains import DOMAINS
from training.domains.tables import write

if TYPE_CHECKING:
    from collections.abc import Sequence

    from training.domains.tables import Domain

GRAPHS = Path(__file__).parents[2] / "cases" / "train" / "graphs"


@dataclass(frozen=True, slots=True)
class Args:
    """Which domains to write, and the folder that has one for each."""

    domains: tuple[str, ...] = DOMAINS
    output: Path = GRAPHS


def parse(arguments: Sequence[str]) -> Args:
    """The command line as Args."""
    parser = argparse.ArgumentParser(prog="python -m training domains", description=__doc__)
    parser.add_argument("domains", nargs="*", metavar="DOMAIN", help="default: all")
    parser.add_argument("--output", type=Path, default=GRAPHS, help="folder of the graphs")
    found = parser.parse_args(arguments)
    if unknown := [name for name in found.domains if name not in DOMAINS]:
        parser.error(f"no domain {unknown[0]!r}; have: {', '.join(DOMAINS)}")
    return Args(tuple(found.domains) or DOMAINS, found.output)


def run(args: Args) -> int:
    """Write them; 0 if all is well, 1 if a folder cannot be written."""
    for name in args.domains:
        folder = args.output / name
        try:
            folder.mkdir(parents=True, exist_ok=True)
            write(cast("Domain", import_module(f"training.domains.{name}")), folder)
        except OSError as error:
            sys.stderr.write(f"--output {folder} cannot be written: {error.strerror}\n")
            return 1
        sys.stdout.write(f"{folder}\n")
    return 0
