"""A hospital: wards with their doctors and patients, treatments given, who supervises whom.

Everything is invented. Knows nothing of questions.
"""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING

from training.domains.tables import Rows, day, pairs

if TYPE_CHECKING:
    import random

SEED = 12
FIRST = (
    "Aylin Boris Carmen Dmitri Esther Farid Gunnar Hilda Imre Judit Kofi Lena Marek Noor".split()
)
LAST = "Abendroth Bellamy Castellan Dumont Eriksen Falk Giordano Haas Ibrahim Jansky".split()
WARDS = (
    "Cardiology Oncology Neurology Paediatrics Orthopaedics Maternity Surgery Geriatrics".split()
)
SPECIALTIES = "cardiology oncology neurology paediatrics orthopaedics surgery".split()
TREATMENTS = (
    "Knee Replacement,Chemotherapy,Physiotherapy,Blood Transfusion,Bypass Surgery,Dialysis,"
    "Radiotherapy,Vaccination,Spinal Tap,Cast Fitting,Endoscopy,Insulin Therapy,Hip Replacement,"
    "Skin Graft,Sleep Study,Light Therapy"
).split(",")
LANGUAGES = ["English", "German", "Turkish", "Arabic", "Spanish"]
ALLERGIES = ["penicillin", "latex", "nuts", "pollen", "iodine"]


def nodes(rng: random.Random) -> dict[str, Rows]:
    """Rows of each node file, the header first."""
    wards: Rows = [["id", "name", "floor", "bed_count", "intensive_care"]]
    for i, name in enumerate([*WARDS, "Burns Unit"]):
        wards.append([f"w{i}", name, i // 2, rng.randrange(8, 40, 2), i % 4 == 0])
    doctors: Rows = [["id", "full_name", "specialty", "hired_on", "languages", "hourly_rate"]]
    for i in range(28):
        name = f"{FIRST[i % 14]} {LAST[i * 3 % 10]}"
        spoken = rng.sample(LANGUAGES, rng.randint(1, 3)) if i % 8 else None
        rate = rng.randrange(60, 180) + 0.5 * rng.randint(0, 1)
        specialty = SPECIALTIES[rng.randrange(6)] if i % 10 != 7 else None
        doctors.append([f"d{i}", name, specialty, day(rng, 1995, 2023), spoken, rate])
    patients: Rows = [["id", "full_name", "birth_date", "blood_type", "allergies", "insured"]]
    for i in range(80):
        name = f"{FIRST[i * 3 % 14]} {LAST[(i * 7 + i // 14) % 10]}"
        blood = rng.choice(["A+", "A-", "B+", "O+", "O+", "O-", "AB+"]) if i % 5 else None
        allergies = sorted(rng.sample(ALLERGIES, rng.randint(1, 2))) if rng.random() < 0.4 else None
        patients.append(
            [f"p{i}", name, day(rng, 1930, 2020), blood, allergies, rng.random() < 0.85]
        )
    treatments: Rows = [["id", "name", "price", "duration_minutes", "invasive"]]
    for i, name in enumerate(TREATMENTS):
        minutes = rng.randrange(15, 300, 15) if i % 7 != 5 else None
        price = rng.randrange(40, 9000) + 0.25 * rng.randint(0, 3)
        invasive = name.endswith(("Replacement", "Surgery", "Tap", "Graft", "Endoscopy"))
        treatments.append([f"t{i}", name, price, minutes, invasive])
    return {"wards": wards, "doctors": doctors, "patients": patients, "treatments": treatments}


def relationships(rng: random.Random, ids: dict[str, list[str]]) -> dict[str, Rows]:
    """Rows of each relationship file, the header first."""
    wards, doctors = ids["wards"], ids["doctors"]
    has_doctor: Rows = [["ward", "doctor", "since"]]
    has_doctor += [[*pair, day(rng, 2005, 2023)] for pair in pairs(rng, wards, doctors, 38)]
    # Some come back: several stays of a patient in one ward; who is still in has no discharge.
    has_patient: Rows = [["ward", "patient", "admitted_on", "discharged_on", "bed_number"]]
    for ward, patient in pairs(rng, wards, ids["patients"], 95):
        for _ in range(1 + (rng.random() < 0.15)):
            start = day(rng, 2021, 2023)
            end = start + timedelta(days=rng.randrange(1, 40)) if rng.random() < 0.85 else None
            has_patient.append([ward, patient, start, end, rng.randint(1, 30)])
    received: Rows = [["patient", "treatment", "given_on", "outcome", "sessions"]]
    for patient, treatment in pairs(rng, ids["patients"], ids["treatments"], 120):
        outcome = rng.choice(["recovered", "improved", "improved", "unchanged", None])
        received.append([patient, treatment, day(rng, 2021, 2023), outcome, rng.randint(1, 12)])
    attends: Rows = [["doctor", "patient"]]
    attends += [[*pair] for pair in pairs(rng, doctors, ids["patients"], 110)]
    qualified: Rows = [["doctor", "treatment", "level"]]
    for pair in pairs(rng, doctors, ids["treatments"], 55):
        qualified.append([*pair, rng.randint(1, 3)])
    supervises: Rows = [["doctor", "junior"]]
    supervises += [[doctors[(i - 1) // 3], doctors[i]] for i in range(1, 25) if i != 6]
    refers_to: Rows = [["ward", "other", "transfers"]]
    refers_to += [
        [wards[i], wards[(i * 3 + 2) % 8], 4 * i % 7 + 1] for i in range(8) if (i * 3 + 2) % 8 != i
    ]
    return {
        "has_doctor": has_doctor,
        "has_patient": has_patient,
        "received": received,
        "attends": attends,
        "qualified": qualified,
        "supervises": supervises,
        "refers_to": refers_to,
    }
