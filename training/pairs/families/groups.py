"""Groups by the values of a category.

Knows nothing of order, nor of groups by node.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from training.pairs.conditions import condition, filtered, of_label
from training.pairs.cyphertext import camel
from training.pairs.draw import Draft, Impossible, lines, where
from training.pairs.families.basics import grouped
from training.pairs.families.connections import pattern
from training.pairs.families.counting import aggregate, measured
from training.pairs.family import Family
from training.pairs.grammar import counted, plural
from training.pairs.phrasing import Phrases

if TYPE_CHECKING:
    from training.pairs.draw import Draw


def count_per_category(draw: Draw) -> Draft:
    """How many nodes there are of each value of a category."""
    words = draw.label_with(grouped)
    prop = draw.prop(words, grouped)
    v = draw.var(words.label)
    conditions: list[str] = []
    group = draw.group(words)
    node = f"({v}:{words.label})"
    tags: tuple[str, ...] = ()
    if draw.chance(0.6):
        found = condition(draw, of_label(draw, words, v))
        if found.prop == prop:
            raise Impossible
        group, tags = group.narrowed(found.does), ("filter", *found.tags)
        node, conditions = filtered(words, v, [found])
    if not draw.domain.complete(words.label, prop.name):
        conditions.append(f"{v}.{prop.name} IS NOT NULL")
    alias = draw.free(camel(words.nouns[0].many))
    query = lines(
        f"MATCH {node}", where(conditions), f"RETURN {v}.{prop.name}, count({v}) AS {alias}"
    )
    noun, many = draw.called_prop(prop), group.many(draw.rng)
    things = [
        f"number of {many} per {noun}",
        f"number of {many} for each {noun}",
        f"count of {many} by {noun}",
        f"{noun} breakdown of {many}, with the number of each",
    ]
    asks = [f"how many {many} are there of each {noun}", f"how many {many} are there per {noun}"]
    return Draft(query, Phrases(things, asks, be="is"), tags)


def aggregate_per_category(draw: Draw) -> Draft:
    """An aggregate for each value of a category."""
    words = draw.label(
        lambda w: (
            bool(draw.domain.properties(w.label, grouped))
            and bool(draw.domain.properties(w.label, measured))
        )
    )
    by, prop = draw.prop(words, grouped), draw.prop(words, measured)
    v = draw.var(words.label)
    expression, alias, noun = aggregate(draw, prop, f"{v}.{prop.name}")
    conditions = draw.present(words, by, v)
    if not draw.domain.complete(words.label, prop.name) and draw.chance(0.3):
        conditions.append(f"{v}.{prop.name} IS NOT NULL")
    query = lines(
        f"MATCH ({v}:{words.label})",
        where(conditions),
        f"RETURN {v}.{by.name}, {expression} AS {alias}",
    )
    same = lines(
        f"MATCH ({v}:{words.label})",
        where([f"{v}.{by.name} IS NOT NULL", f"{v}.{prop.name} IS NOT NULL"]),
        f"RETURN {v}.{by.name}, {expression} AS {alias}",
    )
    many, by_noun = draw.noun(words).many, draw.called_prop(by)
    things = [
        f"{noun} of the {many} of each {by_noun}",
        f"{noun} of {many} per {by_noun}",
        f"{noun} of {many}, grouped by {by_noun}",
    ]
    asks = [
        f"what is the {noun} of {many} for each {by_noun}",
        f"for every {by_noun}, what {noun} do the {many} have",
    ]
    return Draft(query, Phrases(things, asks, be="is"), same=(same,))


def category_of_neighbours(draw: Draw) -> Draft:
    """How the neighbours of a named node spread over a category."""
    hop = draw.hop(wanted=lambda h: bool(draw.domain.properties(h.near.label, grouped)))
    if draw.domain.repeats(hop):
        raise Impossible
    prop = draw.prop(hop.near, grouped)
    if not draw.domain.complete(hop.near.label, prop.name):
        raise Impossible
    anchor = draw.anchor(hop.far, draw.domain.rich(hop.back(), 3))
    v = draw.var(hop.near.label)
    alias = draw.free(camel(hop.near.nouns[0].many))
    match = pattern(draw, f"({v}:{hop.near.label})", hop, draw.named(hop.far, anchor.name))
    query = lines(f"MATCH {match}", f"RETURN {v}.{prop.name}, count({v}) AS {alias}")
    group = draw.group(hop.near, draw.does(hop.near_does, anchor.said))
    noun, many = draw.called_prop(prop), group.many(draw.rng)
    things = [f"number of {many}, by {noun}", f"number of {many} for each {noun}"]
    asks = [f"how many of the {many} are there of each {noun}"]
    return Draft(query, Phrases(things, asks, be="is"))


def at_least_of_category(draw: Draw) -> Draft:
    """The values of a category that so many nodes have."""
    words = draw.label_with(grouped)
    prop = draw.prop(words, grouped)
    values = draw.domain.values(words.label, prop.name)
    sizes = sorted(values.count(value) for value in {v for v in values if isinstance(v, str)})
    limit = draw.pick(sizes[len(sizes) // 2 :])
    v = draw.var(words.label)
    alias = draw.free(camel(words.nouns[0].many))
    conditions = draw.present(words, prop, v)
    query = lines(
        f"MATCH ({v}:{words.label})",
        where(conditions),
        f"WITH {v}.{prop.name} AS {prop.name}, count({v}) AS {alias}",
        where([f"{alias} >= {limit}"]),
        f"RETURN {prop.name}, {alias}",
    )
    noun, what = draw.called_prop(prop), draw.noun(words)
    slot = draw.pick([f"at least {counted(limit, what, draw.rng)}", f"{limit} or more {what.many}"])
    things = [f"{plural(noun)} that {slot} have", f"{plural(noun)} shared by {slot}"]
    tails = [
        ", with the number of them",
        f", and how many {what.many} each",
        f". Show the {noun} and the number of {what.many}",
    ]
    return Draft(query, Phrases(things, [f"which {plural(noun)} do {slot} have"], tails))


FAMILIES = (
    Family("count-per-category", count_per_category, 2, ("aggregation",)),
    Family("aggregate-per-category", aggregate_per_category, 3, ("aggregation",)),
    Family("category-of-neighbours", category_of_neighbours, 3, ("aggregation",)),
    Family("at-least-of-category", at_least_of_category, 3, ("aggregation", "filter")),
)
