"""A watched folder: a file that arrives is read once, when it rests, and not again because it was bad."""

from __future__ import annotations

import os
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import pytest

from config import clock
from identity.people.models import Person
from integrations.connectors.models import Connector
from integrations.mapping.versions import install_default
from integrations.vendors import vendor_class
from syncjobs.pipeline.drive import drive
from syncjobs.pipeline.tick import tick
from syncjobs.runs.models import Phase, SyncRun, Trigger
from syncjobs.schedules.models import Blackout
from tests.company import MORNING, later, set_clock

pytestmark = pytest.mark.django_db
HEADER = "employee_number,first_name,last_name,email\n"


@pytest.fixture
def folder(tmp_path: Path, settings: pytest.FixtureRequest) -> Iterator[Path]:
    settings.FILE_FOLDERS = [tmp_path]  # type: ignore[attr-defined]
    set_clock(MORNING)
    form = {"source": "folder", "folder": str(tmp_path), "pattern": "*.csv", "id_column": "employee_number", "watch": True}
    connector = Connector.objects.create(key="extract", name="Extract", vendor="csv_file", settings=form)
    for stream, rows in vendor_class("csv_file").default_mapping.items():
        install_default(connector, stream, rows, None)
    yield tmp_path
    clock.forget()


def drop(folder: Path, name: str, text: str) -> None:
    path = folder / name
    path.write_text(text)
    os.utime(path, (clock.now().timestamp(),) * 2)


def runs() -> list[SyncRun]:
    return list(SyncRun.objects.order_by("pk"))


def test_a_file_is_read_when_it_rests_and_only_once(folder: Path) -> None:
    assert tick() == 0, "nothing lies there"
    drop(folder, "one.csv", HEADER + "1,Ana,Ruiz,ana@meridian.example\n")
    assert tick() == 0, "it may still be growing"
    later(seconds=15)
    assert tick() == 1
    (run,) = runs()
    assert (run.trigger, drive(run).phase, Person.objects.count()) == (Trigger.ARRIVAL, Phase.SUCCEEDED, 1)
    later(minutes=1)
    assert tick() == 0
    drop(folder, "two.csv", HEADER + "1,Ana,Ruiz,ana@meridian.example\n2,Bo,Li,bo@meridian.example\n")
    later(seconds=15)
    assert tick() == 1 and tick() == 0


def test_a_file_that_cannot_be_read_is_tried_once_and_not_every_minute(folder: Path) -> None:
    drop(folder, "bad.csv", "name\nAna\n")
    later(seconds=15)
    assert tick() == 1
    assert drive(runs()[0]).phase == Phase.FAILED
    later(minutes=1)
    assert tick() == 0


def test_it_waits_for_the_end_of_a_blackout_and_is_off_unless_asked_for(folder: Path) -> None:
    Blackout.objects.create(name="move", starts_at=clock.now(), ends_at=clock.now() + timedelta(minutes=5))
    drop(folder, "one.csv", HEADER + "1,Ana,Ruiz,ana@meridian.example\n")
    later(seconds=15)
    assert tick() == 0
    later(minutes=6)
    connector = Connector.objects.get()
    connector.settings = {**connector.settings, "watch": False}
    connector.save()
    assert tick() == 0
    connector.settings = {**connector.settings, "watch": True}
    connector.save()
    assert tick() == 1
