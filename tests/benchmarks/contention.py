"""SQLite with a web process and a worker at once: does anybody hear “database is locked”, and how long do writes of the web wait?

`python -m tests.benchmarks.contention 10000` writes as the web does (a cause and an audit entry in one transaction), first alone, then
while a worker process loads that many people from a file. What fell into the one apply transaction is reported apart.
"""

from __future__ import annotations

import json
import subprocess
import sys
import threading
import time
from dataclasses import dataclass
from typing import Any

from tests.benchmarks.ground import ROOT, set_up

set_up()

from django.db import OperationalError, transaction  # noqa: E402

from config.audit.cause import because  # noqa: E402
from config.audit.models import CauseKind  # noqa: E402
from config.audit.record import record  # noqa: E402
from syncjobs.pipeline import stages  # noqa: E402
from syncjobs.runs.models import SyncRun, Trigger  # noqa: E402
from syncjobs.runs.start import start_run  # noqa: E402
from syncjobs.schedules.models import RunMode  # noqa: E402
from tests.benchmarks.sources import source  # noqa: E402

ALONE = 400  # writes
pause = threading.Event().wait  # a visitor's pause between two clicks
PAUSE_SECONDS = 0.02  # between two writes of the web: fifty a second are many for a hub


@dataclass
class Write:
    begun: float
    ms: float
    is_locked: bool = False


def write() -> Write:
    begun, locked = time.time(), False
    try:
        with transaction.atomic():
            cause = because(CauseKind.SETTING, "benchmark")
            record(cause, "setting.changed", "setting", "benchmark", after={"at": begun})
    except OperationalError:
        locked = True
    return Write(begun, (time.time() - begun) * 1000, locked)


def main() -> None:
    if sys.argv[1] == "worker":
        work(int(sys.argv[2]))
        return
    alone = [write() for _ in range(ALONE) if not pause(PAUSE_SECONDS)]
    worker = subprocess.Popen(
        [sys.executable, "-m", "tests.benchmarks.contention", "worker", sys.argv[1]], cwd=ROOT, stdout=subprocess.PIPE, text=True
    )
    beside = []
    while worker.poll() is None:
        pause(PAUSE_SECONDS)
        beside.append(write())
    assert worker.stdout is not None
    told = json.loads(worker.stdout.read().splitlines()[-1])
    sys.stdout.write(json.dumps(report(alone, beside, told)) + "\n")


def report(alone: list[Write], beside: list[Write], told: dict[str, Any]) -> dict[str, Any]:
    begun, ended = told["apply"]
    during = [one for one in beside if told["begun"] <= one.begun <= told["ended"]]
    in_apply = [one for one in during if one.begun < ended and one.begun + one.ms / 1000 > begun]
    others = [one for one in during if one not in in_apply]
    return {
        "people": told["people"],
        "locked": sum(one.is_locked for one in (*alone, *beside)) + told["locked"],
        "alone_ms": spread(alone),
        "during_sync_ms": spread(others),
        "p99_times_alone": round(spread(others)["p99"] / spread(alone)["p99"], 1),
        "apply_transaction": {"seconds": round(ended - begun, 2), "longest_wait_ms": max((round(one.ms) for one in in_apply), default=0)},
    }


def spread(writes: list[Write]) -> dict[str, float]:
    ms = sorted(one.ms for one in writes)
    return {"n": len(ms), "p50": round(ms[len(ms) // 2], 2), "p99": round(ms[len(ms) * 99 // 100], 2), "max": round(ms[-1], 2)}


def work(people: int) -> None:
    """What a worker does, with the moments between which the apply transaction was open."""
    apply: list[float] = []
    plain = dict(stages.STAGES)["apply"]

    def marked(*args: Any) -> bool:
        apply.append(time.time())
        try:
            return plain(*args)
        finally:
            apply.append(time.time())

    stages.STAGES = tuple((name, marked if name == "apply" else stage) for name, stage in stages.STAGES)
    with source("csv_file", people) as from_:
        begun, locked = time.time(), 0
        run = start_run(from_.connector, Trigger.MANUAL, RunMode.FULL)
        while run.phase in ("queued", "planning", "applying"):
            stages.work_on(run.pk)
            run.refresh_from_db()
            locked += "OperationalError" in run.error_detail
            SyncRun.objects.filter(pk=run.pk, error_detail__contains="OperationalError").update(wanted_at=run.created_at, error_detail="")
        told = {"people": run.counts["chosen"], "begun": begun, "ended": time.time(), "apply": apply[:2], "locked": locked}
    sys.stdout.write(json.dumps(told) + "\n")


if __name__ == "__main__":
    main()
