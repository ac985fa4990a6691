"""A plan that waits is ended by a newer one only where that one says all that it said."""

from __future__ import annotations

import pytest
from django.core import mail

from config.notices.models import Notice
from config.roles.models import User
from config.sentences import english
from identity.people.models import Person
from integrations.connectors.models import Connector
from syncjobs.guards.decisions import ApprovePlan
from syncjobs.guards.models import Hold
from syncjobs.guards.overtake import overtaken
from syncjobs.pipeline.drive import drive
from syncjobs.runs.decisions import CancelRun, SyncPerson
from syncjobs.runs.models import SyncRun, Trigger
from syncjobs.runs.start import start_run
from syncjobs.schedules.models import RunMode
from tests.builders import Book, Shelf, a_night_of_leavers, sync, worker
from tests.company import later
from tests.rows import staff

PEOPLE = RunMode.PEOPLE


@pytest.mark.parametrize(
    ("older", "newer", "ends"),
    [
        (("full", {}), ("full", {}), True),
        (("full", {}), ("delta", {}), True),
        (("delta", {}), ("plan", {}), True),
        (("full", {}), ("people", {"people": [1]}), False),
        (("people", {"people": [1]}), ("full", {}), False),
        (("people", {"people": [1]}), ("people", {"people": [1, 2]}), True),
        (("people", {"people": [1, 2]}), ("people", {"people": [1]}), False),
        (("people", {"people": [1], "records": [7]}), ("people", {"people": [1]}), False),
        (("people", {"people": [1], "ripe": True}), ("people", {"people": [1]}), False),
        (("people", {"people": [1], "ripe": True}), ("people", {"people": [1, 2], "ripe": True}), True),
    ],
)
def test_only_a_plan_that_says_all_of_it_ends_an_older_one(older: tuple, newer: tuple, ends: bool) -> None:
    why = overtaken(SyncRun(pk=1, mode=older[0], scope=older[1]), SyncRun(pk=2, mode=newer[0], scope=newer[1]))
    assert (english(why) if why else "") == ("overtaken by run 2" if ends else "")


def hold_eight() -> SyncRun:
    """A night of twenty people in which eight have left: it waits."""
    a_night_of_leavers()
    held = sync(mode=RunMode.DELTA, approve=False)
    assert held.phase == "held"
    return held


def notices() -> list[tuple[str, str]]:
    return list(Notice.objects.filter(key="run.held:hr", closed_at=None).values_list("severity", "link"))


def standing(number: int) -> str:
    return Person.objects.get(employee_number=f"{number:05d}").standing


@pytest.mark.usefixtures("installed")
def test_thirty_who_wait_still_wait_after_one_person_was_synchronised() -> None:
    held = hold_eight()
    Book.of("hr").write("15", job_title="Head of Research")
    alone = SyncPerson(None, Person.objects.get(employee_number="00015"))
    alone.execute()
    assert drive(alone.started, patience_seconds=30).phase == "succeeded"
    held.refresh_from_db()
    assert (held.phase, held.plan.state, Hold.objects.get(run=held).state) == ("held", "held", "open")
    assert notices() == [("bad", f"/admin/runs/{held.pk}/")], "whoever may decide is still asked"
    ApprovePlan(None, held).execute("they have left")
    assert drive(held, patience_seconds=30).phase == "succeeded"
    assert [standing(number) for number in (1, 8, 15)] == ["left", "left", "active"] and notices() == []
    assert Person.objects.get(employee_number="00015").job_title == "Head of Research"


@pytest.mark.usefixtures("installed")
def test_somebody_synchronised_meanwhile_is_left_out_of_the_plan_that_waited() -> None:
    held = hold_eight()
    alone = SyncPerson(None, Person.objects.get(employee_number="00001"))
    alone.execute()
    assert drive(alone.started, patience_seconds=30).phase == "succeeded" and standing(1) == "left"
    ApprovePlan(None, held).execute("they have left")
    drive(held, patience_seconds=30)
    assert {standing(number) for number in range(1, 9)} == {"left"}
    closed = [one for one in Shelf.of("lms").pushed if one.operation == "deactivate"]
    assert len(closed) == 8, "nobody is written twice"


@pytest.mark.usefixtures("installed")
def test_people_gone_from_the_source_who_wait_are_no_matter_of_a_run_of_one_person() -> None:
    for number in range(1, 21):
        Book.of("hr").write(str(number), **worker(number))
    sync()
    for number in range(1, 9):
        del Book.of("hr").rows[str(number)]
    for _night in range(2):
        later(hours=24)
        held = sync(approve=False)
    assert held.phase == "held"
    alone = SyncPerson(None, Person.objects.get(employee_number="00015"))
    alone.execute()
    assert drive(alone.started, patience_seconds=30).phase == "succeeded", "one person is nothing to stop"
    assert standing(1) == "active"


@pytest.mark.usefixtures("installed")
def test_while_one_of_two_plans_waits_the_notice_stays_and_leads_to_it() -> None:
    held = hold_eight()
    Connector.objects.filter(key="hr").update(guard={"update": {"people": 1, "most": 1}})
    Book.of("hr").write("15", family_name="Renamed")
    alone = SyncPerson(None, Person.objects.get(employee_number="00015"))
    alone.execute()
    second = drive(alone.started, patience_seconds=30)
    assert second.phase == "held" and notices() == [("bad", f"/admin/runs/{second.pk}/")]
    CancelRun(None, second).execute("not today")
    assert notices() == [("bad", f"/admin/runs/{held.pk}/")]
    CancelRun(None, held).execute("not today")
    assert notices() == []


@pytest.mark.usefixtures("installed")
def test_a_whole_run_that_may_pass_ends_the_plan_it_overtakes_and_its_notice() -> None:
    held = hold_eight()
    for number in range(1, 9):
        Book.of("hr").write(str(number), status="active", termination_on="")
    later(hours=1)
    assert drive(start_run(held.connector, Trigger.MANUAL, RunMode.DELTA), patience_seconds=30).phase == "succeeded"
    held.refresh_from_db()
    assert (held.phase, notices()) == ("cancelled", [])


@pytest.mark.usefixtures("installed")
def test_a_plan_that_waits_is_mailed_to_somebody_who_may_decide_it(django_capture_on_commit_callbacks) -> None:
    ada = staff("Approver")
    User.objects.filter(pk=ada.pk).update(email="ada@meridian.example")
    with django_capture_on_commit_callbacks(execute=True):
        held = hold_eight()
    assert mail.outbox[-1].bcc == ["ada@meridian.example"] and f"/admin/runs/{held.pk}/" in mail.outbox[-1].body
    assert ApprovePlan(User.objects.get(pk=ada.pk), held).may()
