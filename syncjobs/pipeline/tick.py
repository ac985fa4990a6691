"""What a tick does: start the runs that are due, each once, and people whose day has come."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from datetime import datetime, timedelta
from typing import Any

from django.db import IntegrityError, transaction
from django.db.models import Q, QuerySet

from config import clock
from config.notices.models import Notice
from config.notices.notify import close
from identity.cases.models import Case, CaseState
from identity.people.models import Person, Replan
from integrations.connectors.models import Connector, ConnectorState
from integrations.mapping.value_map_rows import mark_dated
from integrations.outbound.models import Delivery, DeliveryState
from syncjobs.guards.evaluate import lapse
from syncjobs.pipeline.again import plan_again
from syncjobs.pipeline.arrivals import start_for_arrivals
from syncjobs.pipeline.verify import DEAD
from syncjobs.plans.models import ChangeState, PlannedChange, PlanState, WaitingChange
from syncjobs.plans.waiting import hand_out
from syncjobs.runs.models import WAITING, WORKABLE, Phase, SyncRun, Trigger
from syncjobs.runs.start import by_leading_source, leading_source, start_run
from syncjobs.schedules.late import tell_late
from syncjobs.schedules.models import READING, Blackout, DayTurn, Overlap, RunMode, SyncSchedule

REST = timedelta(minutes=10)  # after a run that failed or was cancelled, before the same people are tried again
NO_IS_NO = timedelta(days=1)  # after somebody did not approve what the clock brought about, before it asks again
MOST_PEOPLE = 5000  # per connector and tick; the rest is due at the next


def tick() -> int:
    """Everything that time alone brings about. Safe to be called twice at once. Returns how many runs were started."""
    now = clock.now()
    lapse(now)
    tell_late(now)
    _close_what_arrived()
    _turn_the_day()
    Case.objects.filter(state=CaseState.DEFERRED, deferred_until__lte=clock.today()).update(state=CaseState.OPEN, deferred_until=None)
    return plan_again() + _schedules(now) + start_for_arrivals(now, _is_blacked_out) + _calendar(now) + _ripe(now)


def _close_what_arrived() -> None:
    """Writes that did not arrive are no news any more once every one of them was sent after all, or given up."""
    for key in Notice.objects.filter(key__startswith=DEAD, closed_at=None).values_list("key", flat=True):
        runs = SyncRun.objects.filter(connector__key=key.removeprefix(DEAD))
        if not Delivery.objects.filter(state=DeliveryState.DEAD, cause__in=runs.values("cause")).exists():
            close(key)


def _turn_the_day() -> None:
    """Once a day: records that use a name which begins or ends today are translated again by the next run."""
    today = clock.today()
    if DayTurn.objects.filter(on=today).exists():
        return
    with transaction.atomic():
        last = DayTurn.objects.select_for_update().order_by("-on").first()
        _, is_first = DayTurn.objects.get_or_create(on=today)
        if is_first and last is not None and last.on < today:
            mark_dated(last.on, today)


def _schedules(now: datetime) -> int:
    started = 0
    for schedule in SyncSchedule.objects.filter(next_due_at=None, is_active=True).select_related("connector"):
        SyncSchedule.objects.filter(pk=schedule.pk).update(next_due_at=schedule.next_due(now))
    due = SyncSchedule.objects.filter(is_active=True, next_due_at__lte=now, connector__state=ConnectorState.ACTIVE).select_related(
        "connector"
    )
    for schedule in due.filter(Q(paused_until=None) | Q(paused_until__lte=now)):
        if not _is_blacked_out(schedule.connector, now):
            started += _start(schedule, now)
    return started


def _is_blacked_out(connector: Connector, now: datetime) -> bool:
    """In a blackout the due time stands still; the run starts once when it ends."""
    return Blackout.objects.filter(Q(connector=None) | Q(connector=connector), starts_at__lte=now, ends_at__gt=now).exists()


def _start(schedule: SyncSchedule, now: datetime) -> int:
    """One run for the due time, however many were missed. While another one that reads this source is at work, as the line says.

    Waiting is doing nothing: the due time stands still, as in a blackout, and is due again at the next tick.
    """
    due_at = schedule.next_due_at
    at_work = SyncRun.objects.filter(connector=schedule.connector, phase__in=(Phase.QUEUED, Phase.PLANNING), mode__in=READING)
    is_busy = at_work.exists()
    if is_busy and schedule.overlap == Overlap.WAIT:
        return 0
    starts = not is_busy or (schedule.overlap == Overlap.QUEUE and not at_work.filter(schedule=schedule, phase=Phase.QUEUED).exists())
    try:
        with transaction.atomic():
            moved = SyncSchedule.objects.filter(pk=schedule.pk, next_due_at=due_at).update(next_due_at=schedule.next_due(now))
            if moved and starts:
                start_run(schedule.connector, Trigger.SCHEDULE, RunMode(schedule.mode), schedule=schedule, due_at=due_at)
                return 1
    except IntegrityError:
        return 0  # another tick was first
    return 0


def _calendar(now: datetime) -> int:
    """People whose standing changes by itself now (day one, last day, leave), and people whom a decision concerns: each by its own run,
    so that whoever reads the run or somebody's history sees which of the two it was.

    A plan of some of them that waits for somebody keeps nobody else waiting: a last day is a last day.
    """
    since, dated = _due(now)
    if not since:
        return 0
    by_connector = by_leading_source(since)
    covered, declined = _covered(list(by_connector)), _declined(since, now)
    started = 0
    for connector in Connector.objects.filter(pk__any=list(by_connector)):
        people = {
            one for one in by_connector[connector.pk] if not is_covered(since[one], covered.get((connector.pk, one)), declined.get(one))
        }
        for trigger, some in ((Trigger.CALENDAR, people & dated), (Trigger.CHANGE, people - dated)):
            if not some:
                continue
            with transaction.atomic():
                Connector.objects.select_for_update(no_key=True).get(
                    pk=connector.pk
                )  # two ticks at once: the second sees the run of the first
                if _engaged(trigger, now).filter(connector=connector).exists():
                    continue
                start_run(connector, trigger, RunMode.PEOPLE, scope={"people": sorted(some)})
            started += 1
    return started


def _engaged(trigger: Trigger, now: datetime) -> QuerySet[SyncRun]:
    """Runs of this place that keep their source from beginning another one: at work, or failed so lately that it rests."""
    failed_lately = Q(phase__in=(Phase.FAILED, Phase.CANCELLED), finished_at__gt=now - REST)
    before = SyncRun.objects.filter(trigger=trigger, mode=RunMode.PEOPLE, cause__actor=None)
    return before.filter(Q(phase__in=WORKABLE) | failed_lately)


def is_covered(since: datetime, *planned_at: datetime | None) -> bool:
    """Whether a plan that waits or was not approved says already what is to become of somebody: it was made after the day, or the
    request, had come. Pure."""
    return any(at is not None and at >= since for at in planned_at)


def _due(now: datetime) -> tuple[dict[int, datetime], set[int]]:
    """Person → since when they are to be planned; and who of them is due by a date."""
    due = Person.objects.filter(next_change_at__lte=now).order_by("next_change_at")
    asked = Replan.objects.order_by("-is_urgent", "id")
    days, wishes = _days(due[:MOST_PEOPLE]), _wishes(asked[:MOST_PEOPLE])
    if MOST_PEOPLE in (len(days), len(wishes)):  # nothing may be to do now for those in front: look past them
        most = MOST_PEOPLE + _asked_about(now)
        days = _days(_free(due, "pk", Trigger.CALENDAR, now)[:most])
        wishes = _wishes(_free(asked, "person_id", Trigger.CHANGE, now)[:most])
    since = {person: at for person, at in days if at is not None}
    dated = set(since)
    for person, at, day in wishes:
        if day is not None and day <= now:
            dated.add(person)
        since[person] = max(at, since.get(person, at))
    return since, dated


def _days(rows: QuerySet[Person]) -> list[tuple[int, datetime | None]]:
    return list(rows.values_list("pk", "next_change_at"))


def _wishes(rows: QuerySet[Replan]) -> list[tuple[int, datetime, datetime | None]]:
    return list(rows.values_list("person_id", "at", "person__next_change_at"))


def _free(rows: QuerySet[Any], person: str, trigger: Trigger, now: datetime) -> QuerySet[Any]:
    """Those whose leading source could begin a run of this kind now."""
    engaged = list(_engaged(trigger, now).values_list("connector_id", flat=True))
    return rows.annotate(lead=leading_source(person)).filter(lead__isnull=False).exclude(lead__in=engaged)


def _asked_about(now: datetime) -> int:
    """How many people at most stay due because a plan of them waits for somebody or was lately not approved."""
    waiting = SyncRun.objects.filter(mode=RunMode.PEOPLE, phase__in=WAITING).values_list("scope", flat=True)
    return sum(len(scope.get("people", ())) for scope in waiting) + _refused(now).values("person_id").distinct().count()


def _refused(now: datetime) -> QuerySet[PlannedChange]:
    lately = PlannedChange.objects.filter(plan__made_at__gt=now - NO_IS_NO)
    return lately.filter(Q(state=ChangeState.REFUSED) | Q(plan__state=PlanState.REJECTED, plan__run__mode=RunMode.PEOPLE))


def _covered(sources: Sequence[int]) -> dict[tuple[int, int], datetime]:
    """Source and person → when the last plan of chosen people was made that has this person in it and waits for somebody."""
    waiting = SyncRun.objects.filter(connector__any=sources, mode=RunMode.PEOPLE, phase__in=WAITING).order_by("plan__made_at")
    rows = waiting.values_list("connector_id", "scope", "plan__made_at")
    return {(source, person): made_at for source, scope, made_at in rows if made_at for person in scope.get("people", ())}


def _declined(people: Collection[int], now: datetime) -> dict[int, datetime]:
    """Person → when the plan was made that somebody has lately kept from being applied to them. The clock alone asks again a day later."""
    refused = _refused(now).filter(person_id__any=list(people))
    return {person: at for person, at in refused.order_by("plan__made_at").values_list("person_id", "plan__made_at") if at is not None}


def _ripe(now: datetime) -> int:
    """People whose waiting changes are due: one run for each source, beside the calendar's, so that a plan of these that a guard holds
    keeps no first or last day waiting. Those whose source is at work on earlier ones already stand in nobody's way, however many."""
    waiting = WaitingChange.objects.filter(due_at__lte=now, target__state=ConnectorState.ACTIVE).select_related("target")
    at_work = SyncRun.objects.filter(trigger=Trigger.WAITED, phase__in=WORKABLE)
    if busy := list(at_work.values_list("connector_id", flat=True).distinct()):
        waiting = waiting.annotate(lead=leading_source("person_id")).filter(Q(lead__isnull=True) | ~Q(lead__in=busy))
    rows = list(waiting.order_by("due_at", "id")[:MOST_PEOPLE])
    if not rows:
        return 0
    started = 0
    by_connector = by_leading_source({row.person_id for row in rows})
    spoken_of = {person for people in by_connector.values() for person in people}
    hand_out((row for row in rows if row.person_id not in spoken_of), now)  # nobody can plan them; the next window looks again
    for connector in Connector.objects.filter(pk__any=list(by_connector)):
        people = set(by_connector[connector.pk])
        with transaction.atomic():
            Connector.objects.select_for_update(no_key=True).get(pk=connector.pk)  # two ticks at once: the second sees the run of the first
            if at_work.filter(connector=connector).exists():
                continue
            start_run(connector, Trigger.WAITED, RunMode.PEOPLE, scope={"people": sorted(people), "ripe": True})
            hand_out((row for row in rows if row.person_id in people), now)
        started += 1
    return started
