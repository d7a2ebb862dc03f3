"""English forms of nouns and predicates: relative clauses, questions, negation, numbers, lists.

Knows nothing of graphs or queries. A predicate is as WORDS.md says; here its slot is filled.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Sequence
    from random import Random

    from training.pairs.forms import Noun

_SINGULAR = {"are": "is", "have": "has", "were": "was", "do": "does"}
_FIXED = frozenset({"had", "did", "can", "could", "may", "must", "will"})
_WITH = frozenset({"a", "an", "the", "no", "at", "more", "less", "fewer", "exactly"})
_NO_ADJECTIVE = frozenset({"not", "no", "on", "a", "an", "the", "part"})
# a plural noun after "are": "are members of X", "were the coaches of X", "are amateurs"
_NOUNS = re.compile(
    r"(are|were) (the |no |)(?!\w*(?:ss|us|ways) )(\w{3,}s)((?: (?:of|for|to|from|in|with) .*)?)"
)
_SMALL = ("zero", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine", "ten")
_SHORT = 4


@dataclass(frozen=True, slots=True)
class Group:
    """Nodes of one label that predicates narrow down: "lighthouses that are painted red". ``word``
    joins the predicates."""

    noun: Noun
    person: bool
    does: tuple[str, ...] = ()
    word: str = "and"

    def narrowed(self, *does: str) -> Group:
        """The same with more predicates."""
        return replace(self, does=(*self.does, *does))

    def many(self, rng: Random) -> str:
        """As a plural noun phrase."""
        return f"{self.noun.many} {self._relative(rng, many=True)}".strip()

    def one(self, rng: Random) -> str:
        """As a singular noun phrase."""
        return f"{self.noun.one} {self._relative(rng, many=False)}".strip()

    def which(self, rng: Random) -> str:
        """As a question without its mark."""
        if not self.does:
            return f"what {self.noun.many} are there"
        does = joined(self.does, self.word)
        if self.person and chance(rng, 0.5):
            if chance(rng, 0.7):
                return f"who {joined([singular(each) for each in self.does], self.word)}"
            return f"which of the {self.noun.many} {does}"
        ask = "which" if chance(rng, 0.8) else "what"
        return f"{ask} {self.noun.many} {does}"

    def how_many(self, rng: Random) -> str:
        """As a question for their number."""
        head = f"how many {self.noun.many}"
        if not self.does:
            return head + rng.choice([" are there", " do we have", " are on record"])
        return f"{head} {joined(self.does, self.word)}"

    def _relative(self, rng: Random, *, many: bool) -> str:
        if not self.does:
            return ""
        first, *rest = self.does
        that = (
            rng.choice(["who", "who", "that"])
            if self.person
            else rng.choice(["that"] * 3 + ["which"])
        )
        forms = rest if many else [singular(each) for each in rest]
        reduced = short(first) if self.word == "and" and chance(rng, 0.6) else ""
        if reduced:
            return f"{reduced} {that} {joined(forms)}" if rest else reduced
        return f"{that} {joined([first if many else singular(first), *forms], self.word)}"


def chance(rng: Random, share: float) -> bool:
    """True in that share of all calls."""
    return rng.random() < share


def singular(predicate: str) -> str:
    """``tend Eddystone`` → ``tends Eddystone``, ``are members of X`` → ``is a member of X``."""
    if found := _NOUNS.fullmatch(predicate):
        verb, article, noun, rest = found.groups()
        return f"{_SINGULAR[verb]} {article or 'a '}{_without_s(noun)}{rest}"
    verb, _, rest = predicate.partition(" ")
    return f"{_third(verb)} {rest}".strip()


def _without_s(noun: str) -> str:
    if noun.endswith("ies"):
        return f"{noun[:-3]}y"
    return noun[:-2] if noun.endswith(("ches", "shes", "xes", "sses")) else noun[:-1]


def _third(verb: str) -> str:
    if verb in _SINGULAR:
        return _SINGULAR[verb]
    if verb in _FIXED:
        return verb
    if verb.endswith(("s", "x", "z", "ch", "sh", "o")):
        return f"{verb}es"
    if verb.endswith("y") and verb[-2:-1] not in "aeiou":
        return f"{verb[:-1]}ies"
    return f"{verb}s"


def short(predicate: str) -> str:
    """A predicate without its relative pronoun where English can do so, else empty."""
    verb, _, rest = predicate.partition(" ")
    words = rest.split()
    noun = words[:1] and (words[0].endswith("s") or words[0] in _NO_ADJECTIVE)
    if verb in {"are", "were"} and len(words) > 1 and not noun:
        return rest
    if verb == "have" and words and words[0] in _WITH:
        return f"with {rest}"
    return ""


def inverted(predicate: str, subject: str, wanted: str) -> str:
    """The question for what stands in the slot: ``tend {}``, Ann, lighthouses → which lighthouses
    does Ann tend. Empty where the result would be clumsy."""
    verb, _, rest = predicate.partition(" ")
    if predicate.endswith(" by {}"):
        return ""
    if verb in _SINGULAR and not rest.startswith("{}"):
        verb, _, rest = singular(predicate).partition(" ")
    bare = " ".join(rest.replace("{}", " ").split())
    if verb in _SINGULAR.values():
        return f"which {wanted} {verb} {subject} {bare}".strip()
    if verb in _FIXED:
        return f"which {wanted} {verb} {subject} {bare}".strip()
    return f"which {wanted} does {subject} {verb} {bare}".strip()


def negated(predicate: str, noun: Noun, rng: Random) -> str:
    """``tend {}``, lighthouse → ``do not tend any lighthouse`` or ``tend no lighthouse at all``."""
    verb, _, rest = predicate.partition(" ")
    if verb in {"are", "were"} and chance(rng, 0.6):
        return f"{verb} not {rest}".format(f"any {noun.one}")
    if verb not in _SINGULAR and verb not in _FIXED and chance(rng, 0.6):
        return f"do not {predicate}".format(f"any {noun.one}")
    return predicate.format(
        rng.choice([f"no {noun.one}", f"no {noun.one} at all", f"no {noun.many}"])
    )


def joined(parts: Sequence[str], word: str = "and") -> str:
    """``a``, ``a and b``, ``a, b and c``."""
    *first, last = parts
    return f"{', '.join(first)} {word} {last}" if first else last


def number(value: int, rng: Random) -> str:
    """A small number in words or in digits."""
    spelled = 0 <= value < len(_SMALL) and chance(rng, 0.7)
    return _SMALL[value] if spelled else str(value)


def counted(value: int, noun: Noun, rng: Random) -> str:
    """A number of something."""
    return f"{number(value, rng)} {noun.one if value == 1 else noun.many}"


def plural(word: str) -> str:
    """The plural of a common noun phrase, by its last word, before an "of": ``year of birth``."""
    head, of, rest = word.partition(" of ")
    if head.endswith("y") and head[-2:-1] not in "aeiou":
        head = f"{head[:-1]}ies"
    elif head.endswith(("s", "x", "z", "ch", "sh")):
        head += "es"
    else:
        head += "s"
    return f"{head}{of}{rest}"


def capital(text: str) -> str:
    """With a capital first letter."""
    return text[:1].upper() + text[1:]


def with_article(noun: str) -> str:
    """``a weight``; a surface makes ``an`` of it before a vowel."""
    return f"a {noun}"
