"""Deliveries: taken once, in order, given up by nobody but a person or after ten tries."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta

import pytest
from django.db import connection, transaction
from django.test.utils import CaptureQueriesContext

from config import clock
from config.audit.cause import because
from config.errors import TargetRefused, Unavailable
from integrations.connectors.models import Connector
from integrations.outbound.claim import LEASE_SECONDS, MOST_ATTEMPTS, Finished, claim, finish, put_back
from integrations.outbound.models import Attempt, Delivery
from tests.company import MORNING, later, set_clock


@pytest.fixture
def target(db: None) -> Iterator[Connector]:
    set_clock(MORNING)
    yield Connector.objects.create(key="lms", name="LMS", vendor="moodle", is_target=True)
    clock.forget()


def row(target: Connector, subject: int, operation: str = "update", **values: object) -> Delivery:
    with transaction.atomic():
        cause = because("run", "a run")
    now = clock.now()
    key = f"{subject}:{operation}:{Delivery.objects.count()}"
    return Delivery.objects.create(
        key=key,
        connector=target,
        target="users",
        operation=operation,
        subject_id=subject,
        cause=cause,
        due_at=now,
        created_at=now,
        **values,
    )


def take(target: Connector) -> list[Delivery]:
    return claim(target, clock.now(), 50)


def test_a_target_that_rests_is_left_alone_by_every_worker_and_one_that_has_rested_is_not(target: Connector) -> None:
    row(target, 1)
    Connector.objects.update(breaker_until=clock.now() + timedelta(minutes=1))
    assert take(target) == []
    later(minutes=2)
    assert len(take(target)) == 1


def test_two_changes_of_one_person_go_in_their_order_and_others_do_not_wait(target: Connector) -> None:
    first, second, other = row(target, 1), row(target, 1), row(target, 2)
    assert [one.pk for one in take(target)] == [first.pk, other.pk]
    assert take(target) == []
    Delivery.objects.filter(pk=first.pk).update(state="delivered")
    assert [one.pk for one in take(target)] == [second.pk]


def test_taking_deliveries_steps_through_the_indexes_that_hold_only_unfinished_ones(target: Connector) -> None:
    """On SQLite, whose planner needs no statistics to be asked; the statement has to prove what the indexes hold."""
    row(target, 1)
    with CaptureQueriesContext(connection) as asked:
        take(target)
    assert asked.captured_queries
    for one in asked.captured_queries:
        if one["sql"].startswith('SELECT "integrations_delivery"') and connection.vendor == "sqlite":
            with connection.cursor() as cursor:
                cursor.execute(f"EXPLAIN QUERY PLAN {one['sql']}")
                steps = " ".join(str(step[3]) for step in cursor.fetchall())
            assert "USING INDEX delivery_due" in steps and "INDEX delivery_lane" in steps


def test_what_a_dead_worker_held_is_taken_again_and_the_lost_try_is_kept(target: Connector) -> None:
    row(target, 1)
    take(target)
    later(seconds=LEASE_SECONDS + 1)
    again = take(target)
    assert [one.attempts for one in again] == [2]
    assert list(Attempt.objects.values_list("number", "outcome")) == [(1, "worker_lost")]


def test_a_worker_that_was_overtaken_moves_nothing_on_but_its_try_is_kept(target: Connector) -> None:
    row(target, 1)
    slow = take(target)
    later(seconds=LEASE_SECONDS + 1)
    take(target)
    with transaction.atomic():
        assert finish([Finished(slow[0], None, "9")], clock.now(), clock.now()) == []
    assert Delivery.objects.get().state == "sending" and Attempt.objects.filter(outcome="ok").count() == 1


def test_a_receipt_that_is_written_a_second_time_adds_no_second_try(target: Connector) -> None:
    """The database went away between the commit and its answer: the worker writes again what it had written."""
    row(target, 1)
    (taken,) = take(target)
    started_at = clock.now()
    for moved in (1, 0):
        with transaction.atomic():
            assert len(finish([Finished(taken, None, "9")], started_at, clock.now())) == moved
    assert list(Attempt.objects.values_list("number", "outcome")) == [(1, "ok")]


def test_an_error_that_may_pass_is_tried_ten_times_and_one_that_cannot_once(target: Connector) -> None:
    row(target, 1)
    for number in range(1, MOST_ATTEMPTS + 1):
        taken = take(target)
        with transaction.atomic():
            finish([Finished(taken[0], Unavailable("maintenance"))], clock.now(), clock.now())
        assert Delivery.objects.get().state == ("pending" if number < MOST_ATTEMPTS else "dead")
        set_clock(Delivery.objects.get().due_at + timedelta(seconds=1))
    refused = row(target, 2)
    with transaction.atomic():
        finish([Finished(take(target)[0], TargetRefused("bad e-mail"))], clock.now(), clock.now())
    refused.refresh_from_db()
    assert (refused.state, refused.attempts, refused.error_code) == ("dead", 1, "target_refused")


def test_what_could_not_be_asked_at_all_costs_no_try(target: Connector) -> None:
    row(target, 1)
    put_back(take(target), clock.now() + timedelta(minutes=5))
    assert Delivery.objects.get().attempts == 0 and take(target) == []
    later(minutes=6)
    assert len(take(target)) == 1


def test_nothing_more_is_taken_once_the_target_is_paused_also_in_the_middle_of_a_turn(target: Connector) -> None:
    row(target, 1), row(target, 2, "create")
    assert len(take(target)) == 1
    Connector.objects.filter(pk=target.pk).update(state="paused")
    assert take(target) == [], "this worker still holds the connector as it was"
    Connector.objects.filter(pk=target.pk).update(state="active")
    assert len(take(target)) == 1


def test_a_write_over_which_workers_die_is_tried_alone_and_then_given_up(target: Connector) -> None:
    bad, good = row(target, 1), row(target, 2)
    for number in range(1, MOST_ATTEMPTS + 1):  # each worker dies with what it took
        assert [one.pk for one in take(target)] == ([bad.pk, good.pk] if number <= 3 else [bad.pk])
        if number > 3:
            Delivery.objects.filter(pk=good.pk).update(state="delivered")
        later(seconds=LEASE_SECONDS + 1)
    assert take(target) == []
    bad.refresh_from_db()
    assert (bad.state, bad.error_code, bad.lease_until) == ("dead", "worker_lost", None)
    assert Attempt.objects.filter(delivery=bad, outcome="worker_lost").count() == MOST_ATTEMPTS
