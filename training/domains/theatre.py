"""Theatre: plays, the companies that give them, venues, single performances, and costumes.

Everything is invented. adapted_from leads to the older play, ticket_price is in euros and absent
for free performances. Knows nothing of questions.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from training.domains.tables import Rows, day, pairs

if TYPE_CHECKING:
    import random

SEED = 32
CITIES = ["Norhaven", "Brightwater", "Lisk", "Old Tarn"]
GENRES = ["comedy", "tragedy", "farce", "history"]
THEMES = ["love", "war", "exile", "family", "power", "money", "ghosts"]
MATERIALS = ["wool", "silk", "linen", "velvet", "leather"]
PLAYS = """The Borrowed Crown;Seven Doors;A Winter Ferry;The Clockmaker's Wife;Salt and Ashes
The Honest Thief;Letters to Nobody;The Glass Orchard;Midnight at Lisk;The Second Harvest
Three Umbrellas;The King's Barber;House of Paper;The Last Lamplighter;A Quiet Mutiny
The Tin Soldier's Return;Bread and Thunder;The Empty Chair;Cousins;The Fox in the Chapel"""
COMPANIES = (
    "Lantern Players;Red Door Theatre;The Wanderers;Tarn Ensemble;Company of Crows;Ninth Row"
)


def nodes(rng: random.Random) -> dict[str, Rows]:
    """Rows of each node file, the header first."""
    plays: Rows = [["id", "title", "genre", "premiered", "duration_min", "acts", "themes"]]
    for i, title in enumerate(PLAYS.replace("\n", ";").split(";")):
        premiered = day(rng, 1890, 2015) if i % 7 else None
        row = [f"p{i}", title, GENRES[i * 3 % 5 % 4], premiered, rng.randrange(12, 37) * 5]
        plays.append([*row, rng.randint(1, 5), sorted(rng.sample(THEMES, rng.randint(1, 3)))])
    companies: Rows = [["id", "name", "city", "founded_on", "touring"]]
    for i, name in enumerate(COMPANIES.split(";")):
        companies.append([f"c{i}", name, CITIES[i * 3 % 4], day(rng, 1920, 2010), i % 3 != 1])
    venues: Rows = [["id", "name", "city", "seats", "opened"]]
    stages = "Corn Exchange;Playhouse;Grand Hall;Pier Theatre;Blackbox;Playhouse;Mill Stage;Arena"
    for i, name in enumerate(stages.split(";")):
        venues.append([f"v{i}", name, CITIES[i % 4], rng.randrange(40, 90) * 10, 1880 + i * 17])
    performances: Rows = [
        ["id", "code", "performed_on", "tickets_sold", "ticket_price", "sold_out"]
    ]
    for i in range(90):
        price = rng.choice([12.5, 15.0, 18.0, 22.5, 30.0]) if i % 8 else None
        begin = [f"s{i}", f"S-{100 + i}", str(day(rng, 2021, 2024))]
        performances.append([*begin, rng.randrange(15, 400), price, rng.random() < 0.2])
    costumes: Rows = [["id", "name", "colour", "made_in", "materials"]]
    kinds = "cloak;gown;uniform;mask;hat;apron".split(";")
    for i in range(40):
        colour = ["black", "scarlet", "green", "white", "gold"][i % 5]
        owner = ["Duke's", "Widow's", "Soldier's", "Ghost's", "Cook's", "Queen's", "Jester's"]
        name = f"{owner[i % 7]} {kinds[(i % 7 + i // 7) % 6]}"
        made = rng.randrange(1955, 2022) if i % 6 else None
        costumes.append([f"k{i}", name, colour, made, rng.sample(MATERIALS, rng.randint(1, 3))])
    names = "plays companies venues performances costumes".split()
    return dict(zip(names, [plays, companies, venues, performances, costumes], strict=True))


def relationships(rng: random.Random, ids: dict[str, list[str]]) -> dict[str, Rows]:
    """Rows of each relationship file, the header first."""
    of_play: Rows = [["performance", "play"]]
    given_by: Rows = [["performance", "company"]]
    held_at: Rows = [["performance", "venue"]]
    for show in ids["performances"]:
        of_play.append([show, ids["plays"][rng.choice([0, 1, 2, 4, 5, 7, 8, 9, 12, 13, 15, 17])]])
        given_by.append([show, ids["companies"][min(rng.randrange(7), rng.randrange(5))]])
        held_at.append([show, ids["venues"][rng.randrange(7)]])
    owns: Rows = [["company", "costume", "insured_for", "acquired_on"]]
    for costume in ids["costumes"][:-3]:
        value = rng.randrange(4, 60) * 25.0 if rng.random() < 0.8 else None
        owns.append([ids["companies"][rng.randrange(5)], costume, value, day(rng, 2000, 2022)])
    worn: Rows = [["costume", "play", "role"]]
    for costume, play in pairs(rng, ids["costumes"], ids["plays"], 80):
        worn.append([costume, play, rng.choice("Duke Widow Ghost Cook Herald Stranger".split())])
    older = {2: 0, 4: 2, 9: 4, 5: 1, 8: 5, 12: 5, 17: 12, 15: 7}
    adapted: Rows = [[ids["plays"][i], ids["plays"][j]] for i, j in older.items()]
    toured: Rows = [["company", "partner", "season"]]
    toured += [["c0", "c1", 2019], ["c0", "c2", 2021], ["c2", "c0", 2022], ["c3", "c4", 2021]]
    return {
        "of_play": of_play,
        "given_by": given_by,
        "held_at": held_at,
        "owns": owns,
        "worn_in": worn,
        "adapted_from": [["play", "older"], *adapted],
        "toured_with": [
            *toured,
            ["c1", "c4", 2023],
            ["c0", "c1", 2024],
            ["c4", "c1", 2020],
            ["c0", "c2", 2024],
        ],
    }
