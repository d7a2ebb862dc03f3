"""Gardens: beds and what grows in them, gardeners who water them, companions and pests.

Everything is invented but the plants' names. A gardener waters a bed many times, COMPANION_OF has a
direction (the first helps the second), effect says how. Knows nothing of questions.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from training.domains.tables import Rows, day, pairs

if TYPE_CHECKING:
    import random

SEED = 34
MONTHS = ["April", "May", "June", "July", "August", "September"]
PLANTS = """Lavender;Foxglove;Borage;Marigold;Tomato;Basil;Carrot;Leek;Fennel;Rosemary;Thyme;Sage
Nasturtium;Sunflower;Hosta;Fern;Peony;Dahlia;Chive;Dill;Rhubarb;Pumpkin;Bean;Beetroot;Yarrow;Holly
Comfrey;Calendula;Parsley;Iris;Hyssop;Aster"""
BEDS = "Cottage;Kitchen;Long;Shade;Rockery;Herb;Pond;South Wall;Cutting;Orchard;Gravel;Nursery"
PESTS = "aphid;slug;carrot fly;whitefly;cabbage moth;vole"
FIRST = "Alma Bram Cleo Dirk Elsie Fenna Gil Hester".split()
LAST = "Thorn Meadows Akker Birch".split()


def nodes(rng: random.Random) -> dict[str, Rows]:
    """Rows of each node file, the header first."""
    gardens: Rows = [["id", "name", "town", "opened", "entry_fee"]]
    for i, name in enumerate(["Elmhurst", "Three Ponds", "Priory", "Sandhill", "Moat House"]):
        fee = [6.5, None, 4.0, 9.0, 6.5][i]
        gardens.append([f"n{i}", name, ["Wexby", "Holt", "Wexby"][i % 3], 1895 + i * 22, fee])
    beds: Rows = [["id", "name", "area_m2", "soil", "sunny", "built_on"]]
    for i in range(36):
        name = f"{BEDS.split(';')[i % 12]} {['Bed', 'Border', 'Patch'][i // 12]}"
        soil = ["clay", "loam", "sand", "chalk"][i * 3 % 7 % 4]
        built = day(rng, 1990, 2019) if i % 5 else None
        beds.append([f"b{i}", name, round(rng.uniform(3, 48), 1), soil, i % 3 != 0, built])
    plants: Rows = [["id", "common_name", "height_cm", "bloom_months", "evergreen", "price"]]
    for i, name in enumerate(PLANTS.replace("\n", ";").split(";")):
        start, price = rng.randrange(5), round(rng.uniform(1.5, 24), 2)
        months = MONTHS[start : start + rng.randint(1, 3)] if i % 6 != 2 else None
        row = [f"p{i}", name, rng.randrange(3, 50) * 5, months, i % 5 == 4]
        plants.append([*row, price if i % 8 else None])
    gardeners: Rows = [["id", "name", "started_on", "volunteer", "weekly_hours"]]
    for i in range(24):
        name = f"{FIRST[i % 8]} {LAST[(i + i // 8) % 4]}"
        row = [f"g{i}", name, day(rng, 2005, 2022), i % 3 == 2]
        gardeners.append([*row, rng.randrange(2, 20) * 2])
    pests: Rows = [["id", "name", "active_from"]]
    pests += [[f"x{i}", name, MONTHS[i * 2 % 5]] for i, name in enumerate(PESTS.split(";"))]
    names = "gardens beds plants gardeners pests".split()
    return dict(zip(names, [gardens, beds, plants, gardeners, pests], strict=True))


def relationships(rng: random.Random, ids: dict[str, list[str]]) -> dict[str, Rows]:
    """Rows of each relationship file, the header first."""
    part_of: Rows = [["bed", "garden"]]
    part_of += [[bed, ids["gardens"][rng.randrange(4)]] for bed in ids["beds"]]
    contains: Rows = [["bed", "plant", "quantity", "planted_on"]]
    for bed, plant in pairs(rng, ids["beds"], ids["plants"], 110):
        planted = day(rng, 2019, 2024) if rng.random() < 0.85 else None
        contains.append([bed, plant, rng.randrange(1, 31), planted])
    watered: Rows = [["gardener", "bed", "watered_on", "litres"]]
    for gardener, bed in pairs(rng, ids["gardeners"], ids["beds"], 90):
        for _ in range(rng.randint(1, 3)):
            amount = rng.randrange(4, 60) * 2.5
            watered.append([gardener, bed, day(rng, 2024, 2024), amount])
    companion: Rows = [["plant", "helped", "effect"]]
    for plant, other in pairs(rng, ids["plants"][1:], ids["plants"], 34):
        if plant != other:
            companion.append([plant, other, rng.choice(["shade", "scent", "nitrogen", "bees"])])
    repels: Rows = [["plant", "pest"]]
    repels += [[plant, pest] for plant, pest in pairs(rng, ids["plants"], ids["pests"], 20)]
    answers: Rows = [["gardener", "boss"]]
    answers += [[f"g{i}", f"g{(i - 1) // 2}"] for i in range(1, 22)]
    names = "part_of contains watered companion_of repels answers_to".split()
    return dict(zip(names, [part_of, contains, watered, companion, repels, answers], strict=True))
