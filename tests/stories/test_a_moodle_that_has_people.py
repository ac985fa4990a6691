"""A learning system that was there before us."""

from __future__ import annotations

from config import clock
from config.sentences import english, sentence
from identity.cases.models import Case
from identity.matching.decisions import KeepSeparate, LinkRecord
from identity.people.models import Link, Replan
from integrations.connectors.open import opened
from integrations.outbound.decisions import RetryDeliveries
from integrations.outbound.models import Delivery
from integrations.records.models import SourceRecord
from syncjobs.ledger.verify import verify_ledger
from syncjobs.pages.read_back import of_run
from syncjobs.pipeline.deliver import deliver_due
from syncjobs.plans.models import PlannedChange
from tests.cast import JANE_DOE, MARCO_ROSSI, NOOR_VAN_DEN_BERG
from tests.company import Company


def set_up(company: Company, **settings: object) -> None:
    academy = company.connector("academy")
    academy.settings = {**academy.settings, **settings}
    academy.save()


def test_an_account_that_carries_the_employee_number_is_joined_and_not_made_again(company: Company) -> None:
    there = {one["idnumber"]: one["id"] for one in company.accounts()}
    set_up(company, idnumber="employee_number")
    company.night("workday")
    jane = company.person(JANE_DOE.employee_number)
    account = company.account(jane)
    assert account is not None and account["id"] == there[JANE_DOE.employee_number]
    joined = PlannedChange.objects.get(person_id=jane.pk, target__isnull=False)
    assert (joined.kind, joined.reason_code) == ("link", "our_id")
    assert [one["idnumber"] for one in company.accounts()].count(JANE_DOE.employee_number) == 1
    made = [one for one in company.accounts() if one["id"] not in there.values()]
    assert made and not any(one["idnumber"].startswith("P-") for one in made), "new ones carry the employee number as well"


def test_by_default_accounts_carry_our_own_number(company: Company) -> None:
    there = {one["id"] for one in company.accounts()}
    company.night("workday")
    made = [one for one in company.accounts() if one["id"] not in there]
    assert made and all(one["idnumber"].startswith("P-") for one in made)


def asked_about(company: Company, number: str) -> Case:
    return Case.objects.get(kind="already_there", state="open", candidates__person=company.person(number))


def test_joined_accounts_are_brought_up_to_date_and_read_back_as_they_were_sent(company: Company) -> None:
    """Also one whose address is written in capitals there, and whose sign-in name becomes another."""
    company.night("workday")
    for member in (JANE_DOE, NOOR_VAN_DEN_BERG):
        case = asked_about(company, member.employee_number)
        there = case.record.external_id
        LinkRecord(None, case, company.person(member.employee_number)).execute("asked, and it is")
        (run,) = company.tick()
        person = company.person(member.employee_number)
        written = Delivery.objects.filter(cause=run.cause)
        assert [(row.subject_id, row.remote_id, row.state, row.read_back) for row in written] == [(person.pk, there, "delivered", {})] * 2
        assert all(row.verified_at for row in written) and (run.phase, of_run(run)) == ("succeeded", [])
        account = company.account(person)
        assert account is not None and account["idnumber"] == person.public_id and account["email"] == person.email
    assert not Delivery.objects.exclude(state="delivered").exists() and verify_ledger() == []


def test_somebody_whose_question_is_open_is_planned_once_when_asked_for_and_again_with_the_night(company: Company) -> None:
    """Nothing but an answer can change what becomes of them, so the clock does not try every minute."""
    company.night("workday")
    marco = company.person(MARCO_ROSSI.employee_number)
    case = asked_about(company, MARCO_ROSSI.employee_number)
    SourceRecord.objects.filter(pk__in=Link.objects.filter(person=marco).values("record")).update(pending=False)
    Replan.objects.create(person=marco, because=sentence("their manager was chosen"), at=clock.now())
    assert [len(company.tick()) for _minute in range(3)] == [1, 0, 0]
    assert PlannedChange.objects.filter(plan__run=company.run("workday"), person_id=marco.pk, kind="skip").exists()
    LinkRecord(None, case, marco).execute("asked, and it is")
    assert len(company.tick()) == 1 and company.account(marco) is not None


def test_an_account_of_somebody_else_that_has_the_name_blocks_says_so_and_the_source_opens_the_way(company: Company) -> None:
    """Kept separate, no account can be made: one refusal, however often it is tried, and no question."""
    company.night("workday")
    marco = company.person(MARCO_ROSSI.employee_number)
    case = asked_about(company, MARCO_ROSSI.employee_number)
    answer = KeepSeparate(None, case)
    told = [english(line) for line in answer.preview().sentences]
    assert told[1].startswith("Both need the same sign-in name") and "account of their own" not in " ".join(told)

    answer.execute("another Marco, from long ago")
    (run,) = company.tick()
    refused = Delivery.objects.get(state="dead")
    assert (run.phase, refused.operation, refused.error_code) == ("partial", "create", "value_taken")
    company.hr.do("change_title", hr="workday", key=MARCO_ROSSI.key, title="Sales Engineer III")
    assert company.run("workday").phase == "partial"
    newest = Delivery.objects.get(state="dead")
    assert newest.pk > refused.pk and {row.waits_for_id for row in Delivery.objects.filter(state="held")} == {newest.pk}
    assert not Case.objects.filter(state="open", candidates__person=marco).exists() and company.account(marco) is None

    company.hr.rename("workday", MARCO_ROSSI.key, work_email="marco.rossi.milan@meridian.example")
    assert company.run("workday").phase == "succeeded"
    account = company.account(marco)
    assert account is not None and account["username"] == "marco.rossi.milan"
    assert not Delivery.objects.filter(state__in=("dead", "held")).exists() and verify_ledger() == []


def test_or_the_other_account_gets_another_name_and_the_write_is_sent_again(company: Company) -> None:
    company.night("workday")
    marco = company.person(MARCO_ROSSI.employee_number)
    case = asked_about(company, MARCO_ROSSI.employee_number)
    KeepSeparate(None, case).execute("another Marco, from long ago")
    company.tick()
    with opened(company.connector("academy")) as vendor:
        renamed = {"id": int(case.record.external_id), "username": "marco.antonio"}
        vendor.site.call("core_user_update_users", {"users": [renamed]})

    RetryDeliveries(None, [Delivery.objects.get(state="dead").pk]).execute("renamed there")
    while deliver_due():
        pass
    account = company.account(marco)
    assert account is not None and account["idnumber"] == marco.public_id
    assert not Delivery.objects.filter(state__in=("dead", "held")).exists()
