"""A run begins as a row; the bell after it only saves time."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from datetime import datetime
from typing import Any

from django.db import transaction
from django.db.models import OuterRef, Subquery

from config import clock
from config.audit.cause import because
from config.audit.record import record
from config.bell import ring
from config.roles.models import User
from config.say import neutral
from config.sentences import sentence
from identity.people.models import Link
from integrations.connectors.models import Connector
from syncjobs.runs.models import SyncRun, Trigger
from syncjobs.schedules.models import RunMode, SyncSchedule

FIRST_STAGE = {RunMode.PEOPLE: "gather", RunMode.PLAN: "resolve"}  # what the source said last is enough for them
LANES = {Trigger.CALENDAR: "urgent", Trigger.MANUAL: "default", Trigger.CHANGE: "default"}


@transaction.atomic
def start_run(
    connector: Connector,
    trigger: Trigger,
    mode: RunMode,
    *,
    actor: User | None = None,
    reason: str = "",
    is_dry: bool = False,
    scope: dict[str, Any] | None = None,
    schedule: SyncSchedule | None = None,
    due_at: datetime | None = None,
) -> SyncRun:
    """Queue a run. `scope` for RunMode.PEOPLE: {"people": [person ids], "records": [record ids]}.

    Whoever locks the source's row first takes a lock without its key (`no_key`): else somebody who has recorded already, and whose new
    run still has to look that row up at the commit, and the locker, who waits for the trail, would wait for each other.

    Raises IntegrityError when this due time of the schedule has its run already: a double tick.
    """
    now = clock.now()
    how = neutral(Trigger(trigger).label)
    label = (
        sentence("%(name)s, %(how)s, dry run", name=connector.name, how=how)
        if is_dry
        else sentence("%(name)s, %(how)s", name=connector.name, how=how)
    )
    waits_for_few = trigger == Trigger.CHANGE and mode == RunMode.PEOPLE and actor is None  # an answer, and whoever gave it waits
    cause = because("run", label, reason=reason, actor=actor)
    run = SyncRun.objects.create(
        connector=connector,
        trigger=trigger,
        mode=mode,
        is_dry=is_dry,
        scope=scope or {},
        schedule=schedule,
        due_at=due_at,
        cause=cause,
        lane="urgent" if waits_for_few else LANES.get(trigger, "bulk"),
        stage=FIRST_STAGE.get(mode, "fetch"),
        wanted_at=now,
        created_at=now,
    )
    record(cause, "run.queued", "run", str(run.pk), after={"connector": connector.key, "mode": mode, "dry": is_dry}, label=label)
    ring(run.lane)
    return run


def by_leading_source(people: Iterable[int]) -> dict[int, list[int]]:
    """Each person once, under the source that ranks first of those that speak of them."""
    by_connector: dict[int, list[int]] = defaultdict(list)
    joined = Link.objects.filter(person_id__any=list(people), until=None, record__connector__is_target=False)
    placed: set[int] = set()
    ranked = joined.order_by("person_id", "record__connector__rank", "record__connector_id")
    for person, source in ranked.values_list("person_id", "record__connector_id"):
        if person not in placed:
            placed.add(person)
            by_connector[source].append(person)
    return by_connector


def leading_source(person: str) -> Subquery:
    """The same as a question to rows that name a person in this column; empty where no source speaks of them."""
    joined = Link.objects.filter(person=OuterRef(person), until=None, record__connector__is_target=False)
    return Subquery(joined.order_by("record__connector__rank", "record__connector_id").values("record__connector")[:1])
