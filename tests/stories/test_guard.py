"""The guard: nothing big happens without somebody who looked at it, and looking at it is worth the time."""

from __future__ import annotations

from datetime import timedelta

from config import clock
from config.notices.models import Notice
from config.sentences import english
from identity.people.models import Person, Standing
from integrations.outbound.models import Delivery
from syncjobs.guards.decisions import ApprovePlan, RefusePlan
from syncjobs.guards.models import Hold
from syncjobs.pipeline.drive import drive
from syncjobs.plans.models import ChangeState, PlannedChange
from tests.cast import JANE_DOE, NOOR_NEW_TITLE, NOOR_VAN_DEN_BERG
from tests.company import Company


def dismiss(company: Company, count: int) -> list[str]:
    """So many people of Workday who are not of the cast leave yesterday. Returns their numbers."""
    ordinary = [
        one for one in company.hr.workers("workday") if one.kind == "employee" and one.employee_number > "20000" and not one.termination_on
    ]
    yesterday = clock.today() - timedelta(days=1)
    for one in ordinary[:count]:
        company.hr.do("terminate", hr="workday", key=one.key, last_day_on=yesterday, termination_on=yesterday)
    return [one.employee_number for one in ordinary[:count]]


def closed(company: Company) -> set[str]:
    return {one["idnumber"] for one in company.accounts() if one["suspended"] and one["idnumber"].startswith("P-")}


def test_the_first_plan_of_a_target_waits_and_writes_nothing(company: Company) -> None:
    there = len(company.accounts())
    run = company.run("workday", approve=False)
    assert run.phase == "awaiting approval" and "waits for your approval" in str(Hold.objects.get(run=run))
    assert len(company.accounts()) == there and not Person.objects.exists() and not Delivery.objects.exists()


def test_two_leavers_go_by_themselves_and_thirty_wait_for_somebody(company: Company) -> None:
    company.night("workday")
    dismiss(company, 2)
    assert company.run("workday", approve=False).phase == "succeeded" and len(closed(company)) == 2
    dismiss(company, 30)
    run = company.run("workday", approve=False)
    hold = Hold.objects.get(run=run)
    assert run.phase == "held" and (hold.code, hold.kind, hold.people) == ("too_many", "deactivate", 30)
    assert str(hold).startswith("In Moodle Academy 30 people would be deactivated, ")
    assert len(closed(company)) == 2
    assert Notice.objects.get(key="run.held:workday", closed_at=None).count == 1
    company.approve(run)
    assert len(closed(company)) == 32 and not Notice.objects.filter(key="run.held:workday", closed_at=None).exists()


def test_what_was_not_approved_is_planned_again_by_the_next_run(company: Company) -> None:
    company.night("workday")
    numbers = dismiss(company, 30)
    company.hr.do("change_title", hr="workday", key=NOOR_VAN_DEN_BERG.key, title=NOOR_NEW_TITLE)
    run = company.run("workday", approve=False)
    RefusePlan(None, run).execute("HR is asked first")
    assert closed(company) == set() and company.person(NOOR_VAN_DEN_BERG.employee_number).job_title != NOOR_NEW_TITLE
    again = company.run("workday", approve=False)
    assert again.phase == "held" and Hold.objects.get(run=again).people == 30
    company.approve(again)
    assert {company.person(number).standing for number in numbers} == {Standing.LEFT} and len(closed(company)) == 30


def test_approving_some_kinds_leaves_the_others_for_the_next_run(company: Company) -> None:
    company.night("workday")
    dismiss(company, 30)
    company.hr.do("move", hr="workday", key=JANE_DOE.key, location_code="BER")
    hired = company.hr.do("hire", hr="workday", given="Ines", family="Prado", hire_on=clock.today(), location_code="MAD")
    assert hired is not None
    run = company.run("workday", approve=False)
    ApprovePlan(None, run, [("academy", "create")]).execute("only the new ones today")
    run.refresh_from_db()
    drive(run, patience_seconds=30)
    assert closed(company) == set() and company.account(company.person(hired.employee_number)) is not None
    refused = PlannedChange.objects.filter(plan__run=run, state=ChangeState.REFUSED)
    assert refused.filter(kind="deactivate").count() == refused.filter(target=None).count() == 30
    assert {person.standing for person in Person.objects.filter(pk__in=refused.values("person_id"))} == {Standing.ACTIVE}
    again = company.run("workday", approve=False)
    assert again.phase == "held" and Hold.objects.get(run=again, state="open").people == 30


def test_a_newer_plan_overtakes_one_that_waits(company: Company) -> None:
    company.night("workday")
    dismiss(company, 30)
    first = company.run("workday", approve=False)
    second = company.run("workday", approve=False)
    first.refresh_from_db()
    assert first.phase == "cancelled" and english(first.error_detail) == f"overtaken by run {second.pk}"
    assert second.phase == "held" and Notice.objects.filter(key="run.held:workday", closed_at=None).count() == 1


def test_leavers_whose_day_has_come_are_closed_although_a_plan_is_held(company: Company) -> None:
    company.night("workday")
    jane = company.known(JANE_DOE.employee_number)
    tomorrow = clock.today() + timedelta(days=1)
    company.hr.do("terminate", hr="workday", key=JANE_DOE.key, last_day_on=tomorrow, termination_on=tomorrow)
    company.run("workday")
    dismiss(company, 30)
    held = company.run("workday", approve=False)
    assert held.phase == "held"
    there = company.account(jane)
    assert there is not None and not there["suspended"]
    company.later(days=2)
    company.tick()
    jane.refresh_from_db()
    account = company.account(jane)
    assert jane.standing == Standing.LEFT and account is not None and account["id"] == there["id"] and account["suspended"]
