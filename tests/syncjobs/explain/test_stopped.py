"""What the guard stopped stands on the timeline of everybody it concerned, and whoever asks for the same again says why."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone
from django.utils.formats import date_format

from config import clock
from config.audit.models import Cause
from config.roles.models import User
from identity.people.models import Person
from integrations.connectors.models import Connector
from syncjobs.explain.stopped import stopped
from syncjobs.guards.decisions import ApprovePlan, RefusePlan
from syncjobs.pipeline.drive import drive
from syncjobs.pipeline.tick import tick
from syncjobs.runs.decisions import CancelRun
from syncjobs.runs.models import SyncRun
from syncjobs.schedules.models import RunMode
from tests.builders import Book, Shelf, a_night_of_leavers, sync
from tests.company import later
from tests.rows import staff

pytestmark = pytest.mark.usefixtures("installed")


@pytest.fixture
def held() -> SyncRun:
    """Eight of twenty have left, and one of those who stay has another name."""
    a_night_of_leavers()
    Book.of("hr").write("15", family_name="Renamed")
    run = sync(mode=RunMode.DELTA, approve=False)
    assert run.phase == "held"
    return run


@pytest.fixture
def lea(client: Client) -> Client:
    client.force_login(User.objects.create_superuser("lea"))
    return client


def person(number: int) -> Person:
    return Person.objects.get(employee_number=f"{number:05d}")


def told(number: int) -> list[tuple[str, str, str]]:
    return [(one.state, one.kind, one.decided.reason if one.decided else "") for one in stopped(person(number).pk)]


def page(lea: Client, number: int) -> str:
    return lea.get(reverse("person", args=[person(number).pk])).content.decode()


def test_a_change_that_waits_stands_on_the_timeline_and_is_gone_when_it_is_approved(held: SyncRun, lea: Client) -> None:
    assert told(1) == [("waits", "deactivate", "")] and told(15) == [("waits", "update", "")] and told(16) == []
    assert "A change for LMS waits for a decision" in page(lea, 1)
    ApprovePlan(None, held).execute("right")
    drive(held, patience_seconds=30)
    assert told(1) == [] and "waits for a decision" not in page(lea, 1)


def test_what_was_not_approved_says_by_whom_and_why_and_of_a_part_only_those(held: SyncRun, lea: Client) -> None:
    ApprovePlan(User.objects.get(username="lea"), held, [("lms", "update")]).execute("the leavers are asked about")
    drive(held, patience_seconds=30)
    assert told(1) == [("refused", "deactivate", "the leavers are asked about")] and told(15) == []
    body = page(lea, 1)
    assert "A change for LMS was not approved" in body and "“the leavers are asked about”" in body
    assert "was not approved" not in lea.get(reverse("person", args=[person(1).pk]), {"kind": "deliveries"}).content.decode()


def test_a_plan_that_nobody_decided_about_lapsed(held: SyncRun, lea: Client) -> None:
    later(hours=49)
    tick()
    held.refresh_from_db()
    assert told(1) == [("lapsed", "deactivate", "")] and "A change for LMS lapsed" in page(lea, 1)


def test_whoever_asks_for_the_same_again_is_told_and_says_why(held: SyncRun, lea: Client) -> None:
    RefusePlan(User.objects.get(username="lea"), held).execute("HR is asked first")
    there = reverse("person-sync", args=[person(1).pk])
    shown = lea.get(there).content.decode()
    assert "Not approved last time" in shown and "HR is asked first" in shown
    asked = lea.post(there)
    assert asked.status_code == 400 and "HR is asked first" in asked.content.decode()
    assert not SyncRun.objects.filter(mode=RunMode.PEOPLE).exists()
    assert lea.post(there, {"reason": "HR confirmed it"}).status_code == 302
    run = drive(SyncRun.objects.get(mode=RunMode.PEOPLE), patience_seconds=30)
    assert Cause.objects.get(pk=run.cause_id).reason == "HR confirmed it"
    assert [one["suspended"] for one in Shelf.of("lms").accounts.values()].count(True) == 1
    again = lea.get(there).content.decode()
    assert "Not approved last time" not in again, "it was planned since"
    assert "Not approved last time" not in lea.get(reverse("person-sync", args=[person(16).pk])).content.decode()


def test_it_costs_two_questions_however_often_something_was_stopped(held: SyncRun) -> None:
    def cost() -> int:
        with CaptureQueriesContext(connection) as asked:
            found = stopped(person(1).pk)
        assert found
        return len(asked) - 1

    once = cost()
    for night in range(3):
        later(hours=24)
        Book.of("hr").write("1", last_day_on=f"2026-06-0{night + 1}")
        sync(mode=RunMode.FULL, approve=False)
    assert len(stopped(person(1).pk)) > 1 and cost() == once == 2


def test_a_page_begins_where_the_one_before_it_ended(held: SyncRun) -> None:
    now = clock.now()
    assert stopped(person(1).pk, before=now + timedelta(seconds=1)) and not stopped(person(1).pk, before=now - timedelta(days=1))
    lms = Connector.objects.get(key="lms").pk
    assert stopped(person(1).pk, system=lms) and not stopped(person(1).pk, system=lms + 100)


def test_a_held_run_that_was_cancelled_waits_for_nobody_any_more(held: SyncRun, lea: Client) -> None:
    CancelRun(User.objects.get(username="lea"), held).execute("HR sends it again")
    assert told(1) == [("refused", "deactivate", "HR sends it again")]
    assert "waits for a decision" not in page(lea, 1)


def test_a_refusal_stands_beside_the_button_until_the_change_is_made(held: SyncRun, lea: Client) -> None:
    """The next run plans the same again, and is held again: nobody has taken the refusal back."""
    RefusePlan(User.objects.get(username="lea"), held).execute("HR is asked first")
    later(hours=1)
    sync(mode=RunMode.PLAN, approve=False)
    there = reverse("person-sync", args=[person(1).pk])
    assert "HR is asked first" in lea.get(there).content.decode()
    later(hours=49)
    tick()
    assert "HR is asked first" in lea.get(there).content.decode(), "that nobody decided the second time takes nothing back"
    ApprovePlan(None, sync(mode=RunMode.PLAN, approve=False)).execute("right after all")
    drive(SyncRun.objects.latest("pk"), patience_seconds=30)
    assert "HR is asked first" not in lea.get(there).content.decode()


def test_a_refusal_is_no_word_where_the_source_asks_for_something_else_by_now(held: SyncRun, lea: Client) -> None:
    RefusePlan(User.objects.get(username="lea"), held).execute("HR is asked first")
    later(hours=1)
    Book.of("hr").write("1", status="active", termination_on="")
    sync(mode=RunMode.DELTA)
    there = reverse("person-sync", args=[person(1).pk])
    assert "HR is asked first" not in lea.get(there).content.decode()
    assert lea.post(there).status_code == 302


def test_the_day_of_the_refusal_is_told_and_not_that_of_the_hold(held: SyncRun, lea: Client) -> None:
    later(hours=30)
    RefusePlan(User.objects.get(username="lea"), held).execute("HR is asked first")
    when = date_format(timezone.localtime(held.holds.get().cause.at), "j F Y")
    told = f"lea on {when}: “HR is asked first”"
    assert told in page(lea, 1) and told in lea.get(reverse("person-sync", args=[person(1).pk])).content.decode()


def test_a_reason_that_names_the_person_is_masked_like_the_name(held: SyncRun, client: Client) -> None:
    RefusePlan(User.objects.create_superuser("lea"), held).execute("Given1 Family1 stays until Friday")
    client.force_login(staff("Integration engineer"))
    body = page(client, 1)
    assert "stays until Friday" in body and "Given1" not in body
