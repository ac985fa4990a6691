"""A lease keeps two workers apart: it outlives a slow answer, and ends with its worker."""

from __future__ import annotations

import threading
from datetime import timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from config import clock
from integrations.connectors.models import Connector
from syncjobs.runs import slice as slices
from syncjobs.runs.models import SyncRun, Trigger
from syncjobs.runs.slice import LEASE_SECONDS, LeaseLost, claim, kept, release
from syncjobs.runs.start import start_run
from syncjobs.schedules.models import RunMode
from tests.builders import install
from tests.company import MORNING, later, set_clock

LANES = ("urgent", "default", "bulk")


def queued(key: str = "hr") -> SyncRun:
    return start_run(Connector.objects.get(key=key), Trigger.MANUAL, RunMode.FULL)


def test_what_a_worker_holds_no_other_gets_until_the_lease_is_over(installed: None) -> None:
    run = queued()
    assert claim(LANES) is not None
    assert claim(LANES) is None
    later(seconds=LEASE_SECONDS + 1)
    again = claim(LANES)
    assert again is not None and again.run.pk == run.pk


def test_a_worker_that_was_overtaken_writes_nothing_more(installed: None) -> None:
    run = queued()
    slow = claim(LANES)
    later(seconds=LEASE_SECONDS + 1)
    assert claim(LANES) is not None and slow is not None
    with pytest.raises(LeaseLost), slow.step():
        slow.run.done = 99
    run.refresh_from_db()
    assert run.done == 0
    release(slow)
    run.refresh_from_db()
    assert run.lease_token, "the lease of the other stays"


@pytest.mark.django_db(transaction=True)
def test_a_worker_that_waits_for_a_slow_answer_keeps_its_lease(monkeypatch: pytest.MonkeyPatch) -> None:
    set_clock(MORNING)
    install(monkeypatch)
    run = queued()
    work = claim(LANES)
    assert work is not None
    SyncRun.objects.filter(pk=run.pk).update(lease_until=clock.now() - timedelta(seconds=1))
    renewed = threading.Event()
    real = slices._renewed
    monkeypatch.setattr(slices, "LEASE_SECONDS", 0.3)
    monkeypatch.setattr(slices, "_renewed", lambda held: [real(held), renewed.set()][0])
    with kept(work):
        assert renewed.wait(10)
    run.refresh_from_db()
    assert run.lease_until is not None and run.lease_until > clock.now() - timedelta(seconds=1)
    assert run.lease_token == work.token
    clock.forget()


def test_two_runs_of_one_source_go_one_after_the_other(installed: None) -> None:
    first, second = queued(), queued()
    work = claim(LANES)
    assert work is not None and work.run.pk == first.pk
    SyncRun.objects.filter(pk=first.pk).update(phase="planning")
    assert claim(LANES) is None
    SyncRun.objects.filter(pk=first.pk).update(phase="succeeded")
    following = claim(LANES)
    assert following is not None and following.run.pk == second.pk


def test_a_second_run_waits_while_the_first_one_waits_to_try_again(installed: None) -> None:
    first = queued()
    SyncRun.objects.filter(pk=first.pk).update(phase="planning", wanted_at=clock.now() + timedelta(minutes=5))
    queued()
    assert claim(LANES) is None


def test_people_whose_day_has_come_do_not_wait_for_a_source_that_is_down(installed: None) -> None:
    first = queued()
    SyncRun.objects.filter(pk=first.pk).update(phase="planning", wanted_at=clock.now() + timedelta(minutes=5))
    leaver = start_run(first.connector, Trigger.CALENDAR, RunMode.PEOPLE, scope={"people": []})
    work = claim(LANES)
    assert work is not None and work.run.pk == leaver.pk


def test_the_next_run_is_found_by_the_index_of_unfinished_ones_and_not_by_reading_all_of_history(installed: None) -> None:
    """SQLite takes an index with a condition only where the statement itself proves the condition; PostgreSQL is sent the values."""
    queued()
    with CaptureQueriesContext(connection) as asked:
        assert claim(LANES) is not None
    statement = next(one["sql"] for one in asked.captured_queries if one["sql"].startswith('SELECT "syncjobs_syncrun"."id"'))
    assert "'queued', 'planning', 'applying'" in statement
    if connection.vendor == "sqlite":
        with connection.cursor() as cursor:
            cursor.execute(f"EXPLAIN QUERY PLAN {statement}")
            steps = [str(step[3]) for step in cursor.fetchall()]
        assert steps[0].startswith("SEARCH syncjobs_syncrun USING INDEX run_workable"), steps
        assert not [step for step in steps if step.startswith("SCAN") and "INDEX" not in step], steps
