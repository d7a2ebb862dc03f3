"""``python -m pytest_cypherbench cache list|prune|clear``: the command line of the cache.

Knows nothing of how generations are kept. Reads the environment, as a command has no options of
pytest's.
"""

from __future__ import annotations

import argparse
import math
import os
import sys
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING

from pytest_cypherbench.cache.store import FILE, Cache, UnreadableError, remove
from pytest_cypherbench.defaults import cache_folder

if TYPE_CHECKING:
    from collections.abc import Sequence

DONE = 0
_DAY_SECONDS, _MEGABYTE = 86400, 10**6


def main(arguments: Sequence[str]) -> int:
    """List or remove generations. 0: done; argparse exits with 2. Raises CypherbenchError."""
    parser = _parser()
    options = parser.parse_args(arguments)
    if options.action == "prune" and options.days is None and options.megabytes is None:
        parser.error("prune needs --days or --megabytes")
    file = _folder(options.cache_dir) / FILE
    lines = _do(file, options) if file.exists() else [f"no generations in {file}"]
    sys.stdout.write("".join(f"{line}\n" for line in lines))
    return DONE


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="python -m pytest_cypherbench cache",
        description="What is kept of earlier generations; docs/cache.md says more.",
    )
    parser.add_argument("--cache-dir", type=Path, metavar="DIR", help="its folder")
    actions = parser.add_subparsers(dest="action", required=True, metavar="list|prune|clear")
    actions.add_parser("list", help="models, with count, bytes and last use")
    prune = actions.add_parser("prune", help="remove what is old or too much")
    prune.add_argument("--days", type=_amount, metavar="N", help="what was not used for N days")
    prune.add_argument(
        "--megabytes", type=_amount, metavar="N", help="what was used longest ago, until N are left"
    )
    clear = actions.add_parser("clear", help="remove everything, or one model's")
    clear.add_argument("--model", metavar="LABEL", help="as given to pytest --model")
    return parser


def _amount(text: str) -> float:
    try:
        number = float(text)
    except ValueError:
        number = math.nan
    if not 0 <= number < math.inf:
        raise argparse.ArgumentTypeError(f"{text!r} is no number from 0 up")
    return number


def _folder(given: Path | None) -> Path:
    named = given or os.environ.get("CYPHERBENCH_CACHE")
    return Path(named) if named else cache_folder()


def _do(file: Path, options: argparse.Namespace) -> list[str]:
    try:
        cache = Cache(file)
    except UnreadableError:
        if options.action != "clear":
            raise
        remove(file)
        return [f"removed {file}, which could not be read"]
    try:
        if options.action == "list":
            return _listed(cache)
        if options.action == "clear":
            return [f"generations removed: {cache.clear(options.model)}"]
        seconds = None if options.days is None else options.days * _DAY_SECONDS
        most = None if options.megabytes is None else int(options.megabytes * _MEGABYTE)
        return [f"generations removed: {cache.prune(seconds=seconds, most_bytes=most)}"]
    finally:
        cache.close()


def _listed(cache: Cache) -> list[str]:
    holdings = cache.holdings()
    rows = [("model", "generations", "bytes", "last used")]
    rows += [
        (ascii(one.model)[1:-1], f"{one.count:,}", f"{one.bytes:,}", _day(one.used))
        for one in holdings
    ]
    count, size = sum(one.count for one in holdings), sum(one.bytes for one in holdings)
    rows.append(("total", f"{count:,}", f"{size:,}", ""))
    widths = [max(map(len, column)) for column in zip(*rows, strict=True)]
    lines = [
        f"{name:<{widths[0]}}  {amount:>{widths[1]}}  {size:>{widths[2]}}  {used}".rstrip()
        for name, amount, size, used in rows
    ]
    return [*lines, str(cache.file)]


def _day(seconds: float) -> str:
    return f"{datetime.fromtimestamp(seconds, UTC):%Y-%m-%d}"
