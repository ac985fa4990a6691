"""The other side of BambooHR, made by hand: it says what the fact sheet says, and a test changes it to play a fault."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date
from typing import Any

from integrations.vendors.bamboohr.fields import ASKED
from integrations.vendors.bamboohr.vendor import BambooHR
from integrations.vendors.base import Page, Record, Window
from integrations.wire.http import Response
from tests.integrations.vendors.scripted_line import DATE, Asked, ScriptedLine, said

TODAY = date(2026, 6, 10)
BASE = "/api/v1"
FIELDS = [{"id": name, "type": "text", "name": name} for name in ASKED]


def person(number: int, **values: Any) -> dict[str, Any]:
    """A report row; what is not given is empty, as BambooHR would send it."""
    full = dict.fromkeys(ASKED) | {"id": str(number), "status": "Active", "hireDate": "2020-01-01", "firstName": f"Person {number}"}
    return full | values


class Bamboo:
    """The other side. `people` by id are in the report, `listed` in the list of employees; change either to play a fault."""

    def __init__(self, *people: dict[str, Any]) -> None:
        self.people = {row["id"]: row for row in people}
        self.listed = list(self.people)
        self.reports_to: dict[str, str] = {}
        self.total: int | None = None
        self.changes: Any = {}
        self.latest = "2026-06-10T07:00:00+00:00"
        self.tables: dict[str, list[dict[str, Any]]] = {}
        self.hidden: set[str] = set()
        self.list_page = 3
        self.other: Callable[[Asked], Response | None] = lambda asked: None

    def __call__(self, asked: Asked) -> Response:
        other = self.other(asked)
        if other is not None:
            return other
        path = asked.path.removeprefix(BASE)
        if path == "/reports/custom":
            return self.report(asked)
        if path == "/employees":
            return self.list(asked)
        if path == "/employees/changed":
            return said({"latest": self.latest, "employees": self.changes})
        if "/tables/" in path:
            _, _, who, _, table = path.split("/")
            return said([row for row in self.tables.get(table, []) if who in ("all", row["employeeId"])])
        row = self.people.get(path.removeprefix("/employees/"))
        return said({"id": "0"}) if path == "/employees/0" else said(row) if row else Response(404, DATE)

    def report(self, asked: Asked) -> Response:
        body = asked.json
        fields = [name for name in body["fields"] if name not in self.hidden]
        ids = [str(one) for one in body.get("filters", {}).get("employeeIds", self.people)]
        found = [{name: row.get(name) for name in ("id", *fields)} for one, row in self.people.items() if one in ids]
        named = [{"id": name, "type": "text", "name": name} for name in fields]
        return said({"title": body["title"], "fields": named, "employees": found})

    def list(self, asked: Asked) -> Response:
        ids = asked.param("filter[ids]").split(",") if asked.param("filter[ids]") else self.listed
        ids = [one for one in ids if one in self.listed]
        start = int(asked.param("page[after]") or 0)
        data = [
            {"employeeId": one, "reportsToId": self.reports_to.get(one), "_restrictedFields": []}
            for one in ids[start : start + self.list_page]
        ]
        following = str(start + self.list_page) if start + self.list_page < len(ids) else None
        total = len(ids) if self.total is None else self.total
        return said({"data": data, "meta": {"total": total, "page": {"limit": 250, "nextCursor": following, "prevCursor": None}}})


class Dataset(Bamboo):
    """Answers the dataset call as well, in pages of two."""

    def __call__(self, asked: Asked) -> Response:
        if asked.path == "/api/v2/datasets/employee/data":
            page, names = asked.json["page"], asked.json["fields"]
            found = list(self.people.values())[2 * page - 2 : 2 * page]
            ours = {"eeid": "id", "email": "workEmail"}
            data = [
                {"fields": {name: row.get(ours.get(name, name)) for name in names}, "_restrictedFields": sorted(self.hidden)}
                for row in found
            ]
            pages = -(-len(self.people) // 2)
            return said(
                {"data": data, "links": {}, "meta": {"page": page, "pageSize": 2, "totalPages": pages, "totalItems": len(self.people)}}
            )
        return super().__call__(asked)


def connect(bamboo: Callable[[Asked], Response], **settings: Any) -> tuple[BambooHR, ScriptedLine]:
    line = ScriptedLine(bamboo)
    return BambooHR({"company": "meridian", **settings}, {"api_key": "k-1"}, line), line  # type: ignore[arg-type]


def read(bamboo: Callable[[Asked], Response], window: Window | None = None, cursor: Any = None, **settings: Any) -> list[Page]:
    return list(connect(bamboo, **settings)[0].fetch("employees", window or Window(as_of=TODAY), cursor))


def records(pages: list[Page]) -> dict[str, Record]:
    return {record.external_id: record for page in pages for record in page.records}


def payload(row: dict[str, Any], bamboo: Bamboo | None = None, **settings: Any) -> dict[str, Any]:
    """The payload of one person who is read alone in a full read."""
    other_side = bamboo or Bamboo(row)
    other_side.people = {row["id"]: row}
    other_side.listed = [row["id"]]
    return records(read(other_side, **settings))[row["id"]].payload
