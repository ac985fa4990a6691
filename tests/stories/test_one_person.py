"""One person now: the source is asked again for just that person, and for the manager nobody has met."""

from __future__ import annotations

from config import clock
from identity.people.models import Person
from syncjobs.pages.run_troubles import fates, in_plan
from syncjobs.pages.run_words import covered, totals
from syncjobs.pipeline.drive import drive
from syncjobs.runs.decisions import SyncPerson
from tests.cast import MARCO_ROSSI, NOOR_NEW_TITLE, NOOR_VAN_DEN_BERG
from tests.company import Company


def test_a_new_title_is_here_seconds_after_the_button(company: Company) -> None:
    company.night("workday")
    noor = company.person(NOOR_VAN_DEN_BERG.employee_number)
    company.hr.do("change_title", hr="workday", key=NOOR_VAN_DEN_BERG.key, title=NOOR_NEW_TITLE)
    calls = len(company.box.requests("workday"))
    decision = SyncPerson(None, noor)
    decision.execute()
    run = drive(decision.started, patience_seconds=30)
    noor.refresh_from_db()
    assert run.phase == "succeeded", run.error_detail
    assert noor.job_title == NOOR_NEW_TITLE
    assert run.counts["heard"] == 1
    assert len(company.box.requests("workday")) - calls < 5, "the source was asked for one person, not for everybody"


def test_every_source_that_speaks_of_the_person_is_asked(company: Company) -> None:
    company.night("workday", "bamboohr")
    marco = company.person(MARCO_ROSSI.employee_number)
    decision = SyncPerson(None, marco)
    assert "Workday" in decision.preview().sentences[0] and "BambooHR" in decision.preview().sentences[0]
    cause = decision.execute()
    assert cause.reason == ""
    assert decision.started.connector.key == "workday"


def test_the_sum_of_one_person_with_two_sources_holds_what_was_read_and_says_what_else_was_planned(company: Company) -> None:
    company.night("workday", "bamboohr")
    decision = SyncPerson(None, company.person(MARCO_ROSSI.employee_number))
    decision.execute()
    run = drive(decision.started, patience_seconds=30)
    sums = totals(run.counts, in_plan(fates(run)))
    assert sums is not None and sums.read >= 1 and sums.missing == 0
    assert run.counts["beside"] >= 1
    assert covered(run) == ["Only the records of the chosen people were read."]


def test_the_manager_nobody_has_met_is_pulled_along(company: Company) -> None:
    company.night("bamboohr")
    person = Person.objects.filter(standing="active", manager__isnull=False).order_by("pk").first()
    assert person is not None
    worker = company.hr.by_number("bamboohr", person.employee_number)
    petra = company.hr.do("hire", hr="bamboohr", given="Petra", family="Novak", hire_on=clock.today())
    company.hr.do("move", hr="bamboohr", key=worker.key, manager_key=petra.key)
    assert not Person.objects.filter(values__family_name="Novak").exists()
    decision = SyncPerson(None, person)
    decision.execute()
    run = drive(decision.started, patience_seconds=30)
    person.refresh_from_db()
    assert run.phase == "succeeded", run.error_detail
    assert run.counts["heard"] == 2
    assert person.manager is not None and person.manager.values["family_name"] == "Novak"
