"""Reports as a service (customreport2): one custom report over all workers, as XML (default), JSON or CSV; streamed, unpaged.

Source: docs/vendors/workday.md §3. Empty values are absent, repeated groups are arrays, all values are text.
"""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from datetime import date
from itertools import islice
from typing import Any

from integrations.sandbox.cast import JANE_DOE, NOOR_VAN_DEN_BERG
from integrations.sandbox.emulators.distort import BAD_DAY, Distortion
from integrations.sandbox.emulators.workday.as_of import ALWAYS, HR
from integrations.sandbox.emulators.workday.asking.checks import as_date
from integrations.sandbox.emulators.workday.settings import Settings
from integrations.sandbox.emulators.workday.telling.markup import element, text
from integrations.sandbox.exchange import Request, Response
from integrations.sandbox.faults import VendorFaults
from integrations.sandbox.worker import Worker
from integrations.sandbox.world import World

Entry = dict[str, Any]  # text, or a list of dicts of text for a group
BATCH = 500  # entries a chunk
_COLUMNS = """
Employee_ID Workday_ID Worker_Type Legal_First_Name Legal_Last_Name Preferred_First_Name Work_Email Home_Email User_Name
Business_Title Department Cost_Center Company Location Location_ID Country Active_Status On_Leave Hire_Date
Original_Hire_Date Termination_Date Last_Day_of_Work Contract_End_Date Supervisory_Organization
Supervisory_Organization_ID Manager_ID Manager_WID
"""
COLUMNS = tuple(_COLUMNS.split())
GROUPS = {"Matrix_Managers": ("Manager_ID", "Manager_WID"), "Leaves": ("From", "Until")}
DATES = {"Hire_Date", "Original_Hire_Date", "Termination_Date", "Last_Day_of_Work", "Contract_End_Date"}
PROMPTS = {"Worker!WID", "Worker!Employee_ID", "Worker!Contingent_Worker_ID", "Location!Location_ID", "Effective_as_of_Date"}
FORMATS = {"": "xml", "simplexml": "xml", "xml": "xml", "json": "json", "csv": "csv"}


class PromptRefusedError(ValueError):
    """This report has no such prompt, or not such a value."""


@dataclass(frozen=True)
class Prompts:
    """`on` is the effective date; the others narrow the workers (empty: everybody)."""

    on: date
    keys: frozenset[str] = frozenset()
    numbers: frozenset[str] = frozenset()
    locations: frozenset[str] = frozenset()

    def fits(self, worker: Worker) -> bool:
        return (
            (not self.keys or worker.key in self.keys)
            and (not self.numbers or worker.employee_number in self.numbers)
            and (not self.locations or worker.location_code in self.locations)
        )


class Reports:
    def __init__(self, world: World, faults: VendorFaults, settings: Settings) -> None:
        self._world, self._faults, self._settings = world, faults, settings

    def answer(self, request: Request) -> Response:
        namespace = f"urn:com.workday.report/{self._settings.report}"
        if any(name == "xsds" for name, _ in request.query):
            return Response.text(_xsd(namespace), content_type="text/xml; charset=utf-8")
        try:
            prompts = self._prompts(request)
        except ValueError as refused:
            return Response.text(str(refused), status=self._settings.refused_report_status)
        entries = self._entries(prompts)
        format_ = FORMATS[request.param("format")]
        if format_ == "json":
            return Response(200, {"Content-Type": "application/json; charset=utf-8"}, self._json(entries))
        if format_ == "csv":
            return Response(200, {"Content-Type": "text/csv; charset=utf-8"}, _csv(entries))
        return Response(200, {"Content-Type": "text/xml; charset=utf-8"}, _xml(entries, namespace))

    def _prompts(self, request: Request) -> Prompts:
        """Several values of a prompt are joined by "!". Raises ValueError with a sentence."""
        given = {name: value for name, value in request.query if name != "format"}
        if unknown := set(given) - PROMPTS:
            raise PromptRefusedError(f"This report has no prompt {', '.join(sorted(unknown))}.")
        if request.param("format") not in FORMATS:
            raise PromptRefusedError(f"There is no format {request.param('format')}.")
        values = {name: frozenset(filter(None, value.split("!"))) for name, value in given.items()}
        on = given.get("Effective_as_of_Date")
        return Prompts(
            on=as_date(on) if on else self._world.today(),
            keys=values.get("Worker!WID", frozenset()),
            numbers=values.get("Worker!Employee_ID", frozenset()) | values.get("Worker!Contingent_Worker_ID", frozenset()),
            locations=values.get("Location!Location_ID", frozenset()),
        )

    # ── entries ─────────────────────────────────────────────────────────────────────────────────────

    def _entries(self, prompts: Prompts) -> Iterator[Entry]:
        if self._faults.empty:
            return
        numbers: dict[str, str] = {}  # of managers, by key
        people = self._people(prompts)
        if self._faults.truncate_last_page:
            everybody = list(people)
            people = iter(everybody[: len(everybody) - max(1, len(everybody) // 10)])
        distortion = Distortion(self._faults, (JANE_DOE.key, NOOR_VAN_DEN_BERG.key))
        for position, worker in enumerate(people):
            entry = self._entry(distortion.of(worker, position), prompts.on, numbers)
            if distortion.has_bad_day(position):
                entry["Hire_Date"] = BAD_DAY
            yield {self._faults.rename_field.get(name, name): value for name, value in entry.items() if value}
            if self._faults.duplicate_across_pages and position == 0:
                yield {name: value for name, value in entry.items() if value}

    def _people(self, prompts: Prompts) -> Iterator[Worker]:
        for worker in self._world.workers(HR, on=ALWAYS):
            seen = worker.as_of(prompts.on)
            if not worker.deleted and prompts.fits(seen):
                yield seen

    def _entry(self, worker: Worker, on: date, numbers: dict[str, str]) -> Entry:
        is_employee, state = worker.kind == "employee", worker.state(on)
        unit = self._world.unit(worker.unit_key)
        ends_on = _iso(worker.termination_on)
        values = (
            worker.employee_number,
            worker.key,
            "Employee" if is_employee else "Contingent Worker",
            worker.given,
            worker.family,
            worker.preferred if worker.preferred != worker.given else "",
            worker.work_email,
            worker.home_email,
            worker.username,
            worker.title,
            worker.department,
            worker.cost_center,
            worker.company,
            worker.location_name,
            worker.location_code,
            worker.country,
            "1" if state in ("active", "leave") else "0",
            "1" if state == "leave" else "0",
            _iso(worker.hire_on),
            _iso(worker.original_hire_on),
            ends_on if is_employee else "",
            _iso(worker.last_day_on) if is_employee else "",
            "" if is_employee else ends_on,
            unit.name if unit else "",
            unit.code if unit else "",
            self._number(worker.manager_key, numbers),
            worker.manager_key,
        )
        matrix = [{"Manager_ID": self._number(key, numbers), "Manager_WID": key} for key in worker.matrix_manager_keys]
        leaves = [{"From": _iso(first)} | ({"Until": _iso(last)} if last else {}) for first, last in worker.leave]
        return dict(zip(COLUMNS, values, strict=True)) | {"Matrix_Managers": matrix, "Leaves": leaves}

    def _number(self, key: str, numbers: dict[str, str]) -> str:
        if key and key not in numbers:
            worker = self._world.worker(HR, key)
            numbers[key] = worker.employee_number if worker else ""
        return numbers.get(key, "")

    # ── JSON, where an empty report has two faces ───────────────────────────────────────────────────

    def _json(self, entries: Iterable[Entry]) -> Iterator[bytes]:
        stream = iter(entries)
        first = next(stream, None)
        if first is None:
            yield b'{"Report_Entry":[]}' if self._settings.empty_report == "list" else b"{}"
            return
        yield b'{"Report_Entry":[' + _dumped(first)
        yield from _chunks(stream, lambda entry: b"," + _dumped(entry))
        yield b"]}"


def _dumped(entry: Entry) -> bytes:
    return json.dumps(entry, ensure_ascii=False, separators=(",", ":")).encode()


def _iso(on: date | None) -> str:
    return on.isoformat() if on else ""


def _chunks(entries: Iterable[Entry], write: Callable[[Entry], bytes]) -> Iterator[bytes]:
    stream = iter(entries)
    while batch := list(islice(stream, BATCH)):
        yield b"".join(map(write, batch))


def _xml(entries: Iterable[Entry], namespace: str) -> Iterator[bytes]:
    yield f'<?xml version="1.0" encoding="UTF-8"?><wd:Report_Data xmlns:wd="{namespace}">'.encode()
    yield from _chunks(entries, _xml_entry)
    yield b"</wd:Report_Data>"


def _xml_entry(entry: Entry) -> bytes:
    written = ""
    for name, value in entry.items():
        if isinstance(value, list):
            written += "".join(f"<wd:{name}>{''.join(element(key, inner) for key, inner in group.items())}</wd:{name}>" for group in value)
        else:
            written += f"<wd:{name}>{text(value)}</wd:{name}>"
    return f"<wd:Report_Entry>{written}</wd:Report_Entry>".encode()


def _csv(entries: Iterable[Entry]) -> Iterator[bytes]:
    """Plain columns only: a group has no place in a table."""
    yield (",".join(COLUMNS) + "\r\n").encode()
    yield from _chunks(entries, _csv_line)


def _csv_line(entry: Entry) -> bytes:
    out = io.StringIO(newline="")
    csv.writer(out).writerow([entry.get(name, "") for name in COLUMNS])
    return out.getvalue().encode()


def _xsd(namespace: str) -> str:
    plain = "".join(f'<xsd:element name="{name}" type="xsd:{"date" if name in DATES else "string"}" minOccurs="0"/>' for name in COLUMNS)
    groups = "".join(
        f'<xsd:element name="{name}" minOccurs="0" maxOccurs="unbounded"><xsd:complexType><xsd:sequence>'
        + "".join(f'<xsd:element name="{inner}" type="xsd:string" minOccurs="0"/>' for inner in inners)
        + "</xsd:sequence></xsd:complexType></xsd:element>"
        for name, inners in GROUPS.items()
    )
    return (
        f'<?xml version="1.0" encoding="UTF-8"?><xsd:schema xmlns:xsd="http://www.w3.org/2001/XMLSchema" xmlns:wd="{namespace}"'
        f' targetNamespace="{namespace}" elementFormDefault="qualified">'
        f'<xsd:element name="Report_Data"><xsd:complexType><xsd:sequence>'
        f'<xsd:element name="Report_Entry" minOccurs="0" maxOccurs="unbounded"><xsd:complexType><xsd:sequence>{plain}{groups}'
        "</xsd:sequence></xsd:complexType></xsd:element></xsd:sequence></xsd:complexType></xsd:element></xsd:schema>"
    )
