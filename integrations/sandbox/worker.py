"""What the invented company knows: workers, units and changes, as values. All dates are absolute."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from datetime import date, datetime
from typing import Any, NamedTuple

SYSTEMS = ("workday", "bamboohr", "csv")


class Entry(NamedTuple):
    """One dated value: true from `effective_on` on, known since `entered_at` (UTC)."""

    effective_on: date
    field: str
    value: Any
    entered_at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class Worker:
    """One employment in one HR system, as it stands on some day (`as_of`).

    `key` never changes: 32 hex digits in Workday (the WID), digits in BambooHR (the id), the employee number in the CSV.
    `employee_number` of a Workday contingent is its Contingent_Worker_ID. `last_day_on` is the last day at work,
    `termination_on` the last day of the employment (on or after it); both inclusive, in the worker's own zone.
    `leave` holds (first day, last day or None). `pay` and `national_id` exist so that a test can prove they are dropped.
    Empty text means "not given". `entered_at` and `termination_entered_at` are UTC.
    """

    hr: str
    key: str
    employee_number: str
    given: str
    family: str
    middle: str = ""
    preferred: str = ""
    suffix: str = ""
    work_email: str = ""
    home_email: str = ""
    phone: str = ""
    title: str = ""
    department: str = ""
    department_code: str = ""
    division: str = ""
    location_code: str = ""
    location_name: str = ""
    company: str = ""
    cost_center: str = ""
    country: str = ""
    time_zone: str = ""
    language: str = ""
    kind: str = "employee"  # or "contingent"
    hire_on: date
    original_hire_on: date
    last_day_on: date | None = None
    termination_on: date | None = None
    termination_entered_at: datetime | None = None
    termination_reason: str = ""
    leave: tuple[tuple[date, date | None], ...] = ()
    manager_key: str = ""
    matrix_manager_keys: tuple[str, ...] = ()
    unit_key: str = ""
    matrix_unit_keys: tuple[str, ...] = ()
    pay: str = ""
    national_id: str = ""
    birth_on: date
    entered_at: datetime
    deleted: bool = False
    entries: tuple[Entry, ...] = field(default=(), repr=False)
    born: Worker | None = field(default=None, repr=False, compare=False)

    def as_of(self, on: date, entered_by: datetime | None = None) -> Worker:
        """The record as it stands on a day: what is effective by then, and (if given) was entered by then."""
        if not self.entries:
            return self
        root = self.born or self
        values = {
            entry.field: entry.value
            for entry in self.entries
            if entry.effective_on <= on and (entered_by is None or entry.entered_at <= entered_by)
        }
        return replace(root, **values, entries=self.entries, born=root)

    @property
    def history(self) -> tuple[tuple[date, str, Any], ...]:
        """(effective_on, field, value), oldest first, past and future."""
        return tuple((entry.effective_on, entry.field, entry.value) for entry in self.entries)

    @property
    def changed_at(self) -> datetime:
        """The last moment (UTC) at which somebody typed something into this record."""
        moments = [self.entered_at, *(entry.entered_at for entry in self.entries)]
        if self.termination_entered_at:
            moments.append(self.termination_entered_at)
        return max(moments)

    @property
    def username(self) -> str:
        return self.work_email.partition("@")[0] or self.employee_number.lower()

    @property
    def full_name(self) -> str:
        return f"{self.preferred or self.given} {self.family}"

    @property
    def is_rehire(self) -> bool:
        return self.hire_on != self.original_hire_on

    def has_started(self, on: date) -> bool:
        return self.hire_on <= on

    def has_left(self, on: date) -> bool:
        """True from the day after the termination date."""
        return self.termination_on is not None and self.termination_on < on and self.termination_on >= self.hire_on

    def on_leave(self, on: date) -> bool:
        return any(first <= on and (last is None or on <= last) for first, last in self.leave)

    def state(self, on: date) -> str:
        """deleted, pending, left, leave or active."""
        if self.deleted:
            return "deleted"
        if not self.has_started(on):
            return "pending"
        if self.has_left(on):
            return "left"
        return "leave" if self.on_leave(on) else "active"


@dataclass(frozen=True, slots=True)
class Unit:
    """One supervisory organisation. `level` counts from 1 (the root); `manager_key` is a Workday worker, "" when vacant."""

    key: str
    code: str
    name: str
    parent_key: str
    manager_key: str
    department_code: str
    department: str
    level: int


@dataclass(frozen=True, slots=True)
class WorldChange:
    """One thing that was typed into an HR system at `at` (UTC), true from `effective_on`.

    `kind`: hire, rename, title, move, leave, terminate, rescind_termination, rehire, convert, delete, unit, edit.
    """

    at: datetime
    effective_on: date
    hr: str
    key: str
    kind: str
