"""From stored records to outcomes: park what cannot be read, resolve the rest. Runs inside the caller's transaction."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Sequence

from config.bulk import insert_rows, upsert_rows
from identity.matching.decide import Facing
from identity.matching.resolve import Resolved, resolve
from integrations.canonical import Kind
from integrations.mapping.unmapped import record_unmapped
from integrations.records.ingest import Heard
from syncjobs.runs.context import Context, StreamContext
from syncjobs.runs.joins import staged_joins
from syncjobs.runs.models import Outcome, RecordOutcome, SyncRun

COLUMNS = ("run", "record", "outcome", "person_id", "is_new_person", "link_method", "code", "detail", "field", "position", "question")
REPLACED = tuple(name for name in COLUMNS if name not in ("run", "record"))


def stage(run: SyncRun, context: Context, stream: StreamContext, work: Sequence[Heard]) -> Counter[str]:
    """Write one outcome for each record of `work`, and what codes they wait for. Returns how many went where."""
    _note_unmapped(context, stream, work)
    counts: Counter[str] = Counter(unmapped=sum(bool(heard.reading.unmapped) for heard in work))
    rows = [_parked(run, heard) for heard in work if heard.reading.problem is not None]
    counts["parked"] = len(rows)
    good = [heard for heard in work if heard.reading.problem is None]
    if stream.stream.kind == Kind.WORKER:
        # the same row on two pages, or a page read again, keeps the answer it got
        before = staged_joins(run, [heard.record_id for heard in good if not heard.is_new], (Outcome.STAGED,))
        facing = [_facing(stream, heard) for heard in good if heard.record_id not in before]
        for answer in resolve(facing, context.names, lambda ids: staged_joins(run, ids)):
            rows.append(_resolved(run, answer))
            counts["cases" if answer.person_id is None else "staged"] += 1
        counts["staged"] += len(before)
    else:
        rows += [(run.pk, heard.record_id, Outcome.STAGED, None, False, "", "", "", "", None, None) for heard in good]
        counts["units"] = len(good)
    _write(rows, {heard.record_id for heard in work if heard.is_new})
    return counts


def _write(rows: Sequence[tuple[object, ...]], new: set[int]) -> None:
    """A record that was not there before has no outcome yet: one COPY. The others may have one from an earlier page."""
    insert_rows(RecordOutcome, COLUMNS, [row for row in rows if row[1] in new])
    upsert_rows(RecordOutcome, COLUMNS, [row for row in rows if row[1] not in new], unique=("run", "record"), update=REPLACED)


def _note_unmapped(context: Context, stream: StreamContext, work: Sequence[Heard]) -> None:
    waiting: dict[tuple[str, str], set[int]] = defaultdict(set)
    for heard in work:
        for pair in heard.reading.unmapped:
            waiting[pair].add(heard.record_id)
    record_unmapped(stream.connector, waiting, context.now, [heard.record_id for heard in work if not heard.is_new])


def _facing(stream: StreamContext, heard: Heard) -> Facing:
    values = heard.reading.values
    return Facing(
        heard.record_id,
        stream.connector.pk,
        stream.connector.name,
        heard.reading.strong_key,
        heard.reading.email_key,
        values.get("given_name") or "",
        values.get("family_name") or "",
    )


def _parked(run: SyncRun, heard: Heard) -> tuple[object, ...]:
    problem = heard.reading.problem
    assert problem is not None
    return (run.pk, heard.record_id, Outcome.PARKED, None, False, "", problem.code, problem.detail[:500], problem.field[:60], None, None)


def _resolved(run: SyncRun, answer: Resolved) -> tuple[object, ...]:
    if answer.question is not None:
        asked = {"kind": answer.question.kind, "question": answer.question.question, "candidates": answer.question.candidates}
        return (run.pk, answer.record_id, Outcome.CASE, None, False, "", "ambiguous", answer.question.question[:500], "", None, asked)
    detail = answer.evidence[:500]
    return (run.pk, answer.record_id, Outcome.STAGED, answer.person_id, answer.is_new_person, answer.method, "", detail, "", None, None)
