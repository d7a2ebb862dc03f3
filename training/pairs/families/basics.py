"""One node or one label: look up, filter, count, list values.

Knows nothing of relationships.
"""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from training.pairs.conditions import condition, filtered, of_label
from training.pairs.cyphertext import literal
from training.pairs.draw import Draft, Impossible, lines, where
from training.pairs.family import Family
from training.pairs.grammar import joined, plural
from training.pairs.phrasing import Phrases

if TYPE_CHECKING:
    from training.pairs.draw import Draw
    from training.pairs.lexicon import LabelWords, PropertyWords

KINDS = ("number", "date", "string", "boolean", "list")


def shown(words: PropertyWords) -> bool:
    """A property that one can ask the value of."""
    return words.kind not in {"name", "boolean"}


def grouped(words: PropertyWords) -> bool:
    """A text that several nodes share."""
    return words.sort == "category"


def lookup(draw: Draw) -> Draft:
    """A property of a node."""
    words = draw.label_with(shown)
    prop = draw.prop(words, shown)
    have = [n for n in draw.domain.named(words.label) if draw.domain.value(n, prop.name)]
    anchor = draw.anchor(words, have)
    v = draw.var(words.label)
    query = lines(f"MATCH {draw.named(words, anchor.name, v)}", f"RETURN {v}.{prop.name}")
    noun = draw.called_prop(prop)
    asks = [ask.format(anchor.said) for ask in prop.ask]
    things = [f"{noun} of {anchor.said}", f"{noun} for {anchor.said}"]
    return Draft(query, Phrases(things, asks, many=prop.kind == "list"))


def lookup_several(draw: Draw) -> Draft:
    """Two or three properties of a node."""
    words = draw.label(lambda w: len(draw.domain.properties(w.label, shown)) > 1)
    props = draw.domain.properties(words.label, shown)
    props = draw.pick_several(props, draw.pick([2, 2, min(3, len(props))]))
    have = draw.domain.named(words.label)
    have = [n for n in have if all(draw.domain.value(n, p.name) is not None for p in props)]
    anchor = draw.anchor(words, have)
    v = draw.var(words.label)
    columns = ", ".join(f"{v}.{prop.name}" for prop in props)
    query = lines(f"MATCH {draw.named(words, anchor.name, v)}", f"RETURN {columns}")
    nouns = joined([draw.called_prop(prop) for prop in props])
    things = [f"{nouns} of {anchor.said}", f"{nouns} on record for {anchor.said}"]
    return Draft(query, Phrases(things, [f"what do we know of the {nouns} of {anchor.said}"]))


def one_condition(draw: Draw) -> Draft:
    """The nodes for which something holds."""
    words = draw.label_with(lambda prop: prop.kind in KINDS)
    v = draw.var(words.label)
    found = condition(draw, of_label(draw, words, v))
    return _listing(draw, words, v, [found], found.tags)


def two_conditions(draw: Draw) -> Draft:
    """Two conditions, both or either."""
    words = draw.label(
        lambda w: len(draw.domain.properties(w.label, lambda p: p.kind in KINDS)) > 1
    )
    v = draw.var(words.label)
    source = of_label(draw, words, v)
    first, second = condition(draw, source), condition(draw, source)
    if first.prop == second.prop:
        raise Impossible
    if draw.chance(0.65):
        return _listing(draw, words, v, [first, second], (*first.tags, *second.tags))
    group = replace(draw.group(words, first.does, second.does), word="or")
    both = " OR ".join(f"({c.text})" if " AND " in c.text else c.text for c in (first, second))
    query = lines(f"MATCH ({v}:{words.label})", f"WHERE {both}", f"RETURN {v}.{words.name}")
    says = Phrases([group.many(draw.rng)], [group.which(draw.rng)])
    return Draft(query, says, (*first.tags, *second.tags))


def with_columns(draw: Draw) -> Draft:
    """A condition, and more columns than the name."""
    words = draw.label(lambda w: len(draw.domain.properties(w.label, shown)) > 1)
    v = draw.var(words.label)
    found = condition(draw, of_label(draw, words, v))
    others = draw.domain.properties(words.label, lambda p: shown(p) and p != found.prop)
    props = draw.pick_several(others, draw.pick([1, 1, min(2, len(others))]))
    node, texts = filtered(words, v, [found])
    columns = ", ".join(f"{v}.{prop.name}" for prop in props)
    query = lines(f"MATCH {node}", where(texts), f"RETURN {v}.{words.name}, {columns}")
    group = draw.group(words, found.does)
    tails = draw.with_columns(words, [draw.called_prop(prop) for prop in props])
    says = Phrases([group.many(draw.rng)], [group.which(draw.rng)], tails)
    return Draft(query, says, found.tags)


def _listing(draw: Draw, words: LabelWords, v: str, found: list, tags: tuple[str, ...]) -> Draft:  # type: ignore[type-arg]
    node, texts = filtered(words, v, found)
    query = lines(f"MATCH {node}", where(texts), f"RETURN {v}.{words.name}")
    group = draw.group(words, *[c.does for c in found])
    name = words.properties[words.name].nouns[0]
    things = [
        group.many(draw.rng),
        group.many(draw.rng),
        f"{plural(name)} of {group.many(draw.rng)}",
    ]
    return Draft(query, Phrases(things, [group.which(draw.rng)]), tags)


def absent(draw: Draw) -> Draft:
    """The nodes that lack a property."""
    words = draw.label_with(lambda p: shown(p) and not _complete(draw, p))
    props = draw.domain.properties(words.label, shown)
    prop = draw.pick([p for p in props if not draw.domain.complete(words.label, p.name)])
    v = draw.var(words.label)
    query = lines(
        f"MATCH ({v}:{words.label})", f"WHERE {v}.{prop.name} IS NULL", f"RETURN {v}.{words.name}"
    )
    noun = draw.called_prop(prop)
    group = draw.group(words, f"have no {noun} on record")
    many = group.noun.many
    things = [
        group.many(draw.rng),
        f"{many} without any {noun}",
        f"{many} whose {noun} is unknown",
        f"{many} with missing {noun}",
    ]
    asks = [f"for which {many} don't we know the {noun}", f"which {many} lack a {noun}"]
    return Draft(query, Phrases(things, asks))


def _complete(draw: Draw, prop: PropertyWords) -> bool:
    return all(
        draw.domain.complete(words.label, prop.name)
        for words in draw.domain.labels()
        if words.properties.get(prop.name) == prop
    )


def count_nodes(draw: Draw) -> Draft:
    """How many nodes meet a condition."""
    words = draw.label_with(lambda prop: prop.kind in KINDS)
    v = draw.var(words.label)
    found = condition(draw, of_label(draw, words, v))
    node, texts = filtered(words, v, [found])
    alias = draw.free(words.nouns[0].many.split()[-1])
    query = lines(f"MATCH {node}", where(texts), f"RETURN count({v}) AS {alias}")
    group = draw.group(words, found.does)
    things = [f"number of {group.many(draw.rng)}", f"count of {group.many(draw.rng)}"]
    return Draft(query, Phrases(things, [group.how_many(draw.rng)] * 2, many=False), found.tags)


def distinct_values(draw: Draw) -> Draft:
    """The different values of a category."""
    words = draw.label_with(grouped)
    prop = draw.prop(words, grouped)
    v = draw.var(words.label)
    conditions = [f"{v}.{prop.name} IS NOT NULL"]
    if draw.domain.complete(words.label, prop.name):
        conditions = []
    group, node = draw.group(words), f"({v}:{words.label})"
    if draw.chance(0.6):
        found = condition(draw, of_label(draw, words, v))
        if found.prop == prop:
            raise Impossible
        group = group.narrowed(found.does)
        node, texts = filtered(words, v, [found])
        conditions += texts
    query = lines(f"MATCH {node}", where(conditions), f"RETURN DISTINCT {v}.{prop.name}")
    nouns, many = plural(draw.called_prop(prop)), group.many(draw.rng)
    things = [f"different {nouns} of {many}", f"{nouns} that occur among {many}, each once"]
    asks = [f"which different {nouns} do {many} have", f"what {nouns} are there among {many}"]
    return Draft(query, Phrases(things, asks))


def one_of_names(draw: Draw) -> Draft:
    """A property of two or three named nodes."""
    words = draw.label_with(shown)
    prop = draw.prop(words, shown)
    anchors = [draw.anchor(words) for _ in range(draw.pick([2, 3]))]
    names = sorted({anchor.name for anchor in anchors})
    if len(names) < len(anchors):
        raise Impossible
    v = draw.var(words.label)
    query = lines(
        f"MATCH ({v}:{words.label})",
        f"WHERE {v}.{words.name} IN [{', '.join(literal(name) for name in names)}]",
        f"RETURN {v}.{words.name}, {v}.{prop.name}",
    )
    listed = joined([draw.pick(words.called).format(name) for name in names])
    name = words.properties[words.name].nouns[0]
    noun = draw.called_prop(prop)
    things = [f"{name} and {noun} of {listed}", f"{noun} of each of {listed}, beside the {name}"]
    return Draft(query, Phrases(things))


FAMILIES = (
    Family("lookup", lookup, 1, ("match",)),
    Family("lookup-several", lookup_several, 1, ("match",)),
    Family("one-condition", one_condition, 1, ("match", "filter")),
    Family("two-conditions", two_conditions, 2, ("match", "filter")),
    Family("with-columns", with_columns, 2, ("match", "filter")),
    Family("absent", absent, 2, ("filter",)),
    Family("count-nodes", count_nodes, 1, ("aggregation", "filter")),
    Family("distinct-values", distinct_values, 2, ("match",)),
    Family("one-of-names", one_of_names, 2, ("match", "filter")),
)
