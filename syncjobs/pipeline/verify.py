"""Stages deliver and verify of a run: wait until its deliveries have ended, then read back what was written."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterator, Sequence
from contextlib import ExitStack
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

from django.db.models import Count, Q, QuerySet

from config import clock
from config.bell import ring
from config.bulk import update_rows
from config.errors import NotSupported, PermissionMissing, RollcallError
from config.notices.notify import close, notify
from config.sentences import sentence
from integrations.connectors.models import Connector
from integrations.connectors.open import opened
from integrations.outbound.claim import UNFINISHED
from integrations.outbound.models import Delivery, DeliveryState
from integrations.records.models import SourceRecord
from integrations.vendors.base import Vendor
from syncjobs.pipeline.compare import FIELDS, Compared, compared, fields_of, findings, is_equal
from syncjobs.runs.context import Context
from syncjobs.runs.models import Outcome, Phase, RecordOutcome, SyncRun
from syncjobs.runs.slice import Slice

LOOK_AGAIN_SECONDS = 2
BATCH = 200
DEAD = "deliveries.dead:"  # the notice about a source's writes that did not arrive
ALWAYS_WATCHED = ("suspended", "cohorts", "manager")  # written whatever the mapping says


def await_deliveries(work: Slice, context: Context) -> bool:
    """True when every delivery of this run has ended, well or badly. Otherwise the run comes back in a moment."""
    run = work.run
    counted = Delivery.objects.filter(cause=run.cause_id).aggregate(
        all=Count("id"), open=Count("id", filter=Q(state__in=(DeliveryState.PENDING, DeliveryState.SENDING)))
    )
    with work.step():
        run.total, run.done = counted["all"], counted["all"] - counted["open"]
        if counted["open"]:
            run.wanted_at = clock.now() + timedelta(seconds=LOOK_AGAIN_SECONDS)
            ring("default")
    return not counted["open"]


def verify(work: Slice, context: Context) -> bool:
    """Read back every account this run wrote: its fields and its groups. What is not as sent is kept as it really is, and told."""
    run = work.run
    run.cursor = run.cursor if isinstance(run.cursor, dict) and "delivery" in run.cursor else {"delivery": 0}
    with ExitStack() as open_lines:
        vendors: dict[int, Vendor] = {}  # for the whole slice: a vendor reads each group once
        while rows := _unverified(run):
            by_target: dict[tuple[int, str], list[Delivery]] = defaultdict(list)
            for row in rows:
                by_target[row.connector_id, row.target].append(row)
            read: list[Batch] = []
            for (connector_id, target), deliveries in by_target.items():
                connector = context.connectors[connector_id]
                if connector_id not in vendors:
                    vendors[connector_id] = open_lines.enter_context(opened(connector))
                batch = _read(vendors[connector_id], Batch(connector, target, deliveries))
                batch.watched = {*context.mapping(connector, target).strengths, *ALWAYS_WATCHED}
                read.append(batch)
            with work.step():
                for batch in read:
                    _keep(run, batch)
                run.cursor = {"delivery": rows[-1].pk}
            if work.is_over:
                return False
    _finish(work, context)
    return True


def _unverified(run: SyncRun) -> list[Delivery]:
    done = Delivery.objects.filter(cause=run.cause_id, state=DeliveryState.DELIVERED, pk__gt=run.cursor["delivery"])
    return list(done.order_by("pk")[:BATCH])


@dataclass(slots=True)
class Batch:
    """Some writes to one target, and what was there when it was asked. `there` is None where a target cannot be read at all."""

    connector: Connector
    target: str
    deliveries: list[Delivery]
    recorded: dict[str, dict[str, Any]] = field(default_factory=dict)
    there: dict[str, dict[str, Any]] | None = None
    unseen: frozenset[str] = frozenset()  # fields that the vendor says it never shows
    watched: set[str] = field(default_factory=set)
    refused: str = ""  # why groups could not be read

    @property
    def ids(self) -> list[str]:
        return sorted({row.remote_id for row in self.deliveries})

    def records(self) -> QuerySet[SourceRecord]:
        return SourceRecord.objects.filter(connector=self.connector, stream=self.target, external_id__any=self.ids)


def _read(vendor: Vendor, batch: Batch) -> Batch:
    """Ask the target, outside any transaction. What goes wrong is this target's trouble, whichever lines are open beside it."""
    try:
        return _asked(vendor, batch)
    except RollcallError as error:
        error.connector = error.connector or batch.connector.key
        raise


def _asked(vendor: Vendor, batch: Batch) -> Batch:
    """Accounts in calls of the target's own size, then the groups of all of them at once."""
    declared, ids = vendor.target(batch.target), batch.ids
    batch.unseen = frozenset(FIELDS[operation] for operation in declared.unseen)
    batch.recorded = dict(batch.records().values_list("external_id", "values"))
    try:
        size = max(1, declared.bulk)
        stretches = (ids[start : start + size] for start in range(0, len(ids), size))
        batch.there = {record.external_id: {**record.payload} for some in stretches for record in vendor.read_back(batch.target, some)}
    except NotSupported:
        return batch
    asked = _groups(batch)
    try:
        for remote_id, groups in (vendor.memberships(batch.target, asked) if asked else {}).items():
            batch.there[remote_id]["cohorts"] = sorted(groups)
    except NotSupported:
        batch.unseen |= {"cohorts"}
    except PermissionMissing as error:  # everything else was read; a run must not fail for a right that only reading needs
        batch.unseen |= {"cohorts"}
        batch.refused = error.detail
    return batch


def _groups(batch: Batch) -> dict[str, set[str]]:
    """Account → groups it should be in, and those it has just left."""
    asked = {remote_id: set(batch.recorded.get(remote_id, {}).get("cohorts") or ()) for remote_id in batch.there or ()}
    for row in batch.deliveries:
        if row.operation == "cohorts" and row.remote_id in asked:
            asked[row.remote_id] |= {*row.values["add"], *row.values["remove"]}
    return {remote_id: groups for remote_id, groups in asked.items() if groups}


@dataclass(slots=True)
class Kept:
    """What a batch leaves behind: rows to correct, writes to mark, and numbers for the run."""

    corrected: list[tuple[Any, ...]] = field(default_factory=list)
    marked: list[tuple[Any, ...]] = field(default_factory=list)
    counts: Counter[str] = field(default_factory=Counter)


def _keep(run: SyncRun, batch: Batch) -> None:
    """Compare, keep what is really there, and mark each write. In the caller's transaction."""
    if batch.there is None:
        return
    kept, shown, now = Kept(), {key for payload in batch.there.values() for key in payload}, clock.now()
    for record, rows in _settled(batch):
        there = batch.there.get(record.external_id)
        if there is None:
            kept.marked += [(row.pk, None, {"absent": True}) for row in rows]
            kept.counts["absent"] += 1
        else:
            _compare(batch, record, rows, compared(record.values, there, _watched(batch, rows), shown), kept, now)
    update_rows(SourceRecord, ("id", "values"), kept.corrected)
    update_rows(Delivery, ("id", "verified_at", "read_back"), kept.marked)
    counts = dict(Counter(run.counts.get("read_back", {})) + kept.counts)
    run.counts = {**run.counts, "differ": run.counts.get("differ", 0) + len(kept.corrected), "read_back": counts}
    if batch.refused:
        run.counts["groups_refused"] = batch.refused[:300]


def _settled(batch: Batch) -> Iterator[tuple[SourceRecord, list[Delivery]]]:
    """Accounts with this run's writes, oldest first. One that another run writes to at this moment is left to that run: what is there
    may be newer than what we know."""
    waiting = Delivery.objects.filter(connector=batch.connector, state__in=UNFINISHED)
    moving = set(waiting.filter(subject_id__any=[row.subject_id for row in batch.deliveries]).values_list("subject_id", flat=True))
    by_account: dict[str, list[Delivery]] = defaultdict(list)
    for row in batch.deliveries:
        if row.subject_id not in moving:
            by_account[row.remote_id].append(row)
    for record in batch.records():
        if by_account[record.external_id] and record.values == batch.recorded.get(record.external_id):
            yield record, by_account[record.external_id]


def _watched(batch: Batch, rows: Sequence[Delivery]) -> set[str]:
    return batch.watched.union(*(fields_of(row.operation, row.values) for row in rows))


def _compare(batch: Batch, record: SourceRecord, rows: Sequence[Delivery], account: Compared, kept: Kept, now: datetime) -> None:
    """One account: what reading it back showed of each write."""
    if account.differs:
        really = {name: found for name, (_recorded, found) in account.differs.items()}
        kept.corrected.append((record.pk, {**record.values, **really}))
        kept.counts.update(f"differs:{name}" for name in really)
    writes = [(row.pk, fields_of(row.operation, row.values)) for row in rows]
    found = findings(writes, account, batch.unseen)
    for pk, names in writes:
        kept.marked.append((pk, now if is_equal(found[pk], names) else None, found[pk]))
        kept.counts.update(f"unshown:{name}" for name in found[pk].get("unshown", ()))


def _finish(work: Slice, context: Context) -> None:
    run, now = work.run, clock.now()
    dead = Delivery.objects.filter(cause=run.cause_id, state=DeliveryState.DEAD).count()
    parked = RecordOutcome.objects.filter(run=run, outcome=Outcome.PARKED).count()
    with work.step():
        run.counts = {**run.counts, "dead": dead}
        run.phase = Phase.PARTIAL if dead or parked else Phase.SUCCEEDED
        run.finished_at = now
        close(f"run.failed:{run.connector.key}")
        close(f"run.late:{run.connector.key}")
        if dead:
            notify(
                f"{DEAD}{run.connector.key}",
                "bad",
                sentence(
                    "%(name)s: %(n)s change did not reach the learning system",
                    "%(name)s: %(n)s changes did not reach the learning system",
                    name=run.connector.name,
                    n=dead,
                ),
                next_step=sentence("Open the run: the errors are grouped, each with who can mend it and how to retry."),
                link=f"/admin/runs/{run.pk}/",
                owner="lnd",
            )
