"""Rows of several queries in one table.

Knows nothing of joins.
"""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from training.pairs.conditions import condition, filtered, of_label
from training.pairs.cyphertext import literal
from training.pairs.draw import Draft, Impossible, lines, where
from training.pairs.families.connections import name_column, pattern
from training.pairs.families.missing import tested
from training.pairs.families.ordering import ranked, top_phrase
from training.pairs.family import Family
from training.pairs.grammar import joined
from training.pairs.phrasing import Phrases

if TYPE_CHECKING:
    from training.pairs.draw import Draw

_ONCE = [", each once", ". Every one only once", ", no duplicates"]


def either_relationship(draw: Draw) -> Draft:
    """The nodes connected to a named one in one way or in another, each once."""
    first = draw.hop()
    second = draw.hop(first.near, lambda h: h.far == first.far and h != first)
    if not draw.domain.unique(first.near.label):
        raise Impossible  # UNION would make one of two nodes that share a name
    ways = [draw.domain.reached(h.back()) for h in (first, second)]
    anchor = draw.anchor(first.far, [n for n in ways[0] if n in ways[1]])
    v = draw.var(first.near.label)
    far, near = draw.named(first.far, anchor.name), f"({v}:{first.near.label})"
    parts = [
        lines(f"MATCH {pattern(draw, near, hop, far)}", f"RETURN {v}.{first.near.name} AS name")
        for hop in (first, second)
    ]
    query = "\nUNION\n".join(parts)
    does = [draw.does(h.near_does, anchor.said) for h in (first, second)]
    group = replace(draw.group(first.near, *does), word="or")
    return Draft(query, Phrases([group.many(draw.rng)], [group.which(draw.rng)], _ONCE))


def around(draw: Draw) -> Draft:
    """Neighbours of two labels of one named node, with what they are."""
    words = draw.label(lambda w: len({h.far.label for h in draw.domain.hops(w.label)}) > 1)
    first = draw.hop(words)
    second = draw.hop(words, lambda h: h.far != first.far)
    ways = [draw.domain.reached(h) for h in (first, second)]
    anchor = draw.anchor(words, [n for n in ways[0] if n in ways[1]])
    kinds = [hop.far.nouns[0].one for hop in (first, second)]
    parts = []
    for hop, kind in zip((first, second), kinds, strict=True):
        v = draw.var(hop.far.label)
        match = pattern(draw, draw.named(words, anchor.name), hop, f"({v}:{hop.far.label})")
        distinct = "DISTINCT " if draw.domain.repeats(hop) else ""
        returned = f"RETURN {distinct}{v}.{hop.far.name} AS name, {literal(kind)} AS kind"
        parts.append(lines(f"MATCH {match}", returned))
    query = "\nUNION ALL\n".join(parts)
    groups = [draw.group(hop.far, draw.does(hop.far_does, anchor.said)) for hop in (first, second)]
    things = [
        joined([group.many(draw.rng) for group in groups[:1]] + [f"the {groups[1].many(draw.rng)}"])
    ]
    draw.constants.extend(kinds)
    said = f"'{kinds[0]}' or '{kinds[1]}'"
    tails = [
        f", in one table of name and kind, the kind being {said}",
        f". Two columns: name and kind ({said})",
        f", one per row, each with {said} beside its name",
        f". Put {said} in a second column",
    ]
    return Draft(query, Phrases(things, [], tails))


def extremes(draw: Draw) -> Draft:
    """The nodes at both ends of an order."""
    words = draw.label_with(ranked)
    prop = draw.prop(words, ranked)
    v = draw.var(words.label)
    names = [("min", "lowest"), ("max", "highest")]
    if draw.chance(0.5):
        names.reverse()
    parts = [
        lines(
            f"MATCH ({v}:{words.label})",
            f"WITH {f}({v}.{prop.name}) AS {alias}",
            f"MATCH ({v}:{words.label} {{{prop.name}: {alias}}})",
            f"RETURN {v}.{words.name} AS name, {v}.{prop.name} AS {prop.name}",
        )
        for f, alias in names
    ]
    query = "\nUNION\n".join(parts)
    noun = draw.noun(words)
    heads = []
    for function, _ in names:
        before, after = top_phrase(draw, prop, most=function == "max")
        heads.append(f"{before} {noun.one} {after}".strip())
    called = draw.called_prop(prop)
    things = [f"{heads[0]} and the {heads[1]}"]
    asks = [f"which is the {heads[0]} and which the {heads[1]}"]
    tails = [
        f", with {called}, one per row",
        f". Name and {called}, one per row",
        f", each with {called} in a row of its own",
    ]
    tags = ("temporal",) if prop.kind == "date" else ()
    return Draft(query, Phrases(things, asks, tails), ("subquery", *tags))


def two_labels(draw: Draw) -> Draft:
    """Nodes of two labels that meet a condition each, in one list."""
    first = draw.label_with(tested)
    second = draw.label(lambda w: w != first and bool(draw.domain.properties(w.label, tested)))
    parts, groups, tags = [], [], list[str]()
    for words in (first, second):
        v = draw.var(words.label)
        found = condition(draw, of_label(draw, words, v))
        node, texts = filtered(words, v, [found])
        parts.append(lines(f"MATCH {node}", where(texts), f"RETURN {v}.{words.name} AS name"))
        groups.append(draw.group(words, found.does))
        tags += found.tags
    query = "\nUNION ALL\n".join(parts)
    nouns = [w.properties[w.name].nouns[0] for w in (first, second)]
    if nouns[0] != nouns[1]:
        nouns = [name_column(draw, words) for words in (first, second)]
    things = [f"{groups[0].many(draw.rng)} and the {groups[1].many(draw.rng)}"]
    tails = [
        ", all in one column",
        ", in one list",
        f". One column with the {' or '.join(dict.fromkeys(nouns))}",
    ]
    return Draft(query, Phrases(things, [], tails), ("filter", *tags))


def labelled_halves(draw: Draw) -> Draft:
    """How many nodes lie on each side of a bound, as two rows."""
    words = draw.label_with(tested)
    v = draw.var(words.label)
    found = condition(draw, of_label(draw, words, v))
    other = condition(draw, of_label(draw, words, v))
    if other.prop == found.prop:
        raise Impossible
    parts = []
    tags = ("A", "B")
    for name, each in zip(tags, (found, other), strict=True):
        node, texts = filtered(words, v, [each])
        parts.append(
            lines(f"MATCH {node}", where(texts), f"RETURN '{name}' AS set, count({v}) AS number")
        )
    query = "\nUNION ALL\n".join(parts)
    many = draw.noun(words).many
    things = [
        (
            f"number of {many} in each of two groups: A, those that {found.does}, "
            f"and B, those that {other.does}"
        )
    ]
    tails = [
        ", as two rows of group and number",
        ". One row per group, with its letter and the number",
    ]
    return Draft(
        query,
        Phrases(things, [], tails, be="is"),
        ("aggregation", "filter", *found.tags, *other.tags),
    )


FAMILIES = (
    Family("either-relationship", either_relationship, 3, ("union", "match")),
    Family("around", around, 3, ("union", "match")),
    Family("extremes", extremes, 4, ("union", "aggregation")),
    Family("two-labels", two_labels, 3, ("union",)),
    Family("two-groups", labelled_halves, 4, ("union",)),
)
