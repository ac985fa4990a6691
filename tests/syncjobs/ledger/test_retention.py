"""Retention by itself: once a day, by one worker, in batches that survive a kill, and told on the System page and in the trail."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from io import StringIO

import pytest
from django.core.management import call_command

from config import clock
from config.audit.models import AuditEntry
from config.health.heartbeat import real_now
from config.system.retention import retention
from integrations.connectors.models import RequestLog
from syncjobs import tasks
from syncjobs.ledger import prune as pruning
from syncjobs.ledger import retention as schedule
from syncjobs.ledger.models import PruneTurn
from syncjobs.ledger.retention import prune_due
from tests.rows import a_connector

pytestmark = pytest.mark.django_db

NIGHT = datetime(2026, 6, 10, 3, 0, tzinfo=UTC)  # five in Berlin


@pytest.fixture(autouse=True)
def berlin(settings):
    settings.ORGANISATION_ZONE, settings.PRUNE_HOUR, settings.PRUNE_DAILY = "Europe/Berlin", 4, True


def old_calls(count: int, now: datetime = NIGHT) -> None:
    at = now - timedelta(days=40)
    connector = a_connector()
    RequestLog.objects.bulk_create(
        RequestLog(connector=connector, at=at, method="GET", url="https://x.example", ms=1) for _ in range(count)
    )


def test_it_waits_for_its_hour_where_the_organisation_is():
    old_calls(1)
    prune_due(NIGHT - timedelta(hours=1, minutes=1))  # a minute to four in Berlin
    assert RequestLog.objects.exists() and not PruneTurn.objects.exists()
    prune_due(NIGHT - timedelta(hours=1))
    assert not RequestLog.objects.exists()


def test_once_a_day_and_again_the_next():
    prune_due(NIGHT)
    old_calls(1)
    prune_due(NIGHT + timedelta(hours=10))
    assert RequestLog.objects.count() == 1
    prune_due(NIGHT + timedelta(days=1))
    assert not RequestLog.objects.exists()
    assert list(PruneTurn.objects.order_by("on").values_list("on__day", "removed")) == [(10, {}), (11, {"requests": 1})]


def test_switched_off_it_does_nothing(settings):
    settings.PRUNE_DAILY = False
    old_calls(1)
    assert prune_due(NIGHT) is False and RequestLog.objects.exists() and not PruneTurn.objects.exists()


def test_two_at_once_do_not_do_it_twice(monkeypatch):
    """Both see that nothing has been done; the row decides."""
    old_calls(3)
    turn = PruneTurn.objects.create(on=NIGHT.date(), started_at=NIGHT)
    first = schedule._taken(turn, NIGHT)
    assert first is not None and schedule._taken(turn, NIGHT) is None
    assert prune_due(NIGHT + timedelta(minutes=1)) is False and RequestLog.objects.count() == 3


def test_a_killed_worker_is_followed_by_another_and_cannot_go_on_itself():
    old_calls(3)
    turn = PruneTurn.objects.create(on=NIGHT.date(), started_at=NIGHT)
    killed = schedule._taken(turn, NIGHT)
    prune_due(NIGHT + schedule.LEASE + timedelta(seconds=1))
    assert PruneTurn.objects.get().removed == {"requests": 3} and PruneTurn.objects.get().finished_at
    old_calls(2)
    assert schedule._work(killed, NIGHT) is False
    assert RequestLog.objects.count() == 2 and PruneTurn.objects.get().removed == {"requests": 3}


def test_a_long_one_goes_a_few_batches_at_a_time(monkeypatch):
    monkeypatch.setattr(pruning, "BATCH", 2)
    monkeypatch.setattr(schedule, "TURN_SECONDS", 0.0)
    old_calls(5)
    assert prune_due(NIGHT) is True
    assert RequestLog.objects.count() == 3 and PruneTurn.objects.get().finished_at is None
    while prune_due(NIGHT):
        pass
    assert not RequestLog.objects.exists()
    assert PruneTurn.objects.get().removed == {"requests": 5} and PruneTurn.objects.get().finished_at


def test_a_batch_that_fails_leaves_what_the_row_says(monkeypatch):
    old_calls(3)
    monkeypatch.setattr(pruning, "BATCH", 2)
    turn = schedule._taken(PruneTurn.objects.create(on=NIGHT.date(), started_at=NIGHT), NIGHT)
    real, calls = pruning._go, []

    def once(*given):
        calls.append(given)
        if len(calls) == 2:
            raise RuntimeError("the power went")
        return real(*given)

    monkeypatch.setattr(pruning, "_go", once)
    with pytest.raises(RuntimeError):
        schedule._work(turn, NIGHT)
    assert PruneTurn.objects.get().removed == {"requests": 2} and RequestLog.objects.count() == 1


def test_days_of_the_sandbox_age_nothing(settings):
    settings.PRUNE_HOUR = 0
    old_calls(1, real_now() + timedelta(days=39))
    clock.pin(timedelta(days=365))
    try:
        prune_due()
    finally:
        clock.forget()
    assert RequestLog.objects.exists()


def test_worker_and_beat_both_see_to_it(monkeypatch):
    seen = []
    monkeypatch.setattr(tasks, "prune_due", lambda: bool(seen.append(1)))
    monkeypatch.setattr(tasks, "close_old_connections", lambda: None)  # the test's own would be one of them
    tasks.tick()
    tasks.pulse()
    assert len(seen) == 2


def test_the_trail_says_what_went_and_nothing_where_nothing_did():
    prune_due(NIGHT)
    assert not AuditEntry.objects.filter(action="retention.pruned").exists()
    old_calls(2)
    prune_due(NIGHT + timedelta(days=1))
    entry = AuditEntry.objects.get(action="retention.pruned")
    assert entry.detail.after == {"requests": 2} and entry.actor == "Rollcall"


def test_the_system_page_says_when_and_how_many(settings):
    first = retention(real_now())
    assert (first[0].value, first[0].note, first[0].tone) == ("every day after 4:00", "not yet", "")
    old_calls(2, real_now())
    call_command("prune", stdout=StringIO())
    line, requests, *_ = retention(real_now() + timedelta(hours=5))
    assert line.note == "last 5 h ago" and (requests.value, requests.note) == ("kept for 30 days", "2 went the last time")
    late = retention(real_now() + timedelta(days=3))[0]
    assert late.tone == "warn" and late.next_step
    settings.PRUNE_DAILY, settings.KEEP_REQUESTS_DAYS = False, 0
    off, kept, *_ = retention(real_now() + timedelta(days=3))
    assert (off.value, off.tone, kept.value) == ("only by hand (manage.py prune)", "", "kept for ever")
