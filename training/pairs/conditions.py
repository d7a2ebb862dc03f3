"""Conditions on one property: what the query says, what the question says, constants from the data.

Knows nothing of the patterns that they narrow down.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING, cast

from pytest_cypherbench.values import Temporal
from training.pairs.cyphertext import literal, node
from training.pairs.draw import Impossible
from training.pairs.grammar import with_article

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from pytest_cypherbench.values import Value
    from training.pairs.domain import Hop
    from training.pairs.draw import Draw
    from training.pairs.lexicon import LabelWords, PropertyWords

_MANY = 100
_MONTHS = (
    "January", "February", "March", "April", "May", "June", "July", "August", "September",
    "October", "November", "December",
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Condition:
    """``text``: for WHERE; ``does``: the predicate; ``inline``: property and value, for equality
    inside the node's pattern, in which case ``text`` is not needed."""

    prop: PropertyWords
    text: str
    does: str
    tags: tuple[str, ...] = ()
    inline: tuple[str, Value] | None = None


@dataclass(frozen=True, slots=True)
class Source:
    """What has the properties: a label or a relationship, and the variable that stands for it."""

    variable: str
    properties: Mapping[str, PropertyWords]
    values: Callable[[str], list[Value]]
    count: int


def of_label(draw: Draw, words: LabelWords, variable: str) -> Source:
    """The properties of a label's nodes."""
    count = len(draw.domain.of(words.label))
    values = lambda prop: draw.domain.values(words.label, prop)  # noqa: E731
    return Source(variable, words.properties, values, count)


def of_edge(draw: Draw, hop: Hop, variable: str) -> Source:
    """The properties of the relationships that a step takes."""
    count = len(draw.domain.edges(hop))
    values = lambda prop: draw.domain.edge_values(hop, prop)  # noqa: E731
    return Source(variable, hop.words.properties, values, count)


def condition(draw: Draw, source: Source, kinds: Sequence[str] = ()) -> Condition:
    """A condition on some property (of these kinds). Raises Impossible if none can be had."""
    kinds = kinds or ("number", "date", "string", "boolean", "list")
    found = [p for p in source.properties.values() if p.kind in kinds and source.values(p.name)]
    prop = draw.pick([p for p in found if p.kind != "string" or p.sort == "category"])
    makers = {
        "number": number,
        "date": day,
        "string": category,
        "boolean": flag,
        "list": item,
    }
    return makers[prop.kind](draw, source, prop)


def filtered(
    words: LabelWords, variable: str, conditions: Sequence[Condition]
) -> tuple[str, list[str]]:
    """The node's pattern with what can stand inside it, and what goes into WHERE."""
    inside = [c for c in conditions if c.inline is not None][:1]
    prop, value = inside[0].inline or ("", None) if inside else ("", None)
    return node(variable, words.label, prop, value), [c.text for c in conditions if c not in inside]


# ── by kind ──


def threshold(draw: Draw, values: Sequence[Value]) -> float:
    """A number from the middle of the data, often rounded, as a person would give it."""
    numbers = sorted(cast("list[float]", list(values)))
    low, high = len(numbers) // 6, max(len(numbers) - len(numbers) // 6, 1)
    value = draw.pick(numbers[low:high])
    spread = numbers[-1] - numbers[0]
    if spread and draw.chance(0.6):
        size = 10 ** math.floor(math.log10(spread / 4)) if spread > 4 else 1  # noqa: PLR2004
        rounded = round(value / size) * size
        value = rounded if numbers[0] < rounded < numbers[-1] else value
    whole = all(isinstance(number, int) for number in numbers) or value == int(value)
    return int(value) if whole else round(value, 4)


def number(draw: Draw, source: Source, prop: PropertyWords) -> Condition:
    """Above, below, at least, at most, within a range, exactly."""
    values = source.values(prop.name)
    place = f"{source.variable}.{prop.name}"
    if prop.scale == "code":
        value = draw.pick(values)
        does = f"have the {prop.nouns[0]} {literal(value)}"
        return Condition(prop, f"{place} = {literal(value)}", does, inline=(prop.name, value))
    kind = draw.pick(["more", "more", "less", "less", "at_least", "at_most", "range", "exact"])
    if kind == "range":
        return _range(draw, prop, place, values)
    if kind == "exact":
        return _exact(draw, prop, place, values)
    bound = threshold(draw, values)
    said = draw.said(bound, prop)
    noun, plain = with_article(draw.called_prop(prop)), _plain(draw, bound, prop)
    later, earlier = ("later", "earlier") if prop.scale == "year" else ("more", "less")
    sign, does = {
        "more": (">", draw.does(prop.more, said) if prop.more else ""),
        "less": ("<", draw.does(prop.less, said) if prop.less else ""),
        "at_least": (
            ">=",
            draw.pick([f"have {noun} of {plain} or {later}", f"have {noun} of at least {plain}"]),
        ),
        "at_most": (
            "<=",
            draw.pick([f"have {noun} of {plain} or {earlier}", f"have {noun} of at most {plain}"]),
        ),
    }[kind]
    if prop.scale == "year":
        does = does.replace("at least ", "").replace("at most ", "")
        if kind in {"at_least", "at_most"} and not does.endswith(("later", "earlier")):
            does += f" or {later if kind == 'at_least' else earlier}"
    return Condition(prop, f"{place} {sign} {literal(bound)}", does)


def _plain(draw: Draw, value: Value, prop: PropertyWords) -> str:
    """A number after its noun: without a unit that the noun names already."""
    named = prop.unit and prop.unit in prop.nouns[0]
    return (
        f"{value:.6g}"
        if named and isinstance(value, float)
        else str(value)
        if named
        else draw.said(value, prop)
    )


def _range(draw: Draw, prop: PropertyWords, place: str, values: Sequence[Value]) -> Condition:
    low, high = sorted([threshold(draw, values), threshold(draw, values)])
    if low == high:
        raise Impossible
    last = _plain(draw, high, prop)
    ends = f"{low} and {last}"
    noun = with_article(draw.called_prop(prop))
    does = draw.pick(
        [
            f"have {noun} between {ends} inclusive",
            f"have {noun} between {ends}, both included",
            f"have {noun} from {low} to {last}",
        ]
    )
    return Condition(prop, f"{literal(low)} <= {place} <= {literal(high)}", does)


def _exact(draw: Draw, prop: PropertyWords, place: str, values: Sequence[Value]) -> Condition:
    if not all(isinstance(value, int) for value in values):
        raise Impossible
    value = draw.pick(values)
    does = f"have {with_article(draw.called_prop(prop))} of {_plain(draw, value, prop)}"
    return Condition(prop, f"{place} = {literal(value)}", does)


def day(draw: Draw, source: Source, prop: PropertyWords) -> Condition:
    """After or before a day, in a year, in a month of any year, between two days."""
    values = [value for value in source.values(prop.name) if isinstance(value, Temporal)]
    place = f"{source.variable}.{prop.name}"
    kinds = ["year", "year", "month"]
    if prop.type == "date":
        kinds += ["more", "more", "less", "less", "range"]
    kind = draw.pick(kinds)
    ordered = sorted(values, key=lambda value: value.text)
    inner = ordered[len(ordered) // 6 : len(ordered) - len(ordered) // 6] or ordered
    value = draw.pick(inner)
    if kind in {"year", "month"}:
        return _calendar(draw, prop, place, value, month=kind == "month")
    if kind == "range":
        first, last = sorted([value, draw.pick(inner)], key=lambda v: v.text)
        if first == last:
            raise Impossible
        noun = with_article(draw.called_prop(prop))
        ends = f"{draw.said_date(first)} and {draw.said_date(last)}"
        does = f"have {noun} between {ends}, both included"
        return Condition(
            prop, f"{literal(first)} <= {place} <= {literal(last)}", does, ("temporal",)
        )
    sign, words = (">", prop.more) if kind == "more" else ("<", prop.less)
    does = draw.does(words, draw.said_date(value))
    return Condition(prop, f"{place} {sign} {literal(value)}", does, ("temporal",))


def _calendar(
    draw: Draw, prop: PropertyWords, place: str, value: Temporal, *, month: bool
) -> Condition:
    """In one year; in one month of one year or of any."""
    year, number_ = int(value.text[:4]), int(value.text[5:7])
    within = prop.within or (f"have {with_article(prop.nouns[0])} in {{}}",)
    if not month:
        does = draw.does(within, str(year))
        return Condition(prop, f"{place}.year = {year}", does, ("temporal",))
    name = _MONTHS[number_ - 1]
    if draw.chance(0.5):
        does = draw.does(within, f"{name} {year}")
        text = f"{place}.year = {year} AND {place}.month = {number_}"
    else:
        does = draw.does(
            within, draw.pick([f"the month of {name}, whatever the year", f"{name} of any year"])
        )
        text = f"{place}.month = {number_}"
    return Condition(prop, text, does, ("temporal",))


def category(draw: Draw, source: Source, prop: PropertyWords) -> Condition:
    """One value, one of two, or another one than that."""
    place = f"{source.variable}.{prop.name}"
    distinct = sorted({value for value in source.values(prop.name) if isinstance(value, str)})
    kind = draw.pick(["is", "is", "is", "other", "in"])
    noun = draw.called_prop(prop)
    if kind == "is":
        value = draw.pick(distinct)
        return equal(draw, source, prop, value)
    if kind == "other":
        value = draw.pick(distinct)
        said = draw.said(value, prop)
        does = f"have a {noun} other than {said}"
        return Condition(prop, f"{place} <> {literal(value)}", does)
    two = draw.pick_several(distinct, 2)
    ends = " or ".join(draw.said(value, prop) for value in two)
    listed = ", ".join(map(literal, two))
    words = (*prop.equal, f"have the {noun} {{}}")
    return Condition(prop, f"{place} IN [{listed}]", draw.does(words, ends))


def equal(draw: Draw, source: Source, prop: PropertyWords, value: str) -> Condition:
    """Exactly that text."""
    words = prop.equal or ("have the {noun} {}",)
    words = (*words, "have {} as {noun}") if not prop.equal or draw.chance(0.2) else words
    chosen = draw.pick(words).replace("{noun}", draw.called_prop(prop))
    text = f"{source.variable}.{prop.name} = {literal(value)}"
    return Condition(prop, text, chosen.format(draw.said(value, prop)), inline=(prop.name, value))


def flag(draw: Draw, source: Source, prop: PropertyWords) -> Condition:
    """True or false; false only where nothing is absent, for "not so" might mean that too."""
    place = f"{source.variable}.{prop.name}"
    values = source.values(prop.name)
    if draw.chance(0.6) or len(values) < source.count:
        return Condition(prop, place, draw.pick(prop.yes))
    return Condition(prop, f"NOT {place}", draw.pick(prop.no))


def item(draw: Draw, source: Source, prop: PropertyWords) -> Condition:
    """An item that the list has."""
    lists = cast("list[list[str]]", source.values(prop.name))
    value = draw.pick(sorted({found for values in lists for found in values}))
    does = draw.does(prop.has, draw.said(value, prop))
    text = f"{literal(value)} IN {source.variable}.{prop.name}"
    return Condition(prop, text, does, ("list",))
