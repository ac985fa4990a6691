"""What is only kept for a while, and what may go when it is old. What proves or explains something about people never does:
people, facts, deliveries, plans, outcomes and the trail stay.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from django.conf import settings
from django.db.models import QuerySet

from integrations.connectors.models import RequestLog
from integrations.outbound.models import Attempt, DeliveryState
from syncjobs.runs.models import LIVE, Checkpoint

BATCH = 5000  # rows a transaction: no lock is held for longer than a blink, and a stop loses one batch


@dataclass(frozen=True)
class Kept:
    """One kind of row that ages. `old(before)` finds what may go, `let_go` removes or empties these."""

    name: str
    says: str
    days: int
    old: Callable[[datetime], QuerySet[Any]]
    let_go: Callable[[QuerySet[Any]], object]


def kept() -> tuple[Kept, ...]:
    """The kinds, with the days of this installation."""
    return (
        Kept("requests", "calls in the request log", settings.KEEP_REQUESTS_DAYS, _requests, _delete),
        Kept("attempts", "tries of writes that arrived", settings.KEEP_ATTEMPTS_DAYS, _attempts, _delete),
        Kept("checkpoints", "lists of records seen by finished runs, emptied", settings.KEEP_CHECKPOINTS_DAYS, _checkpoints, _empty),
    )


def _requests(before: datetime) -> QuerySet[Any]:
    return RequestLog.objects.filter(at__lt=before)


def _attempts(before: datetime) -> QuerySet[Any]:
    """Of a write that failed or waits every try is kept: somebody may still ask why."""
    return Attempt.objects.filter(delivery__state=DeliveryState.DELIVERED, delivery__done_at__lt=before)


def _checkpoints(before: datetime) -> QuerySet[Any]:
    """The rows stay, with their counts; only the packed ids go, which nobody reads once the run has ended."""
    return Checkpoint.objects.exclude(seen=b"").filter(run__finished_at__lt=before).exclude(run__phase__in=LIVE)


def _delete(rows: QuerySet[Any]) -> None:
    rows.delete()


def _empty(rows: QuerySet[Any]) -> None:
    rows.update(seen=b"")


def prune(now: datetime, *, dry_run: bool = False) -> dict[str, int]:
    """{kind: how many}. Days of 0 or less keep that kind for ever. Doing it twice finds nothing the second time."""
    return {one.name: _prune(one, now - timedelta(days=one.days), dry_run) if one.days > 0 else 0 for one in kept()}


def _prune(one: Kept, before: datetime, dry_run: bool) -> int:
    old = one.old(before)
    if dry_run:
        return old.count()
    done = 0
    while numbers := list(old.order_by("pk").values_list("pk", flat=True)[:BATCH]):
        one.let_go(old.model._base_manager.filter(pk__in=numbers))
        done += len(numbers)
    return done
