"""A source and a target without a wire, for tests of what lies between them: people in a book, accounts in a dictionary.

`install()` makes the two connectors with their mappings; a test then writes into `Book.of("hr")` and reads `Shelf.of("lms")`.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, ClassVar

import pytest

from config import clock
from config.errors import AlreadyExists, RecordRejected, RollcallError
from integrations import vendors
from integrations.connectors.models import Connector
from integrations.mapping.versions import install_default
from integrations.vendors.base import (
    Change,
    Family,
    Json,
    MappingRow,
    Page,
    Receipt,
    Record,
    Rejected,
    Setting,
    Stream,
    Target,
    Vendor,
    Window,
)
from syncjobs.guards.decisions import ApprovePlan
from syncjobs.pipeline.drive import drive
from syncjobs.runs.models import Phase, SyncRun, Trigger
from syncjobs.runs.start import start_run
from syncjobs.schedules.models import RunMode
from tests.company import later

FIELDS = (
    "employee_number",
    "given_name",
    "family_name",
    "work_email",
    "worker_type",
    "job_title",
    "department",
    "location",
    "status",
    "hire_on",
    "last_day_on",
    "termination_on",
    "time_zone",
    "manager_lines",
)


@dataclass
class Book:
    """What a source holds. `rows`: id → (payload, changed at). `script`: pages to answer with instead, one list a call."""

    rows: dict[str, tuple[dict[str, Any], datetime]] = field(default_factory=dict)
    page_size: int = 100
    script: list[Callable[[Window, Json], Iterator[Page]]] = field(default_factory=list)
    asked: list[tuple[Window, Json]] = field(default_factory=list)
    said_at: datetime | None = None  # the source's own clock; None: ours
    books: ClassVar[dict[str, Book]] = {}

    @classmethod
    def of(cls, key: str) -> Book:
        return cls.books.setdefault(key, cls())

    def write(self, external_id: str, at: datetime | None = None, **values: Any) -> None:
        """Add or change somebody."""
        before = self.rows.get(external_id, ({}, None))[0]
        self.rows[external_id] = ({**before, **values}, at or clock.now())

    def read(self, window: Window, cursor: Json) -> Iterator[Page]:
        self.asked.append((window, cursor))
        if self.script:
            yield from self.script.pop(0)(window, cursor)
            return
        found = sorted(((at, key) for key, (_, at) in self.rows.items() if _inside(window, key, at)), key=lambda one: (one[0], one[1]))
        start = int(cursor or 0)
        while True:
            some = found[start : start + self.page_size]
            start += len(some)
            is_last = start >= len(found)
            records = [Record(key, dict(self.rows[key][0]), at) for at, key in some]
            yield Page(records, start, is_last, total=len(found) if window.is_full else None, mark=self.said_at or window.until)
            if is_last:
                return


def _inside(window: Window, key: str, at: datetime) -> bool:
    if window.ids:
        return key in window.ids
    return (window.since is None or at >= window.since) and (window.is_full or window.until is None or at < window.until)


def page(
    records: Iterable[tuple[str, Mapping[str, Any]]],
    *,
    total: int | None = None,
    is_last: bool = True,
    cursor: Json = None,
    unreadable: Sequence[str] = (),
) -> Page:
    """A page of a script. `unreadable`: ids of rows that are set aside; an empty one where the row does not say whose it is."""
    told = [Record(key, dict(values)) for key, values in records]
    rejected = [Rejected(position, RecordRejected("no status"), key) for position, key in enumerate(unreadable, len(told) + 1)]
    return Page(told, cursor, is_last, total=total, mark=clock.now(), rejected=rejected)


def pages(*wanted: Page | RollcallError) -> Callable[[Window, Json], Iterator[Page]]:
    """One call's answer: these pages, up to an error."""

    def answer(window: Window, cursor: Json) -> Iterator[Page]:
        for one in wanted:
            if isinstance(one, RollcallError):
                raise one
            yield one

    return answer


def worker(number: int, **values: Any) -> dict[str, Any]:
    """Somebody employed, told apart by number."""
    return {
        "employee_number": f"{number:05d}",
        "given_name": f"Given{number}",
        "family_name": f"Family{number}",
        "work_email": f"person{number}@meridian.example",
        "worker_type": "employee",
        "job_title": "Analyst",
        "department": "Research",
        "location": "Berlin",
        "status": "active",
        "hire_on": "2020-01-01",
        "time_zone": "Europe/Berlin",
        **values,
    }


class Roster(Vendor):
    """Reads the book its settings name."""

    key = "roster"
    label = "Roster"
    family = Family.HRIS
    settings = (Setting("book", "Book", required=True), Setting("overlap_minutes", "Overlap", kind="integer", default=15))
    streams = (Stream("people", "People", fields=FIELDS, delta=True, proof="count"),)
    default_mapping: ClassVar[Mapping[str, tuple[MappingRow, ...]]] = {
        "people": tuple(
            MappingRow(name, name, required=name == "family_name", null_policy="clear" if name.startswith("termination") else "keep")
            for name in FIELDS
        )
    }

    def fetch(self, stream: str, window: Window, cursor: Json = None) -> Iterator[Page]:
        self.stream(stream)
        return Book.of(self.config["book"]).read(window, cursor)


@dataclass
class Shelf:
    """What a target holds: id → fields. `trouble` is raised, or given as a receipt's error, before the next writes."""

    accounts: dict[str, dict[str, Any]] = field(default_factory=dict)
    pushed: list[Change] = field(default_factory=list)
    trouble: list[RollcallError] = field(default_factory=list)
    shelves: ClassVar[dict[str, Shelf]] = {}

    @classmethod
    def of(cls, key: str) -> Shelf:
        return cls.shelves.setdefault(key, cls())

    def push(self, change: Change) -> Receipt:
        self.pushed.append(change)
        if change.operation != "create":
            self.accounts[change.remote_id].update(change.values)
            return Receipt(change.key, change.remote_id)
        for remote_id, account in self.accounts.items():
            if account.get("idnumber") == change.values["idnumber"]:
                return Receipt(change.key, remote_id)
        taken = [key for key, one in self.accounts.items() if change.values["email"] in (one.get("email"), one.get("username"))]
        if taken:
            error = AlreadyExists("the e-mail is taken", field="email")
            error.remote_ids = tuple(taken)
            return Receipt(change.key, error=error)
        remote_id = str(len(self.accounts) + 1)
        self.accounts[remote_id] = {"suspended": False, **change.values}
        return Receipt(change.key, remote_id)


class Library(Vendor):
    """Writes to the shelf its settings name."""

    key = "library"
    label = "Library"
    family = Family.LMS
    settings = (Setting("shelf", "Shelf", required=True),)
    streams = (Stream("users", "Accounts", kind="learner"),)
    targets = (Target("users", "Accounts", bulk=50),)
    default_mapping: ClassVar[Mapping[str, tuple[MappingRow, ...]]] = {
        "users": (
            MappingRow("username", "work_email", required=True),
            MappingRow("email", "work_email", required=True),
            MappingRow("firstname", "given_name"),
            MappingRow("lastname", "family_name", required=True),
            MappingRow("idnumber", "public_id", required=True),
            MappingRow("department", "department"),
        )
    }

    @property
    def shelf(self) -> Shelf:
        return Shelf.of(self.config["shelf"])

    def push(self, target: str, changes: Sequence[Change]) -> list[Receipt]:
        if self.shelf.trouble:
            raise self.shelf.trouble.pop(0)
        return [self.shelf.push(change) for change in changes]

    def find(self, target: str, by: str, values: Sequence[str]) -> dict[str, list[Record]]:
        wanted = set(values)
        found: dict[str, list[Record]] = {}
        for remote_id, account in self.shelf.accounts.items():
            key = str(account.get(by) or "").lower()
            if key in wanted:
                found.setdefault(key, []).append(Record(remote_id, {"id": int(remote_id), **account}))
        return found

    def read_back(self, target: str, remote_ids: Sequence[str]) -> Iterable[Record]:
        return [Record(key, {"id": int(key), **self.shelf.accounts[key]}) for key in remote_ids if key in self.shelf.accounts]


def install(monkeypatch: pytest.MonkeyPatch, *, sources: Sequence[str] = ("hr",), target: str = "lms") -> None:
    """These connectors with their mappings, nothing read yet. The first plan needs an approval, as everywhere."""
    monkeypatch.setitem(vendors.VENDORS, "roster", "tests.builders.Roster")
    monkeypatch.setitem(vendors.VENDORS, "library", "tests.builders.Library")
    monkeypatch.setattr(Book, "books", {})
    monkeypatch.setattr(Shelf, "shelves", {})
    for rank, key in enumerate(sources, 1):
        source = Connector.objects.create(key=key, name=key.upper(), vendor="roster", rank=rank, settings={"book": key})
        install_default(source, "people", Roster.default_mapping["people"])
    made = Connector.objects.create(key=target, name=target.upper(), vendor="library", rank=90, is_target=True, settings={"shelf": target})
    install_default(made, "users", Library.default_mapping["users"])


def a_night_of_leavers(leavers: int = 8, people: int = 20, **values: Any) -> None:
    """So many people are known, and an hour later some of them have left; read next, they are more than a guard lets pass."""
    for number in range(1, people + 1):
        Book.of("hr").write(str(number), **worker(number))
    sync()
    later(hours=1)
    for number in range(1, leavers + 1):
        Book.of("hr").write(str(number), status="terminated", termination_on="2026-06-01", **values)


def sync(key: str = "hr", mode: RunMode = RunMode.FULL, *, approve: bool = True) -> SyncRun:
    """One run from beginning to end, approved where it is held."""
    run = drive(start_run(Connector.objects.get(key=key), Trigger.MANUAL, mode), patience_seconds=30)
    while approve and run.phase in (Phase.AWAITING, Phase.HELD):
        ApprovePlan(None, run).execute("looked at, and right")
        run = drive(run, patience_seconds=30)
    return run
