"""Stage plan: what is true of each person now, and what every target should hold, minus what is recorded.

Batches of people, a constant number of queries each; the rules are pure. There is no client here, so a plan cannot write to
any system; a dry run is this same code, and nothing after it.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from config import clock
from config.ahead import ahead
from config.bulk import count_anew, insert_rows, rows_a_step
from integrations.outbound.models import Delivery
from integrations.records.models import SourceRecord
from syncjobs.plans.accounts import Planned, account_changes
from syncjobs.plans.asked import SCOPE, Asked
from syncjobs.plans.circles import Circles, circles_of
from syncjobs.plans.managers import NOBODY_ABOVE, manager_values, settle_managers
from syncjobs.plans.models import ChangeState, Plan, PlannedChange
from syncjobs.plans.own_facts import own_change
from syncjobs.plans.picture import IN_PLAN, Picture, pictures
from syncjobs.runs.context import Context
from syncjobs.runs.counts import EMPTIED, added, with_mapping
from syncjobs.runs.models import RecordOutcome, SyncRun, Trigger
from syncjobs.runs.slice import Slice
from syncjobs.schedules.models import RunMode

COLUMNS = ("plan", "target", "kind", "person_id", "name", "reason_code", "reason", "before", "after", "extra", "base_version", "state")


def plan_people(work: Slice, context: Context) -> bool:
    """True when every person of this run is planned; False when the slice is over."""
    run = work.run
    with work.step():
        # Earlier than everything the plan looks at: what changes from now on is not taken for done by it.
        newest = Delivery.objects.order_by("-pk").values_list("pk", flat=True).first()
        plan, _ = Plan.objects.get_or_create(run=run, defaults={"made_at": clock.now(), "knows_to": newest or 0})
        if not isinstance(run.cursor, dict) or "person" not in run.cursor:
            run.cursor = {"person": 0}
            run.done, run.total = 0, _in_plan(run).values("person_id").distinct().count()
            for target in context.targets if run.total else ():
                name = context.target_stream(target)
                run.counts = with_mapping(run.counts, target.key, name, context.mapping(target, name).number)
    if run.cursor["person"] == 0 and run.total and run.total > rows_a_step():
        count_anew(SourceRecord, RecordOutcome)
    with ahead(_drafts(run, context, run.cursor["person"])) as ready:
        for draft in ready:
            rows, counts = changes(plan, draft)
            with work.step(can_repeat=True):
                insert_rows(PlannedChange, COLUMNS, rows)
                run.counts = added(run.counts, counts)
                run.cursor = {"person": draft.people[-1]}
                run.done += len(draft.people)
            if work.is_over:
                ready.enough()
    if ready.is_cut:
        return False
    _settle_circles(work, context, plan)
    return True


def _settle_circles(work: Slice, context: Context, plan: Plan) -> None:
    """Whoever is in a circle now, or is not any more, is planned once more, in one transaction: killed, it is done again or was done."""
    run = work.run
    found = circles_of(run, plan) if not run.cursor.get("circles") else Circles([], frozenset())
    if not found.again:
        return
    draft = draft_of(run, context, found.again, found.inside)
    with work.step():
        old = PlannedChange.objects.filter(plan=plan, person_id__any=found.again)
        told = [after for own, after in old.values_list("target_id", "after") if own is None]
        before = Counter(planned=old.count(), **_emptied(told))
        old.delete()
        rows, counts = changes(plan, draft)
        insert_rows(PlannedChange, COLUMNS, rows)
        known = ("planned", "in_circle", *(key for key in counts.keys() | before.keys() if key.startswith(EMPTIED)))
        run.counts = added(run.counts, Counter({key: counts[key] - before[key] for key in known}))
        run.cursor = {**run.cursor, "circles": True}


def _in_plan(run: SyncRun) -> Any:
    return RecordOutcome.objects.filter(run=run, outcome__in=IN_PLAN, person_id__isnull=False)


@dataclass(frozen=True)
class Draft:
    """A batch of people as they will stand, and what changes in the targets."""

    people: list[int]
    seen: list[Picture]
    planned: list[Planned]
    counts: Counter[str]


def _drafts(run: SyncRun, context: Context, after: int) -> Iterator[Draft]:
    """In the order of the people's numbers. Reads only what no plan writes, so it may run ahead of what is stored."""
    waiting = _in_plan(run).order_by("person_id").values_list("person_id", flat=True).distinct()
    while people := list(waiting.filter(person_id__gt=after)[: rows_a_step()]):
        yield draft_of(run, context, people)
        after = people[-1]


def draft_of(run: SyncRun, context: Context, people: list[int], inside: Collection[int] = ()) -> Draft:
    """A constant number of queries, however many people. `inside`: those who report to each other in a circle."""
    seen = pictures(run, context, people)
    settle_managers(run, context, seen, inside)
    planned, counts = account_changes(context, seen, manager_values(run, seen), is_now=_is_now(run), asked=Asked.of(run))
    return Draft(people, seen, planned, counts)


def _is_now(run: SyncRun) -> bool:
    """Whoever asks for one person now, and the run of those whose hour has come, wait for nothing."""
    return run.mode == RunMode.PEOPLE and (run.trigger == Trigger.MANUAL or bool(run.scope.get("ripe") or run.scope.get(SCOPE)))


def changes(plan: Plan, draft: Draft) -> tuple[list[tuple[Any, ...]], Counter[str]]:
    """The planned changes of these people as rows (COLUMNS), and counts for the run; `emptied:…` how many lose a value without another."""
    rows = list(_rows(plan, draft))
    draft.counts.update(_emptied(row[8] for row in rows if row[1] is None))
    circles = sum(picture.primary.why in NOBODY_ABOVE for picture in draft.seen)
    draft.counts.update(chosen=len(draft.seen), planned=len(rows), in_circle=circles)
    return rows, draft.counts


def _emptied(told: Iterable[Mapping[str, Any]]) -> Counter[str]:
    """How many of these changes of our own facts leave which value empty."""
    return Counter(EMPTIED + key for after in told for key, value in after.items() if value is None)


def _rows(plan: Plan, draft: Draft) -> Iterator[tuple[Any, ...]]:
    for picture in draft.seen:
        own = own_change(picture)
        if own is not None:
            kind, code, reason, before, after, extra = own
            yield (
                plan.pk,
                None,
                kind,
                picture.person_id,
                picture.name,
                code,
                reason,
                before,
                after,
                extra,
                picture.base_version,
                ChangeState.PLANNED,
            )
    for picture, target, account, extra in draft.planned:
        what = (account.kind, picture.person_id, picture.name, account.reason_code[:40], account.reason)
        state = ChangeState.WAITS if "due_at" in extra else ChangeState.PLANNED
        yield plan.pk, target.pk, *what, account.before, account.after, extra, picture.base_version, state
