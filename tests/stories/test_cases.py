"""Whose record is it? What is sure goes by itself; what is not becomes a question, asked once, and its answer holds."""

from __future__ import annotations

from datetime import timedelta

from config import clock
from identity.cases.models import Case
from identity.matching.decisions import KeepSeparate, LinkRecord
from identity.people.models import Person, Standing
from syncjobs.ledger.verify import verify_ledger
from tests.cast import CHEN_WEI_BERLIN, CHEN_WEI_SHANGHAI, OMAR_HADDAD, SOFIA_LINDGREN, STELLAN_LINDGREN_BAMBOO
from tests.company import Company


def test_the_two_chens_stay_two(company: Company) -> None:
    company.night()
    berlin, shanghai = company.person(CHEN_WEI_BERLIN.employee_number), company.person(CHEN_WEI_SHANGHAI.employee_number)
    assert berlin.pk != shanghai.pk and berlin.display_name == shanghai.display_name == "Wei Chen"
    assert not Case.objects.filter(kind="duplicate", record__external_id__in=[CHEN_WEI_BERLIN.key, CHEN_WEI_SHANGHAI.key]).exists()


def test_an_e_mail_used_by_two_people_is_a_case_and_the_second_gets_no_account_until_it_is_answered(company: Company) -> None:
    company.night("workday", "bamboohr")
    sofia = company.person(SOFIA_LINDGREN.employee_number)
    case = company.case("duplicate")
    assert case.record.external_id == STELLAN_LINDGREN_BAMBOO.key
    assert [candidate.person_id for candidate in case.candidates.all()] == [sofia.pk]
    assert case.waits == "No account is made or changed from this record until you answer."
    evidence = case.candidates.get().evidence
    assert ["+", "same work e-mail"] in evidence and ["-", "different employee numbers"] in evidence
    assert not Person.objects.filter(employee_number=STELLAN_LINDGREN_BAMBOO.employee_number).exists()
    assert [one["email"] for one in company.accounts()].count(sofia.email) == 1


def test_the_same_question_is_asked_once_however_many_nights_go_by(company: Company) -> None:
    for _ in range(3):
        company.night("workday", "bamboohr")
    assert Case.objects.filter(kind="duplicate").count() == 1


def test_kept_separate_is_a_person_of_its_own_and_no_run_asks_again(company: Company) -> None:
    company.night("workday", "bamboohr")
    KeepSeparate(None, company.case("duplicate")).execute("HR says they share a mailbox")
    company.run("bamboohr")
    stellan = company.person(STELLAN_LINDGREN_BAMBOO.employee_number)
    assert stellan.pk != company.person(SOFIA_LINDGREN.employee_number).pk
    company.night("workday", "bamboohr")
    assert not Case.objects.filter(kind="duplicate", state="open").exists()
    assert stellan.links.filter(until=None, record__external_id=STELLAN_LINDGREN_BAMBOO.key).get().method == "decision"


def test_a_contractor_who_becomes_an_employee_keeps_the_account_once_somebody_says_it_is_the_same_person(company: Company) -> None:
    company.night("workday")
    omar = company.person(f"CW-{OMAR_HADDAD.employee_number}")
    before = company.account(omar)
    assert before is not None and not before["suspended"]
    successor = company.hr.do("convert_to_employee", hr="workday", key=OMAR_HADDAD.key)
    assert successor is not None and successor.key != OMAR_HADDAD.key
    company.run("workday")
    case = company.case("duplicate")
    assert case.record.external_id == successor.key and [one.person_id for one in case.candidates.all()] == [omar.pk]
    assert ["+", "the other record has ended"] in case.candidates.get().evidence
    assert Person.objects.filter(display_name="Omar Haddad").count() == 1

    LinkRecord(None, case, omar).execute("his contract became permanent on Monday")
    company.tick()
    company.run("workday")
    omar.refresh_from_db()
    account = company.account(omar)
    assert omar.standing == Standing.ACTIVE and omar.employee_number == successor.employee_number
    assert omar.values["worker_type"] == "employee"
    assert account is not None and account["id"] == before["id"] and not account["suspended"]
    assert [one["email"] for one in company.accounts()].count(omar.email) == 1
    assert verify_ledger() == []


def test_the_answer_outlives_the_next_nights(company: Company) -> None:
    company.night("workday")
    omar = company.person(f"CW-{OMAR_HADDAD.employee_number}")
    company.hr.do("convert_to_employee", hr="workday", key=OMAR_HADDAD.key)
    company.run("workday")
    LinkRecord(None, company.case("duplicate"), omar).execute("the same person")
    company.tick()
    for _ in range(2):
        company.at(clock.now() + timedelta(days=1))
        company.night("workday")
    assert not Case.objects.filter(kind="duplicate", state="open").exists()
    assert Person.objects.filter(display_name="Omar Haddad").count() == 1
