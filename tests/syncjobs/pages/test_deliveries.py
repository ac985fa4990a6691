from __future__ import annotations

import pytest

from config.audit.models import AuditEntry, Cause
from integrations.outbound.models import Delivery
from tests.cost import cost
from tests.rows import a_delivery, a_person, staff

pytestmark = pytest.mark.django_db


@pytest.fixture
def lea(client):
    client.force_login(staff())
    return client


def dead(person, **given) -> Delivery:
    return a_delivery(person, state="dead", error_code="target_refused", error_detail="the site says no", attempts=1, **given)


def test_a_write_that_failed_says_why_and_what_to_do(lea):
    row = dead(a_person(1))
    body = lea.get(f"/admin/deliveries/{row.pk}/").content.decode()
    assert "the site says no" in body and "Send again" in body and "Give up" in body


@pytest.mark.parametrize(
    ("query", "shown"),
    [("state=dead", {1}), ("state=retrying", {2}), ("operation=create", {3}), ("person=P-000002", {2}), ("state=held", set())],
)
def test_the_board_is_narrowed_by_state_operation_and_person(lea, query, shown):
    dead(a_person(1))
    a_delivery(a_person(2), state="pending", attempts=2)
    a_delivery(a_person(3), "create")
    found = lea.get(f"/admin/deliveries/?{query}").context["deliveries"]
    assert {one["row"].subject_id for one in found} == shown


def test_a_card_says_in_german_where_a_write_goes_and_not_until_where(lea):
    a_delivery(a_person(1))
    body = lea.get("/admin/deliveries/", headers={"Accept-Language": "de"}).content.decode()
    assert 'data-k="an"' in body and 'data-k="bis"' not in body


def test_one_failed_write_is_sent_again(lea):
    row = dead(a_person(1))
    assert "1 write is sent again." in lea.get(f"/admin/deliveries/{row.pk}/retry/").content.decode()
    lea.post(f"/admin/deliveries/{row.pk}/retry/")
    row.refresh_from_db()
    assert (row.state, row.attempts, row.error_code) == ("pending", 0, "")
    assert AuditEntry.objects.filter(action="delivery.retry_deliveries").count() == 1


def test_a_write_that_a_newer_one_overtook_is_not_sent_again(lea):
    person = a_person(1)
    old = dead(person)
    a_delivery(person)  # the same kind of write, newer, and it arrived
    alone = dead(a_person(2))
    body = lea.get("/admin/deliveries/retry/").content.decode()
    assert "1 write is sent again." in body and "overtaken" in body
    lea.post("/admin/deliveries/retry/")
    old.refresh_from_db(), alone.refresh_from_db()
    assert (old.state, alone.state) == ("dead", "pending")


def test_giving_up_wants_a_reason_and_ends_the_write(lea):
    row = dead(a_person(1))
    page = f"/admin/deliveries/{row.pk}/give-up/"
    assert lea.post(page, {"reason": ""}).status_code == 400
    lea.post(page, {"reason": "the account is not ours"})
    row.refresh_from_db()
    assert row.state == "cancelled" and row.done_at


def test_a_write_that_arrived_is_not_given_up(lea):
    page = f"/admin/deliveries/{a_delivery(a_person(1)).pk}/give-up/"
    for answer in (lea.get(page), lea.post(page, {"reason": "late"})):
        body = answer.content.decode()
        assert answer.status_code == 409 and "has been sent or given up already" in body
        assert "not sent to" not in body and 'name="reason"' not in body
    assert not Cause.objects.filter(kind="decision").exists()


def test_an_auditor_sees_the_button_page_and_may_not_press_it(client):
    client.force_login(staff("Auditor"))
    row = dead(a_person(1))
    assert "Send again" not in client.get(f"/admin/deliveries/{row.pk}/").content.decode()
    assert client.post(f"/admin/deliveries/{row.pk}/retry/").status_code == 403
    row.refresh_from_db()
    assert row.state == "dead"


def test_values_and_names_are_masked_for_engineers(client):
    client.force_login(staff("Integration engineer"))
    row = dead(
        a_person(1, given_name="Noor", family_name="Demir"),
        values={"firstname": "Noor", "email": "noor@meridian.example", "cohorts": ["Noor"]},
    )
    for page in ("/admin/deliveries/", f"/admin/deliveries/{row.pk}/"):
        body = client.get(page).content.decode()
        assert "Noor" not in body and "noor@" not in body


def test_the_board_costs_the_same_for_two_and_for_thirty_writes(lea):
    people = [a_person(number) for number in range(1, 31)]
    dead(people[0]), a_delivery(people[1])
    few = cost(lea, "/admin/deliveries/")
    for person in people[2:]:
        dead(person)
    assert cost(lea, "/admin/deliveries/") == few


def test_a_held_write_says_what_it_waits_for_and_the_first_one_what_waits_for_it(lea):
    person = a_person(1)
    first = dead(person, operation="create")
    held = a_delivery(person, "cohorts", "held", waits_for=first)
    listed = {one["row"].pk: one["why"] for one in lea.get("/admin/deliveries/").context["deliveries"]}
    assert listed[held.pk].startswith("waits for “make the account”: ")
    assert f"/admin/deliveries/{first.pk}/" in lea.get(f"/admin/deliveries/{held.pk}/").content.decode()
    assert "What waits for it" in lea.get(f"/admin/deliveries/{first.pk}/").content.decode()
    assert lea.get("/admin/deliveries/").context["dead"] == 1
