"""The measured diversity of the training cases, as text.

Knows nothing of how pairs are made.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from typing import TYPE_CHECKING

from training.pairs.diversity import fourgrams, normal_query, normal_question, skeleton
from training.pairs.files import GENERATED, HAND, PARTS, domains_with_pairs, part_of, read_cases
from training.pairs.sampling import MOST_SHARED, TAGS

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from pathlib import Path

    from pytest_cypherbench.flow import Case

_ALIKE = f"more than {MOST_SHARED:.0%} of its 4-grams in one other"


def report(train: Path, split: Mapping[str, Sequence[str]]) -> str:
    """Counts by part, domain, tag and difficulty; how different questions and queries are."""
    cases: dict[str, dict[str, list[Case]]] = {}
    for domain in domains_with_pairs(train):
        part_of(domain, split)  # a domain in no part is an error, not a smaller number
    for part in PARTS:
        for domain in split[part]:
            files = {name: train / domain / name for name in (GENERATED, HAND)}
            cases[domain] = {
                name: read_cases(file) if file.is_file() else [] for name, file in files.items()
            }
    every = [case for files in cases.values() for found in files.values() for case in found]
    generated = [case for files in cases.values() for case in files[GENERATED]]
    hand = [case for files in cases.values() for case in files[HAND]]
    lines = [f"{len(every)} pairs: {len(generated)} generated, {len(hand)} written by hand"]
    for part in PARTS:
        number = sum(len(found) for domain in split[part] for found in cases[domain].values())
        domains = f"{len(split[part])} domains"
        lines.append(f"  {part:<12}{number:>6}  {_percent(number, len(every))}  {domains}")
    lines += ["", f"  {'domain':<16}{'generated':>10}{'by hand':>9}"]
    for domain, found in cases.items():
        lines.append(f"  {domain:<16}{len(found[GENERATED]):>10}{len(found[HAND]):>9}")
    lines += ["", f"  {'tag':<16}{'all':>6}{'by hand':>9}", *_tags(every, hand)]
    levels = Counter(case.difficulty or 0 for case in every)
    lines += ["", "  difficulty      " + "  ".join(f"{k}: {n}" for k, n in sorted(levels.items()))]
    families = Counter(_family(case) for case in generated)
    name, most = max(families.items(), key=lambda item: item[1], default=("none", 0))
    share = _percent(most, len(every))
    lines += ["", f"  query families  {len(families)}, the largest {name} with {most} ({share})"]
    for title, some in (("all", every), ("generated", generated), ("by hand", hand)):
        lines += ["", f"  {title}", *_diversity(some)]
    return "\n".join(lines)


def _tags(every: Sequence[Case], hand: Sequence[Case]) -> list[str]:
    counts, by_hand = (Counter(tag for c in some for tag in c.tags) for some in (every, hand))
    return [
        f"  {tag:<16}{counts[tag]:>6}{by_hand[tag]:>9}" for tag in dict.fromkeys([*TAGS, *counts])
    ]


def _diversity(cases: Sequence[Case]) -> list[str]:
    if not cases:
        return ["    none"]
    questions = {normal_question(case.question) for case in cases}
    queries = {(case.graph, normal_query(case.reference)) for case in cases}
    skeletons = {skeleton(case.reference) for case in cases}
    grams = [fourgrams(case.question) for case in cases]
    distinct = len(frozenset().union(*grams))
    total = sum(map(len, grams))
    alike = like_another(grams)
    words = sorted(len(case.question.split()) for case in cases)
    return [
        f"    distinct questions        {len(questions)} of {len(cases)}",
        f"    distinct queries          {len(queries)} of {len(cases)}",
        f"    distinct query skeletons  {len(skeletons)}",
        f"    distinct 4-grams          {distinct} of {total} ({_percent(distinct, total)})",
        f"    like another question     {alike} ({_percent(alike, len(cases))}): {_ALIKE}",
        f"    words in a question       {words[0]} to {words[-1]}, median {words[len(words) // 2]}",
    ]


def like_another(grams: Sequence[frozenset[tuple[str, ...]]]) -> int:
    """How many questions have more than MOST_SHARED of their 4-grams in one other question."""
    places: dict[tuple[str, ...], list[int]] = defaultdict(list)
    for index, found in enumerate(grams):
        for gram in found:
            places[gram].append(index)
    alike = 0
    for index, found in enumerate(grams):
        common = Counter(other for gram in found for other in places[gram] if other != index)
        alike += bool(common) and max(common.values()) > MOST_SHARED * len(found)
    return alike


def _family(case: Case) -> str:
    return case.id.removeprefix(f"{case.graph}-").rpartition("-")[0]


def _percent(part: int, whole: int) -> str:
    return f"{100 * part / max(whole, 1):.1f} %"
