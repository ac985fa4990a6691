"""The Celery tasks: doorbells without arguments. Each looks into the rows for what is to be done and does one slice of it."""

from __future__ import annotations

from celery import shared_task
from django.db import close_old_connections

from config.bell import ring
from syncjobs.ledger.retention import prune_due
from syncjobs.pipeline.deliver import deliver_due
from syncjobs.pipeline.stages import work_once
from syncjobs.pipeline.tick import tick as run_tick

# A queue serves its own lane and everything more urgent.
LANES = {"urgent": ("urgent",), "default": ("urgent", "default"), "bulk": ("urgent", "default", "bulk")}


@shared_task(name="syncjobs.tick")
def tick() -> None:
    """Start what time has brought about."""
    close_old_connections()
    if run_tick():
        ring("urgent")
    prune_due()


@shared_task(name="syncjobs.work_urgent")
def work_urgent() -> None:
    work("urgent")


@shared_task(name="syncjobs.work_default")
def work_default() -> None:
    work("default")
    deliver_due()


@shared_task(name="syncjobs.work_bulk")
def work_bulk() -> None:
    work("bulk")


def work(queue: str) -> bool:
    close_old_connections()
    return work_once(LANES[queue])


def pulse() -> bool:
    """What a worker does by itself every second: anything that is due although no bell rang. True when there was something."""
    close_old_connections()
    run_tick()
    worked = work_once(LANES["bulk"])
    sent = deliver_due()
    return prune_due() or bool(sent) or worked
