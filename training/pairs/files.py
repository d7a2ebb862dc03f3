"""The training cases on disk: pairs as JSONL, cases of any file, the split by domain.

Knows nothing of how pairs are made.
"""

from __future__ import annotations

import json
from dataclasses import asdict
from typing import TYPE_CHECKING

import yaml

from pytest_cypherbench.cases import load_cases
from pytest_cypherbench.errors import UserError
from pytest_cypherbench.flow import BadRow, Case

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence
    from pathlib import Path

    from training.pairs.sampling import Pair

GENERATED = "generated.jsonl"
HAND = "hand.yaml"
SPLIT = "split.yaml"
PARTS = ("train", "validation")
_ONCE = "name every domain in one part"


def write_pairs(file: Path, pairs: Iterable[Pair]) -> None:
    """One row per pair."""
    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_bytes(rows(pairs))


def rows(pairs: Iterable[Pair]) -> bytes:
    """The JSONL of pairs."""
    return b"".join(json.dumps(asdict(pair), ensure_ascii=False).encode() + b"\n" for pair in pairs)


def read_cases(file: Path) -> list[Case]:
    """The cases of a file. Raises UserError for a row that is none."""
    found: list[Case] = []
    for row in load_cases(file):
        if isinstance(row, BadRow):
            raise UserError(f"{row.origin.file}, row {row.origin.row}: {row.reason}")
        found.append(row)
    return found


def read_split(train: Path) -> dict[str, tuple[str, ...]]:
    """The domains of each part. Raises UserError if a domain is named twice, or a part is not."""
    file = train / SPLIT
    try:
        content = yaml.safe_load(file.read_text(encoding="utf-8"))
    except (OSError, yaml.YAMLError) as error:
        raise UserError(f"cannot read {file}", fix="list the domains of each part") from error
    if not isinstance(content, dict) or set(content) != set(PARTS):
        raise UserError(f"{file} must hold {' and '.join(PARTS)}, a list of domains each")
    split = {part: tuple(content[part] or ()) for part in PARTS}
    named = [domain for part in PARTS for domain in split[part]]
    for domain in named:
        if named.count(domain) > 1:
            raise UserError(f"{file}: {domain} is named {named.count(domain)} times", fix=_ONCE)
    return split


def part_of(domain: str, split: Mapping[str, Sequence[str]]) -> str:
    """The part that a domain is in. Raises UserError if it is in none."""
    for part in PARTS:
        if domain in split[part]:
            return part
    raise UserError(f"{SPLIT}: {domain} is in no part", fix=_ONCE)


def domains_with_pairs(train: Path) -> list[str]:
    """Domains whose pairs are there."""
    return sorted(file.parent.name for file in train.glob(f"*/{GENERATED}"))
