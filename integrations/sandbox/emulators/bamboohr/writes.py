"""Creating and changing a person, as old clients do it: <employee> XML without a Content-Type, or JSON.

Source: docs/vendors/bamboohr.md §10.
"""

from __future__ import annotations

from datetime import date
from typing import Any

import orjson
from lxml import etree

from integrations.sandbox.emulators.bamboohr.answers import JSON, Refusal
from integrations.sandbox.emulators.bamboohr.office import HR, Office
from integrations.sandbox.exchange import Request, Response
from integrations.sandbox.places import DEPARTMENTS, LOCATIONS
from integrations.sandbox.world import Refused

PLAIN = {
    "firstName": "given",
    "lastName": "family",
    "middleName": "middle",
    "preferredName": "preferred",
    "workEmail": "work_email",
    "homeEmail": "home_email",
    "mobilePhone": "phone",
    "jobTitle": "title",
    "employeeNumber": "employee_number",
}


def create(office: Office, request: Request) -> Response:
    """201 with the address of the new person in Location, and nothing else."""
    values = _values(_fields(request))
    try:
        worker = office.world.hire(HR, values.pop("given", ""), values.pop("family", ""), **values)
    except Refused as refused:
        raise Refusal(400, str(refused)) from refused
    return Response(201, {"Location": f"{request.base_url}{request.path.rstrip('/')}/{worker.key}"})


def change(office: Office, request: Request, key: str) -> Response:
    if office.person(key) is None:
        raise Refusal(404, "Employee not found")
    values = _values(_fields(request))
    try:
        if values:
            office.world.edit(HR, key, **values)
    except Refused as refused:
        raise Refusal(400, str(refused)) from refused
    return Response(200, {"Content-Type": "text/html; charset=UTF-8"})


def _fields(request: Request) -> dict[str, str]:
    if request.headers.get("content-type", "").startswith(JSON):
        try:
            return {str(name): str(value or "") for name, value in orjson.loads(request.body).items()}
        except (orjson.JSONDecodeError, AttributeError) as error:
            raise Refusal(400, "Malformed JSON") from error
    try:
        root = etree.fromstring(request.body.strip(), etree.XMLParser(resolve_entities=False, no_network=True))
    except etree.XMLSyntaxError as error:
        raise Refusal(400, "Malformed XML") from error
    return {element.get("id", ""): element.text or "" for element in root.findall("field")}


def _values(fields: dict[str, str]) -> dict[str, Any]:
    """In the world's words. Fields it has no place for are dropped; list values it does not know are refused."""
    values: dict[str, Any] = {PLAIN[name]: value for name, value in fields.items() if name in PLAIN}
    if fields.get("hireDate"):
        try:
            values["hire_on"] = date.fromisoformat(fields["hireDate"])
        except ValueError as error:
            raise Refusal(400, f"Invalid date {fields['hireDate']}") from error
    for name, field, options in (("location", "location_code", LOCATIONS), ("department", "department_code", DEPARTMENTS)):
        if fields.get(name):
            code = next((option.code for option in options if option.name == fields[name]), None)
            if code is None:
                raise Refusal(400, f"{fields[name]} is not an option of {name}")
            values[field] = code
    return values
