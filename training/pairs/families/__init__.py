"""All families of query patterns.

Knows nothing of domains.
"""

from __future__ import annotations

from training.pairs.families import (
    basics,
    comparisons,
    connections,
    counting,
    deeper,
    groups,
    links,
    lists,
    missing,
    ordering,
    paths,
    texts,
    times,
    unions,
)

FAMILIES = (
    *basics.FAMILIES,
    *connections.FAMILIES,
    *counting.FAMILIES,
    *groups.FAMILIES,
    *ordering.FAMILIES,
    *missing.FAMILIES,
    *links.FAMILIES,
    *deeper.FAMILIES,
    *times.FAMILIES,
    *texts.FAMILIES,
    *lists.FAMILIES,
    *paths.FAMILIES,
    *unions.FAMILIES,
    *comparisons.FAMILIES,
)
