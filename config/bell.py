"""The doorbell: tell a worker to look at the rows now. It carries nothing, and losing it costs at most the worker's own second.

Rung after commit, once per queue and transaction. Sending never raises and takes at most about a second even when the broker
hangs; after a failure this process leaves the bell alone for half a minute (measured: docs/operating.md, "Broker").
"""

from __future__ import annotations

import logging
import time
from collections.abc import Callable
from functools import cache, partial
from typing import Any

from django.conf import settings
from django.db import connection, transaction
from kombu import pools
from kombu.connection import Connection

from config import pulse
from config.celery import app

log = logging.getLogger(__name__)

TASKS = {"urgent": "syncjobs.work_urgent", "default": "syncjobs.work_default", "bulk": "syncjobs.work_bulk"}
EXPIRES_SECONDS = 30  # an older ring says nothing that the pulse has not seen
SILENT_SECONDS = 30.0
# With Celery's defaults a hung Redis held the caller for over 70 s, a refused one for up to 6 s.
SOCKETS = {"socket_connect_timeout": 0.3, "socket_timeout": 0.5}
RETRY = {"max_retries": 1, "interval_start": 0, "interval_step": 0.05, "interval_max": 0.05}

failures = 0  # of this process, for metrics and the system page
_silent_until = 0.0


def ring(queue: str = "default") -> None:
    """Ring for `queue` (urgent, default, bulk) when the current transaction commits, or now outside of one."""
    ringer = _ringer(queue if queue in TASKS else "default")
    if not any(waiting[1] is ringer for waiting in connection.run_on_commit):
        transaction.on_commit(ringer, robust=True)


@cache
def _ringer(queue: str) -> Callable[[], Any]:
    """One callable per queue, so that a second ring in the same transaction is recognised. Rolled-back savepoints forget theirs."""
    return partial(send, queue)


def send(queue: str) -> bool:
    """Ring now; False when the bell is broken. Never raises."""
    global failures, _silent_until
    pulse.wake()
    if time.monotonic() < _silent_until:
        return False
    try:
        _send(queue)
    except Exception as error:
        failures += 1
        _silent_until = time.monotonic() + SILENT_SECONDS
        log.warning("the doorbell is broken (%s); the worker looks by itself every second", type(error).__name__)
        return False
    return True


def _send(queue: str) -> None:
    with pools.producers[_line()].acquire(block=True, timeout=0.5) as producer:
        app.send_task(
            TASKS[queue],
            queue=queue,
            producer=producer,
            ignore_result=True,
            expires=EXPIRES_SECONDS,
            retry=True,
            retry_policy=RETRY,
        )


def _line() -> Connection:
    """The connection that rings: the worker's broker with the short patience of somebody whose request waits."""
    options: dict[str, Any] = dict(settings.CELERY_BROKER_TRANSPORT_OPTIONS)
    if settings.REDIS_URL:
        options |= SOCKETS
    return Connection(settings.CELERY_BROKER_URL, transport_options=options)  # type: ignore[no-untyped-call]
