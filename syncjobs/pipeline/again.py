"""Everybody is planned again when it was decided anew who is planned, or how: one way for every such decision.

The pilot group, rules, the rank, settings and mapping of a target, the mapping of a source, a target that is new or back, a source that
is switched off or on again; by a page, a bundle or a command. The decision itself only leaves its moment on the row it changed. The tick
finds it and starts one run for each source, which reads nothing; a run that reads does the same if it comes first. Which of them was
applied last decides whether it is still to be done (`gather.py`), so a plan that was stopped, refused or lost is made again by the next
run, and not over and over by the clock.
"""

from __future__ import annotations

from datetime import datetime

from django.db import transaction
from django.db.models import Max, OuterRef, QuerySet, Subquery

from integrations.connectors.models import Connector, ConnectorState
from integrations.mapping.models import MappingState, MappingVersion
from syncjobs.plans.models import PlanState
from syncjobs.runs.models import WORKABLE, SyncRun, Trigger
from syncjobs.runs.slice import BEFORE_APPLIED
from syncjobs.runs.start import start_run
from syncjobs.schedules.models import RunMode


def plan_again() -> int:
    """Start a run for each source whose last plan is older than what it should be made by. Returns how many; two queries when none is."""
    started = 0
    for source, changed_at in _outdated():
        with transaction.atomic():
            Connector.objects.select_for_update(no_key=True).get(pk=source.pk)  # of two ticks at once the second finds the run of the first
            runs = SyncRun.objects.filter(connector=source)
            if (
                not runs.filter(trigger=Trigger.CHANGE, mode=RunMode.PLAN, created_at__gte=changed_at).exists()
                and not _at_work(runs).exists()
            ):
                start_run(source, Trigger.CHANGE, RunMode.PLAN)
                started += 1
    return started


def _outdated() -> list[tuple[Connector, datetime]]:
    """Sources whose newest plan, applied or waiting for somebody, began before a decision about them or about a target; and its moment."""
    plans = SyncRun.objects.filter(connector=OuterRef("pk"), is_dry=False, plan__state__in=(PlanState.APPLIED, PlanState.HELD))
    newest = plans.exclude(mode=RunMode.PEOPLE).order_by("-pk").values("created_at")[:1]
    every = list(Connector.objects.annotate(planned_at=Subquery(newest)))
    systems = [one for one in every if one.state == ConnectorState.ACTIVE]
    published = MappingVersion.objects.filter(state=MappingState.PUBLISHED).order_by()
    mapped: dict[int, datetime | None] = dict(published.values_list("connector").annotate(at=Max("published_at")))
    decided = {one.pk: [at for at in (one.rules_changed_at, mapped.get(one.pk)) if at] for one in systems}
    of_others = [at for one in systems if one.is_target for at in decided[one.pk]]
    of_others += [one.rules_changed_at for one in every if one.is_off and one.rules_changed_at]  # its people are led by others now
    sources = [(one, max(decided[one.pk] + of_others, default=None)) for one in systems if not one.is_target]
    return [(one, at) for one, at in sources if at and one.planned_at and at > one.planned_at]


def _at_work(runs: QuerySet[SyncRun]) -> QuerySet[SyncRun]:
    """Those to be waited for: what they plan is not on its way yet."""
    return runs.filter(stage__in=BEFORE_APPLIED, phase__in=WORKABLE)
