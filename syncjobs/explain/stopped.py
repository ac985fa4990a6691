"""Changes of one person that the guard stopped: they wait, were not approved, or lapsed. Reads only; two queries.

A refusal stands until the account gets a change after all, however often the same was planned, held and left to lapse meanwhile: whoever
asks for the very same in between is told of it and says why (pages/person.py). It forbids nothing, the guard weighs the new plan anew.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db.models import Exists, F, Max, OuterRef, Q

from config.audit.models import Cause
from syncjobs.guards.models import Hold, HoldState
from syncjobs.plans.models import ChangeKind, ChangeState, PlannedChange, PlanState
from syncjobs.runs.models import WAITING

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
    after: Mapping[str, Any]
    is_standing: bool

    def asks_for(self, kind: str, after: Mapping[str, Any]) -> bool:
        """Whether a change of the same account would do any of what was stopped here."""
        return kind == self.kind and any(key in after and after[key] == value for key, value in self.after.items())


def stopped(person_id: int, *, system: int = 0, before: datetime | None = None, most: int = 50) -> Sequence[Stopped]:
    """The newest first, from `before` back. `is_standing`: the account got no change since."""
    was_stopped = Q(state=ChangeState.REFUSED) | Q(state=ChangeState.PLANNED, plan__state__in=list(OF_PLAN))
    later = PlannedChange.objects.filter(person_id=OuterRef("person_id"), target=OuterRef("target"), pk__gt=OuterRef("pk"))
    rows = (
        PlannedChange.objects.filter(was_stopped, person_id=person_id, target__isnull=False, plan__run__is_dry=False)
        .exclude(kind=ChangeKind.SKIP)
        .annotate(at=Max("plan__run__holds__opened_at"), is_over=Exists(later.filter(state=ChangeState.APPLIED)))
        .filter(Q(at__lt=before) if before else Q(at__isnull=False))
        .select_related("plan__run", "target")
    )
    if system:
        rows = rows.filter(target=system)
    found = list(rows.order_by("-at", F("pk").desc())[:most])
    held = Hold.objects.filter(run__in={row.plan.run_id for row in found}, cause__isnull=False)
    causes = {hold.run_id: (hold.state, hold.cause) for hold in held.select_related("cause__actor").order_by("cause__at", "pk")}
    told = []
    for row in found:
        how, cause = causes.get(row.plan.run_id, ("", None))
        state = REFUSED if row.state == ChangeState.REFUSED else OF_PLAN[PlanState(row.plan.state)]
        if state == WAITS and row.plan.run.phase not in WAITING:  # its run was cancelled
            state = REFUSED if how == HoldState.REFUSED else LAPSED
        decided, system_name = cause if state == REFUSED else None, str(row.target)
        told.append(
            Stopped(
                row.at, system_name, row.target_id or 0, row.kind, row.reason, state, row.plan.run_id, decided, row.after, not row.is_over
            )
        )
    return told
