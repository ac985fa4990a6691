"""Two nights done by a real worker, with faults in the middle: each is done when the rows say that the run is where it shall happen."""

from __future__ import annotations

import json
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any

from config.reconnect import once_back
from integrations.outbound.models import Delivery, DeliveryState
from syncjobs.guards.decisions import ApprovePlan
from syncjobs.runs.models import LIVE, Checkpoint, Phase, SyncRun, Trigger
from syncjobs.runs.start import start_run
from syncjobs.schedules.models import RunMode, SyncSchedule
from tests.company import meridian
from tests.config.test_pulse import eventually
from tests.endings import happen, snapshot
from tests.servers import a_worker

SIZE = 280
PATIENCE_SECONDS = 240.0  # a worker that dies between a claim and its answer costs a lease of two minutes


@dataclass
class Fault:
    """What is done once the rows of the run say so."""

    when: Callable[[SyncRun], bool]
    act: Callable[[], Any]


def pages_read(number: int) -> Callable[[SyncRun], bool]:
    """In the middle of the reading: so many pages are stored, and not the last one."""
    return lambda run: run.stage == "fetch" and Checkpoint.objects.filter(run=run).count() >= number


def written(number: int) -> Callable[[SyncRun], bool]:
    """In the middle of the writing: so many accounts are written, and more are waiting."""

    def is_so(run: SyncRun) -> bool:
        of_run = Delivery.objects.filter(cause=run.cause_id)
        done = of_run.filter(state=DeliveryState.DELIVERED).count()
        return run.stage == "deliver" and done >= number and of_run.filter(state=DeliveryState.PENDING).exists()

    return is_so


def waits_for_approval(run: SyncRun) -> bool:
    return run.phase in (Phase.AWAITING, Phase.HELD)


def see_through(run: SyncRun, faults: Sequence[Fault] = ()) -> SyncRun:
    """Until the run has ended, approved where it is held. The faults happen one after the other."""
    waiting = list(faults)

    def has_ended() -> bool:
        once_back(run.refresh_from_db)
        if waiting and once_back(partial(waiting[0].when, run)):
            waiting.pop(0).act()
            return False
        if waits_for_approval(run):
            ApprovePlan(None, run).execute("looked at, and right")
        return run.phase not in LIVE

    assert eventually(has_ended, PATIENCE_SECONDS), f"{run.phase} {run.stage} {run.error_code} {run.error_detail} {run.cursor}"
    assert not waiting, f"{len(waiting)} faults never happened"
    return run


def history(folder: Path, redis_url: str, *, first: Sequence[Fault] = (), second: Sequence[Fault] = ()) -> dict[str, Any]:
    """Workday is read for the first time, a day goes by, it is read again; by a worker. The end as values.

    Both systems answer slowly, so that there is a middle.
    """
    with meridian(folder, SIZE) as company:
        SyncSchedule.objects.all().delete()
        workday = company.connector("workday")
        workday.settings = {**workday.settings, "page_size": 100}
        workday.save()
        for system in ("workday", "moodle"):
            company.box.faults.set(system, slow=0.15)
        with a_worker(redis_url, folder / "worker.log"):
            run = see_through(start_run(workday, Trigger.MANUAL, RunMode.FULL), first)
            assert run.phase == Phase.SUCCEEDED, (run.error_code, run.error_detail)
            happen(company)
            run = see_through(start_run(workday, Trigger.MANUAL, RunMode.DELTA), second)
            assert run.phase == Phase.SUCCEEDED, (run.error_code, run.error_detail)
            return snapshot(company)


def must_be_equal(disturbed: dict[str, Any], calm: dict[str, Any]) -> None:
    for part, state in calm.items():
        assert disturbed[part] == state, part
    assert calm["ledger"] == [] and calm["trail"] is True and len(calm["people"]) > 150
    emails = [json.loads(account)["email"] for account in disturbed["accounts"]]
    assert len(emails) == len(set(emails)), "nobody has two accounts"
