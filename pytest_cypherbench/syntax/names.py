"""Which words of a query are labels, relationship types, properties or variables, and whose.

Knows nothing of schemas or engines. Scopes are not followed: a variable that is bound twice counts
as all that it is bound to, so that what is said of it is never too much.
"""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass, field
from enum import StrEnum
from typing import TYPE_CHECKING

from pytest_cypherbench.cypher import name
from pytest_cypherbench.syntax.brackets import Brackets, Holds, is_name, read_brackets

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping

    from pytest_cypherbench.cypher import Token

_ENDS_OF_LABELS = frozenset({"{", "*", "WHERE"})


class Role(StrEnum):
    """What a word names."""

    LABEL = "label"
    TYPE = "relationship type"
    PROPERTY = "property"
    COMPONENT = "component"  # of what a property holds: ``m.released.year``


@dataclass(frozen=True, slots=True)
class Owner:
    """What a property belongs to: a node or relationship of one of these labels or types (of any
    if there are none)."""

    holds: Holds
    names: frozenset[str]


@dataclass(frozen=True, slots=True)
class Name:
    """The word at ``place``. ``owner``: of a property or component, None where the text does not
    tell; ``of``: the property that a component is of, "" if it is of anything else."""

    place: int
    text: str
    role: Role
    owner: Owner | None = None
    of: str = ""


@dataclass(frozen=True, slots=True)
class Names:
    """All names of a statement. ``keys``: those of its own maps; ``variables``: what it binds;
    ``owners``: what the patterns say of a variable, None where something else is bound to it."""

    brackets: Brackets
    found: tuple[Name, ...]
    keys: frozenset[str]
    variables: frozenset[str]
    owners: Mapping[str, Owner | None]


def read_names(tokens: tuple[Token, ...]) -> Names:
    """Read one statement."""
    return _Reader(tokens, read_brackets(tokens)).read()


@dataclass(slots=True)
class _Reader:
    tokens: tuple[Token, ...]
    brackets: Brackets
    # variable -> what the patterns say of it; None: something else is bound to it as well
    owners: dict[str, Owner | None] = field(default_factory=dict)
    elements: dict[int, Owner] = field(default_factory=dict)
    labelled: set[int] = field(default_factory=set)
    aliases: dict[str, set[str]] = field(default_factory=lambda: defaultdict(set))

    def read(self) -> Names:
        labels = [*self._in_patterns(), *self._predicates()]
        self._bind()
        maps = list(self._map_keys())
        keys = {text for place, text in maps if self._element_of(place) is None}
        properties = [
            Name(place, text, Role.PROPERTY, self._element_of(place))
            for place, text in maps
            if self._element_of(place) is not None
        ]
        found = [*labels, *properties, *self._accesses()]
        variables = frozenset({*self.owners, *self.aliases})
        return Names(
            self.brackets,
            tuple(sorted(found, key=lambda item: item.place)),
            frozenset(keys),
            variables,
            self.owners,
        )

    # ── labels and types ──

    def _in_patterns(self) -> Iterator[Name]:
        for opener, holds in self.brackets.holds.items():
            if holds not in {Holds.NODE, Holds.RELATIONSHIP}:
                continue
            inside = self.brackets.children(opener)
            variable = self.tokens[inside[0]] if inside else None
            named = variable is not None and is_name(variable) and variable.upper != "WHERE"
            body = inside[1:] if named else inside
            role = Role.LABEL if holds is Holds.NODE else Role.TYPE
            places = list(self._label_expression(body))
            owner = Owner(holds, self._positive(places))
            self.elements[opener] = owner
            if named and variable is not None:
                self._own(name(variable), owner)
            for place in places:
                yield Name(place, name(self.tokens[place]), role)

    def _label_expression(self, body: list[int]) -> Iterator[int]:
        """The names after the colon of a pattern, brackets within it included."""
        if not body or self.tokens[body[0]].text != ":":
            return
        stop = next((p for p in body if self._ends_labels(p)), None)
        last = self.brackets.ends[self.brackets.parents[body[0]]] if stop is None else stop
        for place in range(body[0], last):
            self.labelled.add(place)
            if is_name(self.tokens[place]):
                yield place

    def _ends_labels(self, place: int) -> bool:
        token = self.tokens[place]
        return (token.upper or token.text) in _ENDS_OF_LABELS or token.text.startswith("$")

    def _positive(self, places: Iterable[int]) -> frozenset[str]:
        """The labels, unless one of them is negated: then it may be any."""
        found = list(places)
        if any(self.tokens[place - 1].text == "!" for place in found):
            return frozenset()
        return frozenset(name(self.tokens[place]) for place in found)

    def _predicates(self) -> Iterator[Name]:
        """``n:Label`` in an expression."""
        for place, token in enumerate(self.tokens):
            if token.text != ":" or place in self.labelled or not place or self._is_key(place - 1):
                continue
            before = self.tokens[place - 1]
            owner = self.owners.get(name(before)) if is_name(before) else None
            holds = owner.holds if owner else Holds.NODE
            found = list(self._chain(place))
            if owner is not None:
                self._own(name(before), Owner(holds, self._positive(found)))
            role = Role.TYPE if holds is Holds.RELATIONSHIP else Role.LABEL
            for at in found:
                yield Name(at, name(self.tokens[at]), role)

    def _chain(self, place: int) -> Iterator[int]:
        """``:A|B&!C``; in a list, a bar begins what the list is made of."""
        bar = self.tokens[self.brackets.parents[place]].text != "["
        joints = {":", "&", "!", "|"} if bar else {":", "&", "!"}
        while place < len(self.tokens) and self.tokens[place].text in joints:
            place += 1
            if place < len(self.tokens) and is_name(self.tokens[place]):
                self.labelled.update({place - 1, place})
                yield place
                place += 1

    # ── variables ──

    def _own(self, variable: str, owner: Owner) -> None:
        """Add what a pattern says of a variable; a pattern without labels says nothing."""
        known = self.owners.get(variable)
        if known is not None and known.holds is owner.holds:
            owner = Owner(owner.holds, known.names | owner.names)
        self.owners[variable] = owner

    def _bind(self) -> None:
        """``x AS y`` passes on what x is; whatever else is bound to a name may be anything."""
        for place, token in enumerate(self.tokens):
            after = self.tokens[place + 1] if place + 1 < len(self.tokens) else None
            if after is None or not is_name(after if token.upper == "AS" else token):
                continue
            if token.upper == "AS":
                self._alias(place, name(after))
            elif (after.upper == "IN" and self._begins_item(place)) or self._is_path(place):
                self.aliases[name(token)].add("")
        for alias, sources in self.aliases.items():
            known = {self.owners.get(source) for source in sources if source != alias}
            if known:
                self.owners[alias] = known.pop() if len(known) == 1 else None

    def _alias(self, place: int, alias: str) -> None:
        before, further = self.tokens[place - 1], self.tokens[place - 2] if place > 1 else None
        begins = further is None or further.text == "," or further.upper in {"WITH", "DISTINCT"}
        self.aliases[alias].add(name(before) if is_name(before) and begins else "")

    def _begins_item(self, place: int) -> bool:
        """``[x IN …``, ``any(x IN …``, ``reduce(t = 0, x IN …``."""
        return place > 0 and self.tokens[place - 1].text in {"[", "(", ","}

    def _is_path(self, place: int) -> bool:
        before = self.tokens[place - 1] if place else self.tokens[place]
        after = [token.text for token in self.tokens[place + 1 : place + 3]]
        named = before.upper == "MATCH" or before.text in {",", "[", "("}
        return named and after[:1] == ["="] and self.brackets.parents[place] not in self.elements

    # ── properties ──

    def _is_key(self, place: int) -> bool:
        """Whether the name at ``place``, which a colon follows, is a key of a map."""
        parent = self.brackets.parents[place]
        before = self.tokens[place - 1].text if place else ""
        return self.brackets.holds.get(parent) in {Holds.MAP, Holds.PROJECTION} and before in {
            "{",
            ",",
        }

    def _map_keys(self) -> Iterator[tuple[int, str]]:
        for place, token in enumerate(self.tokens[:-1]):
            if is_name(token) and self.tokens[place + 1].text == ":" and self._is_key(place):
                yield place, name(token)

    def _element_of(self, place: int) -> Owner | None:
        """The pattern in whose map a key stands."""
        return self.elements.get(self.brackets.parents[self.brackets.parents[place]])

    def _accesses(self) -> Iterator[Name]:
        """``x.property``, ``x.property.component`` and ``x {.property}``."""
        for place, token in enumerate(self.tokens[:-1]):
            before = self.tokens[place - 1] if place else None
            if token.text != "." or before is None or not is_name(self.tokens[place + 1]):
                continue
            text = name(self.tokens[place + 1])
            if before.text in {"{", ","}:
                opener = self.brackets.parents[place]
                yield self._property(place + 1, text, self.tokens[opener - 1])
            elif place > 1 and self.tokens[place - 2].text == ".":
                continue  # told with the first of the chain
            else:
                yield from self._access(place)

    def _access(self, dot: int) -> Iterator[Name]:
        chain = [dot + 1]
        while chain[-1] + 2 < len(self.tokens) and self.tokens[chain[-1] + 1].text == ".":
            chain.append(chain[-1] + 2)
        base, end = self.tokens[dot - 1], chain[-1] + 1
        called = end < len(self.tokens) and self.tokens[end].text == "("
        procedure = dot > 1 and self.tokens[dot - 2].upper == "CALL"
        if called or procedure or base.text.startswith("$"):
            return
        first = self._property(chain[0], name(self.tokens[chain[0]]), base)
        yield first
        for place in chain[1:]:
            text = name(self.tokens[place])
            yield Name(place, text, Role.COMPONENT, first.owner, of=first.text)

    def _property(self, place: int, text: str, base: Token) -> Name:
        owner = self.owners.get(name(base)) if is_name(base) else None
        return Name(place, text, Role.PROPERTY, owner)
