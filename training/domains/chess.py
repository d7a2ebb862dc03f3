"""Invented chess tournaments: players, their games, openings and variations, clubs.

Everything is invented. Knows nothing of questions.
"""

from __future__ import annotations

from datetime import date, timedelta
from typing import TYPE_CHECKING

from training.domains.tables import Rows, day

if TYPE_CHECKING:
    import random

SEED = 17
FIRST = "Anatole Bettina Cyril Dunja Egon Flora Gideon Helga Ignaz Jelena Konrad Livia".split()
LAST = "Arbuth Bronski Czerny Dorfman Elgar Fink Grosz Hartwig Ivanek Juhasz Kranz".split()
OPENINGS = (
    "Harbour Game,Harbour Gambit,Closed Harbour,Harbour Countergambit,Falcon Defence,"
    "Falcon Advance,Falcon Exchange,Long Falcon,Willow Opening,Willow Gambit,Double Willow,"
    "Granite System,Tower Attack,Mirror Defence"
).split(",")
TOURNAMENTS = (
    "Lakeside Open,Winter Cup,Castle Masters,Harvest Rapid,Old Town Classic,Spring Invitational"
).split(",")


def nodes(rng: random.Random) -> dict[str, Rows]:
    """Rows of each node file, the header first."""
    players: Rows = [["id", "name", "rating", "title", "birthDate", "country", "active"]]
    for i in range(40):
        name, rating = f"{FIRST[i % 12]} {LAST[i * 4 % 11]}", rng.randrange(1500, 2750)
        title = "GM" if rating > 2500 else "IM" if rating > 2350 else None
        country = rng.choice(["Norland", "Estavia", "Karelmark", "Lusania"])
        row = [f"p{i}", name, rating if i % 9 else None, title if i % 9 else None]
        players.append([*row, day(rng, 1950, 2008), country, rng.random() < 0.8])
    tournaments: Rows = [["id", "name", "startDate", "endDate", "prizeFund", "rounds"]]
    for i in range(12):
        start, name = (
            date(2021 + i // 5, 1 + i * 5 % 12, 3 + i),
            f"{TOURNAMENTS[i % 6]} {2021 + i // 5}",
        )
        fund = rng.randrange(1, 60) * 500.0 if i % 5 != 4 else None
        tournaments.append(
            [f"t{i}", name, start, start + timedelta(days=3 + i % 4), fund, 3 + i % 4]
        )
    openings: Rows = [["id", "name", "code", "gambit", "firstMoves"]]
    for i, name in enumerate(OPENINGS):
        first = [f"{rng.choice('cde')}{rng.choice('34')}" for _ in range(1 + i % 3)]
        openings.append(
            [f"o{i}", name, f"{'ABCDE'[i % 5]}{10 + i * 3}", "gambit" in name.lower(), first]
        )
    games: Rows = [["id", "gameId", "result", "moves", "round", "playedOn"]]
    for i in range(110):
        event = tournaments[1 + i % 11]
        stage = 1 + i // 11 % int(str(event[5]))
        moves = rng.randrange(14, 90) if i % 13 != 6 else None
        result = rng.choice(["1-0", "1-0", "0-1", "1/2-1/2"])
        start = date.fromisoformat(str(event[2]))
        games.append(
            [f"g{i}", f"G{i + 1:03}", result, moves, stage, start + timedelta(days=stage - 1)]
        )
    clubs: Rows = [["id", "name", "city", "foundedYear"]]
    for i, name in enumerate(
        ["Blue Bishop", "En Passant", "Rook and Pawn", "Zugzwang", "Queenside"]
    ):
        clubs.append([f"c{i}", name, ["Orsk", "Veyl"][i % 2], 1901 + 17 * i if i != 3 else None])
    return {
        "players": players,
        "tournaments": tournaments,
        "openings": openings,
        "games": games,
        "clubs": clubs,
    }


def relationships(rng: random.Random, ids: dict[str, list[str]]) -> dict[str, Rows]:
    """Rows of each relationship file, the header first."""
    players, openings, tournaments = ids["players"], ids["openings"], ids["tournaments"]
    white: Rows = [["player", "game", "minutesUsed"]]
    black: Rows = [["player", "game", "minutesUsed"]]
    for game in ids["games"]:
        chosen = rng.sample(players[:37], 2)
        for side, player in zip((white, black), chosen, strict=True):
            side.append([player, game, rng.randint(5, 120) if rng.random() < 0.9 else None])
    of_event: Rows = [["game", "tournament"]]
    of_event += [[game, tournaments[i % 11]] for i, game in enumerate(ids["games"])]
    opened_with: Rows = [["game", "opening"]]
    for i, game in enumerate(ids["games"]):
        if i % 10:
            opened_with.append([game, rng.choices(openings[:13], range(16, 3, -1))[0]])
    variation_of: Rows = [["opening", "parent"]]
    for start, end in [(1, 0), (2, 0), (3, 1), (5, 4), (6, 4), (7, 5), (9, 8), (10, 9)]:
        variation_of.append([openings[start], openings[end]])
    won: Rows = [["player", "tournament", "points"]]
    for i, event in enumerate(tournaments[:10]):
        won.append([rng.choice(players[:12]), event, 3 + i % 4 - rng.randint(0, 2) / 2])
    won.append([players[20], tournaments[3], 4.5])
    coached: Rows = [["player", "pupil", "fromYear", "toYear"]]
    for i in range(2, 26):
        start = rng.randrange(2000, 2020)
        coached.append([players[i // 3], players[i], start, start + i % 5 if i % 4 else None])
    member_of: Rows = [["player", "club", "since"]]
    member_of += [
        [p, f"c{i * i % 4}", day(rng, 2001, 2023)] for i, p in enumerate(players) if i % 7
    ]
    member_of += [[players[i], "c3", day(rng, 2001, 2023)] for i in (2, 8, 11)]
    return {
        "white": white,
        "black": black,
        "of_event": of_event,
        "opened_with": opened_with,
        "variation_of": variation_of,
        "won": won,
        "coached": coached,
        "member_of": member_of,
    }
