"""Two plans applied in the same instant, on a database where both transactions can be open at once."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from typing import Any

import pytest
from django.db import connection

from config import clock
from identity.people.models import Person
from integrations.connectors.models import Connector
from syncjobs.pipeline.drive import drive
from syncjobs.pipeline.stages import work_on
from syncjobs.plans import apply
from syncjobs.runs.models import SyncRun, Trigger
from syncjobs.runs.start import start_run
from syncjobs.schedules.models import RunMode
from tests.builders import Book, install, sync, worker
from tests.company import MORNING, set_clock

pytestmark = [pytest.mark.postgres, pytest.mark.django_db(transaction=True)]
LONG_ENOUGH_SECONDS = 2.0  # for the second to pass where nothing stops it


@pytest.fixture
def two(monkeypatch: pytest.MonkeyPatch) -> Iterator[list[SyncRun]]:
    """Two sources with a plan each for the same new human."""
    set_clock(MORNING)
    install(monkeypatch, sources=("hr", "it"))
    Book.of("hr").write("1", **worker(1))
    sync()
    runs = []
    for key in ("hr", "it"):
        Book.of(key).write("3", **worker(3))
        run = start_run(Connector.objects.get(key=key), Trigger.MANUAL, RunMode.FULL)
        with monkeypatch.context() as patch:
            patch.setattr("syncjobs.runs.slice.SLICE_SECONDS", -1.0)
            while run.stage != "apply":
                assert work_on(run.pk)
                run.refresh_from_db()
        runs.append(run)
    yield runs
    clock.forget()


def test_one_human_who_is_new_to_two_plans_becomes_one_person(two: list[SyncRun], monkeypatch: pytest.MonkeyPatch) -> None:
    first_looked, second_looked = threading.Event(), threading.Event()
    looks = iter((first_looked, second_looked))
    real = apply._set_stale_aside

    def looked(plan: Any) -> Any:
        found = real(plan)
        mine = next(looks)
        mine.set()
        if mine is first_looked:
            second_looked.wait(LONG_ENOUGH_SECONDS)  # both would go on from what they saw
        return found

    def work(run: SyncRun) -> None:
        try:
            work_on(run.pk)
        finally:
            connection.close()

    monkeypatch.setattr(apply, "_set_stale_aside", looked)
    workers = [threading.Thread(target=work, args=(run,)) for run in two]
    workers[0].start()
    assert first_looked.wait(30)
    workers[1].start()
    for one in workers:
        one.join(60)
    for run in two:
        assert drive(run, patience_seconds=30).phase == "succeeded"
    assert Person.objects.filter(employee_number="00003").count() == 1
