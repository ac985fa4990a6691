"""A source that is switched off leads nobody another source knows, from the next plan on and whoever switched it off."""

from __future__ import annotations

import pytest

from config.sentences import english
from identity.people.models import Person
from integrations.connectors.decisions import DisableConnector, PauseConnector, ResumeConnector
from integrations.connectors.models import Connector
from syncjobs.pipeline.again import plan_again
from syncjobs.pipeline.drive import drive
from syncjobs.pipeline.tick import tick
from syncjobs.runs.models import SyncRun, Trigger
from tests.builders import Book, Shelf, sync, worker
from tests.company import later

pytestmark = pytest.mark.usefixtures("two_sources")


@pytest.fixture
def both_know_them() -> None:
    """Two people in both sources; only “hr”, which leads, knows a third."""
    for number in (1, 2, 3):
        Book.of("hr").write(str(number), **worker(number, job_title="Old title"))
    for number in (1, 2):
        Book.of("it").write(f"it-{number}", **worker(number, job_title="New title"))
    for key in ("hr", "it", "hr"):
        sync(key)
    assert titles() == ["Old title"] * 3 and plan_again() == 0
    later(minutes=1)


def titles() -> list[str]:
    return list(Person.objects.order_by("employee_number").values_list("job_title", flat=True))


def hr() -> Connector:
    return Connector.objects.get(key="hr")


def planned_by_the_clock() -> list[str]:
    """The sources everybody of whom is planned again, and how that went."""
    assert tick() and not tick(), "once"
    runs = SyncRun.objects.filter(trigger=Trigger.CHANGE, finished_at=None)
    return [f"{run.connector.key} {drive(run, patience_seconds=30).phase}" for run in runs.order_by("pk")]


def test_the_other_source_leads_as_soon_as_it_is_switched_off_and_no_longer_when_it_is_back(both_know_them: None) -> None:
    decision = DisableConnector(None, hr())
    assert "Whoever another source knows as well is led by that one from now on." in english(decision.preview().sentences[-1])
    decision.execute("replaced")
    assert planned_by_the_clock() == ["it succeeded"]
    assert titles() == ["New title", "New title", "Old title"], "who is known to it alone stays as they are"
    assert set(Person.objects.values_list("standing", flat=True)) == {"active"}
    led = Person.objects.get(employee_number="00001")
    assert english(led.sources["*"][3]) == "IT leads: rank 2, active; HR is switched off"
    later(minutes=1)
    ResumeConnector(None, hr()).execute()
    assert planned_by_the_clock() == ["hr succeeded"]
    assert titles() == ["Old title"] * 3


def test_whoever_the_living_source_ends_loses_the_account_whatever_the_silent_one_said_last(both_know_them: None) -> None:
    DisableConnector(None, hr()).execute("replaced")
    planned_by_the_clock()
    later(hours=24)
    Book.of("it").write("it-1", status="terminated", termination_on="2026-06-01", last_day_on="2026-06-01")
    sync("it")
    closed = [one["idnumber"] for one in Shelf.of("lms").accounts.values() if one["suspended"]]
    assert closed == [Person.objects.get(employee_number="00001").public_id]


def test_a_pause_changes_nobody(both_know_them: None) -> None:
    PauseConnector(None, hr()).execute("maintenance")
    assert tick() == 0
    sync("it")
    assert titles() == ["Old title"] * 3
