"""Wildlife: species and who eats whom, reserves, rangers, and what they sighted.

Everything is invented. PREYS_ON leads from the hunter to the prey, diet is a percentage;
LIVES_IN.population is absent where nobody counted. Knows nothing of questions.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from training.domains.tables import Rows, day, pairs

if TYPE_CHECKING:
    import random

SEED = 35
SPECIES = """Marsh Hawk;bird|Dune Fox;mammal|Stripe Vole;mammal|Reed Frog;amphibian
Sand Adder;reptile|Lake Otter;mammal|Silver Chub;fish|Mud Crayfish;crustacean|Ridge Lynx;mammal
Snow Hare;mammal|Wall Lizard;reptile|Night Owl;bird|Water Shrew;mammal|Horn Beetle;insect
Pond Skater;insect|Grey Heron;bird|Thorn Deer;mammal|Cliff Wolf;mammal|Moss Newt;amphibian
Bark Moth;insect|River Pike;fish|Tufted Duck;bird|Heath Bee;insect|Stone Marten;mammal"""
HABITATS = ["forest", "marsh", "dune", "river", "heath", "cliff"]
WEIGHT = {"mammal": 20.0, "bird": 2.0, "fish": 4.0, "insect": 0.01, "reptile": 0.5}
STATUS = ["stable", "vulnerable", "stable", "endangered"]
FIRST = "Anouk Boris Carmen Dejan Etta Filip Gwen Hugo".split()
LAST = "Stroud Varga Mbeki Halla".split()


def nodes(rng: random.Random) -> dict[str, Rows]:
    """Rows of each node file, the header first."""
    species: Rows = [["id", "commonName", "class", "massKg", "status", "nocturnal", "habitats"]]
    for i, item in enumerate(SPECIES.replace("\n", "|").split("|")):
        name, group = item.split(";")
        mass = round(WEIGHT.get(group, 0.1) * rng.uniform(0.1, 2), 3) if i % 7 else None
        row = [f"s{i}", name, group, mass, STATUS[i * 5 % 7 % 4], rng.random() < 0.4]
        species.append([*row, sorted(rng.sample(HABITATS, rng.randint(1, 3)))])
    reserves: Rows = [["id", "name", "areaKm2", "foundedOn", "visitorFee"]]
    for i, name in enumerate(
        "Kestrel Moor;Longwater;Old Pines;Saltgrass;Harrow Fells;Birchmark;"
        "Otterby;Windle Coast;Dry Valley".split(";")
    ):
        fee = [5.0, None, 8.0, 3.5][i % 4]
        reserves.append([f"r{i}", name, round(rng.uniform(9, 480), 1), day(rng, 1930, 2005), fee])
    rangers: Rows = [["id", "name", "hiredOn", "languages", "badge"]]
    for i in range(20):
        spoken = rng.sample(["Dutch", "English", "Hungarian", "Spanish", "Welsh"], 1 + i % 3)
        name = f"{FIRST[i % 8]} {LAST[(i + i // 8) % 4]}"
        rangers.append([f"g{i}", name, day(rng, 1999, 2022), sorted(spoken), 310 + i * 4])
    sightings: Rows = [["id", "reference", "seenAt", "animals", "confirmed", "remark"]]
    for i in range(110):
        at = f"{day(rng, 2021, 2024)}T{rng.randrange(4, 23):02}:{rng.randrange(12) * 5:02}:00"
        remark = rng.choice(["tracks only", "with young", "feeding at dusk", None, None])
        row = [f"o{i}", f"OBS-{i:04}", at, min(rng.randrange(1, 40), rng.randrange(1, 40))]
        sightings.append([*row, rng.random() < 0.7, remark])
    return {"species": species, "reserves": reserves, "rangers": rangers, "sightings": sightings}


def relationships(rng: random.Random, ids: dict[str, list[str]]) -> dict[str, Rows]:
    """Rows of each relationship file, the header first."""
    species, reserves = ids["species"], ids["reserves"]
    preys: Rows = [["hunter", "prey", "diet"]]
    web = "0 2 60,0 3 25,1 2 40,1 13 20,4 10 70,4 3 30,5 6 55,5 7 35,5 3 10,6 14 80,8 9 65,8 16 25"
    web += ",9 22 5,11 2 45,11 12 30,11 19 15,12 13 60,12 14 30,15 6 60,15 3 25,15 18 10,17 16 50"
    web += ",17 1 10,17 9 30,20 6 75,20 3 15,3 14 50,3 13 40,18 14 65,10 13 75,23 2 55,23 10 20"
    for item in web.split(","):
        hunter, prey, diet = map(int, item.split())
        preys.append([species[hunter], species[prey], diet])
    sighted_of: Rows = [["sighting", "species"]]
    sighted_in: Rows = [["sighting", "reserve"]]
    reported: Rows = [["ranger", "sighting"]]
    for sighting in ids["sightings"]:
        sighted_of.append([sighting, species[min(rng.randrange(22), rng.randrange(30))]])
        sighted_in.append([sighting, reserves[rng.randrange(8)]])
        reported += [[one, sighting] for one in rng.sample(ids["rangers"][:18], rng.randint(1, 2))]
    patrols: Rows = [["ranger", "reserve", "since", "role"]]
    for ranger, reserve in pairs(rng, ids["rangers"], reserves, 30):
        patrols.append([ranger, reserve, day(rng, 2000, 2023), rng.choice(["guide", "warden"])])
    lives: Rows = [["species", "reserve", "population"]]
    for one, reserve in pairs(rng, species, reserves, 70):
        lives.append([one, reserve, rng.randrange(4, 900) if rng.random() < 0.85 else None])
    borders: Rows = [["reserve", "neighbour", "borderKm"]]
    for i, j in [(0, 1), (0, 2), (2, 3), (3, 5), (1, 4), (5, 6), (6, 7), (4, 5)]:
        borders.append([reserves[i], reserves[j], round(rng.uniform(1, 30), 1)])
    names = "preys_on sighting_of sighted_in reported patrols lives_in borders".split()
    return dict(
        zip(names, [preys, sighted_of, sighted_in, reported, patrols, lives, borders], strict=True)
    )
