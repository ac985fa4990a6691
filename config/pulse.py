"""The worker's own heartbeat and alarm clock: a thread that looks for due work every second, bell or no bell.

It runs beside the consumer, so it goes on while the broker is down, and every second of work it finds is in rows. What it calls
is named in a string, because this package imports no upper one.
"""

from __future__ import annotations

import logging
import threading
import time
from collections.abc import Callable
from typing import Any

from celery import bootsteps
from django.db import close_old_connections, connections
from django.utils.module_loading import import_string

from config.health import heartbeat
from config.notices.mail import send_waiting

log = logging.getLogger(__name__)

WORK = "syncjobs.tasks.pulse"  # () -> bool: True when there was something, then it is asked again at once
EVERY_SECONDS = 1.0
MAIL_EVERY_SECONDS = 60.0
TOLD_AGAIN_SECONDS = 60.0  # the same error, in the log
HUNG_AFTER_SECONDS = 300.0  # a slice of work ends after 30 s, a vendor's last answer after 30 more; this is neither
STOP_SECONDS = 30.0  # how long a stop waits for the slice under way

_woken = threading.Event()


def wake() -> None:
    """Look now. Costs nothing in a process without a pulse."""
    _woken.set()


class Pulse:
    """Two threads: one works, one says that the first one still turns."""

    def __init__(self, work: Callable[[], Any] | None = None) -> None:
        self._work = work
        self._stopping = threading.Event()
        self._turned_at = time.monotonic()
        self._mailed_at = time.monotonic()
        self._met, self._told_at = "", 0.0
        self._threads = [
            threading.Thread(target=self._turn, name="pulse", daemon=True),
            threading.Thread(target=self._live, name="heartbeat", daemon=True),
        ]

    def start(self) -> None:
        for thread in self._threads:
            thread.start()

    def stop(self) -> None:
        """Ends after the slice under way, or after STOP_SECONDS: the lease of an unfinished slice runs out by itself."""
        self._stopping.set()
        _woken.set()
        for thread in self._threads:
            if thread.is_alive():
                thread.join(STOP_SECONDS)

    def _turn(self) -> None:
        work = self._work or import_string(WORK)
        while not self._stopping.is_set():
            self._turned_at = time.monotonic()
            if not self._once(work):
                _woken.wait(EVERY_SECONDS)
            _woken.clear()
        connections.close_all()

    def _once(self, work: Callable[[], Any]) -> bool:
        """One look. An error is logged and costs one second, whatever it was: nobody else would look again."""
        close_old_connections()
        try:
            found = bool(work())
            self._mail()
            self._met = ""
            return found
        except Exception as error:
            self._tell(error)
            connections.close_all()
            return False

    def _tell(self, error: Exception) -> None:
        """The same error once a minute: a database that is away, or not migrated yet, would fill the log with one page every second."""
        met = f"{type(error).__name__}: {error}"
        if met != self._met or time.monotonic() - self._told_at >= TOLD_AGAIN_SECONDS:
            self._met, self._told_at = met, time.monotonic()
            log.exception("the pulse met an error; it goes on in a second")

    def _mail(self) -> None:
        if time.monotonic() - self._mailed_at >= MAIL_EVERY_SECONDS:
            self._mailed_at = time.monotonic()
            send_waiting()

    def _live(self) -> None:
        while True:
            if time.monotonic() - self._turned_at < HUNG_AFTER_SECONDS:
                heartbeat.beat("worker")
            connections.close_all()
            if self._stopping.wait(heartbeat.EVERY_SECONDS):
                return


class PulseStep(bootsteps.StartStopStep):
    """Starts with the worker, not with its connection to the broker."""

    requires = ("celery.worker.components:Pool",)

    def __init__(self, parent: Any, **options: Any) -> None:
        super().__init__(parent, **options)
        self.pulse = Pulse()

    def start(self, parent: Any) -> None:
        self.pulse.start()

    def stop(self, parent: Any) -> None:
        self.pulse.stop()
