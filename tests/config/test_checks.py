from __future__ import annotations

import os
import subprocess
import sys

import pytest
from cryptography.fernet import Fernet
from django.conf import settings
from django.core.checks import CheckMessage
from django.test import override_settings

from config import checks
from config.health.heartbeat import beat

PRODUCTION = {
    "ROLLCALL_ENV": "production",
    "SECRET_KEY": "k3Vq" * 16 + "unique and long enough",
    "ROLLCALL_FIELD_KEYS": Fernet.generate_key().decode(),
    "ALLOWED_HOSTS": "rollcall.example.com",
    "DATABASE_URL": "postgres://rollcall:secret@127.0.0.1:1/rollcall",
    "REDIS_URL": "redis://127.0.0.1:1/0",
    "PATH": os.environ["PATH"],
}


def ids(messages: list[CheckMessage]) -> list[str | None]:
    return [message.id for message in messages]


def manage(*arguments: str, **environment: str) -> subprocess.CompletedProcess[str]:
    env = {name: value for name, value in (PRODUCTION | environment).items() if value}
    command = [sys.executable, "manage.py", *arguments]
    return subprocess.run(command, cwd=settings.BASE_DIR, env=env, capture_output=True, text=True, timeout=60, check=False)


@pytest.mark.processes
def test_check_deploy_is_clean_with_production_settings() -> None:
    result = manage("check", "--deploy", "--fail-level", "WARNING")

    assert result.returncode == 0, result.stderr
    assert "no issues" in result.stdout


@pytest.mark.processes
def test_check_deploy_names_what_is_wrong_in_production() -> None:
    result = manage(
        "check", "--deploy", DATABASE_URL="sqlite:////tmp/none.sqlite3", REDIS_URL="", DEBUG="1", ROLLCALL_SANDBOX_HOSTS="127.0.0.1:8001"
    )

    assert result.returncode == 1
    for expected in ("rollcall.W002", "rollcall.W003", "rollcall.E005", "rollcall.E006"):
        assert expected in result.stderr


@pytest.mark.processes
@pytest.mark.parametrize("missing", ["SECRET_KEY", "ROLLCALL_FIELD_KEYS"])
def test_production_refuses_to_start_without_its_keys(missing: str) -> None:
    result = manage("check", **{missing: ""})

    assert result.returncode != 0
    assert missing in result.stderr


@override_settings(FIELD_KEYS=["short"])
def test_a_key_that_is_no_key_is_an_error() -> None:
    assert ids(checks.key_ring()) == ["rollcall.E001"]


@pytest.mark.processes
def test_a_misspelt_environment_is_refused_and_not_taken_for_the_demo() -> None:
    result = manage("check", ROLLCALL_ENV="prod")

    assert result.returncode != 0 and "either demo or production" in result.stderr


@pytest.mark.processes
def test_the_demo_and_its_logins_cannot_be_made_in_production() -> None:
    result = manage("demo", "load")

    assert result.returncode != 0 and "does not run in production" in result.stderr


@override_settings(PRODUCTION=True, FIELD_KEYS=[""])
def test_an_empty_key_ring_in_production_is_an_error() -> None:
    assert ids(checks.key_ring()) == ["rollcall.E001"]


def test_the_demo_has_a_key_ring_of_its_own() -> None:
    assert checks.key_ring() == []


@pytest.mark.parametrize(
    ("hosts", "found"),
    [
        (["127.0.0.1", "localhost", "[::1]"], []),
        (["rollcall.example.com"], ["rollcall.E005"]),
        (["*"], ["rollcall.E005"]),
        ([".example.com"], ["rollcall.E005"]),
        (["10.0.0.5"], ["rollcall.E005"]),
    ],
)
def test_debug_is_an_error_only_where_others_can_reach_it(hosts: list[str], found: list[str]) -> None:
    with override_settings(DEBUG=True, ALLOWED_HOSTS=hosts):
        assert ids(checks.debug_in_public()) == found
    with override_settings(DEBUG=False, ALLOWED_HOSTS=hosts):
        assert checks.debug_in_public() == []


@pytest.mark.django_db
@override_settings(PRODUCTION=True)
def test_a_beat_that_is_not_seen_is_a_warning_only_when_the_database_is_asked() -> None:
    assert checks.beat_is_alive(databases=None) == []
    assert ids(checks.beat_is_alive(databases=["default"])) == ["rollcall.W004"]

    beat("beat")

    assert checks.beat_is_alive(databases=["default"]) == []
