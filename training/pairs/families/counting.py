"""Counts, sums, averages and groups.

Knows nothing of order.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from training.pairs.conditions import condition, filtered, of_label
from training.pairs.cyphertext import camel, node, step
from training.pairs.draw import Draft, Impossible, lines, where
from training.pairs.families.connections import pattern
from training.pairs.family import Family
from training.pairs.grammar import Group, counted, joined
from training.pairs.phrasing import Phrases

if TYPE_CHECKING:
    from collections.abc import Sequence

    from training.pairs.draw import Draw
    from training.pairs.lexicon import PropertyWords

# more rows than this are no table to read
MOST_ROWS = 90
_SAID = {
    "avg": ("average", "mean", "average"),
    "sum": ("total", "combined", "overall"),
    "min": ("lowest", "smallest", "minimum"),
    "max": ("highest", "largest", "maximum"),
}
_ALIAS = {"avg": "average", "sum": "total", "min": "lowest", "max": "highest"}


def measured(prop: PropertyWords) -> bool:
    """A number that one can calculate with."""
    return prop.kind == "number" and prop.scale in {"amount", "level", "year"}


def averaged(prop: PropertyWords) -> bool:
    """A number whose average means something."""
    return prop.kind == "number" and prop.scale in {"amount", "level"}


def aggregate(
    draw: Draw, prop: PropertyWords, place: str, functions: Sequence[str] = ()
) -> tuple[str, str, str]:
    """An aggregate of a property: its expression, its alias, its noun phrase without article."""
    allowed = {"amount": ["avg", "sum", "min", "max"], "level": ["avg", "avg", "min", "max"]}
    sensible = allowed.get(prop.scale, ["min", "max"])
    function = draw.pick([f for f in sensible if f in functions or not functions])
    word = draw.pick(_SAID[function])
    if prop.kind == "date" or prop.scale == "year":
        word = draw.pick(["earliest", "first"] if function == "min" else ["latest", "last"])
    alias = camel(f"{_ALIAS[function]} {prop.name}")
    if prop.kind == "date" or prop.scale == "year":
        alias = camel(f"{'first' if function == 'min' else 'last'} {prop.name}")
    return f"{function}({place})", alias, f"{word} {draw.called_prop(prop)}"


def aggregate_filtered(draw: Draw) -> Draft:
    """One aggregate over the nodes that meet a condition."""
    words = draw.label_with(measured)
    prop = draw.prop(words, measured)
    v = draw.var(words.label)
    found = condition(draw, of_label(draw, words, v))
    if found.prop == prop:
        raise Impossible
    node, texts = filtered(words, v, [found])
    expression, alias, noun = aggregate(draw, prop, f"{v}.{prop.name}")
    query = lines(f"MATCH {node}", where(texts), f"RETURN {expression} AS {alias}")
    group = draw.group(words, found.does)
    things = [f"{noun} of {group.many(draw.rng)}", f"{noun} among {group.many(draw.rng)}"]
    asks = [f"what {noun} do {group.many(draw.rng)} have"]
    if expression.startswith(("avg", "sum")):
        asks = [f"what is the {noun} of all {group.many(draw.rng)}"]
    return Draft(query, Phrases(things, asks, many=False), found.tags)


def aggregate_neighbours(draw: Draw) -> Draft:
    """One aggregate over the neighbours of a named node."""
    hop = draw.hop(wanted=lambda h: bool(draw.domain.properties(h.near.label, measured)))
    if draw.domain.repeats(hop):
        raise Impossible
    prop = draw.prop(hop.near, measured)
    anchor = draw.anchor(hop.far, draw.domain.rich(hop.back(), 2))
    v = draw.var(hop.near.label)
    match = pattern(draw, f"({v}:{hop.near.label})", hop, draw.named(hop.far, anchor.name))
    expression, alias, noun = aggregate(draw, prop, f"{v}.{prop.name}")
    query = lines(f"MATCH {match}", f"RETURN {expression} AS {alias}")
    many = draw.group(hop.near, draw.does(hop.near_does, anchor.said)).many(draw.rng)
    things = [f"{noun} of {many}", f"{noun} of all {many}", f"{noun} among the {many}"]
    return Draft(query, Phrases(things, many=False))


def count_neighbours(draw: Draw) -> Draft:
    """How many nodes are connected to a named one."""
    hop = draw.hop()
    anchor = draw.anchor(hop.far, draw.domain.rich(hop.back(), 2))
    v = draw.var(hop.near.label)
    match = pattern(draw, f"({v}:{hop.near.label})", hop, draw.named(hop.far, anchor.name))
    alias = draw.free(camel(hop.near.nouns[0].many))
    inside = f"DISTINCT {v}" if draw.domain.repeats(hop) else v
    query = lines(f"MATCH {match}", f"RETURN count({inside}) AS {alias}")
    group = draw.group(hop.near, draw.does(hop.near_does, anchor.said))
    different = "different " if inside != v else ""
    asks = [group.how_many(draw.rng).replace("how many ", f"how many {different}")]
    things = [f"number of {different}{group.many(draw.rng)}"]
    return Draft(query, Phrases(things, asks, many=False))


def count_per_node(draw: Draw) -> Draft:
    """For each node that has any, how many neighbours."""
    hop = draw.hop(wanted=lambda h: len(draw.domain.reached(h)) <= MOST_ROWS)
    v, far = draw.var(hop.near.label), draw.var(hop.far.label)
    alias = draw.free(camel(hop.far.nouns[0].many))
    inside = f"DISTINCT {far}" if draw.domain.repeats(hop) else far
    match = pattern(draw, f"({v}:{hop.near.label})", hop, f"({far}:{hop.far.label})")
    columns = [(f"count({inside})", alias)]
    query = lines(f"MATCH {match}", draw.returned(v, hop.near, columns))
    near, what = draw.noun(hop.near), draw.noun(hop.far)
    different = "different " if inside != far else ""
    group = Group(what, hop.far.person, (draw.does(hop.far_does, f"each {near.one}"),))
    own = "them" if hop.near.person else "it"
    things = [f"number of {different}{group.many(draw.rng)}"]
    if draw.domain.only(hop):
        things.append(f"count of {different}{what.many} per {near.one}")
        things.append(f"number of {different}{what.many} for every {near.one}")
    asks = [group.how_many(draw.rng).replace("how many ", f"how many {different}")]
    asks.append(
        f"for each {near.one}, how many {different}{what.many} {draw.does(hop.far_does, own)}"
    )
    tails = [
        f", leaving out {near.many} that have none",
        f". Skip {near.many} with none",
        f", if {'they have' if hop.near.person else 'it has'} any",
        f" ({near.many} without any are not needed)",
    ]
    return Draft(query, Phrases(things, asks, tails, be="is"))


def aggregate_per_node(draw: Draw) -> Draft:
    """For each node, an aggregate over its neighbours."""
    hop = draw.hop(
        wanted=lambda h: (
            bool(draw.domain.properties(h.far.label, measured)) and not draw.domain.repeats(h)
        )
    )
    prop = draw.prop(hop.far, measured)
    v, far = draw.var(hop.near.label), draw.var(hop.far.label)
    expression, alias, noun = aggregate(draw, prop, f"{far}.{prop.name}")
    match = pattern(draw, f"({v}:{hop.near.label})", hop, f"({far}:{hop.far.label})")
    query = lines(f"MATCH {match}", draw.returned(v, hop.near, [(expression, alias)]))
    near, what = draw.noun(hop.near), draw.noun(hop.far)
    group = Group(what, hop.far.person, (draw.does(hop.far_does, f"each {near.one}"),))
    things = [f"{noun} of {group.many(draw.rng)}"]
    if draw.domain.only(hop):
        things.append(f"{noun} of the {what.many} per {near.one}")
    own = "them" if hop.near.person else "it"
    value = f"{noun} of the {what.many} that {draw.does(hop.far_does, own)}"
    asks = [f"for every {near.one}, what is the {value}"]
    tails = [f", for {near.many} that have any", f". Leave out {near.many} without {what.many}"]
    return Draft(query, Phrases(things, asks, tails, be="is"))


def having(draw: Draw) -> Draft:
    """The nodes with at least so many neighbours."""
    hop = draw.hop()
    sizes = sorted(len(set(far)) for far in draw.domain.reached(hop).values())
    if sizes[-1] == 1:
        raise Impossible
    limit = max(1, draw.pick(sizes[len(sizes) // 3 :]))
    v, far = draw.var(hop.near.label), draw.var(hop.far.label)
    alias = draw.free(camel(hop.far.nouns[0].many))
    sign, words = draw.pick(
        [(">=", "at least {}"), (">", "more than {}"), ("=", "exactly {}"), (">=", "{} or more")]
    )
    inside = f"DISTINCT {far}" if draw.domain.repeats(hop) else far
    match = pattern(draw, f"({v}:{hop.near.label})", hop, f"({far}:{hop.far.label})")
    shown = draw.chance(0.5)
    query = lines(
        f"MATCH {match}",
        f"WITH {v}, count({inside}) AS {alias}",
        where([f"{alias} {sign} {limit}"]),
        f"RETURN {v}.{hop.near.name}" + (f", {alias}" if shown else ""),
    )
    what = draw.noun(hop.far)
    slot = words.format(counted(limit, what, draw.rng) if words[-1] == "}" else "")
    if words[0] == "{":
        slot = f"{limit} or more {what.many}"
    if inside != far:
        slot = slot.replace(what.many, f"different {what.many}")
    group = draw.group(hop.near, draw.does(hop.near_does, slot))
    tails = [
        f", and how many {what.many} each",
        f" with the number of {what.many}",
        f". Also show the number of {what.many}",
    ]
    says = Phrases([group.many(draw.rng)], [group.which(draw.rng)], tails if shown else ("",))
    return Draft(query, says)


def several_aggregates(draw: Draw) -> Draft:
    """Count, lowest, highest and average in one row."""
    words = draw.label_with(averaged)
    prop = draw.prop(words, averaged)
    v = draw.var(words.label)
    place = f"{v}.{prop.name}"
    node, texts, group = f"({v}:{words.label})", list[str](), draw.group(words)
    tags: tuple[str, ...] = ()
    if draw.chance(0.7):
        found = condition(draw, of_label(draw, words, v))
        if found.prop == prop:
            raise Impossible
        group, tags = group.narrowed(found.does), ("filter", *found.tags)
        node, texts = filtered(words, v, [found])
    functions = draw.pick([("min", "max"), ("min", "avg", "max"), ("avg", "max"), ("min", "avg")])
    columns = ", ".join(f"{f}({place}) AS {camel(f'{_ALIAS[f]} {prop.name}')}" for f in functions)
    query = lines(f"MATCH {node}", where(texts), f"RETURN {columns}")
    nouns = joined([draw.pick(_SAID[f]) for f in functions])
    noun, many = draw.called_prop(prop), group.many(draw.rng)
    things = [f"{nouns} {noun} of {many}", f"{nouns} {noun} among all {many}"]
    return Draft(query, Phrases(things, [f"what are the {nouns} {noun} of {many}"]), tags)


def count_two_steps(draw: Draw) -> Draft:
    """For each node, how many different nodes two steps away."""
    first = draw.hop()
    second = draw.hop(first.far, lambda h: h.words != first.words)
    v, end = draw.var(first.near.label), draw.var(second.far.label)
    if first.near == second.far:
        raise Impossible
    alias = draw.free(camel(second.far.nouns[0].many))
    inner = step(f"(:{first.far.label})", second, f"({end}:{second.far.label})")
    match = step(f"({v}:{first.near.label})", first, inner)
    columns = [(f"count(DISTINCT {end})", alias)]
    query = lines(f"MATCH {match}", draw.returned(v, first.near, columns))
    near, middle, far = draw.noun(first.near), draw.noun(first.far), draw.noun(second.far)
    ends = draw.does(
        second.far_does, f"the {middle.many} that {draw.does(first.far_does, f'each {near.one}')}"
    )
    group = Group(far, second.far.person, (ends,))
    things = [
        f"number of different {group.many(draw.rng)}",
        f"count of distinct {group.many(draw.rng)}",
    ]
    asks = [group.how_many(draw.rng).replace("how many", "how many different")]
    tails = [f", for {near.many} that have any", f". Leave out {near.many} with none"]
    return Draft(query, Phrases(things, asks, tails, be="is"))


def two_step_aggregate(draw: Draw) -> Draft:
    """An aggregate over what lies two steps away, each node counted once."""
    first = draw.hop()
    second = draw.hop(
        first.far,
        lambda h: h.words != first.words and bool(draw.domain.properties(h.far.label, measured)),
    )
    prop = draw.prop(second.far, measured)
    anchor = draw.anchor(first.near, list(draw.domain.reached(first)))
    v = draw.var(second.far.label)
    expression, alias, noun = aggregate(draw, prop, f"{v}.{prop.name}")
    inner = step(f"(:{first.far.label})", second, node(v, second.far.label))
    match = step(draw.named(first.near, anchor.name), first, inner)
    query = lines(f"MATCH {match}", f"WITH DISTINCT {v}", f"RETURN {expression} AS {alias}")
    between = draw.group(first.far, draw.does(first.far_does, anchor.said))
    group = draw.group(second.far, draw.does(second.far_does, between.many(draw.rng)))
    things = [f"{noun} of all {group.many(draw.rng)}", f"{noun} of the {group.many(draw.rng)}"]
    tails = [
        ", counting each once",
        f". Count every {group.noun.one} once",
        f" (each {group.noun.one} only once)",
    ]
    return Draft(query, Phrases(things, [], tails, many=False))


FAMILIES = (
    Family("aggregate-filtered", aggregate_filtered, 2, ("aggregation", "filter")),
    Family("aggregate-neighbours", aggregate_neighbours, 2, ("aggregation",)),
    Family("count-neighbours", count_neighbours, 1, ("aggregation",)),
    Family("count-per-node", count_per_node, 2, ("aggregation",)),
    Family("aggregate-per-node", aggregate_per_node, 3, ("aggregation",)),
    Family("having", having, 3, ("aggregation", "filter")),
    Family("several-aggregates", several_aggregates, 2, ("aggregation",)),
    Family("count-two-steps", count_two_steps, 4, ("aggregation",)),
    Family("two-step-aggregate", two_step_aggregate, 5, ("aggregation",)),
)
