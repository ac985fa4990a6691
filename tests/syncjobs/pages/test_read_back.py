"""Pages say what reading back showed, field by field, and claim nothing that was not read."""

from __future__ import annotations

from typing import Any

import pytest
from django.test import Client

from config import clock
from integrations.outbound.models import Delivery
from tests.cost import cost
from tests.rows import a_connector, a_delivery, a_person, a_record, join, staff
from tests.syncjobs.pages.run_rows import a_run

pytestmark = pytest.mark.django_db

DIFFERS = {"differs": {"cohorts": [["dept-sales"], []], "email": ["ann@meridian.example", "other@meridian.example"]}}


@pytest.fixture
def lea(client: Client) -> Client:
    client.force_login(staff())
    return client


def an_account(number: int = 1, **values: Any) -> Any:
    person = a_person(number)
    join(person, a_record(a_connector("academy"), f"{number}", {"username": f"person{number}", "suspended": False, **values}))
    return person


def text(client: Client, address: str) -> str:
    return client.get(address).content.decode()


def test_a_write_that_differs_says_which_field_and_both_values(lea: Client) -> None:
    row = a_delivery(an_account(), "cohorts", read_back=DIFFERS)
    body = text(lea, f"/admin/deliveries/{row.pk}/")
    assert "written, read back, differs" in body and "dept-sales" in body and "nothing" in body and "other@" in body
    assert "read back, differs" in text(lea, "/admin/deliveries/")


def test_without_the_right_to_personal_data_the_values_are_masked(client: Client) -> None:
    client.force_login(staff("Integration engineer"))
    body = text(client, f"/admin/deliveries/{a_delivery(an_account(), 'update', read_back=DIFFERS).pk}/")
    assert "written, read back, differs" in body and "other@" not in body and "dept-sales" in body


def test_a_role_over_somebody_is_never_called_read_back(lea: Client) -> None:
    row = a_delivery(an_account(), "set_manager", values={"manager": "P-000002"}, read_back={"unshown": ["manager"]})
    body = text(lea, f"/admin/deliveries/{row.pk}/")
    assert "written; cannot be read back" in body and "Academy has no way of showing this again" in body
    assert "read back and found equal" not in body


def test_an_account_that_did_not_come_back_is_told(lea: Client) -> None:
    person = an_account()
    row = a_delivery(person, "create", read_back={"absent": True})
    for address in (f"/admin/deliveries/{row.pk}/", f"/admin/people/{person.pk}/"):
        assert "the account did not come back when it was read" in text(lea, address)


def test_a_person_shows_differences_until_the_field_is_written_again(lea: Client) -> None:
    person = an_account(cohorts=[], email="other@meridian.example")
    a_delivery(person, "create", verified_at=clock.now(), read_back={})
    a_delivery(person, "cohorts", read_back=DIFFERS)
    body = text(lea, f"/admin/people/{person.pk}/")
    assert "Groups: dept-sales was written, nothing is there" in body and "written, read back, differs" in body
    record = person.links.get(record__connector__key="academy").record
    record.values = {**record.values, "cohorts": ["dept-sales"], "email": "ann@meridian.example"}
    record.save()
    assert "is there" not in text(lea, f"/admin/people/{person.pk}/")


def test_a_person_says_what_is_not_shown_there(lea: Client) -> None:
    person = an_account(manager="P-000002")
    a_delivery(person, "create", verified_at=clock.now(), read_back={})
    a_delivery(person, "set_manager", read_back={"unshown": ["manager"]})
    body = text(lea, f"/admin/people/{person.pk}/")
    assert "not shown there, so not read back: Manager (number)" in body and "equal" in body


def test_a_run_counts_by_field_and_lists_who(lea: Client) -> None:
    counts = {"heard": 2, "differ": 2, "read_back": {"differs:cohorts": 2, "differs:email": 1, "unshown:manager": 3, "absent": 1}}
    run = a_run(counts=counts)
    a_delivery(an_account(1), "cohorts", cause=run.cause, read_back=DIFFERS)
    body = text(lea, f"/admin/runs/{run.pk}/")
    assert "2 accounts were not as written when they were read back: Groups 2, E-mail 1." in body
    assert "Written, but not shown by the system, so not called read back: Manager (number) 3." in body
    assert "1 account did not come back" in body and "Given1 Family1" in body


def test_a_run_with_many_differences_asks_no_more_than_one_with_few(lea: Client) -> None:
    costs = []
    for n in (1, 12):
        run = a_run(counts={"heard": n, "differ": n, "read_back": {"differs:cohorts": n}})
        for number in range(n):
            a_delivery(an_account(100 * n + number), "cohorts", cause=run.cause, read_back=DIFFERS)
        costs.append(cost(lea, f"/admin/runs/{run.pk}/"))
    assert costs[0] == costs[1]


def test_a_page_of_writes_asks_no_more_with_differences(lea: Client) -> None:
    a_delivery(an_account(1), "cohorts", read_back=DIFFERS)
    few = cost(lea, "/admin/deliveries/")
    for number in range(2, 12):
        a_delivery(an_account(number), "cohorts", read_back=DIFFERS)
    assert cost(lea, "/admin/deliveries/") == few and Delivery.objects.count() == 11
