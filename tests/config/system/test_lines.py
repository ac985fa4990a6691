"""Keys, broker, disk, versions, time: each in trouble and out of it."""

from __future__ import annotations

from collections import Counter, namedtuple
from datetime import timedelta

import pytest
from cryptography.fernet import Fernet
from django.db.migrations.recorder import MigrationRecorder

from config import bell, clock
from config.health.models import Heartbeat
from config.system import clocks, processes, safety, storage, versions
from integrations.connectors.models import Credential
from tests.rows import a_connector

pytestmark = pytest.mark.django_db
Usage = namedtuple("Usage", "total used free")


def a_secret():
    return Credential.objects.create(connector=a_connector(), name="password", value="hunter2", set_at=clock.now())


def test_secrets_under_the_newest_key_are_well():
    a_secret()
    assert safety.secrets().is_well
    assert "1 secret" in safety.secrets().value


def test_secrets_under_an_older_key_are_counted_and_say_what_to_run(settings):
    a_secret()
    settings.FIELD_KEYS = [Fernet.generate_key().decode(), *settings.FIELD_KEYS]
    line = safety.secrets()
    assert (line.value, line.tone) == ("1 secret, 1 under an older key", "warn")
    assert "rotate_secrets" in line.next_step


def test_secrets_no_key_opens_are_red(settings):
    a_secret()
    settings.FIELD_KEYS = [Fernet.generate_key().decode()]
    assert (safety.secrets().value, safety.secrets().tone) == ("1 secret, 1 open with no key", "bad")


def test_the_number_of_keys_is_shown_and_no_key(settings):
    found = safety.key_ring(works=True)
    assert found[0].value == "1 key"
    assert settings.FIELD_KEYS[0] not in str(found)


def test_a_key_ring_that_cannot_be_used_is_red_and_nothing_is_opened_with_it():
    assert [line.tone for line in safety.key_ring(works=False)] == ["bad"]


def test_a_broker_that_does_not_answer_is_red_and_a_file_broker_in_production_a_warning(settings):
    settings.REDIS_URL = ""
    assert safety.broker(True).is_well
    assert safety.broker(False).tone == "bad"
    settings.PRODUCTION = True
    assert safety.broker(True).tone == "warn"


def test_an_address_with_a_password_is_never_shown(settings):
    settings.REDIS_URL = "rediss://user:hunter2@redis.example:6379/0"
    assert "hunter2" not in str([safety.broker(True), safety.broker(False), safety.cache(False)])


def test_doorbells_that_were_lost_are_counted(monkeypatch):
    assert safety.doorbell().is_well
    monkeypatch.setattr(bell, "failures", 3)
    assert (safety.doorbell().value, safety.doorbell().tone) == ("3", "warn")


@pytest.mark.parametrize(("free", "tone"), [(10**12, ""), (500 * 1024**2, "warn"), (50 * 1024**2, "bad")])
def test_little_room_on_the_disk_is_said_before_there_is_none(monkeypatch, free, tone):
    monkeypatch.setattr("shutil.disk_usage", lambda _path: Usage(2 * 10**12, 10**12, free))
    assert storage.disk().tone == tone


def test_the_database_says_how_large_it_is():
    assert storage.database_bytes() > 100_000
    assert storage.database().is_well


def test_sqlite_in_production_is_a_warning(settings, monkeypatch):
    settings.PRODUCTION = True
    monkeypatch.setattr("django.db.connection.vendor", "sqlite", raising=False)
    monkeypatch.setattr(storage, "database_bytes", lambda: 1)
    assert storage.database().tone == "warn"


def test_a_pending_migration_is_red():
    assert storage.migrations().is_well
    MigrationRecorder.Migration.objects.filter(app="syncjobs").order_by("-id").first().delete()
    assert storage.migrations().value == "1 is pending"
    assert storage.migrations().tone == "bad"


def test_the_version_is_the_projects(settings):
    said = {line.label: line.value for line in versions.versions()}
    assert f'version = "{said["Rollcall"]}"' in (settings.BASE_DIR / "pyproject.toml").read_text()
    assert said["Environment"] == "demo"


def test_a_zone_nobody_knows_is_red(settings):
    settings.ORGANISATION_ZONE = "Europe/Atlantis"
    assert clocks.zone().tone == "bad"


def test_a_moved_clock_is_said():
    clock.pin(timedelta(days=3))
    try:
        assert "3 d ahead" in {line.value for line in clocks.clocks()}
    finally:
        clock.forget()


def test_one_living_worker_is_enough_and_a_silent_one_is_shown():
    now = clock.now()
    for instance, minutes in (("old", 30), ("new", 0)):
        Heartbeat.objects.create(component="worker", instance=instance, at=now - timedelta(minutes=minutes))
    found = processes.processes(now)
    assert Counter(one.chip.tone for one in found) == {"ok": 1, "bad": 1}
    assert [line.tone for line in processes.lives(found)] == ["", "bad"]  # the worker lives, beat was never seen
