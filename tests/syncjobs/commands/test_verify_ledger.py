"""Each check of the ledger finds what it is for, and nothing on a sound installation."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta

import pytest

from config import clock
from identity.people.models import FactSheet, Link, Person
from integrations.outbound.models import Attempt, Delivery
from syncjobs.plans.models import PlannedChange
from tests.answers import answer, run_command
from tests.builders import Book, sync, worker


@pytest.fixture(autouse=True)
def _settled(installed: None) -> None:
    for number in range(1, 6):
        Book.of("hr").write(str(number), **worker(number))
    sync()


def test_a_sound_installation_is_zero() -> None:
    code, said = answer("verify_ledger")
    assert code == 0 and said["data"]["findings"] == [] and said["data"]["checks"] >= 9
    assert "0 findings" in run_command("verify_ledger")[1]


def lose_records() -> None:
    Link.objects.filter(person=Person.objects.earliest("pk")).delete()


def change_facts() -> None:
    FactSheet.objects.filter(person=Person.objects.earliest("pk")).delete()


def forget_a_write() -> None:
    PlannedChange.objects.filter(target__isnull=False).update(delivery=None)


def claim_without_a_try() -> None:
    Attempt.objects.all().delete()


def leave_a_lease() -> None:
    first = Delivery.objects.earliest("pk")
    Delivery.objects.filter(pk=first.pk).update(state="sending", lease_until=clock.now() - timedelta(hours=2))


def make_a_second_account() -> None:
    one, other = Link.objects.filter(record__connector__key="lms").order_by("pk")[:2]
    Link.objects.filter(pk=other.pk).update(person=one.person)


def end_before_the_beginning() -> None:
    first = Link.objects.earliest("pk")
    Link.objects.filter(pk=first.pk).update(until=first.since - timedelta(days=1))


@pytest.mark.parametrize(
    ("harm", "told"),
    [
        (lose_records, "A person of whom no record speaks."),
        (change_facts, "A person whose facts are not those of their last fact sheet."),
        (forget_a_write, "An applied change of an account that nobody was told to write"),
        (claim_without_a_try, "counts as delivered although no try is known"),
        (leave_a_lease, "A lease that ran out over an hour ago"),
        (make_a_second_account, "A person with two active accounts in one target"),
        (end_before_the_beginning, "A link that ended before it began."),
    ],
)
def test_what_does_not_add_up_is_seven_and_named(harm: Callable[[], None], told: str) -> None:
    harm()
    code, said = answer("verify_ledger")
    assert code == 7 and any(told in line for line in said["errors"]), said["errors"]
    assert all(finding["count"] and finding["examples"] for finding in said["data"]["findings"])
