from __future__ import annotations

import json
from datetime import timedelta
from io import StringIO
from typing import Any

import pytest
from django.core.management import CommandError, call_command
from django.db import DatabaseError

from config.health import diagnosis
from config.health.diagnosis import Finding, Grade
from config.health.heartbeat import beat, real_now
from config.health.parts import CHECKS, NotReadyError
from tests.config.listeners import refused_port


@pytest.mark.django_db(transaction=True)
def test_doctor_names_every_organ_and_says_what_to_do(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(diagnosis, "audit_triggers", lambda: Finding("audit_triggers", Grade.OK, "ok"))
    monkeypatch.setattr(diagnosis, "NEED_DATABASE", (diagnosis.clock, diagnosis.trigram, diagnosis.worker, diagnosis.beat))
    beat("beat")
    out = StringIO()

    call_command("doctor", "--json", stdout=out)

    answer = json.loads(out.getvalue())
    grades = {one["name"]: one["grade"] for one in answer["data"]}
    assert set(grades) == {"database", "migrations", "broker", "cache", "keys", "disk", "zones", "clock", "trigram", "worker", "beat"}
    assert grades["beat"] == "ok"
    assert grades["worker"] == "warn"
    assert next(one for one in answer["data"] if one["name"] == "worker")["next_step"]
    assert answer["ok"] is True


@pytest.mark.django_db(transaction=True)
def test_doctor_ends_with_one_when_something_fails() -> None:
    out = StringIO()

    with pytest.raises(CommandError) as raised:
        call_command("doctor", stdout=out)  # the test database has no triggers on its trail

    assert raised.value.returncode == 1
    assert "audit_triggers" in str(raised.value)
    assert "fail audit_triggers" in out.getvalue()


@pytest.mark.django_db(transaction=True)
def test_doctor_looks_at_no_table_when_the_database_does_not_answer(monkeypatch: pytest.MonkeyPatch) -> None:
    def fail() -> None:
        raise OSError("gone")

    monkeypatch.setitem(diagnosis.examine.__globals__["CHECKS"], "database", fail)

    names = [one.name for one in diagnosis.diagnose()]

    assert "database" in names
    assert "worker" not in names


@pytest.mark.parametrize("free", [10, diagnosis.LOW_DISK_BYTES * 2])
def test_a_full_disk_is_a_warning(free: int, monkeypatch: pytest.MonkeyPatch) -> None:
    class Usage:
        pass

    usage: Any = Usage()
    usage.free = free
    monkeypatch.setattr(diagnosis.shutil, "disk_usage", lambda _: usage)

    assert (diagnosis.disk().grade == Grade.OK) == (free > diagnosis.LOW_DISK_BYTES)


def test_a_time_zone_that_is_none_fails(settings: Any) -> None:
    assert diagnosis.zones().grade == Grade.OK
    settings.ORGANISATION_ZONE = "Mars/Olympus"
    assert diagnosis.zones().grade == Grade.FAIL and diagnosis.zones().next_step


class Postgres:
    """A connection that answers every question with one row."""

    vendor = "postgresql"

    def __init__(self, row: tuple[Any, ...] | None) -> None:
        self.row = row

    def cursor(self) -> Postgres:
        return self

    def __enter__(self) -> Postgres:
        return self

    def __exit__(self, *_: object) -> None: ...

    def execute(self, statement: str) -> None: ...

    def fetchone(self) -> tuple[Any, ...] | None:
        return self.row


@pytest.mark.parametrize(("apart", "grade"), [(0, Grade.OK), (6, Grade.WARN), (-3600, Grade.WARN)])
def test_a_clock_that_is_wrong_is_a_warning(apart: int, grade: Grade, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(diagnosis, "connection", Postgres((real_now() + timedelta(seconds=apart),)))
    assert diagnosis.clock().grade == grade


@pytest.mark.parametrize(("row", "grade"), [((1,), Grade.OK), (None, Grade.WARN)])
def test_a_search_without_its_extension_is_a_warning(row: Any, grade: Grade, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(diagnosis, "connection", Postgres(row))
    found = diagnosis.trigram()
    assert found.grade == grade and bool(found.next_step) == (grade == Grade.WARN)


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("name", list(CHECKS))
def test_a_part_that_does_not_work_fails_and_says_what_to_do(name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """What each of them takes for broken: tests/config/health/test_probes.py."""

    def broken() -> None:
        raise NotReadyError("broken")

    monkeypatch.setitem(CHECKS, name, broken)
    (found,) = [one for one in diagnosis.diagnose() if one.name == name]
    assert (found.grade, found.says, bool(found.next_step)) == (Grade.FAIL, "broken", True)


@pytest.mark.django_db
def test_a_check_whose_table_is_not_there_fails_and_the_others_go_on(monkeypatch: pytest.MonkeyPatch) -> None:
    def audit_triggers() -> Finding:
        raise DatabaseError("no such table")

    found = diagnosis._safely(audit_triggers)
    assert (found.name, found.grade) == ("audit_triggers", Grade.FAIL) and "migrate" in found.next_step


@pytest.mark.django_db
@pytest.mark.parametrize("component", ["worker", "beat"])
def test_healthcheck_follows_the_heartbeat_of_this_machine(component: str) -> None:
    with pytest.raises(CommandError) as raised:
        call_command("healthcheck", "--component", component, stdout=StringIO())
    assert raised.value.returncode == 1

    beat(component)
    out = StringIO()
    call_command("healthcheck", "--component", component, stdout=out)

    assert out.getvalue() == f"{component} is alive\n"


@pytest.mark.servers
def test_healthcheck_of_a_web_process_that_is_not_there_is_one() -> None:
    with pytest.raises(CommandError) as raised:
        call_command("healthcheck", "--component", "web", "--port", str(refused_port()))

    assert raised.value.returncode == 1


@pytest.mark.servers
@pytest.mark.django_db(transaction=True)
def test_healthcheck_of_web_asks_the_process_itself(live_server: Any) -> None:
    out = StringIO()

    call_command("healthcheck", "--component", "web", "--port", str(live_server.thread.port), "--json", stdout=out)

    assert json.loads(out.getvalue()) == {"ok": True, "data": {"component": "web"}, "errors": []}
