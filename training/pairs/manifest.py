"""What a domain's graph.yaml declares: labels and relationships with the types of properties.

Knows nothing of words, queries or the data itself.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import yaml

from pytest_cypherbench.errors import UserError
from pytest_cypherbench.graphs.data import MANIFEST

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path


@dataclass(frozen=True, slots=True)
class Declared:
    """Names mapped to the properties, each with its type as the manifest spells it.

    Labels by their names, relationships as ``Start-TYPE->End``."""

    labels: Mapping[str, Mapping[str, str]]
    relationships: Mapping[str, Mapping[str, str]]


def read_manifest(folder: Path) -> Declared:
    """Read the manifest of a folder that ``read_graph`` accepts. Raises UserError for labels that
    are several on one node: words are per label."""
    manifest = yaml.safe_load((folder / MANIFEST).read_text(encoding="utf-8"))
    labels: dict[str, dict[str, str]] = {}
    relationships: dict[str, dict[str, str]] = {}
    for entry in manifest["nodes"]:
        if len(entry["labels"]) != 1:
            raise UserError(
                f"{folder / MANIFEST}: {entry['file']} has several labels",
                fix="give a training graph one label per node",
            )
        labels.setdefault(entry["labels"][0], {}).update(entry.get("properties") or {})
    for entry in manifest.get("relationships") or []:
        key = f"{entry['start']['label']}-{entry['type']}->{entry['end']['label']}"
        relationships.setdefault(key, {}).update(entry.get("properties") or {})
    return Declared(labels, relationships)
