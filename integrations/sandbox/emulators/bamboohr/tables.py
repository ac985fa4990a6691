"""Dated tables: jobInfo, employmentStatus, compensation. Rows unordered, past and future. Source: docs/vendors/bamboohr.md §2."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import date
from typing import Any
from zlib import crc32

from integrations.sandbox.emulators.bamboohr.answers import Refusal, as_xml, either, fields_xml, tag
from integrations.sandbox.emulators.bamboohr.changed import since_of
from integrations.sandbox.emulators.bamboohr.fields import stamp
from integrations.sandbox.emulators.bamboohr.office import HR, Office
from integrations.sandbox.exchange import Request, Response
from integrations.sandbox.worker import Worker

JOB_FIELDS = {"title", "location_code", "department_code", "division", "manager_key", "department", "location_name"}
Row = dict[str, Any]


@dataclass(frozen=True)
class Column:
    id: int
    alias: str
    name: str
    type: str


def _job_rows(worker: Worker, office: Office) -> Iterator[Row]:
    dates = {worker.original_hire_on} | {entry.effective_on for entry in worker.entries if entry.field in JOB_FIELDS | {"hire_on"}}
    for on in sorted(dates - {date.min}):
        seen = worker.as_of(on)
        yield {
            "date": on.isoformat(),
            "location": seen.location_name,
            "department": seen.department,
            "division": seen.division,
            "jobTitle": seen.title,
            "reportsTo": office.boss(seen.manager_key)[4] or office.settings.empty_text,
        }


def _status_rows(worker: Worker, _office: Office) -> Iterator[Row]:
    """Hired, terminated, hired again: a termination that was taken back leaves no row."""
    hired = "Contractor" if worker.kind == "contingent" else "Full-Time"
    yield {"date": worker.original_hire_on.isoformat(), "employmentStatus": hired, "comment": ""}
    for on, name in _statuses(worker):
        yield {"date": on.isoformat(), "employmentStatus": name or hired, "comment": ""}


def _statuses(worker: Worker) -> list[tuple[date, str]]:
    """(day, "Terminated" or "" for hired again), as they were entered."""
    born = worker.born or worker
    rows = [(born.termination_on, "Terminated")] if born.termination_on else []
    rehired_at = {entry.entered_at for entry in worker.entries if entry.field == "hire_on"}
    for entry in sorted(worker.entries, key=lambda known: known.entered_at):
        if entry.field == "hire_on":
            rows.append((entry.value, ""))
        elif entry.field == "termination_on" and entry.entered_at not in rehired_at:
            if rows and rows[-1][1]:
                rows.pop()  # taken back, or another day instead
            if entry.value:
                rows.append((entry.value, "Terminated"))
    return rows


def _pay_rows(worker: Worker, _office: Office) -> Iterator[Row]:
    yield {"startDate": worker.hire_on.isoformat(), "rate": worker.pay, "type": "Salary", "reason": "", "comment": ""}


@dataclass(frozen=True)
class Table:
    """`right` is the field whose being hidden hides the table, `kinds` are the changes that touch it."""

    columns: tuple[Column, ...]
    rows: Callable[[Worker, Office], Iterator[Row]]
    right: str
    kinds: frozenset[str]


TABLES: dict[str, Table] = {
    "jobInfo": Table(
        (
            Column(5001, "date", "Date", "date"),
            Column(18, "location", "Location", "list"),
            Column(19, "department", "Department", "list"),
            Column(20, "division", "Division", "list"),
            Column(17, "jobTitle", "Job Title", "list"),
            Column(91, "reportsTo", "Reports To", "employee"),
        ),
        _job_rows,
        "jobTitle",
        frozenset({"hire", "convert", "title", "move", "edit", "rehire"}),
    ),
    "employmentStatus": Table(
        (
            Column(5002, "date", "Date", "date"),
            Column(152, "employmentStatus", "Employment Status", "list"),
            Column(5003, "comment", "Comment", "textarea"),
        ),
        _status_rows,
        "employmentHistoryStatus",
        frozenset({"hire", "convert", "terminate", "rescind_termination", "rehire"}),
    ),
    "compensation": Table(
        (
            Column(5004, "startDate", "Effective Date", "date"),
            Column(170, "rate", "Pay Rate", "currency"),
            Column(171, "type", "Pay Type", "pay_type"),
            Column(5005, "reason", "Reason", "list"),
            Column(5006, "comment", "Comment", "textarea"),
        ),
        _pay_rows,
        "payRate",
        frozenset({"hire", "convert", "edit"}),
    ),
}


def table(office: Office, request: Request, key: str, name: str) -> Response:
    """Of one person, or of `all` the key may see."""
    kind = _known(name)
    if key == "all":
        people = [worker for _, worker in office.people()]
    else:
        person = office.person(key)
        if person is None:
            raise Refusal(404, "Employee not found")
        if key in office.settings.hidden_employees:
            raise Refusal(403, "Insufficient privileges to view this employee")
        people = [person]
    found = [row for worker in people for row in _rows(kind, worker, office)]
    found.sort(key=lambda row: crc32(row["id"].encode()))  # unordered, but the same each time
    if office.settings.tables_ignore_accept:
        return as_xml(_xml(found))
    return either(request, found, _xml)


def changed_table(office: Office, request: Request, name: str) -> Response:
    """Any change of a table returns all its rows of that person."""
    kind, since = _known(name), since_of(request)
    found: dict[str, Any] = {}
    for change in office.world.changes(HR, since):
        worker = office.person(change.key) if change.kind in kind.kinds else None
        if worker and change.key not in office.settings.hidden_employees:
            rows = _rows(kind, worker, office)
            found[change.key] = {"lastChanged": stamp(change.at), "rows": [_without(row) for row in rows]}
    return either(request, {"table": name, "employees": found or ([] if office.settings.empty_map == "array" else {})}, _changed_xml)


def _known(name: str) -> Table:
    if name not in TABLES:
        raise Refusal(404, f"Table {name} not found")
    return TABLES[name]


def _rows(kind: Table, worker: Worker, office: Office) -> list[Row]:
    if kind.right in office.hidden_of(worker.key):
        return []
    renamed = office.faults.rename_field
    return [
        {"id": str(int(worker.key) * 100 + number), "employeeId": worker.key}
        | {renamed.get(alias, alias): value for alias, value in row.items()}
        for number, row in enumerate(kind.rows(worker, office), 1)
    ]


def _without(row: Row) -> Row:
    return {name: value for name, value in row.items() if name not in ("id", "employeeId")}


def _xml(rows: list[Row]) -> str:
    return tag("table", (tag("row", fields_xml(row, "id", "employeeId"), id=row["id"], employeeId=row["employeeId"]) for row in rows))


def _changed_xml(value: dict[str, Any]) -> str:
    people = value["employees"].items() if value["employees"] else ()
    written = (
        tag("employee", [tag("row", fields_xml(row)) for row in person["rows"]], id=key, lastChanged=person["lastChanged"])
        for key, person in people
    )
    return tag("table", written, id=value["table"])
