"""A dry run shows what would happen, what would stop it, and writes nothing."""

from __future__ import annotations

import pytest

from config.errors import Overtaken
from identity.people.models import Person
from integrations.outbound.models import Delivery
from syncjobs.guards.decisions import ApprovePlan
from syncjobs.guards.models import Hold, HoldState
from syncjobs.plans.models import PlannedChange
from syncjobs.runs.models import SyncRun
from syncjobs.schedules.models import RunMode
from tests.company import Company


def test_a_dry_run_stores_a_plan_and_nothing_else(company: Company) -> None:
    run = company.run("workday", RunMode.FULL, is_dry=True)
    assert run.phase == "succeeded"
    assert PlannedChange.objects.filter(plan__run=run).count() > 100
    assert not Person.objects.exists() and not Delivery.objects.exists()
    assert sum(company.box.emulators["moodle"].writes.values()) == 0
    assert Hold.objects.get(run=run).state == HoldState.LAPSED, "what would stop it can be read, and asks nobody"
    with pytest.raises(Overtaken):
        ApprovePlan(None, SyncRun.objects.get(pk=run.pk)).execute("by mistake")


def test_the_real_run_after_a_dry_one_does_everything(company: Company) -> None:
    company.run("workday", RunMode.FULL, is_dry=True)
    run = company.run("workday", RunMode.FULL)
    assert run.phase == "succeeded"
    assert Person.objects.count() == company.hr.count("workday")


def test_a_dry_run_overtakes_no_plan_that_waits(company: Company) -> None:
    held = company.run("workday", RunMode.FULL, approve=False)
    company.run("workday", RunMode.FULL, is_dry=True)
    held.refresh_from_db()
    assert held.phase == "awaiting approval"
    assert company.approve(held).phase == "succeeded"
