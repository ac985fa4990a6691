from __future__ import annotations

import os
import subprocess
import sys
import time
from pathlib import Path

import pytest
from django.conf import settings
from django.db import transaction

from config import bell, pulse
from config.celery import app
from tests.config.listeners import refused_port, silent_server

RING = """
import os, time
os.environ["DJANGO_SETTINGS_MODULE"] = "config.settings"
import django
django.setup()
from config import bell
bell._line()  # what is imported on the first use is not what is measured
for _ in range(3):
    started = time.perf_counter()
    rang = bell.send("urgent")
    print(rang, time.perf_counter() - started)
"""


@pytest.fixture
def rung(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """The queues the bell was rung for, in order; the broker is left out."""
    heard: list[str] = []
    monkeypatch.setattr(bell, "_send", heard.append)
    monkeypatch.setattr(bell, "_silent_until", 0.0)
    return heard


@pytest.mark.django_db(transaction=True)
def test_the_bell_rings_after_commit_once_per_queue(rung: list[str]) -> None:
    with transaction.atomic():
        for _ in range(1000):
            bell.ring("default")
        bell.ring("urgent")
        with transaction.atomic():
            bell.ring("default")
        assert rung == []

    assert rung == ["default", "urgent"]


@pytest.mark.django_db(transaction=True)
def test_nothing_rings_for_what_was_rolled_back(rung: list[str]) -> None:
    with transaction.atomic():
        bell.ring("default")
        transaction.set_rollback(True)

    assert rung == []


@pytest.mark.django_db(transaction=True)
def test_a_ring_lost_with_a_savepoint_can_be_rung_again(rung: list[str]) -> None:
    with transaction.atomic():
        with transaction.atomic():
            bell.ring("urgent")
            transaction.set_rollback(True)
        bell.ring("urgent")

    assert rung == ["urgent"]


@pytest.mark.django_db(transaction=True)
def test_outside_a_transaction_it_rings_at_once(rung: list[str]) -> None:
    bell.ring("bulk")

    assert rung == ["bulk"]


@pytest.mark.django_db(transaction=True)
def test_an_unknown_queue_rings_for_the_default_one(rung: list[str]) -> None:
    bell.ring("nonsense")

    assert rung == ["default"]


@pytest.mark.django_db(transaction=True)
def test_a_broken_bell_breaks_no_commit_and_is_left_alone_for_half_a_minute(monkeypatch: pytest.MonkeyPatch) -> None:
    tried: list[str] = []

    def fail(queue: str) -> None:
        tried.append(queue)
        raise OSError("no broker")

    monkeypatch.setattr(bell, "_send", fail)
    monkeypatch.setattr(bell, "_silent_until", 0.0)
    before = bell.failures

    for _ in range(3):
        with transaction.atomic():
            bell.ring("default")
    assert (tried, bell.failures) == (["default"], before + 1)

    monkeypatch.setattr(bell, "_silent_until", time.monotonic() - 0.1)
    bell.ring("default")
    assert len(tried) == 2


@pytest.mark.django_db(transaction=True)
def test_ringing_wakes_the_pulse_of_this_process_even_when_the_bell_is_broken(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(bell, "_silent_until", time.monotonic() + 60)
    pulse._woken.clear()

    bell.ring("urgent")

    assert pulse._woken.is_set()
    pulse._woken.clear()


def ring_in_another_process(redis_url: str, data: Path) -> list[tuple[bool, float]]:
    environment = os.environ | {"REDIS_URL": redis_url, "ROLLCALL_DATA_DIR": str(data)}
    done = subprocess.run(
        [sys.executable, "-c", RING], cwd=settings.BASE_DIR, env=environment, capture_output=True, text=True, timeout=60, check=True
    )
    lines = [line.split() for line in done.stdout.splitlines() if line.startswith(("True", "False"))]
    return [(rang == "True", float(seconds)) for rang, seconds in lines]


@pytest.mark.processes
def test_a_hung_redis_costs_a_second_and_a_half_once(tmp_path: Path) -> None:
    with silent_server() as port:
        rings = ring_in_another_process(f"redis://127.0.0.1:{port}/0", tmp_path)

    assert [rang for rang, _ in rings] == [False, False, False]
    assert rings[0][1] < 2.0
    assert rings[1][1] < 0.05 and rings[2][1] < 0.05


@pytest.mark.processes
def test_a_refused_redis_costs_less_than_a_second_once(tmp_path: Path) -> None:
    rings = ring_in_another_process(f"redis://127.0.0.1:{refused_port()}/0", tmp_path)

    assert [rang for rang, _ in rings] == [False, False, False]
    assert rings[0][1] < 1.5
    assert rings[1][1] < 0.05


def test_every_queue_has_a_key_of_its_own_so_that_a_ring_reaches_one_queue() -> None:
    queues = app.amqp.queues

    assert {name: queue.routing_key for name, queue in queues.items()} == {name: name for name in bell.TASKS}
    assert {queue.exchange.name for queue in queues.values()} == {"rollcall"}


@pytest.mark.processes
def test_the_file_broker_holds_the_ring_as_a_file(tmp_path: Path) -> None:
    rings = ring_in_another_process("", tmp_path)

    assert [rang for rang, _ in rings] == [True, True, True]
    assert len(list((tmp_path / "broker" / "q-urgent" / "ready").glob("*.msg"))) == 3


@pytest.mark.redis
def test_redis_takes_the_ring(tmp_path: Path) -> None:
    rings = ring_in_another_process(settings.REDIS_URL, tmp_path)

    assert [rang for rang, _ in rings] == [True, True, True]
