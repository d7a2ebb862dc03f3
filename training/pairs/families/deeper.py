"""Conditions on nodes further away: on both ends, counted, missing, three steps out.

Knows nothing of order.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from training.pairs.conditions import condition, filtered, of_label
from training.pairs.cyphertext import camel, step
from training.pairs.draw import Draft, Impossible, lines, where
from training.pairs.families.connections import pattern
from training.pairs.families.missing import tested
from training.pairs.family import Family
from training.pairs.grammar import counted, with_article
from training.pairs.phrasing import Phrases

if TYPE_CHECKING:
    from training.pairs.domain import Hop
    from training.pairs.draw import Draw


def _far_tested(draw: Draw) -> Hop:
    return draw.hop(wanted=lambda h: bool(draw.domain.properties(h.far.label, tested)))


def both_filtered(draw: Draw) -> Draft:
    """The nodes that meet a condition and have a neighbour that meets another."""
    hop = draw.hop(
        wanted=lambda h: (
            bool(draw.domain.properties(h.far.label, tested))
            and bool(draw.domain.properties(h.near.label, tested))
        )
    )
    v, far = draw.var(hop.near.label), draw.var(hop.far.label)
    own = condition(draw, of_label(draw, hop.near, v))
    other = condition(draw, of_label(draw, hop.far, far))
    near_node, texts = filtered(hop.near, v, [own])
    far_node, more = filtered(hop.far, "" if other.inline else far, [other])
    match = pattern(draw, near_node, hop, far_node)
    query = lines(f"MATCH {match}", where([*texts, *more]), f"RETURN DISTINCT {v}.{hop.near.name}")
    same = lines(
        f"MATCH {match}",
        where([*texts, *more]),
        f"WITH DISTINCT {v}",
        f"RETURN {v}.{hop.near.name}",
    )
    slot = with_article(draw.group(hop.far, other.does).one(draw.rng))
    group = draw.group(hop.near, own.does, draw.does(hop.near_does, slot))
    says = Phrases([group.many(draw.rng)], [group.which(draw.rng)])
    return Draft(query, says, (*own.tags, *other.tags), same=(same,))


def count_of_filtered(draw: Draw) -> Draft:
    """How many nodes have a neighbour that meets a condition."""
    hop = _far_tested(draw)
    v, far = draw.var(hop.near.label), draw.var(hop.far.label)
    found = condition(draw, of_label(draw, hop.far, far))
    node, texts = filtered(hop.far, "" if found.inline else far, [found])
    alias = draw.free(camel(hop.near.nouns[0].many))
    match = pattern(draw, f"({v}:{hop.near.label})", hop, node)
    query = lines(f"MATCH {match}", where(texts), f"RETURN count(DISTINCT {v}) AS {alias}")
    one = draw.group(hop.far, found.does).one(draw.rng)
    slot = draw.pick([with_article(one), f"at least one {one}"])
    group = draw.group(hop.near, draw.does(hop.near_does, slot))
    things = [f"number of {group.many(draw.rng)}"]
    return Draft(query, Phrases(things, [group.how_many(draw.rng)], many=False), found.tags)


def having_filtered(draw: Draw) -> Draft:
    """The nodes with at least so many neighbours that meet a condition."""
    hop = _far_tested(draw)
    v, far = draw.var(hop.near.label), draw.var(hop.far.label)
    found = condition(draw, of_label(draw, hop.far, far))
    node, texts = filtered(hop.far, far, [found])
    limit, alias = draw.pick([2, 2, 2, 3]), draw.free(camel(hop.far.nouns[0].many))
    inside = f"DISTINCT {far}" if draw.domain.repeats(hop) else far
    query = lines(
        f"MATCH {pattern(draw, f'({v}:{hop.near.label})', hop, node)}",
        where(texts),
        f"WITH {v}, count({inside}) AS {alias}",
        f"WHERE {alias} >= {limit}",
        f"RETURN {v}.{hop.near.name}, {alias}",
    )
    others = draw.group(hop.far, found.does)
    many = others.many(draw.rng).removeprefix(others.noun.many)
    slot = f"at least {counted(limit, others.noun, draw.rng)}{many}"
    group = draw.group(hop.near, draw.does(hop.near_does, slot))
    tails = [
        ", with their number",
        ", and how many each",
        f". Show how many such {others.noun.many} each has",
    ]
    says = Phrases([group.many(draw.rng)], [group.which(draw.rng)], tails)
    return Draft(query, says, found.tags)


def without_filtered(draw: Draw) -> Draft:
    """The nodes that have no neighbour which meets a condition."""
    hop = _far_tested(draw)
    v, far = draw.var(hop.near.label), draw.var(hop.far.label)
    found = condition(draw, of_label(draw, hop.far, far))
    node, texts = filtered(hop.far, "" if found.inline else far, [found])
    inner = pattern(draw, f"({v})", hop, node)
    inside = f"MATCH {inner} WHERE {' AND '.join(texts)}" if texts else inner
    query = lines(
        f"MATCH ({v}:{hop.near.label})",
        f"WHERE NOT EXISTS {{ {inside} }}",
        f"RETURN {v}.{hop.near.name}",
    )
    one = draw.group(hop.far, found.does).one(draw.rng)
    group = draw.group(hop.near, draw.does(hop.near_does, f"no {one}"))
    tails = ["", f", {group.noun.many} without any {draw.noun(hop.far).one} included"]
    return Draft(query, Phrases([group.many(draw.rng)], [group.which(draw.rng)], tails), found.tags)


def three_steps(draw: Draw) -> Draft:
    """The nodes three steps from a named one."""
    first = draw.hop()
    second = draw.hop(first.far, lambda h: h.words != first.words)
    third = draw.hop(second.far, lambda h: h.words not in (first.words, second.words))
    anchor = draw.anchor(third.far, list(draw.domain.reached(third.back())))
    v = draw.var(first.near.label)
    inner = step(f"(:{second.far.label})", third, draw.named(third.far, anchor.name))
    match = step(f"({v}:{first.near.label})", first, step(f"(:{first.far.label})", second, inner))
    query = lines(f"MATCH {match}", f"RETURN DISTINCT {v}.{first.near.name}")
    same = lines(f"MATCH {match}", f"WITH DISTINCT {v}", f"RETURN {v}.{first.near.name}")
    last = draw.group(second.far, draw.does(third.near_does, anchor.said))
    between = draw.group(first.far, draw.does(second.near_does, with_article(last.one(draw.rng))))
    group = draw.group(first.near, draw.does(first.near_does, between.many(draw.rng)))
    tails = ["", ", each once", ", no duplicates"]
    says = Phrases([group.many(draw.rng)], [group.which(draw.rng)], tails)
    return Draft(query, says, same=(same,))


def chain_rows(draw: Draw) -> Draft:
    """What lies between: a named node, its neighbours, and theirs, as rows of two names."""
    first = draw.hop()
    second = draw.hop(first.far, lambda h: h.words != first.words and h.far != first.near)
    if draw.domain.repeats(first) or draw.domain.repeats(second):
        raise Impossible
    anchor = draw.anchor(first.near, list(draw.domain.reached(first)))
    mid, end = draw.var(first.far.label), draw.var(second.far.label)
    inner = step(f"({mid}:{first.far.label})", second, f"({end}:{second.far.label})")
    query = lines(
        f"MATCH {step(draw.named(first.near, anchor.name), first, inner)}",
        f"RETURN {mid}.{first.far.name}, {end}.{second.far.name}",
    )
    group = draw.group(first.far, draw.does(first.far_does, anchor.said))
    what = draw.noun(second.far)
    that = draw.does(second.far_does, "them" if first.far.person else "it")
    tails = [
        f", each with the {what.many} that {that}, one pair per row, leaving out those with none",
        f". For each, the {what.many} that {that}, one per row; skip those without any",
    ]
    return Draft(query, Phrases([group.many(draw.rng)], [group.which(draw.rng)], tails))


FAMILIES = (
    Family("both-filtered", both_filtered, 3, ("match", "filter")),
    Family("count-of-filtered", count_of_filtered, 2, ("aggregation", "filter")),
    Family("having-filtered", having_filtered, 4, ("aggregation", "filter")),
    Family("without-filtered", without_filtered, 3, ("subquery", "filter")),
    Family("three-steps", three_steps, 4, ("match",)),
    Family("chain-rows", chain_rows, 3, ("match",)),
)
