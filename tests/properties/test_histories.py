"""Whatever happens in whatever order: many nights end where one night at the end would have ended."""

from __future__ import annotations

import random
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from django.db import transaction

from config import clock
from identity.people.models import Person
from integrations.connectors.models import Connector
from integrations.records.ingest import Reading, ingest, prepare
from integrations.records.models import RecordVersion, SourceRecord
from integrations.vendors.base import Record
from syncjobs.ledger.verify import verify_ledger
from syncjobs.schedules.models import RunMode
from tests.builders import Book, Shelf, sync, worker
from tests.company import MORNING, later

pytestmark = pytest.mark.usefixtures("installed")
Act = Callable[[Book], None]


def acts(seed: int, count: int) -> list[Act]:
    """Hires, titles, leavers, rehires and new managers among thirty people, the same for the same seed."""
    choice = random.Random(seed)
    today = MORNING.date().isoformat()
    found: list[Act] = []
    for _ in range(count):
        key = str(choice.randint(1, 30))
        values: dict[str, Any] = choice.choice(
            (
                {"job_title": choice.choice(("Analyst", "Auditor", "Clerk"))},
                {"department": choice.choice(("Research", "Sales"))},
                {"termination_on": (MORNING.date() - timedelta(days=3)).isoformat(), "status": "terminated"},
                {"termination_on": None, "status": "active", "hire_on": today},
                {"manager_lines": [{"type": "supervisory", "manager": str(choice.randint(1, 30)), "unit": ""}]},
            )
        )
        found.append(lambda book, key=key, values=values: book.write(key, **{**({} if key in book.rows else worker(int(key))), **values}))
    return found


def end() -> tuple[list[Any], list[Any]]:
    """Facts and accounts by employee number."""
    numbers = {person.public_id: person.employee_number for person in Person.objects.all()}
    people = [
        (one.employee_number, one.standing, one.values, one.manager and one.manager.employee_number)
        for one in Person.objects.select_related("manager").order_by("employee_number")
    ]
    shelf = sorted(
        (numbers[account["idnumber"]], account["suspended"], account["department"]) for account in Shelf.of("lms").accounts.values()
    )
    return people, shelf


def play(seed: int, nights: int) -> tuple[list[Any], list[Any]]:
    """Forty acts; a night after each stretch of them, deltas after the first."""
    book = Book.of("hr")
    for number in range(1, 21):
        book.write(str(number), **worker(number))
    sync()
    every = acts(seed, 40)
    for place in range(nights):
        for act in every[place * 40 // nights : (place + 1) * 40 // nights]:
            act(book)
        later(hours=1)
        sync(mode=RunMode.DELTA)
    return end()


def forget_everything(monkeypatch: pytest.MonkeyPatch, savepoint: str) -> None:
    transaction.savepoint_rollback(savepoint)
    monkeypatch.setattr(Book, "books", {})
    monkeypatch.setattr(Shelf, "shelves", {})


@pytest.mark.parametrize("seed", range(6))
def test_many_nights_end_where_one_night_ends(seed: int, monkeypatch: pytest.MonkeyPatch) -> None:
    before = transaction.savepoint()
    one_people, one_shelf = play(seed, nights=1)
    forget_everything(monkeypatch, before)
    people, shelf = play(seed, nights=5)
    assert people == one_people
    closed_meanwhile = {number for number, is_suspended, _ in shelf if is_suspended}
    assert [row for row in shelf if row[0] not in closed_meanwhile] == [row for row in one_shelf if row[0] not in closed_meanwhile]
    assert {number for number, standing, *_ in people if standing == "left"} >= closed_meanwhile
    assert verify_ledger() == []


def read(payload: dict[str, Any], previous: dict[str, Any]) -> Reading:
    return Reading(dict(payload), strong_key=f"hr:{payload['number']}")


def store(records: list[Record]) -> Any:
    with transaction.atomic():
        return ingest(Connector.objects.get(key="hr"), "people", prepare(records), read, mapping_number=1, now=clock.now())


@pytest.mark.parametrize("seed", range(10))
def test_a_page_stored_again_changes_nothing_and_an_older_version_never_replaces_a_newer(seed: int) -> None:
    choice = random.Random(seed)
    newest: dict[str, tuple[Any, dict[str, Any]]] = {}
    for _ in range(20):
        page = []
        for key in choice.sample([str(number) for number in range(8)], 4):
            at = MORNING + timedelta(minutes=choice.randint(0, 50))
            record = Record(key, {"number": key, "title": f"{key} at {at.isoformat()}"}, at)
            page.append(record)
            if key not in newest or at >= newest[key][0]:
                newest[key] = (at, record.payload)
        store(page)
        versions = RecordVersion.objects.count()
        store(page)
        assert RecordVersion.objects.count() == versions
        assert {row.external_id: row.payload for row in SourceRecord.objects.all()} == {key: held for key, (_, held) in newest.items()}
