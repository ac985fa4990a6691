"""A hold is opened where the guard says so, and people are told once."""

from __future__ import annotations

from datetime import datetime, timedelta

from config.errors import PlanHeld, SourceEmpty
from config.notices.notify import notify
from integrations.records.completeness import Proof
from integrations.vendors.base import Stream
from syncjobs.guards.models import Hold, HoldState
from syncjobs.runs.models import Phase, SyncRun

LAPSE_HOURS = 48
COLLAPSE_SHARE = 0.5  # fewer than half of last time's people is not a delta, it is a broken extract


def hold_fetch(run: SyncRun, stream: Stream, proof: Proof, heard: int, before: int, now: datetime) -> bool:
    """Hold a full read that came back empty, cut off or collapsed. True when it is held. In the caller's transaction."""
    if heard == 0:
        code, sentence = "source_empty", f"{run.connector.name} answered with nobody. Nothing has been written."
    elif stream.proof != "none" and not proof.is_complete:
        code, sentence = "fetch_cut_off", f"The reading of {run.connector.name} is not complete: {proof.why}. Nothing has been written."
    elif before and heard < before * COLLAPSE_SHARE:
        code, sentence = (
            "source_collapsed",
            f"{run.connector.name} sent {heard} records; last time it was {before}. Nothing has been written.",
        )
    else:
        return False
    open_hold(run, code, sentence, now, people=max(0, before - heard), of=before)
    if run.is_dry:
        end_holds_of_dry(run)
        return False
    run.phase = Phase.HELD
    tell_held(run, sentence, SourceEmpty.next_step)
    return True


def end_holds_of_dry(run: SyncRun) -> None:
    """What would have stopped a dry run stays to be read, and asks nobody."""
    Hold.objects.filter(run=run, state=HoldState.OPEN).update(state=HoldState.LAPSED)


def open_hold(
    run: SyncRun, code: str, sentence: str, now: datetime, *, target_key: str = "", kind: str = "", people: int = 0, of: int = 0
) -> Hold:
    hours = int(run.connector.policy.get("hold_lapses_hours", LAPSE_HOURS))
    hold, _ = Hold.objects.get_or_create(
        run=run,
        code=code,
        target_key=target_key,
        kind=kind,
        defaults={"sentence": sentence[:300], "people": people, "of": of, "opened_at": now, "lapses_at": now + timedelta(hours=hours)},
    )
    return hold


def tell_held(run: SyncRun, sentence: str, next_step: str = PlanHeld.next_step) -> None:
    notify(
        f"run.held:{run.connector.key}",
        "bad",
        f"{run.connector.name}: {sentence}"[:200],
        body=sentence,
        next_step=next_step,
        link=f"/admin/runs/{run.pk}/",
        owner="lnd",
    )
