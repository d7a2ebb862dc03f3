"""The graph `orders`: it is what its generator writes, and it holds the traps that cases rely on."""

from __future__ import annotations

import csv
import random
import re
import subprocess
import sys
from collections import Counter
from pathlib import Path

GRAPH = Path(__file__).parent.parent / "cases" / "graphs" / "orders"


def read(table: str) -> list[dict[str, str]]:
    with (GRAPH / f"{table}.csv").open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


def column(table: str, name: str) -> list[str]:
    return [row[name] for row in read(table)]


def shared(values: list[str]) -> set[str]:
    return {value for value, times in Counter(values).items() if times > 1}


def test_generator_writes_the_committed_files(tmp_path: Path) -> None:
    """Running generate.py elsewhere gives every CSV file byte for byte, and no other file."""
    command = [sys.executable, "-B", str(GRAPH / "generate.py"), str(tmp_path)]
    subprocess.run(command, check=True)
    written = {path.name: path.read_bytes() for path in tmp_path.iterdir()}
    assert written == {path.name: path.read_bytes() for path in GRAPH.glob("*.csv")}


def test_chance_is_the_same_in_every_python() -> None:
    """Only random() is promised to stay; it still starts as it did when the files were written."""
    assert random.Random(1894).random() == 0.9785423187481574  # noqa: S311  the seed of generate.py
    text = (GRAPH / "chance.py").read_text(encoding="utf-8")
    assert re.findall(r"_stream\.(\w+)", text) == ["random"]


def test_times_are_in_order() -> None:
    """Nothing ships before it is placed or arrives before it ships, and what is cancelled never
    ships; customers order only what was launched, from the day on which they became customers."""
    since = {row["id"]: row["since"] for row in read("customers")}
    launched = {row["id"]: row["launched"] for row in read("products")}
    orders = {row["id"]: row for row in read("orders")}
    for order in orders.values():
        assert order["placed"][:10] <= order["due"]
        assert not order["shipped"] or order["placed"] < order["shipped"] < "2025"
        assert not order["delivered"] or "" < order["shipped"] < order["delivered"] < "2025"
        if order["cancelled"]:
            assert order["placed"][:10] <= order["cancelled"]
            assert (order["shipped"], order["freight"]) == ("", "")
    for row in read("placed"):
        assert since[row["customer"]] <= orders[row["order"]]["placed"][:10]
    for row in read("contains"):
        assert launched[row["product"]] <= orders[row["order"]]["placed"][:10]


def test_every_order_has_what_it_needs() -> None:
    """One customer, one town and one line or more; amounts have two decimals."""
    orders = column("orders", "id")
    assert len(orders) >= 800
    for table in ("placed", "ships_to"):
        assert sorted(column(table, "order")) == sorted(orders)
    assert set(column("contains", "order")) == set(orders)
    for amount in (*column("contains", "unitPrice"), *column("products", "price")):
        assert amount == f"{float(amount):.2f}"


def test_no_one_handles_orders_before_hiring_or_after_leaving() -> None:
    """Which is why a case about it is empty on purpose."""
    staff = {row["id"]: row for row in read("employees")}
    placed = dict(zip(column("orders", "id"), column("orders", "placed"), strict=True))
    for row in read("handled"):
        employee, day = staff[row["employee"]], placed[row["order"]][:10]
        assert employee["hired"] <= day <= (employee["left"] or "2025")


def test_nothing_is_sold_below_cost() -> None:
    """Which is why a case about it is empty on purpose."""
    dearest: dict[str, float] = {}
    for row in read("supplies"):
        dearest[row["product"]] = max(dearest.get(row["product"], 0.0), float(row["cost"]))
    for row in read("contains"):
        assert float(row["unitPrice"]) > dearest.get(row["product"], 0.0)


def test_what_is_missing_is_there_to_be_missed() -> None:
    """Customers without orders, products that nobody buys, supplies or files, and so on."""
    assert set(column("customers", "id")) > set(column("placed", "customer"))
    assert set(column("orders", "id")) > set(column("handled", "order"))
    assert set(column("suppliers", "id")) > set(column("supplies", "supplier"))
    assert set(column("categories", "id")) > set(column("in_category", "category"))
    for table in ("contains", "supplies", "in_category"):
        assert set(column("products", "id")) > set(column(table, "product"))
    for table, name in (
        *(("customers", "email"), ("customers", "phone"), ("employees", "left")),
        *(("products", "tags"), ("products", "grams"), ("contains", "discount")),
        *(("orders", "shipped"), ("orders", "delivered"), ("orders", "note")),
    ):
        assert "" in column(table, name), (table, name)
    assert {"0.00", ""} < set(column("orders", "freight"))
    delivered = [(row["delivered"][:10], row["due"]) for row in read("orders")]
    assert any(day == due for day, due in delivered)
    assert any(day > due for day, due in delivered)


def test_what_may_be_counted_twice_is_there() -> None:
    """Shared names, parallel lines and addresses, two handlers, two referrers, two categories."""
    for table in ("customers", "products", "regions"):
        assert shared(column(table, "name")), table
    pairs = {
        "contains": ("order", "product"),
        "has_address": ("customer", "region"),
    }
    for table, (start, end) in pairs.items():
        assert shared([f"{row[start]} {row[end]}" for row in read(table)]), table
    for table, name in (
        *(("handled", "order"), ("referred", "referred")),
        *(("in_category", "product"), ("supplies", "product")),
    ):
        assert shared(column(table, name)), table
