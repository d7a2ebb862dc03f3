"""Vineyards: estates, their wines and grapes, the vintages, and tasters who give them points.

Everything is invented. MADE_FROM.share is in percent, CROSSED_FROM leads from a grape to its
parents, a taster may taste one vintage twice. Knows nothing of questions.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from training.domains.tables import Rows, day, pairs

if TYPE_CHECKING:
    import random

SEED = 31
REGIONS = ["Valmora", "Terrasol", "Ostrava Hills", "Lower Brenn"]
AROMAS = ["cherry", "plum", "oak", "citrus", "pepper", "honey", "smoke", "mint"]
GRAPES = "Morvane Belcino Tressard Auvignac Corvetta Dolmaro Esperil Fiorada Galmette Hesperac"
FRONT = "Ashen Golden Stony Quiet Upper Broken Amber Foxes".split()
BACK = "Slope Terrace Cellar Ridge Press".split()
FIRST = "Odile Matteo Runa Casper Ynes Tobias Livia Goran".split()
LAST = "Ferrand Lindqvist Okoro Bastide Moreau".split()


def nodes(rng: random.Random) -> dict[str, Rows]:
    """Rows of each node file, the header first."""
    estates: Rows = [["id", "name", "region", "founded", "hectares", "organic", "certifiedSince"]]
    for i, name in enumerate("Calvane Durmont Estrela Falkenau Graville Hautbois".split() * 2):
        kind = "Château" if i < 6 else "Domaine"
        since = day(rng, 1998, 2018) if i % 3 == 1 else None
        size = round(rng.uniform(4, 60), 1)
        row = [f"e{i}", f"{kind} {name}", REGIONS[i * 7 % 4], rng.randrange(1780, 2001), size]
        estates.append([*row, since is not None, since])
    grapes: Rows = [["id", "name", "skin", "ripeningDays"]]
    for i, name in enumerate(GRAPES.split()):
        grapes.append([f"g{i}", name, "white" if i % 3 == 1 else "black", rng.randrange(90, 150)])
    wines: Rows = [["id", "name", "style", "alcohol", "price", "aromas"]]
    for i in range(36):
        style = ["red", "white", "red", "rosé", "sparkling"][i % 5]
        price = round(rng.uniform(6, 90), 2) if i % 9 else None
        row = [f"w{i}", f"{FRONT[i % 8]} {BACK[(i + i // 8) % 5]}", style]
        aromas = sorted(rng.sample(AROMAS, rng.randint(1, 3))) if i % 8 != 5 else None
        wines.append([*row, round(rng.uniform(10.5, 15), 1), price, aromas])
    vintages: Rows = [["id", "lot", "year", "bottles", "bottledOn"]]
    for i in range(80):
        year = rng.randrange(2008, 2022)
        bottled = day(rng, year + 1, year + 2) if i % 10 else None
        vintages.append([f"v{i}", f"L{year}-{i:03}", year, rng.randrange(8, 90) * 100, bottled])
    tasters: Rows = [["id", "name", "since", "certified"]]
    for i in range(20):
        name = f"{FIRST[i % 8]} {LAST[(i + i // 8) % 5]}"
        tasters.append([f"t{i}", name, day(rng, 1995, 2016), rng.random() < 0.6])
    names = "estates grapes wines vintages tasters".split()
    return dict(zip(names, [estates, grapes, wines, vintages, tasters], strict=True))


def relationships(rng: random.Random, ids: dict[str, list[str]]) -> dict[str, Rows]:
    """Rows of each relationship file, the header first."""
    produces: Rows = [["estate", "wine"]]
    produces += [[ids["estates"][rng.randrange(11)], wine] for wine in ids["wines"]]
    made_from: Rows = [["wine", "grape", "share"]]
    for wine in ids["wines"]:
        grapes = rng.sample(ids["grapes"][:9], rng.randint(1, 3))
        shares = [[100], [70, 30], [55, 25, 20]][len(grapes) - 1]
        made_from += [[wine, grape, share] for grape, share in zip(grapes, shares, strict=True)]
    vintage_of: Rows = [["vintage", "wine"]]
    vintage_of += [[vintage, ids["wines"][rng.randrange(33)]] for vintage in ids["vintages"]]
    tasted: Rows = [["taster", "vintage", "points", "tastedOn", "note"]]
    for taster, vintage in pairs(rng, ids["tasters"], ids["vintages"], 150):
        for _ in range(1 + (rng.random() < 0.1)):
            note = rng.choice(
                ["needs time", "elegant and long", "too much oak", "ripe fruit", None]
            )
            tasted.append([taster, vintage, rng.randrange(78, 99), day(rng, 2022, 2024), note])
    crossed: Rows = [["grape", "parent"]]
    crossed += [
        [f"g{i}", f"g{j}"]
        for i, j in [(3, 0), (3, 1), (5, 3), (7, 5), (7, 2), (8, 7), (8, 5), (6, 9)]
    ]
    mentors: Rows = [["mentor", "pupil"]]
    mentors += [[f"t{i // 2}", f"t{i}"] for i in range(1, 19) if i % 5]
    names = "produces made_from vintage_of tasted crossed_from mentors".split()
    return dict(
        zip(names, [produces, made_from, vintage_of, tasted, crossed, mentors], strict=True)
    )
