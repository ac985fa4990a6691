"""Stages deliver and verify of a run: wait until its deliveries have ended, then read back what was written."""

from __future__ import annotations

from collections import defaultdict
from datetime import timedelta
from typing import Any

from django.db.models import Count, Q

from config import clock
from config.bell import ring
from config.bulk import update_rows
from config.errors import NotSupported
from config.notices.notify import close, notify
from config.sentences import sentence
from integrations.connectors.models import Connector
from integrations.connectors.open import opened
from integrations.outbound.models import Delivery, DeliveryState
from integrations.records.models import SourceRecord
from integrations.vendors.base import Record
from syncjobs.runs.context import Context
from syncjobs.runs.models import Outcome, Phase, RecordOutcome, SyncRun
from syncjobs.runs.slice import Slice

LOOK_AGAIN_SECONDS = 2
BATCH = 200
NOT_SHOWN = ("cohorts", "set_manager")  # reading an account back does not tell these: nothing is claimed of them


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
    """Read back every account this run wrote; what is not as sent is kept as it really is, and told."""
    run = work.run
    run.cursor = run.cursor if isinstance(run.cursor, dict) and "delivery" in run.cursor else {"delivery": 0, "differ": 0}
    while rows := _unverified(run):
        by_target: dict[int, list[Delivery]] = defaultdict(list)
        for row in rows:
            by_target[row.connector_id].append(row)
        differ = 0
        for connector_id, deliveries in by_target.items():
            differ += _read_back(work, context.connectors[connector_id], deliveries)
        with work.step():
            run.cursor = {"delivery": rows[-1].pk, "differ": run.cursor["differ"] + differ}
        if work.is_over:
            return False
    _finish(work, context)
    return True


def _unverified(run: SyncRun) -> list[Delivery]:
    done = Delivery.objects.filter(cause=run.cause_id, state=DeliveryState.DELIVERED, pk__gt=run.cursor["delivery"])
    return list(done.order_by("pk")[:BATCH])


def _read_back(work: Slice, connector: Connector, deliveries: list[Delivery]) -> int:
    """Compare what is there with what we recorded. Returns how many differ."""
    ids = sorted({row.remote_id for row in deliveries})
    try:
        with opened(connector) as vendor:
            size = max(1, vendor.target(deliveries[0].target).bulk)
            there = {
                record.external_id: record
                for start in range(0, len(ids), size)
                for record in vendor.read_back(deliveries[0].target, ids[start : start + size])
            }
    except NotSupported:
        return 0
    recorded = {row.external_id: row for row in SourceRecord.objects.filter(connector=connector, external_id__any=ids)}
    corrected, different = [], set()
    for remote_id, row in recorded.items():
        wrong = _differences(row.values, there.get(remote_id))
        if wrong:
            different.add(remote_id)
            corrected.append((row.pk, {**row.values, **wrong}))
    with work.step():
        update_rows(SourceRecord, ("id", "values"), corrected)
        shown = [row for row in deliveries if row.operation not in NOT_SHOWN and row.remote_id in there]
        equal = [row.pk for row in shown if row.remote_id not in different]
        Delivery.objects.filter(pk__in=equal).update(verified_at=clock.now())
        if different:
            work.run.counts["differ"] = work.run.counts.get("differ", 0) + len(different)
    return len(different)


def _differences(recorded: dict[str, Any], there: Record | None) -> dict[str, Any]:
    """Fields that the target shows and that are not as recorded. A field it does not show may be hidden from us: no difference."""
    if there is None:
        return {}
    return {
        key: there.payload[key]
        for key, value in recorded.items()
        if key in there.payload and not isinstance(value, list | dict) and str(there.payload[key] or "") != str(value or "")
    }


def _finish(work: Slice, context: Context) -> None:
    run, now = work.run, clock.now()
    dead = Delivery.objects.filter(cause=run.cause_id, state=DeliveryState.DEAD).count()
    parked = RecordOutcome.objects.filter(run=run, outcome=Outcome.PARKED).count()
    with work.step():
        run.counts = {**run.counts, "dead": dead}
        run.phase = Phase.PARTIAL if dead or parked else Phase.SUCCEEDED
        run.finished_at = now
        close(f"run.held:{run.connector.key}")
        close(f"run.failed:{run.connector.key}")
        close(f"run.late:{run.connector.key}")
        if dead:
            notify(
                f"deliveries.dead:{run.connector.key}",
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
