"""Two runs that plan the same account before either has applied: what the second says is worked out anew and not sent twice."""

from __future__ import annotations

import pytest

from identity.cases.models import Case
from identity.people.models import Replan
from integrations.connectors.models import Connector
from integrations.outbound.models import Delivery
from syncjobs.ledger.verify import verify_ledger
from syncjobs.pipeline.drive import drive
from syncjobs.pipeline.tick import tick
from syncjobs.plans.models import ChangeState, PlannedChange
from syncjobs.runs.models import SyncRun, Trigger
from syncjobs.runs.start import start_run
from syncjobs.schedules.models import RunMode
from tests.builders import Book, Shelf, sync, worker
from tests.company import later
from tests.syncjobs.plans.test_apply import until_stage


def test_an_account_that_two_runs_want_to_make_is_made_once(two_sources: None, monkeypatch: pytest.MonkeyPatch) -> None:
    Connector.objects.filter(key="lms").update(pilot={"units": ["Research"]})
    Book.of("hr").write("1", **worker(1))
    for key in ("hr", "it"):
        Book.of(key).write("2", **worker(2, department="Sales"))
        sync(key)
    assert len(Shelf.of("lms").accounts) == 1
    later(minutes=1)
    lms = Connector.objects.get(key="lms")
    lms.pilot = {}
    lms.save()
    later(minutes=1)
    first, second = (start_run(Connector.objects.get(key=key), Trigger.CHANGE, RunMode.PLAN) for key in ("hr", "it"))
    until_stage(first, "apply", monkeypatch)
    until_stage(second, "apply", monkeypatch)
    assert PlannedChange.objects.filter(kind="create", plan__run__in=[first, second]).count() == 2
    assert drive(first, patience_seconds=20).phase == "succeeded"
    assert drive(second, patience_seconds=20).phase == "succeeded"
    assert len(Shelf.of("lms").accounts) == 2 and not Case.objects.exists()
    assert [one.operation for one in Delivery.objects.filter(state="delivered")] == ["create", "create"]
    assert PlannedChange.objects.get(plan__run=second, kind="create").state == ChangeState.STALE
    assert Replan.objects.count() == 1, "worked out anew within a minute"
    for run in [drive(one, patience_seconds=20) for one in SyncRun.objects.filter(mode=RunMode.PEOPLE)] if tick() else []:
        assert run.phase == "succeeded"
    assert not Replan.objects.exists() and Delivery.objects.count() == 2
    assert sync("it").phase == "succeeded" and len(Shelf.of("lms").accounts) == 2 and verify_ledger() == []


def test_a_write_that_was_there_before_the_plan_began_keeps_nothing_from_it(two_sources: None) -> None:
    for key in ("hr", "it"):
        Book.of(key).write("1", **worker(1))
        sync(key)
    Book.of("hr").write("1", job_title="Head of research", phone="1")
    run = sync("hr")
    assert set(PlannedChange.objects.filter(plan__run=run).values_list("state", flat=True)) == {ChangeState.APPLIED}
    assert not Replan.objects.exists()
