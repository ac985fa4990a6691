from __future__ import annotations

import threading
import time
from collections.abc import Iterator

import pytest
from django.db import DatabaseError, connection
from django.db.migrations.recorder import MigrationRecorder
from django.test import Client, override_settings

from config.health import parts
from config.health.parts import CHECKS
from tests.config.listeners import refused_port, silent_server


@pytest.fixture(autouse=True)
def nothing_hangs_from_before() -> Iterator[None]:
    parts._running.clear()
    yield
    parts._running.clear()


def test_healthz_answers_without_touching_the_database(client: Client) -> None:
    response = client.get("/healthz")  # the database is out of bounds in this test: any query would fail it

    assert (response.status_code, response.content) == (200, b"ok\n")
    assert "no-store" in response["Cache-Control"]


@pytest.mark.django_db(transaction=True)
def test_readyz_names_each_part_when_all_work(client: Client) -> None:
    response = client.get("/readyz")

    assert response.status_code == 200
    assert response.json() == {"status": "ready", "parts": dict.fromkeys(CHECKS, "ok")}


@pytest.mark.django_db(transaction=True)
def test_pending_migrations_are_counted_and_mean_down(client: Client) -> None:
    MigrationRecorder.Migration.objects.filter(app="config", name="0004_sentence_lengths").delete()
    try:
        response = client.get("/readyz")
    finally:
        MigrationRecorder(connection).record_applied("config", "0004_sentence_lengths")

    assert response.status_code == 503
    body = response.json()
    assert body["status"] == "down"
    assert body["parts"]["migrations"] == "1 migrations are pending"


@pytest.mark.django_db(transaction=True)
def test_a_refused_broker_is_degraded_and_can_be_left_out(client: Client) -> None:
    with override_settings(REDIS_URL=f"redis://:hunter2@127.0.0.1:{refused_port()}/0"):
        response = client.get("/readyz")
        without = client.get("/readyz?exclude=broker")

    assert response.status_code == 503
    assert response.json()["status"] == "degraded"
    assert response.json()["parts"]["broker"] == "does not answer"
    assert "hunter2" not in response.content.decode()
    assert without.status_code == 200
    assert "broker" not in without.json()["parts"]


@pytest.mark.django_db(transaction=True)
def test_a_hung_broker_does_not_hang_the_probe(client: Client) -> None:
    with silent_server() as port, override_settings(REDIS_URL=f"redis://127.0.0.1:{port}/0"):
        started = time.monotonic()
        response = client.get("/readyz")
        took = time.monotonic() - started

    assert response.status_code == 503
    assert response.json()["parts"]["database"] == "ok"
    assert took < parts.DEADLINE_SECONDS + 1


@pytest.mark.django_db(transaction=True)
def test_a_part_that_hangs_is_named_and_not_asked_twice(client: Client, monkeypatch: pytest.MonkeyPatch) -> None:
    asked: list[int] = []
    released = threading.Event()

    def hang() -> None:
        asked.append(1)
        released.wait(30)

    monkeypatch.setitem(CHECKS, "database", hang)
    monkeypatch.setattr(parts, "DEADLINE_SECONDS", 0.2)
    try:
        first, second = client.get("/readyz"), client.get("/readyz")
    finally:
        released.set()

    assert first.json()["parts"]["database"] == second.json()["parts"]["database"] == "no answer within 0.2 s"
    assert first.json()["status"] == "down"
    assert len(asked) == 1


@pytest.mark.django_db(transaction=True)
def test_the_reason_of_a_failure_is_kept_from_strangers(client: Client, monkeypatch: pytest.MonkeyPatch) -> None:
    def fail() -> None:
        raise DatabaseError("connection to server at db.internal (10.0.0.5), user rollcall, PostgreSQL 15.20 failed")

    monkeypatch.setitem(CHECKS, "database", fail)

    response = client.get("/readyz")

    assert response.json()["parts"]["database"] == "does not answer"
    assert "10.0.0.5" not in response.content.decode()


@override_settings(FIELD_KEYS=["not a key"])
@pytest.mark.django_db(transaction=True)
def test_an_unusable_key_ring_means_down(client: Client) -> None:
    body = client.get("/readyz").json()

    assert body["status"] == "down"
    assert body["parts"]["keys"] == "does not answer"


def test_a_misspelt_part_is_an_error_and_not_a_silent_green(client: Client) -> None:
    response = client.get("/readyz?exclude=brokr")

    assert response.status_code == 400
    assert response.json()["unknown"] == ["brokr"]


@pytest.mark.parametrize("address", ["/healthz", "/readyz"])
def test_probes_are_read_only(client: Client, address: str) -> None:
    assert client.post(address).status_code == 405
