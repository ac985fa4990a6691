"""Writes that cannot arrive before another has: nobody joins groups without an account. One refusal is one error, not one for each write.

What needs an account that was refused is held and names the write it waits for. It is sent with that one when that is sent again, given up
with it, and let go when the account has come about in another way.

A write that names somebody else's account (`NAMING`) is also held while that account is not there for any other reason, such as a first
day to come: then it waits for no write, and goes when the account has come about.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from typing import Any

from django.db import connection
from django.db.models import Exists, F, OuterRef, Q, QuerySet

from config import clock
from config.bulk import update_rows
from integrations.connectors.models import Connector
from integrations.outbound.models import Delivery, DeliveryState

FIRST = "create"  # what has to have arrived; everything else of the same account comes after it
NAMING = "set_manager"  # what names another account beside its own


def overtaken(rows: QuerySet[Delivery]) -> QuerySet[Delivery]:
    """Those after which the same person's account got a newer write of the same kind: sent now, they would bring old values back."""
    newer = Delivery.objects.filter(
        connector=OuterRef("connector"), subject_id=OuterRef("subject_id"), operation=OuterRef("operation"), pk__gt=OuterRef("pk")
    )
    return rows.filter(Exists(newer.exclude(state__in=(DeliveryState.DEAD, DeliveryState.CANCELLED))))


def hold_back(refused: Iterable[Delivery], naming: Mapping[int, int] | None = None) -> int:
    """Hold what waits for these accounts of one connector, which have just been refused. In the caller's transaction.

    `naming`: writes about others that name one of these people → the write that was to make the account. Returns how many are held.
    """
    first = {row.subject_id: row for row in refused if row.operation == FIRST}
    if not first:
        return 0
    connector = next(iter(first.values())).connector_id
    waits = dict(naming or {})
    own = Delivery.objects.filter(connector=connector, subject_id__any=list(first)).exclude(operation=FIRST)
    waits |= {pk: first[subject].pk for pk, subject in own.values_list("pk", "subject_id") if pk > first[subject].pk}
    free = Delivery.objects.filter(pk__any=list(waits), state=DeliveryState.PENDING)  # locked: none is claimed meanwhile
    held = list(free.select_for_update(skip_locked=connection.features.has_select_for_update_skip_locked).values_list("pk", flat=True))
    update_rows(Delivery, ("id", "state", "waits_for"), [(pk, DeliveryState.HELD, waits[pk]) for pk in held])
    return len(held)


def only_the_newest(refused: Iterable[Delivery]) -> None:
    """The newest refusal to make an account stands for the older ones, and others wait for it instead. In the caller's transaction."""
    first = {row.subject_id: row for row in refused if row.operation == FIRST}
    if not first:
        return
    connector = next(iter(first.values())).connector_id
    dead = Delivery.objects.filter(connector=connector, subject_id__any=list(first), operation=FIRST, state=DeliveryState.DEAD)
    older = {pk: first[subject] for pk, subject in dead.values_list("pk", "subject_id") if pk < first[subject].pk}
    if not older:
        return
    held = Delivery.objects.filter(waits_for__any=list(older), state=DeliveryState.HELD)
    now_by = {row: older[row.waits_for_id or 0] for row in held}
    update_rows(Delivery, ("id", "waits_for"), [(row.pk, new.pk) for row, new in now_by.items() if row.subject_id != new.subject_id])
    _end([*older, *(row.pk for row, new in now_by.items() if row.subject_id == new.subject_id)])


def send_again(rows: QuerySet[Delivery]) -> None:
    """These dead writes, and what waits for them unless something newer has overtaken it. In the caller's transaction."""
    again = list(rows.filter(state=DeliveryState.DEAD).values_list("pk", flat=True))
    Delivery.objects.filter(pk__any=again).update(
        state=DeliveryState.PENDING, attempts=0, due_at=clock.now(), done_at=None, error_code="", error_detail=""
    )
    release(Delivery.objects.filter(waits_for__any=again))


def release(rows: QuerySet[Delivery]) -> None:
    """Let what was held go on its way; what something newer has overtaken is not needed any more."""
    held = rows.filter(state=DeliveryState.HELD)
    late = list(overtaken(held).values_list("pk", flat=True))
    free = list(held.exclude(pk__in=late).values_list("pk", flat=True))
    _end(late)
    Delivery.objects.filter(pk__any=free).update(state=DeliveryState.PENDING, waits_for=None, due_at=clock.now())


def give_up_with(first: Delivery) -> QuerySet[Delivery]:
    """What goes when this write is given up: whatever is held for it, and what comes after an account that then is not made."""
    open_still = (DeliveryState.PENDING, DeliveryState.HELD)
    own = Q(connector=first.connector_id, subject_id=first.subject_id, pk__gt=first.pk, state__in=open_still)
    wanted = Q(waits_for=first, state=DeliveryState.HELD) | (own if first.operation == FIRST else Q(pk__in=[]))
    return Delivery.objects.filter(wanted).exclude(operation=FIRST)


def account_is_there(connector: Connector, subjects: Collection[int]) -> None:
    """A write of these accounts has arrived, so they exist: an older refusal to make them is settled, and with it what waited.

    The newer plan carried everything of the account itself; what others wait for goes on its way. One query where nothing was refused.
    """
    settled = list(
        Delivery.objects.filter(connector=connector, subject_id__any=list(subjects), operation=FIRST, state=DeliveryState.DEAD).values_list(
            "pk", flat=True
        )
    )
    if settled:
        waiting = Delivery.objects.filter(waits_for__any=settled, state=DeliveryState.HELD)
        _end([*settled, *waiting.filter(subject_id__any=list(subjects)).values_list("pk", flat=True)])
        release(waiting)


def hold_naming(rows: Collection[Delivery]) -> None:
    """These claimed writes name an account that is not there: they wait for it, and older ones of the same people for nothing any more.

    In the caller's transaction, after `lock_accounts` and one more look whether the account is there.
    """
    older = Delivery.objects.filter(subject_id__any=[row.subject_id for row in rows], operation=NAMING, state=DeliveryState.HELD)
    _end(list(older.filter(connector=next(iter(rows)).connector_id).values_list("pk", flat=True)))
    Delivery.objects.filter(pk__any=[row.pk for row in rows]).update(
        state=DeliveryState.HELD, lease_token="", lease_until=None, attempts=F("attempts") - 1
    )


def lock_accounts(connector_id: int) -> None:
    """Whoever holds a write back for want of an account, and whoever makes it, take turns: neither misses what the other just did."""
    Connector.objects.select_for_update(no_key=True).only("pk").get(pk=connector_id)


def named_is_there(connector_id: int, subjects: Iterable[int] | QuerySet[Any]) -> None:
    """The account that these people's held writes name is there now. In the transaction that joined it. Two queries where nothing waits."""
    lock_accounts(connector_id)
    held = Delivery.objects.filter(connector=connector_id, operation=NAMING, state=DeliveryState.HELD)
    release(held.filter(pk__any=list(held.filter(subject_id__in=subjects).values_list("pk", flat=True))))


def named_anew(subjects: Collection[int]) -> None:
    """Somebody else is to be named for these people from now on, or nobody: what was held to name the former one is not needed."""
    Delivery.objects.filter(subject_id__any=list(subjects), operation=NAMING, state=DeliveryState.HELD).update(
        state=DeliveryState.CANCELLED, done_at=clock.now()
    )


def held_naming(connector_id: int, subjects: QuerySet[Any]) -> QuerySet[Delivery]:
    """Writes about these people that wait to name somebody else's account."""
    return Delivery.objects.filter(connector=connector_id, operation=NAMING, state=DeliveryState.HELD, subject_id__in=subjects)


def not_needed(rows: QuerySet[Delivery]) -> None:
    """Nobody is to be told this any more."""
    rows.update(state=DeliveryState.CANCELLED, done_at=clock.now())


def _end(numbers: Collection[int]) -> None:
    Delivery.objects.filter(pk__any=list(numbers)).update(state=DeliveryState.CANCELLED, done_at=clock.now())
