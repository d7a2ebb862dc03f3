"""Parts of texts: what they start with, contain, share, how long they are.

Knows nothing of other kinds of values.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from training.pairs.cyphertext import camel, literal
from training.pairs.draw import Draft, Impossible, lines, where
from training.pairs.families.basics import grouped
from training.pairs.family import Family
from training.pairs.grammar import counted, plural
from training.pairs.phrasing import Phrases

if TYPE_CHECKING:
    from collections.abc import Callable

    from training.pairs.draw import Draw
    from training.pairs.lexicon import LabelWords, PropertyWords


def texts(prop: PropertyWords) -> bool:
    """A text to search in: a name, free text, or a code."""
    return prop.kind == "name" or prop.sort in {"text", "code"}


def _chosen(draw: Draw) -> tuple[LabelWords, PropertyWords, list[str]]:
    words = draw.label_with(texts)
    prop = draw.prop(words, texts)
    return (
        words,
        prop,
        [v for v in draw.domain.values(words.label, prop.name) if isinstance(v, str)],
    )


_VERBS = {
    "STARTS WITH": ("starts with", "begins with"),
    "ENDS WITH": ("ends in", "ends with"),
    "CONTAINS": ("contains", "has somewhere in it"),
}


def _piece(draw: Draw, kind: str, words: list[str]) -> str:
    """A word from where it is looked for, or a few letters of one."""
    word = {"STARTS WITH": words[0], "ENDS WITH": words[-1]}.get(kind, draw.pick(words))
    size = draw.pick([1, 2, 3])
    if len(words) > 1 and (kind != "STARTS WITH" or draw.chance(0.6)):
        return word
    return word[-size:] if kind == "ENDS WITH" else word[: size + (kind == "CONTAINS")]


def part_of_text(draw: Draw) -> Draft:
    """The nodes whose text begins with, ends in or contains something."""
    words, prop, values = _chosen(draw)
    kind = draw.pick(list(_VERBS))
    piece = _piece(draw, kind, draw.pick(values).split())
    piece = piece.strip(",.;:()")
    if not piece or '"' in piece:
        raise Impossible
    v = draw.var(words.label)
    fold = kind == "CONTAINS" and draw.chance(0.45)
    place = f"toLower({v}.{prop.name})" if fold else f"{v}.{prop.name}"
    value = piece.lower() if fold else piece
    shown = prop.kind != "name" and draw.chance(0.5)
    query = lines(
        f"MATCH ({v}:{words.label})",
        f"WHERE {place} {kind} {literal(value)}",
        f"RETURN {v}.{words.name}" + (f", {v}.{prop.name}" if shown else ""),
    )
    draw.constants.append(piece)
    noun, many = draw.called_prop(prop), draw.noun(words).many
    does = f"{draw.pick(_VERBS[kind])} " + draw.pick([f"'{value}'", f'"{value}"'])
    if fold:
        does += draw.pick([", in upper or lower case", ", ignoring case", ", whatever the case"])
    asks = [f"which {many} have a {noun} that {does}"]
    tails = [f", with the {noun}", f", {noun} included", f". Show the {noun} too"]
    return Draft(query, Phrases([f"{many} whose {noun} {does}"], asks, tails if shown else [""]))


def longest_text(draw: Draw) -> Draft:
    """The longest or shortest texts, or those of at least a length."""
    words, prop, values = _chosen(draw)
    v = draw.var(words.label)
    noun, what = draw.called_prop(prop), draw.noun(words)
    if draw.chance(0.5):
        sizes = sorted(map(len, values))
        limit = draw.pick(sizes[len(sizes) // 2 :])
        query = lines(
            f"MATCH ({v}:{words.label})",
            f"WHERE size({v}.{prop.name}) > {limit}",
            f"RETURN {v}.{words.name}",
        )
        does = f"more than {limit} characters"
        things = [f"{what.many} whose {noun} has {does}", f"{what.many} with a {noun} of {does}"]
        return Draft(
            query, Phrases(things, [f"which {what.many} have a {noun} of {does}"]), ("filter",)
        )
    longest = draw.chance(0.6)
    query = lines(
        f"MATCH ({v}:{words.label})",
        where(draw.present(words, prop, v)),
        f"RETURN {v}.{words.name}",
        f"ORDER BY size({v}.{prop.name})" + (" DESC" if longest else ""),
        "LIMIT 1",
    )
    word = "longest" if longest else "shortest"
    things = [f"{what.one} with the {word} {noun}"]
    asks = [
        f"which {what.one} has the {word} {noun}",
        f"which {what.one} has the {noun} with the {'most' if longest else 'fewest'} characters",
    ]
    return Draft(query, Phrases(things, asks, many=False), ("ordering",), harder=1)


# what names are grouped by: its name, the alias, the expression for Cypher and for the data
_PARTS: tuple[tuple[str, str, str, Callable[[str], str]], ...] = (
    ("first letter", "letter", "left({}, 1)", lambda text: text[0]),
    ("first word", "firstWord", "split({}, ' ')[0]", lambda text: text.split(" ")[0]),
    ("last word", "lastWord", "split({}, ' ')[-1]", lambda text: text.split(" ")[-1]),
)


def initials(draw: Draw) -> Draft:
    """Names grouped by first letter, first word or last word."""
    words = draw.label()
    v = draw.var(words.label)
    said, alias, part, key = draw.pick(_PARTS)
    names = [n for n in draw.domain.values(words.label, words.name) if isinstance(n, str)]
    if len(set(map(key, names))) == len(names):
        raise Impossible
    expression = part.format(f"{v}.{words.name}")
    many, what = draw.free(camel(words.nouns[0].many)), draw.noun(words)
    noun = words.properties[words.name].nouns[0]
    if alias == "letter" and draw.chance(0.3):
        query = lines(
            f"MATCH ({v}:{words.label})", f"RETURN {expression} AS {alias}, count({v}) AS {many}"
        )
        things = [f"number of {what.many} per {said} of the {noun}"]
        ask = f"how many {what.many} are there for each {said} of their {noun}"
        return Draft(query, Phrases(things, [ask], be="is"))
    limit = draw.pick([2, 2, 3])
    query = lines(
        f"MATCH ({v}:{words.label})",
        f"WITH {expression} AS {alias}, count({v}) AS {many}",
        f"WHERE {many} >= {limit}",
        f"RETURN {alias}, {many}",
    )
    slot = f"the {plural(noun)} of at least {counted(limit, what, draw.rng)}"
    things = [f"{plural(said)} that {slot} share", f"{plural(said)} shared by {slot}"]
    asks = [f"which {plural(said)} do {slot} have in common"]
    tails = [f", with the number of {what.many}", f", and how many {what.many} each"]
    tails.append(f". Give the {said} and the number of {what.many}")
    return Draft(query, Phrases(things, asks, tails), ("filter",))


def same_text(draw: Draw) -> Draft:
    """Pairs of nodes with the same value of a category, among few."""
    words = draw.label_with(grouped)
    prop = draw.prop(words, grouped)
    have = [n for n in draw.domain.named(words.label) if draw.domain.value(n, prop.name)]
    anchor = draw.anchor(words, have)
    one, other = draw.var(words.label), draw.free("other")
    query = lines(
        f"MATCH {draw.named(words, anchor.name, one)}, ({other}:{words.label})",
        f"WHERE {other}.{prop.name} = {one}.{prop.name} AND {other} <> {one}",
        f"RETURN {other}.{words.name}",
    )
    noun, many = draw.called_prop(prop), draw.noun(words).many
    things = [
        f"other {many} with the same {noun} as {anchor.said}",
        f"{many} that have their {noun} in common with {anchor.said}",
    ]
    asks = [
        f"which other {many} have the same {noun} as {anchor.said}",
        f"what other {many} share the {noun} of {anchor.said}",
    ]
    return Draft(query, Phrases(things, asks))


FAMILIES = (
    Family("part-of-text", part_of_text, 2, ("string", "filter")),
    Family("text-length", longest_text, 2, ("string",)),
    Family("initials", initials, 4, ("string", "aggregation")),
    Family("same-text", same_text, 3, ("match", "filter")),
)
