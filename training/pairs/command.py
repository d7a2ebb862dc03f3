"""`python -m training pairs`: make the pairs of every domain, check words, report diversity.

Knows nothing of models.
"""

from __future__ import annotations

import argparse
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from pytest_cypherbench.errors import CypherbenchError, UserError
from training.pairs.checking import load, opened_engine
from training.pairs.domain import Domain
from training.pairs.families import FAMILIES
from training.pairs.files import GENERATED, HAND, part_of, read_cases, read_split, write_pairs
from training.pairs.lexicon import WORDS
from training.pairs.report import report
from training.pairs.sampling import Pair, Sampler

if TYPE_CHECKING:
    from collections.abc import Sequence

    from pytest_cypherbench.graphs import Engine

TRAIN = Path(__file__).parents[2] / "cases" / "train"
_WORDS_FOLDER = Path(__file__).parent / WORDS
SEED = 20
# Two of sixteen domains make 15 % of the pairs if they have more of them.
COUNTS = {"train": 185, "validation": 230}


@dataclass(frozen=True, slots=True)
class Args:
    """What to do with which domains: all that have words where none is named. ``count`` is the
    most pairs that one domain gets; 0: as many as its part of the split is given."""

    domains: tuple[str, ...] = ()
    check: bool = False
    report: bool = False
    count: int = 0
    seed: int = SEED
    train: Path = TRAIN
    words: Path = _WORDS_FOLDER


def parse(arguments: Sequence[str]) -> Args:
    """The command line as Args."""
    parser = argparse.ArgumentParser(prog="python -m training pairs", description=__doc__)
    parser.add_argument("domains", nargs="*", metavar="DOMAIN", help="default: all with words")
    parser.add_argument("--check", action="store_true", help="only read graphs and words")
    parser.add_argument("--report", action="store_true", help="only measure what is there")
    parser.add_argument("--count", type=int, default=0, help="pairs per domain")
    parser.add_argument("--seed", type=int, default=SEED, help="(%(default)s)")
    parser.add_argument("--train", type=Path, default=TRAIN, help="folder of training cases")
    parser.add_argument("--words", type=Path, default=_WORDS_FOLDER, help="folder of words files")
    found = parser.parse_args(arguments)
    return Args(**{**vars(found), "domains": tuple(found.domains)})


def run(args: Args) -> int:
    """Do it; 0 if all is well, 1 if a domain, or the split, is faulty."""
    try:
        if args.report:
            _say(report(args.train, read_split(args.train)))
            return 0
        domains = args.domains or tuple(sorted(file.stem for file in args.words.glob("*.yaml")))
        if args.check:
            return max([_checked(args, domain) for domain in domains], default=0)
        with opened_engine() as engine:
            for domain in domains:
                count = args.count or COUNTS[part_of(domain, read_split(args.train))]
                _made(args, domain, engine, count)
    except CypherbenchError as error:
        _complain(error)
        return 1
    return 0


def make(
    domain: Domain, folder: Path, engine: Engine, *, count: int, seed: int, hand: Path
) -> tuple[list[Pair], Sampler]:
    """The pairs of a domain, none of them like one that was written by hand."""
    sampler = Sampler(domain, load(engine, folder), FAMILIES, seed)
    if hand.is_file():
        sampler.avoid((case.question, case.reference) for case in read_cases(hand))
    return list(sampler.pairs(count)), sampler


def _made(args: Args, name: str, engine: Engine, count: int) -> None:
    folder = args.train / "graphs" / name
    domain = Domain(folder, args.words / f"{name}.yaml")
    home = args.train / name
    pairs, sampler = make(domain, folder, engine, count=count, seed=args.seed, hand=home / HAND)
    if not pairs:
        raise UserError(f"{folder} gives no pair at all", fix="see training/pairs/WORDS.md")
    write_pairs(home / GENERATED, pairs)
    families = {pair.id.removeprefix(f"{name}-").rpartition("-")[0] for pair in pairs}
    refused = sampler.refusals.total()
    _say(f"{name}: {len(pairs)} pairs of {len(families)} families, {refused} drafts refused")


def _checked(args: Args, name: str) -> int:
    try:
        words = Domain(args.train / "graphs" / name, args.words / f"{name}.yaml").words
    except CypherbenchError as error:
        _complain(error)
        return 1
    _say(f"{name}: {len(words.labels)} labels, {len(words.relationships)} relationships")
    return 0


def _say(text: str) -> None:
    sys.stdout.write(f"{text}\n")


def _complain(error: CypherbenchError) -> None:
    sys.stderr.write(f"{error}\n")
