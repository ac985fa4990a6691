"""Retention: what is old and only helped for a while goes, in batches; everything that explains an account stays."""

from __future__ import annotations

import json
from datetime import timedelta
from io import StringIO

import pytest
from django.core.management import call_command

from config import clock
from integrations.connectors.models import RequestLog
from integrations.outbound.models import Attempt, Delivery
from syncjobs.ledger import prune as pruning
from syncjobs.ledger.prune import prune
from syncjobs.runs.models import Checkpoint, SyncRun
from tests.rows import a_cause, a_connector

pytestmark = pytest.mark.django_db


@pytest.fixture
def now():
    return clock.now()


def a_call(now, days):
    return RequestLog.objects.create(connector=a_connector(), at=now - timedelta(days=days), method="GET", url="https://x.example", ms=1)


def a_try(now, days, state="delivered"):
    at = now - timedelta(days=days)
    known = {"target": "users", "operation": "update", "subject_id": 1, "cause": a_cause(), "created_at": at, "due_at": at, "done_at": at}
    delivery = Delivery.objects.create(key=f"{days}-{state}", connector=a_connector("academy"), state=state, **known)
    return Attempt.objects.create(delivery=delivery, number=1, started_at=at, finished_at=at, outcome="ok")


def a_page(now, days, phase="succeeded"):
    at = now - timedelta(days=days)
    known = {"trigger": "manual", "mode": "full", "cause": a_cause(), "created_at": at, "wanted_at": at, "finished_at": at}
    run = SyncRun.objects.create(connector=a_connector(), phase=phase, **known)
    return Checkpoint.objects.create(run=run, stream="workers", number=1, announced=2, seen=b"\1" * 16, counts={"read": 2}, at=at)


def test_old_calls_go_and_recent_ones_stay(now):
    a_call(now, 31)
    recent = a_call(now, 29)
    assert prune(now)["requests"] == 1
    assert list(RequestLog.objects.all()) == [recent]


def test_tries_of_old_writes_that_arrived_go_and_the_writes_stay(now):
    a_try(now, 181)
    kept = [a_try(now, 179), a_try(now, 400, "dead"), a_try(now, 400, "pending")]
    assert prune(now)["attempts"] == 1
    assert list(Attempt.objects.order_by("pk")) == kept
    assert Delivery.objects.count() == 4


def test_pages_of_finished_runs_are_emptied_and_keep_their_counts(now):
    old, recent, held = a_page(now, 8), a_page(now, 6), a_page(now, 8, "held")
    assert prune(now)["checkpoints"] == 1
    for page in (old, recent, held):
        page.refresh_from_db()
    assert [bytes(page.seen) for page in (old, recent, held)] == [b"", b"\1" * 16, b"\1" * 16]
    assert old.counts == {"read": 2}


def test_a_second_time_finds_nothing(now):
    a_call(now, 31), a_try(now, 181), a_page(now, 8)
    assert set(prune(now).values()) == {1}
    assert set(prune(now).values()) == {0}


def test_a_dry_run_counts_and_changes_nothing(now):
    a_call(now, 31), a_try(now, 181), a_page(now, 8)
    assert set(prune(now, dry_run=True).values()) == {1}
    assert set(prune(now).values()) == {1}


def test_many_go_batch_by_batch(now, monkeypatch):
    monkeypatch.setattr(pruning, "BATCH", 2)
    for _number in range(5):
        a_call(now, 31)
    assert prune(now)["requests"] == 5
    assert not RequestLog.objects.exists()


def test_zero_days_keep_for_ever(now, settings):
    settings.KEEP_REQUESTS_DAYS = 0
    a_call(now, 5000)
    assert prune(now)["requests"] == 0


def test_the_command_says_what_went_to_people_and_to_scripts(now):
    a_call(now, 31)
    said, answered = StringIO(), StringIO()
    call_command("prune", "--dry-run", stdout=said)
    call_command("prune", "--json", stdout=answered)
    assert "1 would go: calls in the request log, older than 30 days" in said.getvalue()
    assert json.loads(answered.getvalue()) == {"ok": True, "data": {"requests": 1, "attempts": 0, "checkpoints": 0}, "errors": []}


def test_days_of_the_sandbox_age_nothing(now):
    a_call(now, 1)
    clock.pin(timedelta(days=365))
    try:
        call_command("prune", stdout=StringIO())
    finally:
        clock.forget()
    assert RequestLog.objects.exists()
