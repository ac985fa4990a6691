"""The clock begins a run in the same instant as a person does, on a database where both transactions can be open at once."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from datetime import timedelta
from typing import Any

import pytest
from django.db import connection, transaction

from config import clock
from config.audit.cause import because
from config.audit.record import record
from integrations.connectors.decisions import PauseConnector
from integrations.connectors.issues import succeeded
from integrations.connectors.models import Connector
from syncjobs.pipeline import again
from syncjobs.runs.models import SyncRun, Trigger
from syncjobs.runs.start import start_run
from syncjobs.schedules.models import RunMode
from tests.builders import Book, install, sync, worker
from tests.company import MORNING, set_clock
from tests.config.test_pulse import eventually

pytestmark = [pytest.mark.postgres, pytest.mark.django_db(transaction=True)]


@pytest.fixture
def decided(monkeypatch: pytest.MonkeyPatch) -> Iterator[Connector]:
    """A source whose people are to be planned again."""
    set_clock(MORNING)
    install(monkeypatch)
    Book.of("hr").write("1", **worker(1))
    sync()
    Connector.objects.filter(key="hr").update(rules_changed_at=clock.now() + timedelta(seconds=1))
    yield Connector.objects.get(key="hr")
    clock.forget()


def test_neither_waits_for_the_other_for_ever(decided: Connector, monkeypatch: pytest.MonkeyPatch) -> None:
    has_locked, has_recorded = threading.Event(), threading.Event()
    failed: list[BaseException] = []

    def begun(*args: Any, **kwargs: Any) -> SyncRun:
        has_locked.set()
        assert has_recorded.wait(30)
        return start_run(*args, **kwargs)

    def by_the_clock() -> None:
        try:
            assert again.plan_again() == 1
        except BaseException as error:
            failed.append(error)
        finally:
            connection.close()

    monkeypatch.setattr(again, "start_run", begun)
    clockwork = threading.Thread(target=by_the_clock)
    clockwork.start()
    assert has_locked.wait(30)
    with transaction.atomic():
        start_run(decided, Trigger.MANUAL, RunMode.FULL)
        has_recorded.set()
    clockwork.join(60)
    assert failed == []
    assert set(SyncRun.objects.order_by("-pk").values_list("trigger", flat=True)[:2]) == {Trigger.MANUAL, Trigger.CHANGE}


def somebody_waits() -> bool:
    with connection.cursor() as cursor:
        cursor.execute("SELECT count(*) FROM pg_locks WHERE NOT granted")
        return bool(cursor.fetchone()[0])


def test_a_target_can_be_paused_in_the_instant_in_which_a_write_arrives(decided: Connector) -> None:
    target = Connector.objects.get(key="lms")
    failed: list[BaseException] = []

    def pause() -> None:
        try:
            PauseConnector(None, target).execute("maintenance")
        except BaseException as error:
            failed.append(error)
        finally:
            connection.close()

    person = threading.Thread(target=pause)
    with transaction.atomic():  # as deliver keeps what the target answered: the trail, then the connector
        record(because("run", "a run"), "account.create", "person", "P-1")
        person.start()
        assert eventually(somebody_waits, 30)
        succeeded(target, clock.now())
    person.join(60)
    assert failed == []
    target.refresh_from_db()
    assert target.state == "paused" and target.last_success_at is not None
