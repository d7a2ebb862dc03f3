"""One try to make a pair: random choices from a domain, variables, and how choices are spoken of.

Knows nothing of which patterns there are. What cannot be chosen raises Impossible.
"""

from __future__ import annotations

import math
from dataclasses import dataclass, field
from datetime import date
from typing import TYPE_CHECKING, NamedTuple, TypeVar

from pytest_cypherbench.values import Temporal
from training.pairs import cyphertext
from training.pairs.grammar import Group, chance, joined

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from random import Random

    from pytest_cypherbench.values import Value
    from training.pairs.domain import Domain, Hop
    from training.pairs.forms import Noun
    from training.pairs.lexicon import LabelWords, PropertyWords
    from training.pairs.phrasing import Phrases

T = TypeVar("T")


class Impossible(Exception):  # noqa: N818 - no error: the next try may do
    """This domain, or this choice, does not allow the pattern."""


@dataclass(frozen=True, slots=True)
class Draft:
    """A pair before it is checked. ``same``: queries of other readings of the question, which must
    return the same rows; ``harder``: what the choices add to the family's difficulty."""

    query: str
    says: Phrases
    tags: tuple[str, ...] = ()
    harder: int = 0
    same: tuple[str, ...] = ()


class Anchor(NamedTuple):
    """A node of the data that the question names."""

    node: int
    name: str
    said: str


@dataclass(slots=True)
class Draw:
    """The state of one try; ``constants`` are the texts that the question spells as the data."""

    domain: Domain
    rng: Random
    constants: list[str] = field(default_factory=list)
    _variables: set[str] = field(default_factory=set)
    _style: int = 0

    def pick(self, options: Sequence[T]) -> T:
        """One of them. Raises Impossible if there is none."""
        if not options:
            raise Impossible
        return self.rng.choice(options)

    def pick_several(self, options: Sequence[T], count: int) -> list[T]:
        """That many different ones. Raises Impossible if there are fewer."""
        if len(options) < count:
            raise Impossible
        return self.rng.sample(options, count)

    def chance(self, share: float) -> bool:
        """True in that share of all calls."""
        return chance(self.rng, share)

    def split_by_average(self, values: Sequence[Value]) -> None:
        """Raise Impossible if a number is the average: engines round it to either side."""
        numbers = [value for value in values if isinstance(value, int | float)]
        if not numbers or any(math.isclose(n, sum(numbers) / len(numbers)) for n in numbers):
            raise Impossible

    # ── labels, steps, properties ──

    def label(self, wanted: Callable[[LabelWords], bool] = lambda _: True) -> LabelWords:
        """A label that has nodes."""
        return self.pick([words for words in self.domain.labels() if wanted(words)])

    def hop(
        self, near: LabelWords | None = None, wanted: Callable[[Hop], bool] = lambda _: True
    ) -> Hop:
        """A step from that label, or from any."""
        hops = self.domain.hops(near.label if near else None)
        return self.pick([hop for hop in hops if wanted(hop)])

    def prop(self, words: LabelWords, wanted: Callable[[PropertyWords], bool]) -> PropertyWords:
        """A property of a label."""
        return self.pick(self.domain.properties(words.label, wanted))

    def label_with(self, wanted: Callable[[PropertyWords], bool]) -> LabelWords:
        """A label with such a property."""
        return self.label(lambda words: bool(self.domain.properties(words.label, wanted)))

    def anchor(self, words: LabelWords, among: Sequence[int] | None = None) -> Anchor:
        """A node that its name alone tells from the others of its label."""
        named = self.domain.named(words.label)
        allowed = set(named if among is None else among)
        node = self.pick([node for node in named if node in allowed])
        name = self.domain.name_of(node) or ""
        return Anchor(node, name, self.called(words, name))

    def called(self, words: LabelWords, name: str) -> str:
        """How a node is spoken of."""
        self.constants.append(name)
        quoted = name if name[:1].isupper() or name[:1].isdigit() else f"'{name}'"
        return self.pick(words.called).format(quoted)

    def var(self, label: str) -> str:
        """A variable that is still free: the label's first letter, else the whole label."""
        whole = label[:1].lower() + label[1:]
        tries = [whole[:1], whole, "other", *(f"{whole[:1]}{n}" for n in range(2, 9))]
        found = next(name for name in tries if name not in self._variables)
        self._variables.add(found)
        return found

    def free(self, name: str) -> str:
        """That variable, if it is still free, else with a number."""
        found = next(n for n in [name, f"{name}2", f"{name}3"] if n not in self._variables)
        self._variables.add(found)
        return found

    def present(self, words: LabelWords, prop: PropertyWords, variable: str) -> list[str]:
        """The condition that a property is there, where some node lacks it."""
        full = self.domain.complete(words.label, prop.name)
        return [] if full else [f"{variable}.{prop.name} IS NOT NULL"]

    # ── words ──

    def noun(self, words: LabelWords) -> Noun:
        """The label's noun, or now and then another one."""
        return words.nouns[0] if self.chance(0.6) else self.pick(words.nouns)

    def group(self, words: LabelWords, *does: str) -> Group:
        """Nodes of a label that do these things."""
        return Group(self.noun(words), words.person, does)

    def link(self, hop: Hop) -> Noun:
        """The noun of the relationships themselves. Raises Impossible if they have none."""
        if hop.words.noun is None:
            raise Impossible
        return hop.words.noun

    def called_prop(self, prop: PropertyWords) -> str:
        """A property's noun, or another one."""
        return prop.nouns[0] if self.chance(0.6) else self.pick(prop.nouns)

    def does(self, predicates: Sequence[str], what: str) -> str:
        """One of the predicates, its slot filled."""
        return self.pick(predicates).format(what)

    def said(self, value: Value, prop: PropertyWords) -> str:
        """A value as a question spells it, with its unit."""
        if isinstance(value, Temporal):
            return self.said_date(value)
        if isinstance(value, int | float):
            text = f"{value:.6g}" if isinstance(value, float) else str(value)
            return f"{text} {prop.unit}".strip() if prop.unit != "%" else f"{text}%"
        text = str(value)
        self.constants.append(text)
        plain = text.isalpha() and (text.islower() or self.chance(0.5))
        return text if plain else self.pick([f"'{text}'", f"'{text}'", f'"{text}"'])

    def said_date(self, value: Temporal) -> str:
        """A day: ISO, or as people write it."""
        day = date.fromisoformat(value.text[:10])
        # all days of a question in one style
        self._style = self._style or self.pick([1, 2, 3])
        styles = (day.isoformat(), f"{day.day} {day:%B %Y}", f"{day:%B} {day.day}, {day.year}")
        return styles[self._style - 1]

    def with_columns(self, words: LabelWords, nouns: Sequence[str]) -> tuple[str, ...]:
        """Tails that ask for more columns beside the name."""
        name = words.properties[words.name].nouns[0]
        listed, full = joined(nouns), joined([name, *nouns])
        own = "their" if words.person else "its"
        return (
            f" with their {listed}",
            f", each with {own} {listed}",
            f" along with the {listed}",
            f" together with their {listed}",
            f" ({full})",
            f", {full}",
            f". Show {full}",
            f". I want {full}",
            f". Give {full}",
        )

    # ── queries ──

    def named(self, words: LabelWords, name: str, variable: str = "") -> str:
        """The pattern of the node with that name."""
        return cyphertext.node(variable, words.label, words.name, name)

    def returned(
        self, variable: str, words: LabelWords, columns: Sequence[tuple[str, str]]
    ) -> list[str]:
        """RETURN one row per node with aggregates: by name where names are unique, else by node."""
        listed = ", ".join(f"{expression} AS {alias}" for expression, alias in columns)
        if self.domain.unique(words.label):
            return [f"RETURN {variable}.{words.name}, {listed}"]
        aliases = ", ".join(alias for _, alias in columns)
        return [f"WITH {variable}, {listed}", f"RETURN {variable}.{words.name}, {aliases}"]


def where(conditions: Sequence[str]) -> list[str]:
    """A WHERE line, or none."""
    return ["WHERE " + " AND ".join(conditions)] if conditions else []


def lines(*parts: str | Sequence[str]) -> str:
    """A query from its lines."""
    found: list[str] = []
    for part in parts:
        found += [part] if isinstance(part, str) else part
    return "\n".join(found)
