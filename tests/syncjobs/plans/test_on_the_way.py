"""A plan counts what is on its way as there: what was decided last is what the account holds in the end, however late things arrive."""

from __future__ import annotations

from typing import Any

import pytest

from integrations.connectors.models import Connector
from integrations.outbound.models import Delivery
from syncjobs.ledger.verify import verify_ledger
from syncjobs.pipeline.deliver import deliver_due
from syncjobs.pipeline.stages import work_on
from syncjobs.plans.models import PlannedChange
from syncjobs.runs.models import SyncRun, Trigger
from syncjobs.runs.start import start_run
from syncjobs.schedules.models import RunMode
from tests.builders import Book, Shelf, sync, worker
from tests.company import later


@pytest.fixture(autouse=True)
def settled(installed: None) -> None:
    for number in range(1, 21):
        Book.of("hr").write(str(number), **worker(number))
    sync()
    Connector.objects.filter(key="lms").update(guard={"all": {"people": 1000, "share": 1, "most": 1000}})
    later(hours=1)


def planned(**values: Any) -> SyncRun:
    """One night, whose writes stay on their way: the learning system is away."""
    later(hours=1)
    Book.of("hr").write("21" if "given_name" in values else "1", **values)
    run = start_run(Connector.objects.get(key="hr"), Trigger.MANUAL, RunMode.DELTA)
    while run.stage not in ("deliver", "verify"):
        assert work_on(run.pk), run.error_detail
        run.refresh_from_db()
    return run


def arrive() -> None:
    later(hours=1)
    while deliver_due():
        pass
    assert not Delivery.objects.exclude(state="delivered").exists() and verify_ledger() == []


def account(number: int) -> dict[str, Any]:
    email = f"person{number}@meridian.example"
    (found,) = [one for one in Shelf.of("lms").accounts.values() if one["email"] == email]
    return found


def test_a_value_that_goes_back_while_the_change_is_on_its_way_is_back_in_the_end() -> None:
    planned(department="Sales")
    planned(department="Research")
    arrive()
    assert account(1)["department"] == "Research"


def test_somebody_who_is_kept_after_all_is_not_suspended_by_what_was_on_its_way() -> None:
    planned(status="terminated", termination_on="2026-06-01")
    planned(status="active", termination_on="")
    arrive()
    assert account(1)["suspended"] is False


def test_somebody_who_never_came_has_no_open_account_in_the_end() -> None:
    planned(**worker(21))
    planned(given_name="Given21", status="terminated", termination_on="2026-06-01")
    arrive()
    assert account(21)["suspended"] is True


def test_nothing_is_planned_twice_while_it_is_on_its_way() -> None:
    planned(**worker(21))
    before = Delivery.objects.count()
    again = planned(given_name="Given21", last_day_on="2030-01-01")
    assert not PlannedChange.objects.filter(plan__run=again, target__isnull=False).exists() and Delivery.objects.count() == before
    arrive()
    assert len(Shelf.of("lms").accounts) == 21


def test_what_changes_on_top_of_an_account_that_is_on_its_way_reaches_it() -> None:
    planned(**worker(21))
    run = planned(given_name="Given21", department="Sales")
    assert list(PlannedChange.objects.filter(plan__run=run, target__isnull=False).values_list("kind", flat=True)) == ["update"]
    arrive()
    assert account(21)["department"] == "Sales"


def test_what_was_refused_is_planned_again() -> None:
    """A dead write is not on its way."""
    planned(department="Sales")
    Delivery.objects.filter(state="pending").update(state="dead")
    planned(job_title="Lead")
    arrive_all = Delivery.objects.filter(state="pending")
    assert [row.values for row in arrive_all] == [{"department": "Sales"}]
