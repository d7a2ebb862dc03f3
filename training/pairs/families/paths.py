"""Steps of any number along one type, and the shortest way between two nodes.

Knows nothing of other patterns.
"""

from __future__ import annotations

from collections import deque
from typing import TYPE_CHECKING

from training.pairs.cyphertext import camel, step
from training.pairs.draw import Draft, lines, where
from training.pairs.family import Family
from training.pairs.grammar import number, singular
from training.pairs.phrasing import Phrases

if TYPE_CHECKING:
    from training.pairs.domain import Hop
    from training.pairs.draw import Draw

_NEAR, _FAR = 2, 6


def chained(hop: Hop) -> bool:
    """A step from a label to itself that makes sense several times."""
    return hop.words.chain


def _beyond(reached: dict[int, list[int]], start: int) -> dict[int, int]:
    """Nodes from ``start`` on with their distance."""
    found, queue = {start: 0}, deque([start])
    while queue:
        node = queue.popleft()
        for other in reached.get(node, []):
            if other not in found:
                found[other] = found[node] + 1
                queue.append(other)
    return found


def _deep(draw: Draw, hop: Hop, least: int) -> list[int]:
    """Nodes from which the step leads at least so far."""
    reached = draw.domain.reached(hop)
    return [node for node in reached if max(_beyond(reached, node).values()) >= least]


def _any(draw: Draw) -> str:
    return draw.pick(
        ["directly or through others", "directly or indirectly", "over any number of steps"]
    )


def all_beyond(draw: Draw) -> Draft:
    """All nodes that a chain of any length leads to from a named one."""
    hop = draw.hop(wanted=chained)
    anchor = draw.anchor(hop.far, _deep(draw, hop.back(), 2))
    v = draw.var(hop.near.label)
    match = step(f"({v}:{hop.near.label})", hop, draw.named(hop.far, anchor.name), times="*")
    if draw.chance(0.35):
        alias = draw.free(camel(hop.near.nouns[0].many))
        query = lines(f"MATCH {match}", f"RETURN count(DISTINCT {v}) AS {alias}")
        group = draw.group(hop.near, f"{draw.does(hop.near_does, anchor.said)}, {_any(draw)}")
        things = [f"number of {group.many(draw.rng)}"]
        return Draft(
            query, Phrases(things, [group.how_many(draw.rng)], many=False), ("aggregation",)
        )
    query = lines(f"MATCH {match}", f"RETURN DISTINCT {v}.{hop.near.name}")
    same = lines(f"MATCH {match}", f"WITH DISTINCT {v}", f"RETURN {v}.{hop.near.name}")
    group = draw.group(hop.near, f"{draw.does(hop.near_does, anchor.said)}, {_any(draw)}")
    return Draft(query, Phrases([group.many(draw.rng)], [group.which(draw.rng)]), same=(same,))


def within_steps(draw: Draw) -> Draft:
    """Nodes at most so many steps away, or exactly so many."""
    hop = draw.hop(wanted=chained)
    anchor = draw.anchor(hop.far, _deep(draw, hop.back(), 2))
    most, exact = draw.pick([2, 2, 3]), draw.chance(0.4)
    v = draw.var(hop.near.label)
    times = f"*{most}" if exact else f"*1..{most}"
    match = step(f"({v}:{hop.near.label})", hop, draw.named(hop.far, anchor.name), times=times)
    query = lines(f"MATCH {match}", f"RETURN DISTINCT {v}.{hop.near.name}")
    same = lines(f"MATCH {match}", f"WITH DISTINCT {v}", f"RETURN {v}.{hop.near.name}")
    does, steps = draw.does(hop.near_does, anchor.said), number(most, draw.rng)
    how = (
        draw.pick([f"in exactly {steps} steps", f"exactly {steps} steps away"])
        if exact
        else draw.pick(
            [f"within {steps} steps", f"in at most {steps} steps", f"over one to {steps} steps"]
        )
    )
    group = draw.group(hop.near, f"{does}, {how}")
    return Draft(query, Phrases([group.many(draw.rng)], [group.which(draw.rng)]), same=(same,))


def shortest(draw: Draw) -> Draft:
    """How many steps the shortest way between two named nodes has, whatever the directions."""
    hop = draw.hop(wanted=lambda h: h.near == h.far)
    both: dict[int, list[int]] = {}
    for reached in (draw.domain.reached(hop), draw.domain.reached(hop.back())):
        for node, others in reached.items():
            both.setdefault(node, []).extend(others)
    start = draw.pick(sorted(set(both) & set(draw.domain.named(hop.near.label))))
    distances = _beyond(both, start)
    one = draw.anchor(hop.near, [start])
    two = draw.anchor(hop.near, [n for n, d in distances.items() if _NEAR <= d <= _FAR])
    a, b = draw.free("a"), draw.free("b")
    named = f"{draw.named(hop.near, one.name, a)}, {draw.named(hop.near, two.name, b)}"
    query = lines(
        f"MATCH {named}",
        f"MATCH path = shortestPath(({a})-[:{hop.words.type}*]-({b}))",
        "RETURN length(path) AS steps",
    )
    what = draw.link(hop).many
    things = [
        f"length of the shortest way from {one.said} to {two.said} by {what}, in any direction",
        f"smallest number of {what} between {one.said} and {two.said}, whatever their direction",
    ]
    asks = [
        f"how many {what} apart are {one.said} and {two.said} at least, whichever way they point",
        f"how many steps is it from {one.said} to {two.said} over {what}, ignoring their direction",
    ]
    return Draft(query, Phrases(things, asks, many=False))


def ends_of_chain(draw: Draw) -> Draft:
    """The nodes at the far end of the chains from a named one."""
    hop = draw.hop(wanted=chained)
    anchor = draw.anchor(hop.far, _deep(draw, hop.back(), 1))
    v = draw.var(hop.near.label)
    match = step(f"({v}:{hop.near.label})", hop, draw.named(hop.far, anchor.name), times="*")
    further = step(f"(:{hop.near.label})", hop, f"({v})")
    query = lines(
        f"MATCH {match}",
        where([f"NOT EXISTS {{ {further} }}"]),
        f"RETURN DISTINCT {v}.{hop.near.name}",
    )
    same = lines(
        f"MATCH {match}",
        where([f"NOT EXISTS {{ {further} }}"]),
        f"WITH DISTINCT {v}",
        f"RETURN {v}.{hop.near.name}",
    )
    predicate = draw.pick(hop.far_does)
    none = predicate.format(f"no {draw.noun(hop.near).one}")
    group = draw.group(
        hop.near, f"{draw.does(hop.near_does, anchor.said)}, {_any(draw)},", f"{none} themselves"
    )
    return Draft(
        query, Phrases([group.many(draw.rng)], [group.which(draw.rng)]), ("subquery",), same=(same,)
    )


def reach_per_node(draw: Draw) -> Draft:
    """The nodes from which a chain leads to most others."""
    hop = draw.hop(wanted=chained)
    v, far = draw.var(hop.near.label), draw.free("other")
    count, alias = draw.pick([1, 2, 3]), draw.free(camel(hop.far.nouns[0].many))
    match = step(f"({v}:{hop.near.label})", hop, f"({far}:{hop.far.label})", times="*")
    query = lines(
        f"MATCH {match}",
        f"WITH {v}, count(DISTINCT {far}) AS {alias}",
        f"RETURN {v}.{hop.near.name}, {alias}",
        f"ORDER BY {alias} DESC",
        f"LIMIT {count}",
    )
    what = draw.noun(hop.far)
    group = draw.group(
        hop.near, f"{draw.does(hop.near_does, f'the most {what.many}')}, {_any(draw)}"
    )
    head = (
        group.one(draw.rng) if count == 1 else f"{number(count, draw.rng)} {group.many(draw.rng)}"
    )
    tails = [f", with the number of {what.many}", f", and how many {what.many}"]
    if count > 1:
        tails = [f"{tail}, highest first" for tail in tails]
    verb = "is" if count == 1 else "are"
    return Draft(
        query,
        Phrases([head], [f"which {verb} the {head}"], tails, many=count > 1),
        ("aggregation", "ordering"),
    )


def chain_filtered(draw: Draw) -> Draft:
    """How far along a chain each node is from a named one."""
    hop = draw.hop(wanted=chained)
    anchor = draw.anchor(hop.far, _deep(draw, hop.back(), 2))
    v = draw.var(hop.near.label)
    match = step(f"({v}:{hop.near.label})", hop, draw.named(hop.far, anchor.name), times="*")
    query = lines(
        f"MATCH path = {match}", f"RETURN {v}.{hop.near.name}, min(length(path)) AS steps"
    )
    if not draw.domain.unique(hop.near.label):
        query = lines(
            f"MATCH path = {match}",
            f"WITH {v}, min(length(path)) AS steps",
            f"RETURN {v}.{hop.near.name}, steps",
        )
    group = draw.group(hop.near, f"{draw.does(hop.near_does, anchor.said)}, {_any(draw)}")
    tails = [
        ", each with the smallest number of steps",
        ", and in how many steps at least",
        ". Give the fewest steps for each as well",
    ]
    return Draft(
        query, Phrases([group.many(draw.rng)], [group.which(draw.rng)], tails), ("aggregation",)
    )


def longest_chain(draw: Draw) -> Draft:
    """How long the longest chain from or to a named node, or of all, is."""
    hop = draw.hop(wanted=chained)
    end = draw.named(hop.far, draw.anchor(hop.far, _deep(draw, hop.back(), 2)).name)
    said = draw.constants[-1]
    match = step(f"(:{hop.near.label})", hop, end, times="*")
    query = lines(f"MATCH path = {match}", "RETURN max(length(path)) AS steps")
    what, one = draw.link(hop).many, draw.noun(hop.near)
    predicate = draw.pick(hop.near_does)
    link = f"in which each {one.one} {singular(predicate.format('the next'))}"
    things = [f"length of the longest chain of {what} {link} and the last is {said}"]
    asks = [f"how many {what} long is the longest chain {link} and that ends with {said}"]
    return Draft(query, Phrases(things, asks, many=False), ("aggregation",))


FAMILIES = (
    Family("all-beyond", all_beyond, 3, ("path",)),
    Family("within-steps", within_steps, 3, ("path",)),
    Family("shortest", shortest, 4, ("path",)),
    Family("ends-of-chain", ends_of_chain, 5, ("path",)),
    Family("reach-per-node", reach_per_node, 5, ("path",)),
    Family("steps-to-each", chain_filtered, 4, ("path",)),
    Family("longest-chain", longest_chain, 4, ("path",)),
)
