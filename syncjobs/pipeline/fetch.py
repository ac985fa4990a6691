"""Stage fetch: read each stream page by page; a page, its outcomes and the place to go on are one transaction."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from datetime import datetime, timedelta

from config import clock
from config.ahead import ahead
from config.bulk import count_anew
from config.errors import CursorExpired
from integrations.canonical import Kind
from integrations.connectors.issues import succeeded
from integrations.connectors.open import opened
from integrations.connectors.setting_changes import reading_of
from integrations.records.completeness import Seen, mark_erased, mark_missing, pack, prove, why_uncounted
from integrations.records.delta import advance, from_json, is_other, next_window, to_json
from integrations.records.ingest import ingest
from integrations.records.models import SourceRecord, Watermark
from integrations.records.vanished import filled_fields
from integrations.vendors import vendor_class
from integrations.vendors.base import Page, Rejected, Vendor
from syncjobs.guards.open import hold_fetch
from syncjobs.pipeline.staging import stage
from syncjobs.pipeline.watch_fields import watch_fields
from syncjobs.runs.context import Context, PreparedPage, StreamContext
from syncjobs.runs.counts import added, with_mapping
from syncjobs.runs.models import Checkpoint, Outcome, RecordOutcome, SyncRun
from syncjobs.runs.slice import Slice
from syncjobs.schedules.models import READING, RunMode

DEFAULT_OVERLAP_MINUTES = 15
MANY_NEW = 100  # new records on a page: a first load, whose tables the planner has never seen so full
MOST_RESTARTS = 3  # of one stream in one run; a source that forgets the place more often is asked again later, not at once


def fetch(work: Slice, context: Context) -> bool:
    """True when every stream has been read (or the fetch is held). False when the slice is over; raises what the vendor raises."""
    run = work.run
    streams = context.streams(run.connector)
    run.cursor = run.cursor or {"stream": 0, "page": 0, "at": None}
    with opened(run.connector, urgent=run.lane == "urgent") as vendor:
        while run.cursor["stream"] < len(streams):
            stream = streams[run.cursor["stream"]]
            if run.cursor["page"] == 0:
                _open_window(work, stream)
            try:
                if not _is_read(run) and not _read(work, context, stream, vendor):
                    return False
            except CursorExpired as error:
                _start_again(work, stream, error)
                continue
            if not _finish_stream(work, context, stream):
                return True
    succeeded(run.connector, clock.now())
    return True


def _is_read(run: SyncRun) -> bool:
    """Whether nothing of this stream is to be read any more: its last page is stored, or somebody accepted what had come."""
    return bool(run.cursor.get("is_read")) or run.scope.get("accepted_fetch") == run.cursor["stream"]


def _read(work: Slice, context: Context, stream: StreamContext, vendor: Vendor) -> bool:
    """Store page after page. False when the slice is over before the last one."""
    window = from_json(work.run.window[stream.stream.name])
    pages = (stream.prepared(page) for page in vendor.fetch(stream.stream.name, window, work.run.cursor["at"]))
    with ahead(pages) as ready:
        for page in ready:
            store_page(work, context, stream, page)
            if work.is_over:
                ready.enough()
    return _is_read(work.run) or not ready.is_cut


def _open_window(work: Slice, stream: StreamContext) -> None:
    """Freeze what this stream's read covers; asked once, kept on the run, so that a resumed read covers the same."""
    run = work.run
    if stream.stream.name in run.window:
        return
    watermark = Watermark.objects.filter(connector=run.connector, stream=stream.stream.name).first()
    reading = reading_of(vendor_class(run.connector.vendor), run.connector.settings, stream.keep)
    is_anew = watermark is not None and is_other(watermark, reading)
    window = next_window(
        watermark,
        full=run.mode == RunMode.FULL or not stream.stream.delta,
        overlap_minutes=int(run.connector.settings.get("overlap_minutes") or DEFAULT_OVERLAP_MINUTES),
        until=clock.now(),
        as_of=stream.on,
        reading=reading,
    )
    known_to = watermark.mark if watermark and window.is_full and stream.stream.delta and not is_anew else None
    frozen = {"reading": reading, "is_anew": is_anew, "known_to": known_to.isoformat() if known_to else None}
    with work.step():
        run.window[stream.stream.name] = {**to_json(window), **frozen}
        run.counts = with_mapping(run.counts, run.connector.key, stream.stream.name, stream.mapping.number)


def store_page(work: Slice, context: Context, stream: StreamContext, prepared: PreparedPage) -> None:
    """One page: records, outcomes, the place to go on, in one transaction."""
    run, now, page = work.run, clock.now(), prepared.page
    with work.step(can_repeat=True):
        heard = ingest(
            run.connector,
            stream.stream.name,
            prepared.kept,
            stream.reader(),
            mapping_number=stream.mapping.number,
            now=now,
            known_to=_known_to(run, stream),
            later=page.later,
            set_aside=[item.external_id for item in page.rejected if item.external_id],
        )
        _note_fields(run, stream, prepared, heard.lost)
        counts = stage(run, context, stream, heard.work)
        gone = mark_erased(run.connector, stream.stream.name, prepared.erased, now) if prepared.erased else []
        rejected = [*page.rejected, *(Rejected(0, error, external_id) for external_id, error in heard.clashes)]
        _park_rejected(run, rejected)
        counts.update(
            heard=len(page.records) + len(page.rejected),
            gone=len(gone),
            same=heard.same,
            new=sum(1 for one in heard.work if one.is_new),
            repeated=heard.repeated,
            older=heard.older,
            missed=heard.missed,
            parked=len(rejected),
            nameless=sum(1 for item in rejected if not item.external_id),
        )
        _checkpoint(run, stream, page, heard.seen, counts, now)
        run.counts = added(run.counts, counts)
        if gone and stream.stream.kind == Kind.WORKER:
            _ask_anew(run, gone)
        if prepared.dropped:
            run.counts["dropped"] = {**run.counts.get("dropped", {}), stream.stream.name: prepared.dropped}
        run.done += len(page.records)
        run.total = page.total if page.total is not None else run.total
        run.tries = 0
    if counts["new"] >= MANY_NEW and run.cursor["page"].bit_count() == 1:  # page 1, 2, 4, 8 …
        count_anew(SourceRecord, RecordOutcome)


def _known_to(run: SyncRun, stream: StreamContext) -> datetime | None:
    """On a full read: up to where reads of changes should have told everything. What they missed is counted (D10)."""
    stored = run.window.get(stream.stream.name, {}).get("known_to")
    return datetime.fromisoformat(stored) if stored else None


def _note_fields(run: SyncRun, stream: StreamContext, prepared: PreparedPage, lost: Counter[str]) -> None:
    """Kept with the window, so that a read that is killed and goes on knows what its first pages said. Chosen people have none."""
    if run.mode not in READING:
        return
    window = run.window[stream.stream.name]
    filled = set(window.get("filled", ()))
    filled |= filled_fields((one.record.payload for one in prepared.kept), stream.keep - filled)
    window["filled"] = sorted(filled)
    if lost:
        window["lost"] = Counter(window.get("lost", {})) + lost


def _park_rejected(run: SyncRun, rejected: Sequence[Rejected]) -> None:
    RecordOutcome.objects.bulk_create(
        RecordOutcome(
            run=run,
            outcome=Outcome.PARKED,
            code=item.error.code,
            detail=item.error.detail[:500],
            field=item.error.field[:60],
            position=item.position or None,
        )
        for item in rejected
    )


def _checkpoint(run: SyncRun, stream: StreamContext, page: Page, seen: list[int], counts: Counter[str], now: datetime) -> None:
    number = run.cursor["page"] + 1
    Checkpoint.objects.create(
        run=run,
        stream=stream.stream.name,
        number=number,
        cursor=page.cursor,
        announced=page.total,
        is_last=page.is_last,
        mark=page.mark,
        counts=dict(counts),
        seen=pack(seen),
        at=now,
    )
    run.cursor = {**run.cursor, "page": number, "at": page.cursor, "is_read": page.is_last}


def _start_again(work: Slice, stream: StreamContext, error: CursorExpired) -> None:
    """The source forgot the place: read this stream from its first page. What was stored stays, what was seen is forgotten.

    Raises `error` once that has happened too often.
    """
    window = work.run.window[stream.stream.name]
    if window.get("restarts", 0) >= MOST_RESTARTS:
        raise error
    with work.step():
        window["restarts"] = window.get("restarts", 0) + 1
        Checkpoint.objects.filter(run=work.run, stream=stream.stream.name).delete()
        work.run.cursor = {**work.run.cursor, "page": 0, "at": None}


def _finish_stream(work: Slice, context: Context, stream: StreamContext) -> bool:
    """Judge whether the read was complete, count absences, move the mark. False when the fetch must wait for a decision."""
    run, now = work.run, clock.now()
    window = from_json(run.window[stream.stream.name])
    pages = list(
        Checkpoint.objects.filter(run=run, stream=stream.stream.name).order_by("number").values("announced", "is_last", "mark", "counts")
    )
    seen, again = _seen(run, stream)
    heard = sum(page["counts"].get("heard", 0) for page in pages) - again
    announced = next((page["announced"] for page in reversed(pages) if page["announced"] is not None), None)
    proof = prove(
        stream.stream.proof, is_last=bool(pages and pages[-1]["is_last"]), announced=announced, heard=heard, is_full=window.is_full
    )
    mark = max((page["mark"] for page in pages if page["mark"]), default=None)
    nameless = sum(page["counts"].get("nameless", 0) for page in pages)
    with work.step():
        watermark, _ = Watermark.objects.select_for_update().get_or_create(connector=run.connector, stream=stream.stream.name)
        not_kept = run.counts.get("dropped", {}).get(stream.stream.name, [])
        if not_kept != watermark.not_kept and heard:
            watermark.not_kept = not_kept
            watermark.save(update_fields=["not_kept"])
        # Where changes are told by stamps, the mark is the newest stamp, and two answers may well share it.
        is_repeated = not stream.stream.delta and mark is not None and mark == watermark.last_full_at
        uncounted = why_uncounted(proof, nameless=nameless, is_repeated=is_repeated)
        accepted = run.scope.get("accepted_fetch") == run.cursor["stream"]
        before = watermark.last_full_count
        if not accepted and hold_fetch(run, stream.stream, proof, heard, before, now, is_full=window.is_full):
            return False
        run.window[stream.stream.name]["proof"] = proof.why
        run.window[stream.stream.name]["is_complete"] = proof.is_complete
        if window.is_full:
            run.window[stream.stream.name]["uncounted"] = uncounted
        if window.is_full and uncounted is None and (heard or accepted) and not run.is_dry:
            _count_absences(run, stream, seen, now)
        if pages and proof.is_complete:  # else the next run asks for the same once more
            reading = str(run.window[stream.stream.name].get("reading", ""))
            was_full = window.is_full and not run.is_dry  # a dry run counts no absence, and is no bar for the next one
            advance(watermark, mark=mark, fallback=window.until or now, was_full=was_full, count=heard, reading=reading)
        watch_fields(watermark, run.connector, stream, run.window[stream.stream.name])
        run.cursor = {"stream": run.cursor["stream"] + 1, "page": 0, "at": None}
    return True


def _seen(run: SyncRun, stream: StreamContext) -> tuple[Seen, int]:
    """The records on the pages of this read, and how many stood on more than one: such a one may have pushed another off the read."""
    seen, on_pages = Seen(), 0
    for packed in Checkpoint.objects.filter(run=run, stream=stream.stream.name).values_list("seen", flat=True).iterator(chunk_size=100):
        on_pages += seen.add_packed(bytes(packed))
    return seen, on_pages - len(seen)


def _count_absences(run: SyncRun, stream: StreamContext, seen: Seen, now: datetime) -> None:
    gone = mark_missing(run.connector, stream.stream.name, seen, now)
    if stream.stream.kind == Kind.WORKER:
        _ask_anew(run, list(gone))
        absent = SourceRecord.objects.filter(connector=run.connector, stream=stream.stream.name, gone_at=None, missing_count__gt=0)
        run.counts["gone"] = run.counts.get("gone", 0) + len(gone)
        run.counts["missing"] = run.counts.get("missing", 0) + absent.count()


def _ask_anew(run: SyncRun, gone: list[int]) -> None:
    """Whose record it is was asked while another one with its number was there: with that one gone, stage resolve decides again.

    Else somebody whose record only got another id would lose the account until the next run.
    """
    numbers = SourceRecord.objects.filter(id__any=gone).exclude(strong_key="").values("strong_key")
    asked = RecordOutcome.objects.filter(run=run, outcome=Outcome.CASE, record__strong_key__in=numbers)
    if gone and (count := asked.delete()[0]):
        run.counts["cases"] = run.counts.get("cases", 0) - count


def backoff(tries: int) -> timedelta:
    """How long a run waits after its n-th failed slice in a row: 5 s, 10 s, 20 s … at most 10 minutes."""
    return timedelta(seconds=min(600, 5 * 2 ** max(0, tries - 1)))
