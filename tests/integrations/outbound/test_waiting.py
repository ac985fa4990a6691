"""What needs an account waits while the account is refused: one error, sent again together, given up together."""

from __future__ import annotations

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from config import clock
from config.sentences import english
from identity.people.models import Person
from integrations.outbound.claim import claim
from integrations.outbound.decisions import GiveUpDelivery, RetryDeliveries
from integrations.outbound.models import Delivery
from integrations.outbound.waiting import account_is_there, hold_back
from tests.rows import a_connector, a_delivery, a_person

pytestmark = pytest.mark.django_db


@pytest.fixture
def refused():
    """Person 1: an account that was refused, groups and a manager after it. Person 2, whose manager person 1 is: all is well but that."""
    one, two = a_person(1), a_person(2)
    first = a_delivery(one, "create", "dead", error_code="target_refused", attempts=1)
    a_delivery(one, "cohorts", "pending", values={"add": ["dept-1"], "remove": []})
    a_delivery(one, "set_manager", "pending", values={"manager": "P-000009"})
    a_delivery(two, "cohorts", "pending", values={"add": ["dept-1"], "remove": []})
    a_delivery(two, "set_manager", "pending", values={"manager": "P-000001"})
    return first


def held() -> set[tuple[int, str]]:
    return set(Delivery.objects.filter(state="held").values_list("subject_id", "operation"))


def states() -> list[tuple[int, str, str]]:
    return list(Delivery.objects.order_by("subject_id", "pk").values_list("subject_id", "operation", "state"))


def hold(first: Delivery) -> int:
    names_it = Delivery.objects.get(subject_id=2, operation="set_manager")
    return hold_back([first], {names_it.pk: first.pk})


def test_only_what_needs_the_account_is_held_and_says_for_what(refused):
    assert hold(refused) == 3
    assert held() == {(1, "cohorts"), (1, "set_manager"), (2, "set_manager")}
    assert set(Delivery.objects.filter(state="held").values_list("waits_for", flat=True)) == {refused.pk}
    assert [(row.subject_id, row.operation) for row in claim(a_connector("academy"), clock.now(), 50)] == [(2, "cohorts")]


def test_a_refused_change_of_an_account_that_is_there_holds_nothing(refused):
    person = a_person(3)
    update = a_delivery(person, "update", "dead", error_code="target_refused")
    a_delivery(person, "cohorts", "pending")
    assert hold_back([update]) == 0


def test_sent_again_the_account_goes_first_and_the_rest_after_it(refused):
    hold(refused)
    decision = RetryDeliveries(None, [refused.pk])
    assert [english(line) for line in decision.preview().sentences] == [
        "1 write is sent again.",
        "3 more that wait for them are sent after them.",
    ]
    decision.execute()
    assert held() == set() and not Delivery.objects.exclude(waits_for=None).exists()
    taken = [row for _ in range(4) for row in claim(refused.connector, clock.now(), 50) if row.subject_id == 1]
    assert [row.operation for row in taken] == ["create"]


def test_given_up_it_takes_with_it_what_needs_it(refused):
    hold(refused)
    decision = GiveUpDelivery(None, refused)
    assert "3 more that need it are given up with it." in [english(line) for line in decision.preview().sentences]
    decision.execute("she never came")
    assert states() == [
        (1, "create", "cancelled"),
        (1, "cohorts", "cancelled"),
        (1, "set_manager", "cancelled"),
        (2, "cohorts", "pending"),
        (2, "set_manager", "cancelled"),
    ]


def test_given_up_before_it_was_tried_it_leaves_nothing_that_must_fail(refused):
    Delivery.objects.filter(pk=refused.pk).update(state="pending")
    refused.refresh_from_db()
    GiveUpDelivery(None, refused).execute("not her")
    assert [state for person, _, state in states() if person == 1] == ["cancelled"] * 3


def test_what_something_newer_has_overtaken_is_not_sent_when_the_account_is(refused):
    hold(refused)
    older = Delivery.objects.get(subject_id=1, operation="cohorts")
    a_delivery(Person.objects.get(pk=1), "cohorts")
    RetryDeliveries(None, [refused.pk]).execute()
    assert Delivery.objects.get(pk=older.pk).state == "cancelled"


def test_an_account_that_came_about_otherwise_settles_the_refusal_and_frees_those_who_named_it(refused):
    hold(refused)
    account_is_there(refused.connector, [1])
    assert states() == [
        (1, "create", "cancelled"),
        (1, "cohorts", "cancelled"),
        (1, "set_manager", "cancelled"),
        (2, "cohorts", "pending"),
        (2, "set_manager", "pending"),
    ]


def test_an_account_nobody_refused_costs_one_query(refused, django_assert_num_queries):
    with django_assert_num_queries(1):
        account_is_there(refused.connector, [2, 3, 4])


def test_many_refusals_at_once_cost_no_query_each(refused):
    def cost(first: int, last: int) -> int:
        people = [a_person(number) for number in range(first, last)]
        many = [a_delivery(person, "create", "dead", error_code="target_refused") for person in people]
        for person in people:
            a_delivery(person, "cohorts", "pending")
        with CaptureQueriesContext(connection) as asked:
            assert hold_back(many) == len(people)
        return len(asked)

    most = 6 if connection.vendor == "postgresql" else 5  # there the update is a table that is dropped, made, filled and read
    assert cost(10, 12) == cost(20, 60) <= most


def test_a_write_that_is_being_sent_is_not_pulled_back(refused):
    Delivery.objects.filter(subject_id=2, operation="set_manager").update(state="sending")
    assert hold(refused) == 2
