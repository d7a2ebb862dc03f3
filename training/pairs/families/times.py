"""Dates: years, distances in days, first and last, before and after another's.

Knows nothing of times of day or zones.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from training.pairs.conditions import day, of_edge, of_label
from training.pairs.cyphertext import camel
from training.pairs.draw import Draft, Impossible, lines, where
from training.pairs.families.connections import once, pattern
from training.pairs.family import Family
from training.pairs.phrasing import Phrases

if TYPE_CHECKING:
    from training.pairs.draw import Draw
    from training.pairs.lexicon import PropertyWords


def dated(prop: PropertyWords) -> bool:
    """A date or a moment."""
    return prop.kind == "date"


def dates(prop: PropertyWords) -> bool:
    """A date without a time of day."""
    return prop.type == "date"


def in_period(draw: Draw) -> Draft:
    """The nodes with a date in a period, the date shown."""
    words = draw.label_with(dated)
    prop = draw.prop(words, dated)
    v = draw.var(words.label)
    found = day(draw, of_label(draw, words, v), prop)
    shown, order = draw.chance(0.6), draw.chance(0.35)
    query = lines(
        f"MATCH ({v}:{words.label})",
        f"WHERE {found.text}",
        f"RETURN {v}.{words.name}" + (f", {v}.{prop.name}" if shown else ""),
        [f"ORDER BY {v}.{prop.name}"] if order else [],
    )
    group, noun = draw.group(words, found.does), draw.called_prop(prop)
    tails = list(draw.with_columns(words, [noun])) if shown else [""]
    tails += [f", and the {noun}", f", and on which {noun}"] * shown
    if order:
        tails = [f"{tail}, earliest first" for tail in tails]
    tags = ("ordering",) if order else ()
    return Draft(query, Phrases([group.many(draw.rng)], [group.which(draw.rng)], tails), tags)


def per_year(draw: Draw) -> Draft:
    """How many nodes per year of a date."""
    words = draw.label_with(dated)
    prop = draw.prop(words, dated)
    v = draw.var(words.label)
    unit = draw.pick(["year", "year", "month"])
    alias = draw.free(camel(words.nouns[0].many))
    full = draw.domain.complete(words.label, prop.name)
    order = draw.pick(["", f"ORDER BY {unit}", f"ORDER BY {alias} DESC"])
    query = lines(
        f"MATCH ({v}:{words.label})",
        where([] if full else [f"{v}.{prop.name} IS NOT NULL"]),
        f"RETURN {v}.{prop.name}.{unit} AS {unit}, count({v}) AS {alias}",
        [order] if order else [],
    )
    noun, many = draw.called_prop(prop), draw.noun(words).many
    number = ", months as numbers" if unit == "month" else ""
    things = [
        f"number of {many} per {unit} of their {noun}{number}",
        f"number of {many} by the {unit} of the {noun}{number}",
        f"count of {many} for each {unit} in which their {noun} falls{number}",
    ]
    asks = [f"how many {many} have their {noun} in each {unit}{number}"]
    tail = {"": "", f"ORDER BY {unit}": f", earliest {unit} first"}.get(
        order, f", {unit} with the most first"
    )
    return Draft(query, Phrases(things, asks, [tail], be="is"), ("ordering",) if order else ())


def earlier_than_other(draw: Draw) -> Draft:
    """The nodes whose date is before or after that of a named one."""
    words = draw.label_with(dates)
    prop = draw.prop(words, dates)
    have = [n for n in draw.domain.named(words.label) if draw.domain.value(n, prop.name)]
    anchor = draw.anchor(words, have)
    v, one = draw.free("other"), draw.var(words.label)
    later = draw.chance(0.5)
    query = lines(
        f"MATCH {draw.named(words, anchor.name, one)}, ({v}:{words.label})",
        f"WHERE {v}.{prop.name} {'>' if later else '<'} {one}.{prop.name}",
        f"RETURN {v}.{words.name}",
    )
    group = draw.group(words, draw.does(prop.more if later else prop.less, anchor.said))
    noun, sign = draw.called_prop(prop), "later" if later else "earlier"
    things = [
        group.many(draw.rng),
        f"{group.noun.many} whose {noun} is {sign} than that of {anchor.said}",
    ]
    return Draft(query, Phrases(things, [group.which(draw.rng)]))


def days_between(draw: Draw) -> Draft:
    """Days between two dates of a node, or between a node's and its relationship's."""
    hop = draw.hop(
        wanted=lambda h: (
            bool(draw.domain.properties(h.near.label, dates))
            and bool(draw.domain.properties(h.far.label, dates))
        )
    )
    one, two = draw.prop(hop.near, dates), draw.prop(hop.far, dates)
    anchor = draw.anchor(hop.far, list(draw.domain.reached(hop.back())))
    v, far = draw.var(hop.near.label), draw.var(hop.far.label)
    match = pattern(draw, f"({v}:{hop.near.label})", hop, draw.named(hop.far, anchor.name, far))
    query = lines(
        f"MATCH {match}",
        f"RETURN {once(draw, hop)}{v}.{hop.near.name}, "
        f"duration.inDays({far}.{two.name}, {v}.{one.name}).days AS days",
    )
    group = draw.group(hop.near, draw.does(hop.near_does, anchor.said))
    nouns = f"from the {two.nouns[0]} of {anchor.said} to their own {one.nouns[0]}"
    tails = [
        f", with the number of days {nouns}",
        f". Also give the days {nouns}",
        f", and how many days it was {nouns}",
    ]
    return Draft(query, Phrases([group.many(draw.rng)], [group.which(draw.rng)], tails))


def days_of_node(draw: Draw) -> Draft:
    """Days between the dates of two named nodes."""
    words = draw.label_with(dates)
    prop = draw.prop(words, dates)
    have = [n for n in draw.domain.named(words.label) if draw.domain.value(n, prop.name)]
    one, two = draw.anchor(words, have), draw.anchor(words, have)
    if str(draw.domain.value(one.node, prop.name)) >= str(draw.domain.value(two.node, prop.name)):
        raise Impossible
    a, b = draw.free("first"), draw.free("second")
    query = lines(
        f"MATCH {draw.named(words, one.name, a)}, {draw.named(words, two.name, b)}",
        f"RETURN duration.inDays({a}.{prop.name}, {b}.{prop.name}).days AS days",
    )
    noun = draw.called_prop(prop)
    things = [
        f"number of days from the {noun} of {one.said} to that of {two.said}",
        f"days between the {noun} of {one.said} and that of {two.said}",
    ]
    asks = [
        f"how many days after the {noun} of {one.said} was that of {two.said}",
        f"how many days lie between the {noun} of {one.said} and the {noun} of {two.said}",
    ]
    return Draft(query, Phrases(things, asks, many=False))


def before_relationship(draw: Draw) -> Draft:
    """Relationships that a date of their own puts in a period, with one end named."""
    hop = draw.hop(wanted=lambda h: any(dated(p) for p in h.words.properties.values()))
    prop = draw.pick([p for p in hop.words.properties.values() if dated(p)])
    anchor = draw.anchor(hop.far, list(draw.domain.reached(hop.back())))
    v, r = draw.var(hop.near.label), draw.free("r")
    found = day(draw, of_edge(draw, hop, r), prop)
    far = draw.named(hop.far, anchor.name)
    query = lines(
        f"MATCH {pattern(draw, f'({v}:{hop.near.label})', hop, far, r)}",
        f"WHERE {found.text}",
        f"RETURN DISTINCT {v}.{hop.near.name}",
    )
    group = draw.group(hop.near, draw.does(hop.near_does, anchor.said))
    noun = draw.link(hop).many
    tails = [
        f", counting only {noun} that {found.does}",
        f" ({noun} that {found.does} only)",
        f". Only {noun} that {found.does} count",
    ]
    return Draft(query, Phrases([group.many(draw.rng)], [group.which(draw.rng)], tails))


def latest_relationship(draw: Draw) -> Draft:
    """For each node, the first or last date of its relationships."""
    # between two labels: else which end is meant would not be said
    hop = draw.hop(
        wanted=lambda h: h.near != h.far and any(dated(p) for p in h.words.properties.values())
    )
    prop = draw.pick([p for p in hop.words.properties.values() if dated(p)])
    v, r = draw.var(hop.near.label), draw.free("r")
    last = draw.chance(0.5)
    alias = camel(f"{'last' if last else 'first'} {prop.name}")
    columns = [(f"{'max' if last else 'min'}({r}.{prop.name})", alias)]
    match = pattern(draw, f"({v}:{hop.near.label})", hop, f"(:{hop.far.label})", r)
    query = lines(f"MATCH {match}", draw.returned(v, hop.near, columns))
    near, noun, what = draw.noun(hop.near), draw.called_prop(prop), draw.link(hop)
    word = draw.pick(["latest", "last", "most recent"] if last else ["earliest", "first"])
    far = draw.noun(hop.far)
    things = [
        f"{word} {noun} among the {what.many} of each {near.one} with any {far.one}",
        f"{word} {noun} of a {what.one} with a {far.one} per {near.one}",
    ]
    return Draft(query, Phrases(things, be="is"))


def newest_relationship(draw: Draw) -> Draft:
    """The few latest relationships with both ends."""
    hop = draw.hop(
        wanted=lambda h: h.near != h.far and any(dated(p) for p in h.words.properties.values())
    )
    prop = draw.pick([p for p in hop.words.properties.values() if dated(p)])
    v, far, r = draw.var(hop.near.label), draw.var(hop.far.label), draw.free("r")
    last, count = draw.chance(0.6), draw.pick([1, 2, 3, 5])
    match = pattern(draw, f"({v}:{hop.near.label})", hop, f"({far}:{hop.far.label})", r)
    query = lines(
        f"MATCH {match}",
        f"WHERE {r}.{prop.name} IS NOT NULL",
        f"RETURN {v}.{hop.near.name}, {far}.{hop.far.name}, {r}.{prop.name}",
        f"ORDER BY {r}.{prop.name}" + (" DESC" if last else ""),
        f"LIMIT {count}",
    )
    noun, what = draw.called_prop(prop), draw.link(hop)
    word = "latest" if last else "earliest"
    head = (
        f"{what.one} with the {word} {noun}"
        if count == 1
        else f"{count} {what.many} with the {word} {noun}"
    )
    names = f"{draw.noun(hop.near).one}, {draw.noun(hop.far).one} and {noun}"
    order = "" if count == 1 else f", {word} first"
    tails = [f": {names}{order}", f". Show {names}{order}", f" ({names}{order})"]
    verb = "is" if count == 1 else "are"
    return Draft(query, Phrases([head], [f"which {verb} the {head}"], tails, many=count > 1))


def same_year(draw: Draw) -> Draft:
    """The others whose date falls into the same year as a named node's."""
    words = draw.label_with(dated)
    prop = draw.prop(words, dated)
    have = [n for n in draw.domain.named(words.label) if draw.domain.value(n, prop.name)]
    anchor = draw.anchor(words, have)
    one, v = draw.var(words.label), draw.free("other")
    unit = draw.pick(["year", "year", "month"])
    query = lines(
        f"MATCH {draw.named(words, anchor.name, one)}, ({v}:{words.label})",
        f"WHERE {v} <> {one} AND {v}.{prop.name}.{unit} = {one}.{prop.name}.{unit}",
        f"RETURN {v}.{words.name}",
    )
    noun, many = draw.called_prop(prop), draw.noun(words).many
    month = ", of whatever year" if unit == "month" else ""
    things = [f"other {many} with a {noun} in the same {unit} as {anchor.said}{month}"]
    asks = [f"which other {many} have their {noun} in the same {unit} as {anchor.said}{month}"]
    return Draft(query, Phrases(things, asks))


FAMILIES = (
    Family("in-period", in_period, 2, ("temporal", "filter")),
    Family("per-year", per_year, 3, ("temporal", "aggregation")),
    Family("earlier-than-other", earlier_than_other, 3, ("temporal", "filter")),
    Family("days-between", days_between, 4, ("temporal", "match")),
    Family("days-of-two", days_of_node, 3, ("temporal",)),
    Family("relationship-in-period", before_relationship, 3, ("temporal", "match", "filter")),
    Family("latest-relationship", latest_relationship, 3, ("temporal", "aggregation")),
    Family("newest-relationship", newest_relationship, 3, ("temporal", "match", "ordering")),
    Family("same-year", same_year, 4, ("temporal", "filter")),
)
