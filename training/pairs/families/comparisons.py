"""Against an average, a best, a share, another node: several ideas in one query.

Knows nothing of simpler patterns.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from training.pairs.conditions import condition, of_label
from training.pairs.cyphertext import camel, step
from training.pairs.draw import Draft, Impossible, lines, where
from training.pairs.families.basics import grouped
from training.pairs.families.connections import pattern
from training.pairs.families.counting import averaged, measured
from training.pairs.families.missing import tested
from training.pairs.families.ordering import ranked, top_phrase
from training.pairs.family import Family
from training.pairs.grammar import Group, counted, plural
from training.pairs.phrasing import Phrases

if TYPE_CHECKING:
    from training.pairs.draw import Draw


def above_average(draw: Draw) -> Draft:
    """The nodes above or below the average of all, or of those that meet a condition."""
    words = draw.label_with(averaged)
    prop = draw.prop(words, averaged)
    v = draw.var(words.label)
    draw.split_by_average(draw.domain.values(words.label, prop.name))
    above, counting = draw.chance(0.7), draw.chance(0.3)
    alias = draw.free("average")
    outcome = f"RETURN {v}.{words.name}"
    if counting:
        outcome = f"RETURN count({v}) AS {draw.free(camel(words.nouns[0].many))}"
    query = lines(
        f"MATCH ({v}:{words.label})",
        f"WITH avg({v}.{prop.name}) AS {alias}",
        f"MATCH ({v}:{words.label})",
        f"WHERE {v}.{prop.name} {'>' if above else '<'} {alias}",
        outcome,
    )
    noun, what = draw.called_prop(prop), draw.noun(words)
    side = "above" if above else "below"
    does = draw.pick(
        [
            f"have a {noun} {side} the average of all {what.many}",
            f"have a {'higher' if above else 'lower'} {noun} than the average {what.one}",
            f"are {side} average in {noun}",
        ]
    )
    group = Group(what, words.person, (does,))
    if counting:
        return Draft(
            query,
            Phrases([f"number of {group.many(draw.rng)}"], [group.how_many(draw.rng)], many=False),
        )
    return Draft(query, Phrases([group.many(draw.rng)], [group.which(draw.rng)]))


def more_than_other(draw: Draw) -> Draft:
    """The nodes that have more, or less, of something than a named one."""
    words = draw.label_with(measured)
    prop = draw.prop(words, measured)
    have = [
        n for n in draw.domain.named(words.label) if draw.domain.value(n, prop.name) is not None
    ]
    anchor = draw.anchor(words, have)
    one, other = draw.var(words.label), draw.free("other")
    more = draw.chance(0.6)
    query = lines(
        f"MATCH {draw.named(words, anchor.name, one)}, ({other}:{words.label})",
        f"WHERE {other}.{prop.name} {'>' if more else '<'} {one}.{prop.name}",
        f"RETURN {other}.{words.name}",
    )
    noun = draw.called_prop(prop)
    sign = (
        ("later" if more else "earlier")
        if prop.scale == "year"
        else ("higher" if more else "lower")
    )
    many = draw.noun(words).many
    things = [
        f"{many} with a {sign} {noun} than {anchor.said}",
        f"{many} whose {noun} is {sign} than that of {anchor.said}",
    ]
    asks = [f"which {many} have a {sign} {noun} than {anchor.said}"]
    return Draft(query, Phrases(things, asks))


def best_of_each(draw: Draw) -> Draft:
    """For each node, the neighbours with the highest value of a property, ties kept."""
    hop = draw.hop(
        wanted=lambda h: (
            h.near != h.far
            and bool(draw.domain.properties(h.far.label, ranked))
            and not draw.domain.repeats(h)
        )
    )
    prop = draw.prop(hop.far, ranked)
    v, far = draw.var(hop.near.label), draw.var(hop.far.label)
    most = draw.chance(0.6)
    alias = draw.free("highest" if most else "lowest")
    one, two = f"({v}:{hop.near.label})", f"({far}:{hop.far.label})"
    query = lines(
        f"MATCH {step(one, hop, two)}",
        f"WITH {v}, {'max' if most else 'min'}({far}.{prop.name}) AS {alias}",
        f"MATCH {step(f'({v})', hop, two)}",
        f"WHERE {far}.{prop.name} = {alias}",
        f"RETURN {v}.{hop.near.name}, {far}.{hop.far.name}, {far}.{prop.name}",
    )
    near, what = draw.noun(hop.near), draw.noun(hop.far)
    before, after = top_phrase(draw, prop, most=most)
    own = "them" if hop.near.person else "it"
    that = draw.does(hop.far_does, own)
    head = (
        f"{before} of the {what.many} that {that}"
        if before
        else f"{what.one} {after} among those that {that}"
    )
    called = draw.called_prop(prop)
    things = [f"{head}, for each {near.one}"]
    asks = [f"for every {near.one}, which is the {head}"]
    tails = [
        f". Show {near.one}, {what.one} and {called}",
        f", as {near.one}, {what.one} and {called}",
    ]
    return Draft(query, Phrases(things, asks, tails, be="is"))


def best_of_category(draw: Draw) -> Draft:
    """For each value of a category, the nodes with the highest value of a property."""
    words = draw.label(
        lambda w: (
            bool(draw.domain.properties(w.label, grouped))
            and bool(draw.domain.properties(w.label, ranked))
        )
    )
    by, prop = draw.prop(words, grouped), draw.prop(words, ranked)
    v, most = draw.var(words.label), draw.chance(0.6)
    alias = draw.free("highest" if most else "lowest")
    has = draw.present(words, by, v)
    query = lines(
        f"MATCH ({v}:{words.label})",
        where(has),
        f"WITH {v}.{by.name} AS {by.name}, {'max' if most else 'min'}({v}.{prop.name}) AS {alias}",
        f"MATCH ({v}:{words.label})",
        f"WHERE {v}.{by.name} = {by.name} AND {v}.{prop.name} = {alias}",
        f"RETURN {by.name}, {v}.{words.name}, {alias}",
    )
    noun, by_noun, called = draw.noun(words), draw.called_prop(by), draw.called_prop(prop)
    before, after = top_phrase(draw, prop, most=most)
    things = [
        f"{before} {noun.one} {after} of each {by_noun}".strip(),
        f"{before} {noun.one} {after} for every {by_noun}".strip(),
    ]
    asks = [f"for each {by_noun}, which is the {before} {noun.one} {after}"]
    tails = [
        f". Show the {by_noun}, the {noun.one} and the {called}",
        f", as {by_noun}, {noun.one} and {called}",
    ]
    return Draft(query, Phrases(things, asks, tails, be="is"))


def share(draw: Draw) -> Draft:
    """What percentage of the nodes, or of a named node's neighbours, meets a condition."""
    words = draw.label_with(tested)
    v = draw.var(words.label)
    found = condition(draw, of_label(draw, words, v))
    match, among = f"MATCH ({v}:{words.label})", f"all {draw.noun(words).many}"
    hops = [h for h in draw.domain.hops(words.label) if not draw.domain.repeats(h)]
    if hops and draw.chance(0.5):
        hop = draw.pick(hops)
        anchor = draw.anchor(hop.far, draw.domain.rich(hop.back(), 3))
        match = (
            f"MATCH {pattern(draw, f'({v}:{words.label})', hop, draw.named(hop.far, anchor.name))}"
        )
        among = f"the {draw.group(words, draw.does(hop.near_does, anchor.said)).many(draw.rng)}"
    query = lines(
        match,
        f"RETURN 100.0 * count(CASE WHEN {found.text} THEN 1 END) / count({v}) AS percent",
    )
    things = [
        f"percentage of {among} that {found.does}",
        f"share, in percent, of {among} that {found.does}",
    ]
    asks = [f"what percentage of {among} {found.does}"]
    return Draft(query, Phrases(things, asks, many=False), found.tags)


def most_with_ties(draw: Draw) -> Draft:
    """All nodes with the highest number of neighbours, however many they are."""
    hop = draw.hop()
    v, far = draw.var(hop.near.label), draw.var(hop.far.label)
    alias, most = draw.free(camel(hop.far.nouns[0].many)), draw.free("most")
    inside = f"DISTINCT {far}" if draw.domain.repeats(hop) else far
    one, two = f"({v}:{hop.near.label})", f"({far}:{hop.far.label})"
    query = lines(
        f"MATCH {step(one, hop, two)}",
        f"WITH {v}, count({inside}) AS {alias}",
        f"WITH max({alias}) AS {most}",
        f"MATCH {step(one, hop, two)}",
        f"WITH {v}, {most}, count({inside}) AS {alias}",
        f"WHERE {alias} = {most}",
        f"RETURN {v}.{hop.near.name}, {alias}",
    )
    what = draw.noun(hop.far)
    different = "different " if inside != far else ""
    group = draw.group(hop.near, draw.does(hop.near_does, f"the most {different}{what.many}"))
    tails = [
        f", all of them if several tie, with the number of {what.many}",
        f". If there is a tie show all; add the number of {what.many}",
        f", and how many {what.many}? List all that share the top",
    ]
    return Draft(query, Phrases([group.many(draw.rng)], [group.which(draw.rng)], tails[:2]))


def above_average_count(draw: Draw) -> Draft:
    """The nodes with more neighbours than the average of the nodes that have any."""
    hop = draw.hop(wanted=lambda h: not draw.domain.repeats(h))
    draw.split_by_average([len(far) for far in draw.domain.reached(hop).values()])
    v, far = draw.var(hop.near.label), draw.var(hop.far.label)
    alias, average = draw.free(camel(hop.far.nouns[0].many)), draw.free("average")
    match = pattern(draw, f"({v}:{hop.near.label})", hop, f"({far}:{hop.far.label})")
    query = lines(
        f"MATCH {match}",
        f"WITH {v}, count({far}) AS {alias}",
        f"WITH avg({alias}) AS {average}",
        f"MATCH {match}",
        f"WITH {v}, {average}, count({far}) AS {alias}",
        f"WHERE {alias} > {average}",
        f"RETURN {v}.{hop.near.name}, {alias}",
    )
    what, near = draw.noun(hop.far), draw.noun(hop.near)
    slot = f"more {what.many} than the average {near.one} with any"
    group = Group(near, hop.near.person, (draw.does(hop.near_does, slot),))
    tails = [
        f", with the number of {what.many}",
        f". Show the number of {what.many} too",
        f", and how many {what.many} each",
    ]
    return Draft(query, Phrases([group.many(draw.rng)], [group.which(draw.rng)], tails))


def pairs_sharing(draw: Draw) -> Draft:
    """Pairs of nodes with at least so many common neighbours."""
    hop = draw.hop(
        wanted=lambda h: h.near != h.far and draw.domain.only(h) and not draw.domain.repeats(h)
    )
    a, b = draw.free("a"), draw.free("b")
    far = draw.var(hop.far.label)
    limit, alias = draw.pick([2, 2, 3]), draw.free("shared")
    if not draw.domain.unique(hop.near.label):
        raise Impossible
    match = step(f"({a}:{hop.near.label})", hop, f"({far}:{hop.far.label})")
    match += step("", hop.back(), f"({b}:{hop.near.label})")
    query = lines(
        f"MATCH {match}",
        f"WHERE {a}.{hop.near.name} < {b}.{hop.near.name}",
        f"WITH {a}, {b}, count({far}) AS {alias}",
        f"WHERE {alias} >= {limit}",
        f"RETURN {a}.{hop.near.name}, {b}.{hop.near.name}, {alias}",
    )
    near, what = draw.noun(hop.near), draw.noun(hop.far)
    name = hop.near.properties[hop.near.name].nouns[0]
    common = f"{counted(limit, what, draw.rng)} in common"
    things = [
        f"pairs of {near.many} with at least {common}",
        f"pairs of {near.many} that share {limit} or more {what.many}",
    ]
    asks = [f"which pairs of {near.many} have at least {common}"]
    tails = [
        f", each pair once, alphabetically first {name} first, with the number shared",
        f". Every pair once, first the {name} first in the alphabet; add how many they share",
    ]
    return Draft(query, Phrases(things, asks, tails))


def kinds_of_neighbours(draw: Draw) -> Draft:
    """The nodes whose neighbours have at least so many different values of a category."""
    hop = draw.hop(wanted=lambda h: bool(draw.domain.properties(h.far.label, grouped)))
    prop = draw.prop(hop.far, grouped)
    v, far = draw.var(hop.near.label), draw.var(hop.far.label)
    limit, alias = draw.pick([2, 2, 3]), draw.free(camel(plural(prop.name)))
    match = pattern(draw, f"({v}:{hop.near.label})", hop, f"({far}:{hop.far.label})")
    query = lines(
        f"MATCH {match}",
        f"WITH {v}, count(DISTINCT {far}.{prop.name}) AS {alias}",
        where([f"{alias} >= {limit}"]),
        f"RETURN {v}.{hop.near.name}, {alias}",
    )
    noun, what = draw.called_prop(prop), draw.noun(hop.far)
    slot = f"{what.many} of at least {limit} different {plural(noun)}"
    group = draw.group(hop.near, draw.does(hop.near_does, slot))
    tails = [
        f", with the number of {plural(noun)}",
        f". Add the number of {plural(noun)}",
        f", and how many {plural(noun)} each",
    ]
    return Draft(query, Phrases([group.many(draw.rng)], [group.which(draw.rng)], tails))


def best_category(draw: Draw) -> Draft:
    """The nodes of the category whose average is highest."""
    words = draw.label(
        lambda w: (
            bool(draw.domain.properties(w.label, grouped))
            and bool(draw.domain.properties(w.label, averaged))
        )
    )
    by, prop = draw.prop(words, grouped), draw.prop(words, averaged)
    v, alias = draw.var(words.label), draw.free("average")
    top = draw.chance(0.7)
    query = lines(
        f"MATCH ({v}:{words.label})",
        where([f"{v}.{by.name} IS NOT NULL", f"{v}.{prop.name} IS NOT NULL"]),
        f"WITH {v}.{by.name} AS {by.name}, avg({v}.{prop.name}) AS {alias}",
        f"ORDER BY {alias}" + (" DESC" if top else ""),
        "LIMIT 1",
        f"MATCH ({v}:{words.label})",
        f"WHERE {v}.{by.name} = {by.name}",
        f"RETURN {v}.{words.name}",
    )
    noun, many = draw.called_prop(by), draw.noun(words).many
    side = "highest" if top else "lowest"
    called = draw.called_prop(prop)
    things = [
        f"{many} of the {noun} that has the {side} average {called}",
        f"{many} that belong to the {noun} with the {side} average {called}",
    ]
    return Draft(
        query,
        Phrases(things, [f"which {many} are of the {noun} with the {side} average {called}"]),
    )


def filtered_counts(draw: Draw) -> Draft:
    """For each node, its neighbours that meet a condition beside all of them."""
    hop = draw.hop(
        wanted=lambda h: (
            bool(draw.domain.properties(h.far.label, tested)) and not draw.domain.repeats(h)
        )
    )
    v, far = draw.var(hop.near.label), draw.var(hop.far.label)
    found = condition(draw, of_label(draw, hop.far, far))
    alias = draw.free(camel(hop.far.nouns[0].many))
    some = draw.free("matching")
    match = pattern(draw, f"({v}:{hop.near.label})", hop, f"({far}:{hop.far.label})")
    columns = [(f"count({far})", alias), (f"count(CASE WHEN {found.text} THEN 1 END)", some)]
    query = lines(f"MATCH {match}", draw.returned(v, hop.near, columns))
    near, what = draw.noun(hop.near), draw.noun(hop.far)
    that = draw.does(hop.far_does, "them" if hop.near.person else "it")
    things = [
        (
            f"number of {what.many} that {that} and the number of those that {found.does}, "
            f"for each {near.one} with any"
        )
    ]
    asks = [
        (
            f"for each {near.one} with any, how many {what.many} {that} "
            f"and how many of those {found.does}"
        )
    ]
    return Draft(query, Phrases(things, asks, be="are"), ("filter", *found.tags))


FAMILIES = (
    Family("above-average", above_average, 3, ("aggregation", "subquery", "filter")),
    Family("more-than-other", more_than_other, 3, ("match", "filter")),
    Family("best-of-each", best_of_each, 4, ("aggregation", "subquery")),
    Family("best-of-category", best_of_category, 4, ("aggregation", "subquery")),
    Family("share", share, 4, ("aggregation",)),
    Family("most-with-ties", most_with_ties, 5, ("aggregation", "subquery")),
    Family("above-average-count", above_average_count, 5, ("aggregation", "subquery", "filter")),
    Family("pairs-sharing", pairs_sharing, 5, ("match", "aggregation", "filter")),
    Family("kinds-of-neighbours", kinds_of_neighbours, 4, ("aggregation", "filter")),
    Family("best-category", best_category, 5, ("aggregation", "subquery")),
    Family("filtered-counts", filtered_counts, 5, ("aggregation",)),
)
