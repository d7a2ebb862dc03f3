"""An invented football league: clubs, players and transfers, matches and goals, coaches.

Everything is invented. Knows nothing of questions.
"""

from __future__ import annotations

import random
from datetime import date, timedelta

from training.domains.tables import Rows, day, pairs

SEED = 13
CLUBS = (
    "Ravenford Rovers,Port Selby United,Kestrel Town,Duncastle Athletic,Marlow Vale,Tarn City,"
    "Oakhurst Wanderers,Brightsea Albion,Halden Rangers,Fernley Borough"
).split(",")
COLOURS = ["red", "white", "blue", "green", "black", "yellow"]
FIRST = (
    "Aleks Benno Caio Davor Emeka Finn Goran Hugo Ivo Jamal Kasper Luka Mateo Niko Oskar".split()
)
LAST = "Adler Brandt Costa Dekker Eze Fontaine Gallo Horvat Ilic Jensen Kovac Lindqvist".split()
GROUNDS = "Raven Park,The Quay,Kestrel Lane,Castle Field,Vale Road,Tarn Arena,The Oaks,Pier Stadium"
POSITIONS = ["goalkeeper", "defender", "defender", "midfielder", "midfielder", "forward"]


def nodes(rng: random.Random) -> dict[str, Rows]:
    """Rows of each node file, the header first."""
    clubs: Rows = [["id", "name", "founded", "colours", "members"]]
    for i, name in enumerate(CLUBS):
        members = rng.randrange(900, 30000, 50) if i % 4 != 3 else None
        clubs.append([f"c{i}", name, 1885 + 7 * (i * 3 % 10), rng.sample(COLOURS, 2), members])
    players: Rows = [["id", "name", "position", "born", "heightCm", "leftFooted", "nationality"]]
    for i in range(90):
        name, born = f"{FIRST[i % 15]} {LAST[(i * 5 + i // 15) % 12]}", day(rng, 1987, 2006)
        height = rng.randrange(164, 203) if i % 7 else None
        nation = rng.choice(["Norland", "Norland", "Estavia", "Karelmark", "Lusania"])
        left = rng.random() < 0.3
        players.append([f"p{i}", name, rng.choice(POSITIONS), born, height, left, nation])
    stadiums: Rows = [["id", "name", "capacity", "roofed", "opened"]]
    for i, name in enumerate([*GROUNDS.split(","), "Municipal Ground"]):
        stadiums.append([f"s{i}", name, rng.randrange(4000, 52000, 500), i % 3 == 1, 1920 + 9 * i])
    matches: Rows = [["id", "code", "playedOn", "homeGoals", "awayGoals", "attendance"]]
    first = date(2023, 8, 5)
    for i in range(45):
        goals = [rng.choice([0, 0, 1, 1, 2, 3]) for _ in range(2)]
        crowd = rng.randrange(1500, 30000) if i % 9 != 4 else None
        code, when = f"M{i + 1:02}", first + timedelta(days=7 * (i // 5))
        matches.append([f"m{i}", code, when, *goals, crowd])
    coaches: Rows = [["id", "name", "born", "licence"]]
    for i in range(14):
        birth = day(rng, 1955, 1988) if i % 5 else None
        coaches.append([f"k{i}", f"{FIRST[-i]} {LAST[i * 7 % 12]}", birth, "ABP"[i % 3]])
    return {
        "clubs": clubs,
        "players": players,
        "stadiums": stadiums,
        "matches": matches,
        "coaches": coaches,
    }


def relationships(rng: random.Random, ids: dict[str, list[str]]) -> dict[str, Rows]:
    """Rows of each relationship file, the header first; goals add up to the results."""
    clubs, players, coaches = ids["clubs"], ids["players"], ids["coaches"]
    of = {player: clubs[i % 9] for i, player in enumerate(players) if i % 13 != 12}
    plays_for: Rows = [["player", "club", "shirtNumber", "since"]]
    plays_for += [
        [p, club, 1 + i // 9, day(rng, 2017, 2023)] for i, (p, club) in enumerate(of.items())
    ]
    transferred: Rows = [["player", "club", "fee", "signedOn"]]
    for player, club in pairs(rng, players, clubs, 45):
        if of.get(player) != club:
            fee = round(rng.uniform(0.1, 18), 1) if rng.random() < 0.75 else None
            transferred.append([player, club, fee, day(rng, 2014, 2023)])
    home: Rows = [["match", "club"]]
    away: Rows = [["match", "club"]]
    pairings = rng.sample([(a, b) for a in clubs[:9] for b in clubs[:9] if a != b], 45)
    scored: Rows = [["player", "match", "minute", "penalty"]]
    for match, pairing in zip(nodes(random.Random(SEED))["matches"][1:], pairings, strict=True):
        for side, club, goals in zip((home, away), pairing, match[3:5], strict=True):
            side.append([match[0], club])
            squad = sorted(player for player, own in of.items() if own == club)
            for _ in range(int(str(goals))):
                scorer = rng.choice(squad[: rng.randint(1, 7)])
                scored.append([scorer, match[0], rng.randint(1, 90), rng.random() < 0.15])
    ground: Rows = [["club", "stadium"]]
    ground += [[club, ids["stadiums"][i]] for i, club in enumerate(clubs[:8])]
    ground.append([clubs[8], ids["stadiums"][2]])
    coached: Rows = [["coach", "club", "since"]]
    coached += [[coaches[i], clubs[i], day(rng, 2015, 2023)] for i in range(9)]
    mentored: Rows = [["coach", "pupil"]]
    mentored += [[coaches[i // 2], coaches[i]] for i in range(1, 12)]
    return {
        "plays_for": plays_for,
        "transferred": transferred,
        "home": home,
        "away": away,
        "scored": scored,
        "ground": ground,
        "coached": coached,
        "mentored": mentored,
    }
