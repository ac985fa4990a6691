from __future__ import annotations

from datetime import timedelta

import pytest
from django.db import DatabaseError

from config import clock
from config.health import heartbeat
from config.health.heartbeat import STALE_AFTER, beat, is_alive, last_beat, real_now
from config.health.models import Heartbeat, SandboxClock

pytestmark = pytest.mark.django_db


def test_a_process_that_beats_is_alive_and_keeps_one_row() -> None:
    assert not is_alive("worker")

    assert beat("worker") and beat("worker")

    assert is_alive("worker") and is_alive("worker", on_this_machine=True)
    assert not is_alive("beat")
    assert Heartbeat.objects.count() == 1


def test_a_process_that_stopped_beating_is_not_alive() -> None:
    beat("worker")
    Heartbeat.objects.update(at=real_now() - STALE_AFTER)

    assert not is_alive("worker")
    assert last_beat("worker") is not None


def test_a_heartbeat_of_another_machine_counts_for_the_installation_only() -> None:
    Heartbeat.objects.create(component="worker", instance="elsewhere/1", at=real_now())

    assert is_alive("worker")
    assert not is_alive("worker", on_this_machine=True)


def test_two_workers_on_one_machine_have_a_row_each() -> None:
    beat("worker", "a")
    beat("worker", "b")

    assert Heartbeat.objects.count() == 2
    assert is_alive("worker", on_this_machine=True)


def test_rows_of_machines_that_are_gone_disappear() -> None:
    Heartbeat.objects.create(component="worker", instance="old-container", at=real_now() - timedelta(days=2))

    beat("worker")

    assert not Heartbeat.objects.filter(instance="old-container").exists()


def test_moving_the_sandbox_clock_stops_no_heart() -> None:
    beat("worker")
    SandboxClock.objects.create(pk=1, offset_seconds=86_400)
    clock.forget()
    try:
        assert is_alive("worker")
    finally:
        SandboxClock.objects.all().delete()
        clock.forget()
        clock.now()


def test_a_database_that_does_not_answer_stops_no_process(monkeypatch: pytest.MonkeyPatch) -> None:
    def fail(*_: object, **__: object) -> None:
        raise DatabaseError

    monkeypatch.setattr(heartbeat.Heartbeat.objects, "bulk_create", fail)

    assert beat("worker") is False
