"""The CSV files, their columns, how cells are spelled. Knows nothing of where rows come from."""

from __future__ import annotations

import csv
import unicodedata
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from datetime import datetime
    from pathlib import Path

HEADERS = {
    "regions": "id,name,kind,population",
    "categories": "id,name,description",
    "products": "id,sku,name,price,stock,reorderLevel,discontinued,tags,grams,launched",
    "suppliers": "id,name,email,founded,rating",
    "employees": "id,name,title,born,hired,left,salary,languages,phone",
    "customers": "id,code,name,kind,email,phone,since,newsletter",
    "orders": "id,number,placed,due,shipped,delivered,cancelled,channel,express,freight,note",
    "part_of": "part,whole",
    "in_category": "product,category",
    "replaces": "newer,older",
    "supplies": "supplier,product,cost,leadTime,since",
    "based_in": "supplier,region",
    "reports_to": "employee,boss,since",
    "covers": "employee,region",
    "has_address": "customer,region,use,street",
    "referred": "customer,referred,day",
    "placed": "customer,order",
    "handled": "employee,order",
    "ships_to": "order,region",
    "contains": "order,product,quantity,unitPrice,discount",
}


@dataclass
class Tables:
    """Rows by file, filled from top to bottom."""

    rows: dict[str, list[list[str]]] = field(default_factory=dict)

    def add(self, file: str, *cells: object) -> None:
        """One row."""
        self.rows.setdefault(file, []).append([str(cell) for cell in cells])

    def write(self, folder: Path) -> None:
        """Write all files into a folder."""
        for name, header in HEADERS.items():
            with (folder / f"{name}.csv").open("w", encoding="utf-8", newline="") as file:
                writer = csv.writer(file, lineterminator="\n")
                writer.writerows([header.split(","), *self.rows[name]])


def ascii_words(text: str) -> list[str]:
    """A name's words, lower case, without accents and signs."""
    plain = unicodedata.normalize("NFD", text.lower())
    kept = "".join(char if char.isalnum() else " " for char in plain if ord(char) < 128)
    return kept.split()


def slug(name: str) -> str:
    """A name as an id."""
    return "-".join(ascii_words(name))


def money(cents: int) -> str:
    """An amount with two decimals."""
    return f"{cents // 100}.{cents % 100:02}"


def true(value: object) -> str:
    """A boolean as the files spell it."""
    return "true" if value else "false"


def moment(value: datetime | None) -> str:
    """A date with time of day, to the minute; empty if there is none."""
    return value.strftime("%Y-%m-%dT%H:%M") if value else ""
