"""A plan in groups: how many people have the same change for the same reason. Counted where the rows change, not where they are shown."""

from __future__ import annotations

from typing import Any

from django.db.models import Count, Max, Min

from syncjobs.plans.models import Plan, PlannedChange

Group = dict[str, Any]  # target_id, kind, reason_code, state, n, and the ids of two examples: first, last


def groups_of(plan: Plan) -> list[Group]:
    """One query over all changes of the plan; with 100,000 of them it takes as long as the rest of their page three times over."""
    rows = (
        PlannedChange.objects.filter(plan=plan)
        .order_by()
        .values("target_id", "kind", "reason_code", "state")
        .annotate(n=Count("id"), first=Min("id"), last=Max("id"))
        .order_by("target_id", "-n", "kind", "reason_code", "state")
    )
    return [dict(row) for row in rows]
