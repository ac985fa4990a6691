"""A hold is opened where the guard says so, and people are told once."""

from __future__ import annotations

from datetime import datetime, timedelta

from config.errors import SourceEmpty
from config.sentences import Sentence, sentence
from integrations.records.completeness import Proof
from integrations.vendors.base import Stream
from syncjobs.guards.models import Hold, HoldState
from syncjobs.runs.held import tell_held
from syncjobs.runs.models import Phase, SyncRun

LAPSE_HOURS = 48
COLLAPSE_SHARE = 0.5  # fewer than half of last time's people is not a delta, it is a broken extract


def hold_fetch(run: SyncRun, stream: Stream, proof: Proof, heard: int, before: int, now: datetime) -> bool:
    """Hold a full read that came back empty, cut off or collapsed. True when it is held. In the caller's transaction."""
    name = run.connector.name
    if heard == 0:
        code, reason = "source_empty", sentence("%(source)s answered with nobody.", source=name)
    elif stream.proof != "none" and not proof.is_complete:
        code, reason = "fetch_cut_off", sentence("The reading of %(source)s is not complete: %(why)s.", source=name, why=proof.why)
    elif before and heard < before * COLLAPSE_SHARE:
        code = "source_collapsed"
        reason = sentence(
            "%(source)s sent %(n)s record; last time it was %(before)s.",
            "%(source)s sent %(n)s records; last time it was %(before)s.",
            source=name,
            n=heard,
            before=before,
        )
    else:
        return False
    open_hold(run, code, reason, now, people=max(0, before - heard), of=before)
    if run.is_dry:
        end_holds_of_dry(run)
        return False
    run.phase = Phase.HELD
    tell_held(run, reason, Sentence(SourceEmpty.next_step))
    return True


def end_holds_of_dry(run: SyncRun) -> None:
    """What would have stopped a dry run stays to be read, and asks nobody."""
    Hold.objects.filter(run=run, state=HoldState.OPEN).update(state=HoldState.LAPSED)


def open_hold(
    run: SyncRun, code: str, reason: Sentence, now: datetime, *, target_key: str = "", kind: str = "", people: int = 0, of: int = 0
) -> Hold:
    hours = int(run.connector.policy.get("hold_lapses_hours", LAPSE_HOURS))
    hold, _ = Hold.objects.get_or_create(
        run=run,
        code=code,
        target_key=target_key,
        kind=kind,
        defaults={"sentence": reason, "people": people, "of": of, "opened_at": now, "lapses_at": now + timedelta(hours=hours)},
    )
    return hold
