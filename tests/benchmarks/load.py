"""One source, measured from nothing to an applied plan, then again with nothing changed and with one person in a hundred changed.

`python -m tests.benchmarks.load bamboohr 100000 [plan|first|all|pages]` prints JSON:
microseconds a person for every stage, rows a person, memory.
"""

from __future__ import annotations

import json
import os
import resource
import sys
import time
from collections import Counter, defaultdict
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import wraps
from pathlib import Path
from typing import Any

from tests.benchmarks.ground import set_up

set_up()

from django.db import connection  # noqa: E402

from config import clock  # noqa: E402
from config.ahead import Ahead  # noqa: E402
from identity.people.models import Person  # noqa: E402
from integrations.wire import body, http  # noqa: E402
from syncjobs.guards.decisions import ApprovePlan  # noqa: E402
from syncjobs.pipeline import fetch, stages, staging  # noqa: E402
from syncjobs.plans import build  # noqa: E402
from syncjobs.plans.models import PlannedChange  # noqa: E402
from syncjobs.runs.models import WORKABLE, Phase, SyncRun, Trigger  # noqa: E402
from syncjobs.runs.start import start_run  # noqa: E402
from syncjobs.schedules.models import RunMode  # noqa: E402
from tests.benchmarks.pages import timings  # noqa: E402
from tests.benchmarks.sources import Source, source  # noqa: E402

BEFORE_PLAN = ("fetch", "resolve", "look", "plan")


class Stopwatch:
    """Seconds by name, of the thread that drives the run."""

    def __init__(self) -> None:
        self.seconds: dict[str, float] = defaultdict(float)
        self.cpu: dict[str, float] = defaultdict(float)  # of this process and of its PostgreSQL backend, by stage
        self.planned: Counter[str] = Counter()  # rows written until the plan was stored
        self.memory = 0  # MB until then

    def timed(self, name: str, function: Callable[..., Any]) -> Callable[..., Any]:
        @wraps(function)
        def run(*args: Any, **named: Any) -> Any:
            begun = time.perf_counter()
            try:
                return function(*args, **named)
            finally:
                self.seconds[name] += time.perf_counter() - begun

        return run

    def _noting(self, name: str, stage: Callable[..., Any]) -> Callable[..., Any]:
        """Guard begins where the plan is stored."""

        @wraps(stage)
        def run(*args: Any) -> Any:
            if name == "guard":
                self.planned, self.memory = written(), peak_memory()
            python, postgresql = time.process_time(), backend_seconds()
            try:
                return stage(*args)
            finally:
                self.cpu[f"{name}, python"] += time.process_time() - python
                self.cpu[f"{name}, postgresql"] += backend_seconds() - postgresql

        return run

    def watch(self) -> None:
        stages.STAGES = tuple((name, self.timed(name, self._noting(name, stage))) for name, stage in stages.STAGES)
        for module, function in (
            (fetch, "ingest"),
            (fetch, "stage"),
            (staging, "resolve"),
            (build, "pictures"),
            (build, "draft_of"),
            (build, "changes"),
        ):
            setattr(module, function, self.timed(f"  {function}", getattr(module, function)))
        begun = Ahead._begun
        Ahead._begun = lambda one: self.timed("blocked", begun(one))  # type: ignore[method-assign]
        http._Try.send = self.timed("waiting", http._Try.send)  # type: ignore[method-assign]
        body.Body._read_wire = self.timed("waiting", body.Body._read_wire)  # type: ignore[method-assign]


def drive(run: SyncRun) -> SyncRun:
    while run.phase in WORKABLE:
        SyncRun.objects.filter(pk=run.pk).update(wanted_at=clock.now())
        stages.work_on(run.pk)
        run.refresh_from_db()
    if run.phase in (Phase.FAILED, Phase.CANCELLED):
        raise RuntimeError(f"{run.phase} in {run.stage}: {run.error_code} {run.error_detail}")
    return run


def backend_seconds() -> float:
    """Processor seconds of the PostgreSQL process that serves us, 0 when it runs on another machine."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_backend_pid()")
        stat = Path(f"/proc/{cursor.fetchone()[0]}/stat")
    if not stat.exists():
        return 0.0
    fields = stat.read_text().rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


def written() -> Counter[str]:
    """Rows inserted, updated and deleted since the database was made, by table."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_stat_force_next_flush()")
        cursor.execute("SELECT pg_stat_clear_snapshot()")
        cursor.execute("SELECT relname, n_tup_ins + n_tup_upd + n_tup_del FROM pg_stat_user_tables")
        return Counter({name: count for name, count in cursor.fetchall() if count})


@contextmanager
def measured(watch: Stopwatch) -> Iterator[dict[str, Any]]:
    """Wall-clock seconds, seconds by stage and rows by table of what happens inside."""
    found: dict[str, Any] = {}
    watch.seconds.clear()
    watch.cpu.clear()
    before, begun = written(), time.perf_counter()
    yield found
    found["seconds"] = time.perf_counter() - begun
    found["stages"] = dict(watch.seconds)
    found["rows"] = dict(written() - before)


def first_load(watch: Stopwatch, from_: Source, *, only_plan: bool) -> dict[str, Any]:
    """To a stored plan, then (apart) the one transaction that applies it."""
    before = written()
    with measured(watch) as found:
        run = drive(start_run(from_.connector, Trigger.MANUAL, RunMode.FULL, is_dry=only_plan))
        run = approved(run)
    if only_plan:
        watch.planned, watch.memory = written(), peak_memory()
    chosen = PlannedChange.objects.filter(plan__run=run, target=None).count()
    spent = found["stages"]
    waited = waiting(spent)
    seconds = sum(spent.get(name, 0.0) for name in BEFORE_PLAN) - waited
    return {
        "people": chosen,
        "seconds": round(seconds, 2),
        "people_per_second": round(chosen / seconds),
        "waiting_seconds": round(waited, 2),
        "us_per_person": {name: round(taken / chosen * 1e6, 1) for name, taken in spent.items()},
        "cpu_us_per_person": {name: round(taken / chosen * 1e6, 1) for name, taken in watch.cpu.items() if name.startswith(BEFORE_PLAN)},
        "rows_per_person": per_person(watch.planned - before, chosen),
        "peak_memory_mb": watch.memory,
        "apply": {} if only_plan else applied(watch, spent["apply"], chosen),
    }


def waiting(spent: dict[str, float]) -> float:
    """Seconds in which nothing could be done because the emulator had not answered. What was stored meanwhile does not count as waiting."""
    return min(spent.get("waiting", 0.0), spent.get("blocked", 0.0))


def applied(watch: Stopwatch, seconds: float, people: int) -> dict[str, Any]:
    assert Person.objects.count() == people, "every planned person is written"
    return {
        "seconds": round(seconds, 2),
        "people_per_second": round(people / seconds),
        "rows_per_person": per_person(written() - watch.planned, people),
        "peak_memory_mb": peak_memory(),
    }


def per_person(rows: Counter[str], people: int) -> dict[str, float]:
    """Inserts and updates; tables with fewer than one row for a thousand people are left out."""
    return {name: round(count / people, 3) for name, count in sorted(rows.items()) if count * 1000 > people}


def approved(run: SyncRun) -> SyncRun:
    """A first load is held for a person's eyes where a learning system is told."""
    if run.phase in (Phase.AWAITING, Phase.HELD):
        ApprovePlan(None, run).execute("benchmark")
        run.refresh_from_db()
        return drive(run)
    return run


def again(watch: Stopwatch, from_: Source, mode: RunMode) -> dict[str, Any]:
    with measured(watch) as found:
        run = approved(drive(start_run(from_.connector, Trigger.MANUAL, mode)))
    spent = found["stages"]
    return {
        "seconds": round(found["seconds"], 2),
        "waiting_seconds": round(waiting(spent), 2),
        "fetch_seconds": round(spent.get("fetch", 0.0), 2),
        "stages": {name: round(value, 3) for name, value in spent.items()},
        "rows_written": found["rows"],
        "counts": {key: value for key, value in run.counts.items() if isinstance(value, int) and value},
    }


def peak_memory() -> int:
    """MB of this process, which does what a worker does."""
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024


def main() -> None:
    vendor, people, how_far = sys.argv[1], int(sys.argv[2]), sys.argv[3] if len(sys.argv) > 3 else "all"
    watch = Stopwatch()
    with source(vendor, people) as from_:
        found: dict[str, Any] = {"parse": parse_alone(watch, from_)}
        watch.watch()
        found["first_load"] = first_load(watch, from_, only_plan=how_far == "plan")
        if how_far in ("all", "pages"):
            from_.warm()
            found["nothing_changed"] = again(watch, from_, RunMode.FULL)
            from_.change(people // 100)
            mode = RunMode.FULL if vendor == "csv_file" else RunMode.DELTA
            found["one_percent_changed"] = again(watch, from_, mode)
        if how_far == "pages":
            found["pages"] = timings()
    sys.stdout.write(json.dumps(found) + "\n")


def parse_alone(watch: Stopwatch, from_: Source) -> dict[str, Any]:
    """Reading everything twice without storing it; the second time the emulator only sends."""
    from_.warm()
    plain = (http._Try.send, body.Body._read_wire)
    http._Try.send = watch.timed("waiting", plain[0])  # type: ignore[method-assign]
    body.Body._read_wire = watch.timed("waiting", plain[1])  # type: ignore[method-assign]
    begun = time.perf_counter()
    people = from_.warm()
    seconds = time.perf_counter() - begun - watch.seconds["waiting"]
    http._Try.send, body.Body._read_wire = plain  # type: ignore[method-assign]
    return {"us_per_person": round(seconds / max(people, 1) * 1e6, 1), "waiting_seconds": round(watch.seconds["waiting"], 2)}


if __name__ == "__main__":
    main()
