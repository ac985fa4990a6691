"""“Why has this person no account?” The answer stands on their page, whatever the reason is."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from config.errors import TargetRefused
from config.roles.masking import Sight
from identity.cases.models import Case
from identity.people.models import Person
from integrations.connectors.models import Connector
from syncjobs.explain.account import paragraph
from syncjobs.guards.decisions import RefusePlan
from syncjobs.pages.person import situation, view_of
from syncjobs.pipeline.tick import tick
from syncjobs.runs.decisions import CancelRun
from syncjobs.runs.models import SyncRun
from syncjobs.schedules.models import RunMode
from tests.builders import Book, Shelf, sync, worker
from tests.company import MORNING, later

pytestmark = pytest.mark.usefixtures("installed")


def why(number: int) -> str:
    person = Person.objects.get(employee_number=f"{number:05d}")
    return paragraph(situation(view_of(person, Sight(True)))).replace(str(person), "Ann")


def only_the_first() -> None:
    lms = Connector.objects.get(key="lms")
    lms.pilot = {"people": ["00001"]}
    lms.save()


def staff_of_five(**second: object) -> None:
    for number in range(1, 6):
        Book.of("hr").write(str(number), **worker(number, **(second if number == 2 else {})))
    sync()
    later(hours=1)


def a_held_plan() -> SyncRun:
    """Four come into the pilot group at once, which is too many for the guard."""
    only_the_first()
    staff_of_five()
    lms = Connector.objects.get(key="lms")
    lms.pilot = {}
    lms.save()
    run = sync(mode=RunMode.DELTA, approve=False)
    assert run.phase == "held"
    return run


def test_outside_the_pilot_group() -> None:
    only_the_first()
    staff_of_five()
    assert "Ann has no account in LMS: not in the pilot group of LMS." in why(2)
    assert "no account" not in why(1)


def test_outside_the_pilot_group_counts_before_a_first_day_that_would_bring_nothing() -> None:
    only_the_first()
    staff_of_five(hire_on=(MORNING + timedelta(days=9)).date().isoformat())
    assert "not in the pilot group of LMS" in why(2) and "first day" not in why(2)


def test_a_first_day_that_is_still_to_come() -> None:
    staff_of_five(hire_on=(MORNING + timedelta(days=9)).date().isoformat())
    assert "Ann has no account in LMS yet; it is made on the first day." in why(2)


def test_on_leave_where_leave_closes_accounts() -> None:
    lms = Connector.objects.get(key="lms")
    lms.policy = {"on_leave": "suspended"}
    lms.save()
    staff_of_five(status="leave")
    assert "people on leave get none there before they are back" in why(2)


def test_a_record_that_was_set_aside() -> None:
    staff_of_five(hire_on=(MORNING + timedelta(days=9)).date().isoformat())
    Book.of("hr").write("2", hire_on="2026-02-31")
    assert sync(mode=RunMode.DELTA).counts["parked"] == 1
    assert "The newest record from HR was set aside: A value in this record cannot be read. What was known before stands." in why(2)
    later(hours=1)
    Book.of("hr").write("2", hire_on="2020-01-01")
    sync(mode=RunMode.DELTA)
    assert "set aside" not in why(2)


def test_an_account_that_may_be_theirs_already() -> None:
    Shelf.of("lms").accounts["901"] = {"username": "x", "email": "person2@meridian.example", "suspended": False}
    staff_of_five()
    assert "Ann has no account in LMS yet: a question waits for an answer." in why(2)


def test_a_question_about_somebody_elses_record_is_no_reason() -> None:
    only_the_first()
    staff_of_five()
    Book.of("hr").write("6", **worker(6, work_email="person2@meridian.example"))
    sync(mode=RunMode.DELTA)
    assert Case.objects.filter(candidates__person__employee_number="00002").exists()
    assert "not in the pilot group of LMS" in why(2)


def test_a_plan_that_waits_was_refused_lapsed_or_was_stopped() -> None:
    run = a_held_plan()
    assert f"Ann has no account in LMS yet: run {run.pk}, which would make it, waits for an approval." in why(2)
    RefusePlan(None, run).execute("not yet")
    assert f"run {run.pk}, which would have made it, was not approved." in why(2)
    run = sync(mode=RunMode.DELTA, approve=False)
    CancelRun(None, run).execute("too early")
    assert f"run {run.pk}, which would have made it, was stopped before it did." in why(2)
    run = sync(mode=RunMode.DELTA, approve=False)
    later(hours=49)
    tick()
    assert f"nobody approved run {run.pk}, which would have made it, in time." in why(2)


def test_a_learning_system_that_is_paused() -> None:
    only_the_first()
    staff_of_five()
    Connector.objects.filter(key="lms").update(state="paused", pilot={})
    assert "Ann has no account in LMS yet: nothing is written there before it is resumed." in why(2)
    Connector.objects.filter(key="lms").update(state="disabled")
    assert "LMS" not in why(2)


def test_a_refusal_of_the_learning_system() -> None:
    staff_of_five()
    Book.of("hr").write("6", **worker(6))
    Shelf.of("lms").trouble = [TargetRefused("no")]
    sync(mode=RunMode.DELTA)
    assert "Ann has no account in LMS, because making it did not succeed: The learning system refused this person's data." in why(6)


def test_it_costs_the_same_whatever_happened() -> None:
    run = a_held_plan()
    RefusePlan(None, run).execute("not yet")
    person = Person.objects.get(employee_number="00002")
    with CaptureQueriesContext(connection) as once:
        situation(view_of(person, Sight(True)))
    for _ in range(3):
        RefusePlan(None, sync(mode=RunMode.DELTA, approve=False)).execute("not yet")
    with CaptureQueriesContext(connection) as often:
        situation(view_of(person, Sight(True)))
    assert len(often) == len(once)
