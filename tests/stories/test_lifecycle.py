"""Joiner, mover, leave, leaver, rehire: what a company expects, from HR to the learning system."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta

from config import clock
from config.sentences import english
from identity.people.models import Person, Standing
from integrations.outbound.models import Delivery
from syncjobs.plans.models import PlannedChange
from tests.cast import ANA_RUIZ, HARUTO_SATO, LENA_VOGT, MARCO_ROSSI, NOOR_NEW_TITLE, NOOR_VAN_DEN_BERG
from tests.company import Company


def test_the_first_night_gives_everybody_who_works_here_one_account(company: Company) -> None:
    runs = company.night()
    assert [run.phase for run in runs] == ["succeeded", "succeeded", "succeeded"]
    people = Person.objects.filter(standing__in=[Standing.ACTIVE, Standing.ON_LEAVE])
    waiting = set(PlannedChange.objects.filter(kind="skip").values_list("person_id", flat=True))
    without = [person for person in people if company.account(person) is None and person.pk not in waiting]
    assert without == []
    leavers = Person.objects.filter(standing=Standing.LEFT)
    assert leavers and all(company.account(person) is None for person in leavers)


def test_two_records_with_one_employee_number_are_one_person_with_one_account(company: Company) -> None:
    company.night("workday", "bamboohr")
    marco = company.person(MARCO_ROSSI.employee_number)
    assert {link.record.connector.key for link in marco.links.all()} >= {"workday", "bamboohr"}
    assert marco.values["work_email"] == MARCO_ROSSI.email
    assert marco.lines.count() >= 2
    assert marco.lines.filter(is_primary=True).count() == 1


def test_a_hire_who_starts_later_gets_the_account_on_day_one_in_her_own_zone(company: Company) -> None:
    company.night("workday")
    lena = company.person(LENA_VOGT.employee_number)
    assert lena.standing == Standing.BEFORE
    assert company.account(lena) is None
    hired = date.fromisoformat(lena.values["hire_on"])
    midnight_in_berlin = datetime(hired.year, hired.month, hired.day, tzinfo=UTC) - timedelta(hours=2)
    assert lena.next_change_at == midnight_in_berlin
    company.at(midnight_in_berlin - timedelta(minutes=1))
    company.tick()
    lena.refresh_from_db()
    assert lena.standing == Standing.BEFORE and company.account(lena) is None
    company.at(midnight_in_berlin + timedelta(minutes=1))
    company.tick()
    lena.refresh_from_db()
    account = company.account(lena)
    assert lena.standing == Standing.ACTIVE
    assert account is not None and not account["suspended"]


def test_a_leaver_in_tokyo_loses_access_at_midnight_there_not_here(company: Company) -> None:
    company.night("workday")
    haruto = company.person(HARUTO_SATO.employee_number)
    last = date.fromisoformat(haruto.values["termination_on"])
    midnight_in_tokyo = datetime(last.year, last.month, last.day, tzinfo=UTC) + timedelta(days=1) - timedelta(hours=9)
    assert haruto.standing == Standing.ACTIVE and haruto.next_change_at == midnight_in_tokyo
    company.at(midnight_in_tokyo + timedelta(minutes=1))
    company.tick()
    haruto.refresh_from_db()
    account = company.account(haruto)
    assert haruto.standing == Standing.LEFT
    assert account is not None and account["suspended"], "deactivated, never deleted"
    assert haruto not in Person.objects.filter(standing__in=[Standing.ACTIVE, Standing.ON_LEAVE]), (
        "out of the active counts in the same step"
    )


def test_a_title_can_wait_for_the_night_and_is_then_in_moodle_with_its_reason(company: Company) -> None:
    company.night("workday")
    noor = company.person(NOOR_VAN_DEN_BERG.employee_number)
    company.hr.do("change_title", hr="workday", key=NOOR_VAN_DEN_BERG.key, title=NOOR_NEW_TITLE)
    run = company.run("workday")
    assert run.phase == "succeeded"
    noor.refresh_from_db()
    assert noor.job_title == NOOR_NEW_TITLE
    change = PlannedChange.objects.get(plan__run=run, person_id=noor.pk, target=None)
    assert change.before["job_title"] != change.after["job_title"] == NOOR_NEW_TITLE
    assert english(change.reason) == "changed: Job title"


def test_leave_is_not_leaving(company: Company) -> None:
    company.night("workday")
    noor = company.person(NOOR_VAN_DEN_BERG.employee_number)
    company.hr.do("start_leave", hr="workday", key=NOOR_VAN_DEN_BERG.key, from_on=clock.today())
    company.run("workday")
    noor.refresh_from_db()
    account = company.account(noor)
    assert noor.standing == Standing.ON_LEAVE
    assert account is None or not account["suspended"]


def test_a_rehire_gets_the_same_account_back(company: Company) -> None:
    company.night("workday")
    ana = company.person(LENA_VOGT.employee_number)
    company.at(ana.next_change_at + timedelta(minutes=1))  # she starts
    company.tick()
    account = company.account(ana)
    assert account is not None
    company.hr.do("terminate", hr="workday", key=LENA_VOGT.key, last_day_on=clock.today(), termination_on=clock.today())
    company.later(days=1, hours=12)
    company.run("workday")
    company.tick()
    ana.refresh_from_db()
    left = company.account(ana)
    assert ana.standing == Standing.LEFT and left is not None and left["suspended"]
    company.hr.do("rehire", hr="workday", key=LENA_VOGT.key, hire_on=clock.today())
    run = company.run("workday")
    ana.refresh_from_db()
    back = company.account(ana)
    assert back is not None and back["id"] == account["id"] and not back["suspended"]
    assert PlannedChange.objects.get(plan__run=run, person_id=ana.pk, target__isnull=False).kind == "reactivate"


def test_ana_who_came_back_before_we_looked_is_one_active_person(company: Company) -> None:
    company.night("workday")
    ana = company.person(ANA_RUIZ.employee_number)
    assert ana.standing == Standing.ACTIVE
    assert ana.values["original_hire_on"] < ana.values["hire_on"]


def test_a_second_night_in_which_nothing_changed_writes_nothing_but_its_run(company: Company) -> None:
    company.night()
    before = (Delivery.objects.count(), Person.objects.order_by("pk").values_list("pk", "version", "changed_at"))
    stood = (before[0], list(before[1]))
    runs = company.night()
    assert all(run.counts["heard"] for run in runs)
    assert (Delivery.objects.count(), list(Person.objects.order_by("pk").values_list("pk", "version", "changed_at"))) == stood
