"""What is only kept for a while, and what may go when it is old. What proves or explains something about people never does:
people, facts, deliveries, plans, outcomes and the trail stay.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import partial
from typing import Any

from django.conf import settings
from django.db import transaction
from django.db.models import Model, QuerySet
from django.utils.translation import gettext_lazy

from config.parts.shapes import Text
from integrations.connectors.models import RequestLog
from integrations.outbound.models import Attempt, DeliveryState
from syncjobs.runs.models import LIVE, Checkpoint

BATCH = 5000  # rows a transaction: no lock is held for longer than a blink, and a stop loses one batch


@dataclass(frozen=True)
class Kept:
    """One kind of row that ages. `old(before)` finds what may go, `let_go` removes or empties these."""

    name: str
    says: Text
    days: int
    table: type[Model]
    old: Callable[[datetime], QuerySet[Any]]
    let_go: Callable[[QuerySet[Any]], object]


def kept() -> tuple[Kept, ...]:
    """The kinds, with the days of this installation."""
    requests, attempts, checkpoints = settings.KEEP_REQUESTS_DAYS, settings.KEEP_ATTEMPTS_DAYS, settings.KEEP_CHECKPOINTS_DAYS
    lists = gettext_lazy("lists of records seen by finished runs, emptied")
    return (
        Kept("requests", gettext_lazy("calls in the request log"), requests, RequestLog, _requests, _delete),
        Kept("attempts", gettext_lazy("tries of writes that arrived"), attempts, Attempt, _attempts, _delete),
        Kept("checkpoints", lists, checkpoints, Checkpoint, _checkpoints, _empty),
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
    found = dict.fromkeys((one.name for one in kept()), 0)
    if dry_run:
        return found | {one.name: one.old(before).count() for one, before in _ageing(now)}
    for name, let_go in batches(now):
        found[name] += let_go()
    return found


def batches(now: datetime) -> Iterator[tuple[str, Callable[[], int]]]:
    """What may go, kind by kind and batch by batch: the kind, and what lets the batch go and says how many. Each must be called in turn."""
    for one, before in _ageing(now):
        while numbers := list(one.old(before).order_by("pk").values_list("pk", flat=True)[:BATCH]):
            yield one.name, partial(_go, one, numbers)


def _ageing(now: datetime) -> Iterator[tuple[Kept, datetime]]:
    return ((one, now - timedelta(days=one.days)) for one in kept() if one.days > 0)


def _go(one: Kept, numbers: list[int]) -> int:
    with transaction.atomic():
        one.let_go(one.table._base_manager.filter(pk__in=numbers))
    return len(numbers)
