"""It was decided anew who is planned, or how: everybody is planned again at once, in one way whatever was decided, and once."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from config import clock
from config.decisions import Decision
from config.sentences import english
from identity.people.models import Replan
from integrations.connectors.decisions import PauseConnector, ResumeConnector, SaveConnector
from integrations.connectors.models import Connector
from integrations.mapping.decisions import PublishMapping
from integrations.mapping.models import MappingState, MappingVersion
from integrations.mapping.versions import draft as open_draft
from syncjobs.bundle.export import snapshot
from syncjobs.bundle.plan import carry_out
from syncjobs.guards.change_limits import ChangeLimits
from syncjobs.guards.decisions import RefusePlan
from syncjobs.pipeline.again import plan_again
from syncjobs.pipeline.drive import drive
from syncjobs.pipeline.tick import tick
from syncjobs.plans.models import PlannedChange
from syncjobs.runs.models import SyncRun, Trigger
from syncjobs.runs.start import start_run
from syncjobs.schedules.models import RunMode, SyncSchedule
from tests.builders import Book, Shelf, install, sync, worker
from tests.company import later

pytestmark = pytest.mark.usefixtures("installed")


def connector(key: str) -> Connector:
    return Connector.objects.get(key=key)


def by_a_page(key: str, **changes: object) -> None:
    ChangeLimits(None, connector(key), changes).execute("the next step")


def by_a_bundle(key: str, **changes: object) -> None:
    bundle = snapshot()
    next(one for one in bundle["connectors"] if one["key"] == key).update(changes)
    carry_out(bundle)


def by_hand(key: str, **changes: object) -> None:
    found = connector(key)
    for name, value in changes.items():
        setattr(found, name, value)
    found.save(update_fields=list(changes))


def said(decision: Decision) -> list[str]:
    return [english(line) for line in decision.preview().sentences]


def runs() -> list[SyncRun]:
    return list(SyncRun.objects.filter(trigger=Trigger.CHANGE).order_by("pk"))


def accounts() -> set[str]:
    return {one["firstname"] for one in Shelf.of("lms").accounts.values() if not one["suspended"]}


@pytest.fixture
def pilot() -> None:
    """Two units, of which one takes part; everything is written."""
    by_hand("lms", pilot={"units": ["Research"]})
    Book.of("hr").write("1", **worker(1, given_name="Ann"))
    for number in (2, 3, 4):
        Book.of("hr").write(str(number), **worker(number, given_name=f"Bo{number}", department="Sales"))
    sync()
    assert accounts() == {"Ann"} and plan_again() == 0
    later(minutes=1)


@pytest.mark.parametrize("decide", [by_a_page, by_a_bundle, by_hand])
def test_a_wider_pilot_group_is_planned_at_once_without_reading_however_it_was_decided(pilot, decide: Callable[..., None]) -> None:
    asked = len(Book.of("hr").asked)
    decide("lms", pilot={"units": ["Research", "Sales"]})
    assert tick() == 1 and tick() == 0, "one run, not one each second"
    run = drive(runs()[0], patience_seconds=30)
    assert run.phase == "held", "three at once are many: the guard weighs this plan as any other"
    assert (run.mode, run.lane, run.connector.key) == ("plan", "default", "hr")
    assert len(Book.of("hr").asked) == asked, "nothing was read"
    assert PlannedChange.objects.filter(plan__run=run, kind="create").count() == 3


@pytest.mark.parametrize("decide", [by_a_page, by_a_bundle, by_hand])
def test_nobody_is_planned_a_second_time_by_the_night(pilot, decide: Callable[..., None]) -> None:
    decide("lms", pilot={"people": ["00001", "00002"]})
    tick()
    assert drive(runs()[0], patience_seconds=30).phase == "succeeded" and accounts() == {"Ann", "Bo2"}
    later(hours=1)
    night = sync(mode=RunMode.DELTA)
    assert night.counts.get("chosen", 0) == 0 and not Replan.objects.exists()
    assert tick() == 0 and len(runs()) == 1


def test_a_run_that_reads_and_comes_first_does_it_too(pilot) -> None:
    by_a_page("lms", pilot={"people": ["00001", "00002"]})
    sync(mode=RunMode.DELTA)
    assert accounts() == {"Ann", "Bo2"} and tick() == 0, "the command on a machine without a worker needs no clock"


def test_what_counts_from_now_on_brings_nobody_back(pilot) -> None:
    by_a_page("hr", policy={"hold_lapses_hours": 12}, guard={"create": {"people": 9, "share": 0.9, "most": 900}})
    assert tick() == 0 and runs() == []


@pytest.mark.parametrize("policy", [{"ready_days_before": 3}, {"leaver_rule": "last_day"}])
def test_a_rule_of_a_source_plans_its_people_again(pilot, policy: dict[str, object]) -> None:
    by_a_page("hr", policy=policy)
    assert tick() == 1
    assert drive(runs()[0], patience_seconds=30).counts["chosen"] == 4


def test_the_rank_of_a_source_plans_again(pilot) -> None:
    by_a_bundle("hr", rank=7)
    assert tick() == 1


def test_a_setting_of_a_target_says_how_many_it_plans_again_and_does(pilot) -> None:
    changes = {"settings": {"shelf": "upstairs"}}
    decision = SaveConnector(None, connector("lms"), changes, people=lambda: 3)
    assert "3 people are planned again now; the guard weighs that plan before anything is written." in said(decision)
    decision.execute()
    assert tick() == 1


@pytest.mark.parametrize(("key", "stream", "name"), [("lms", "users", "lastname"), ("hr", "people", "family_name")])
def test_a_mapping_that_comes_into_force_plans_again(pilot, key: str, stream: str, name: str) -> None:
    draft = open_draft(connector(key), stream, None)
    draft.rows.filter(target=name).update(transforms=["upper"])
    PublishMapping(None, draft).execute("capitals")
    assert MappingVersion.objects.filter(connector__key=key, state=MappingState.PUBLISHED).get().number == 2
    assert tick() == 1
    run = drive(runs()[0], patience_seconds=30)
    assert run.phase == "succeeded" and Shelf.of("lms").accounts["1"]["lastname"] == "FAMILY1"


def test_a_target_that_is_back_is_planned_for_at_once(pilot) -> None:
    PauseConnector(None, connector("lms")).execute("maintenance")
    Book.of("hr").write("1", family_name="Otherwise")
    sync(mode=RunMode.DELTA)
    assert Shelf.of("lms").accounts["1"]["lastname"] == "Family1" and tick() == 0
    later(minutes=1)
    ResumeConnector(None, connector("lms")).execute()
    assert tick() == 1
    drive(runs()[0], patience_seconds=30)
    assert Shelf.of("lms").accounts["1"]["lastname"] == "Otherwise"


def test_a_paused_source_is_planned_again_when_it_is_resumed(pilot) -> None:
    by_hand("hr", state="paused")
    decision = ChangeLimits(None, connector("hr"), {"policy": {"ready_days_before": 3}})
    assert "4 people are planned again once HR is resumed; the guard weighs that plan before anything is written." in said(decision)
    decision.execute("as HR counts")
    assert tick() == 0
    by_hand("hr", state="active")
    assert tick() == 1


def test_a_plan_that_waits_is_made_anew_by_the_new_rules_and_the_old_one_lapses() -> None:
    for number in (1, 2):
        Book.of("hr").write(str(number), **worker(number))
    waiting = sync(approve=False)
    assert waiting.phase == "awaiting approval"
    later(minutes=1)
    by_a_page("lms", pilot={"people": ["00002"]})
    assert tick() == 1
    run = drive(runs()[0], patience_seconds=30)
    waiting.refresh_from_db()
    assert (waiting.phase, run.phase) == ("cancelled", "awaiting approval")
    assert PlannedChange.objects.filter(plan__run=run, kind="create", target__key="lms").count() == 1


def test_a_source_that_was_never_planned_has_nothing_to_plan_again() -> None:
    by_hand("hr", rank=3)
    assert tick() == 0


def test_it_waits_for_a_run_at_work_and_not_for_writes_on_their_way(pilot) -> None:
    by_hand("lms", pilot={})
    reading = start_run(connector("hr"), Trigger.MANUAL, RunMode.DELTA)
    assert plan_again() == 0
    SyncRun.objects.filter(pk=reading.pk).update(phase="applying", stage="deliver")
    assert plan_again() == 1


def test_a_plan_somebody_refused_is_not_made_again_by_the_clock_but_by_the_next_run(pilot) -> None:
    by_hand("lms", pilot={})
    tick()
    RefusePlan(None, drive(runs()[0], patience_seconds=30)).execute("not yet")
    later(hours=1)
    assert tick() == 0
    again = sync(mode=RunMode.DELTA, approve=False)
    assert again.phase == "held" and PlannedChange.objects.filter(plan__run=again, kind="create").count() == 3


def test_a_run_that_reads_nothing_does_not_keep_the_night_from_beginning(pilot) -> None:
    SyncSchedule.objects.create(connector=connector("hr"), cron="0 2 * * *", mode="delta", next_due_at=clock.now())
    by_hand("lms", pilot={})
    assert tick() == 2, "the plan at once, and the run of the timetable behind it"


def test_two_ticks_at_once_begin_one_run(pilot, monkeypatch: pytest.MonkeyPatch) -> None:
    """The second has seen the same as the first before it began."""
    from syncjobs.pipeline import again

    by_hand("lms", pilot={})
    seen = again._outdated()
    assert plan_again() == 1
    monkeypatch.setattr(again, "_outdated", lambda: seen)
    assert plan_again() == 0 and len(runs()) == 1


def test_a_tick_that_finds_nothing_asks_two_questions_however_many_systems_there_are(monkeypatch: pytest.MonkeyPatch) -> None:
    install(monkeypatch, sources=("a", "b", "c", "d"), target="t")
    with CaptureQueriesContext(connection) as asked:
        assert plan_again() == 0
    assert len(asked) == 2
