"""A registry of invented packages: versions, dependencies, maintainers, issues.

Everything is invented. Knows nothing of questions.
"""

from __future__ import annotations

from datetime import timedelta
from itertools import pairwise
from typing import TYPE_CHECKING

from training.domains.tables import Rows, day, pairs

if TYPE_CHECKING:
    import random

SEED = 18
PACKAGES = (
    "parselet,quillfmt,tinybus,oakstore,glimmer,hashling,netmoth,cronjay,pixelloom,wirekit,"
    "lumenlog,saltbox,yarrow,fernlib,mossdb,copperline,driftwood,emberlite,flintstone,gridlock,"
    "humbug,inkwell,jigsawkit,kettledrum"
).split(",")
HANDLES = (
    "bitfox,codamara,deepbrook,elmhash,ferrum,gitta,hexwren,ioanna,jotter,kernelkat,lambdalou,"
    "mapleroot,nullnina,octopus8,pingu"
).split(",")
NAMES = (
    "Bo Fox,Mara Coda,Dee Brook,,Fe Rum,Gitta Wolf,Hex Wren,Ioanna Pappas,,Kat Kern,Lou Lamb,,,,"
)
KEYWORDS = ["parser", "network", "storage", "logging", "graphics", "testing", "cli"]
BEGINNINGS = ["Crash on", "Wrong result for", "Memory leak in", "Docs missing for", "Slow"]
THINGS = ["empty input", "Unicode names", "large files", "retry loop", "time zones", "startup"]


def nodes(rng: random.Random) -> dict[str, Rows]:
    """Rows of each node file, the header first."""
    packages: Rows = [["id", "name", "license", "downloads", "created_at", "archived", "keywords"]]
    versions: Rows = [["id", "tag", "released_at", "size_kb", "prerelease"]]
    for i, name in enumerate(PACKAGES):
        made, keywords = day(rng, 2012, 2020), rng.sample(KEYWORDS, rng.randint(1, 3))
        licence = rng.choice(["MIT", "MIT", "Apache-2.0", "GPL-3.0"]) if i % 8 != 5 else None
        downloads, old = rng.randrange(100, 90000), i % 7 == 4
        packages.append([name, name, licence, downloads, made, old, keywords if i % 6 else None])
        released, size = made, rng.uniform(20, 900)
        for number in ["0.9", "1.0", "1.1", "2.0", "2.1"][i % 3 : 2 + i * 5 % 4]:
            released += timedelta(days=rng.randrange(20, 500))
            size *= rng.uniform(0.9, 1.4)
            label = f"{name} {number}"
            versions.append(
                [label, label, released, round(size, 1), number[0] == "0" or rng.random() < 0.1]
            )
    maintainers: Rows = [["id", "handle", "full_name", "country", "joined_at"]]
    for i, handle in enumerate(HANDLES):
        country = rng.choice(["Iceland", "Chile", "Ghana", "Latvia"])
        maintainers.append(
            [handle, handle, NAMES.split(",")[i] or None, country, day(rng, 2010, 2019)]
        )
    issues: Rows = [["id", "key", "title", "severity", "opened_at", "closed_at", "tags"]]
    for i in range(70):
        title, opened = f"{BEGINNINGS[i * 3 % 5]} {THINGS[i % 6]}", day(rng, 2020, 2023)
        closed = opened + timedelta(days=rng.randrange(0, 200)) if rng.random() < 0.6 else None
        tags = rng.sample(["bug", "regression", "docs", "security"], rng.randint(1, 2))
        row = [f"I-{i + 1}", f"I-{i + 1}", title, rng.randint(1, 5) if i % 9 else None]
        issues.append([*row, opened, closed, tags if i % 5 else None])
    return {
        "packages": packages,
        "versions": versions,
        "maintainers": maintainers,
        "issues": issues,
    }


def relationships(rng: random.Random, ids: dict[str, list[str]]) -> dict[str, Rows]:
    """Rows of each relationship file, the header first; dependencies have no cycle."""
    packages, versions, handles = ids["packages"], ids["versions"], ids["maintainers"]
    has_version: Rows = [["package", "version"]]
    has_version += [[label.split(" ")[0], label] for label in versions]
    succeeds: Rows = [["version", "earlier"]]
    for earlier, later in pairwise(versions):
        if earlier.split(" ")[0] == later.split(" ")[0]:
            succeeds.append([later, earlier])
    depends_on: Rows = [["package", "needed", "version_range", "dev_only"]]
    for i in range(1, 22):
        for needed in sorted(rng.sample(range(i), min(i, rng.randint(1, 3) if i % 5 else 0))):
            wanted = rng.choice([">=1.0", "<2.0", "==1.1", None])
            depends_on.append([packages[i], packages[needed], wanted, rng.random() < 0.2])
    maintains: Rows = [["maintainer", "package", "role", "since"]]
    for handle, package in pairs(rng, handles, [*packages[:22], ""], 40):
        role = rng.choice(["owner", "reviewer", "reviewer", "release manager"])
        maintains.append([handle, package, role, day(rng, 2015, 2023)])
    affects: Rows = [["issue", "version"]]
    affects += [[*pair] for pair in pairs(rng, ids["issues"], versions, 90)]
    fixed_in: Rows = [["issue", "version"]]
    follow = {str(earlier): str(later) for later, earlier in succeeds[1:]}
    for issue, version in affects[1::3]:
        if (fixed := follow.get(str(version))) and [issue, fixed] not in fixed_in:
            fixed_in.append([issue, fixed])
    reported: Rows = [["maintainer", "issue"]]
    reported += [
        [rng.choice(handles[:13]), issue] for i, issue in enumerate(ids["issues"]) if i % 6
    ]
    assigned: Rows = [["issue", "maintainer", "assigned_at"]]
    for pair in pairs(rng, ids["issues"], handles, 35):
        assigned.append([*pair, day(rng, 2021, 2023)])
    duplicates: Rows = [["issue", "original"]]
    duplicates += [[f"I-{i}", f"I-{i - 6 * (1 + i % 2)}"] for i in range(20, 60, 3)]
    return {
        "has_version": has_version,
        "succeeds": succeeds,
        "depends_on": depends_on,
        "maintains": maintains,
        "affects": affects,
        "fixed_in": fixed_in,
        "reported": reported,
        "assigned": assigned,
        "duplicates": duplicates,
    }
