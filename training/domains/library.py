"""A town library: authors, books in series, branches that hold them, members who borrow.

Everything is invented. Knows nothing of questions.
"""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING

from training.domains.tables import Rows, day, pairs

if TYPE_CHECKING:
    import random

SEED = 11
CITIES = ["Aldermere", "Brackwell", "Corvane"]
LANGUAGES = ["English", "French", "Spanish", "Danish", "Polish"]
GENRES = ["fantasy", "mystery", "history", "travel", "poetry", "romance", "science"]
NATIONS = ["Ireland", "France", "Canada", "Denmark", "Poland", "Kenya"]
FIRST = "Ada Bruno Celia Dorian Edda Fergus Greta Hamid Ines Jonas Kaya Leopold Mirela Nils".split()
LAST = "Ashdown Birkett Calloway Drummond Ekholm Farrow Gantry Hollis Ivers Jessop".split()
FRONT = "Silent Amber Broken Winter Hidden Paper Salt Crimson Last Northern".split()
BACK = "Orchard Harbour Letters Kingdom Garden Clock Bridge Lantern Tide".split()


def nodes(rng: random.Random) -> dict[str, Rows]:
    """Rows of each node file, the header first."""
    authors: Rows = [["id", "name", "born", "died", "nationality"]]
    for i in range(24):
        born = day(rng, 1870, 1990)
        died = born + timedelta(days=rng.randrange(15000, 31000)) if born.year < 1935 else None
        name = f"{FIRST[i % 14]} {LAST[i * 3 % 10]}"
        authors.append([f"a{i}", name, born if i % 6 else None, died, rng.choice(NATIONS)])
    books: Rows = [["id", "title", "published", "pages", "language", "genres", "translated"]]
    for i in range(60):
        title = f"The {FRONT[i % 10]} {BACK[(i * 4 + i // 10) % 9]}"
        pages = rng.randrange(90, 640) if i % 9 else None
        language, genres = rng.choice(LANGUAGES), sorted(rng.sample(GENRES, rng.randint(1, 3)))
        year = rng.randrange(1925, 2024)
        books.append([f"b{i}", title, year, pages, language, genres, rng.random() < 0.3])
    members: Rows = [["id", "name", "joined", "birthYear", "email", "active"]]
    for i in range(50):
        name = f"{FIRST[i * 5 % 14]} {LAST[(i * 7 + i // 14) % 10]}"
        email = f"{name.lower().replace(' ', '.')}{i}@example.org" if i % 4 else None
        birth = rng.randrange(1940, 2012)
        members.append([f"m{i}", name, day(rng, 2012, 2023), birth, email, rng.random() < 0.8])
    branches: Rows = [["id", "name", "city", "opened", "seats"]]
    for i, name in enumerate(
        ["Old Mill", "Station", "Riverside", "Hilltop", "Quayside", "Elmwood"]
    ):
        branches.append([f"r{i}", name, CITIES[i % 3], day(rng, 1950, 2015), 20 + 15 * (i * 5 % 6)])
    return {"authors": authors, "books": books, "members": members, "branches": branches}


def relationships(rng: random.Random, ids: dict[str, list[str]]) -> dict[str, Rows]:
    """Rows of each relationship file, the header first."""
    books, authors = ids["books"], ids["authors"]
    wrote: Rows = [["author", "book"]]
    wrote += [[authors[rng.randrange(22)], book] for book in books]
    wrote += [
        [authors[(i * 5 + 1) % 22], books[i * 7]]
        for i in range(8)
        if [authors[(i * 5 + 1) % 22], books[i * 7]] not in wrote
    ]
    # A book may be borrowed by one member several times; what is out has no day of return.
    borrowed: Rows = [["member", "book", "borrowedOn", "returnedOn", "renewals", "fine"]]
    for member, book in pairs(rng, ids["members"], books, 150):
        for _ in range(1 + (rng.random() < 0.12)):
            start, renewals = day(rng, 2021, 2023), rng.choice([0, 0, 0, 1, 1, 2])
            back = start + timedelta(days=rng.randrange(3, 60)) if rng.random() < 0.8 else None
            late = back is not None and (back - start).days > 28 + 14 * renewals
            fine = round(0.25 * rng.randrange(1, 30), 2) if late else None
            borrowed.append([member, book, start, back, renewals, fine])
    holds: Rows = [["branch", "book", "copies", "shelf"]]
    for branch, book in pairs(rng, ids["branches"], books, 120):
        holds.append([branch, book, rng.randint(1, 5), f"{rng.choice('ABCD')}{rng.randint(1, 9)}"])
    registered: Rows = [["member", "branch", "cardNumber"]]
    registered += [
        [m, rng.choice(ids["branches"][:5]), 4000 + i * 3]
        for i, m in enumerate(ids["members"])
        if i % 11
    ]
    continues: Rows = [["book", "earlier"]]
    continues += [[books[i + 1], books[i]] for i in range(30) if i % 6 != 5 and i % 4 != 3]
    influenced: Rows = [["author", "other"]]
    influenced += [[authors[i], authors[i // 2 - 1 if i % 5 else 0]] for i in range(2, 22)]
    return {
        "wrote": wrote,
        "borrowed": borrowed,
        "holds": holds,
        "registered": registered,
        "continues": continues,
        "influenced": influenced,
    }
