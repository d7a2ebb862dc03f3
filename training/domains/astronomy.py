"""Astronomy: stars, their planets and companions, constellations, telescopes, observations.

Everything is invented. ORBITS leads from a planet to its star and from a star to the star it
circles; a lower magnitude is brighter. Knows nothing of questions.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from training.domains.tables import Rows, day

if TYPE_CHECKING:
    import random

SEED = 38
CONSTELLATIONS = "Anchor;Heron;Loom;Plough Ox;Lantern;Two Keys;Spiral;Kite"
STARS = """Abrix Belloran Cassine Dorveth Elnara Fomara Gallis Hydor Ilmare Jorun Kesta Lumen
Mirax Nereth Orlan Pellas Quorra Rastan Sivela Tomaris Ulvane Vessel Wyrna Xanthe Yoris Zemar"""
GASES = ["helium", "hydrogen", "methane", "ammonia", "nitrogen", "steam"]
SCOPES = "Aldous Eye;Big Ear;Cirrus One;Dawn Array;Ember;Far Lens;Great Northern;Halo"


def nodes(rng: random.Random) -> dict[str, Rows]:
    """Rows of each node file, the header first."""
    constellations: Rows = [["id", "name", "hemisphere", "area_sq_deg"]]
    for i, name in enumerate(CONSTELLATIONS.split(";")):
        half = ["northern", "southern", "northern"][i % 3]
        constellations.append([f"c{i}", name, half, rng.randrange(12, 120) * 10])
    stars: Rows = [["id", "name", "spectral_class", "magnitude", "distance_ly", "variable"]]
    for i, name in enumerate(STARS.split()):
        far = round(rng.uniform(4, 900), 1) if i % 8 else None
        bright = round(rng.uniform(-1.2, 7.5), 2)
        stars.append([f"s{i}", name, "GKMAF"[i * 3 % 5], bright, far, rng.random() < 0.3])
    planets: Rows = [["id", "name", "mass_earths", "discovered_on", "year_days", "gases"]]
    for i in range(44):
        name = f"{STARS.split()[i * 5 % 22]} {'bcd'[i // 22]}"
        gases = sorted(rng.sample(GASES, rng.randint(1, 3))) if i % 6 else None
        row: list[object] = [f"p{i}", name, round(rng.uniform(0.1, 400), 1) if i % 9 else None]
        planets.append([*row, day(rng, 1995, 2023), round(rng.uniform(1, 4000), 1), gases])
    telescopes: Rows = [["id", "name", "aperture_m", "first_light", "in_space"]]
    for i, name in enumerate(SCOPES.split(";")):
        size = round(rng.uniform(0.6, 11), 1)
        telescopes.append([f"t{i}", name, size, 1979 + i * 6, i % 3 == 2])
    observations: Rows = [["id", "log_number", "observed_on", "exposure_s", "seeing", "observer"]]
    for i in range(90):
        seeing = round(rng.uniform(0.4, 3.2), 1) if i % 7 else None
        who = rng.choice(["Iversen", "Okafor", "Tanaka", "Ruiz", None])
        row = [f"o{i}", f"LOG{i + 200}", day(rng, 2018, 2024), rng.randrange(3, 180) * 10]
        observations.append([*row, seeing, who])
    names = "constellations stars planets telescopes observations".split()
    return dict(zip(names, [constellations, stars, planets, telescopes, observations], strict=True))


def relationships(rng: random.Random, ids: dict[str, list[str]]) -> dict[str, Rows]:
    """Rows of each relationship file, the header first."""
    stars, scopes = ids["stars"], ids["telescopes"]
    contains: Rows = [["constellation", "star"]]
    contains += [[ids["constellations"][rng.randrange(7)], star] for star in stars[:-2]]
    orbits: Rows = [["planet", "star", "distance_au"]]
    for i, planet in enumerate(ids["planets"]):
        orbits.append([planet, stars[i * 5 % 22], round(rng.uniform(0.02, 30), 2)])
    pairs_of_stars: Rows = [["star", "primary", "period_years"]]
    for i, j in [(1, 0), (2, 1), (5, 4), (9, 4), (10, 9), (13, 12), (22, 9), (23, 22)]:
        pairs_of_stars.append([stars[i], stars[j], round(rng.uniform(2, 900), 1)])
    took: Rows = [["telescope", "observation"]]
    targets: Rows = [["observation", "star", "filters"]]
    for log in ids["observations"]:
        took.append([scopes[min(rng.randrange(7), rng.randrange(9))], log])
        for star in rng.sample(stars[:23], rng.choice([1, 1, 1, 2])):
            targets.append(
                [log, star, sorted(rng.sample(["U", "B", "V", "R", "I"], 1 + rng.randrange(3)))]
            )
    detected: Rows = [["telescope", "planet", "method"]]
    for i, planet in enumerate(ids["planets"][:40]):
        for scope in rng.sample(scopes[:6], 1 + (i % 4 == 0)):
            detected.append([scope, planet, rng.choice(["transit", "radial velocity", "imaging"])])
        if i % 6 == 1:  # confirmed by the same telescope in another way
            detected.append([*detected[-1][:2], "timing"])
    touching = [(0, 1), (0, 3), (1, 2), (3, 4), (4, 6), (2, 5), (5, 6)]
    borders: Rows = [["constellation", "neighbour"]]
    borders += [[ids["constellations"][i], ids["constellations"][j]] for i, j in touching]
    replaced: Rows = [["telescope", "older"]]
    replaced += [[scopes[i], scopes[j]] for i, j in [(1, 0), (3, 1), (5, 3), (4, 2), (6, 2)]]
    names = "contains orbits companions took targets detected borders replaced".split()
    return dict(
        zip(
            names,
            [contains, orbits, pairs_of_stars, took, targets, detected, borders, replaced],
            strict=True,
        )
    )
