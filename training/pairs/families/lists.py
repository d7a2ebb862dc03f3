"""Lists: their items, sizes and what they share; lists made of names.

Knows nothing of other kinds of values.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, cast

from training.pairs.conditions import condition, filtered, of_label
from training.pairs.cyphertext import camel, literal
from training.pairs.draw import Draft, Impossible, lines, where
from training.pairs.families.connections import pattern
from training.pairs.family import Family
from training.pairs.grammar import plural
from training.pairs.phrasing import Phrases

if TYPE_CHECKING:
    from training.pairs.draw import Draw
    from training.pairs.lexicon import PropertyWords


def listed(prop: PropertyWords) -> bool:
    """A list."""
    return prop.kind == "list"


def list_size(draw: Draw) -> Draft:
    """The nodes with so many items in a list."""
    words = draw.label_with(listed)
    prop = draw.prop(words, listed)
    sizes = sorted(len(cast("list[str]", v)) for v in draw.domain.values(words.label, prop.name))
    limit = draw.pick(sizes)
    sign, said = draw.pick([(">=", "at least"), ("=", "exactly"), (">", "more than")])
    v = draw.var(words.label)
    shown = draw.chance(0.5)
    query = lines(
        f"MATCH ({v}:{words.label})",
        f"WHERE size({v}.{prop.name}) {sign} {limit}",
        f"RETURN {v}.{words.name}" + (f", {v}.{prop.name}" if shown else ""),
    )
    items = f"{said} {limit} {prop.item if limit == 1 else prop.nouns[0]}"
    group = draw.group(
        words,
        f"have {items}",
    )
    things = [group.many(draw.rng), f"{group.noun.many} with {items} listed"]
    tails = (
        [
            f", with the {prop.nouns[0]}",
            f", and the list of {prop.nouns[0]}",
            f". Show the {prop.nouns[0]} too",
        ]
        if shown
        else [""]
    )
    return Draft(query, Phrases(things, [group.which(draw.rng)], tails))


def several_items(draw: Draw) -> Draft:
    """The nodes whose list has both of two items, or one but not the other."""
    words = draw.label_with(listed)
    prop = draw.prop(words, listed)
    lists = [cast("list[str]", v) for v in draw.domain.values(words.label, prop.name)]
    one, two = draw.pick_several(draw.pick([v for v in lists if len(set(v)) > 1]), 2)
    v = draw.var(words.label)
    kind = draw.pick(["both", "not", "either"])
    place = f"{v}.{prop.name}"
    first, second = f"{literal(one)} IN {place}", f"{literal(two)} IN {place}"
    condition_, said = {
        "both": (
            f"{first} AND {second}",
            f"both {draw.said(one, prop)} and {draw.said(two, prop)}",
        ),
        "not": (
            f"{first} AND NOT {second}",
            f"{draw.said(one, prop)} but not {draw.said(two, prop)}",
        ),
        "either": (
            f"any(item IN {place} WHERE item IN [{literal(one)}, {literal(two)}])",
            f"{draw.said(one, prop)} or {draw.said(two, prop)}",
        ),
    }[kind]
    query = lines(f"MATCH ({v}:{words.label})", f"WHERE {condition_}", f"RETURN {v}.{words.name}")
    group = draw.group(words, draw.does(prop.has, said))
    return Draft(query, Phrases([group.many(draw.rng)], [group.which(draw.rng)]))


def per_item(draw: Draw) -> Draft:
    """How many nodes have each item of a list."""
    words = draw.label_with(listed)
    prop = draw.prop(words, listed)
    v, item = draw.var(words.label), camel(prop.item)
    if draw.free(item) != item:
        raise Impossible
    alias = draw.free(camel(words.nouns[0].many))
    order = draw.chance(0.4)
    limit = draw.pick([0, 0, 1, 3]) if order else 0
    query = lines(
        f"MATCH ({v}:{words.label})",
        f"UNWIND {v}.{prop.name} AS {item}",
        f"RETURN {item}, count({v}) AS {alias}",
        [f"ORDER BY {alias} DESC"] if order else [],
        [f"LIMIT {limit}"] if limit else [],
    )
    many = draw.noun(words).many
    does = draw.does(prop.has, f"each {prop.item}")
    tails = [", most first" if order else ""]
    things = [f"number of {many} for each {prop.item}", f"number of {many} per {prop.item}"]
    asks = [f"how many {many} {does}"]
    if limit:
        head = f"most common {prop.item}" if limit == 1 else f"{limit} most common {prop.nouns[0]}"
        things, asks = (
            [f"{head} among the {many}"],
            [f"what {'is' if limit == 1 else 'are'} the {head} among {many}"],
        )
        tails = [f", with the number of {many}" + ("" if limit == 1 else ", most first")]
    return Draft(
        query,
        Phrases(things, asks, tails, be="is", many=limit != 1),
        ("aggregation", *["ordering"] * order),
    )


def all_items(draw: Draw) -> Draft:
    """The different items of the lists of nodes that meet a condition."""
    words = draw.label_with(listed)
    prop = draw.prop(words, listed)
    v, item = draw.var(words.label), camel(prop.item)
    found = condition(draw, of_label(draw, words, v))
    if found.prop == prop or draw.free(item) != item:
        raise Impossible
    node, texts_ = filtered(words, v, [found])
    query = lines(
        f"MATCH {node}",
        where(texts_),
        f"UNWIND {v}.{prop.name} AS {item}",
        f"RETURN DISTINCT {item}",
    )
    group = draw.group(words, found.does)
    things = [
        f"different {prop.nouns[0]} of {group.many(draw.rng)}",
        f"{prop.nouns[0]}, each once, of {group.many(draw.rng)}",
    ]
    asks = [f"which {prop.nouns[0]} occur among {group.many(draw.rng)}, each once"]
    return Draft(query, Phrases(things, asks), ("filter", *found.tags))


def shared_item(draw: Draw) -> Draft:
    """The others whose list has an item in common with a named node's."""
    words = draw.label_with(listed)
    prop = draw.prop(words, listed)
    have = [n for n in draw.domain.named(words.label) if draw.domain.value(n, prop.name)]
    anchor = draw.anchor(words, have)
    one, other = draw.var(words.label), draw.free("other")
    query = lines(
        f"MATCH {draw.named(words, anchor.name, one)}, ({other}:{words.label})",
        f"WHERE {other} <> {one} "
        f"AND any(item IN {other}.{prop.name} WHERE item IN {one}.{prop.name})",
        f"RETURN {other}.{words.name}",
    )
    many = draw.noun(words).many
    things = [
        f"other {many} that have at least one of their {prop.nouns[0]} in common with {anchor.said}"
    ]
    asks = [f"which other {many} share a {prop.item} with {anchor.said}"]
    return Draft(query, Phrases(things, asks), harder=0)


def collected(draw: Draw) -> Draft:
    """For each node that has any, the list of its neighbours' names."""
    hop = draw.hop()
    if draw.domain.repeats(hop):
        raise Impossible
    v, far = draw.var(hop.near.label), draw.var(hop.far.label)
    alias = draw.free(camel(hop.far.nouns[0].many))
    found = condition(draw, of_label(draw, hop.near, v))
    node, texts_ = filtered(hop.near, v, [found])
    match = pattern(draw, node, hop, f"({far}:{hop.far.label})")
    query = lines(
        f"MATCH {match}",
        where(texts_),
        draw.returned(v, hop.near, [(f"collect({far}.{hop.far.name})", alias)]),
    )
    what, group = draw.noun(hop.far), draw.group(hop.near, found.does)
    own = "them" if hop.near.person else "it"
    name = hop.far.properties[hop.far.name].nouns[0]
    that = draw.does(hop.far_does, own)
    things = [
        (
            f"list of the {plural(name)} of the {what.many} that {that} "
            f"for each {group.one(draw.rng)} that has any"
        )
    ]
    asks = [f"for each {group.one(draw.rng)}, which {what.many} {that}, as one list"]
    tails = ["", f". Leave out {group.noun.many} without any"]
    return Draft(
        query, Phrases(things, asks, tails[1:], be="is"), ("filter", "aggregation", *found.tags)
    )


def first_item(draw: Draw) -> Draft:
    """The first or last item of the list of a node, or of those that meet a condition."""
    words = draw.label_with(listed)
    prop = draw.prop(words, listed)
    v = draw.var(words.label)
    found = condition(draw, of_label(draw, words, v))
    if found.prop == prop or not draw.domain.complete(words.label, prop.name):
        raise Impossible
    node, texts_ = filtered(words, v, [found])
    last = draw.chance(0.4)
    alias = camel(f"{'last' if last else 'first'} {prop.item}")
    query = lines(
        f"MATCH {node}",
        where(texts_),
        f"RETURN {v}.{words.name}, {v}.{prop.name}[{-1 if last else 0}] AS {alias}",
    )
    group = draw.group(words, found.does)
    own = "their" if words.person else "its"
    noun = f"{'last' if last else 'first'} of {own} {prop.nouns[0]}"
    tails = [
        f", each with the {noun}",
        f". For each show the {noun} as well",
        f", and only the {noun}",
    ]
    return Draft(
        query,
        Phrases([group.many(draw.rng)], [group.which(draw.rng)], tails),
        ("filter", *found.tags),
    )


FAMILIES = (
    Family("list-size", list_size, 2, ("list", "filter")),
    Family("several-items", several_items, 2, ("list", "filter")),
    Family("per-item", per_item, 3, ("list",)),
    Family("all-items", all_items, 3, ("list",)),
    Family("shared-item", shared_item, 4, ("list", "filter")),
    Family("collected", collected, 3, ("list",)),
    Family("first-item", first_item, 2, ("list",)),
)
