"""Whose a record is according to this run, before apply makes it a Link."""

from __future__ import annotations

from collections.abc import Collection

from syncjobs.runs.models import Outcome, RecordOutcome, SyncRun


def staged_joins(run: SyncRun, record_ids: Collection[int], outcomes: Collection[str] = (Outcome.STAGED, Outcome.GONE)) -> dict[int, int]:
    """Record id → person number, for those of `record_ids` that this run has joined."""
    if not record_ids:
        return {}
    found = RecordOutcome.objects.filter(run=run, record_id__any=list(record_ids), outcome__in=outcomes, person_id__isnull=False)
    return {record: person for record, person in found.values_list("record_id", "person_id") if record and person}
