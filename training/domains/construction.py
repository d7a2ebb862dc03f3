"""Construction: sites, tasks that depend on tasks, contractors, their workers, machines.

Everything is invented. DEPENDS_ON leads from a task to the one that must be done before; a
machine's hire without an end is still running. Knows nothing of questions.
"""

from __future__ import annotations

from datetime import date, timedelta
from typing import TYPE_CHECKING

from training.domains.tables import Rows, day, pairs

if TYPE_CHECKING:
    import random

SEED = 36
STEPS = "Survey;Excavation;Foundation;Drainage;Framing;Roofing;Wiring;Plumbing;Plastering;Painting"
TRADES = ["masonry", "electrics", "carpentry", "earthworks"]
CERTS = ["crane", "welding", "first aid", "scaffolding", "asbestos"]
SITES = "Harbour Tower;Mill Lane School;North Clinic;Station Square;Cedar Court;Old Brewery"
FIRMS = "Brannagh & Sons;Kestrel Build;Norwall;Tide Electrics;Oakline;Delta Groundworks;Pilar;Upton"
FIRST = "Adil Bea Carlo Dunja Esra Finn Greta Hakan Isla".split()
LAST = "Marsh Kovac Ortiz Bauer Nkosi".split()


def nodes(rng: random.Random) -> dict[str, Rows]:
    """Rows of each node file, the header first."""
    sites: Rows = [["id", "name", "city", "budget", "permit_on", "residential"]]
    for i, name in enumerate(SITES.split(";")):
        permit = day(rng, 2020, 2022) if i != 3 else None
        city = ["Porto Velho", "Grenwick", "Aldsee"][i % 3]
        sites.append([f"s{i}", name, city, rng.randrange(8, 95) * 100000, permit, i % 4 == 0])
    contractors: Rows = [["id", "company", "trade", "rating", "licensed_until"]]
    for i, name in enumerate(FIRMS.split(";")):
        until = day(rng, 2024, 2028) if i % 5 else None
        rating = round(rng.uniform(2, 5), 1)
        contractors.append([f"c{i}", name, TRADES[i % 4], rating, until])
    workers: Rows = [["id", "name", "born", "hourly_wage", "certificates"]]
    for i in range(40):
        certs = sorted(rng.sample(CERTS, rng.randint(1, 3))) if i % 5 else None
        name = f"{FIRST[i % 9]} {LAST[(i % 9 + i // 9) % 5]}"
        wage = rng.randrange(28, 90) / 2 if i % 9 else None
        workers.append([f"w{i}", name, day(rng, 1960, 2003), wage, certs])
    machines: Rows = [["id", "model", "kind", "weight_t", "bought"]]
    for i in range(16):
        kind = ["excavator", "crane", "mixer", "lift"][i % 4]
        model = f"{['Hubo', 'Tarka', 'Vexal'][i % 3]} {10 + i * 5}"
        bought = rng.randrange(2004, 2023) if i % 7 else None
        machines.append([f"m{i}", model, kind, round(rng.uniform(0.8, 42), 1), bought])
    tasks: Rows = [["id", "title", "planned_on", "planned_days", "finished", "cost"]]
    for i in range(48):
        title = (
            f"{STEPS.split(';')[i % 8 + i // 24]} {SITES.split(';')[i // 8].split(maxsplit=1)[0]}"
        )
        cost = rng.randrange(4, 160) * 500 if i % 10 else None
        row = [f"t{i}", title, date(2023, 1, 9) + timedelta(days=i % 8 * 25 + rng.randrange(40))]
        tasks.append([*row, rng.randrange(2, 30), i % 8 < rng.randrange(2, 8), cost])
    names = "sites contractors workers machines tasks".split()
    return dict(zip(names, [sites, contractors, workers, machines, tasks], strict=True))


def relationships(rng: random.Random, ids: dict[str, list[str]]) -> dict[str, Rows]:
    """Rows of each relationship file, the header first."""
    tasks, firms = ids["tasks"], ids["contractors"]
    has_task: Rows = [["site", "task"]]
    has_task += [[ids["sites"][i // 8], task] for i, task in enumerate(tasks)]
    depends: Rows = [["task", "before", "lag_days"]]
    for i in range(48):
        for j in sorted({i - 1, i - 1 - rng.randint(0, 3)}):
            if j // 8 == i // 8 and j >= 0 and i % 9:
                depends.append([tasks[i], tasks[j], rng.choice([0, 0, 1, 2, 5])])
    employs: Rows = [["contractor", "worker", "since"]]
    for one in ids["workers"][:37]:
        employs.append([rng.choice(firms[:7]), one, day(rng, 2010, 2023)])
    assigned: Rows = [["worker", "task", "hours"]]
    for worker, task in pairs(rng, ids["workers"], tasks, 120):
        assigned.append([worker, task, rng.randrange(4, 90)])
    carries: Rows = [["contractor", "task"]]
    carries += [[rng.choice(firms[:6]), task] for i, task in enumerate(tasks) if i % 8 != 7]
    hired: Rows = [["machine", "site", "hired_on", "returned_on", "daily_rate"]]
    for machine, site in pairs(rng, ids["machines"], ids["sites"], 30):
        start = day(rng, 2023, 2023)
        end = start + timedelta(days=rng.randrange(5, 120)) if rng.random() < 0.7 else None
        hired.append([machine, site, start, end, rng.randrange(4, 60) * 10.0])
    subcontracts: Rows = [["contractor", "partner", "value"]]
    for i, j, value in [
        (0, 2, 40000),
        (0, 3, 25000),
        (2, 5, 12000),
        (1, 4, 60000),
        (4, 5, 8000),
        (1, 0, 90000),
        (6, 7, 30000),
    ]:
        subcontracts.append([firms[i], firms[j], value])
    names = "has_task depends_on employs assigned_to carries_out hired_for subcontracts".split()
    return dict(
        zip(
            names, [has_task, depends, employs, assigned, carries, hired, subcontracts], strict=True
        )
    )
