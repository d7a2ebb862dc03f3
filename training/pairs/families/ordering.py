"""Orders, tops and the n-th of an order; a LIMIT only where nothing ties at the cut.

Knows nothing of how ties are found: the check of the pair does that.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from training.pairs.conditions import condition, filtered, of_label
from training.pairs.cyphertext import camel
from training.pairs.draw import Draft, Impossible, lines, where
from training.pairs.families.basics import grouped
from training.pairs.families.connections import pattern
from training.pairs.families.counting import aggregate, averaged
from training.pairs.family import Family
from training.pairs.grammar import Group, number, plural, singular
from training.pairs.phrasing import Phrases

if TYPE_CHECKING:
    from training.pairs.draw import Draw
    from training.pairs.forms import Noun
    from training.pairs.lexicon import LabelWords, PropertyWords

ORDINALS = ("first", "second", "third", "fourth", "fifth")


def ranked(prop: PropertyWords) -> bool:
    """Something that nodes can be put in an order by."""
    return prop.kind == "date" or (prop.kind == "number" and prop.scale != "code")


def top_phrase(draw: Draw, prop: PropertyWords, *, most: bool) -> tuple[str, str]:
    """What stands before the noun, and what after it: ("tallest", "") or ("", "with the highest
    weight")."""
    adjectives = prop.most if most else prop.least
    if adjectives and draw.chance(0.75):
        return draw.pick(adjectives), ""
    noun = draw.called_prop(prop)
    if prop.kind == "date" or prop.scale == "year":
        return "", f"with the {'latest' if most else 'earliest'} {noun}"
    return "", f"with the {'highest' if most else 'lowest'} {noun}"


def order_phrase(draw: Draw, prop: PropertyWords, *, most: bool) -> str:
    """``tallest first``."""
    noun = draw.called_prop(prop)
    if prop.kind == "date" or prop.scale == "year":
        return draw.pick(
            [f"latest {noun} first", f"newest to oldest by {noun}", f"by {noun}, latest first"]
            if most
            else [f"earliest {noun} first", f"by {noun}, earliest first", f"in order of {noun}"]
        )
    adjectives = prop.most if most else prop.least
    words = [f"{adjective} first" for adjective in adjectives]
    words += (
        [f"highest {noun} first", f"sorted by {noun}, descending", f"from the highest {noun} down"]
        if most
        else [f"lowest {noun} first", f"sorted by {noun}, ascending", f"from the lowest {noun} up"]
    )
    return draw.pick(words)


def _top(draw: Draw, noun: Noun, count: int, prop: PropertyWords, *, most: bool) -> str:
    """The noun phrase for the first ``count``."""
    before, after = top_phrase(draw, prop, most=most)
    if count == 1:
        return f"{before} {noun.one} {after}".strip()
    return f"{number(count, draw.rng)} {before} {noun.many} {after}".strip()


def top(draw: Draw) -> Draft:
    """The first few by a property, over all nodes or those that meet a condition."""
    words = draw.label_with(ranked)
    prop = draw.prop(words, ranked)
    v, noun = draw.var(words.label), draw.noun(words)
    most, count = draw.chance(0.6), draw.pick([1, 1, 2, 3, 3, 4, 5, 5, 10])
    node, texts, among = f"({v}:{words.label})", list[str](), ""
    tags: tuple[str, ...] = ("temporal",) if prop.kind == "date" else ()
    if draw.chance(0.6):
        found = condition(draw, of_label(draw, words, v))
        if found.prop == prop:
            raise Impossible
        node, texts = filtered(words, v, [found])
        tags = (*tags, "filter", *found.tags)
        among = f" among the {Group(noun, words.person, (found.does,)).many(draw.rng)}"
    shown = draw.chance(0.45)
    query = lines(
        f"MATCH {node}",
        where([*texts, f"{v}.{prop.name} IS NOT NULL"]),
        f"RETURN {v}.{words.name}" + (f", {v}.{prop.name}" if shown else ""),
        f"ORDER BY {v}.{prop.name}" + (" DESC" if most else ""),
        f"LIMIT {count}",
    )
    head = _top(draw, noun, count, prop, most=most) + among
    ask = f"{'who' if words.person else 'which'} {'are' if count > 1 else 'is'} the {head}"
    order = order_phrase(draw, prop, most=most) if count > 1 else ""
    tails = _top_tails(draw, words, prop, order) if shown else [f", {order}" if order else ""]
    return Draft(query, Phrases([head], [ask], tails, many=count > 1), tags)


def _top_tails(draw: Draw, words: LabelWords, prop: PropertyWords, order: str) -> list[str]:
    """Asking for the property too, and for the order if there is one."""
    called = draw.called_prop(prop)
    own = "their" if order or words.person else "its"
    then = f", {order}" if order else ""
    return [
        f", and {own} {called}{then}",
        f" with {own} {called}{then}",
        f". Show the {called} too{then}",
    ]


def nth(draw: Draw) -> Draft:
    """The second, third … of an order."""
    words = draw.label_with(ranked)
    prop = draw.prop(words, ranked)
    v = draw.var(words.label)
    most, place = draw.chance(0.6), draw.pick([2, 2, 3, 4, 5])
    shown = draw.chance(0.4)
    query = lines(
        f"MATCH ({v}:{words.label})",
        f"WHERE {v}.{prop.name} IS NOT NULL",
        f"RETURN {v}.{words.name}" + (f", {v}.{prop.name}" if shown else ""),
        f"ORDER BY {v}.{prop.name}" + (" DESC" if most else ""),
        f"SKIP {place - 1}",
        "LIMIT 1",
    )
    before, after = top_phrase(draw, prop, most=most)
    ordinal, noun = ORDINALS[place - 1], draw.noun(words)
    if before:
        head = f"{ordinal} {before} {noun.one}"
    else:
        head = f"{noun.one} {after.replace('with the ', f'with the {ordinal} ')}"
    called = draw.called_prop(prop)
    tails = (
        [f", and the {called}", f" with the {called}", f". Give the {called} as well"]
        if shown
        else [""]
    )
    ask = f"{'who' if words.person else 'which'} is the {head}"
    tags = ("temporal",) if prop.kind == "date" else ()
    return Draft(query, Phrases([head], [ask], tails, many=False), tags)


def sorted_list(draw: Draw) -> Draft:
    """All that meet a condition, in an order."""
    words = draw.label_with(ranked)
    prop = draw.prop(words, ranked)
    v = draw.var(words.label)
    found = condition(draw, of_label(draw, words, v))
    if found.prop != prop and not draw.domain.complete(words.label, prop.name):
        raise Impossible
    if found.inline is not None and found.prop == prop:
        raise Impossible
    node, texts = filtered(words, v, [found])
    most, shown = draw.chance(0.5), draw.chance(0.5)
    query = lines(
        f"MATCH {node}",
        where(texts),
        f"RETURN {v}.{words.name}" + (f", {v}.{prop.name}" if shown else ""),
        f"ORDER BY {v}.{prop.name}" + (" DESC" if most else ""),
    )
    order, called = order_phrase(draw, prop, most=most), draw.called_prop(prop)
    group = draw.group(words, found.does)
    tails = [f", {order}", f", {order}", f". {order[:1].upper()}{order[1:]}"]
    if shown:
        tails = [
            f" and their {called}, {order}",
            f", with {called}, {order}",
            f". Show the {called} too, {order}",
        ]
    tags = ("temporal",) if prop.kind == "date" else ()
    says = Phrases([group.many(draw.rng)], [group.which(draw.rng)], tails)
    return Draft(query, says, (*tags, *found.tags))


def by_name(draw: Draw) -> Draft:
    """The neighbours of a named node, in alphabetical order."""
    hop = draw.hop()
    if draw.domain.repeats(hop):
        raise Impossible
    anchor = draw.anchor(hop.far, draw.domain.rich(hop.back(), 2))
    v, name = draw.var(hop.near.label), hop.near.name
    match = pattern(draw, f"({v}:{hop.near.label})", hop, draw.named(hop.far, anchor.name))
    down = draw.chance(0.25)
    query = lines(
        f"MATCH {match}", f"RETURN {v}.{name}", f"ORDER BY {v}.{name}" + (" DESC" if down else "")
    )
    noun = hop.near.properties[name].nouns[0]
    order = [
        "in alphabetical order",
        f"sorted by {noun}",
        "from A to Z",
        f"alphabetically by {noun}",
    ]
    if down:
        order = ["from Z to A", f"sorted by {noun}, descending", "in reverse alphabetical order"]
    group = draw.group(hop.near, draw.does(hop.near_does, anchor.said))
    tails = [f", {phrase}" for phrase in order]
    return Draft(query, Phrases([group.many(draw.rng)], [group.which(draw.rng)], tails))


def top_by_count(draw: Draw) -> Draft:
    """The nodes with the most neighbours."""
    hop = draw.hop()
    count = draw.pick([1, 1, 2, 3, 5])
    v, far = draw.var(hop.near.label), draw.var(hop.far.label)
    alias = draw.free(camel(hop.far.nouns[0].many))
    inside = f"DISTINCT {far}" if draw.domain.repeats(hop) else far
    match = pattern(draw, f"({v}:{hop.near.label})", hop, f"({far}:{hop.far.label})")
    shown = draw.chance(0.5)
    query = lines(
        f"MATCH {match}",
        f"WITH {v}, count({inside}) AS {alias}",
        f"RETURN {v}.{hop.near.name}" + (f", {alias}" if shown else ""),
        f"ORDER BY {alias} DESC",
        f"LIMIT {count}",
    )
    what = draw.noun(hop.far)
    most = f"the most {'different ' if inside != far else ''}{what.many}"
    group = Group(draw.noun(hop.near), hop.near.person, (draw.does(hop.near_does, most),))
    says = _most(draw, group, what.many, count, shown=shown)
    return Draft(query, says)


def _most(draw: Draw, group: Group, what: str, count: int, *, shown: bool) -> Phrases:
    """The one, or the few, with the most of something, and with how many of it."""
    if count == 1:
        who = "who" if group.person else f"which {group.noun.one}"
        asks = [f"{who} {singular(group.does[0])}"]
        tails = [f", and how many {what} that is", f", and the number of {what}"]
        tails += [f". Add the number of {what}", f" (and the number of {what})"]
        return Phrases([group.one(draw.rng)], asks, tails if shown else [""], many=False)
    spelled = number(count, draw.rng)
    things = [f"{spelled} {group.many(draw.rng)}", f"top {count} {group.many(draw.rng)}"]
    tails = [", the one with the most first", ", in descending order of that"]
    if shown:
        tails = [f", with the number of {what}, highest first"]
        tails += [f", and how many {what} each, from most to fewest"]
    return Phrases(things, [f"which {spelled} {group.noun.many} {group.does[0]}"], tails)


def top_category(draw: Draw) -> Draft:
    """The values of a category that most nodes have."""
    words = draw.label_with(grouped)
    prop = draw.prop(words, grouped)
    v = draw.var(words.label)
    count = draw.pick([1, 1, 2, 3])
    alias = draw.free(camel(words.nouns[0].many))
    conditions = draw.present(words, prop, v)
    few = draw.chance(0.3)
    query = lines(
        f"MATCH ({v}:{words.label})",
        where(conditions),
        f"RETURN {v}.{prop.name}, count({v}) AS {alias}",
        f"ORDER BY {alias}" + ("" if few else " DESC"),
        f"LIMIT {count}",
    )
    noun, what = draw.called_prop(prop), draw.noun(words)
    rare = ["rarest", "least common"] if few else ["most common", "most frequent"]
    head = (
        f"{draw.pick(rare)} {noun}"
        if count == 1
        else f"{number(count, draw.rng)} {draw.pick(rare)} {plural(noun)}"
    )
    order = "fewest first" if few else "most first"
    tails = (
        [f", with the number of {what.many}", f", and how many {what.many} that is"]
        if count == 1
        else [
            f", with the number of {what.many} of each, {order}",
            f" and how many {what.many} each has, {order}",
        ]
    )
    things = [f"{head} among the {what.many}", f"{head} of all {what.many}"]
    verb = "is" if count == 1 else "are"
    return Draft(
        query, Phrases(things, [f"what {verb} the {head} among {what.many}"], tails, many=count > 1)
    )


def top_by_average(draw: Draw) -> Draft:
    """The nodes whose neighbours have the highest average, or total, of a property."""
    hop = draw.hop(
        wanted=lambda h: (
            bool(draw.domain.properties(h.far.label, averaged)) and not draw.domain.repeats(h)
        )
    )
    prop = draw.prop(hop.far, averaged)
    v, far = draw.var(hop.near.label), draw.var(hop.far.label)
    expression, alias, noun = aggregate(draw, prop, f"{far}.{prop.name}", ("avg", "sum"))
    count = draw.pick([1, 2, 3, 5])
    match = pattern(draw, f"({v}:{hop.near.label})", hop, f"({far}:{hop.far.label})")
    conditions = draw.present(hop.far, prop, far)
    query = lines(
        f"MATCH {match}",
        where(conditions),
        f"WITH {v}, {expression} AS {alias}",
        f"RETURN {v}.{hop.near.name}, {alias}",
        f"ORDER BY {alias} DESC",
        f"LIMIT {count}",
    )
    near, what = draw.noun(hop.near), draw.noun(hop.far)
    own = "them" if hop.near.person or count > 1 else "it"
    per = f"{noun} of the {what.many} that {draw.does(hop.far_does, own)}"
    if count == 1:
        ask = f"which {near.one} has the highest {per}"
        tails = [f", and that {noun}", f". Show the {noun} as well"]
        says = Phrases([f"{near.one} with the highest {per}"], [ask], tails, many=False)
        return Draft(query, says)
    spelled = number(count, draw.rng)
    things = [
        f"{spelled} {near.many} with the highest {per}",
        f"top {count} {near.many} by the {per}",
    ]
    tails = [", with the value, highest first", f", together with the {noun}, in descending order"]
    return Draft(
        query, Phrases(things, [f"which {spelled} {near.many} have the highest {per}"], tails)
    )


def nearest_of(draw: Draw) -> Draft:
    """The top one by a property among the neighbours of a named node."""
    hop = draw.hop(wanted=lambda h: bool(draw.domain.properties(h.near.label, ranked)))
    prop = draw.prop(hop.near, ranked)
    if draw.domain.repeats(hop):
        raise Impossible
    anchor = draw.anchor(hop.far, draw.domain.rich(hop.back(), 2))
    v, most = draw.var(hop.near.label), draw.chance(0.6)
    match = pattern(draw, f"({v}:{hop.near.label})", hop, draw.named(hop.far, anchor.name))
    query = lines(
        f"MATCH {match}",
        f"WHERE {v}.{prop.name} IS NOT NULL",
        f"RETURN {v}.{hop.near.name}",
        f"ORDER BY {v}.{prop.name}" + (" DESC" if most else ""),
        "LIMIT 1",
    )
    noun = draw.noun(hop.near)
    head = _top(draw, noun, 1, prop, most=most)
    rest = Group(noun, hop.near.person, (draw.does(hop.near_does, anchor.said),))
    things = [f"{head} among the {rest.many(draw.rng)}", f"{head} of all {rest.many(draw.rng)}"]
    asks = [
        f"{'who' if hop.near.person else 'which'} is the {things[0]}",
        f"of the {rest.many(draw.rng)}, which is the {head}",
    ]
    tags = ("temporal",) if prop.kind == "date" else ()
    return Draft(query, Phrases(things, asks, many=False), tags)


FAMILIES = (
    Family("top", top, 2, ("match", "ordering")),
    Family("nth", nth, 3, ("match", "ordering")),
    Family("sorted-list", sorted_list, 2, ("match", "filter", "ordering")),
    Family("by-name", by_name, 1, ("match", "ordering")),
    Family("top-by-count", top_by_count, 3, ("aggregation", "ordering")),
    Family("top-category", top_category, 3, ("aggregation", "ordering")),
    Family("top-by-average", top_by_average, 4, ("aggregation", "ordering")),
    Family("nearest-of", nearest_of, 3, ("match", "ordering")),
)
