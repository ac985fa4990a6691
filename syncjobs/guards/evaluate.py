"""Stage guard: weigh the plan before the first write, per target and kind of change."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime

from django.db.models import Count, Exists, OuterRef, Q

from config.sentences import Sentence, sentence
from identity.people.models import Link
from integrations.canonical import BY_KEY
from integrations.connectors.models import Connector
from syncjobs.guards.limits import limit_for, weigh
from syncjobs.guards.models import Hold, HoldState
from syncjobs.guards.open import end_holds_of_dry, open_hold
from syncjobs.guards.overtake import overtaken
from syncjobs.plans.groups import Group, groups_of
from syncjobs.plans.models import ChangeState, Plan, PlannedChange, PlanState
from syncjobs.runs.context import Context
from syncjobs.runs.counts import EMPTIED
from syncjobs.runs.held import no_longer_held, tell_held
from syncjobs.runs.models import WAITING, Phase, SyncRun
from syncjobs.runs.slice import Slice


def guard(work: Slice, context: Context) -> bool:
    """True when the plan may be applied now. False when it is held: then the run waits for a person.

    A dry run is weighed as well, and its holds say what would stop it; but it waits for nobody and overtakes no other.
    """
    run = work.run
    with work.step():
        plan = Plan.objects.select_for_update().get(run=run)
        plan.groups = groups_of(plan)
        plan.counts = counts_of(plan.groups, context)
        holds = _holds(run, plan, context)
        has_overtaken = False
        if run.is_dry:
            end_holds_of_dry(run)
            holds = []
        else:
            has_overtaken = _supersede(run, context.now)
        plan.state = PlanState.HELD if holds else PlanState.READY
        plan.lapses_at = min((hold.lapses_at for hold in holds), default=None)
        plan.save()
        if holds:
            run.phase = Phase.AWAITING if all(hold.code == "first_plan" for hold in holds) else Phase.HELD
            tell_held(run, Sentence(holds[0].sentence))
        elif has_overtaken:
            no_longer_held(run.connector)
    return not holds


def counts_of(groups: Sequence[Group], context: Context) -> dict[str, dict[str, int]]:
    """{"people" or target key: {kind: n}}. What waits for its hour is written by a later plan, which is weighed then."""
    counts: dict[str, dict[str, int]] = {}
    written = [group for group in groups if group["state"] != ChangeState.WAITS]
    for group in sorted(written, key=lambda one: (one["target_id"] or 0, one["kind"])):
        kinds = counts.setdefault(context.connectors[group["target_id"]].key if group["target_id"] else "people", {})
        kinds[group["kind"]] = kinds.get(group["kind"], 0) + group["n"]
    return counts


def _holds(run: SyncRun, plan: Plan, context: Context) -> list[Hold]:
    by_key = {connector.key: connector for connector in context.targets}
    found: list[Hold] = []
    for key, kinds in plan.counts.items():
        target = by_key.get(key)
        changes = {kind: n for kind, n in kinds.items() if kind != "skip"}
        if target is None or not changes:
            continue
        if _is_first(target):
            found.append(_first_plan(run, target, changes, context.now))
            continue
        found += _too_many(run, target, changes, context)
    return found + _emptied(run, context)


def _emptied(run: SyncRun, context: Context) -> list[Hold]:
    """A column that was renamed or left out looks like everybody losing a value at once (row 16)."""
    lost = {key.removeprefix(EMPTIED): n for key, n in run.counts.items() if key.startswith(EMPTIED)}
    if not lost:
        return []
    of = Link.objects.filter(until=None, record__connector=run.connector, record__gone_at=None).count()
    limit = limit_for("empty", run.connector.guard)
    breaches = {key: breach for key, n in sorted(lost.items()) if (breach := weigh("empty", n, of, limit)) is not None}
    if not breaches:
        return []
    which = [sentence("%(attribute)s: %(why)s", attribute=_label(key), why=breach.why) for key, breach in breaches.items()]
    reason = sentence("%(system)s leaves values empty that it used to fill: %(which)s.", system=run.connector.name, which=which)
    return [open_hold(run, "values_emptied", reason, context.now, people=max(one.people for one in breaches.values()), of=of)]


def _label(key: str) -> Sentence:
    return Sentence(BY_KEY[key].label) if key in BY_KEY else Sentence(key.replace("_", " "))


def _is_first(target: Connector) -> bool:
    return not PlannedChange.objects.filter(target=target, state=ChangeState.APPLIED).exists()


def _first_plan(run: SyncRun, target: Connector, changes: Mapping[str, int], now: datetime) -> Hold:
    total = sum(changes.values())
    reason = sentence(
        "The first plan for %(system)s waits for your approval: %(n)s person.",
        "The first plan for %(system)s waits for your approval: %(n)s people.",
        system=target.name,
        n=total,
    )
    return open_hold(run, "first_plan", reason, now, target_key=target.key, people=total)


def _too_many(run: SyncRun, target: Connector, changes: Mapping[str, int], context: Context) -> list[Hold]:
    limits = {kind: limit_for(kind, target.guard, run.connector.guard) for kind in changes}
    weighty = {kind: people for kind, people in changes.items() if limits[kind].is_reached(people)}
    there = _accounts(run.connector, target) if weighty else {}
    found = []
    for kind, people in weighty.items():
        breach = weigh(kind, people, there["active" if kind == "deactivate" else "all"], limits[kind], run.connector.name)
        if breach is not None:
            reason = sentence("In %(system)s %(why)s.", system=target.name, why=breach.why)
            found.append(
                open_hold(run, "too_many", reason, context.now, target_key=target.key, kind=kind, people=breach.people, of=breach.of)
            )
    return found


def _accounts(source: Connector, target: Connector) -> dict[str, int]:
    """Accounts there of people this source speaks of, the only ones it could hit. Sixty leavers of ninety are many, whoever else learns
    there."""
    spoken_of = Link.objects.filter(person=OuterRef("person"), until=None, record__connector=source)
    accounts = Link.objects.filter(Exists(spoken_of), until=None, record__connector=target, record__gone_at=None)
    return accounts.aggregate(all=Count("id"), active=Count("id", filter=~Q(record__values__suspended=True)))


def _supersede(run: SyncRun, now: datetime) -> bool:
    """Older plans of this source that wait, and that this one leaves nothing of, lapse and change nothing. True when there were."""
    waiting = SyncRun.objects.filter(connector=run.connector, pk__lt=run.pk, phase__in=WAITING)
    older = {one.pk: why for one in waiting if (why := overtaken(one, run)) is not None}
    Hold.objects.filter(run__any=list(older), state=HoldState.OPEN).update(state=HoldState.LAPSED)
    Plan.objects.filter(run__any=list(older), state=PlanState.HELD).update(state=PlanState.LAPSED)
    for pk, why in older.items():
        SyncRun.objects.filter(pk=pk).update(phase=Phase.CANCELLED, error_detail=why, finished_at=now)
    return bool(older)


def lapse(now: datetime) -> int:
    """Holds nobody decided in time end without changing anything. Returns how many runs ended."""
    late = SyncRun.objects.filter(phase__in=WAITING, holds__state=HoldState.OPEN, holds__lapses_at__lte=now)
    ids = list(late.values_list("pk", flat=True).distinct())
    Hold.objects.filter(run__any=ids, state=HoldState.OPEN).update(state=HoldState.LAPSED)
    Plan.objects.filter(run__any=ids, state=PlanState.HELD).update(state=PlanState.LAPSED)
    SyncRun.objects.filter(pk__any=ids).update(
        phase=Phase.CANCELLED, error_detail=sentence("nobody decided in time; nothing was changed"), finished_at=now
    )
    for source in Connector.objects.filter(pk__in=SyncRun.objects.filter(pk__any=ids).values("connector")):
        no_longer_held(source)  # what is held again by the next run is told again
    return len(ids)
