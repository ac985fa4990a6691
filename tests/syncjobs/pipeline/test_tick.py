"""What time alone brings about: due runs once each, blackouts, people who are late, plans nobody decided, questions that come back."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from django.core import mail
from django.db import connection, transaction
from django.test.utils import CaptureQueriesContext

from config import clock
from config.errors import TargetRefused
from config.notices.models import Notice
from config.roles.models import User
from identity.cases.models import Case
from identity.people.models import Person, Replan
from integrations.connectors.models import Connector
from integrations.outbound.decisions import RetryDeliveries
from integrations.outbound.models import Delivery
from integrations.records.models import SourceRecord
from syncjobs.guards.decisions import ApprovePlan, RefusePlan
from syncjobs.guards.models import Hold
from syncjobs.pipeline.deliver import deliver_due
from syncjobs.pipeline.drive import drive
from syncjobs.pipeline.tick import tick
from syncjobs.plans.models import PlannedChange
from syncjobs.runs.decisions import SyncPerson
from syncjobs.runs.models import SyncRun, Trigger
from syncjobs.runs.start import start_run
from syncjobs.schedules.due import upcoming
from syncjobs.schedules.models import Blackout, RunMode, SyncSchedule
from tests.builders import Book, Shelf, a_night_of_leavers, sync, worker
from tests.company import later
from tests.company import set_clock as _set_clock
from tests.rows import staff

pytestmark = pytest.mark.usefixtures("installed")
NIGHT = datetime(2026, 6, 11, 0, 0, tzinfo=UTC)  # 02:00 in Berlin


def set_clock(moment: datetime) -> None:
    """A second after `moment`: the sandbox's clock is moved by whole seconds, and must not stand just before a due time."""
    _set_clock(moment + timedelta(seconds=1))


def hr() -> Connector:
    return Connector.objects.get(key="hr")


def a_schedule(cron: str = "0 2 * * *", **given: object) -> SyncSchedule:
    row = SyncSchedule.objects.create(connector=hr(), cron=cron, mode="delta", time_zone="Europe/Berlin", **given)
    tick()
    return row


def runs() -> list[SyncRun]:
    return list(SyncRun.objects.filter(trigger=Trigger.SCHEDULE).order_by("pk"))


def end(run: SyncRun) -> None:
    SyncRun.objects.filter(pk=run.pk).update(phase="succeeded", finished_at=clock.now())


def test_a_run_begins_when_it_is_due_in_its_zone_and_only_once() -> None:
    a_schedule()
    set_clock(NIGHT - timedelta(seconds=5))
    assert tick() == 0 and runs() == []
    set_clock(NIGHT)
    assert tick() == 1
    assert tick() == 0
    assert [run.due_at for run in runs()] == [NIGHT]


def test_nights_that_were_missed_are_made_up_by_one_run() -> None:
    row = a_schedule()
    set_clock(NIGHT + timedelta(days=3, hours=5))
    assert tick() == 1 and len(runs()) == 1
    row.refresh_from_db()
    assert row.next_due_at == NIGHT + timedelta(days=4), "the next one is at its hour again: no drift"


def test_the_hour_stays_the_same_by_the_wall_when_the_clocks_change() -> None:
    spring = next(upcoming("0 4 * * *", "Europe/Berlin", datetime(2026, 3, 28, 12, tzinfo=UTC)))
    assert spring == datetime(2026, 3, 29, 2, tzinfo=UTC), "04:00 is UTC+2 from that night on"
    autumn = next(upcoming("0 4 * * *", "Europe/Berlin", datetime(2026, 10, 24, 12, tzinfo=UTC)))
    assert autumn == datetime(2026, 10, 25, 3, tzinfo=UTC)


def test_in_a_blackout_nothing_begins_and_one_run_makes_up_for_it_when_it_ends() -> None:
    a_schedule()
    Blackout.objects.create(name="payroll", connector=None, starts_at=NIGHT - timedelta(hours=1), ends_at=NIGHT + timedelta(hours=30))
    for hours in (0, 5, 24, 29):
        set_clock(NIGHT + timedelta(hours=hours))
        assert tick() == 0
    set_clock(NIGHT + timedelta(hours=30))
    assert tick() == 1 and [run.due_at for run in runs()] == [NIGHT]


def test_a_blackout_of_another_source_stops_nothing() -> None:
    a_schedule()
    other = Connector.objects.create(key="it", name="IT", vendor="roster", settings={"book": "it"})
    Blackout.objects.create(name="move", connector=other, starts_at=NIGHT - timedelta(hours=1), ends_at=NIGHT + timedelta(hours=2))
    set_clock(NIGHT)
    assert tick() == 1


def test_while_a_run_of_the_source_is_at_work_no_second_one_begins() -> None:
    a_schedule("0 * * * *")
    set_clock(NIGHT)
    tick()
    set_clock(NIGHT + timedelta(hours=1))
    assert tick() == 0
    end(runs()[0])
    set_clock(NIGHT + timedelta(hours=2))
    assert tick() == 1


def test_one_that_waits_begins_once_when_the_one_at_work_has_ended() -> None:
    a_schedule("0 * * * *", overlap="wait")
    set_clock(NIGHT)
    tick()
    for hours in (1, 2):
        set_clock(NIGHT + timedelta(hours=hours, minutes=30))
        assert tick() == 0
    end(runs()[0])
    assert tick() == 1 and tick() == 0
    assert [run.due_at for run in runs()][1:] == [NIGHT + timedelta(hours=1)], "however many fell due meanwhile"


def test_one_that_queues_stands_behind_the_one_at_work_and_no_second_one_behind_it() -> None:
    a_schedule("0 * * * *", overlap="queue")
    set_clock(NIGHT)
    tick()
    SyncRun.objects.update(phase="planning")
    started = []
    for hours in (1, 2):
        set_clock(NIGHT + timedelta(hours=hours))
        started.append(tick())
    assert started == [1, 0] and [run.phase for run in runs()] == ["planning", "queued"]
    end(runs()[0])
    set_clock(NIGHT + timedelta(hours=3))
    assert tick() == 0, "the queued one is the one"
    end(runs()[1])
    set_clock(NIGHT + timedelta(hours=4))
    assert tick() == 1


def test_a_run_of_chosen_people_is_in_nobodys_way() -> None:
    """A last day that ends at midnight must not cost the night run of that midnight."""
    a_schedule()
    set_clock(NIGHT)
    start_run(hr(), Trigger.CALENDAR, RunMode.PEOPLE, scope={"people": []})
    assert tick() == 1


def test_a_start_that_is_spread_happens_at_its_minute_and_once() -> None:
    row = a_schedule(jitter_minutes=45)
    row.refresh_from_db()
    due = row.next_due(NIGHT - timedelta(hours=1))
    assert row.next_due_at == due and NIGHT <= due <= NIGHT + timedelta(minutes=45)
    set_clock(due - timedelta(seconds=5))
    assert tick() == 0
    set_clock(due)
    assert tick() == 1
    set_clock(NIGHT + timedelta(hours=20))
    assert tick() == 0 and [run.due_at for run in runs()] == [due]


@pytest.mark.parametrize(
    ("given", "state"), [({"is_active": False}, "active"), ({"paused_until": NIGHT + timedelta(days=1)}, "active"), ({}, "paused")]
)
def test_what_is_switched_off_or_paused_does_not_begin(given: dict[str, object], state: str) -> None:
    a_schedule(**given)
    Connector.objects.filter(key="hr").update(state=state)
    set_clock(NIGHT)
    assert tick() == 0


def test_a_pause_ends_by_itself() -> None:
    a_schedule(paused_until=NIGHT + timedelta(hours=3))
    set_clock(NIGHT + timedelta(hours=4))
    assert tick() == 1


def test_what_fell_into_a_pause_is_not_late_and_what_is_due_after_it_is() -> None:
    Connector.objects.filter(key="hr").update(last_success_at=clock.now())
    a_schedule(paused_until=NIGHT + timedelta(days=3, hours=12))
    Blackout.objects.create(name="nobody works", connector=None, starts_at=clock.now(), ends_at=NIGHT + timedelta(days=9))
    told = []
    for days in (2, 3.6, 4.1, 5.1):
        set_clock(NIGHT + timedelta(days=days))
        tick()
        told.append(list(Notice.objects.filter(key="run.late:hr", closed_at=None).values_list("severity", flat=True)))
    assert told == [[], [], ["warn"], ["bad"]]


def test_a_source_that_is_late_is_told_once_louder_when_it_gets_worse_and_no_more_when_it_succeeds(
    django_capture_on_commit_callbacks,
) -> None:
    it = staff("Integration engineer")
    User.objects.filter(pk=it.pk).update(email="ivan@meridian.example")
    Connector.objects.filter(key="hr").update(last_success_at=clock.now())
    a_schedule()
    Blackout.objects.create(name="nobody works", connector=None, starts_at=clock.now(), ends_at=NIGHT + timedelta(days=9))

    def look(moment: datetime) -> list[tuple[str, int]]:
        set_clock(moment)
        with django_capture_on_commit_callbacks(execute=True):
            for _ in range(3):
                tick()
        return list(Notice.objects.filter(key="run.late:hr", closed_at=None).values_list("severity", "count"))

    assert look(NIGHT + timedelta(minutes=20)) == [], "a run may take its time"
    assert look(NIGHT + timedelta(minutes=40)) == [("warn", 1)]
    assert look(NIGHT + timedelta(days=1, minutes=40)) == [("bad", 2)]
    assert look(NIGHT + timedelta(days=2, minutes=40)) == [("bad", 2)]
    assert len(mail.outbox) == 1 and mail.outbox[0].bcc == ["ivan@meridian.example"] and "HR is late" in mail.outbox[0].subject
    Book.of("hr").write("1", **worker(1))
    sync()
    assert look(clock.now()) == []


def test_a_held_plan_that_nobody_decided_lapses_changes_nothing_and_is_planned_again() -> None:
    a_night_of_leavers()
    held = sync(mode="delta", approve=False)
    written = Delivery.objects.count()
    later(hours=47)
    tick()
    held.refresh_from_db()
    assert held.phase == "held", "there is time until then"
    later(hours=2)
    tick()
    held.refresh_from_db()
    assert (held.phase, held.error_detail) == ("cancelled", "nobody decided in time; nothing was changed")
    assert Hold.objects.get(run=held).state == "lapsed" and Delivery.objects.count() == written
    assert not Person.objects.filter(standing="left").exists()
    assert not Notice.objects.filter(key="run.held:hr", closed_at=None).exists(), "a plan that is gone asks nobody"
    again = sync(mode="delta", approve=False)
    assert again.phase == "held" and Hold.objects.get(run=again).people == 8, "nobody is lost by it"
    assert PlannedChange.objects.filter(plan__run=again, kind="deactivate").count() == 8
    assert Notice.objects.filter(key="run.held:hr", closed_at=None).count() == 1


def test_news_of_writes_that_did_not_arrive_ends_when_they_did_and_begins_anew_with_the_next() -> None:
    for number in range(1, 21):
        Book.of("hr").write(str(number), **worker(number))
    sync()

    def fail(number: int) -> None:
        later(hours=1)
        Book.of("hr").write(str(number), **worker(number))
        Shelf.of("lms").trouble = [TargetRefused("no")]
        assert sync(mode="delta").phase == "partial"

    def told() -> int:
        tick()
        return Notice.objects.filter(key="deliveries.dead:hr", closed_at=None).count()

    fail(21)
    assert told() == 1
    RetryDeliveries(None).execute()
    deliver_due()
    assert told() == 0
    fail(22)
    assert told() == 1 and Notice.objects.filter(key="deliveries.dead:hr").count() == 2, "and is mailed again"


def test_a_question_that_was_put_away_comes_back_on_its_day() -> None:
    Book.of("hr").write("1", **worker(1, work_email="shared@meridian.example"))
    Book.of("hr").write("2", **worker(2, work_email="shared@meridian.example"))
    sync()
    Case.objects.update(state="deferred", deferred_until=clock.today() + timedelta(days=2))
    later(days=1)
    tick()
    assert Case.objects.get().state == "deferred"
    later(days=1)
    tick()
    assert Case.objects.get().state == "open"


def test_two_clocks_that_strike_at_once_begin_one_run() -> None:
    row = a_schedule()
    set_clock(NIGHT)
    with transaction.atomic():
        tick()
    SyncSchedule.objects.filter(pk=row.pk).update(next_due_at=NIGHT)  # as the other one had read it
    end(runs()[0])
    assert tick() == 0 and len(runs()) == 1


def test_people_somebody_asked_to_plan_again_are_planned_without_reading_the_source() -> None:
    Book.of("hr").write("1", **worker(1))
    sync()
    asked = len(Book.of("hr").asked)
    person = Person.objects.get()
    Person.objects.filter(pk=person.pk).update(next_change_at=clock.now())
    assert tick() == 1
    run = drive(SyncRun.objects.latest("pk"), patience_seconds=30)
    assert (run.phase, run.trigger, run.lane) == ("succeeded", "calendar", "urgent") and len(Book.of("hr").asked) == asked
    assert not SourceRecord.objects.filter(pending=True).exists()


def test_people_whom_an_answer_concerns_are_planned_because_of_a_decision_and_not_because_of_a_date() -> None:
    for number in (1, 2, 3):
        Book.of("hr").write(str(number), **worker(number))
    sync()
    one, two, both = Person.objects.order_by("pk")
    for person in (one, both):
        Replan.objects.create(person=person, because="a record was joined", is_urgent=True, at=clock.now())
    Person.objects.filter(pk__in=(two.pk, both.pk)).update(next_change_at=clock.now())
    assert tick() == 2 and tick() == 0
    started = SyncRun.objects.filter(mode=RunMode.PEOPLE).values_list("trigger", "lane", "scope")
    assert {trigger: (lane, scope["people"]) for trigger, lane, scope in started} == {
        "change": ("urgent", [one.pk]),
        "calendar": ("urgent", [two.pk, both.pk]),
    }
    assert str(SyncRun.objects.get(trigger="change").cause) == "HR, a decision or setting"


def leavers(*numbers: int, on: str) -> None:
    for number in numbers:
        Book.of("hr").write(str(number), status="active", termination_on=on)


def calendar_runs() -> list[SyncRun]:
    return [drive(run, patience_seconds=30) for run in SyncRun.objects.filter(trigger=Trigger.CALENDAR).order_by("pk")]


def standing(number: int) -> str:
    return Person.objects.get(employee_number=f"{number:05d}").standing


def test_a_last_day_is_kept_although_a_plan_of_earlier_leavers_waits_for_somebody() -> None:
    for number in range(1, 21):
        Book.of("hr").write(str(number), **worker(number))
    leavers(*range(1, 9), on="2026-06-10")
    leavers(9, on="2026-06-11")
    sync()
    set_clock(datetime(2026, 6, 10, 22, 0, tzinfo=UTC))  # midnight in Berlin
    tick()
    [held] = calendar_runs()
    assert held.phase == "held" and Hold.objects.get(run=held).people == 8
    later(minutes=1)
    assert tick() == 0, "the eight are asked about once"
    set_clock(datetime(2026, 6, 11, 22, 0, tzinfo=UTC))
    assert tick() == 1 and tick() == 0
    first, second = calendar_runs()
    assert (first.phase, second.phase, standing(9), standing(1)) == ("held", "succeeded", "left", "active")
    account = next(one for one in Shelf.of("lms").accounts.values() if one["email"] == "person9@meridian.example")
    assert account["suspended"]
    ApprovePlan(None, first).execute("they have left")
    drive(first, patience_seconds=30)
    assert {standing(number) for number in range(1, 10)} == {"left"}


def test_somebody_whose_day_comes_while_an_older_plan_about_them_waits_is_planned_anew() -> None:
    Connector.objects.filter(key="hr").update(guard={"update": {"people": 1, "most": 1}})
    for number in range(1, 21):
        Book.of("hr").write(str(number), **worker(number))
    leavers(1, on="2026-06-10")
    sync()
    later(minutes=10)
    Book.of("hr").write("1", family_name="Renamed")
    renamed = SyncPerson(None, Person.objects.get(employee_number="00001"))
    renamed.execute()
    assert drive(renamed.started, patience_seconds=30).phase == "held"
    set_clock(datetime(2026, 6, 10, 22, 0, tzinfo=UTC))
    assert tick() == 1
    assert [run.phase for run in calendar_runs()] == ["succeeded"] and standing(1) == "left"


def test_planning_the_days_people_costs_the_same_for_few_as_for_many() -> None:
    for number in range(1, 121):
        Book.of("hr").write(str(number), **worker(number))
    sync()
    tick()
    counted = []
    for some in (range(1, 4), range(1, 121)):
        numbers = [f"{number:05d}" for number in some]
        Person.objects.filter(employee_number__in=numbers).update(next_change_at=clock.now())
        with CaptureQueriesContext(connection) as captured:
            assert tick() == 1
        counted.append(len(captured))
        calendar_runs()
    assert counted[0] == counted[1]


def some_or_none(run: SyncRun, *, all_refused: bool) -> None:
    """Nobody is to be deactivated today: the whole plan refused, or the other kinds approved alone."""
    decision = RefusePlan(None, run) if all_refused else ApprovePlan(None, run, [("lms", "update")])
    decision.execute("HR is asked first")
    drive(run, patience_seconds=30)


@pytest.mark.parametrize("all_refused", [True, False])
def test_leavers_somebody_did_not_approve_are_asked_about_again_a_day_later_and_keep_nobody_else_waiting(all_refused: bool) -> None:
    for number in range(1, 21):
        Book.of("hr").write(str(number), **worker(number))
    leavers(*range(1, 9), on="2026-06-10")
    leavers(9, on="2026-06-10")
    sync()
    Person.objects.filter(employee_number="00009").update(next_change_at=datetime(2026, 6, 10, 23, 0, tzinfo=UTC))
    set_clock(datetime(2026, 6, 10, 22, 0, tzinfo=UTC))
    tick()
    some_or_none(calendar_runs()[0], all_refused=all_refused)
    later(minutes=15)
    assert tick() == 0 and standing(1) == "active"
    set_clock(datetime(2026, 6, 10, 23, 0, tzinfo=UTC))
    assert tick() == 1 and calendar_runs()[-1].phase == "succeeded"
    assert (standing(1), standing(9)) == ("active", "left")
    set_clock(datetime(2026, 6, 11, 22, 1, tzinfo=UTC))
    assert tick() == 1
    assert Hold.objects.get(run=calendar_runs()[-1]).people == 8


def test_a_last_day_is_kept_although_more_people_than_a_tick_looks_at_wait_for_somebody(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("syncjobs.pipeline.tick.MOST_PEOPLE", 8)
    for number in range(1, 21):
        Book.of("hr").write(str(number), **worker(number))
    leavers(*range(1, 9), on="2026-06-10")
    leavers(9, on="2026-06-11")
    sync()
    set_clock(datetime(2026, 6, 10, 22, 0, tzinfo=UTC))
    tick()
    assert [run.phase for run in calendar_runs()] == ["held"]
    set_clock(datetime(2026, 6, 11, 22, 0, tzinfo=UTC))
    assert tick() == 1 and calendar_runs()[-1].phase == "succeeded" and standing(9) == "left"
