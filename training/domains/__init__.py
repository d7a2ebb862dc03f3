"""The training domains' data: a module for each makes the CSV files of its graph, by chance.

Knows nothing of the plugin. The manifests, `cases/train/graphs/<domain>/graph.yaml`, are written
by hand.
"""

from __future__ import annotations

DOMAINS = (
    "astronomy", "chess", "construction", "football", "gardens", "hospital", "library", "mountains",
    "music", "recipes", "research", "software", "theatre", "university", "vineyards", "wildlife",
)  # fmt: skip
