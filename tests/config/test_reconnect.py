"""Which errors mean that the database is away, and what is done about it. The real thing: tests/stories/test_faults_of_the_database.py."""

from __future__ import annotations

import psycopg
import pytest
from django.db import IntegrityError, OperationalError, connection

from config import reconnect
from config.reconnect import is_lost, once_back


def error(cause: Exception | None, kind: type[Exception] = OperationalError) -> Exception:
    """As Django raises it: the driver's error is its cause."""
    made = kind("as Django says it")
    made.__cause__ = cause
    return made


@pytest.mark.parametrize(
    "cause",
    [
        psycopg.OperationalError("the connection is lost"),
        psycopg.errors.AdminShutdown("terminating connection due to administrator command"),
        psycopg.errors.CrashShutdown("terminating connection because of crash of another server process"),
        psycopg.errors.CannotConnectNow("the database system is starting up"),
        psycopg.errors.ConnectionFailure("server closed the connection"),
    ],
)
def test_a_connection_that_is_gone_is_lost(cause: Exception) -> None:
    assert is_lost(error(cause))


@pytest.mark.parametrize(
    "failed",
    [
        error(psycopg.errors.QueryCanceled("statement timeout")),
        error(psycopg.errors.DeadlockDetected("deadlock detected")),
        error(psycopg.errors.UniqueViolation("twice"), IntegrityError),
        error(None),
        ValueError("of our own"),
    ],
)
def test_a_statement_that_failed_is_not(failed: Exception) -> None:
    assert not is_lost(failed)


@pytest.mark.django_db(transaction=True)
def test_it_is_done_again_until_the_database_is_back(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(reconnect, "PAUSE_SECONDS", 0.0)
    tries: list[int] = []

    def write() -> str:
        tries.append(1)
        if len(tries) < 4:
            raise error(psycopg.OperationalError("connection refused"))
        with connection.cursor() as cursor:
            cursor.execute("SELECT 1")
        return "written"

    assert once_back(write) == "written" and len(tries) == 4


@pytest.mark.django_db(transaction=True)
def test_the_patience_ends_and_anything_else_is_raised_at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(reconnect, "PATIENCE_SECONDS", 0.0)
    tries: list[int] = []

    def fail(cause: Exception) -> None:
        tries.append(1)
        raise error(cause)

    for cause in (psycopg.OperationalError("connection refused"), psycopg.errors.DeadlockDetected("deadlock")):
        with pytest.raises(OperationalError):
            once_back(lambda cause=cause: fail(cause))
    assert len(tries) == 2
