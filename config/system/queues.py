"""How long the oldest work waits that could be done now. Tables of upper packages are named in strings."""

from __future__ import annotations

from datetime import datetime, timedelta

from django.apps import apps
from django.db.models import Case, F, Q, QuerySet, When
from django.utils.translation import gettext as _

from config.system.lines import Line
from config.templatetags.rollcall import lasting

SLOW, STUCK = timedelta(minutes=5), timedelta(minutes=30)
MOST = 1000  # counted no further


def queues(now: datetime) -> list[Line]:
    return [runs(now), deliveries(now)]


def runs(now: datetime) -> Line:
    """Runs a worker could go on with: queued ones whose connector is free, and started ones whose worker is gone."""
    rows = apps.get_model("syncjobs.SyncRun")._default_manager.all()
    is_behind = Q(phase="queued", connector__in=rows.filter(phase__in=("planning", "applying")).values("connector"))
    since = Case(When(phase="queued", then=F("wanted_at")), default=F("lease_until"))  # a started run is free only between two slices
    waiting = rows.filter(phase__one_of=("queued", "planning", "applying"), wanted_at__lte=now).exclude(is_behind)
    return _line(_("Runs"), waiting.annotate(since=since).filter(since__lte=now), "since", now)


def deliveries(now: datetime) -> Line:
    """Writes that are due to a target that may be written to: not paused, not resting after failures."""
    rested = Q(connector__breaker_until=None) | Q(connector__breaker_until__lte=now)
    waiting = apps.get_model("integrations.Delivery")._default_manager.filter(
        rested, state="pending", due_at__lte=now, connector__state="active"
    )
    return _line(_("Writes to other systems"), waiting, "due_at", now)


def _line(label: str, waiting: QuerySet, since: str, now: datetime) -> Line:
    """Two small queries: the oldest, and how many."""
    oldest: datetime | None = waiting.order_by(since).values_list(since, flat=True).first()
    if oldest is None:
        return Line(label, _("none waits"))
    count = waiting.order_by()[:MOST].count()
    age = now - oldest
    return Line(
        label,
        _("oldest due for %(span)s") % {"span": lasting(age)},
        "bad" if age > STUCK else "warn" if age > SLOW else "",
        _("%(n)s waiting") % {"n": f"{count}+" if count >= MOST else count},
        _("IT: look whether a worker is alive, and at its log. More workers make a long queue shorter.") if age > SLOW else "",
    )
