"""More people than a tick looks at, whom it can do nothing for now, keep nobody of another source waiting."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from config import clock
from config.sentences import sentence
from identity.people.models import Person, Replan
from integrations.connectors.models import Connector
from syncjobs.pipeline.tick import tick
from syncjobs.plans.models import WaitingChange
from syncjobs.runs.models import Phase, SyncRun, Trigger
from syncjobs.runs.start import start_run
from syncjobs.schedules.models import RunMode
from tests.builders import Book, sync, worker
from tests.company import later


@pytest.fixture(autouse=True)
def four_in_one_source_and_one_in_the_other(two_sources: None, monkeypatch: pytest.MonkeyPatch) -> None:
    """A tick looks at three, and a source has four at work already: theirs stay in front for as long as it is paused."""
    for number in range(1, 5):
        Book.of("hr").write(str(number), **worker(number))
    Book.of("it").write("9", **worker(9))
    sync("hr")
    sync("it")
    later(hours=1)
    monkeypatch.setattr("syncjobs.pipeline.tick.MOST_PEOPLE", 3)


def people(source: str) -> list[int]:
    return list(Person.objects.filter(links__record__connector__key=source).order_by("pk").values_list("pk", flat=True))


def at_work(trigger: Trigger, phase: Phase = Phase.QUEUED) -> SyncRun:
    run = start_run(Connector.objects.get(key="hr"), trigger, RunMode.PEOPLE, scope={"people": people("hr")[:1]})
    SyncRun.objects.filter(pk=run.pk).update(phase=phase, finished_at=clock.now() if phase == Phase.FAILED else None)
    return run


def started(run: SyncRun) -> list[tuple[str, str, list[int]]]:
    """What the next tick begins: of which source, why, and for whom."""
    tick()
    rows = SyncRun.objects.filter(pk__gt=run.pk).order_by("pk").select_related("connector")
    return [(one.connector.key, one.trigger, one.scope["people"]) for one in rows]


def wait_for_their_hour() -> None:
    lms = Connector.objects.get(key="lms")
    for minutes, source in ((30, "hr"), (10, "it")):
        due = clock.now() - timedelta(minutes=minutes)
        for person in people(source):
            WaitingChange.objects.create(person_id=person, target=lms, route="hourly", fields=["city"], since=due, due_at=due)


def test_what_waited_for_its_hour_goes_although_too_many_of_another_source_are_in_front() -> None:
    wait_for_their_hour()
    assert started(at_work(Trigger.WAITED)) == [("it", Trigger.WAITED, people("it"))]
    assert WaitingChange.objects.filter(due_at__lte=clock.now()).count() == 4, "the others stay due until their source is free"


def test_whom_no_source_speaks_of_any_more_stands_in_nobodys_way() -> None:
    wait_for_their_hour()
    Person.objects.get(pk=people("hr")[0]).links.update(until=clock.now())
    first = tuple(people("hr"))
    assert [one[0] for one in started(at_work(Trigger.CALENDAR))] == ["hr"]
    assert WaitingChange.objects.get(person_id=first[0]).due_at > clock.now(), "looked at again in the next window"


@pytest.mark.parametrize("phase", [Phase.QUEUED, Phase.FAILED])
def test_a_last_day_is_kept_although_too_many_of_a_source_that_can_do_nothing_now_are_in_front(phase: Phase) -> None:
    """It is paused with a run on its way, or its last run failed and it rests."""
    Person.objects.filter(pk__in=people("hr")).update(next_change_at=clock.now() - timedelta(minutes=30))
    Person.objects.filter(pk__in=people("it")).update(next_change_at=clock.now() - timedelta(minutes=10))
    assert started(at_work(Trigger.CALENDAR, phase)) == [("it", Trigger.CALENDAR, people("it"))]


def asked_for(source: str) -> None:
    for person in people(source):
        Replan.objects.create(person_id=person, because=sentence("somebody asked"), at=clock.now() - timedelta(minutes=10))


def test_so_is_whom_an_answer_concerns() -> None:
    asked_for("hr")
    asked_for("it")
    assert started(at_work(Trigger.CHANGE)) == [("it", Trigger.CHANGE, people("it"))]


def test_somebody_whose_day_has_come_stays_with_the_days_when_the_tick_looks_further() -> None:
    """Their source is at work on days: a request for the same person does not begin a second run beside it."""
    Person.objects.filter(pk__in=people("hr")).update(next_change_at=clock.now() - timedelta(minutes=30))
    asked_for("hr")
    assert started(at_work(Trigger.CALENDAR)) == []


def test_looking_further_costs_the_same_for_many(monkeypatch: pytest.MonkeyPatch) -> None:
    for number in range(20, 40):
        Book.of("it").write(str(number), **worker(number))
    sync("it")
    monkeypatch.setattr("syncjobs.pipeline.tick.MOST_PEOPLE", 100)
    run = at_work(Trigger.WAITED)
    tick()  # what the day itself brings is not counted
    wait_for_their_hour()
    counted = []
    for some in (people("it")[:2], people("it")):
        SyncRun.objects.filter(pk__gt=run.pk).delete()
        WaitingChange.objects.filter(person_id__in=some).update(due_at=clock.now() - timedelta(minutes=10))
        WaitingChange.objects.exclude(person_id__in=[*some, *people("hr")]).update(due_at=clock.now() + timedelta(days=1))
        with CaptureQueriesContext(connection) as captured:
            assert [one[2] for one in started(run)] == [some]
        counted.append(len(captured))
    assert counted[0] == counted[1]
