"""Lists and their options. An option keeps its id when its text changes, which is how a rename can be told from a new entry."""

from __future__ import annotations

from zlib import crc32

from integrations.sandbox.places import DEPARTMENTS, LEVELS, LOCATIONS

STATUSES = ("Full-Time", "Contractor", "Terminated")
LIST_FIELDS = {"jobTitle": 17, "location": 18, "department": 19, "division": 20, "employmentHistoryStatus": 152}


def option_id(list_name: str, code: str) -> str:
    """The number of an option, from what identifies it: the code of a place or department, the text of the others."""
    return str(10000 + crc32(f"{list_name}:{code}".encode()) % 900000)


def options() -> dict[str, list[tuple[str, str, bool]]]:
    """(id, text, whether archived) by list."""
    titles = [f"{role}{level}" for department in DEPARTMENTS for role in department.roles for level in LEVELS]
    titles += [f"Senior {role}" for department in DEPARTMENTS for role in department.roles]
    divisions = sorted({department.division for department in DEPARTMENTS})
    return {
        "jobTitle": [(option_id("jobTitle", title), title, False) for title in titles],
        "location": [(option_id("location", place.code), place.name, False) for place in LOCATIONS]
        + [(option_id("location", "closed"), "Vienna Prater (closed)", True)],
        "department": [(option_id("department", department.code), department.name, False) for department in DEPARTMENTS],
        "division": [(option_id("division", division), division, False) for division in divisions],
        "employmentHistoryStatus": [(option_id("employmentHistoryStatus", name), name, False) for name in STATUSES],
    }
