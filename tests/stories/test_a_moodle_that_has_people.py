"""A learning system that was there before us, and accounts that are made ahead of the first day."""

from __future__ import annotations

from datetime import timedelta

from identity.people.models import Standing
from syncjobs.plans.models import PlannedChange
from tests.cast import JANE_DOE, LENA_VOGT
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


def test_somebody_who_starts_later_has_a_closed_account_at_once_where_that_was_chosen(company: Company) -> None:
    set_up(company, preboarding="create_suspended")
    company.night("workday")
    lena = company.person(LENA_VOGT.employee_number)
    early = company.account(lena)
    assert lena.standing == Standing.BEFORE and early is not None and early["suspended"]
    assert lena.next_change_at is not None
    company.at(lena.next_change_at + timedelta(minutes=1))
    company.tick()
    opened = company.account(lena)
    assert opened is not None and opened["id"] == early["id"] and not opened["suspended"]
