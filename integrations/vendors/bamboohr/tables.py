"""The dated rows behind a report: employment status and job. Source: docs/vendors/bamboohr.md §2, §5.

A table's rows come unordered, past and future together. The one in force is the newest whose date has been reached.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any
from urllib.parse import quote

from integrations.vendors.bamboohr.api import Api
from integrations.vendors.bamboohr.rows import ArrayReader, Item

STATUS_TABLE = "employmentStatus"
JOB_TABLE = "jobInfo"
KEPT = {  # columns; a comment on somebody's employment is nobody's business here
    STATUS_TABLE: ("id", "date", "employmentStatus"),
    JOB_TABLE: ("id", "date", "location", "department", "division", "jobTitle", "reportsTo"),
}
FEW = 20  # people: up to here one call each costs less than the whole table

Row = dict[str, Any]


@dataclass(slots=True)
class Dated:
    """Of one person's rows: the one in force, the first one after it, and the first future one that ends the employment."""

    now: Row | None = None
    next: Row | None = None
    leaving: Row | None = None

    def add(self, row: Row, today: str, leaver: frozenset[str]) -> None:
        """Take a row into account; `today` and the row's date are ISO dates, so that their order is that of the text."""
        if row["date"] <= today:
            if self.now is None or order(row) > order(self.now):
                self.now = row
            return
        if self.next is None or order(row) < order(self.next):
            self.next = row
        if row.get("employmentStatus") in leaver and (self.leaving is None or order(row) < order(self.leaving)):
            self.leaving = row


def order(row: Row) -> tuple[str, int, str]:
    """By date; on the same date the row that was entered later wins, and ids are numbers that grow."""
    number = str(row.get("id", ""))
    return str(row["date"]), len(number), number


def read_table(api: Api, table: str, ids: Iterable[str] | None, as_of: date, leaver: frozenset[str]) -> dict[str, Dated]:
    """The dated rows by employee id, for `ids` or for everybody (None). People without rows are left out."""
    wanted = None if ids is None else set(ids)
    if wanted is not None and len(wanted) <= FEW:
        batches: Iterable[list[Item]] = ([*api.get(f"employees/{quote(one)}/tables/{table}").json()] for one in sorted(wanted))
        return collect(batches, table, wanted, as_of, leaver)
    with api.download("GET", f"employees/all/tables/{table}") as answer:
        return collect(ArrayReader(answer.chunks()), table, wanted, as_of, leaver)


def collect(batches: Iterable[list[Item]], table: str, wanted: set[str] | None, as_of: date, leaver: frozenset[str]) -> dict[str, Dated]:
    found: dict[str, Dated] = {}
    today = as_of.isoformat()
    for batch in batches:
        for row in batch:
            if not isinstance(row, Mapping) or not is_dated(row.get("date")):
                continue
            employee = str(row.get("employeeId", ""))
            if wanted is None or employee in wanted:
                kept = {column: row.get(column) for column in KEPT[table]}
                found.setdefault(employee, Dated()).add(kept, today, leaver)
    return found


def is_dated(value: Any) -> bool:
    """Whether the row says from when on it counts. One without a date says nothing about any day."""
    try:
        return value != "0000-00-00" and bool(date.fromisoformat(str(value)))
    except ValueError:
        return False
