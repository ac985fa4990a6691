"""A worker out of an index: nothing is stored, the same seed and day always give the same person.

A key carries its index (scrambled, with a check), so a lookup by key is arithmetic too. Managers come first: worker u of
the Workday population leads unit u, and in the flat populations worker i reports to worker (i-1) // SPAN.
"""

from __future__ import annotations

from datetime import UTC, date, datetime, time, timedelta
from functools import lru_cache
from hashlib import blake2b
from typing import Any

from integrations.sandbox.cast import BAMBOOHR, WORKDAY, Member, dated_values
from integrations.sandbox.names import BY_KEY as CULTURE_BY_KEY
from integrations.sandbox.names import CULTURES, SHORT, Culture, ascii_name
from integrations.sandbox.places import (
    DEPARTMENT,
    DEPARTMENTS,
    LEVELS,
    LOCATION,
    LOCATIONS,
    NAMED_UNITS,
    TEAM_SIZE,
    Department,
    Location,
)
from integrations.sandbox.worker import Unit, Worker

SPAN = 7  # direct reports in the populations without a chart of units
OVERLAPS = 9  # besides Marco: people who sit in Workday and BambooHR under one employee number
FIRST_NUMBER = {"workday": 20000, "bamboohr": 1500, "csv": 1001}
FIRST_BAMBOO_ID = 501
DOMAIN = "meridian.example"
PAIRS = len(CULTURES[0].given) * len(CULTURES[0].family)
STRIDE = 1021  # prime, and so coprime to the 1,600 pairs of a culture: walks through all of them


class Birth:
    """Everything about the first day of the world. Reads nothing, stores nothing but a few counts."""

    def __init__(self, seed: int, size: int, created_on: date) -> None:
        if size < 100:
            raise ValueError("a world has at least 100 people")
        self.seed = seed
        self.created_on = created_on
        self.created_at = datetime.combine(created_on, time(), UTC)
        self.count = {"workday": size * 3 // 4, "bamboohr": size * 5 // 24, "csv": size - size * 3 // 4 - size * 5 // 24}
        self.unit_count = max(len(NAMED_UNITS), self.count["workday"] // TEAM_SIZE)
        self.salt = {hr: f"{seed}:{hr}".encode() for hr in ("workday", "bamboohr", "csv", "unit")}
        self.cast = {"workday": self.unit_count, "bamboohr": self.count["bamboohr"] - len(BAMBOOHR), "csv": self.count["csv"]}

    # ── keys ────────────────────────────────────────────────────────────────────────────────────────

    def member(self, hr: str, index: int) -> Member | None:
        members = {"workday": WORKDAY, "bamboohr": BAMBOOHR}.get(hr, ())
        place = index - self.cast[hr]
        return members[place] if 0 <= place < len(members) else None

    def key(self, hr: str, index: int) -> str:
        """The immutable key of the index-th worker (or, for hr="unit", unit)."""
        member = self.member(hr, index) if hr != "unit" else None
        if member:
            return member.key
        if hr == "bamboohr":
            return str(FIRST_BAMBOO_ID + index)
        if hr == "csv":
            return f"K-{FIRST_NUMBER['csv'] + index}"
        return _scrambled(self.salt[hr], index)

    def index(self, hr: str, key: str) -> int | None:
        """The way back from a key, None when this world never made it."""
        for place, member in enumerate({"workday": WORKDAY, "bamboohr": BAMBOOHR}.get(hr, ())):
            if member.key == key:
                return self.cast[hr] + place
        guess = (
            _unscrambled(key) if hr in ("workday", "unit") else _digits(key, FIRST_BAMBOO_ID if hr == "bamboohr" else FIRST_NUMBER["csv"])
        )
        limit = self.unit_count if hr == "unit" else self.count[hr]
        return guess if guess is not None and 0 <= guess < limit and self.key(hr, guess) == key else None

    # ── units ───────────────────────────────────────────────────────────────────────────────────────

    def unit_parent(self, index: int) -> int:
        """Index of the unit above, -1 for the root. Beyond the named chart, six numbered teams hang under each unit."""
        return NAMED_UNITS[index][1] if index < len(NAMED_UNITS) else 5 + (index - len(NAMED_UNITS)) // 6

    def unit_department(self, index: int) -> Department:
        while index >= len(NAMED_UNITS):
            index = self.unit_parent(index)
        return DEPARTMENT[NAMED_UNITS[index][2]]

    def unit(self, index: int) -> Unit:
        parent, level, above = self.unit_parent(index), 1, self.unit_parent(index)
        while above >= 0:
            level, above = level + 1, self.unit_parent(above)
        department = self.unit_department(index)
        return Unit(
            key=self.key("unit", index),
            code=f"SUP-{index + 1:03d}",
            name=NAMED_UNITS[index][0] if index < len(NAMED_UNITS) else f"{department.name} Team {index + 1}",
            parent_key=self.key("unit", parent) if parent >= 0 else "",
            manager_key=self.key("workday", index),
            department_code=department.code,
            department=department.name,
            level=level,
        )

    # ── workers ─────────────────────────────────────────────────────────────────────────────────────

    def worker(self, hr: str, index: int) -> Worker:
        member = self.member(hr, index)
        if member:
            return self._of_the_cast(member, hr, index)
        twin = self._twin(hr, index)
        if twin is not None:
            return self._overlapping(twin, index)
        return self._ordinary(hr, index)

    def _ordinary(self, hr: str, index: int) -> Worker:
        dice = _dice(self.salt[hr], index)
        person = index + {"workday": 0, "bamboohr": self.count["workday"], "csv": self.count["workday"] + self.count["bamboohr"]}[hr]
        culture, given, family, email = _named(self.seed, person)
        unit, leads = self._seat(hr, index, dice)
        department = self.unit_department(unit) if hr == "workday" else DEPARTMENTS[1 + dice[0] % (len(DEPARTMENTS) - 1)]
        location = LOCATION[culture.home] if dice[1] < 160 else LOCATIONS[dice[2] % len(LOCATIONS)]
        contingent = not leads and hr != "bamboohr" and dice[3] < 11  # 11 of 256 ≈ 4 %
        return Worker(
            hr=hr,
            key=self.key(hr, index),
            employee_number=self._number(hr, index, contingent),
            given=given,
            family=family,
            middle=culture.given[dice[4] % len(culture.given)] if dice[5] < 20 else "",
            preferred=SHORT.get(given, "") if dice[6] < 128 else "",
            suffix="Jr." if culture.key == "american" and dice[7] < 10 else "",
            work_email=email,
            home_email=f"{ascii_name(family)}{person}@post.example" if dice[8] < 200 else "",
            title=self._title(hr, index, leads, unit, department, dice),
            kind="contingent" if contingent else "employee",
            language=culture.language,
            manager_key=self._manager(hr, index, unit, leads),
            unit_key=self.key("unit", unit) if hr == "workday" else "",
            **_placed(location, department),
            **_private(self.created_on, location, dice),
            **(self._engagement(dice) if not leads else self._long_standing(dice)),
        )

    def _of_the_cast(self, member: Member, hr: str, index: int) -> Worker:
        dice = _dice(self.salt[hr], index)
        location, department = LOCATION[member.location], DEPARTMENT[NAMED_UNITS[member.unit][2]]
        values: dict[str, Any] = {
            "hr": hr,
            "key": member.key,
            "employee_number": member.employee_number,
            "given": member.given,
            "family": member.family,
            "work_email": member.email,
            "home_email": f"{ascii_name(member.family)}.{ascii_name(member.given)}@post.example",
            "title": member.title,
            "language": _language(member.location),
            "manager_key": self.key("workday", member.unit) if hr == "workday" else self.key(hr, (index - 1) // SPAN),
            "unit_key": self.key("unit", member.unit) if hr == "workday" else "",
            "matrix_unit_keys": tuple(self.key("unit", unit) for unit in member.matrix_units),
            "matrix_manager_keys": tuple(self.key("workday", unit) for unit in member.matrix_units),
            **_placed(location, department),
            **_private(self.created_on, location, dice),
            **self._long_standing(dice),
            **member.values,
            **dated_values(member, self.created_on),
        }
        entered_on = min(values["hire_on"], self.created_on) - timedelta(days=14)
        values["entered_at"] = _office_hours(entered_on, dice)
        if values.get("termination_on"):
            values["termination_entered_at"] = self.created_at - timedelta(days=9)
        return Worker(**values)

    def _overlapping(self, twin: Worker, index: int) -> Worker:
        """A Workday employee who is also in BambooHR: same number, and the small differences of real life."""
        dice = _dice(self.salt["bamboohr"], index)
        email = twin.work_email if dice[20] < 128 else f"{ascii_name(twin.given)[0]}{index}.{ascii_name(twin.family)}@{DOMAIN}"
        base = self._ordinary("bamboohr", index)
        values = {name: getattr(base, name) for name in Worker.__dataclass_fields__ if name not in ("entries", "born")}
        shared = ("employee_number", "given", "family", "middle", "home_email", "phone", "title", "birth_on", "language")
        values.update({name: getattr(twin, name) for name in shared}, work_email=email, preferred="")
        return Worker(**values)

    def _twin(self, hr: str, index: int) -> Worker | None:
        """The Workday worker behind the last BambooHR records before the cast: the last leaders of the chart, who are sure to stay."""
        place = self.cast["bamboohr"] - 1 - index
        if hr != "bamboohr" or not 0 <= place < OVERLAPS:
            return None
        return self._ordinary("workday", self.cast["workday"] - 1 - place)

    def _seat(self, hr: str, index: int, dice: bytes) -> tuple[int, bool]:
        """(index of the unit this worker sits in, whether they lead people). Leaders sit in the unit above their own."""
        if hr == "workday":
            if index < self.unit_count:
                return max(0, self.unit_parent(index)), True
            return 5 + int.from_bytes(dice[9:12], "big") % (self.unit_count - 5), False
        return 0, index * SPAN + 1 < self.count[hr]

    def _manager(self, hr: str, index: int, unit: int, leads: bool) -> str:
        if index == 0:
            return ""
        return self.key(hr, unit if hr == "workday" else (index - 1) // SPAN)

    def _number(self, hr: str, index: int, contingent: bool) -> str:
        if hr == "csv":
            return self.key("csv", index)
        number = FIRST_NUMBER[hr] + index
        return f"C{number}" if contingent else f"B{number}" if hr == "bamboohr" else str(number)

    def _title(self, hr: str, index: int, leads: bool, unit: int, department: Department, dice: bytes) -> str:
        if index == 0:
            return "Chief Executive Officer" if hr == "workday" else "Managing Director"
        if leads and hr == "workday":
            led = self.unit(index)
            return f"{('', 'Chief Executive', 'Vice President', 'Director', 'Manager')[min(led.level, 4)]}, {led.name}"
        role = department.roles[dice[12] % len(department.roles)]
        return f"Senior {role}" if dice[13] % 4 == 3 else role + LEVELS[dice[13] % 4]

    def _long_standing(self, dice: bytes) -> dict[str, Any]:
        hire_on = self.created_on - timedelta(days=200 + int.from_bytes(dice[14:16], "big") % 3600)
        return {"hire_on": hire_on, "original_hire_on": hire_on, "entered_at": _office_hours(hire_on - timedelta(days=14), dice)}

    def _engagement(self, dice: bytes) -> dict[str, Any]:
        """When it began and whether it ends: 3 % gone, 1 % leaving, 1.5 % not yet here, 2 % on leave."""
        values, today, span = self._long_standing(dice), self.created_on, int.from_bytes(dice[17:19], "big")
        draw = int.from_bytes(dice[15:17], "big") / 65536
        if draw < 0.03:
            ended_on = max(values["hire_on"] + timedelta(days=60), today - timedelta(days=2 + span % 500))
            values |= {"last_day_on": ended_on, "termination_on": ended_on, "termination_reason": _reason(dice)}
            values["termination_entered_at"] = min(_office_hours(ended_on - timedelta(days=10), dice), self.created_at)
        elif draw < 0.04:
            ends_on = today + timedelta(days=3 + span % 60)
            values |= {"last_day_on": ends_on - timedelta(days=span % 3), "termination_on": ends_on, "termination_reason": _reason(dice)}
            values["termination_entered_at"] = _office_hours(today - timedelta(days=1 + span % 25), dice)
        elif draw < 0.055:
            hire_on = today + timedelta(days=1 + span % 45)
            entered_at = _office_hours(today - timedelta(days=1 + span % 20), dice)
            values |= {"hire_on": hire_on, "original_hire_on": hire_on, "entered_at": entered_at}
        elif draw < 0.075:
            values["leave"] = ((today - timedelta(days=3 + span % 120), None if span % 3 == 0 else today + timedelta(days=9 + span % 150)),)
        return values


def _dice(salt: bytes, index: int) -> bytes:
    """Thirty-two fair bytes for one worker."""
    return blake2b(index.to_bytes(8, "big"), digest_size=32, key=salt).digest()


def _scrambled(salt: bytes, index: int) -> str:
    head = blake2b(index.to_bytes(8, "big"), digest_size=12, key=salt, person=b"wid").digest()
    return (head + (int.from_bytes(head[:4], "big") ^ index).to_bytes(4, "big")).hex()


def _unscrambled(key: str) -> int | None:
    try:
        raw = bytes.fromhex(key)
    except ValueError:
        return None
    return int.from_bytes(raw[:4], "big") ^ int.from_bytes(raw[12:], "big") if len(raw) == 16 else None


def _digits(key: str, first: int) -> int | None:
    number = key.removeprefix("K-")
    return int(number) - first if number.isascii() and number.isdigit() else None


def _named(seed: int, person: int) -> tuple[Culture, str, str, str]:
    """Culture, given name, family name and a work e-mail that nobody else has."""
    culture = CULTURES[(person * 5 + seed) % len(CULTURES)]
    ordinal = person // len(CULTURES)
    pair = (ordinal * STRIDE + seed * 37) % PAIRS
    given, family = culture.given[pair % len(culture.given)], culture.family[pair // len(culture.given)]
    again = ordinal // PAIRS
    mailbox = f"{ascii_name(given)}.{ascii_name(family)}{again + 1 if again else ''}"
    return culture, given, family, f"{mailbox}@{DOMAIN}"


def _placed(location: Location, department: Department) -> dict[str, Any]:
    return {
        "location_code": location.code,
        "location_name": location.name,
        "country": location.country,
        "time_zone": location.time_zone,
        "company": location.company,
        "department": department.name,
        "department_code": department.code,
        "division": department.division,
        "cost_center": department.cost_center,
    }


def _private(created_on: date, location: Location, dice: bytes) -> dict[str, Any]:
    return {
        "phone": f"{location.dial} 555 {int.from_bytes(dice[21:24], 'big') % 10**6:06d}",
        "pay": f"{40000 + dice[24] * 400}.00 {location.currency}",
        "national_id": f"NID-{dice[25:30].hex().upper()}",
        "birth_on": created_on - timedelta(days=365 * 20 + int.from_bytes(dice[30:32], "big") % 15000),
    }


def _office_hours(on: date, dice: bytes) -> datetime:
    return datetime.combine(on, time(8 + dice[19] % 9, dice[20] % 60), UTC)


def _reason(dice: bytes) -> str:
    return ("Resignation", "End of contract", "Retirement", "Redundancy")[dice[19] % 4]


@lru_cache(maxsize=64)
def _language(location_code: str) -> str:
    return next((culture.language for culture in CULTURE_BY_KEY.values() if culture.home == location_code), "en")
