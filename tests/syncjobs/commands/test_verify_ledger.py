"""Each check of the ledger finds what it is for, and nothing on a sound installation."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta

import pytest
from django.db import connection

from config import clock
from identity.people.models import FactSheet, Link, Person
from integrations.outbound.models import Attempt, Delivery
from syncjobs.ledger import verify
from syncjobs.plans.models import PlannedChange
from syncjobs.runs.models import RecordOutcome
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


def join_a_record_twice() -> None:
    """The database refuses it, so its rule has to go first."""
    first, other = Link.objects.filter(record__connector__key="hr").order_by("pk")[:2]
    with connection.cursor() as cursor:
        cursor.execute("DROP INDEX one_live_link_per_record")
    Link.objects.filter(pk=other.pk).update(record=first.record)


def forget_whose_account_it_is() -> None:
    Link.objects.filter(record__connector__key="lms").delete()


def lose_a_run() -> None:
    first = RecordOutcome.objects.earliest("pk")
    RecordOutcome.objects.filter(pk=first.pk).update(run_id=999_999)


def lose_a_record() -> None:
    last = RecordOutcome.objects.latest("pk")
    RecordOutcome.objects.filter(pk=last.pk).update(record_id=999_999_999)


def close_a_circle() -> None:
    one, two, three = Person.objects.order_by("pk")[:3]
    for person, manager in ((one, two), (two, three), (three, one)):
        Person.objects.filter(pk=person.pk).update(manager=manager)


HARMS: list[tuple[Callable[[], object], Callable[[], None]]] = [
    (verify.people_without_record, lose_records),
    (verify.two_live_links, join_a_record_twice),
    (verify.two_accounts, make_a_second_account),
    (verify.facts_out_of_step, change_facts),
    (verify.changes_without_delivery, forget_a_write),
    (verify.deliveries_without_attempt, claim_without_a_try),
    (verify.stuck_deliveries, leave_a_lease),
    (verify.staged_without_person, lose_records),
    (verify.outcomes_of_nothing, lose_a_run),
    (verify.outcomes_of_nothing, lose_a_record),
    (verify.accounts_of_nobody, forget_whose_account_it_is),
    (verify.managers_in_circles, close_a_circle),
    (verify.ended_links_reversed, end_before_the_beginning),
]


@pytest.mark.parametrize(("check", "harm"), HARMS, ids=[f"{check.__name__}-{harm.__name__}" for check, harm in HARMS])
def test_what_does_not_add_up_is_seven_and_named(check: Callable[[], object], harm: Callable[[], None]) -> None:
    harm()
    code, said = answer("verify_ledger")
    assert code == 7 and any(str(check.__doc__) in line for line in said["errors"]), said["errors"]
    assert all(finding["count"] and finding["examples"] for finding in said["data"]["findings"])


def test_every_check_is_shown_to_find_something() -> None:
    assert {check for check, _ in HARMS} == set(verify.CHECKS)
