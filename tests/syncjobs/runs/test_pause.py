"""A pause stops a flow in the middle, within one page or one batch, and what was begun goes on when it is resumed."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest

from identity.people.models import Person
from integrations.connectors.decisions import PauseConnector, ResumeConnector
from integrations.connectors.models import Connector
from integrations.outbound.models import Delivery
from integrations.vendors.base import Page, Target, Window
from syncjobs.guards.decisions import ApprovePlan
from syncjobs.pages.progress import progress
from syncjobs.pipeline.deliver import deliver_due
from syncjobs.pipeline.drive import drive
from syncjobs.pipeline.stages import work_on
from syncjobs.runs.models import SyncRun, Trigger
from syncjobs.runs.start import start_run
from syncjobs.schedules.models import RunMode
from tests.builders import Book, Library, Shelf, page, sync, worker
from tests.company import later

pytestmark = pytest.mark.usefixtures("installed")


def connector(key: str) -> Connector:
    return Connector.objects.get(key=key)


def everybody(first: int, last: int) -> list[tuple[str, dict[str, Any]]]:
    return [(str(number), worker(number)) for number in range(first, last + 1)]


def book(count: int) -> Book:
    found = Book.of("hr")
    for key, values in everybody(1, count):
        found.write(key, **values)
    return found


def test_a_source_that_is_paused_while_it_is_read_stops_after_the_page_and_goes_on_with_the_next() -> None:
    hr = book(20)
    sync()

    def first(window: Window, cursor: Any) -> Iterator[Page]:
        yield page(everybody(1, 10), total=20, is_last=False, cursor=10)
        PauseConnector(None, connector("hr")).execute("payroll closes")
        yield page(everybody(11, 20), total=20)

    hr.script = [first]
    run = drive(start_run(connector("hr"), Trigger.MANUAL, RunMode.FULL), patience_seconds=30)
    assert (run.phase, run.stage, run.lease_token) == ("planning", "fetch", "") and run.cursor["page"] == 1
    assert not work_on(run.pk), "nobody takes it while it is paused"
    assert progress(SyncRun.objects.select_related("connector").get(pk=run.pk), run.created_at).note == "Waits: HR is paused"

    ResumeConnector(None, connector("hr")).execute()
    run = drive(run, patience_seconds=30)
    assert run.phase == "succeeded" and run.counts["heard"] == 20
    assert hr.asked[-1][1] == 10, "it went on after the first page"


def test_a_target_that_is_paused_between_two_batches_gets_no_more_and_later_the_rest_in_order(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(Library, "targets", (Target("users", "Accounts", bulk=2),))
    book(6)
    real = Shelf.push

    def paused_after_two(shelf: Shelf, change: Any) -> Any:
        if len(shelf.accounts) == 1:
            PauseConnector(None, connector("lms")).execute("exam week")
        return real(shelf, change)

    monkeypatch.setattr(Shelf, "push", paused_after_two)
    run = drive(start_run(connector("hr"), Trigger.MANUAL, RunMode.FULL), patience_seconds=30)
    ApprovePlan(None, run).execute("looked at")
    for _ in range(20):
        work_on(run.pk)
        deliver_due()
    assert len(Shelf.of("lms").accounts) == 2 and Delivery.objects.filter(state="pending").count() == 4
    monkeypatch.setattr(Shelf, "push", real)
    ResumeConnector(None, connector("lms")).execute()
    later(seconds=5)
    assert drive(run, patience_seconds=30).phase == "succeeded" and len(Shelf.of("lms").accounts) == 6


def test_a_last_day_does_not_wait_for_a_paused_source() -> None:
    hr = book(5)
    sync()
    PauseConnector(None, connector("hr")).execute("payroll closes")
    hr.write("9", **worker(9))
    run = start_run(connector("hr"), Trigger.CALENDAR, RunMode.PEOPLE, scope={"people": [Person.objects.earliest("pk").pk]})
    assert drive(run, patience_seconds=30).phase == "succeeded"
