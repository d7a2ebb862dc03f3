"""A university: departments, courses and what they require, lecturers, students, rooms.

Everything is invented. Knows nothing of questions.
"""

from __future__ import annotations

from datetime import date
from typing import TYPE_CHECKING

from training.domains.tables import Rows, day, pairs

if TYPE_CHECKING:
    import random

SEED = 14
DEPARTMENTS = {
    "Mathematics": "Algebra,Calculus,Topology,Statistics,Number Theory,Logic",
    "Physics": "Mechanics,Optics,Thermodynamics,Quantum Physics,Astrophysics",
    "History": "Ancient Rome,Medieval Europe,Modern Asia,Oral History",
    "Biology": "Genetics,Ecology,Cell Biology,Botany,Zoology",
    "Computing": "Programming,Databases,Compilers,Machine Learning,Networks,Cryptography",
    "Linguistics": "Phonetics,Syntax,Semantics",
    "Philosophy": "",
}
FIRST = (
    "Amara Beatriz Chen Daniyar Elif Fyodor Gita Hana Isak Jovana Kwame Lucia Minh Nadia".split()
)
LAST = "Akande Bergqvist Cardoso Dang Engel Fofana Grigoryan Hoang Ito Jovic Khan Lund".split()
TOPICS = ["networks", "proofs", "archives", "enzymes", "dialects", "stars", "education"]
RANKS = ["assistant", "associate", "full", "adjunct"]


def nodes(rng: random.Random) -> dict[str, Rows]:
    """Rows of each node file, the header first."""
    departments: Rows = [["id", "dept_name", "annual_budget", "building"]]
    courses: Rows = [["id", "course_code", "title", "credits", "level", "is_online"]]
    for i, (name, titles) in enumerate(DEPARTMENTS.items()):
        building = rng.choice(["North Hall", "South Hall", "Tower"])
        departments.append([f"d{i}", name, rng.randrange(200, 4000) * 1000.0, building])
        for part, title in enumerate(filter(None, titles.split(","))):
            level, points = min(1 + part // 2, 3), rng.choice([3, 5, 5, 10])
            code = f"{name[:3].upper()}{level}0{part + 1}"
            courses.append([code, code, title, points, level, rng.random() < 0.3])
    lecturers: Rows = [["id", "full_name", "academic_rank", "appointed_on", "research_topics"]]
    for i in range(24):
        topics = rng.sample(TOPICS, rng.randint(1, 3)) if i % 5 else None
        name = f"{FIRST[i % 14]} {LAST[i * 5 % 12]}"
        lecturers.append([f"l{i}", name, RANKS[rng.randrange(4)], day(rng, 1998, 2023), topics])
    students: Rows = [["id", "full_name", "enrolled_on", "gpa", "birth_year", "part_time"]]
    for i in range(90):
        name, gpa = f"{FIRST[i * 3 % 14]} {LAST[(i * 7 + i // 14) % 12]}", rng.uniform(1.6, 4)
        start = date(2019 + i % 5, 9, 1) if i % 8 else date(2019 + i % 5, 2, 1)
        late, mark = rng.random() < 0.2, round(gpa, 2) if i % 6 else None
        students.append([f"s{i}", name, start, mark, 1994 + i * 5 % 12, late])
    rooms: Rows = [["id", "room_no", "seats", "has_projector"]]
    for i in range(12):
        rooms.append([f"r{i}", f"{'NST'[i % 3]}-{101 + i * 7}", 20 + i * 35 % 160, i % 4 != 1])
    return {
        "departments": departments,
        "courses": courses,
        "lecturers": lecturers,
        "students": students,
        "rooms": rooms,
    }


def relationships(rng: random.Random, ids: dict[str, list[str]]) -> dict[str, Rows]:
    """Rows of each relationship file, the header first."""
    courses, lecturers, students = ids["courses"], ids["lecturers"], ids["students"]
    of = {
        course: [name[:3].upper() for name in DEPARTMENTS].index(course[:3]) for course in courses
    }
    offers: Rows = [["department", "course"]]
    offers += [[f"d{index}", course] for course, index in of.items()]
    requires: Rows = [["course", "required", "minimum_grade"]]
    for course in courses:
        lower = [c for c in courses if of[c] == of[course] and c[3] < course[3]]
        chosen = lower[-1 - rng.randrange(2) :]
        requires += [[course, other, rng.choice([2.0, 2.5, 3.0, None])] for other in chosen]
    requires += [["COM204", "MAT102", 2.5], ["PHY204", "MAT102", None], ["BIO203", "MAT204", 2.0]]
    taught_by: Rows = [["course", "lecturer", "weekly_hours"]]
    taught_by += [[*pair, rng.randint(1, 4)] for pair in pairs(rng, [*courses, ""], lecturers, 40)]
    takes: Rows = [["student", "course", "term", "grade"]]
    for student, course in pairs(rng, students, courses, 210):
        term = rng.choice(["autumn 2022", "spring 2023", "autumn 2023"])
        takes.append([student, course, term, rng.choice([1.0, 2.0, 2.5, 3.0, 3.5, 4.0, None])])
    member_of: Rows = [["lecturer", "department"]]
    member_of += [[lecturer, f"d{i % 6}"] for i, lecturer in enumerate(lecturers) if i != 20]
    heads: Rows = [["lecturer", "department", "since"]]
    heads += [[lecturers[i], f"d{i}", day(rng, 2012, 2023)] for i in range(6)]
    advises: Rows = [["lecturer", "student"]]
    advises += [
        [rng.choice(lecturers[:15]), student] for i, student in enumerate(students) if i % 4
    ]
    held_in: Rows = [["course", "room", "weekday", "start_hour"]]
    for pair in pairs(rng, courses, ids["rooms"], 40):
        held_in.append([*pair, rng.choice(["Monday", "Tuesday", "Thursday"]), rng.randint(8, 17)])
    return {
        "offers": offers,
        "requires": requires,
        "taught_by": taught_by,
        "takes": takes,
        "member_of": member_of,
        "heads": heads,
        "advises": advises,
        "held_in": held_in,
    }
