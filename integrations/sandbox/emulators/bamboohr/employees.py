"""One person, and the directory. Source: docs/vendors/bamboohr.md §1, §2."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any
from xml.sax.saxutils import escape

from integrations.sandbox.emulators.bamboohr.answers import Refusal, either, fields_xml, tag
from integrations.sandbox.emulators.bamboohr.fields import BY_NAME, MOST
from integrations.sandbox.emulators.bamboohr.office import Office
from integrations.sandbox.exchange import Request, Response

DIRECTORY = "displayName firstName lastName preferredName jobTitle workPhone mobilePhone workEmail department location division supervisor"
ORG_CHART = "displayName firstName lastName preferredName jobTitle department"


def is_only_current(request: Request) -> bool:
    return request.param("onlyCurrent", "true").lower() not in ("false", "0")


def one(office: Office, request: Request, key: str) -> Response:
    """Unknown and hidden fields are left out without a word; without `fields` only the id comes."""
    office.only_current = is_only_current(request)
    names = [name.strip() for name in request.param("fields").split(",") if name.strip()]
    if len(names) > MOST:
        raise Refusal(400, f"Too many fields requested: {len(names)}, at most {MOST}")
    if key == "0":
        key = office.settings.own_employee
        if not key:
            return either(request, {"id": "0"}, _employee_xml)
    if key in office.settings.hidden_employees:
        raise Refusal(403, "Insufficient privileges to view this employee")
    worker = office.person(key)
    if worker is None:
        raise Refusal(404, "Employee not found")
    return either(request, office.row(worker, office.plan(names)), _employee_xml)


def _employee_xml(row: dict[str, Any]) -> str:
    return tag("employee", fields_xml(row, "id"), id=row["id"])


def directory(office: Office, request: Request) -> Response:
    """Active people and a fixed set of fields. Nobody to show is a 404, a switched-off directory a 403."""
    if office.settings.directory == "off":
        raise Refusal(403, "Directory disabled for this account")
    office.only_current = is_only_current(request)
    names = (ORG_CHART if office.settings.directory == "org_chart" else DIRECTORY).split()
    plan = office.plan(names)
    employees = list(_listed(office, plan))
    if not employees:
        raise Refusal(404, "No employees")
    known = [BY_NAME[name] for name in names if name not in office.hidden]
    fields = [{"id": field.name, "type": field.type, "name": field.label} for field in known]
    return either(request, {"fields": fields, "employees": employees}, _directory_xml)


def _listed(office: Office, plan: Any) -> Iterator[dict[str, Any]]:
    for position, worker in office.people():
        is_coming = not office.has_started(worker) and not office.only_current
        is_active = office.has_started(worker) and not worker.has_left(office.today)
        if is_active or is_coming:
            yield office.row(worker, plan, position) | {"photoUploaded": False, "photoUrl": ""}


def _directory_xml(value: dict[str, Any]) -> str:
    fields = (tag("field", escape(field["name"]), id=field["id"], type=field["type"]) for field in value["fields"])
    return tag("directory", [tag("fieldset", fields), tag("employees", map(_employee_xml, value["employees"]))])
