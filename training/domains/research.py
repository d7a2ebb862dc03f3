"""Research: papers that cite papers, their authors, the institutes, and grants.

Everything is invented. Paper.published is absent for preprints, FUNDED.share is a fraction,
SUPERVISED leads from the elder to the student. Knows nothing of questions.
"""

from __future__ import annotations

from datetime import date, timedelta
from typing import TYPE_CHECKING

from training.domains.tables import Rows, day, pairs

if TYPE_CHECKING:
    import random

SEED = 33
KEYWORDS = ["soil", "ice", "sensors", "migration", "enzymes", "networks", "turbines", "sleep"]
SUBJECT = "Deep Sparse Robust Seasonal Quantum Urban Cooperative Marine".split()
OBJECT = "Sampling;Memory;Glaciers;Batteries;Pollination;Grammars;Turbulence".split(";")
FIRST = "Aiko Benoit Chidi Daria Emil Farah Gustav Hana Iker Jolanta".split()
LAST = "Novak Santos Weber Ibrahim Lund Petrov Quist".split()
COUNTRIES = ["Norway", "Portugal", "Kenya", "Japan"]


def nodes(rng: random.Random) -> dict[str, Rows]:
    """Rows of each node file, the header first."""
    authors: Rows = [["id", "fullName", "orcid", "hIndex", "firstPublished"]]
    for i in range(45):
        name = f"{FIRST[i % 10]} {LAST[(i + i // 10) % 7]}"
        orcid = f"0000-{1000 + i * 37}" if i % 4 else None
        authors.append([f"a{i}", name, orcid, rng.randrange(1, 48), rng.randrange(1985, 2021)])
    papers: Rows = [
        ["id", "title", "submitted", "published", "pageCount", "keywords", "openAccess"]
    ]
    for i in range(70):
        title = f"{SUBJECT[i % 8]} {OBJECT[(i * 3 + i // 8) % 7]}" + (" II" if i >= 56 else "")
        submitted = date(2012 + i // 7, 1, 5) + timedelta(days=rng.randrange(350))
        printed = submitted + timedelta(days=rng.randrange(40, 500)) if i % 6 else None
        words = sorted(rng.sample(KEYWORDS, rng.randint(1, 4))) if i % 11 else None
        row = [f"p{i}", title, submitted, printed, rng.randrange(4, 42), words]
        papers.append([*row, rng.random() < 0.45])
    institutes: Rows = [["id", "name", "country", "established", "budgetMillions"]]
    for i, place in enumerate("Tromso Evora Naivasha Sapporo Bergen Coimbra Nara Kisumu".split()):
        name = f"{place} {['Institute', 'Laboratory', 'Centre'][i % 3]}"
        budget = round(rng.uniform(2, 80), 1) if i % 5 != 4 else None
        institutes.append([f"i{i}", name, COUNTRIES[i % 4], rng.randrange(1901, 2005), budget])
    grants: Rows = [["id", "code", "amount", "startDate", "endDate", "renewable"]]
    for i in range(18):
        start = day(rng, 2010, 2020)
        end = start + timedelta(days=365 * rng.randint(1, 5)) if i % 5 else None
        code = f"{['NORD', 'SOL', 'TERRA'][i % 3]}-{21 + i * 7}"
        grants.append([f"g{i}", code, rng.randrange(4, 90) * 10000, start, end, i % 4 == 1])
    return {"authors": authors, "papers": papers, "institutes": institutes, "grants": grants}


def relationships(rng: random.Random, ids: dict[str, list[str]]) -> dict[str, Rows]:
    """Rows of each relationship file, the header first."""
    papers, authors = ids["papers"], ids["authors"]
    authored: Rows = [["paper", "author", "position", "corresponding"]]
    for paper in papers:
        team = rng.sample(authors[:42], rng.randint(1, 4))
        lead = rng.randrange(len(team))
        authored += [[paper, one, i + 1, i == lead] for i, one in enumerate(team)]
    affiliated: Rows = [["author", "institute", "since"]]
    for i, author in enumerate(authors[:40]):
        for place in rng.sample(ids["institutes"][:7], 2 if i % 9 == 0 else 1):
            affiliated.append([author, place, rng.randrange(1990, 2022)])
    cites: Rows = [["paper", "cited"]]
    for i, paper in enumerate(papers[:66]):
        older = rng.sample(range(i), min(i, rng.randint(0, 3)))
        cites += [[paper, papers[j]] for j in older if j % 9 != 8]
    funded: Rows = [["grant", "paper", "share"]]
    for grant, paper in pairs(rng, ids["grants"], papers, 55):
        funded.append([grant, paper, rng.choice([0.1, 0.25, 0.5, 0.75, 1.0])])
    awarded: Rows = [["institute", "grant", "decidedOn"]]
    awarded += [[rng.choice(ids["institutes"][:6]), g, day(rng, 2008, 2010)] for g in ids["grants"]]
    supervised: Rows = [["supervisor", "student"]]
    supervised += [[authors[i // 3], authors[i]] for i in range(1, 40) if i % 4]
    names = "authored_by affiliated_with cites funded awarded supervised".split()
    return dict(zip(names, [authored, affiliated, cites, funded, awarded, supervised], strict=True))
