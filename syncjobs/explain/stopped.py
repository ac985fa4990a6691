"""Changes of one person that the guard stopped: they wait, were not approved, or lapsed. Reads only; two queries."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from django.db.models import Exists, F, Min, OuterRef, Q

from config.audit.models import Cause
from syncjobs.guards.models import Hold
from syncjobs.plans.models import ChangeKind, ChangeState, PlannedChange, PlanState

WAITS, REFUSED, LAPSED = "waits", "refused", "lapsed"
OF_PLAN = {PlanState.HELD: WAITS, PlanState.REJECTED: REFUSED, PlanState.LAPSED: LAPSED}


@dataclass(frozen=True, slots=True)
class Stopped:
    """One change of one account. `decided`: who did not approve it, and why; empty while it waits and where it lapsed."""

    at: datetime
    system: str
    target_id: int
    kind: str
    why: str
    state: str
    run_id: int
    decided: Cause | None
    is_latest: bool


def stopped(person_id: int, *, system: int = 0, before: datetime | None = None, most: int = 50) -> Sequence[Stopped]:
    """The newest first, from `before` back. `is_latest`: nothing was planned for this account since."""
    was_stopped = Q(state=ChangeState.REFUSED) | Q(state=ChangeState.PLANNED, plan__state__in=list(OF_PLAN))
    later = PlannedChange.objects.filter(person_id=OuterRef("person_id"), target=OuterRef("target"), pk__gt=OuterRef("pk"))
    rows = (
        PlannedChange.objects.filter(was_stopped, person_id=person_id, target__isnull=False, plan__run__is_dry=False)
        .exclude(kind=ChangeKind.SKIP)
        .annotate(at=Min("plan__run__holds__opened_at"), is_old=Exists(later.filter(plan__run__is_dry=False)))
        .filter(Q(at__lt=before) if before else Q(at__isnull=False))
        .select_related("plan", "target")
    )
    if system:
        rows = rows.filter(target=system)
    found = list(rows.order_by("-at", F("pk").desc())[:most])
    held = Hold.objects.filter(run__in={row.plan.run_id for row in found}, cause__isnull=False)
    causes = {hold.run_id: hold.cause for hold in held.select_related("cause__actor")}
    told = []
    for row in found:
        state = REFUSED if row.state == ChangeState.REFUSED else OF_PLAN[PlanState(row.plan.state)]
        decided = causes.get(row.plan.run_id) if state == REFUSED else None
        run = row.plan.run_id
        told.append(Stopped(row.at, str(row.target), row.target_id or 0, row.kind, row.reason, state, run, decided, not row.is_old))
    return told
