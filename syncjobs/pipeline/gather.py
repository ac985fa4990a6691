"""Stages gather and resolve: records that need work although no page brought them.

Gather: the chosen people of a small run. Resolve: what earlier runs read and did not apply (held, parked, decided since), what an older
mapping translated, who is gone, whose manager has arrived, and everybody when a target is new, or its mapping or the rules changed.
"""

from __future__ import annotations

from datetime import datetime

from django.db.models import Exists, OuterRef

from config.bulk import rows_a_step, upsert_rows
from config.sentences import sentence
from identity.organisation.models import ReportingLine
from identity.people.models import Link, Replan
from integrations.mapping.models import MappingState, MappingVersion
from integrations.records.ingest import Heard, translate_again
from integrations.records.models import SourceRecord
from syncjobs.pipeline.reread import reread
from syncjobs.pipeline.staging import COLUMNS, REPLACED, stage
from syncjobs.plans.managers import people_behind
from syncjobs.plans.models import PlanState
from syncjobs.runs.context import Context, StreamContext
from syncjobs.runs.counts import added, with_mapping
from syncjobs.runs.models import Outcome, RecordOutcome, SyncRun
from syncjobs.runs.slice import Slice
from syncjobs.schedules.models import RunMode

GONE, ARRIVED = sentence("not in the source any more"), sentence("their manager's record has arrived")


def gather(work: Slice, context: Context) -> bool:
    """Every source record of the chosen people becomes part of this run, read again first where that was asked for."""
    run = work.run
    if run.scope.get("reread"):
        reread(work, context)
    people = run.scope.get("people", [])
    joined = Link.objects.filter(person_id__any=people, until=None, record__connector__is_target=False).values_list(
        "record_id", "person_id"
    )
    with work.step():
        met = set(RecordOutcome.objects.filter(run=run).values_list("record_id", flat=True))
        rows = [
            (run.pk, record, Outcome.STAGED, person, False, "", "", "", "", None, None) for record, person in joined if record not in met
        ]
        upsert_rows(RecordOutcome, COLUMNS, rows, unique=("run", "record"), update=REPLACED)
        # one that reads adds up what it read, and nothing else
        run.counts["beside" if "heard" in run.counts else "staged"] = len(rows)
    return True


def resolve(work: Slice, context: Context) -> bool:
    """True when nothing of this connector waits any more. In batches, each a transaction."""
    run = work.run
    run.cursor = run.cursor if isinstance(run.cursor, dict) and "after" in run.cursor else {"after": 0, "step": 0}
    streams = context.streams(run.connector)
    while run.cursor["step"] < len(streams):
        stream = streams[run.cursor["step"]]
        if run.cursor["after"] == 0 and _is_newer(run, stream.connector.pk, stream.stream.name):
            with work.step():
                _translate_all(stream)
        if not _pending(work, context, stream):
            return False
    if _concerns_everybody(run, context) and not _everybody(work):
        return False
    with work.step():
        _once(run)
        for stream in streams:
            run.counts = with_mapping(run.counts, run.connector.key, stream.stream.name, stream.mapping.number)
        _managers_arrived(run, context)
        if run.mode != RunMode.PEOPLE:  # whose people are chosen already, with every record they have
            _gone(run)
            _replanned(run)
    return True


def _once(run: SyncRun) -> None:
    """A record that came on two pages and was set aside is one record, counted as it stands in the list; the rest was heard twice."""
    if counted := run.counts.get("parked"):
        parked = RecordOutcome.objects.filter(run=run, outcome=Outcome.PARKED).count()
        run.counts = {**run.counts, "parked": parked, "repeated": run.counts.get("repeated", 0) + counted - parked}


def _pending(work: Slice, context: Context, stream: StreamContext) -> bool:
    """Records of this stream that wait from earlier runs, oldest first. A run of chosen people only looks at its own."""
    run = work.run
    while True:
        waiting = SourceRecord.objects.filter(
            connector=run.connector, stream=stream.stream.name, pending=True, gone_at=None, id__gt=run.cursor["after"]
        ).exclude(Exists(RecordOutcome.objects.filter(run=run, record=OuterRef("pk"))))
        if run.mode == RunMode.PEOPLE:
            waiting = waiting.filter(id__in=run.scope.get("records", []))
        todo = list(waiting.order_by("id").values_list("id", flat=True)[: rows_a_step()])
        with work.step(can_repeat=True):
            if not todo:
                run.cursor = {"after": 0, "step": run.cursor["step"] + 1}
                return True
            heard: list[Heard] = []
            translate_again(todo, None, stream.reader(), stream.mapping.number, heard)
            counts = stage(run, context, stream, heard)
            counts["waited"] = len(heard)
            run.counts = added(run.counts, counts)
            run.cursor = {**run.cursor, "after": todo[-1]}
        if work.is_over:
            return False


def _last_applied(run: SyncRun) -> datetime | None:
    """When the last run of this source began that was applied; None for a first run and for a run of chosen people."""
    if run.mode == RunMode.PEOPLE:
        return None
    of_all = SyncRun.objects.filter(connector=run.connector_id, pk__lt=run.pk).exclude(mode=RunMode.PEOPLE)
    applied = of_all.filter(plan__state=PlanState.APPLIED)
    return applied.order_by("-pk").values_list("created_at", flat=True).first()


def _is_newer(run: SyncRun, connector_id: int, stream: str) -> bool:
    """Whether this mapping came into force after the last run of the source that was applied; never for a first run."""
    since = _last_applied(run)
    published = MappingVersion.objects.filter(connector=connector_id, stream=stream, state=MappingState.PUBLISHED)
    return since is not None and published.filter(published_at__gt=since).exists()


def _concerns_everybody(run: SyncRun, context: Context) -> bool:
    """A target is new or its mapping is; or it was decided anew whom a system concerns, who leads, when people come and go, what a target
    is told.

    The tick starts a run for it at once (`again.py`); whichever run of the source is applied first does it.
    """
    if run.mode == RunMode.PLAN or any(_is_newer(run, target.pk, context.target_stream(target)) for target in context.targets):
        return True
    since = _last_applied(run)
    decided = [one.rules_changed_at for one in (context.connectors[run.connector_id], *context.targets, *context.switched_off)]
    return since is not None and any(at is not None and at > since for at in decided)


def _translate_all(stream: StreamContext) -> None:
    """Everything an older mapping translated waits to be translated again."""
    records = SourceRecord.objects.filter(connector=stream.connector, stream=stream.stream.name, gone_at=None)
    records.exclude(mapping_version=stream.mapping.number).update(pending=True)


def _everybody(work: Slice) -> bool:
    """Every person of this source is planned: a target is new, or what it is told has changed."""
    run = work.run
    links = Link.objects.filter(until=None, record__connector=run.connector).order_by("record_id")
    while rows := list(links.filter(record_id__gt=run.cursor["after"]).values_list("record_id", "person_id")[: rows_a_step()]):
        with work.step():
            met = set(RecordOutcome.objects.filter(run=run, record_id__any=[row[0] for row in rows]).values_list("record_id", flat=True))
            fresh = [
                (run.pk, record, Outcome.STAGED, person, False, "", "target_changed", "", "", None, None)
                for record, person in rows
                if record not in met
            ]
            upsert_rows(RecordOutcome, COLUMNS, fresh, unique=("run", "record"), update=REPLACED)
            if run.mode == RunMode.PLAN:  # one that reads adds up what it read, and nothing else
                run.counts["staged"] = run.counts.get("staged", 0) + len(fresh)
            run.cursor = {**run.cursor, "after": rows[-1][0]}
        if work.is_over:
            return False
    return True


def _gone(run: SyncRun) -> None:
    """Records believed gone whose person has not been told yet."""
    # Ids first: asked in one question, PostgreSQL looks at the record behind every link (half a second for 100,000).
    gone = list(SourceRecord.objects.filter(connector=run.connector, pending=True, gone_at__isnull=False).values_list("id", flat=True))
    joined = Link.objects.filter(record_id__any=gone, until=None).values_list("record_id", "person_id")
    rows = [(run.pk, record, Outcome.GONE, person, False, "", "gone", GONE, "", None, None) for record, person in joined]
    upsert_rows(RecordOutcome, COLUMNS, rows, unique=("run", "record"), update=REPLACED)


def _managers_arrived(run: SyncRun, context: Context) -> None:
    """People with a line whose manager is somebody by now are planned again (row 58: deferred, resolves itself).

    However they became somebody: with this run, or because a question was answered since.
    """
    waiting = ReportingLine.objects.filter(manager=None, record__connector=run.connector)
    keys = {(run.connector_id, key) for key in waiting.order_by().values_list("manager_key", flat=True).distinct()}
    here = [key for _, key in people_behind(run, context, keys)] if keys else []
    if not here:
        return
    lines = waiting.filter(manager_key__any=here)
    rows = [
        (run.pk, record, Outcome.STAGED, person, False, "", "manager_arrived", ARRIVED, "", None, None)
        for record, person in lines.values_list("record_id", "person_id").distinct()
    ]
    met = set(RecordOutcome.objects.filter(run=run, record_id__any=[row[1] for row in rows]).values_list("record_id", flat=True))
    upsert_rows(RecordOutcome, COLUMNS, [row for row in rows if row[1] not in met], unique=("run", "record"), update=REPLACED)


def _replanned(run: SyncRun) -> None:
    """People somebody asked to plan again, as far as this connector speaks of them."""
    waiting = Replan.objects.values("person_id")
    joined = Link.objects.filter(person_id__in=waiting, until=None, record__connector=run.connector).values_list("record_id", "person_id")
    met = set(RecordOutcome.objects.filter(run=run, record_id__any=[record for record, _ in joined]).values_list("record_id", flat=True))
    rows = [
        (run.pk, record, Outcome.STAGED, person, False, "", "replan", "", "", None, None) for record, person in joined if record not in met
    ]
    upsert_rows(RecordOutcome, COLUMNS, rows, unique=("run", "record"), update=REPLACED)
