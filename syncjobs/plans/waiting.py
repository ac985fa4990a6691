"""Changes that wait for their hour: kept when a plan is applied, taken up again when the hour has come.

A row says that an account differs in fields that can wait, and until when. It holds no values: when its hour comes the person is planned
again, so that what goes out is what is true then, once, however often it changed meanwhile.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterable
from datetime import datetime

from django.db.models import Exists, OuterRef, QuerySet

from config import clock
from config.bulk import upsert_rows
from integrations.connectors.models import Connector
from syncjobs.plans.desired import TargetPolicy
from syncjobs.plans.models import ChangeState, Plan, PlannedChange, WaitingChange
from syncjobs.plans.routes import next_window
from syncjobs.runs.context import Context
from syncjobs.runs.models import RecordOutcome

COLUMNS = ("person", "target", "route", "fields", "since", "due_at")


def window(target: Connector, route: str, now: datetime) -> datetime:
    """When changes of this route go to this target next."""
    return next_window(route, now, TargetPolicy.of(target.policy, target.settings).nightly_hour, clock.zone(None))


def ripe(people: Collection[int], now: datetime) -> set[tuple[int, int]]:
    """(person, target) of those whose hour has come. One query."""
    rows = WaitingChange.objects.filter(person_id__any=list(people), due_at__lte=now)
    return set(rows.values_list("person_id", "target_id"))


def keep_waiting(plan: Plan, context: Context, done: QuerySet[RecordOutcome]) -> None:
    """After a plan: what it puts off is kept, what it found settled is let go. In the caller's transaction.

    `done`: outcomes of the people whose plan was carried out. The hour of somebody who waits already stays, so that changing a title
    every day does not put it off for ever.
    """
    put_off = PlannedChange.objects.filter(plan=plan, state=ChangeState.WAITS)
    if WaitingChange.objects.exists():
        again = put_off.filter(person_id=OuterRef("person_id"), target=OuterRef("target"))
        settled = WaitingChange.objects.filter(person_id__in=done.values("person_id"), target__in=context.targets)
        settled.filter(~Exists(again)).delete()
    rows = {
        (person, target): (extra["route"], sorted(after), context.now, datetime.fromisoformat(extra["due_at"]))
        for person, target, extra, after in put_off.values_list("person_id", "target_id", "extra", "after")
    }
    if not rows:
        return
    standing = WaitingChange.objects.filter(person_id__any=list({person for person, _target in rows}))
    for one in standing:
        if (place := (one.person_id, one.target_id)) in rows:
            route, fields, _since, due_at = rows[place]
            rows[place] = (route, fields, one.since, min(due_at, one.due_at))
    upsert_rows(
        WaitingChange,
        COLUMNS,
        [(*place, *values) for place, values in rows.items()],
        unique=("person", "target"),
        update=("route", "fields", "since", "due_at"),
    )


def hand_out(rows: Iterable[WaitingChange], now: datetime) -> None:
    """Their run has begun. Should it fail, or nobody approve its plan, they come up again in the next window."""
    by_window: dict[tuple[Connector, str], list[int]] = defaultdict(list)
    for row in rows:
        by_window[row.target, row.route].append(row.pk)
    for (target, route), ids in by_window.items():
        WaitingChange.objects.filter(pk__any=ids).update(due_at=window(target, route, now))
