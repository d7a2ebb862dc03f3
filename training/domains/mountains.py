"""Invented mountains: peaks in nested ranges, huts linked by paths, routes, climbers.

Everything is invented. Knows nothing of questions.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from training.domains.tables import Rows, day, pairs

if TYPE_CHECKING:
    import random

SEED = 16
RANGES = (
    "Great Divide,Northern Divide,Southern Divide,Kaldur Alps,Veska Hills,Tormund Massif,"
    "Osprey Ridge,Sel Group,Brim Chain"
).split(",")
PARENTS = [None, 0, 0, 1, 1, 2, 5, 3, None]
PEAKS = (
    "Aarnhorn,Brevik,Caldera Point,Drummel,Eldspire,Falkentind,Grimnock,Halvard,Iserkopf,Jotunn,"
    "Kvalnos,Lomnis,Morvane,Nordhorn,Old Tom,Piz Varda,Quern,Rautas,Skarn,Tolmin,Ulvhorn,Vesper,"
    "Wolfstooth,Xanders Needle,Ysted,Zirben,Blackwater Dome,Cloudhome,Little Brevik,Sunder"
).split(",")
HUTS = (
    "Lakeside,Eagle Nest,Morning Star,Stonehouse,Upper Spring,Larch,Three Winds,Glacier View,"
    "Shepherd,Last Light,Snowfinch,Pass House,Fir Tree,Ibex"
).split(",")
FIRST = "Asta Birger Clio Dag Eira Ferran Gro Henrik Inka Jorn Kirsti Lothar Mona Njal".split()
LAST = "Aas Bjork Cerny Dahl Egger Foss Graf Hauge Innerhof".split()
SERVICES = ["meals", "shower", "wifi", "guide", "rescue"]


def nodes(rng: random.Random) -> dict[str, Rows]:
    """Rows of each node file, the header first."""
    ranges: Rows = [["id", "name", "country", "length_km"]]
    for i, name in enumerate(RANGES):
        country = ["Norland", "Estavia"][i % 2] if i else None
        ranges.append([f"g{i}", name, country, round(900 / (i + 1.5), 1)])
    peaks: Rows = [["id", "name", "elevation_m", "prominence_m", "volcanic", "first_climbed"]]
    for i, name in enumerate(PEAKS):
        height = rng.randrange(1400, 4800)
        rise = rng.randrange(100, height - 800) if i % 6 != 2 else None
        first = day(rng, 1811, 1938) if i % 5 else None
        peaks.append([f"p{i}", name, height, rise, rng.random() < 0.25, first])
    huts: Rows = [["id", "name", "altitude_m", "beds", "built", "staffed", "services"]]
    for i, name in enumerate(HUTS):
        built = rng.randrange(1880, 2012) if i % 6 != 4 else None
        services = rng.sample(SERVICES, rng.randint(1, 3)) if i % 4 != 3 else None
        beds, staffed = rng.randrange(8, 120, 4), rng.random() < 0.6
        huts.append([f"h{i}", name, rng.randrange(900, 3100), beds, built, staffed, services])
    routes: Rows = [["id", "name", "grade", "hours", "climb_m", "glacier"]]
    for i in range(40):
        face = ["North Face", "South Ridge", "West Gully", "East Arete"][(i * 3 + i // 28) % 4]
        hours = round(rng.uniform(2, 14), 1) if i % 9 else None
        name, grade = f"{PEAKS[i * 11 % 28]} {face}", rng.choice("F PD PD AD AD D TD".split())
        routes.append([f"r{i}", name, grade, hours, rng.randrange(400, 2200, 10), i % 5 == 1])
    climbers: Rows = [["id", "name", "born", "home_town", "guide"]]
    for i in range(36):
        name, town = (
            f"{FIRST[i % 14]} {LAST[i * 5 % 9]}",
            rng.choice(["Veyl", "Orsk", "Tarn", None]),
        )
        climbers.append([f"c{i}", name, day(rng, 1950, 2002), town, i % 7 == 3])
    return {"ranges": ranges, "peaks": peaks, "huts": huts, "routes": routes, "climbers": climbers}


def relationships(rng: random.Random, ids: dict[str, list[str]]) -> dict[str, Rows]:
    """Rows of each relationship file, the header first."""
    ranges, peaks, huts, routes = ids["ranges"], ids["peaks"], ids["huts"], ids["routes"]
    part_of: Rows = [["range", "larger"]]
    part_of += [[ranges[i], ranges[up]] for i, up in enumerate(PARENTS) if up is not None]
    in_range: Rows = [["peak", "range"]]
    in_range += [
        [peak, ranges[1 + rng.randrange(7)]] for i, peak in enumerate(peaks) if i % 14 != 13
    ]
    leads_to: Rows = [["route", "peak"]]
    leads_to += [[route, peaks[i * 11 % 28]] for i, route in enumerate(routes)]
    starts_at: Rows = [["route", "hut"]]
    starts_at += [[route, rng.choice(huts[:11])] for i, route in enumerate(routes) if i % 8 != 7]
    # Paths are walked from the start to the end; the way back is another path, or there is none.
    path_to: Rows = [["hut", "other", "hours", "marked"]]
    for i in range(12):
        path_to.append([huts[i], huts[i + 1], round(rng.uniform(1, 6), 1), i % 4 != 2])
    for start, end in [(0, 4), (4, 2), (2, 0), (7, 5), (5, 10), (9, 3)]:
        path_to.append([huts[start], huts[end], round(rng.uniform(2, 9), 1), start % 2 == 0])
    climbed: Rows = [["climber", "peak", "climbed_on", "solo"]]
    for climber, peak in pairs(rng, ids["climbers"], peaks, 120):
        for _ in range(1 + (rng.random() < 0.1)):
            climbed.append([climber, peak, day(rng, 2010, 2023), rng.random() < 0.2])
    stayed_at: Rows = [["climber", "hut", "arrived_on", "nights"]]
    for climber, hut in pairs(rng, ids["climbers"], huts, 90):
        nights = rng.randint(1, 6) if rng.random() < 0.9 else None
        stayed_at.append([climber, hut, day(rng, 2015, 2023), nights])
    return {
        "part_of": part_of,
        "in_range": in_range,
        "leads_to": leads_to,
        "starts_at": starts_at,
        "path_to": path_to,
        "climbed": climbed,
        "stayed_at": stayed_at,
    }
