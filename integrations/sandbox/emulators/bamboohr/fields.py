"""The fields this account knows: id, name, type and label, and where each value comes from. Source: docs/vendors/bamboohr.md §2, §4.

All values are text or null; lists give the option's text.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, date, datetime
from operator import attrgetter
from typing import Protocol

from integrations.sandbox.emulators.bamboohr.settings import Settings
from integrations.sandbox.worker import Worker

Value = str | None
Boss = tuple[str, str, str, str, str]  # employee number, id, "Last, First", e-mail, display name
MOST = 400  # fields a call


class Around(Protocol):
    """What a field may ask about besides the worker (office.py has it)."""

    settings: Settings
    today: date
    only_current: bool

    def boss(self, key: str) -> Boss: ...

    def changed_at(self, worker: Worker) -> datetime: ...


Read = Callable[[Worker, Around], Value]


@dataclass(frozen=True)
class Field:
    """`is_job` fields come from a dated table and are empty before the first day. `list` names the list of options."""

    id: int
    name: str
    type: str
    label: str
    read: Read
    is_job: bool = False
    list: str = ""

    @property
    def is_custom(self) -> bool:
        return self.name.startswith("custom")


def stamp(at: datetime) -> str:
    """2026-06-09T10:13:20+00:00."""
    return at.astimezone(UTC).isoformat(timespec="seconds")


def display_name(worker: Worker) -> str:
    return f"{worker.preferred or worker.given} {worker.family}"


def _day(attribute: str) -> Read:
    read = attrgetter(attribute)
    return lambda worker, office: on.isoformat() if (on := read(worker)) else office.settings.empty_date


def empty(_: Worker, office: Around) -> Value:
    return office.settings.empty_text


def _text(attribute: str) -> Read:
    read = attrgetter(attribute)
    return lambda worker, office: read(worker) or office.settings.empty_text


def _boss(place: int) -> Read:
    """One fact about the manager, see Office.boss; swapped ids are a switch."""

    def read(worker: Worker, office: Around) -> Value:
        at = 1 - place if place < 2 and office.settings.supervisor_ids_swapped else place
        return office.boss(worker.manager_key)[at] or office.settings.empty_text

    return read


def _termination(worker: Worker, office: Around) -> Value:
    ends_on = worker.termination_on
    if ends_on is None and office.settings.termination_lingers and worker.is_rehire:
        ended = [entry.value for entry in worker.entries if entry.field == "termination_on" and entry.value]
        ends_on = ended[-1] if ended and ended[-1] < worker.hire_on else None
    if ends_on and ends_on > office.today and office.only_current and not office.settings.future_termination_always:
        ends_on = None
    return ends_on.isoformat() if ends_on else office.settings.empty_date


def employment_status(worker: Worker, office: Around) -> str:
    """The account's own wording, from the newest row that is in force."""
    if worker.has_left(office.today):
        return "Terminated"
    return "Contractor" if worker.kind == "contingent" else "Full-Time"


def status(worker: Worker, office: Around) -> str:
    """Somebody on leave is Active, somebody who has not started is Inactive like somebody who left."""
    return "Active" if worker.has_started(office.today) and not worker.has_left(office.today) else "Inactive"


def _best_email(worker: Worker, office: Around) -> Value:
    return worker.work_email or worker.home_email or office.settings.empty_text


def _pay_type(worker: Worker, office: Around) -> Value:
    return "Salary" if worker.pay else office.settings.empty_text


def _matrix(worker: Worker, office: Around) -> Value:
    return "; ".join(filter(None, (office.boss(key)[2] for key in worker.matrix_manager_keys))) or office.settings.empty_text


FIELDS: tuple[Field, ...] = (
    Field(1, "employeeNumber", "employee_number", "Employee #", _text("employee_number")),
    Field(2, "firstName", "text", "First Name", _text("given")),
    Field(3, "middleName", "text", "Middle Name", _text("middle")),
    Field(4, "lastName", "text", "Last Name", _text("family")),
    Field(5, "preferredName", "text", "Preferred Name", _text("preferred")),
    Field(6, "displayName", "text", "Display Name", lambda worker, _: display_name(worker)),
    Field(7, "fullName1", "text", "First Name Last Name", lambda worker, _: f"{worker.given} {worker.family}"),
    Field(8, "fullName2", "text", "Last Name, First Name", lambda worker, _: f"{worker.family}, {worker.given}"),
    Field(9, "workEmail", "email", "Work Email", _text("work_email")),
    Field(10, "homeEmail", "email", "Home Email", _text("home_email")),
    Field(11, "bestEmail", "email", "Best Email", _best_email),
    Field(12, "mobilePhone", "phone", "Mobile Phone", _text("phone")),
    Field(13, "workPhone", "phone", "Work Phone", empty),
    Field(17, "jobTitle", "list", "Job Title", _text("title"), True, "jobTitle"),
    Field(18, "location", "list", "Location", _text("location_name"), True, "location"),
    Field(19, "department", "list", "Department", _text("department"), True, "department"),
    Field(20, "division", "list", "Division", _text("division"), True, "division"),
    Field(91, "supervisor", "employee", "Reporting to", _boss(2), True),
    Field(92, "supervisorId", "integer", "Supervisor ID", _boss(0), True),
    Field(93, "supervisorEId", "integer", "Supervisor EID", _boss(1), True),
    Field(94, "supervisorEmail", "email", "Supervisor Email", _boss(3), True),
    Field(150, "status", "status", "Status", status),
    Field(151, "employmentStatus", "status", "Employment Status (old)", status),
    Field(152, "employmentHistoryStatus", "list", "Employment Status", employment_status, True, "employmentHistoryStatus"),
    Field(153, "hireDate", "date", "Hire Date", _day("hire_on")),
    Field(154, "originalHireDate", "date", "Original Hire Date", _day("original_hire_on")),
    Field(155, "terminationDate", "date", "Termination Date", _termination),
    Field(156, "lastChanged", "timestamp", "Last changed", lambda worker, office: stamp(office.changed_at(worker))),
    Field(160, "country", "country", "Country", _text("country")),
    Field(161, "dateOfBirth", "date", "Birth Date", _day("birth_on")),
    Field(162, "nin", "text", "NIN", _text("national_id")),
    Field(170, "payRate", "currency", "Pay rate", _text("pay"), True),
    Field(171, "payType", "pay_type", "Pay type", _pay_type, True),
    Field(4387, "customCompany", "text", "Legal entity", _text("company"), True),
    Field(4388, "customMatrixManager", "text", "Matrix manager", _matrix, True),
    Field(4389, "customCostCenter", "text", "Cost centre", _text("cost_center"), True),
    Field(4390, "customLanguage", "text", "Language", _text("language")),
)
BY_NAME = {field.name: field for field in FIELDS}
BY_ID = {str(field.id): field for field in FIELDS}


def find(name: str) -> Field | None:
    """By name, custom alias or number, as any call may name it."""
    return BY_NAME.get(name) or BY_ID.get(name)
