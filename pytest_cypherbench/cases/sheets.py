"""CSV, XLSX and Parquet sheets to numbered rows; often foreign, so unknown columns are ignored.

Knows nothing of what makes a case valid.
"""

from __future__ import annotations

import csv
import io
import warnings
import zipfile
from importlib import import_module
from typing import TYPE_CHECKING, Any, TypeAlias

from pytest_cypherbench.cases.columns import (
    KEY_OF,
    UnreadableError,
    decode,
    find_columns,
    require_columns,
)
from pytest_cypherbench.errors import missing_extra

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping
    from pathlib import Path
    from types import ModuleType

    from pytest_cypherbench.cases.columns import Cells, RawRow, RawRows

MAX_UNPACKED_BYTES = 512 * 2**20
# Sheets are often formatted far to the right of their last word; nobody's case has more columns.
MAX_SHEET_COLUMNS = 100

# From a header to the index of the column under each name that a row is to have.
Choice: TypeAlias = "Callable[[Iterable[object]], Mapping[str, int]]"


def case_columns(header: Iterable[object]) -> Mapping[str, int]:
    """The columns of cases. Raises UnreadableError where these can make none."""
    cells = list(header)
    columns = find_columns(cells)
    require_columns(columns, cells)
    return columns


def read_csv(path: Path, choose: Choice = case_columns) -> RawRows:
    """Comma, semicolon or tab; row 1 is the one below the header, empty lines do not count."""
    text = decode(path.read_bytes())
    if not text.strip():
        return
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=_delimiter(text), strict=True)
    header: list[str] | None = None
    columns: Mapping[str, int] = {}
    number = 0
    while True:
        try:
            record = next(reader)
        except StopIteration:
            return
        except csv.Error as error:
            yield number + (header is not None), f"is not CSV at line {reader.line_num}: {error}"
            number += 1
            continue
        if header is None:
            if record:
                header = record
                columns = choose(header)
        elif record:
            number += 1
            if row := _csv_row(record, len(header), columns):
                yield number, row


def _csv_row(record: list[str], width: int, columns: Mapping[str, int]) -> Cells | str | None:
    if not any(cell.strip() for cell in record):
        return None
    if len(record) < width or any(record[width:]):
        return (
            f"has {len(record)} cells where the header has {width}: shifted columns; "
            "quote every cell that holds the delimiter"
        )
    return {key: record[index] for key, index in columns.items()}


def split_header(text: str) -> list[str]:
    """The cells of a CSV text's first line."""
    return next(csv.reader(io.StringIO(text, newline=""), delimiter=_delimiter(text)), [])


def _delimiter(text: str) -> str:
    """The delimiter under which the header names most keys.

    A guess by counting characters fails where questions hold more commas than rows hold semicolons.
    """

    def known(delimiter: str) -> tuple[int, int]:
        try:
            header = next(csv.reader(io.StringIO(text, newline=""), delimiter=delimiter))
        except (StopIteration, csv.Error):
            return 0, 0
        return sum(cell.strip().lower() in KEY_OF for cell in header), len(header)

    return max((",", ";", "\t"), key=known)


def read_xlsx(path: Path) -> RawRows:
    """The first sheet that has the columns of cases; a formula counts as the value last shown."""
    openpyxl = _library("openpyxl", "xlsx", path)
    with open_archive(path) as archive:
        if sum(entry.file_size for entry in archive.infolist()) > MAX_UNPACKED_BYTES:
            raise UnreadableError(f"unpacks to more than {MAX_UNPACKED_BYTES // 2**20} MiB")
    # Other programs' sheets hold extensions that openpyxl warns of and that no case needs.
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        try:
            book = openpyxl.load_workbook(path, read_only=True, data_only=True)
            try:
                return iter(_best_sheet([_sheet_rows(sheet) for sheet in book.worksheets]))
            finally:
                book.close()
        except UnreadableError:
            raise
        except Exception as error:  # a broken sheet makes openpyxl raise from anywhere
            raise UnreadableError(f"is not a readable XLSX: {error}") from error


def open_archive(path: Path) -> zipfile.ZipFile:
    """The archive that an XLSX file is. Raises UnreadableError where it is none."""
    try:
        return zipfile.ZipFile(path)
    except (zipfile.BadZipFile, ValueError, NotImplementedError) as error:
        raise UnreadableError("is not an XLSX file") from error


def _sheet_rows(sheet: Any) -> list[RawRow] | UnreadableError:  # noqa: ANN401 openpyxl's class is imported late
    rows = enumerate(sheet.iter_rows(values_only=True, max_col=MAX_SHEET_COLUMNS), 1)
    filled = ((number, row) for number, row in rows if any(row))  # a row of zeros is no case either
    head, header = next(filled, (0, ()))
    try:
        columns = case_columns(header)
    except UnreadableError as error:
        return error
    return [(number - head, {k: row[i] for k, i in columns.items()}) for number, row in filled]


def _best_sheet(sheets: list[list[RawRow] | UnreadableError]) -> list[RawRow]:
    """The first sheet that has the columns of cases; else what the first one lacks."""
    for sheet in sheets:
        if isinstance(sheet, list):
            return sheet
    reason = str(sheets[0]) if sheets else "has no sheet"
    raise UnreadableError(reason)


def read_parquet(path: Path, choose: Choice = case_columns) -> RawRows:
    """Only the chosen columns are read, so a sheet may carry others of any size."""
    parquet = _library("pyarrow.parquet", "parquet", path)
    arrow = import_module("pyarrow")
    try:
        with parquet.ParquetFile(path) as file:
            groups = (file.metadata.row_group(i) for i in range(file.metadata.num_row_groups))
            if sum(group.total_byte_size for group in groups) > MAX_UNPACKED_BYTES:
                raise UnreadableError(f"unpacks to more than {MAX_UNPACKED_BYTES // 2**20} MiB")
            header = file.schema_arrow.names
            columns = choose(header)
            names = {header[index]: key for key, index in columns.items()}
            number = 0
            for batch in file.iter_batches(columns=list(names)):
                for row in batch.to_pylist():
                    number += 1
                    yield number, {names[name]: value for name, value in row.items()}
    except arrow.ArrowException as error:
        raise UnreadableError(f"is not a readable Parquet file: {error}") from error


def _library(module: str, extra: str, path: Path) -> ModuleType:
    try:
        return import_module(module)
    except ModuleNotFoundError as error:
        raise missing_extra(extra, path.as_posix()) from error
