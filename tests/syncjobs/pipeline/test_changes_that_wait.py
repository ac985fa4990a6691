"""A title can wait, compliance cannot: changes of a mover by route, from the run that reads them to the account."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from django.db import connection, transaction
from django.test import Client
from django.test.utils import CaptureQueriesContext

from config import clock
from config.audit.cause import because
from config.errors import TargetRefused
from config.roles.masking import Sight
from config.sentences import english
from identity.people.models import Person
from integrations.connectors.models import Connector, ConnectorState
from integrations.mapping.install import install_rows
from integrations.vendors.base import MappingRow
from syncjobs.explain.rehearse import rehearse
from syncjobs.guards.decisions import ApprovePlan, RefusePlan
from syncjobs.ledger.verify import verify_ledger
from syncjobs.pipeline.drive import drive
from syncjobs.pipeline.tick import tick
from syncjobs.plans.models import PlannedChange, WaitingChange
from syncjobs.runs.decisions import SyncPerson
from syncjobs.runs.models import SyncRun, Trigger
from syncjobs.schedules.models import RunMode
from tests.builders import Book, Library, Shelf, sync, worker
from tests.company import MORNING, set_clock
from tests.rows import staff

TONIGHT = datetime(2026, 6, 11, 0, tzinfo=UTC)  # two o'clock in Berlin
NEXT_HOUR = MORNING + timedelta(hours=1)


def route(**routes: str) -> None:
    """These fields of the account get these routes; `city` is filled from the location."""
    rows = [
        *(MappingRow(**{**vars(row), "route": routes.get(row.target, "at_once")}) for row in Library.default_mapping["users"]),
        MappingRow("city", "location", route=routes.get("city", "at_once")),
    ]
    with transaction.atomic():
        install_rows(Connector.objects.get(key="lms"), "users", rows, None, because("setting", "routes"))


@pytest.fixture(autouse=True)
def five_people_with_accounts(installed: None) -> None:
    set_clock(MORNING + timedelta(minutes=1))  # the clock is set by whole seconds, and must not stand just before the hour
    route(department="nightly", city="hourly")
    for number in range(1, 6):
        Book.of("hr").write(str(number), **worker(number))
    sync()
    Connector.objects.filter(key="lms").update(guard={"all": {"people": 1000, "share": 1, "most": 1000}})


def account(number: int) -> dict[str, object]:
    return next(one for one in Shelf.of("lms").accounts.values() if one["username"] == f"person{number}@meridian.example")


def moves(number: int, **values: str) -> SyncRun:
    """HR changes somebody, and the next run reads it."""
    Book.of("hr").write(str(number), **values)
    return sync(mode=RunMode.DELTA)


def pass_to(moment: datetime) -> list[SyncRun]:
    """What time alone brings about then; the runs it started."""
    last = SyncRun.objects.order_by("-pk").values_list("pk", flat=True).first() or 0
    set_clock(moment + timedelta(seconds=1))
    tick()
    return [drive(run, patience_seconds=30) for run in SyncRun.objects.filter(pk__gt=last).order_by("pk")]


def test_a_department_waits_for_the_night_and_our_own_facts_do_not() -> None:
    run = moves(1, department="Sales")
    assert run.phase == "succeeded" and run.counts["waits"] == 1
    assert Person.objects.get(employee_number="00001").department == "Sales"
    assert account(1)["department"] == "Research"
    change = PlannedChange.objects.get(plan__run=run, target__isnull=False)
    assert (change.state, english(change.reason)) == ("waits", "changed: business unit; waits for the night")
    assert run.plan.counts == {"people": {"update": 1}}, "the guard weighs it when it goes"
    assert WaitingChange.objects.get().due_at == TONIGHT
    assert pass_to(TONIGHT - timedelta(minutes=1)) == []
    (night,) = pass_to(TONIGHT)
    assert (night.trigger, night.phase) == (Trigger.WAITED, "succeeded")
    assert account(1)["department"] == "Sales" and not WaitingChange.objects.exists()
    assert verify_ledger() == []


def test_a_city_waits_for_the_full_hour() -> None:
    moves(1, location="Munich")
    assert account(1)["city"] == "Berlin" and WaitingChange.objects.get().due_at == NEXT_HOUR
    pass_to(NEXT_HOUR)
    assert account(1)["city"] == "Munich"


def test_what_can_wait_goes_along_with_what_cannot() -> None:
    run = moves(1, department="Sales", family_name="Newname")
    assert (account(1)["lastname"], account(1)["department"]) == ("Newname", "Sales")
    assert run.counts.get("waits", 0) == 0 and not WaitingChange.objects.exists()


def test_something_urgent_later_the_same_day_takes_along_what_waits() -> None:
    moves(1, department="Sales")
    set_clock(MORNING + timedelta(hours=3, minutes=1))
    moves(1, family_name="Newname")
    assert account(1)["department"] == "Sales" and not WaitingChange.objects.exists()
    assert pass_to(TONIGHT) == []


def test_several_changes_on_one_day_are_one_write_at_night_with_what_is_true_then() -> None:
    moves(1, department="Sales")
    set_clock(MORNING + timedelta(hours=3, minutes=1))
    moves(1, department="Legal")
    before = len(Shelf.of("lms").pushed)
    pass_to(TONIGHT)
    assert account(1)["department"] == "Legal" and len(Shelf.of("lms").pushed) == before + 1


def test_what_is_taken_back_before_the_night_is_never_written() -> None:
    moves(1, department="Sales")
    set_clock(MORNING + timedelta(hours=3, minutes=1))
    before = len(Shelf.of("lms").pushed)
    moves(1, department="Research")
    assert not WaitingChange.objects.exists()
    pass_to(TONIGHT)
    assert len(Shelf.of("lms").pushed) == before


def test_changing_it_every_hour_does_not_put_it_off_for_ever() -> None:
    moves(1, department="Sales")
    since = WaitingChange.objects.get().since
    for hours in (5, 10, 15):
        set_clock(MORNING + timedelta(hours=hours, minutes=1))
        moves(1, department=f"Sales {hours}")
    waiting = WaitingChange.objects.get()
    assert (waiting.due_at, waiting.since) == (TONIGHT, since)
    moves(1, location="Munich")
    assert WaitingChange.objects.get().due_at == MORNING + timedelta(hours=16), "the more pressing of both"


def test_joiners_and_leavers_wait_for_nothing() -> None:
    moves(9, **worker(9))
    assert account(9)["department"] == "Research"
    moves(2, department="Sales")
    set_clock(MORNING + timedelta(hours=3, minutes=1))
    moves(2, termination_on="2026-06-01", status="terminated")
    assert account(2)["suspended"] is True and not WaitingChange.objects.exists()
    assert pass_to(TONIGHT) == []


def test_a_leaver_by_the_calendar_goes_at_midnight_whatever_waits() -> None:
    moves(2, department="Sales", termination_on="2026-06-10")
    assert WaitingChange.objects.count() == 1
    pass_to(datetime(2026, 6, 10, 22, tzinfo=UTC))
    assert account(2)["suspended"] is True and not WaitingChange.objects.exists()


def test_the_run_of_a_source_that_comes_after_the_hour_takes_it_along() -> None:
    moves(1, department="Sales")
    set_clock(TONIGHT + timedelta(minutes=5))  # no tick has come by
    moves(1, job_title="Lead")
    assert account(1)["department"] == "Sales" and not WaitingChange.objects.exists()


def test_sync_this_person_now_means_now() -> None:
    moves(1, department="Sales")
    person = Person.objects.get(employee_number="00001")
    assert "changed: business unit" in [step.sentence for step in rehearse(person, Sight(is_full=True))]
    decision = SyncPerson(None, person)
    decision.execute()
    drive(decision.started, patience_seconds=30)
    assert account(1)["department"] == "Sales" and not WaitingChange.objects.exists()


def test_many_at_night_are_weighed_by_the_guard_and_come_up_again_when_nobody_approves() -> None:
    Connector.objects.filter(key="lms").update(guard={"all": {"people": 3, "share": 0.1, "most": 200}})
    for number in range(1, 5):
        Book.of("hr").write(str(number), department="Sales")
    assert sync(mode=RunMode.DELTA, approve=False).phase == "succeeded", "what waits is not weighed before it goes"
    (night,) = pass_to(TONIGHT)
    assert night.phase == "held" and account(1)["department"] == "Research"
    assert pass_to(TONIGHT + timedelta(hours=1)) == [], "the plan waits for a person, and no second one is made"
    RefusePlan(None, night).execute("not tonight")
    assert pass_to(TONIGHT + timedelta(hours=2)) == [] and WaitingChange.objects.count() == 4
    (again,) = pass_to(TONIGHT + timedelta(days=1))
    ApprovePlan(None, again).execute("now")
    drive(again, patience_seconds=30)
    assert account(1)["department"] == "Sales" and not WaitingChange.objects.exists()


def test_a_held_night_of_waiting_changes_keeps_no_last_day_waiting_and_overtakes_no_plan() -> None:
    Connector.objects.filter(key="lms").update(guard={"all": {"people": 3, "share": 0.1, "most": 200}})
    for number in range(1, 5):
        Book.of("hr").write(str(number), department="Sales", **({"termination_on": "2026-06-11"} if number == 4 else {}))
    sync(mode=RunMode.DELTA)
    for number in range(1, 5):
        Book.of("hr").write(str(number), family_name="Other")
    held = sync(mode=RunMode.DELTA, approve=False)
    (night,) = pass_to(TONIGHT)
    held.refresh_from_db()
    assert (held.phase, night.phase) == ("held", "held"), "a run about some people overtakes no plan about others"
    (leaver,) = pass_to(datetime(2026, 6, 11, 22, tzinfo=UTC))
    assert leaver.trigger == Trigger.CALENDAR and account(4)["suspended"] is True


def test_a_target_that_fails_at_night_loses_nothing() -> None:
    moves(1, department="Sales")
    Shelf.of("lms").trouble = [TargetRefused("no")]
    pass_to(TONIGHT)
    assert account(1)["department"] == "Research"
    assert not WaitingChange.objects.exists(), "from here on it is a write like any other: dead, told, and to be sent again"


def test_a_paused_target_keeps_what_waits_until_it_is_resumed() -> None:
    moves(1, department="Sales")
    Connector.objects.filter(key="lms").update(state=ConnectorState.PAUSED)
    assert pass_to(TONIGHT) == [] and WaitingChange.objects.count() == 1
    moves(1, job_title="Lead")
    assert WaitingChange.objects.count() == 1, "a plan without this target says nothing of it"
    Connector.objects.filter(key="lms").update(state=ConnectorState.ACTIVE)
    pass_to(TONIGHT + timedelta(minutes=5))
    assert account(1)["department"] == "Sales"


def test_two_ticks_at_once_start_one_run() -> None:
    moves(1, department="Sales")
    set_clock(TONIGHT + timedelta(seconds=1))
    assert (tick(), tick()) == (1, 0)


def test_once_a_field_goes_at_once_the_next_run_takes_along_what_waited_for_the_night() -> None:
    moves(1, department="Sales")
    set_clock(MORNING + timedelta(minutes=6))
    route()
    sync(mode=RunMode.DELTA)
    assert account(1)["department"] == "Sales" and not WaitingChange.objects.exists()


def test_the_pages_say_what_waits(client: Client) -> None:
    client.force_login(staff())
    run = moves(1, department="Sales")
    body = client.get(f"/admin/runs/{run.pk}/").content.decode()
    assert "changed: business unit; waits for the night" in body and "1 change can wait and was put off to its hour" in body
    person = Person.objects.get(employee_number="00001")
    body = client.get(f"/admin/people/{person.pk}/").content.decode()
    assert "waits for tonight:" in body and "business unit" in body
    assert "waits for tonight" not in client.get(f"/admin/people/{person.pk + 1}/").content.decode()


def test_a_hundred_that_wait_cost_as_many_queries_as_two() -> None:
    def cost(people: range) -> int:
        for number in people:
            Book.of("hr").write(str(number), department=f"Sales {clock.now():%H%M%S}")
        with CaptureQueriesContext(connection) as asked:
            sync(mode=RunMode.DELTA)
        rows = [one for one in asked if "ANALYZE" not in one["sql"] and not one["sql"].startswith("INSERT")]
        return len([one for one in rows if "waitingchange" in one["sql"].lower()])

    for number in range(10, 110):
        Book.of("hr").write(str(number), **worker(number))
    Book.of("hr").page_size = 1000
    sync()
    cost(range(10, 12))  # so that somebody waits already when the others are counted
    set_clock(clock.now() + timedelta(minutes=1))
    few = cost(range(10, 12))
    set_clock(clock.now() + timedelta(minutes=1))
    assert cost(range(10, 110)) == few > 0
    assert WaitingChange.objects.count() == 100
