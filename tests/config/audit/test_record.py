from __future__ import annotations

import threading

import psycopg
import pytest
import structlog
from django.db import connection, transaction
from django.db.transaction import TransactionManagementError
from django.db.utils import DatabaseError, IntegrityError

from config.audit import triggers
from config.audit.cause import acting_because, because, current_cause
from config.audit.chain import GENESIS, verify
from config.audit.models import AuditDetail, AuditEntry, AuditHead, Cause, CauseKind
from config.audit.record import Entry, record, record_many
from config.roles.models import User


@pytest.mark.django_db
def test_an_entry_says_who_what_before_after_and_why() -> None:
    lena = User.objects.create(username="lena", first_name="Lena", last_name="Vogt")

    with transaction.atomic():
        cause = because(CauseKind.DECISION, "Connector paused", reason="HR moves its tenant", actor=lena)
        entry = record(cause, "connector.paused", "connector", 7, before={"state": "active"}, after={"state": "paused"}, label="Workday")

    entry.refresh_from_db()
    assert (entry.seq, entry.actor, entry.action, entry.object_type, entry.object_id) == (
        1,
        "Lena Vogt",
        "connector.paused",
        "connector",
        "7",
    )
    assert entry.previous == GENESIS
    assert entry.cause.reason == "HR moves its tenant"
    assert (entry.detail.label, entry.detail.before, entry.detail.after) == ("Workday", {"state": "active"}, {"state": "paused"})


@pytest.mark.django_db
def test_what_nobody_did_by_hand_was_done_by_rollcall() -> None:
    with transaction.atomic():
        entry = record(because(CauseKind.RUN, "nightly run 813"), "run.finished", "run", 813)

    assert entry.actor == "Rollcall"


@pytest.mark.django_db(transaction=True)
def test_a_cause_or_an_entry_outside_a_transaction_is_refused() -> None:
    with pytest.raises(TransactionManagementError):
        because("system", "too early")
    with transaction.atomic():
        cause = because("system", "in time")
    with pytest.raises(TransactionManagementError):
        record(cause, "thing.changed", "thing", 1)
    with pytest.raises(TransactionManagementError):
        record_many(cause, [])

    assert AuditEntry.objects.count() == 0


@pytest.mark.django_db(transaction=True)
def test_a_rolled_back_transaction_leaves_no_gap_in_the_chain() -> None:
    with transaction.atomic():
        record(because("system", "first"), "thing.changed", "thing", 1)
    with transaction.atomic():
        record(because("system", "lost"), "thing.changed", "thing", 2)
        transaction.set_rollback(True)
    with transaction.atomic():
        entry = record(because("system", "second"), "thing.changed", "thing", 3)

    assert entry.seq == 2
    assert verify().is_intact


@pytest.mark.django_db
def test_the_cause_carries_the_request_id_of_the_log_lines() -> None:
    with structlog.contextvars.bound_contextvars(request_id="req-42"), transaction.atomic():
        assert because("system", "from a request").correlation == "req-42"
    with transaction.atomic():
        assert because("system", "given", correlation="run-9").correlation == "run-9"


@pytest.mark.django_db
def test_the_current_cause_is_known_inside_a_decision_only() -> None:
    with transaction.atomic():
        cause = because("decision", "outer")
        assert current_cause() is None
        with acting_because(cause):
            assert current_cause() == cause
        assert current_cause() is None


@pytest.mark.django_db
def test_many_entries_are_one_chain_and_only_those_with_values_store_values() -> None:
    with transaction.atomic():
        cause = because("run", "a run")
        written = record_many(
            cause,
            (
                Entry("person.changed", "person", str(n), digest="a" * 64 if n % 2 else "", after=None if n % 2 else {"n": n})
                for n in range(20_500)
            ),
        )

    assert written == 20_500
    assert AuditHead.objects.get(pk=1).seq == 20_500
    assert AuditDetail.objects.count() == 10_250
    assert verify().is_intact


@pytest.mark.django_db
def test_no_entries_is_no_work() -> None:
    with transaction.atomic():
        cause = because("run", "an empty run")
        assert record_many(cause, []) == 0


@pytest.mark.django_db
def test_a_lost_head_cannot_start_a_second_chain_beside_the_first() -> None:
    with transaction.atomic():
        cause = because("system", "first")
        record(cause, "thing.changed", "thing", 1)
    AuditHead.objects.all().delete()

    with pytest.raises((IntegrityError, psycopg.IntegrityError)), transaction.atomic():
        record(cause, "thing.changed", "thing", 2)


@pytest.mark.django_db(transaction=True)
def test_writers_at_the_same_time_make_one_unbroken_chain() -> None:
    errors: list[BaseException] = []

    def write(name: str) -> None:
        try:
            for number in range(10):
                with transaction.atomic():
                    record(because("system", name), "thing.changed", "thing", number, after={"by": name})
        except BaseException as error:
            errors.append(error)
        finally:
            connection.close()

    writers = [threading.Thread(target=write, args=(f"writer {n}",)) for n in range(4)]
    for writer in writers:
        writer.start()
    for writer in writers:
        writer.join(60)

    assert errors == []
    verdict = verify()
    assert (verdict.checked, verdict.is_intact) == (40, True)


@pytest.mark.usefixtures("append_only_trail")
@pytest.mark.parametrize(
    "statement",
    [
        "UPDATE config_auditentry SET actor = 'nobody'",
        "DELETE FROM config_auditentry WHERE seq = 1",
        "INSERT INTO config_auditentry SELECT * FROM config_auditentry",
    ],
)
def test_the_database_itself_refuses_to_change_or_remove_an_entry(statement: str) -> None:
    with transaction.atomic():
        record(because("system", "first"), "thing.changed", "thing", 1)

    with pytest.raises(DatabaseError), transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(statement)

    assert AuditEntry.objects.get().actor == "Rollcall"


@pytest.mark.usefixtures("append_only_trail")
def test_postgresql_also_refuses_to_truncate_the_trail() -> None:
    if connection.vendor == "postgresql":
        with pytest.raises(DatabaseError), transaction.atomic(), connection.cursor() as cursor:
            cursor.execute("TRUNCATE config_auditentry CASCADE")
    assert triggers.are_installed(connection)


@pytest.mark.django_db(transaction=True)
def test_the_triggers_can_be_taken_away_and_put_back() -> None:
    assert not triggers.are_installed(connection)
    triggers.install(connection)
    triggers.install(connection)
    assert triggers.are_installed(connection)
    triggers.remove(connection)
    assert not triggers.are_installed(connection)


@pytest.mark.django_db(transaction=True)
def test_values_can_be_erased_while_the_trail_refuses_change(append_only_trail: None) -> None:
    with transaction.atomic():
        record(because("system", "first"), "thing.changed", "thing", 1, after={"name": "Jane Doe"})

    AuditDetail.objects.all().delete()

    assert verify().is_intact
    assert Cause.objects.count() == 1
