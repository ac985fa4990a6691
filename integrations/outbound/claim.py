"""Take deliveries that are due, and put back what became of them. Leases, lanes and fencing; no HTTP.

Deliveries of one subject go to one connector in the order of their ids: the next is not taken before the one before it is done.
"""

from __future__ import annotations

import uuid
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import partial

from django.db import Error, connection, transaction
from django.db.models import Exists, F, OuterRef, Q

from config.bulk import update_rows
from config.errors import RollcallError, WorkerLost
from config.reconnect import is_lost, once_back
from integrations.connectors.models import Connector, ConnectorState
from integrations.outbound.models import Attempt, Delivery, DeliveryState
from integrations.wire.retry import next_try

LEASE_SECONDS = 120  # the longest answer of a target (30 s), a bisected batch, and room
MOST_ATTEMPTS = 10
ALONE_AFTER = 3  # workers that died: a write that kills them must not take its neighbours along
UNFINISHED = (DeliveryState.PENDING, DeliveryState.SENDING)


def due_connectors(now: datetime) -> list[Connector]:
    """Targets that have something to send, may be sent to, and are not resting after failures."""
    waiting = Delivery.objects.filter(_due(now), connector=OuterRef("pk"))
    return list(Connector.objects.filter(_may_be_asked(now), Exists(waiting)))


def _may_be_asked(now: datetime) -> Q:
    """Nobody paused it, and it does not rest after failures: the row is the breaker, and all workers see the same one."""
    return Q(state=ConnectorState.ACTIVE) & (Q(breaker_until=None) | Q(breaker_until__lte=now))


def _due(now: datetime) -> Q:
    """The first condition says once more what the others imply: in the words of the indexes, which SQLite asks for."""
    waits = Q(state=DeliveryState.PENDING, due_at__lte=now) | Q(state=DeliveryState.SENDING, lease_until__lt=now)
    return Q(state__one_of=UNFINISHED) & waits


def claim(connector: Connector, now: datetime, limit: int) -> list[Delivery]:
    """Lease up to `limit` due deliveries of one operation and target, urgent ones first.

    Nothing once somebody paused the target, or another worker found that it has to rest.
    """
    token = str(uuid.uuid4())
    try:
        return _leased(connector, now, limit, token)
    except Error as error:
        if is_lost(error):  # perhaps between the commit and its answer: nothing was sent, and nobody else knows this lease
            once_back(partial(_give_back, token))
        raise


def _give_back(token: str) -> None:
    mine = Delivery.objects.filter(lease_token=token, state=DeliveryState.SENDING)
    mine.update(state=DeliveryState.PENDING, lease_token="", lease_until=None, attempts=F("attempts") - 1)


def _leased(connector: Connector, now: datetime, limit: int, token: str) -> list[Delivery]:
    with transaction.atomic():
        if not Connector.objects.filter(_may_be_asked(now), pk=connector.pk).exists():
            return []
        earlier = Delivery.objects.filter(
            connector=connector, subject_id=OuterRef("subject_id"), pk__lt=OuterRef("pk"), state__one_of=UNFINISHED
        )
        due = Delivery.objects.filter(_due(now), ~Exists(earlier), connector=connector).order_by("priority", "due_at", "pk")
        if connection.features.has_select_for_update_skip_locked:
            due = due.select_for_update(skip_locked=True)
        first = due.first()
        if first is None:
            return []
        if _took_too_many(first):
            _give_up(first, now)
            return _leased(connector, now, limit, token)
        together = due.filter(operation=first.operation, target=first.target)[:limit]
        rows = [first] if _is_suspect(first) else [row for row in together if not _is_suspect(row)]
        _note_lost_workers([row for row in rows if row.state == DeliveryState.SENDING], now)
        Delivery.objects.filter(pk__any=[row.pk for row in rows]).update(
            state=DeliveryState.SENDING,
            lease_token=token,
            lease_until=now + timedelta(seconds=LEASE_SECONDS),
            attempts=F("attempts") + 1,
        )
    for row in rows:
        row.lease_token, row.attempts = token, row.attempts + 1
    return rows


def _is_suspect(row: Delivery) -> bool:
    """Worker after worker died over it, or over a neighbour: it is tried alone, so that the others can go."""
    return row.state == DeliveryState.SENDING and row.attempts >= ALONE_AFTER


def _took_too_many(row: Delivery) -> bool:
    return row.state == DeliveryState.SENDING and row.attempts >= MOST_ATTEMPTS


def _give_up(row: Delivery, now: datetime) -> None:
    _note_lost_workers([row], now)
    said = {"error_code": WorkerLost.code, "error_detail": "", "lease_token": "", "lease_until": None, "done_at": now}
    Delivery.objects.filter(pk=row.pk).update(state=DeliveryState.DEAD, **said)


def _note_lost_workers(rows: Sequence[Delivery], now: datetime) -> None:
    """A lease that ran out was a try as well; the log shows it."""
    Attempt.objects.bulk_create(
        Attempt(delivery=row, number=row.attempts, started_at=row.lease_until or now, finished_at=now, outcome=WorkerLost.code)
        for row in rows
    )


@dataclass(slots=True)
class Finished:
    """What became of one claimed delivery. No error: it is there, under `remote_id`."""

    delivery: Delivery
    error: RollcallError | None
    remote_id: str = ""
    detail: str = ""


def finish(outcomes: Sequence[Finished], started_at: datetime, now: datetime) -> list[Finished]:
    """Keep every try; move on those whose lease is still ours. Returns these. In the caller's transaction.

    A delivery is asked again while its error may pass; what a person has to mend, or what failed ten times, is dead.
    """
    if not outcomes:
        return []
    token = outcomes[0].delivery.lease_token
    ours = set(
        Delivery.objects.filter(pk__any=[one.delivery.pk for one in outcomes], lease_token=token, state=DeliveryState.SENDING).values_list(
            "pk", flat=True
        )
    )
    noted = set() if len(ours) == len(outcomes) else _noted(outcomes, started_at)
    Attempt.objects.bulk_create(
        Attempt(
            delivery=one.delivery,
            number=one.delivery.attempts,
            started_at=started_at,
            finished_at=now,
            outcome=one.error.code if one.error else "ok",
            detail=(one.error.detail if one.error else one.detail)[:500],
        )
        for one in outcomes
        if one.delivery.pk not in noted
    )
    kept = [one for one in outcomes if one.delivery.pk in ours]
    update_rows(Delivery, COLUMNS, [_moved_on(one, now) for one in kept])
    return kept


def _noted(outcomes: Sequence[Finished], started_at: datetime) -> set[int]:
    """Tries that are kept already: the database went away between this commit and its answer, and the worker writes again."""
    tries = Attempt.objects.filter(delivery_id__any=[one.delivery.pk for one in outcomes], started_at=started_at)
    return set(tries.exclude(outcome=WorkerLost.code).values_list("delivery_id", flat=True))


COLUMNS = ("id", "state", "remote_id", "due_at", "lease_token", "lease_until", "error_code", "error_detail", "done_at")


def _moved_on(one: Finished, now: datetime) -> tuple[object, ...]:
    delivery, error = one.delivery, one.error
    if error is None:
        return (delivery.pk, DeliveryState.DELIVERED, one.remote_id or delivery.remote_id, delivery.due_at, "", None, "", "", now)
    again = next_try(delivery.attempts, now, retry_after=error.retry_at) if error.retry and delivery.attempts < MOST_ATTEMPTS else None
    said = (error.code, error.detail[:500])
    if again is None:
        return (delivery.pk, DeliveryState.DEAD, delivery.remote_id, delivery.due_at, "", None, *said, now)
    return (delivery.pk, DeliveryState.PENDING, delivery.remote_id, again, "", None, *said, None)


def put_back(rows: Sequence[Delivery], until: datetime) -> None:
    """The system could not be asked at all: nothing was tried, so nothing is counted."""
    Delivery.objects.filter(pk__any=[row.pk for row in rows], lease_token=rows[0].lease_token).update(
        state=DeliveryState.PENDING, due_at=until, lease_token="", lease_until=None, attempts=F("attempts") - 1
    )
