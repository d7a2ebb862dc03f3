"""Nodes by what they are connected to: one step, two steps, shared neighbours, relationships.

Knows nothing of counting or order.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from training.pairs.conditions import condition, filtered, of_edge, of_label
from training.pairs.cyphertext import flipped, step
from training.pairs.draw import Draft, Impossible, lines, where
from training.pairs.families.basics import KINDS, shown
from training.pairs.family import Family
from training.pairs.grammar import Group, inverted, joined, with_article
from training.pairs.phrasing import Phrases

if TYPE_CHECKING:
    from training.pairs.domain import Hop
    from training.pairs.draw import Draw
    from training.pairs.lexicon import LabelWords


def pattern(draw: Draw, near: str, hop: Hop, far: str, variable: str = "") -> str:
    """A step written from either end."""
    return (step if draw.chance(0.5) else flipped)(near, hop, far, variable)


def once(draw: Draw, hop: Hop) -> str:
    """DISTINCT where one node may come up several times on a step to a single node."""
    if not draw.domain.repeats(hop):
        return ""
    if not draw.domain.unique(hop.near.label):
        raise Impossible  # DISTINCT would make one of two nodes that share a name
    return "DISTINCT "


def neighbours(draw: Draw) -> Draft:
    """The nodes connected to a named one."""
    hop = draw.hop()
    anchor = draw.anchor(hop.far, list(draw.domain.reached(hop.back())))
    v = draw.var(hop.near.label)
    far = draw.named(hop.far, anchor.name)
    query = lines(
        f"MATCH {pattern(draw, f'({v}:{hop.near.label})', hop, far)}",
        f"RETURN {once(draw, hop)}{v}.{hop.near.name}",
    )
    group = draw.group(hop.near, draw.does(hop.near_does, anchor.said))
    asks = [group.which(draw.rng)]
    asks += [inverted(p, anchor.said, group.noun.many) for p in hop.far_does]
    return Draft(query, Phrases([group.many(draw.rng)], [ask for ask in asks if ask]))


def neighbours_shown(draw: Draw) -> Draft:
    """The nodes connected to a named one, with some of their properties."""
    hop = draw.hop(wanted=lambda h: bool(draw.domain.properties(h.near.label, shown)))
    prop = draw.prop(hop.near, shown)
    anchor = draw.anchor(hop.far, list(draw.domain.reached(hop.back())))
    v = draw.var(hop.near.label)
    far = draw.named(hop.far, anchor.name)
    query = lines(
        f"MATCH {pattern(draw, f'({v}:{hop.near.label})', hop, far)}",
        f"RETURN {once(draw, hop)}{v}.{hop.near.name}, {v}.{prop.name}",
    )
    group = draw.group(hop.near, draw.does(hop.near_does, anchor.said))
    tails = draw.with_columns(hop.near, [draw.called_prop(prop)])
    return Draft(query, Phrases([group.many(draw.rng)], [group.which(draw.rng)], tails))


def neighbours_filtered(draw: Draw) -> Draft:
    """The nodes connected to a named one that meet a condition."""
    hop = draw.hop(wanted=lambda h: bool(draw.domain.properties(h.near.label, _tested)))
    anchor = draw.anchor(hop.far, list(draw.domain.reached(hop.back())))
    v = draw.var(hop.near.label)
    found = condition(draw, of_label(draw, hop.near, v))
    node, texts = filtered(hop.near, v, [found])
    query = lines(
        f"MATCH {pattern(draw, node, hop, draw.named(hop.far, anchor.name))}",
        where(texts),
        f"RETURN {once(draw, hop)}{v}.{hop.near.name}",
    )
    group = draw.group(hop.near, found.does, draw.does(hop.near_does, anchor.said))
    says = Phrases([group.many(draw.rng), group.many(draw.rng)], [group.which(draw.rng)])
    return Draft(query, says, found.tags)


def _tested(prop: object) -> bool:
    return getattr(prop, "kind", "") in KINDS


def of_filtered(draw: Draw) -> Draft:
    """The nodes that have a neighbour which meets a condition."""
    hop = draw.hop(wanted=lambda h: bool(draw.domain.properties(h.far.label, _tested)))
    v, far = draw.var(hop.near.label), draw.var(hop.far.label)
    found = condition(draw, of_label(draw, hop.far, far))
    inline = found.inline is not None
    node, texts = filtered(hop.far, "" if inline else far, [found])
    match = pattern(draw, f"({v}:{hop.near.label})", hop, node)
    returned = f"RETURN DISTINCT {v}.{hop.near.name}"
    query = lines(f"MATCH {match}", where(texts), returned)
    same = lines(
        f"MATCH {match}", where(texts), f"WITH DISTINCT {v}", f"RETURN {v}.{hop.near.name}"
    )
    other = draw.group(hop.far, found.does)
    one = other.one(draw.rng)
    slot = draw.pick([with_article(one), with_article(one), f"at least one {one}"])
    group = draw.group(hop.near, draw.does(hop.near_does, slot))
    says = Phrases([group.many(draw.rng)], [group.which(draw.rng)], _each_once(draw))
    return Draft(query, says, found.tags, same=(same,))


def _each_once(draw: Draw) -> list[str]:
    return ["", "", draw.pick([", each once", ", no duplicates", ", every one only once"])]


def both_ends(draw: Draw) -> Draft:
    """Pairs of connected nodes where one of them meets a condition."""
    hop = draw.hop(wanted=lambda h: bool(draw.domain.properties(h.far.label, _tested)))
    v, far = draw.var(hop.near.label), draw.var(hop.far.label)
    found = condition(draw, of_label(draw, hop.far, far))
    node, texts = filtered(hop.far, far, [found])
    match = pattern(draw, f"({v}:{hop.near.label})", hop, node)
    columns = f"{v}.{hop.near.name}, {far}.{hop.far.name}"
    query = lines(f"MATCH {match}", where(texts), f"RETURN {once(draw, hop)}{columns}")
    other = draw.group(hop.far, found.does)
    names = two_names(draw, hop)
    group = draw.group(hop.near, draw.does(hop.near_does, other.many(draw.rng)))
    tails = [
        f", and which {other.noun.many}",
        f", with the {other.noun.one} in a second column",
        f". Show {names}",
        f". One row per pair, {names}",
    ]
    return Draft(query, Phrases([group.many(draw.rng)], [group.which(draw.rng)], tails), found.tags)


def two_names(draw: Draw, hop: Hop) -> str:
    """The names of both ends, as columns: ``keeper name and lighthouse name``."""
    return f"{name_column(draw, hop.near)} and {name_column(draw, hop.far)}"


def name_column(draw: Draw, words: LabelWords) -> str:
    """``keeper name``, but ``match code`` where the name itself is called so."""
    name, noun = words.properties[words.name].nouns[0], draw.noun(words).one
    return name if words.nouns[0].one in name else f"{noun} {name}"


def two_steps(draw: Draw) -> Draft:
    """The nodes two steps from a named one."""
    first = draw.hop()
    second = draw.hop(first.far, lambda h: h.words != first.words)
    starts = draw.domain.reached(first)
    middle = {node for found in starts.values() for node in found}
    ends = draw.domain.reached(second.back())
    anchor = draw.anchor(second.far, [e for e, nodes in ends.items() if middle & set(nodes)])
    v = draw.var(first.near.label)
    inner = step(f"(:{first.far.label})", second, draw.named(second.far, anchor.name))
    match = step(f"({v}:{first.near.label})", first, inner)
    query = lines(f"MATCH {match}", f"RETURN DISTINCT {v}.{first.near.name}")
    same = lines(f"MATCH {match}", f"WITH DISTINCT {v}", f"RETURN {v}.{first.near.name}")
    between = draw.group(first.far, draw.does(second.near_does, anchor.said))
    one = between.one(draw.rng)
    slot = draw.pick([with_article(one), between.many(draw.rng), f"some {one}"])
    group = draw.group(first.near, draw.does(first.near_does, slot))
    says = Phrases([group.many(draw.rng)], [group.which(draw.rng)], _each_once(draw))
    return Draft(query, says, same=(same,))


def siblings(draw: Draw) -> Draft:
    """The others that share a neighbour with a named node."""
    hop = draw.hop(wanted=lambda h: h.near != h.far)
    reached, back = draw.domain.reached(hop), draw.domain.reached(hop.back())
    shared = [n for n, far in reached.items() if any(len(set(back[f])) > 1 for f in far)]
    anchor = draw.anchor(hop.near, shared)
    named = draw.var(hop.near.label)
    other = draw.free("other")
    first = step(draw.named(hop.near, anchor.name, named), hop, f"(:{hop.far.label})")
    match = first + step("", hop.back(), f"({other}:{hop.near.label})")
    condition_ = draw.pick([f"{other} <> {named}", f"{named} <> {other}"])
    query = lines(f"MATCH {match}", where([condition_]), f"RETURN DISTINCT {other}.{hop.near.name}")
    same = lines(
        f"MATCH {match}",
        where([condition_]),
        f"WITH DISTINCT {other}",
        f"RETURN {other}.{hop.near.name}",
    )
    far, noun = draw.noun(hop.far), draw.noun(hop.near)
    does = draw.does(hop.near_does, f"the same {far.one} as {anchor.said}")
    things = [f"other {draw.group(hop.near, does).many(draw.rng)}"]
    asks = [f"which other {noun.many} {does}"]
    if draw.domain.only(hop):
        things.append(f"{noun.many} that share at least one {far.one} with {anchor.said}")
        asks.append(f"which other {noun.many} share a {far.one} with {anchor.said}")
    return Draft(query, Phrases(things, asks), same=(same,))


def two_anchors(draw: Draw) -> Draft:
    """The nodes connected to both of two named ones."""
    hop = draw.hop()
    rich = {n: sorted(set(far)) for n, far in draw.domain.reached(hop).items()}
    named = set(draw.domain.named(hop.far.label))
    middle = draw.pick(sorted(n for n, far in rich.items() if len(named & set(far)) > 1))
    one, two = (
        draw.anchor(hop.far, [n])
        for n in draw.pick_several([n for n in rich[middle] if n in named], 2)
    )
    v = draw.var(hop.near.label)
    match = step(draw.named(hop.far, one.name), hop.back(), f"({v}:{hop.near.label})")
    match += step("", hop, draw.named(hop.far, two.name))
    query = lines(f"MATCH {match}", f"RETURN {once(draw, hop)}{v}.{hop.near.name}")
    both = draw.pick([f"both {one.said} and {two.said}", f"{one.said} as well as {two.said}"])
    group = draw.group(hop.near, draw.does(hop.near_does, both))
    return Draft(query, Phrases([group.many(draw.rng)], [group.which(draw.rng)]))


def relationship_filtered(draw: Draw) -> Draft:
    """Relationships that meet a condition, with both ends."""
    hop = draw.hop(wanted=lambda h: bool(h.words.properties) and h.near != h.far)
    v, far, r = draw.var(hop.near.label), draw.var(hop.far.label), draw.free("r")
    found = condition(draw, of_edge(draw, hop, r))
    columns = f"{v}.{hop.near.name}, {far}.{hop.far.name}"
    match = pattern(draw, f"({v}:{hop.near.label})", hop, f"({far}:{hop.far.label})", r)
    query = lines(f"MATCH {match}", where([found.text]), f"RETURN {columns}")
    group = Group(draw.link(hop), person=False, does=(found.does,))
    names = two_names(draw, hop)
    tails = [f". Show {names}", f", with {names}", f" ({names})", f": {names}", f". Give {names}"]
    says = Phrases(
        [group.many(draw.rng), f"{group.many(draw.rng)}"], [group.which(draw.rng)], tails
    )
    return Draft(query, says, found.tags)


def relationship_of_pair(draw: Draw) -> Draft:
    """A property of what connects two named nodes."""
    hop = draw.hop(wanted=lambda h: bool(h.words.properties) and h.near != h.far)
    prop = draw.pick([p for p in hop.words.properties.values() if p.kind != "boolean"])
    edges = [e for e in draw.domain.edges(hop) if prop.name in e.properties]
    edge = draw.pick(edges)
    near, far = (edge.start, edge.end) if hop.forward else (edge.end, edge.start)
    one, two = draw.anchor(hop.near, [near]), draw.anchor(hop.far, [far])
    r = draw.free("r")
    match = pattern(draw, draw.named(hop.near, one.name), hop, draw.named(hop.far, two.name), r)
    query = lines(f"MATCH {match}", f"RETURN {r}.{prop.name}")
    noun, what = draw.called_prop(prop), draw.link(hop).one
    pair = draw.pick(
        [f"between {one.said} and {two.said}", f"that connects {one.said} with {two.said}"]
    )
    things = [f"{noun} of the {what} {pair}", f"{noun} of the {what} of {two.said} and {one.said}"]
    return Draft(query, Phrases(things, [f"what {noun} does the {what} {pair} have"], many=False))


def of_neighbour(draw: Draw) -> Draft:
    """A property of the neighbours of a named node, with the relationship's property."""
    hop = draw.hop(wanted=lambda h: bool(h.words.properties))
    prop = draw.pick([p for p in hop.words.properties.values() if p.kind != "boolean"])
    anchor = draw.anchor(hop.far, list(draw.domain.reached(hop.back())))
    v, r = draw.var(hop.near.label), draw.free("r")
    far = draw.named(hop.far, anchor.name)
    query = lines(
        f"MATCH {pattern(draw, f'({v}:{hop.near.label})', hop, far, r)}",
        f"RETURN {v}.{hop.near.name}, {r}.{prop.name}",
    )
    group = draw.group(hop.near, draw.does(hop.near_does, anchor.said))
    noun = f"{draw.called_prop(prop)} of the {draw.link(hop).one}"
    tails = draw.with_columns(hop.near, [noun])
    tails = tuple(t for t in tails if "their" not in t and "its" not in t)
    return Draft(query, Phrases([group.many(draw.rng)], [group.which(draw.rng)], tails))


def two_relationships(draw: Draw) -> Draft:
    """Pairs, or nodes, that two different types connect."""
    first = draw.hop()
    second = draw.hop(first.near, lambda h: h.far == first.far and h.words != first.words)
    v = draw.var(first.near.label)
    far = draw.var(first.far.label)
    match = step(f"({v}:{first.near.label})", first, f"({far}:{first.far.label})")
    match += step("", second.back(), f"({v})")
    query = lines(f"MATCH {match}", f"RETURN DISTINCT {v}.{first.near.name}")
    same = lines(f"MATCH {match}", f"WITH DISTINCT {v}", f"RETURN {v}.{first.near.name}")
    one = draw.noun(first.far).one
    slot = with_article(one)
    does = [draw.does(first.near_does, slot), draw.does(second.near_does, f"that same {one}")]
    group = draw.group(first.near, joined(does))
    return Draft(query, Phrases([group.many(draw.rng)], [group.which(draw.rng)]), same=(same,))


FAMILIES = (
    Family("neighbours", neighbours, 1, ("match",)),
    Family("neighbours-shown", neighbours_shown, 2, ("match",)),
    Family("neighbours-filtered", neighbours_filtered, 2, ("match", "filter")),
    Family("of-filtered", of_filtered, 2, ("match", "filter")),
    Family("both-ends", both_ends, 2, ("match", "filter")),
    Family("two-steps", two_steps, 3, ("match",)),
    Family("siblings", siblings, 3, ("match", "filter")),
    Family("two-anchors", two_anchors, 3, ("match",)),
    Family("relationship-filtered", relationship_filtered, 2, ("match", "filter")),
    Family("relationship-of-pair", relationship_of_pair, 2, ("match",)),
    Family("of-neighbour", of_neighbour, 2, ("match",)),
    Family("two-relationships", two_relationships, 3, ("match",)),
)
