"""Carry deliveries out: claim, push, keep what came of it. HTTP outside, rows in one short transaction after it.

Idempotent by key: a worker that dies between push and commit leaves a lease that runs out, and the vendor finds what is there already.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from datetime import datetime, timedelta
from functools import partial
from typing import Any

import structlog
from django.db import Error, transaction

from config import clock
from config.audit.models import Cause
from config.audit.record import Entry, record_many
from config.bulk import upsert_rows
from config.errors import Reconnect, RetryLater, RollcallError, Unexpected
from config.reconnect import once_back
from config.sentences import Sentence, named, sentence
from identity.matching.normalise import email_key
from identity.people.models import Link, Person, number_of, public_id
from integrations.connectors.issues import report, succeeded
from integrations.connectors.models import Connector
from integrations.connectors.open import opened
from integrations.outbound.claim import Finished, claim, due_connectors, finish, put_back
from integrations.outbound.models import URGENT, Delivery, DeliveryState
from integrations.outbound.waiting import (
    FIRST,
    NAMING,
    account_is_there,
    hold_back,
    hold_naming,
    lock_accounts,
    named_is_there,
    only_the_newest,
)
from integrations.records.ingest import content_hash
from integrations.records.models import SourceRecord
from integrations.vendors.base import Change, Receipt, Vendor
from syncjobs.pipeline import in_the_way
from syncjobs.pipeline.look import COLUMNS, learner_keys
from syncjobs.plans.writes import held_after
from syncjobs.runs.models import SyncRun

log = structlog.get_logger(__name__)

TURN_SECONDS = 20
RECONNECT_MINUTES = 5


def deliver_due(limit_seconds: float = TURN_SECONDS) -> int:
    """Send what is due, target by target, until nothing is left or the turn is over. Returns how many were carried out."""
    ends = clock.monotonic() + limit_seconds
    sent = 0
    for connector in due_connectors(clock.now()):
        with opened(connector) as vendor:
            while clock.monotonic() < ends:
                done = deliver_batch(connector, vendor)
                if done is None:
                    break
                sent += done
    return sent


def deliver_batch(connector: Connector, vendor: Vendor) -> int | None:
    """One claim, one push. None when nothing is due or the target cannot be asked now."""
    started_at = clock.now()
    claimed = claim(connector, started_at, max(1, vendor.targets[0].bulk))
    if not claimed:
        return None
    try:
        accounts = _accounts(connector, claimed)
        rows = _sendable(connector, claimed, accounts)
    except Error:  # the database, before anything was sent: else they would wait for the end of a lease that nobody holds any more
        once_back(partial(put_back, claimed, started_at))
        raise
    if not rows:
        return 0
    changes = [_change(row, accounts) for row in rows]
    vendor.line.urgent = rows[0].priority == URGENT  # only these may use the calls that are kept free for them
    try:
        receipts = _pushed(vendor, rows[0].target, changes)
    except (RetryLater, Reconnect) as error:
        once_back(partial(_rest, connector, rows, error))
        return None
    outcomes = [_finished(row, receipt) for row, receipt in zip(rows, receipts, strict=True)]
    strangers = in_the_way.met(connector, vendor, outcomes)
    return once_back(partial(_keep, connector, outcomes, strangers, started_at))


def _pushed(vendor: Vendor, target: str, changes: list[Change]) -> Sequence[Receipt]:
    """What became of each change. Where our own code fails over one of them, each is tried alone: its neighbours are not to suffer.

    Raises RetryLater and Reconnect: nothing was tried, or nobody can say.
    """
    try:
        return vendor.push(target, changes)
    except (RetryLater, Reconnect):
        raise
    except RollcallError as error:
        return [Receipt(change.key, error=error) for change in changes]
    except Exception:
        if len(changes) > 1:
            return [receipt for change in changes for receipt in _pushed(vendor, target, [change])]
        log.exception("delivery.unexpected", key=changes[0].key, operation=changes[0].operation)
        return [Receipt(changes[0].key, error=Unexpected(sentence("the write could not be put together; see the log")))]


def _keep(connector: Connector, outcomes: Sequence[Finished], strangers: Sequence[tuple[Any, ...]], started_at: datetime) -> int:
    """What the target answered, as rows. Returns how many moved on."""
    with transaction.atomic():
        upsert_rows(SourceRecord, COLUMNS, strangers, unique=("connector", "stream", "external_id"), update=(*COLUMNS[3:10], "changed_at"))
        asked = in_the_way.told(connector, outcomes)
        kept = finish(outcomes, started_at, clock.now())
        _remember(connector, [one for one in kept if one.error is None])
        in_the_way.ask(connector, asked, kept)
        _hold_what_waits(connector, kept)
        succeeded(connector, clock.now())
        SyncRun.objects.filter(cause__in={one.delivery.cause_id for one in kept}, stage="deliver").update(wanted_at=clock.now())
        Connector.objects.filter(pk=connector.pk).update(breaker_until=None)
    return len(kept)


def _accounts(connector: Connector, rows: Sequence[Delivery]) -> dict[int, str]:
    """Person → their account there: of the writes that do not know it yet, because an earlier one makes it, and of managers."""
    people = {row.subject_id for row in rows if row.operation != FIRST and not row.remote_id}
    people |= {person for row in rows if row.operation == NAMING for person in _named(row) if person}
    return _joined(connector, people) if people else {}


def _joined(connector: Connector, people: Collection[int]) -> dict[int, str]:
    found = Link.objects.filter(person_id__any=list(people), record__connector=connector, until=None)
    return dict(found.values_list("person_id", "record__external_id"))


def _named(row: Delivery) -> tuple[int, int]:
    """The manager and the former manager such a write names; 0 where it names nobody."""
    return number_of(row.values.get("manager")) or 0, number_of(row.values.get("former_manager")) or 0


def _sendable(connector: Connector, rows: list[Delivery], accounts: dict[int, str]) -> list[Delivery]:
    """Without those whose manager has no account there: these are held until it is there, and the former manager stays until then."""

    def waits(row: Delivery) -> bool:
        manager = _named(row)[0] if row.operation == NAMING else 0
        return bool(manager) and manager not in accounts

    if not any(map(waits, rows)):
        return rows
    with transaction.atomic():
        lock_accounts(connector.pk)
        accounts |= _joined(connector, {_named(row)[0] for row in rows if waits(row)})
        held = [row for row in rows if waits(row)]
        if held:
            hold_naming(held)
    return [row for row in rows if row not in held]


def _change(row: Delivery, accounts: Mapping[int, str]) -> Change:
    """What the vendor is asked to do."""
    values = row.values
    if row.operation == NAMING:
        manager, former = _named(row)
        values = {"manager_id": accounts.get(manager, ""), "former_manager_id": accounts.get(former, "")}
    remote_id = row.remote_id or ("" if row.operation == FIRST else accounts.get(row.subject_id, ""))
    return Change(key=row.key, operation=row.operation, values=values, remote_id=remote_id)


def _finished(row: Delivery, receipt: Receipt) -> Finished:
    if receipt.error is None and not receipt.remote_id:
        return Finished(row, Unexpected(sentence("the target named no account for this change")))
    told = sentence("%(warnings)s", warnings=[Sentence(one) for one in receipt.warnings]) if receipt.warnings else ""
    return Finished(row, receipt.error, receipt.remote_id, told)


def _hold_what_waits(connector: Connector, kept: Sequence[Finished]) -> None:
    """Without its account nothing else of a person can arrive, nor be named as somebody's manager: it waits, instead of failing too."""
    refused = [one.delivery.pk for one in kept if one.error is not None and one.delivery.operation == FIRST]
    if refused:
        dead = list(Delivery.objects.filter(pk__any=refused, state=DeliveryState.DEAD))
        hold_back(dead, _naming(connector, {row.subject_id: row.pk for row in dead}))
        only_the_newest(dead)
    arrived = {one.delivery.subject_id for one in kept if one.error is None}
    if arrived:
        account_is_there(connector, arrived)
    made = [one.delivery.subject_id for one in kept if one.error is None and one.delivery.operation == FIRST]
    if made:
        named_is_there(connector.pk, Person.objects.filter(manager__any=made).values("pk"))


def _naming(connector: Connector, refused: dict[int, int]) -> dict[int, int]:
    """Writes that tell who somebody's manager is, where that one's account was refused: write → the refused one."""
    reports = Person.objects.filter(manager__any=list(refused)).values("pk")
    rows = Delivery.objects.filter(connector=connector, subject_id__in=reports, operation=NAMING, state=DeliveryState.PENDING)
    managers = ((pk, number_of(values.get("manager"))) for pk, values in rows.values_list("pk", "values"))
    return {pk: refused[manager] for pk, manager in managers if manager in refused}


def _rest(connector: Connector, rows: Sequence[Delivery], error: RollcallError) -> None:
    """The target cannot be asked: nothing was tried. Wait as it says, else twice as long each time, ten minutes at most."""
    now = clock.now()
    seconds = min(600, 15 * 2 ** min(connector.failures, 10))
    until = error.retry_at or now + (timedelta(seconds=seconds) if error.retry else timedelta(minutes=RECONNECT_MINUTES))
    with transaction.atomic():
        put_back(rows, until)
        report(connector, error, now)
        Connector.objects.filter(pk=connector.pk).update(breaker_until=until)
    connector.failures += 1


# ── what the target holds from now on ───────────────────────────────────────────────────────────────


def _remember(connector: Connector, done: Sequence[Finished]) -> None:
    """The recorded state after these writes, and the link of an account that was made."""
    if not done:
        return
    now = clock.now()
    stream = done[0].delivery.target
    held = dict(
        SourceRecord.objects.filter(connector=connector, stream=stream, external_id__any=[one.remote_id for one in done]).values_list(
            "external_id", "values"
        )
    )
    states = {one.remote_id: held_after(held.get(one.remote_id, {}), one.delivery.operation, one.delivery.values) for one in done}
    rows = [_learner(connector, stream, remote_id, values, now) for remote_id, values in states.items()]
    upsert_rows(SourceRecord, COLUMNS, rows, unique=("connector", "stream", "external_id"), update=(*COLUMNS[3:10], "changed_at"))
    _link_created(connector, stream, [one for one in done if one.delivery.operation == "create"], now)
    for cause in Cause.objects.filter(pk__in={one.delivery.cause_id for one in done}).order_by("pk"):
        of_cause = [one for one in done if one.delivery.cause_id == cause.pk]
        record_many(cause, [_entry(connector, one) for one in of_cause])


def _entry(connector: Connector, one: Finished) -> Entry:
    row = one.delivery
    return Entry(
        f"account.{row.operation}",
        "person",
        public_id(row.subject_id),
        after={"target": connector.key, "account": one.remote_id, **row.values},
    )


def _learner(connector: Connector, stream: str, remote_id: str, values: dict[str, Any], now: datetime) -> tuple[Any, ...]:
    text, hashed = content_hash(values)
    keys = (learner_keys(values), email_key(values.get("email")), email_key(values.get("username"))[:200])
    return (connector.pk, stream, remote_id, text, hashed, values, *keys, False, now, now)


def _link_created(connector: Connector, stream: str, made: Sequence[Finished], now: datetime) -> None:
    ids = dict(
        SourceRecord.objects.filter(connector=connector, stream=stream, external_id__any=[one.remote_id for one in made]).values_list(
            "external_id", "id"
        )
    )
    linked = set(Link.objects.filter(record_id__any=list(ids.values()), until=None).values_list("record_id", flat=True))
    Link.objects.bulk_create(
        Link(
            person_id=one.delivery.subject_id,
            record_id=ids[one.remote_id],
            method=Link.Method.CREATED,
            evidence=named("created in %(name)s", connector.name),
            since=now,
            cause_id=one.delivery.cause_id,
        )
        for one in made
        if ids[one.remote_id] not in linked
    )
