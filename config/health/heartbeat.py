"""Signs of life of processes that answer no port: one row each, renewed every ten seconds in real time.

The sandbox may move the clock of the demo; hearts do not beat faster for it.
"""

from __future__ import annotations

import logging
import socket
from datetime import datetime, timedelta

from django.db import Error

from config import clock
from config.health.models import Heartbeat

log = logging.getLogger(__name__)

EVERY_SECONDS = 10.0
STALE_AFTER = timedelta(seconds=60)  # six missed beats: longer than any pause of the database that we survive
SILENT_AFTER = timedelta(minutes=2)  # a probe restarts what is stale; now somebody is asked to get up
FORGOTTEN_AFTER = timedelta(days=1)  # rows of machines that are gone


def real_now() -> datetime:
    return clock.now() - clock.offset()


def beat(component: str, slot: str = "") -> bool:
    """Say that this process is alive; False, with a log line, when the database does not take it. Never raises."""
    now = real_now()
    try:
        Heartbeat.objects.bulk_create(
            [Heartbeat(component=component, instance=instance(slot), at=now)],
            update_conflicts=True,
            unique_fields=["component", "instance"],
            update_fields=["at"],
        )
        Heartbeat.objects.filter(component=component, at__lt=now - FORGOTTEN_AFTER).delete()
    except Error as error:
        log.warning("heartbeat of %s not written: %s", component, type(error).__name__)
        return False
    return True


def instance(slot: str = "") -> str:
    """This machine, and which of several processes of one kind on it."""
    return f"{socket.gethostname()}/{slot}" if slot else socket.gethostname()


def last_beat(component: str, *, on_this_machine: bool = False) -> datetime | None:
    """The newest sign of life (UTC), None if there never was one."""
    rows = Heartbeat.objects.filter(component=component)
    if on_this_machine:
        rows = rows.filter(instance=instance()) | rows.filter(instance__startswith=f"{instance()}/")
    return rows.order_by("-at").values_list("at", flat=True).first()


def is_alive(component: str, *, on_this_machine: bool = False) -> bool:
    seen = last_beat(component, on_this_machine=on_this_machine)
    return seen is not None and real_now() - seen < STALE_AFTER
