"""A refused account holds its own later writes, and those that would name its person as somebody's manager."""

from __future__ import annotations

from types import SimpleNamespace

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from config.errors import TargetRefused, Unavailable
from identity.people.models import Person
from integrations.outbound.models import Delivery
from integrations.vendors.base import Receipt
from syncjobs.pipeline.deliver import deliver_batch
from tests.rows import a_connector, a_delivery, a_person

pytestmark = pytest.mark.django_db


class Answers:
    """A target that answers every change with this error, or takes it where there is none."""

    targets = (SimpleNamespace(bulk=50),)

    def __init__(self, error=None):
        self.line = SimpleNamespace(urgent=False)
        self.error = error

    def push(self, target, changes):
        return [Receipt(one.key, error=self.error) if self.error else Receipt(one.key, one.remote_id or "77") for one in changes]


@pytest.fixture
def plan():
    boss, report, other = a_person(1), a_person(2), a_person(3)
    Person.objects.filter(pk=report.pk).update(manager=boss)
    a_delivery(boss, "create", "pending", values={"username": "boss"})
    a_delivery(boss, "cohorts", "pending", values={"add": ["a"], "remove": []}, priority=6)
    a_delivery(report, "set_manager", "pending", values={"manager": boss.public_id}, priority=7)
    a_delivery(other, "set_manager", "pending", values={"manager": report.public_id}, priority=7)


def states() -> dict[tuple[int, str], str]:
    return {(person, operation): state for person, operation, state in Delivery.objects.values_list("subject_id", "operation", "state")}


def test_one_refusal_is_one_dead_write(plan):
    deliver_batch(a_connector("academy"), Answers(TargetRefused("bad address")))
    assert states() == {(1, "create"): "dead", (1, "cohorts"): "held", (2, "set_manager"): "held", (3, "set_manager"): "pending"}


def test_a_trouble_that_passes_holds_nothing(plan):
    deliver_batch(a_connector("academy"), Answers(Unavailable("maintenance")))
    assert "held" not in states().values() and states()[1, "create"] == "pending"


def test_a_newer_write_that_arrives_settles_the_refusal(plan):
    academy = a_connector("academy")
    deliver_batch(academy, Answers(TargetRefused("bad address")))
    a_delivery(Person.objects.get(pk=1), "create", "pending", values={"username": "boss2"}, priority=0)
    deliver_batch(academy, Answers())
    found = list(Delivery.objects.filter(subject_id=1).order_by("pk").values_list("operation", "state"))
    assert found == [("create", "cancelled"), ("cohorts", "cancelled"), ("create", "delivered")]
    assert states()[2, "set_manager"] == "pending"


def test_nobody_is_named_as_manager_before_their_account_is_there():
    boss, report = a_person(1), a_person(2)
    Person.objects.filter(pk=report.pk).update(manager=boss)
    older = a_delivery(report, "set_manager", "held", values={"manager": boss.public_id})
    a_delivery(report, "set_manager", "pending", values={"manager": boss.public_id, "former_manager": None})
    academy, target = a_connector("academy"), Answers()
    assert deliver_batch(academy, target) == 0 and deliver_batch(academy, target) is None
    row = Delivery.objects.exclude(pk=older.pk).get()
    assert (row.state, row.attempts, row.lease_token) == ("held", 0, ""), "not tried, so not counted"
    assert Delivery.objects.get(pk=older.pk).state == "cancelled", "one write waits, not two"
    a_delivery(boss, "create", "pending", values={"username": "boss"})
    deliver_batch(academy, target)
    row.refresh_from_db()
    assert row.state == "pending"
    assert deliver_batch(academy, target) == 1 and Delivery.objects.get(pk=row.pk).state == "delivered"


def test_many_who_wait_for_accounts_cost_no_query_each():
    def cost(first: int, last: int) -> int:
        for number in range(first, last):
            boss, report = a_person(number), a_person(number + 1000)
            Person.objects.filter(pk=report.pk).update(manager=boss)
            a_delivery(report, "set_manager", "pending", values={"manager": boss.public_id})
        with CaptureQueriesContext(connection) as asked:
            assert deliver_batch(a_connector("academy"), Answers()) == 0
        return len(asked)

    assert cost(10, 12) == cost(20, 60)
