"""Which fields are asked for, under which names, and what they become. Source: docs/vendors/bamboohr.md §2, §4, §5."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from typing import Any

from config.errors import SettingInvalid
from config.sentences import sentence
from integrations.vendors.base import MappingRow

WORD = re.compile(r"[A-Z]?[a-z]+|[A-Z]+")  # of a name like dateOfBirth
MOST_FIELDS = 400  # in one report or call, else 400

# Asked for by name, always. Pay, national ids and birth dates are not here, so they never travel.
ASKED: tuple[str, ...] = (
    "employeeNumber",
    "firstName",
    "preferredName",
    "lastName",
    "displayName",
    "workEmail",
    "homeEmail",
    "bestEmail",
    "jobTitle",
    "department",
    "division",
    "location",
    "supervisor",
    "supervisorId",
    "supervisorEId",
    "supervisorEmail",
    "status",
    "employmentHistoryStatus",
    "hireDate",
    "originalHireDate",
    "terminationDate",
    "lastChanged",
)

# Without these two nobody can tell a future hire from a leaver: a read that does not get them stops.
NEEDED = ("status", "hireDate")

# Worked out here, because it needs a date or a second call; everything else in the payload is word for word (status.py, tables.py).
COMPUTED: tuple[str, ...] = (
    "rollcall_status",
    "rollcall_on_leave",
    "rollcall_termination_on",
    "rollcall_leave_from_on",
    "rollcall_leave_until_on",
    "rollcall_lines",
    "rollcall_job",
    "rollcall_next_job",
)

CUSTOM = "custom"  # the payload key under which the fields named in the connector's settings stand

# The same things under the names of the employee dataset (its vocabulary is its own). Not all are confirmed: a setting can override each.
DATASET_NAMES: dict[str, str] = {
    "id": "eeid",
    "employeeNumber": "employeeNumber",
    "firstName": "firstName",
    "preferredName": "preferredName",
    "lastName": "lastName",
    "workEmail": "email",
    "jobTitle": "jobInformationJobTitle",
    "department": "jobInformationDepartment",
    "division": "jobInformationDivision",
    "location": "jobInformationLocation",
    "supervisor": "jobInformationReportsTo",
    "status": "status",
    "employmentHistoryStatus": "employmentStatus",
    "hireDate": "hireDate",
    "originalHireDate": "originalHireDate",
    "terminationDate": "terminationDate",
    "lastChanged": "lastChanged",
}

# Words in a field's name that keep it out, even when a setting asks for it: a learning system has no business with them.
REFUSED = {
    "pay",
    "salary",
    "wage",
    "compensation",
    "bonus",
    "commission",
    "bank",
    "tax",
    "ssn",
    "sin",
    "nin",
    "national",
    "nationality",
} | {"birth", "age", "gender", "ethnicity", "marital", "disability", "veteran", "passport", "visa"}

MAPPING: tuple[MappingRow, ...] = (
    MappingRow("employee_number", "employeeNumber", ("trim",)),
    MappingRow("given_name", "firstName", ("trim",), required=True),
    MappingRow("family_name", "lastName", ("trim",), required=True),
    MappingRow("preferred_name", "preferredName", ("trim",), null_policy="clear"),
    MappingRow("work_email", "workEmail", ("email",)),
    MappingRow("personal_email", "homeEmail", ("email",)),
    MappingRow("worker_type", "'employee'"),
    MappingRow("job_title", "rollcall_job.jobTitle || jobTitle", ("trim",)),
    MappingRow("department", "rollcall_job.department || department", ("trim",)),
    MappingRow("unit_path", "[rollcall_job.division || division, rollcall_job.department || department][?@]"),
    MappingRow("location", "rollcall_job.location || location", ("trim",)),
    # BambooHR tells no time zone; the place of work does. One that nobody has named waits, and the organisation's zone counts till then.
    MappingRow("time_zone", "rollcall_job.location || location", ("time_zone:location-time-zone",)),
    MappingRow("status", "rollcall_status", required=True),
    MappingRow("hire_on", "hireDate", ("date",)),
    MappingRow("original_hire_on", "originalHireDate", ("date",)),
    MappingRow("termination_on", "rollcall_termination_on", ("date",), null_policy="clear"),
    MappingRow("on_leave", "rollcall_on_leave"),
    MappingRow("leave_from_on", "rollcall_leave_from_on", ("date",), null_policy="clear"),
    MappingRow("leave_until_on", "rollcall_leave_until_on", ("date",), null_policy="clear"),
    MappingRow("manager_lines", "rollcall_lines", null_policy="clear"),
)


def lines(value: Any) -> tuple[str, ...]:
    """A setting of kind "list": its entries, trimmed, without empty ones."""
    entries: Sequence[Any] = value.splitlines() if isinstance(value, str) else (value or ())
    return tuple(text for text in (str(entry).strip() for entry in entries) if text)


def extra_fields(value: Any) -> tuple[str, ...]:
    """The field names or numeric ids from the settings. Raises SettingInvalid for pay and the like, and for too many."""
    names = lines(value)
    for name in names:
        if REFUSED.intersection(word.lower() for word in WORD.findall(name)):
            raise SettingInvalid(sentence("Further fields: “%(name)s” is never read into Rollcall", name=name), field="extra_fields")
    if len(names) + len(ASKED) > MOST_FIELDS:
        raise SettingInvalid(
            sentence("Further fields: at most %(most_fields)s", most_fields=MOST_FIELDS - len(ASKED)), field="extra_fields"
        )
    return tuple(name for name in names if name not in ASKED and name != "id")


def dataset_names(value: Any, extra: Sequence[str]) -> dict[str, str]:
    """Our field name → the dataset's. `value`: lines such as "workEmail = email"; an empty right side leaves a field out."""
    names = {**DATASET_NAMES, **{name: name for name in extra}}
    for line in lines(value):
        ours, sign, theirs = line.partition("=")
        if not sign:
            raise SettingInvalid(
                sentence("Names in the dataset: “%(line)s” should read “our name = its name”", line=line), field="dataset_fields"
            )
        names[ours.strip()] = theirs.strip()
    names = {ours: theirs for ours, theirs in names.items() if theirs}
    for needed in ("id", *NEEDED):
        if needed not in names:
            raise SettingInvalid(sentence("Names in the dataset: “%(needed)s” must have one", needed=needed), field="dataset_fields")
    return names


def missing_fields(answered: Any, asked: Sequence[str]) -> tuple[str, ...]:
    """Which of `asked` the report's own `fields` list does not name: unknown there, or hidden from the key (§1).

    An answer without such a list names none: then nothing can be said.
    """
    if not isinstance(answered, list):
        return ()
    named = {str(field.get(part, "")) for field in answered if isinstance(field, Mapping) for part in ("id", "alias")}
    return tuple(name for name in asked if name not in named)
