"""What is not there, or may not be: NOT EXISTS, OPTIONAL MATCH, only, never, subqueries.

Knows nothing of paths of any length.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from training.pairs.conditions import condition, filtered, of_label
from training.pairs.cyphertext import camel, step
from training.pairs.draw import Draft, Impossible, lines, where
from training.pairs.families.basics import KINDS
from training.pairs.families.connections import pattern
from training.pairs.families.counting import aggregate, measured
from training.pairs.family import Family
from training.pairs.grammar import counted, negated, singular
from training.pairs.phrasing import Phrases

if TYPE_CHECKING:
    from collections.abc import Callable

    from training.pairs.domain import Hop
    from training.pairs.draw import Draw
    from training.pairs.lexicon import PropertyWords

MANY = 60


def tested(prop: PropertyWords) -> bool:
    """A property that conditions are made of."""
    return prop.kind in KINDS


def without(draw: Draw) -> Draft:
    """The nodes that have no such relationship."""
    hop = draw.hop(wanted=lambda h: len(draw.domain.reached(h)) < len(draw.domain.of(h.near.label)))
    v = draw.var(hop.near.label)
    inner = pattern(draw, f"({v})", hop, f"(:{hop.far.label})")
    node, texts, tags = f"({v}:{hop.near.label})", list[str](), tuple[str, ...]()
    group = draw.group(hop.near)
    if draw.chance(0.3):
        found = condition(draw, of_label(draw, hop.near, v))
        node, texts = filtered(hop.near, v, [found])
        group, tags = group.narrowed(found.does), found.tags
    texts.append(f"NOT EXISTS {{ {inner} }}")
    query = lines(f"MATCH {node}", where(texts), f"RETURN {v}.{hop.near.name}")
    far = draw.noun(hop.far)
    group = group.narrowed(negated(draw.pick(hop.near_does), far, draw.rng))
    says = Phrases([group.many(draw.rng), group.many(draw.rng)], [group.which(draw.rng)])
    return Draft(query, says, tags)


def without_anchor(draw: Draw) -> Draft:
    """The nodes that are not connected to a named one, among those that meet a condition."""
    hop = draw.hop(wanted=lambda h: bool(draw.domain.properties(h.near.label, tested)))
    anchor = draw.anchor(hop.far, list(draw.domain.reached(hop.back())))
    v = draw.var(hop.near.label)
    found = condition(draw, of_label(draw, hop.near, v))
    node, texts = filtered(hop.near, v, [found])
    inner = pattern(draw, f"({v})", hop, draw.named(hop.far, anchor.name))
    texts.append(f"NOT EXISTS {{ {inner} }}")
    query = lines(f"MATCH {node}", where(texts), f"RETURN {v}.{hop.near.name}")
    predicate = draw.pick(hop.near_does)
    verb, _, rest = predicate.partition(" ")
    if verb == "have" and rest.split()[0] in {"a", "an", "the", "{}", "no"}:
        raise Impossible
    does = (
        f"{verb} not {rest}"
        if verb in {"are", "were", "have", "can", "may"}
        else f"do not {predicate}"
    )
    group = draw.group(hop.near, found.does, does.format(anchor.said))
    says = Phrases([group.many(draw.rng)], [group.which(draw.rng)])
    return Draft(query, says, found.tags)


def optional_names(draw: Draw) -> Draft:
    """Nodes that meet a condition, each with its neighbours if it has any."""
    hop = draw.hop(wanted=lambda h: len(draw.domain.reached(h)) < len(draw.domain.of(h.near.label)))
    if draw.domain.repeats(hop):
        raise Impossible
    v, far = draw.var(hop.near.label), draw.var(hop.far.label)
    found = condition(draw, of_label(draw, hop.near, v))
    node, texts = filtered(hop.near, v, [found])
    inner = pattern(draw, f"({v})", hop, f"({far}:{hop.far.label})")
    query = lines(
        f"MATCH {node}",
        where(texts),
        f"OPTIONAL MATCH {inner}",
        f"RETURN {v}.{hop.near.name}, {far}.{hop.far.name}",
    )
    group, what = draw.group(hop.near, found.does), draw.noun(hop.far)
    own = "them" if hop.near.person else "it"
    that = draw.does(hop.far_does, own)
    tails = [
        f", each with the {what.many} that {that}, if any",
        f", and with each the {what.many} that {that}, if there are any",
        f". Add the {what.many} that {that}; keep those without any",
        f". Next to each, the {what.one} that {singular(that)}, empty if there is none",
    ]
    return Draft(query, Phrases([group.many(draw.rng)], [group.which(draw.rng)], tails), found.tags)


def optional_count(draw: Draw) -> Draft:
    """How many neighbours each node has, zero included."""
    hop = draw.hop(wanted=lambda h: len(draw.domain.of(h.near.label)) <= MANY)
    v, far = draw.var(hop.near.label), draw.var(hop.far.label)
    node, texts, tags = f"({v}:{hop.near.label})", list[str](), tuple[str, ...]()
    group = draw.group(hop.near)
    if draw.chance(0.5):
        found = condition(draw, of_label(draw, hop.near, v))
        node, texts = filtered(hop.near, v, [found])
        group, tags = group.narrowed(found.does), ("filter", *found.tags)
    alias = draw.free(camel(hop.far.nouns[0].many))
    inside = f"DISTINCT {far}" if draw.domain.repeats(hop) else far
    inner = pattern(draw, f"({v})", hop, f"({far}:{hop.far.label})")
    columns = [(f"count({inside})", alias)]
    query = lines(
        f"MATCH {node}",
        where(texts),
        f"OPTIONAL MATCH {inner}",
        draw.returned(v, hop.near, columns),
    )
    what, one = draw.noun(hop.far), group.one(draw.rng)
    different = "different " if inside != far else ""
    own = "them" if hop.near.person else "it"
    that = draw.does(hop.far_does, own)
    things = [
        f"number of {different}{what.many} that {that} for each {one}",
        f"count, for every {one}, of the {different}{what.many} that {that}",
    ]
    asks = [f"for each {one}, how many {different}{what.many} {that}"]
    tails = [
        ", zero if none",
        f", including {group.noun.many} with none",
        f". Keep the {group.noun.many} without any",
        " (0 where there are none)",
    ]
    return Draft(query, Phrases(things, asks, tails, be="is"), tags)


def only(draw: Draw) -> Draft:
    """The nodes all of whose neighbours meet a condition, and that have some."""
    hop = draw.hop(wanted=lambda h: bool(draw.domain.properties(h.far.label, _always(draw, h))))
    prop = draw.prop(hop.far, _always(draw, hop))
    v, far = draw.var(hop.near.label), draw.var(hop.far.label)
    found = condition(draw, of_label(draw, hop.far, far), (prop.kind,))
    if not draw.domain.complete(hop.far.label, found.prop.name) or " AND " in found.text:
        raise Impossible
    inner = pattern(draw, f"({v})", hop, f"({far}:{hop.far.label})")
    outer = step(f"({v})", hop, f"(:{hop.far.label})")
    query = lines(
        f"MATCH ({v}:{hop.near.label})",
        f"WHERE EXISTS {{ {outer} }}",
        f"  AND NOT EXISTS {{ MATCH {inner} WHERE NOT ({found.text}) }}",
        f"RETURN {v}.{hop.near.name}",
    )
    others = draw.group(hop.far, found.does)
    slot = f"only {others.many(draw.rng)}"
    group = draw.group(hop.near, draw.does(hop.near_does, slot))
    tails = ["", ", and at least one", f". They must have at least one {others.noun.one}"]
    return Draft(
        query, Phrases([group.many(draw.rng)], [group.which(draw.rng)], tails[1:]), found.tags
    )


def _always(draw: Draw, hop: Hop) -> Callable[[PropertyWords], bool]:
    """Whether a property is there for every far node: only then is "not so" plain."""
    return lambda p: tested(p) and p.kind != "list" and draw.domain.complete(hop.far.label, p.name)


def has_but_not(draw: Draw) -> Draft:
    """The nodes connected to one named node but not to another."""
    hop = draw.hop()
    reached = draw.domain.reached(hop.back())
    one = draw.anchor(hop.far, [n for n, near in reached.items() if len(set(near)) > 1])
    near = set(reached[one.node])
    others = [
        n
        for n, found in reached.items()
        if n != one.node and near & set(found) and near - set(found)
    ]
    two = draw.anchor(hop.far, others)
    v = draw.var(hop.near.label)
    match = pattern(draw, f"({v}:{hop.near.label})", hop, draw.named(hop.far, one.name))
    inner = pattern(draw, f"({v})", hop, draw.named(hop.far, two.name))
    distinct = "DISTINCT " if draw.domain.repeats(hop) else ""
    query = lines(
        f"MATCH {match}",
        where([f"NOT EXISTS {{ {inner} }}"]),
        f"RETURN {distinct}{v}.{hop.near.name}",
    )
    slot = f"{one.said} but not {two.said}"
    group = draw.group(hop.near, draw.does(hop.near_does, slot))
    if not group.does[0].endswith(slot):
        raise Impossible
    return Draft(query, Phrases([group.many(draw.rng)], [group.which(draw.rng)]))


def count_in_filter(draw: Draw) -> Draft:
    """The nodes with more, or fewer, than so many neighbours, nodes without any included."""
    hop = draw.hop()
    sizes = [len(set(far)) for far in draw.domain.reached(hop).values()]
    v = draw.var(hop.near.label)
    fewer = draw.chance(0.6)
    limit = draw.pick([2, 2, 3, 4]) if fewer else draw.pick(sorted(sizes)[len(sizes) // 2 :])
    if draw.domain.repeats(hop):
        raise Impossible
    inner = step(f"({v})", hop, f"(:{hop.far.label})")
    sign = "<" if fewer else ">="
    query = lines(
        f"MATCH ({v}:{hop.near.label})",
        f"WHERE COUNT {{ {inner} }} {sign} {limit}",
        f"RETURN {v}.{hop.near.name}",
    )
    far = draw.noun(hop.far)
    slot = f"{'fewer than' if fewer else 'at least'} {counted(limit, far, draw.rng)}"
    group = draw.group(hop.near, draw.does(hop.near_does, slot))
    tails = (
        [
            ", or none at all",
            ", including those with none",
            f". {group.noun.many.capitalize()} without any count too",
        ]
        if fewer
        else [""]
    )
    return Draft(query, Phrases([group.many(draw.rng)], [group.which(draw.rng)], tails))


def yes_or_no(draw: Draw) -> Draft:
    """Whether two named nodes are connected."""
    hop = draw.hop()
    edge = draw.pick(draw.domain.edges(hop))
    near, far = (edge.start, edge.end) if hop.forward else (edge.end, edge.start)
    one = draw.anchor(hop.near, [near])
    two = draw.anchor(hop.far, [far] if draw.chance(0.5) else None)
    inner = pattern(draw, draw.named(hop.near, one.name), hop, draw.named(hop.far, two.name))
    query = f"RETURN EXISTS {{ {inner} }} AS answer"
    predicate = draw.pick(hop.near_does)
    verb, _, rest = predicate.partition(" ")
    if verb == "have" and rest.split()[0] in {"a", "an", "the", "{}", "no"}:
        raise Impossible
    if verb in {"are", "were", "have", "can", "may"}:
        verb, _, rest = singular(predicate).partition(" ")
        ask = f"{verb} {one.said} {rest}"
    else:
        ask = f"does {one.said} {predicate}"
    check = singular(predicate).format(two.said)
    things = [
        f"answer, true or false, to whether {one.said} {check}",
        f"truth of this: {one.said} {check}",
    ]
    return Draft(
        query, Phrases(things, [ask.format(two.said)] * 3, ["", "", ", true or false"], many=False)
    )


def more_of_one(draw: Draw) -> Draft:
    """The nodes with more neighbours of one kind than of another."""
    first = draw.hop()
    second = draw.hop(first.near, lambda h: h.words != first.words or h.forward != first.forward)
    if draw.domain.repeats(first) or draw.domain.repeats(second):
        raise Impossible
    v = draw.var(first.near.label)
    one = step(f"({v})", first, f"(:{first.far.label})")
    two = step(f"({v})", second, f"(:{second.far.label})")
    query = lines(
        f"MATCH ({v}:{first.near.label})",
        f"WHERE COUNT {{ {one} }} > COUNT {{ {two} }}",
        f"RETURN {v}.{first.near.name}",
    )
    a, b = draw.noun(first.far), draw.noun(second.far)
    one_does, two_does = draw.does(first.far_does, "them"), draw.does(second.far_does, "them")
    near = draw.noun(first.near)
    where_ = draw.pick(["where", "for which"])
    things = [
        f"{near.many} {where_} the {a.many} that {one_does} outnumber the {b.many} that {two_does}",
        f"{near.many} {where_} more {a.many} {one_does} than {b.many} {two_does}",
    ]
    asks = [
        (
            f"for which {near.many} are there more {a.many} that {one_does} "
            f"than {b.many} that {two_does}"
        )
    ]
    return Draft(query, Phrases(things, asks))


def aggregate_optional(draw: Draw) -> Draft:
    """For each node, a count and an aggregate over its neighbours, nodes without any kept."""
    hop = draw.hop(
        wanted=lambda h: (
            len(draw.domain.of(h.near.label)) <= MANY
            and bool(draw.domain.properties(h.far.label, measured))
            and not draw.domain.repeats(h)
        )
    )
    prop = draw.prop(hop.far, measured)
    v, far = draw.var(hop.near.label), draw.var(hop.far.label)
    expression, alias, noun = aggregate(draw, prop, f"{far}.{prop.name}")
    if expression.startswith("sum"):
        raise Impossible
    count = draw.free(camel(hop.far.nouns[0].many))
    inner = pattern(draw, f"({v})", hop, f"({far}:{hop.far.label})")
    columns = [(f"count({far})", count), (expression, alias)]
    query = lines(
        f"MATCH ({v}:{hop.near.label})",
        f"OPTIONAL MATCH {inner}",
        draw.returned(v, hop.near, columns),
    )
    near, what = draw.noun(hop.near), draw.noun(hop.far)
    own = "them" if hop.near.person else "it"
    that = draw.does(hop.far_does, own)
    name = hop.near.properties[hop.near.name].nouns[0]
    things = [
        f"{name} of every {near.one}, the number of {what.many} that {that} and the {noun} of those"
    ]
    asks = [f"for each {near.one}, how many {what.many} {that} and what is their {noun}"]
    tails = [
        f", also for {near.many} without any",
        f". Keep {near.many} that have none",
        ", even if there are none",
    ]
    return Draft(query, Phrases(things, asks, tails))


FAMILIES = (
    Family("without", without, 2, ("subquery", "filter")),
    Family("without-anchor", without_anchor, 3, ("subquery", "filter")),
    Family("optional-names", optional_names, 3, ("optional", "filter")),
    Family("optional-count", optional_count, 3, ("optional", "aggregation")),
    Family("only", only, 4, ("subquery", "filter")),
    Family("has-but-not", has_but_not, 3, ("subquery", "filter")),
    Family("count-in-filter", count_in_filter, 3, ("subquery", "filter")),
    Family("yes-or-no", yes_or_no, 2, ("subquery",)),
    Family("more-of-one", more_of_one, 4, ("subquery", "filter")),
    Family("aggregate-optional", aggregate_optional, 4, ("optional", "aggregation")),
)
