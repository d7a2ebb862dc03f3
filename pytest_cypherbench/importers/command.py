"""``python -m pytest_cypherbench import``: the command line of an import, its report and status.

Knows nothing of any format.
"""

from __future__ import annotations

import argparse
import sys
from pathlib import Path
from typing import TYPE_CHECKING

from pytest_cypherbench.errors import UserError
from pytest_cypherbench.importers import FORMATS, find_format
from pytest_cypherbench.importers.gather import gather
from pytest_cypherbench.importers.source import find_source
from pytest_cypherbench.importers.table import read_table
from pytest_cypherbench.importers.write import (
    by_cause,
    left_out,
    origin_of,
    refuse_foreign,
    write_cases,
    write_origin,
)
from pytest_cypherbench.reports.text import one_line

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from pytest_cypherbench.importers.format import Format
    from pytest_cypherbench.importers.gather import Gathered

IMPORTED, REFUSED, NOTHING = 0, 1, 4
_ROWS_SHOWN = 3


def main(arguments: Sequence[str]) -> int:
    """Import and report. 0: every row, 1: some were refused, 4: nothing; argparse exits with 2.
    Raises CypherbenchError where it cannot run."""
    parser = _parser()
    options = parser.parse_args(arguments)
    try:
        wanted = find_format(options.format)
    except UserError as error:
        parser.error(str(error))
    return _import(wanted, options)


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="python -m pytest_cypherbench import",
        description="Make a case file of a public data set; docs/import.md describes the formats.",
    )
    add = parser.add_argument
    add("format", metavar="FORMAT", help=", ".join(FORMATS.names()))
    add("source", metavar="SOURCE", help="a file, or OWNER/DATASET/SPLIT of the hub")
    add("--output", type=_jsonl, metavar="FILE", help="the case file [FORMAT-NAME.jsonl]")
    add("--graph", metavar="NAME", help="the graph of rows that name none")
    add("--limit", type=_count, metavar="N", help="read the first N rows of each file")
    return parser


def _jsonl(text: str) -> Path:
    path = Path(text)
    if path.suffix != ".jsonl":
        raise argparse.ArgumentTypeError(f"{text!r} does not end in .jsonl")
    return path


def _count(text: str) -> int:
    if not text.isdecimal() or int(text) == 0:
        raise argparse.ArgumentTypeError(f"{text!r} is no whole number above 0")
    return int(text)


def _import(wanted: Format, options: argparse.Namespace) -> int:
    source = find_source(options.source)
    output = options.output or Path(f"{wanted.name}-{source.name}.jsonl")
    refuse_foreign(output)
    tables = [read_table(path, file, wanted, options.limit) for file, path in source.files.items()]
    gathered = gather(tables, wanted, options.graph)
    header = list(dict.fromkeys(name for table in tables for name in table.header if name))
    if gathered.cases:
        write_cases(output, gathered)
        write_origin(output, wanted, source, gathered, header)
    lines = _report(wanted, output, gathered, left_out(wanted, header))
    sys.stdout.write("".join(f"{line}\n" for line in lines))
    if not gathered.cases:
        return NOTHING
    return REFUSED if gathered.refusals else IMPORTED


def _report(
    wanted: Format, output: Path, gathered: Gathered, unread: Sequence[str]
) -> Iterator[str]:
    """What was refused and why, what was left out, whose it is, and one last line of counts."""
    for refusals in by_cause(gathered.refusals):
        yield one_line(f"refused {len(refusals)}: {refusals[0].cause}: {refusals[0].fix}", 400)
        for refusal in refusals[:_ROWS_SHOWN]:
            detail = f": {refusal.detail}" if refusal.detail else ""
            yield "  " + one_line(f"{refusal.origin.file}, row {refusal.origin.row}{detail}")
        if (more := len(refusals) - _ROWS_SHOWN) > 0:
            yield f"  and {more} more"
    if unread:
        yield one_line(f"columns left out: {', '.join(unread)}", 400)
    imported, refused = len(gathered.cases), len(gathered.refusals)
    if imported:
        yield f"{wanted.title}, {wanted.home}; licence: {wanted.licence}"
        yield one_line(f"cases in {output}, their origin in {origin_of(output)}", 400)
    yield f"{imported + refused} rows read: {imported} imported, {refused} refused"
