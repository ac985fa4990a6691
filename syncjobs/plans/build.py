"""Stage plan: what is true of each person now, and what every target should hold, minus what is recorded.

Batches of people, a constant number of queries each; the rules are pure. There is no client here, so a plan cannot write to
any system; a dry run is this same code, and nothing after it.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from typing import Any

from config.bulk import count_anew, insert_rows
from integrations.records.models import SourceRecord
from syncjobs.plans.accounts import account_changes
from syncjobs.plans.managers import manager_values, settle_managers
from syncjobs.plans.models import Plan, PlannedChange
from syncjobs.plans.own_facts import own_change
from syncjobs.plans.picture import IN_PLAN, pictures
from syncjobs.runs.context import Context
from syncjobs.runs.counts import added
from syncjobs.runs.models import RecordOutcome, SyncRun
from syncjobs.runs.slice import Slice

BATCH = 2000  # people: about 6 MB of values in memory
COLUMNS = ("plan", "target", "kind", "person_id", "name", "reason_code", "reason", "before", "after", "extra", "base_version")


def plan_people(work: Slice, context: Context) -> bool:
    """True when every person of this run is planned; False when the slice is over."""
    run = work.run
    with work.step():
        plan, _ = Plan.objects.get_or_create(run=run)
        if not isinstance(run.cursor, dict) or "person" not in run.cursor:
            run.cursor = {"person": 0}
            run.done, run.total = 0, _in_plan(run).values("person_id").distinct().count()
    if run.cursor["person"] == 0 and run.total and run.total > BATCH:
        count_anew(SourceRecord, RecordOutcome)
    while people := list(
        _in_plan(run)
        .filter(person_id__gt=run.cursor["person"])
        .order_by("person_id")
        .values_list("person_id", flat=True)
        .distinct()[:BATCH]
    ):
        rows, counts = plan_batch(run, context, plan, people)
        with work.step(can_repeat=True):
            insert_rows(PlannedChange, COLUMNS, rows)
            run.counts = added(run.counts, counts)
            run.cursor = {"person": people[-1]}
            run.done += len(people)
        if work.is_over:
            return False
    return True


def _in_plan(run: SyncRun) -> Any:
    return RecordOutcome.objects.filter(run=run, outcome__in=IN_PLAN, person_id__isnull=False)


def plan_batch(run: SyncRun, context: Context, plan: Plan, people: Sequence[int]) -> tuple[list[tuple[Any, ...]], Counter[str]]:
    """The planned changes of these people as rows (COLUMNS), and counts for the run."""
    seen = pictures(run, context, people)
    settle_managers(run, context, seen)
    rows: list[tuple[Any, ...]] = []
    for picture in seen:
        own = own_change(picture)
        if own is not None:
            kind, code, reason, before, after, extra = own
            rows.append((plan.pk, None, kind, picture.person_id, picture.name, code, reason, before, after, extra, picture.base_version))
    planned, counts = account_changes(context, seen, manager_values(run, seen))
    for picture, target, account, extra in planned:
        what = (account.kind, picture.person_id, picture.name, account.reason_code[:40], account.reason)
        rows.append((plan.pk, target.pk, *what, account.before, account.after, extra, picture.base_version))
    counts.update(chosen=len(seen), planned=len(rows))
    return rows, counts
