"""Retention once a day by itself: whoever ticks after the hour takes the day's row and works it off, a few batches at a time.

Every batch is a transaction of its own that renews the lease, counts on the row and stops when another has taken over; a killed worker
costs one batch. The real time counts, not the sandbox's: an invented day ages nothing.
"""

from __future__ import annotations

import uuid
from datetime import datetime, timedelta

from django.conf import settings
from django.db import transaction
from django.db.models import Q

from config import clock
from config.audit.cause import because
from config.audit.models import CauseKind
from config.audit.record import record
from config.health.heartbeat import real_now
from config.sentences import Sentence, sentence
from syncjobs.ledger.models import PruneTurn
from syncjobs.ledger.prune import batches

LEASE = timedelta(minutes=2)  # a batch takes a second; this is the disk's worst day
TURN_SECONDS = 2.0  # then the pulse looks at other work first; it comes back at once


def prune_due(now: datetime | None = None) -> bool:
    """A few batches of today's retention, if its hour has come and nobody is at it. True when there is more to do."""
    now = now or real_now()
    local = now.astimezone(clock.zone(settings.ORGANISATION_ZONE))
    if not settings.PRUNE_DAILY or local.hour < settings.PRUNE_HOUR:
        return False
    if PruneTurn.objects.filter(Q(finished_at__isnull=False) | Q(lease_until__gte=now), on=local.date()).exists():
        return False
    turn = _taken(PruneTurn.objects.get_or_create(on=local.date(), defaults={"started_at": now})[0], now)
    return turn is not None and _work(turn, now)


def _taken(turn: PruneTurn, now: datetime) -> PruneTurn | None:
    """The row with our lease on it, None when another was quicker. One conditional UPDATE decides."""
    token = str(uuid.uuid4())
    free = PruneTurn.objects.filter(Q(lease_until=None) | Q(lease_until__lt=now), pk=turn.pk, finished_at=None)
    if not free.update(lease_token=token, lease_until=now + LEASE):
        return None
    return PruneTurn.objects.get(pk=turn.pk)


def _work(turn: PruneTurn, now: datetime) -> bool:
    ends = clock.monotonic() + TURN_SECONDS
    for kind, let_go in batches(now):
        with transaction.atomic():
            held = PruneTurn.objects.select_for_update().filter(pk=turn.pk, lease_token=turn.lease_token).first()
            if held is None:
                return False  # somebody else goes on
            held.removed = {**held.removed, kind: held.removed.get(kind, 0) + let_go()}
            is_over = clock.monotonic() >= ends
            held.lease_until = None if is_over else real_now() + LEASE
            held.save(update_fields=["removed", "lease_until"])
        if is_over:
            return True
    _finish(turn)
    return False


@transaction.atomic
def _finish(turn: PruneTurn) -> None:
    ours = PruneTurn.objects.filter(pk=turn.pk, lease_token=turn.lease_token)
    if ours.update(finished_at=real_now(), lease_token="", lease_until=None):
        tell(PruneTurn.objects.get(pk=turn.pk).removed, sentence("Retention of %(day)s", day=turn.on))


def by_hand(removed: dict[str, int], now: datetime) -> None:
    """Keep what a prune on the shell did, for the System page and the trail."""
    with transaction.atomic():
        PruneTurn.objects.create(removed=removed, started_at=now, finished_at=real_now())
        tell(removed, sentence("Retention, by hand"))


def tell(removed: dict[str, int], label: Sentence) -> None:
    """One entry in the trail, where something went."""
    if any(removed.values()):
        record(because(CauseKind.SYSTEM, label), "retention.pruned", "installation", "retention", after=removed)
