"""The invented network behind the graph `transit`: what is laid down by hand, not by chance.

Knows nothing of files.
"""

from __future__ import annotations

# key: name, kilometres east and north of Central, zone, year of opening (0: not open yet)
STATIONS: dict[str, tuple[str, float, float, int, int]] = {
    "westgate": ("Westgate Mill", -7.0, 0.2, 3, 1931),
    "orchard": ("Orchard Field", -5.6, 0.3, 2, 1931),
    "alban": ("Saint Alban", -4.2, 0.1, 2, 1928),
    "glassworks": ("Glassworks", -2.8, 0.2, 1, 1928),
    "town-hall": ("Town Hall", -1.4, 0.0, 1, 1925),
    "central": ("Central", 0.0, 0.0, 1, 1887),
    "lantern": ("Lantern Square", 1.2, 0.1, 1, 1925),
    "university": ("University", 2.5, 0.4, 1, 1934),
    "foundry": ("Foundry Row", 3.9, 0.2, 2, 1934),
    "eastfield": ("Eastfield", 5.4, 0.5, 2, 1952),
    "airport": ("Airport", 8.5, 0.9, 4, 1979),
    "highmoor": ("Highmoor", 0.4, 7.0, 3, 1968),
    "larkhill": ("Larkhill", 0.2, 5.6, 3, 1961),
    "botanic": ("Botanic Garden", 0.1, 4.2, 2, 1961),
    "north-cross": ("North Cross", -0.1, 2.7, 2, 1938),
    "museum": ("Museum", 0.0, 1.3, 1, 1938),
    "harbour": ("Harbour", 0.2, -1.2, 1, 1892),
    "bridge-end": ("Bridge End", 0.1, -2.6, 1, 1938),
    "saltmarket": ("Saltmarket", -0.2, -4.0, 2, 1955),
    "southfield": ("Southfield", -0.3, -5.5, 2, 1955),
    "marsh-lane": ("Marsh Lane", -0.4, -7.0, 3, 1972),
    "weavers": ("Weavers Green", -1.8, 1.6, 1, 1986),
    "hospital": ("Hospital", 1.9, 1.9, 1, 1986),
    "docklands": ("Docklands", 2.4, -1.4, 1, 1986),
    "tannery": ("Tannery", -1.8, -1.8, 1, 1986),
    "hill-street": ("Hill Street", -3.5, 3.2, 2, 1911),
    "market-hall": ("Market Hall", 1.5, -0.8, 1, 1911),
    "fish-quay": ("Fish Quay", 3.6, -1.9, 2, 1911),
    "lighthouse": ("Lighthouse", 5.0, -2.4, 3, 1924),
    "northgate": ("Northgate", 3.2, 4.4, 3, 1999),
    "stadium": ("Stadium", 2.6, 3.1, 2, 1999),
    "abbey": ("Abbey Park", -2.9, -3.0, 2, 2003),
    "mill-pond": ("Mill Pond", -1.2, -6.6, 3, 2003),
    "chapel-north": ("Chapel Street", -4.0, 1.8, 2, 1947),
    "chapel-south": ("Chapel Street", -1.6, -4.6, 2, 2003),
    "quarry": ("Quarry Road", 1.8, 6.0, 3, 1947),
    "science": ("Science Park", 4.8, 2.6, 3, 2011),
    "observatory": ("Observatory", -2.0, 4.9, 3, 1947),
    "ropewalk": ("Ropewalk", 1.6, -3.8, 2, 1963),
    "cannery": ("Cannery", 3.0, -4.9, 3, 1963),
    "gas-works": ("Gas Works", 1.3, -6.4, 3, 1963),
    "sluice": ("Sluice Gate", -1.5, -7.9, 4, 1963),
    "gull": ("Gull Island", 6.9, -4.8, 4, 1926),
    "seal": ("Seal Rock", 8.1, -5.9, 4, 1926),
    "marlow": ("Marlow Bridge", 12.4, 2.0, 5, 1889),
    "hazel": ("Hazel Cutting", 10.6, 1.5, 5, 1889),
    "pinewood": ("Pinewood", -9.6, 1.2, 4, 1887),
    "old-ferry": ("Old Ferry", -12.5, 2.1, 5, 1887),
    "stonebridge": ("Stonebridge", -15.8, 2.9, 5, 1890),
    "mill-lane-west": ("Mill Lane", -18.2, 3.3, 6, 1890),
    "mill-lane-east": ("Mill Lane", 4.0, 3.7, 3, 2011),
    "castle-gate": ("Castle Gate", -3.9, 3.6, 2, 1904),
    "castle": ("Castle", -4.2, 3.9, 2, 1904),
    "theatre": ("Theatre", -0.8, 0.7, 1, 2016),
    "courts": ("Law Courts", -0.7, -0.9, 1, 2016),
    "garrison": ("Garrison", -3.1, 1.5, 2, 2016),
    "waterworks": ("Waterworks", -5.2, 2.9, 3, 2016),
    "beacon": ("Beacon Hill", -6.4, 4.1, 3, 2016),
    "priory": ("Priory", 5.9, 4.0, 4, 2011),
    "racecourse": ("Fairfield Racecourse", 7.2, 3.1, 4, 2011),
    "newhaven-park": ("Newhaven Park", -8.0, -2.0, 3, 0),
    "old-tannery": ("Old Tannery", -2.1, -1.9, 1, 1902),
}

# name: mode, colour, opened, first departure (minute of the day), minutes to the next, one way?
LINES: dict[str, tuple[str, str, str, int, int, bool]] = {
    "M1": ("metro", "red", "1925-05-02", 300, 28, False),
    "M2": ("metro", "blue", "1938-09-17", 302, 28, False),
    "M3": ("metro", "yellow", "1986-04-12", 330, 26, True),
    "T1": ("tram", "green", "1911-06-24", 312, 27, False),
    "T2": ("tram", "orange", "1999-08-21", 318, 27, False),
    "T3": ("tram", "green", "2016-10-08", 315, 27, False),
    "B7": ("bus", "purple", "1947-03-03", 340, 25, False),
    "B12": ("bus", "brown", "1963-11-30", 345, 24, True),
    "F1": ("ferry", "white", "1926-07-01", 420, 22, False),
    "R1": ("rail", "black", "1887-10-15", 290, 29, False),
    "C1": ("funicular", "red", "1904-05-14", 480, 15, False),
    "N9": ("bus", "", "2011-12-11", 1380, 12, False),
    "T9": ("tram", "silver", "", 0, 0, False),
}

# line, then its stops in sequence, a row each
ROUTES = """
M1: westgate orchard alban glassworks town-hall central lantern university foundry eastfield \
airport
M2: highmoor larkhill botanic north-cross museum central harbour bridge-end saltmarket \
southfield marsh-lane
M3: glassworks weavers north-cross hospital university docklands bridge-end tannery glassworks
T1: hill-street weavers museum lantern market-hall docklands fish-quay lighthouse
T2: northgate stadium hospital lantern central tannery abbey chapel-south southfield mill-pond
T3: beacon waterworks garrison weavers theatre central courts tannery
B7: alban chapel-north hill-street observatory larkhill quarry northgate mill-lane-east science \
racecourse
B12: saltmarket ropewalk cannery gas-works marsh-lane sluice mill-pond saltmarket
F1: harbour fish-quay lighthouse gull seal
R1: mill-lane-west stonebridge old-ferry pinewood orchard central eastfield airport hazel marlow
C1: hill-street castle-gate castle
N9: central museum hospital stadium science priory racecourse
"""
STOPS = {
    line: stops.split()
    for line, _, stops in (row.partition(":") for row in ROUTES.split("\n")[1:-1])
}

OPERATORS = [
    ("metro", "Velmora Metro", "1924-01-08", "555-0100"),
    ("trams", "City Tramways", "1910-02-21", "555-0117"),
    ("coaches", "Redwing Coaches", "1945-09-01", ""),
    ("harbour", "Harbour Boats", "1926-03-15", "555-0144"),
    ("northern", "Northern Line Company", "1885-07-30", "555-0171"),
    ("castle", "Castle Railway Trust", "1904-02-03", ""),
    ("skyway", "Skyway Gondolas", "2024-05-06", "555-0190"),
]
OPERATES = [
    ("metro", "M1", "1925-05-02"),
    ("metro", "M2", "1938-09-17"),
    ("metro", "M3", "1986-04-12"),
    ("trams", "T1", "1911-06-24"),
    ("trams", "T2", "1999-08-21"),
    ("trams", "T3", "2018-01-01"),
    ("metro", "T3", "2016-10-08"),
    ("coaches", "B7", "1961-02-01"),
    ("coaches", "B12", "1963-11-30"),
    ("coaches", "N9", "2011-12-11"),
    ("metro", "N9", "2015-06-01"),
    ("harbour", "F1", "1926-07-01"),
    ("northern", "R1", "1887-10-15"),
    ("castle", "C1", "1904-05-14"),
]

# key: name, kilometres east and north of Central, capacity, modes, operator
DEPOTS = {
    "foundry": ("Foundry Sidings", 4.2, 0.6, 24, {"metro"}, "metro"),
    "highmoor": ("Highmoor Yard", 0.9, 7.3, 16, {"metro", "tram"}, "metro"),
    "hill": ("Hill Street Sheds", -3.2, 3.0, 14, {"tram"}, "trams"),
    "abbey": ("Abbey Park Sheds", -3.1, -3.3, 14, {"tram", "bus"}, "trams"),
    "gas": ("Gas Works Garage", 1.5, -6.2, 20, {"bus"}, "coaches"),
    "quay": ("Fish Quay Berths", 3.7, -2.0, 8, {"ferry"}, "harbour"),
    "pinewood": ("Pinewood Yard", -9.4, 1.5, 30, {"rail"}, "northern"),
    "airport": ("Old Yard at Airport", 8.8, 1.1, 10, set(), ""),
}

# id, cause, severity, planned, started, ended, delay by line, stations closed
DISRUPTIONS = [
    (
        "D-01",
        "signal failure",
        3,
        "false",
        "2024-01-08T07:15",
        "2024-01-08T09:40",
        {"M1": "PT20M", "R1": "PT12M"},
        [],
    ),
    (
        "D-02",
        "flooding",
        5,
        "false",
        "2024-02-28T22:30",
        "2024-03-02T05:00",
        {"M2": "PT45M", "B12": "PT1H10M"},
        ["bridge-end", "saltmarket"],
    ),
    (
        "D-03",
        "track works",
        2,
        "true",
        "2024-02-10T00:00",
        "2024-02-12T04:30",
        {"M3": "PT15M"},
        ["tannery"],
    ),
    (
        "D-04",
        "strong wind",
        4,
        "false",
        "2024-02-12T04:30",
        "2024-02-12T21:00",
        {"F1": "PT1H30M", "C1": "PT30M"},
        ["seal", "gull"],
    ),
    (
        "D-05",
        "signal failure",
        2,
        "false",
        "2024-03-04T17:05",
        "2024-03-04T17:50",
        {"M1": "PT8M"},
        [],
    ),
    (
        "D-06",
        "staff shortage",
        1,
        "false",
        "2024-03-15T05:00",
        "2024-03-16T00:30",
        {"B7": "PT25M"},
        [],
    ),
    ("D-07", "lift repair", 1, "true", "2024-04-02T08:00", "", {}, ["hospital", "glassworks"]),
    (
        "D-08",
        "track works",
        3,
        "true",
        "2024-04-27T01:00",
        "2024-05-27T04:00",
        {"T1": "PT18M", "T2": "PT22M"},
        ["lantern"],
    ),
    (
        "D-09",
        "power cut",
        5,
        "false",
        "2024-05-19T18:42",
        "2024-05-19T20:12",
        {"M1": "PT35M", "M2": "PT35M", "M3": "PT35M", "T1": "PT10M"},
        [],
    ),
    (
        "D-10",
        "football match",
        1,
        "true",
        "2024-05-25T16:00",
        "2024-05-25T23:00",
        {"T2": "PT7M"},
        ["stadium"],
    ),
    (
        "D-11",
        "signal failure",
        4,
        "false",
        "2024-06-11T06:50",
        "2024-06-11T11:20",
        {"R1": "PT55M"},
        [],
    ),
    (
        "D-12",
        "flooding",
        3,
        "false",
        "2024-09-30T23:15",
        "2024-10-02T06:00",
        {"B12": "PT40M"},
        ["ropewalk", "cannery"],
    ),
    (
        "D-13",
        "track works",
        2,
        "true",
        "2024-10-01T00:00",
        "",
        {"T3": "PT14M"},
        ["courts", "tannery"],
    ),
    (
        "D-14",
        "strong wind",
        2,
        "false",
        "2024-11-20T04:00",
        "2024-11-20T13:30",
        {"F1": "PT50M"},
        [],
    ),
    ("D-15", "inspection", 1, "true", "2024-12-01T09:00", "2024-12-01T09:00", {}, []),
]

# from, to, metres: each pair once, whoever walks may go either way
WALKS = [
    ("harbour", "courts", 380),
    ("theatre", "town-hall", 290),
    ("theatre", "museum", 640),
    ("harbour", "market-hall", 900),
    ("harbour", "lantern", 1800),
    ("market-hall", "lantern", 450),
    ("castle", "castle-gate", 700),
    ("garrison", "chapel-north", 520),
    ("old-tannery", "tannery", 150),
    ("science", "mill-lane-east", 1300),
    ("gas-works", "marsh-lane", 1500),
    ("town-hall", "courts", 830),
    ("foundry", "fish-quay", 1900),
]
