"""Writes the CSV files of the graph `orders` beside itself, the same bytes every time.

    python cases/graphs/orders/generate.py [FOLDER]

Standard library only. Knows nothing of the package that reads the files.
"""

from __future__ import annotations

import sys
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from pathlib import Path

import catalogue
import company
from chance import Chance
from tables import Tables, ascii_words, moment, money, slug, true

SEED = 1894
FIRST, LAST = date(2021, 1, 4), date(2024, 12, 29)
ORDERS = 860
# prices were lower in earlier years, in hundredths of today's
PRICE_IN = {2021: 88, 2022: 93, 2023: 97, 2024: 100}
WITHDRAWN = date(2023, 7, 1)
LINES = {"shop": 5, "restaurant": 4, "school": 4, "private": 3}  # at most, of an order
PIECES = {"shop": 24, "restaurant": 18, "school": 30, "private": 3}
DAYS_ON_THE_ROAD = {"merrow": (1, 3), "castaveil": (2, 4), "ulvern": (3, 7)}
DISCOUNTS = ["0.05", "0.1", "0.1", "0.15", "0.2"]
STREETS = [
    *(
        "Mill Lane",
        "Old Mill Lane",
        "Harbour Street",
        "Church Hill",
        "Old Market",
        "Weir Road",
        "Station Road",
    ),
    *("Rue des Tilleuls", "Quai du Nord", "Place du Marché", "Havnegata", "Lighthouse Steps"),
]


@dataclass
class Customer:
    """Who may order. ``weight``: how often, against the others."""

    key: str
    kind: str
    name: str
    town: str
    since: date
    weight: int
    delivery: str = ""


@dataclass
class Product:
    """What may be ordered; ``cents`` is today's price."""

    key: str
    name: str
    cents: int
    grams: int
    launched: date


def country_of() -> dict[str, str]:
    """The country of every region that lies in one."""
    whole = {key: part_of for key, _, _, _, part_of in company.REGIONS}
    found = {}
    for key in whole:
        at = key
        while at and whole[at] != "all":
            at = whole[at]
        found[key] = at
    return found


# ── what stands still: regions, goods, suppliers, staff ──


def places(tables: Tables) -> None:
    """Regions, and what each is part of."""
    for key, name, kind, population, part_of in company.REGIONS:
        tables.add("regions", key, name, kind, population)
        if part_of:
            tables.add("part_of", key, part_of)


def goods(tables: Tables, chance: Chance) -> list[Product]:
    """Categories and products, and which product took another's place."""
    for name, description in catalogue.CATEGORIES:
        tables.add("categories", slug(name), name, description)
    found = []
    for number, (name, kinds, cents, grams, tags, launched) in enumerate(catalogue.PRODUCTS, 101):
        key = f"P{number}"
        gone = name in catalogue.DISCONTINUED
        level = 0 if gone else 5 * chance.between(1, 8)
        stock = chance.below(4) if gone else chance.between(0, 6 * level)
        cells = (money(int(cents)), stock, level, true(gone), tags, grams, launched)
        tables.add("products", key, key, name, *cells)
        for kind in filter(None, kinds.split(";")):
            tables.add("in_category", key, slug(kind))
        found.append(Product(key, name, int(cents), int(grams or 0), date.fromisoformat(launched)))
    named = {product.name: product.key for product in reversed(found)}
    for newer, older in catalogue.REPLACES:
        tables.add("replaces", named[newer], named[older])
    return found


def suppliers(tables: Tables, chance: Chance, products: list[Product]) -> None:
    """Suppliers, where they sit, and what they supply at what cost."""
    for name, address, founded, rating, town in company.SUPPLIERS:
        tables.add("suppliers", slug(name), name, address, founded, rating)
        tables.add("based_in", slug(name), town)
    for name, offered in catalogue.SUPPLIES:
        for product in (p for p in products if p.name in offered.split(";")):
            cost = money(product.cents * chance.between(41, 68) // 100)
            lead = f"P{chance.between(2, 45)}D"
            start = max(product.launched, chance.day(date(2015, 2, 2), date(2023, 12, 1)))
            tables.add("supplies", slug(name), product.key, cost, lead, start)


def staff(tables: Tables) -> None:
    """Employees, whom they report to and where they work."""
    for name, *cells in company.EMPLOYEES:
        tables.add("employees", slug(name), name, *cells)
    for name, boss, since in company.REPORTS_TO:
        tables.add("reports_to", slug(name), slug(boss), since)
    for name, regions in company.COVERS:
        for region in regions.split(";"):
            tables.add("covers", slug(name), region)


# ── customers ──


def joined(chance: Chance) -> list[tuple[date, list[int]]]:
    """When each customer came, and who brought them in, as places from 1."""
    brought: dict[int, list[int]] = {}
    for by, everybody in company.REFERRED:
        for new in everybody.split(";"):
            brought.setdefault(int(new), []).append(int(by))
    since: dict[int, date] = {}

    def enter(place: int) -> date:
        if place not in since:
            by = [enter(other) for other in brought.get(place, [])]
            first = max(by) + timedelta(days=20) if by else date(2015, 3, 2)
            since[place] = chance.day(first, first + timedelta(days=420 if by else 2000))
        return since[place]

    places = range(1, len(company.CUSTOMERS) + 1)
    return [(enter(place), brought.get(place, [])) for place in places]


def email(chance: Chance, kind: str, name: str) -> str:
    """An address, or none."""
    words = ascii_words(name)
    if chance.percent(12):
        return ""
    if kind == "private":
        host = chance.pick(["postbox.example", "mail.example", "letterbox.example"])
        return f"{words[0]}.{words[-1]}@{host}"
    return f"{chance.pick(['office', 'hello', 'orders'])}@{''.join(words)}.example"


def customers(tables: Tables, chance: Chance) -> list[Customer]:
    """Customers, their addresses, and who brought in whom."""
    towns = [key for key, _, kind, _, _ in company.REGIONS if kind == "town"]
    found: list[Customer] = []
    for number, ((kind, town, name), (since, by)) in enumerate(
        zip(company.CUSTOMERS, joined(chance), strict=True), 1
    ):
        key = f"C{number:03}"
        phone = "" if chance.percent(30) else f"0555 {2000 + 37 * number}"
        mail = email(chance, kind, name)
        tables.add("customers", key, key, name, kind, mail, phone, since, true(chance.percent(45)))
        weight = 0 if name in company.SILENT else chance.between(1, 5) * (2 - (kind == "private"))
        customer = Customer(key, kind, name, town, since, weight, town)
        street = f"{chance.pick(STREETS)} {chance.between(1, 120)}"
        tables.add("has_address", key, town, "billing", street)
        if chance.percent(55):
            elsewhere = chance.percent(35)
            customer.delivery = chance.pick(towns) if elsewhere else town
            there = f"{chance.pick(STREETS)} {chance.between(1, 120)}"
            tables.add("has_address", key, customer.delivery, "delivery", there)
        for other in by:
            tables.add("referred", f"C{other:03}", key, since)
        found.append(customer)
    keys = {customer.name: customer.key for customer in found}
    for name, *address in company.FURTHER_ADDRESSES:
        tables.add("has_address", keys[name], *address)
    return found


# ── orders ──


def moments(chance: Chance) -> list[datetime]:
    """When orders were placed: more of them every year and before the holidays, none at once."""
    found: set[datetime] = set()
    while len(found) < ORDERS:
        day = chance.day(FIRST, LAST)
        busy = 40 + 15 * (day.year - FIRST.year) + 15 * (day.month in {10, 11, 12})
        if day.weekday() < 5 or chance.percent(25):
            clock = time(chance.between(7, 21), chance.below(60))
            if chance.percent(busy):
                found.add(datetime.combine(day, clock))
    return sorted(found)


def on_sale(products: list[Product], day: date) -> list[Product]:
    """What could be ordered that day."""
    return [
        product
        for product in products
        if product.launched <= day
        and product.name not in catalogue.UNSOLD
        and (product.name not in catalogue.DISCONTINUED or day < WITHDRAWN)
    ]


def contents(tables: Tables, chance: Chance, order: str, kind: str, sold: list[Product]) -> int:
    """The lines of an order, whose number begins with its year. Returns its weight in grams."""
    factor = PRICE_IN[int(order[:4])]
    total = 0
    lines = chance.some(sold, chance.between(1, LINES[kind]))
    if chance.percent(4):
        lines.append(lines[0])  # a second line of the same product
    for product in lines:
        pieces = chance.between(1, PIECES[kind])
        price = product.cents * factor // 100
        rebate = chance.percent(5 if kind == "private" else 35)
        discount = chance.pick(DISCOUNTS) if rebate else ""
        tables.add("contains", order, product.key, pieces, money(price), discount)
        total += pieces * product.grams
    return total


@dataclass
class Journey:
    """An order's dates, empty where they have not come."""

    due: date
    shipped: datetime | None = None
    delivered: datetime | None = None
    cancelled: date | None = None


def journey(chance: Chance, placed: datetime, country: str, *, express: bool) -> Journey:
    """What became of an order by the end of 2024."""
    found = Journey(placed.date() + timedelta(days=3 if express else chance.between(8, 14)))
    end = datetime(2025, 1, 1)  # noqa: DTZ001  all times are local ones
    if chance.percent(3):
        day = placed.date() + timedelta(days=chance.between(0, 5))
        found.cancelled = min(day, date(2024, 12, 31))
        return found
    packed = chance.between(4, 40) if express else chance.between(10, 190)
    left = placed + timedelta(hours=packed, minutes=chance.below(60))
    days = chance.between(*DAYS_ON_THE_ROAD[country]) + (5 if chance.percent(7) else 0)
    there = datetime.combine(left.date() + timedelta(days=days), time(chance.between(8, 18)))
    there += timedelta(minutes=chance.below(60))
    if left < end and not chance.percent(1):
        found.shipped = left
        if there < end and not chance.percent(2):
            found.delivered = there
    return found


def handlers(chance: Chance, day: date, channel: str) -> list[str]:
    """Who saw to an order: mostly nobody for the web, a trainee beside somebody at times."""
    if channel == "web" and not chance.percent(15):
        return []
    sellers = [
        row
        for row in company.EMPLOYEES
        if row[1].startswith(("Sales", "Regional", "Trainee"))
        and date.fromisoformat(row[3]) <= day
        and (not row[4] or day <= date.fromisoformat(row[4]))
        and row[0] != "Noor Halabi"
    ]
    seniors = [row for row in sellers if row[1] != "Trainee"]
    weighted = [row for row in seniors for _ in range(1 if row[1].startswith("Regional") else 4)]
    found = [chance.pick(weighted)]
    if len(seniors) < len(sellers) and chance.percent(12):
        found += [row for row in sellers if row[1] == "Trainee"]
    return [slug(row[0]) for row in found]


def orders(
    tables: Tables, chance: Chance, everybody: list[Customer], products: list[Product]
) -> None:
    """All orders with their lines."""
    countries = country_of()
    towns = [key for key, _, kind, _, _ in company.REGIONS if kind == "town"]
    numbers = dict.fromkeys(PRICE_IN, 0)
    for placed in moments(chance):
        known = [c for c in everybody if c.since <= placed.date() for _ in range(c.weight)]
        customer = chance.pick(known)
        numbers[placed.year] += 1
        key = f"{placed.year}-{numbers[placed.year]:04}"
        channel = chance.pick(["web", "web", "phone", "visit"])
        if placed.weekday() >= 5:
            channel = "web"
        express = chance.percent(18)
        gift = customer.kind == "private" and chance.percent(10)
        town = chance.pick(towns) if gift else customer.delivery
        dates = journey(chance, placed, countries[town], express=express)
        grams = contents(tables, chance, key, customer.kind, on_sale(products, placed.date()))
        cents = 390 + grams // 40 + (250 if countries[town] == "ulvern" else 0)
        freight = 0 if chance.percent(11) else cents * (2 if express else 1)
        tables.add(
            "orders",
            *(key, key, moment(placed), dates.due, moment(dates.shipped), moment(dates.delivered)),
            *(dates.cancelled or "", channel, true(express)),
            "" if dates.cancelled else money(freight),
            chance.pick(company.NOTES)[0] if chance.percent(16) else "",
        )
        tables.add("placed", customer.key, key)
        tables.add("ships_to", key, town)
        for employee in handlers(chance, placed.date(), channel):
            tables.add("handled", employee, key)


def everything() -> Tables:
    """All files, filled."""
    chance, tables = Chance(SEED), Tables()
    places(tables)
    products = goods(tables, chance)
    suppliers(tables, chance, products)
    staff(tables)
    everybody = customers(tables, chance)
    orders(tables, chance, everybody, products)
    return tables


if __name__ == "__main__":
    everything().write(Path(sys.argv[1]) if len(sys.argv) > 1 else Path(__file__).parent)
