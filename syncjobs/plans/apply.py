"""Stage apply: our state and the deliveries, in one transaction. The only place that writes people.

What changed since the plan was made is set aside as stale and planned again by the next run. Remote systems cannot be part of a
transaction: they get ordered, idempotent deliveries whose state is always visible (D2).
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterator, Sequence
from datetime import datetime
from typing import Any

from django.db.models import Exists, OuterRef, Q, QuerySet

from config import clock
from config.audit.chain import digest
from config.audit.record import Entry, record, record_many, take_turn
from config.bell import ring
from config.bulk import count_anew, insert_rows, reserve_ids, rows_a_step, update_rows
from config.sentences import sentence
from identity.matching.normalise import folded
from identity.organisation.models import ReportingLine
from identity.people.models import FactSheet, Link, Person, Replan, Standing, public_id
from integrations.outbound.models import URGENT, Delivery, DeliveryState
from integrations.outbound.waiting import held_naming, named_anew, named_is_there, not_needed
from integrations.records.models import UNTRANSLATED, SourceRecord
from syncjobs.plans.cases import ask
from syncjobs.plans.groups import groups_of
from syncjobs.plans.models import ChangeKind, ChangeState, Plan, PlannedChange, PlanState
from syncjobs.plans.picture import IN_PLAN
from syncjobs.plans.pilot import going_live, outside
from syncjobs.plans.units import write_units
from syncjobs.plans.waiting import keep_waiting
from syncjobs.plans.writes import Write, writes_of
from syncjobs.runs.context import Context
from syncjobs.runs.models import Outcome, Phase, RecordOutcome, SyncRun
from syncjobs.runs.slice import Slice

BATCH = 2000
MANY = 100  # deliveries of one plan
PRIORITY = {"urgent": URGENT, "default": 3, "bulk": 6}
PERSON = (
    "id",
    "standing",
    "display_name",
    "search",
    "email",
    "employee_number",
    "job_title",
    "department",
    "location",
    "manager",
    "values",
    "sources",
    "next_change_at",
    "version",
    "changed_at",
)


def apply_plan(work: Slice, context: Context) -> bool:
    """Carry out the plan of this run. All of it, or (killed, refused by the database) nothing."""
    run = work.run
    with work.step():
        plan = Plan.objects.select_for_update().get(run=run)
        if plan.state != PlanState.APPLIED:
            run.phase = Phase.APPLYING
            take_turn()  # two plans may have met the same new human
            unborn = _set_stale_aside(plan)
            for batch in _batches(plan, own=True):
                _write_people(run, batch, unborn, context.now)
            written = sum(_write_deliveries(run, batch, context) for batch in _batches(plan, own=False))
            _free_who_named_the_adopted(plan)
            _leave_alone(run, plan, context)
            ask(run, plan, context)
            write_units(run.connector)
            _settle(run, plan, context)
            plan.state, plan.applied_at, plan.groups = PlanState.APPLIED, context.now, groups_of(plan)
            plan.digest = digest(plan.counts)
            plan.save()
            if written >= MANY or run.counts.get("planned", 0) >= rows_a_step():
                # here, so that no worker asks for deliveries before the planner knows of them; and of how few records still wait
                count_anew(SourceRecord, Person, Link, FactSheet, ReportingLine, Delivery)
            record(run.cause, "plan.applied", "run", str(run.pk), after=plan.counts, label=run.cause.label)
        ring("default")
    return True


def _set_stale_aside(plan: Plan) -> set[int]:
    """People who changed since, and records somebody else has joined since, are not written. Returns new people who will not be."""
    moved = Person.objects.filter(pk=OuterRef("person_id")).exclude(version=OuterRef("base_version"))
    planned = PlannedChange.objects.filter(plan=plan, state__in=(ChangeState.PLANNED, ChangeState.WAITS))
    stale = set(planned.filter(Exists(moved)).values_list("person_id", flat=True))
    joins = RecordOutcome.objects.filter(run=plan.run, outcome=Outcome.STAGED).exclude(link_method="")
    joined_since = Link.objects.filter(record=OuterRef("record"), until=None)
    stale |= {person for person in joins.filter(Exists(joined_since)).values_list("person_id", flat=True) if person}
    newcomers = joins.filter(is_new_person=True).exclude(link_method=Link.Method.DECISION)  # who was kept separate may share a key
    for key in ("strong_key", "email_key"):
        met = newcomers.filter(Exists(_somebody_else_with(key)))
        stale |= {person for person in met.values_list("person_id", flat=True) if person}
    crossed = _crossed(plan, planned) - stale
    because = sentence("another run wrote to the account while this plan was made")
    Replan.objects.bulk_create(Replan(person_id=person, because=because, at=clock.now()) for person in crossed)
    stale |= crossed
    if stale:
        planned.filter(person_id__any=stale).update(state=ChangeState.STALE)
    return stale - set(Person.objects.filter(pk__any=stale).values_list("pk", flat=True))


def _crossed(plan: Plan, planned: QuerySet[PlannedChange]) -> set[int]:
    """People to whose account another run decided a write after this plan began: sent as well, it would be made, or changed, twice."""
    if plan.knows_to is None:
        return set()
    newer = Delivery.objects.filter(subject_id=OuterRef("person_id"), connector=OuterRef("target"), pk__gt=plan.knows_to)
    newer = newer.exclude(cause=plan.run.cause_id).exclude(state=DeliveryState.CANCELLED)
    sent = planned.filter(state=ChangeState.PLANNED, target__isnull=False).exclude(kind=ChangeKind.SKIP)
    return set(sent.filter(Exists(newer)).values_list("person_id", flat=True))


def _somebody_else_with(key: str) -> QuerySet[Link]:
    """A link of another person whose record carries the same key: made by a run that was quicker."""
    same = Link.objects.filter(**{f"record__{key}": OuterRef(f"record__{key}")}, until=None, record__connector__is_target=False)
    return same.exclude(**{f"record__{key}": ""}).exclude(person_id=OuterRef("person_id"))


def _batches(plan: Plan, *, own: bool) -> Iterator[list[PlannedChange]]:
    after = 0
    wanted = PlannedChange.objects.filter(plan=plan, state=ChangeState.PLANNED, target__isnull=own).order_by("id")
    while batch := list(wanted.filter(id__gt=after)[:BATCH]):
        after = batch[-1].pk
        yield batch


# ── people ──────────────────────────────────────────────────────────────────────────────────────────


def _write_people(run: SyncRun, batch: Sequence[PlannedChange], unborn: Collection[int], now: datetime) -> None:
    """`unborn` are planned people who are not written: as managers they have not arrived yet."""
    known = Person.objects.in_bulk([change.person_id for change in batch if change.base_version])
    fresh: list[tuple[Any, ...]] = []
    changed: list[tuple[Any, ...]] = []
    sheets, entries = [], []
    for change in batch:
        _without_unborn(change, unborn)
        person = known.get(change.person_id)
        values = _merged(person.values if person else {}, change.after)
        row = _person_row(change, values, now)
        (changed if person else fresh).append(row)
        sheets.append(
            (change.person_id, change.base_version + 1, change.extra["standing"], values, change.extra["sources"], now, run.cause_id)
        )
        action = "person.created" if person is None else "person.changed"
        entries.append(Entry(action, "person", public_id(change.person_id), digest=digest(values)))
    insert_rows(Person, (*PERSON, "created_at"), [(*row, now) for row in fresh])
    update_rows(Person, PERSON, changed)
    insert_rows(FactSheet, ("person", "version", "standing", "values", "sources", "recorded_at", "cause"), sheets)
    _write_links(run, batch, now)
    _write_lines(batch, known)
    led_anew = [change.person_id for change in batch if change.base_version and "manager" in change.after]
    if led_anew:
        named_anew(led_anew)
    record_many(run.cause, entries)


def _without_unborn(change: PlannedChange, unborn: Collection[int]) -> None:
    """Take managers who are not written out of the change; their line waits for them."""
    if change.extra["manager"] in unborn:
        change.extra["manager"] = None
    for line in change.extra["lines"]:
        if line[3] in unborn:
            line[3] = None


def _merged(old: dict[str, Any], after: dict[str, Any]) -> dict[str, Any]:
    """The person's values once the change is made: emptied ones are gone, what is no attribute stays out."""
    merged = {**old, **{key: value for key, value in after.items() if key not in ("standing", "manager")}}
    return {key: value for key, value in merged.items() if value is not None}


def _person_row(change: PlannedChange, values: dict[str, Any], now: datetime) -> tuple[Any, ...]:
    words = [change.name, values.get("given_name"), values.get("family_name"), values.get("work_email"), values.get("employee_number")]
    found_by = (
        " ".join(dict.fromkeys(word for word in (folded(word) for word in words) if word)) + f" {public_id(change.person_id).lower()}"
    )
    extra = change.extra
    return (
        change.person_id,
        extra["standing"],
        change.name,
        found_by,
        (values.get("work_email") or "")[:254],
        (values.get("employee_number") or "")[:64],
        values.get("job_title") or "",
        values.get("department") or "",
        values.get("location") or "",
        extra["manager"],
        values,
        extra["sources"],
        datetime.fromisoformat(extra["next"]) if extra["next"] else None,
        change.base_version + 1,
        now,
    )


def _write_links(run: SyncRun, batch: Sequence[PlannedChange], now: datetime) -> None:
    rows = [
        (change.person_id, record_id, method, evidence, now, run.cause_id)
        for change in batch
        for record_id, method, evidence in change.extra["links"]
    ]
    insert_rows(Link, ("person", "record", "method", "evidence", "since", "cause"), rows)


def _write_lines(batch: Sequence[PlannedChange], known: dict[int, Person]) -> None:
    """The reason of the rule stands on the primary line; where there is none (a circle, a tie), on every line it chose between."""
    ReportingLine.objects.filter(person_id__any=list(known)).delete()
    rows = []
    for change in batch:
        has_primary = any(line[5] for line in change.extra["lines"])
        for record_id, kind, key, manager, unit, is_primary in change.extra["lines"]:
            is_told = is_primary or (not has_primary and record_id == change.extra["lead"])
            why = change.extra["primary"] if is_told else ""
            rows.append((change.person_id, record_id, kind, key[:200], manager, unit[:200], is_primary, why))
    insert_rows(ReportingLine, ("person", "record", "line_type", "manager_key", "manager", "unit", "is_primary", "why"), rows)


# ── deliveries ──────────────────────────────────────────────────────────────────────────────────────


def _write_deliveries(run: SyncRun, batch: Sequence[PlannedChange], context: Context) -> int:
    """Returns how many."""
    adopted = [change for change in batch if change.kind == ChangeKind.LINK]
    insert_rows(
        Link,
        ("person", "record", "method", "evidence", "since", "cause"),
        [(change.person_id, change.extra["learner"], "our_id", change.reason, context.now, run.cause_id) for change in adopted],
    )
    writes = [(change, write) for change in batch if change.kind != ChangeKind.SKIP for write in writes_of(change)]
    ids = reserve_ids(Delivery, len(writes))
    rows = [_delivery_row(run, number, change, write, context) for number, (change, write) in zip(ids, writes, strict=True)]
    insert_rows(Delivery, DELIVERY, rows)
    main = {change.pk: number for number, (change, _write) in reversed(list(zip(ids, writes, strict=True)))}
    update_rows(PlannedChange, ("id", "delivery"), list(main.items()))
    return len(rows)


DELIVERY = (
    "id",
    "key",
    "connector",
    "target",
    "operation",
    "subject_id",
    "remote_id",
    "values",
    "cause",
    "priority",
    "due_at",
    "created_at",
)


def _delivery_row(run: SyncRun, number: int, change: PlannedChange, write: Write, context: Context) -> tuple[Any, ...]:
    target = context.connectors[change.target_id or 0]
    return (
        number,
        f"change:{change.pk}:{write.operation}",
        target.pk,
        context.target_stream(target),
        write.operation,
        change.person_id,
        change.extra.get("remote_id", ""),
        write.values,
        run.cause_id,
        URGENT if write.operation == ChangeKind.DEACTIVATE else PRIORITY[run.lane] + write.after,
        clock.now(),
        context.now,
    )


def _free_who_named_the_adopted(plan: Plan) -> None:
    """An account that was there already is a person's now, so it can be named as the manager of others."""
    adopted = PlannedChange.objects.filter(plan=plan, state=ChangeState.PLANNED, kind=ChangeKind.LINK, target__isnull=False)
    by_target: dict[int, list[int]] = defaultdict(list)
    for target, person in adopted.values_list("target_id", "person_id"):
        by_target[target or 0].append(person)
    for target, people in by_target.items():
        named_is_there(target, Person.objects.filter(manager__any=people).values("pk"))


def _leave_alone(run: SyncRun, plan: Plan, context: Context) -> None:
    """Whoever has left or is outside a pilot group by now is not written to, should the manager they wait for come yet: a write that
    waits was decided when they were in it. Back again, they are planned anew."""
    has_leavers = any(ChangeKind.DEACTIVATE in kinds for kinds in plan.counts.values())
    if not (has_leavers or run.counts.get("out_of_pilot")):
        return
    seen = RecordOutcome.objects.filter(run=run, outcome__in=IN_PLAN, person_id__isnull=False).values("person_id")
    for target in context.targets:
        waiting = held_naming(target.pk, seen)
        if not (of_whom := list(waiting.values_list("subject_id", flat=True))):
            continue
        people = Person.objects.filter(pk__any=of_whom)
        alone = set(people.filter(standing=Standing.LEFT).values_list("pk", flat=True))
        for group in going_live():
            if group == target or not group.is_target:
                alone |= set(outside(group, people).values_list("pk", flat=True))
        not_needed(waiting.filter(subject_id__any=list(alone)))


# ── afterwards ──────────────────────────────────────────────────────────────────────────────────────


def _settle(run: SyncRun, plan: Plan, context: Context) -> None:
    """Mark as applied what is; whoever was refused, set aside or skipped stays pending and is planned again.

    So does what changed since the plan began: a record that was heard anew or got another translation, a person somebody asked for.
    """
    changes = PlannedChange.objects.filter(plan=plan)
    changes.filter(state=ChangeState.PLANNED).update(state=ChangeState.APPLIED)
    outcomes = RecordOutcome.objects.filter(run=run, outcome__in=(Outcome.STAGED, Outcome.GONE))
    undone = changes.filter(state__in=(ChangeState.REFUSED, ChangeState.STALE)).values("person_id")
    open_people = changes.filter(Q(state__in=(ChangeState.REFUSED, ChangeState.STALE)) | Q(kind=ChangeKind.SKIP)).values("person_id")
    done = outcomes.exclude(person_id__in=open_people)
    planned = SourceRecord.objects.filter(pk__in=done.values("record_id"), pending=True, changed_at__lte=plan.made_at)
    planned.exclude(mapping_version=UNTRANSLATED).update(pending=False)
    left = outcomes.filter(person_id__in=open_people)
    SourceRecord.objects.filter(pk__in=left.values("record_id"), pending=False).update(pending=True)
    keep_waiting(plan, context, done)
    # Whoever was skipped waits for an answer, which asks anew: kept, the request would begin the same run every minute until then.
    heard = outcomes.exclude(person_id__in=undone).filter(person_id__isnull=False)
    Replan.objects.filter(person_id__in=heard.values("person_id"), at__lte=plan.made_at).delete()
