"""Surfaces of one meaning: question, imperative, polite, keywords, casual, statement; with a typo.

Knows nothing of graphs or queries.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING

from training.pairs.grammar import capital, chance

if TYPE_CHECKING:
    from collections.abc import Sequence
    from random import Random

TYPO_SHARE = 1 / 14
MOODS = {
    "question": 32,
    "imperative": 21,
    "polite": 14,
    "keywords": 13,
    "casual": 11,
    "statement": 9,
}
_IMPERATIVE = (
    "List {}",
    "Show {}",
    "Show me {}",
    "Give me {}",
    "Find {}",
    "Return {}",
    "Get {}",
    "Look up {}",
    "Tell me {}",
    "Fetch {}",
    "Pull up {}",
    "Work out {}",
)
# A single value or table is not listed, several things are not worked out.
_PLURAL_ONLY = frozenset({"List {}"})
_SINGULAR_ONLY = frozenset({"Work out {}", "Tell me {}"})
_POLITE = (
    "Could you show me {}?",
    "Could you please find {}?",
    "Please give me {}.",
    "Can you tell me {}, please?",
    "Would you look up {} for me?",
    "I'd like to see {}, please.",
    "Please show {}.",
    "May I have {}?",
    "Kindly send me {}.",
)
_STATEMENT = (
    "I need {}.",
    "I'm looking for {}.",
    "We want to know {}.",
    "I want {}.",
    "I'd like to know {}.",
    "Looking for {}.",
    "For my notes I need {}.",
    "What I am after is {}.",
    "I am interested in {}.",
)
_POLITE_ASK = ("Could you tell me: {}?", "Sorry, quick one: {}?", "Please tell me, {}?", "Hi, {}?")
# "a" before a vowel, where it is heard as one
_VOWEL = re.compile(r"\b([Aa]) (?=[aeioAEIO])(?!one\b|euro)")
_WORD = re.compile(r"\b[a-z]{5,}\b")


@dataclass(frozen=True, slots=True)
class Phrases:
    """``things``: noun phrases for what is asked, without their article; ``asks``:
    direct questions without a mark; ``tails``: what may follow either, from its comma or space on,
    or a sentence of its own from its full stop on. ``be``: the verb of ``things`` that are many."""

    things: Sequence[str]
    asks: Sequence[str] = ()
    tails: Sequence[str] = ("",)
    many: bool = True
    be: str = "are"


def surface(says: Phrases, protected: Sequence[str], rng: Random) -> str:
    """One question. Words of ``protected`` texts get no typo."""
    mood = rng.choices(list(MOODS), list(MOODS.values()))[0]
    text = _clean(_in_mood(mood, says, rng))
    return _with_typo(text, protected, rng) if chance(rng, TYPO_SHARE) else text


def _in_mood(mood: str, says: Phrases, rng: Random) -> str:
    tail = rng.choice(says.tails)
    if tail[:1] == " " and tail[1] != "(":
        tail = f",{tail}"
    thing = rng.choice(says.things)
    the = f"the {thing}"
    if mood in {"question", "casual"}:
        ask = rng.choice(says.asks) if says.asks and chance(rng, 0.88) else _what(the, says, rng)
        if mood == "question":
            return _ended(capital(ask), "?", tail)
        return _ended(ask, rng.choice(["", "", "?"]), tail)
    if mood == "keywords":
        return _ended(thing, "", tail)
    if mood == "polite" and says.asks and chance(rng, 0.3):
        return _framed(rng.choice(_POLITE_ASK), rng.choice(says.asks), tail)
    if mood == "imperative":
        dropped = _SINGULAR_ONLY if says.many else _PLURAL_ONLY
        frames = [frame + "." for frame in _IMPERATIVE if frame not in dropped]
    else:
        frames = list(_POLITE if mood == "polite" else _STATEMENT)
    return _framed(rng.choice(frames), the, tail)


def _what(the: str, says: Phrases, rng: Random) -> str:
    verb = says.be if says.many else "is"
    return rng.choice([f"what {verb}", "what's" if verb == "is" else f"which {verb}"]) + f" {the}"


def _framed(frame: str, text: str, tail: str) -> str:
    """A tail goes into the frame, a sentence of its own after it."""
    if tail.startswith("."):
        return f"{frame.format(text)} {tail[1:].strip()}."
    return frame.format(text + tail)


def _ended(text: str, mark: str, tail: str) -> str:
    if tail.startswith("."):
        return f"{text}{mark or '.'} {tail[1:].strip()}."
    return f"{text}{tail}{mark}"


def _clean(text: str) -> str:
    text = re.sub(r"\s+", " ", text).strip()
    text = re.sub(r" (?=[.,?](?:\s|$))", "", text).replace("..", ".")
    return _VOWEL.sub(r"\1n ", text)


def _with_typo(text: str, protected: Sequence[str], rng: Random) -> str:
    """Two letters swapped, one dropped or one doubled, inside one common word."""
    taken = {word for value in protected for word in _WORD.findall(value.lower())}
    places = [found for found in _WORD.finditer(text) if found[0] not in taken]
    places = [p for p in places if text[max(p.start() - 1, 0)] not in "'\"" or p.start() == 0]
    if not places:
        return text
    place = rng.choice(places)
    word = place[0]
    at = rng.randrange(1, len(word) - 2)
    changed = rng.choice(
        [
            word[:at] + word[at + 1] + word[at] + word[at + 2 :],
            word[:at] + word[at + 1 :],
            word[:at] + word[at] + word[at:],
        ]
    )
    return text[: place.start()] + changed + text[place.end() :]
