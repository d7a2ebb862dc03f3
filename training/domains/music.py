"""Music: bands and musicians, albums with their songs, covers, concerts, instruments.

Everything is invented. leftIn is absent for who still plays, COVERS leads from a version to the
song it is a version of, an album's tracks have positions. Knows nothing of questions.
"""

from __future__ import annotations

from datetime import date
from typing import TYPE_CHECKING

from training.domains.tables import Rows, day, pairs

if TYPE_CHECKING:
    import random

SEED = 37
BANDS = (
    "Velvet Antlers;Paper Comets;The Low Tides;Iron Meadow;Sunday Static;Kilo Sparrow;Ghost Tram"
)
FORMED = [1983, 1999, 1991, 2001, 1996, 2003, 1988]
GENRES = ["folk", "rock", "jazz", "electronic"]
FRONT = "Blue Slow Burning Paper Lonely Neon Distant Second".split()
BACK = "Highway Lanterns Weather Heart Station Dust Mirror".split()
INSTRUMENTS = """guitar string;violin string;cello string;drums percussion;marimba percussion
trumpet brass;tuba brass;piano keyboard;organ keyboard;flute woodwind;oboe woodwind"""
FIRST = "Ari Bo Cyd Dee Eno Fay Gio Hal".split()
LAST = "Stone Marlow Reyes Quill Zane".split()


def nodes(rng: random.Random) -> dict[str, Rows]:
    """Rows of each node file, the header first."""
    bands: Rows = [["id", "name", "genre", "formedIn", "splitIn", "hometown"]]
    for i, name in enumerate(BANDS.split(";")):
        split = FORMED[i] + 17 if i % 3 == 1 else None
        town = ["Bristow", "Malka", "Bristow", "Sund"][i % 4]
        bands.append([f"b{i}", name, GENRES[i * 3 % 5 % 4], FORMED[i], split, town])
    musicians: Rows = [["id", "name", "birthDate", "country", "solo"]]
    for i in range(32):
        row = [f"m{i}", f"{FIRST[i % 8]} {LAST[(i + i // 8) % 5]}"]
        born = day(rng, 1950, 1995) if i % 6 else None
        musicians.append([*row, born, ["Wales", "Chile", "Ghana"][i % 3], i % 5 == 0])
    albums: Rows = [["id", "title", "releaseDate", "price", "formats"]]
    for i in range(18):
        formats = sorted(rng.sample(["vinyl", "CD", "download", "cassette"], rng.randint(1, 3)))
        title = f"{FRONT[i % 8]} {BACK[(i * 2 + 1) % 7]}"
        price = round(rng.uniform(7, 35), 2) if i % 7 else None
        albums.append([f"a{i}", title, day(rng, 1985, 2023), price, formats])
    songs: Rows = [["id", "title", "seconds", "bpm", "instrumental"]]
    for i in range(72):
        title = f"{FRONT[i * 3 % 8]} {BACK[(i + i // 8) % 7]}" if i < 56 else f"Interlude {i - 55}"
        bpm = rng.randrange(60, 180) if i % 7 else None
        songs.append([f"s{i}", title, rng.randrange(95, 480), bpm, i >= 56 or i % 9 == 4])
    concerts: Rows = [["id", "name", "heldOn", "city", "attendance"]]
    for i in range(30):
        city = ["Malka", "Sund", "Bristow", "Ayr", "Tolo"][i * 2 % 5]
        crowd = rng.randrange(3, 120) * 50 if i % 6 else None
        held = date(2010 + i // 3, 1 + i * 5 % 12, 3 + i % 20)
        name = f"{['Spring', 'Harbour', 'Night', 'Open Air', 'Winter'][i % 5]} {held.year}"
        concerts.append([f"c{i}", name, held, city, crowd])
    instruments: Rows = [["id", "name", "family"]]
    for i, item in enumerate(INSTRUMENTS.replace("\n", ";").split(";")):
        instruments.append([f"i{i}", *item.split()])
    names = "bands musicians albums songs concerts instruments".split()
    return dict(zip(names, [bands, musicians, albums, songs, concerts, instruments], strict=True))


def relationships(rng: random.Random, ids: dict[str, list[str]]) -> dict[str, Rows]:
    """Rows of each relationship file, the header first."""
    bands, songs = ids["bands"], ids["songs"]
    member_of: Rows = [["musician", "band", "joinedIn", "leftIn"]]
    for i, (musician, band) in enumerate(pairs(rng, ids["musicians"], bands, 36)):
        joined = FORMED[int(band[1:])] + rng.randrange(8)
        member_of.append([musician, band, joined, joined + i % 11 + 1 if i % 3 == 0 else None])
    plays: Rows = [["musician", "instrument", "years"]]
    for musician, instrument in pairs(rng, ids["musicians"], ids["instruments"], 50):
        plays.append([musician, instrument, rng.randrange(1, 40)])
    released: Rows = [["band", "album"]]
    released += [[bands[min(rng.randrange(6), rng.randrange(6))], one] for one in ids["albums"]]
    has_track: Rows = [["album", "song", "position"]]
    for i, song in enumerate(songs[:68]):
        has_track.append([ids["albums"][i % 17], song, i // 17 + 1])
    has_track += [[ids["albums"][i + 5], songs[i * 6], 5] for i in range(9)]
    performed: Rows = [["band", "concert", "fee"]]
    for band, concert in pairs(rng, bands, ids["concerts"], 48):
        performed.append(
            [band, concert, rng.randrange(4, 90) * 100 if rng.random() < 0.9 else None]
        )
    originals = {9: 2, 17: 9, 30: 17, 25: 2, 33: 25, 40: 11, 52: 11, 61: 40, 44: 23}
    idols = [(0, 1), (0, 2), (1, 3), (2, 4), (3, 5), (1, 4), (4, 5), (2, 0)]
    covers: Rows = [["song", "original"]]
    covers += [[songs[i], songs[j]] for i, j in originals.items()]
    inspired: Rows = [["band", "other"]]
    inspired += [[bands[i], bands[j]] for i, j in idols]
    names = "member_of plays released has_track performed_at covers inspired".split()
    return dict(
        zip(
            names, [member_of, plays, released, has_track, performed, covers, inspired], strict=True
        )
    )
