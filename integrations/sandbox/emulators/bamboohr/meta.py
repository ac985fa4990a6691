"""What the account looks like: fields, lists, tables, users, and who is away. Source: docs/vendors/bamboohr.md §2."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any
from xml.sax.saxutils import escape

from integrations.sandbox.emulators.bamboohr.answers import Refusal, either, tag
from integrations.sandbox.emulators.bamboohr.fields import FIELDS, display_name
from integrations.sandbox.emulators.bamboohr.lists import LIST_FIELDS, options
from integrations.sandbox.emulators.bamboohr.office import Office
from integrations.sandbox.emulators.bamboohr.tables import TABLES
from integrations.sandbox.exchange import Request, Response

Row = dict[str, Any]


def fields(office: Office, request: Request) -> Response:
    """Every field the key may see. A field inside another has a number with a dot."""
    found: list[Row] = []
    for field in FIELDS:
        if field.name not in office.hidden:
            alias = office.faults.rename_field.get(field.name, field.name)
            found.append({"id": field.id, "name": field.label, "type": field.type, "alias": alias})
    found.append({"id": "4340.4", "name": "Equipment: Serial number", "type": "text", "deprecated": True})
    return either(request, found, lambda rows: tag("fields", map(_field_xml, rows)))


def _field_xml(row: Row) -> str:
    return tag("field", escape(row["name"]), id=row["id"], type=row["type"], alias=row.get("alias"))


def lists(office: Office, request: Request) -> Response:
    labels = {field.name: field.label for field in FIELDS}
    found = [
        {
            "fieldId": LIST_FIELDS[name],
            "name": labels[name],
            "alias": name,
            "manageable": "yes",
            "multiple": "no",
            "options": [
                {
                    "id": int(key),
                    "name": text,
                    "archived": "yes" if is_archived else "no",
                    "createdDate": "2019-01-07T08:00:00+00:00",
                    "archivedDate": "2023-03-01T08:00:00+00:00" if is_archived else None,
                }
                for key, text, is_archived in entries
            ],
        }
        for name, entries in options().items()
        if name not in office.hidden
    ]
    return either(request, found, lambda rows: tag("lists", map(_list_xml, rows)))


def _list_xml(row: Row) -> str:
    entries = (tag("option", escape(option["name"]), id=option["id"], archived=option["archived"]) for option in row["options"])
    told = {name: row[name] for name in ("fieldId", "alias", "manageable", "multiple")}
    return tag("list", [tag("name", escape(row["name"])), tag("options", entries)], **told)


def tables(office: Office, request: Request) -> Response:
    found = [
        {
            "alias": alias,
            "fields": [{"id": column.id, "name": column.name, "alias": column.alias, "type": column.type} for column in table.columns],
        }
        for alias, table in TABLES.items()
        if table.right not in office.hidden
    ]
    return either(request, found, lambda rows: tag("tables", map(_table_xml, rows)))


def _table_xml(row: Row) -> str:
    return tag("table", map(_field_xml, row["fields"]), alias=row["alias"])


def users(office: Office, request: Request) -> Response:
    """By user id. One of them belongs to no person: employeeId 0."""
    wanted = request.param("status")
    found: dict[str, Row] = {"1": _user(1, 0, "Rollcall", "Integration", "integration@meridian.example", "enabled")}
    for _, worker in office.people():
        is_enabled = office.has_started(worker) and not worker.has_left(office.today)
        number = int(worker.key) + 1000
        status = "enabled" if is_enabled else "disabled"
        found[str(number)] = _user(number, int(worker.key), worker.given, worker.family, worker.work_email, status)
    shown = {key: user for key, user in found.items() if not wanted or user["status"] in wanted.split(",")}
    return either(request, shown, lambda rows: tag("users", map(_user_xml, rows.values())))


def _user(number: int, employee: int, given: str, family: str, email: str, status: str) -> Row:
    last_login = "2026-05-04T09:30:00+00:00" if status == "enabled" else None
    names = {"firstName": given, "lastName": family, "email": email}
    return {"id": number, "employeeId": employee, **names, "status": status, "lastLogin": last_login}


def _user_xml(row: Row) -> str:
    inner = [tag(name, escape(str(row[name] or ""))) for name in ("firstName", "lastName", "email", "status")]
    return tag("user", inner, id=row["id"], employeeId=row["employeeId"])


def whos_out(office: Office, request: Request) -> Response:
    """Leaves that touch [start, end], from today for fourteen days unless said otherwise."""
    start = _day(request.param("start"), office.today)
    end = _day(request.param("end"), start + timedelta(days=14))
    found = [
        {
            "id": int(worker.key) * 10 + number,
            "type": "timeOff",
            "employeeId": int(worker.key),
            "name": display_name(worker),
            "start": first.isoformat(),
            "end": (last or end).isoformat(),
        }
        for _, worker in office.people()
        for number, (first, last) in enumerate(worker.leave)
        if first <= end and (last is None or last >= start)
    ]
    return either(request, found, lambda rows: tag("calendar", map(_away_xml, rows)))


def _day(text: str, default: date) -> date:
    try:
        return date.fromisoformat(text) if text else default
    except ValueError as error:
        raise Refusal(400, f"Invalid date {text}") from error


def _away_xml(row: Row) -> str:
    who = tag("employee", escape(row["name"]), id=row["employeeId"])
    return tag("item", [tag("id", str(row["id"])), who, tag("start", row["start"]), tag("end", row["end"])], type=row["type"])
