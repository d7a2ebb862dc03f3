"""Relationships as things of their own: counted, filtered, added up, put in an order.

Knows nothing of dates.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from training.pairs.conditions import condition, of_edge
from training.pairs.cyphertext import camel
from training.pairs.draw import Draft, Impossible, lines
from training.pairs.families.connections import pattern, two_names
from training.pairs.families.counting import MOST_ROWS, aggregate, averaged, measured
from training.pairs.family import Family
from training.pairs.grammar import Group, number
from training.pairs.phrasing import Phrases

if TYPE_CHECKING:
    from collections.abc import Callable

    from training.pairs.domain import Hop
    from training.pairs.draw import Draw
    from training.pairs.lexicon import PropertyWords


def _hop(draw: Draw, wanted: Callable[[PropertyWords], bool]) -> tuple[Hop, PropertyWords]:
    """A step between two labels whose relationships have such a property."""
    hop = draw.hop(
        wanted=lambda h: h.near != h.far and any(wanted(p) for p in h.words.properties.values())
    )
    prop = draw.pick([p for p in hop.words.properties.values() if wanted(p)])
    if len(draw.domain.edge_values(hop, prop.name)) <= 1:
        raise Impossible
    return hop, prop


def aggregate_of_node(draw: Draw) -> Draft:
    """An aggregate over the relationships of a named node."""
    hop, prop = _hop(draw, measured)
    anchor = draw.anchor(hop.near, draw.domain.rich(hop, 2))
    r = draw.free("r")
    match = pattern(draw, draw.named(hop.near, anchor.name), hop, f"(:{hop.far.label})", r)
    expression, alias, noun = aggregate(draw, prop, f"{r}.{prop.name}")
    query = lines(f"MATCH {match}", f"RETURN {expression} AS {alias}")
    links, far = draw.link(hop).many, draw.noun(hop.far).many
    things = [f"{noun} of the {links} of {anchor.said}"]
    things.append(f"{noun} over all {links} between {anchor.said} and {far}")
    return Draft(query, Phrases(things, many=False))


def aggregate_per_node(draw: Draw) -> Draft:
    """For each node, an aggregate over its relationships."""
    hop, prop = _hop(draw, measured)
    if len(draw.domain.reached(hop)) > MOST_ROWS:
        raise Impossible
    v, r = draw.var(hop.near.label), draw.free("r")
    match = pattern(draw, f"({v}:{hop.near.label})", hop, f"(:{hop.far.label})", r)
    expression, alias, noun = aggregate(draw, prop, f"{r}.{prop.name}")
    query = lines(f"MATCH {match}", draw.returned(v, hop.near, [(expression, alias)]))
    links, near, far = draw.link(hop).many, draw.noun(hop.near), draw.noun(hop.far).many
    things = [
        f"{noun} of the {links} with {far} for each {near.one} that has any",
        f"{noun} of {links} with {far} per {near.one}, for those with any",
    ]
    asks = [f"for each {near.one} that has {links} with {far}, what is the {noun} of those"]
    return Draft(query, Phrases(things, asks, be="is"))


def count_filtered(draw: Draw) -> Draft:
    """How many relationships meet a condition, in all or of a named node."""
    hop = draw.hop(wanted=lambda h: bool(h.words.properties) and h.near != h.far)
    r = draw.free("r")
    found = condition(draw, of_edge(draw, hop, r))
    near, of = f"(:{hop.near.label})", ""
    if draw.chance(0.5):
        anchor = draw.anchor(hop.near, draw.domain.rich(hop, 2))
        near, of = draw.named(hop.near, anchor.name), f" of {anchor.said}"
    alias = draw.free(camel(draw.link(hop).many))
    match = pattern(draw, near, hop, f"(:{hop.far.label})", r)
    query = lines(f"MATCH {match}", f"WHERE {found.text}", f"RETURN count({r}) AS {alias}")
    links = f"{draw.link(hop).many}{of}"
    group = Group(draw.link(hop)._replace(many=links), person=False, does=(found.does,))
    things = [f"number of {group.many(draw.rng)}"]
    return Draft(query, Phrases(things, [group.how_many(draw.rng)], many=False), found.tags)


def top_links(draw: Draw) -> Draft:
    """The few relationships with the highest or lowest value, with both ends."""
    hop, prop = _hop(draw, averaged)
    v, far, r = draw.var(hop.near.label), draw.var(hop.far.label), draw.free("r")
    most, count = draw.chance(0.65), draw.pick([1, 1, 2, 3, 5])
    match = pattern(draw, f"({v}:{hop.near.label})", hop, f"({far}:{hop.far.label})", r)
    query = lines(
        f"MATCH {match}",
        f"WHERE {r}.{prop.name} IS NOT NULL",
        f"RETURN {v}.{hop.near.name}, {far}.{hop.far.name}, {r}.{prop.name}",
        f"ORDER BY {r}.{prop.name}" + (" DESC" if most else ""),
        f"LIMIT {count}",
    )
    noun, link = draw.called_prop(prop), draw.link(hop)
    side = "highest" if most else "lowest"
    what = link.one if count == 1 else f"{number(count, draw.rng)} {link.many}"
    head = f"{what} with the {side} {noun}"
    names = f"{draw.noun(hop.near).one}, {draw.noun(hop.far).one} and {noun}"
    order = "" if count == 1 else f", {side} first"
    tails = [f": {names}{order}", f". Show {names}{order}", f" ({names}{order})"]
    verb = "is" if count == 1 else "are"
    asks = [f"which {verb} the {head}"]
    return Draft(query, Phrases([head], asks, tails, many=count > 1))


def count_per_node(draw: Draw) -> Draft:
    """How many relationships each node has, where two nodes may have several between them."""
    hop = draw.hop(wanted=lambda h: h.near != h.far and draw.domain.repeats(h))
    if len(draw.domain.reached(hop)) > MOST_ROWS:
        raise Impossible
    v, r = draw.var(hop.near.label), draw.free("r")
    link = draw.link(hop)
    alias = draw.free(camel(link.many))
    match = pattern(draw, f"({v}:{hop.near.label})", hop, f"(:{hop.far.label})", r)
    query = lines(f"MATCH {match}", draw.returned(v, hop.near, [(f"count({r})", alias)]))
    near, far = draw.noun(hop.near), draw.noun(hop.far).many
    things = [f"number of {link.many} with {far} for each {near.one} that has any"]
    asks = [f"how many {link.many} with {far} does each {near.one} have, if any"]
    tails = [
        "",
        f", counting every {link.one}",
        f". Count every {link.one}, even with the same pair",
    ]
    return Draft(query, Phrases(things, asks, tails, be="is"))


def above_average(draw: Draw) -> Draft:
    """The relationships above the average of all of their type, with both ends."""
    hop, prop = _hop(draw, averaged)
    draw.split_by_average(draw.domain.edge_values(hop, prop.name))
    v, far, r = draw.var(hop.near.label), draw.var(hop.far.label), draw.free("r")
    average, above = draw.free("average"), draw.chance(0.7)
    plain = pattern(draw, f"(:{hop.near.label})", hop, f"(:{hop.far.label})", r)
    match = pattern(draw, f"({v}:{hop.near.label})", hop, f"({far}:{hop.far.label})", r)
    query = lines(
        f"MATCH {plain}",
        f"WITH avg({r}.{prop.name}) AS {average}",
        f"MATCH {match}",
        f"WHERE {r}.{prop.name} {'>' if above else '<'} {average}",
        f"RETURN {v}.{hop.near.name}, {far}.{hop.far.name}",
    )
    noun, links = draw.called_prop(prop), draw.link(hop).many
    side = "above" if above else "below"
    things = [f"{links} whose {noun} is {side} the average of all {links}"]
    asks = [f"which {links} have a {noun} {side} average"]
    names = two_names(draw, hop)
    tails = [f". Show {names}", f": {names}", f" ({names})"]
    return Draft(query, Phrases(things, asks, tails))


FAMILIES = (
    Family("link-aggregate", aggregate_of_node, 2, ("aggregation",)),
    Family("link-aggregate-per-node", aggregate_per_node, 3, ("aggregation",)),
    Family("link-count", count_filtered, 2, ("aggregation", "filter")),
    Family("link-top", top_links, 3, ("match", "ordering")),
    Family("link-count-per-node", count_per_node, 3, ("aggregation",)),
    Family("link-above-average", above_average, 4, ("aggregation", "subquery", "filter")),
)
