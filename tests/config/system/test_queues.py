"""What counts as waiting, since when, and from when on somebody should look."""

from __future__ import annotations

from datetime import timedelta

import pytest

from config import clock
from config.system.queues import deliveries, runs
from integrations.connectors.models import Connector
from integrations.outbound.models import Delivery
from syncjobs.runs.models import SyncRun
from tests.rows import a_cause, a_connector

pytestmark = pytest.mark.django_db


@pytest.fixture
def now():
    return clock.now()


def a_run(now, minutes, phase="queued", connector="workday", **given):
    wanted_at = now - timedelta(minutes=minutes)
    known = {"trigger": "manual", "mode": "full", "cause": a_cause(), "created_at": now, "wanted_at": wanted_at, "phase": phase}
    return SyncRun.objects.create(connector=a_connector(connector), **(known | given))


def a_delivery(now, minutes, key="1", **given):
    known = {"connector": a_connector("academy"), "target": "users", "operation": "update", "subject_id": 1, "cause": a_cause()}
    return Delivery.objects.create(key=key, created_at=now, due_at=now - timedelta(minutes=minutes), **(known | given))


@pytest.mark.parametrize(("minutes", "tone"), [(1, ""), (6, "warn"), (31, "bad")])
def test_the_longer_the_oldest_waits_the_redder_it_is(now, minutes, tone):
    a_run(now, 0)
    a_run(now, minutes, connector="bamboohr")
    a_delivery(now, minutes)
    assert (runs(now).tone, deliveries(now).tone) == (tone, tone)
    assert str(minutes) in runs(now).value
    assert runs(now).note == "2 waiting"


def test_nothing_due_waits(now):
    a_run(now, -5)
    a_delivery(now, -5)
    assert runs(now).value == deliveries(now).value == "none waits"


def test_a_run_behind_another_of_its_connector_waits_for_that_one_and_for_nobody_else(now):
    a_run(now, 60, phase="applying", lease_until=now + timedelta(minutes=1))
    a_run(now, 50)
    assert runs(now).value == "none waits"


def test_a_started_run_waits_from_when_its_worker_was_lost(now):
    a_run(now, 600, phase="applying", lease_until=now - timedelta(minutes=7))
    assert "7 min" in runs(now).value


def test_a_run_between_two_slices_does_not_wait(now):
    a_run(now, 600, phase="planning", lease_until=None)
    assert runs(now).value == "none waits"


def test_what_a_human_holds_does_not_wait_for_a_worker(now):
    a_run(now, 60, phase="held")
    a_delivery(now, 60, state="held")
    assert runs(now).value == deliveries(now).value == "none waits"


@pytest.mark.parametrize("change", [{"state": "paused"}, {"breaker_until": "in a while"}])
def test_writes_to_a_target_that_rests_wait_for_the_target(now, change):
    a_delivery(now, 60)
    Connector.objects.update(**{key: now + timedelta(hours=1) if key == "breaker_until" else value for key, value in change.items()})
    assert deliveries(now).value == "none waits"
