"""Stages gather and resolve: records that need work although no page brought them.

Gather: the chosen people of a small run. Resolve: what earlier runs read and did not apply (held, parked, decided since), what an older
mapping translated, who is gone, whose manager has arrived, and everybody when a target is new or its mapping changed.
"""

from __future__ import annotations

from config.bulk import upsert_rows
from config.sentences import sentence
from identity.organisation.models import ReportingLine
from identity.people.models import Link, Replan
from integrations.mapping.models import MappingState, MappingVersion
from integrations.records.ingest import Heard, translate_again
from integrations.records.models import SourceRecord
from syncjobs.pipeline.reread import reread
from syncjobs.pipeline.staging import COLUMNS, REPLACED, stage
from syncjobs.plans.models import PlanState
from syncjobs.runs.context import Context, StreamContext
from syncjobs.runs.counts import added
from syncjobs.runs.models import Outcome, RecordOutcome, SyncRun
from syncjobs.runs.slice import Slice

BATCH = 2000
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
        run.counts["staged"] = run.counts.get("staged", 0) + len(rows)
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
    if any(_is_newer(run, target.pk, context.target_stream(target)) for target in context.targets) and not _everybody(work):
        return False
    with work.step():
        _gone(run)
        _managers_arrived(run)
        _replanned(run)
    return True


def _pending(work: Slice, context: Context, stream: StreamContext) -> bool:
    """Records of this stream that wait from earlier runs, oldest first. A run of chosen people only looks at its own."""
    run = work.run
    while True:
        waiting = SourceRecord.objects.filter(
            connector=run.connector, stream=stream.stream.name, pending=True, gone_at=None, id__gt=run.cursor["after"]
        )
        if run.mode == "people":
            waiting = waiting.filter(id__in=run.scope.get("records", []))
        ids = list(waiting.order_by("id").values_list("id", flat=True)[:BATCH])
        with work.step(can_repeat=True):
            if not ids:
                run.cursor = {"after": 0, "step": run.cursor["step"] + 1}
                return True
            met = set(RecordOutcome.objects.filter(run=run, record_id__any=ids).values_list("record_id", flat=True))
            todo = [record_id for record_id in ids if record_id not in met]
            heard: list[Heard] = []
            translate_again(todo, None, stream.reader(), stream.mapping.number, heard)
            counts = stage(run, context, stream, heard)
            counts["waited"] = len(heard)
            run.counts = added(run.counts, counts)
            run.cursor = {**run.cursor, "after": ids[-1]}
        if work.is_over:
            return False


def _is_newer(run: SyncRun, connector_id: int, stream: str) -> bool:
    """Whether this mapping came into force after the last run of the source that was applied; never for a first run."""
    last = (
        SyncRun.objects.filter(connector=run.connector_id, plan__state=PlanState.APPLIED, mode__in=("full", "delta"), pk__lt=run.pk)
        .order_by("-pk")
        .first()
    )
    if last is None or run.mode == "people":
        return False
    return MappingVersion.objects.filter(
        connector=connector_id, stream=stream, state=MappingState.PUBLISHED, published_at__gt=last.created_at
    ).exists()


def _translate_all(stream: StreamContext) -> None:
    """Everything an older mapping translated waits to be translated again."""
    records = SourceRecord.objects.filter(connector=stream.connector, stream=stream.stream.name, gone_at=None)
    records.exclude(mapping_version=stream.mapping.number).update(pending=True)


def _everybody(work: Slice) -> bool:
    """Every person of this source is planned: a target is new, or what it is told has changed."""
    run = work.run
    links = Link.objects.filter(until=None, record__connector=run.connector).order_by("record_id")
    while rows := list(links.filter(record_id__gt=run.cursor["after"]).values_list("record_id", "person_id")[:BATCH]):
        with work.step():
            met = set(RecordOutcome.objects.filter(run=run, record_id__any=[row[0] for row in rows]).values_list("record_id", flat=True))
            fresh = [
                (run.pk, record, Outcome.STAGED, person, False, "", "target_changed", "", "", None, None)
                for record, person in rows
                if record not in met
            ]
            upsert_rows(RecordOutcome, COLUMNS, fresh, unique=("run", "record"), update=REPLACED)
            run.cursor = {**run.cursor, "after": rows[-1][0]}
        if work.is_over:
            return False
    return True


def _gone(run: SyncRun) -> None:
    """Records believed gone whose person has not been told yet."""
    gone = SourceRecord.objects.filter(connector=run.connector, pending=True, gone_at__isnull=False)
    joined = Link.objects.filter(record__in=gone, until=None).values_list("record_id", "person_id")
    rows = [(run.pk, record, Outcome.GONE, person, False, "", "gone", GONE, "", None, None) for record, person in joined]
    upsert_rows(RecordOutcome, COLUMNS, rows, unique=("run", "record"), update=REPLACED)


def _managers_arrived(run: SyncRun) -> None:
    """People whose manager's record came with this run are planned again (row 58: deferred, resolves itself)."""
    arrived = RecordOutcome.objects.filter(run=run, outcome=Outcome.STAGED).exclude(link_method="").values("record__external_id")
    lines = ReportingLine.objects.filter(manager=None, record__connector=run.connector, manager_key__in=arrived)
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
