"""A wall-clock limit for work on a socket.

A client's time-out counts from one byte to the next, so a receiver that sends a byte every half second holds a call for as
long as it likes. Here one thread of the process watches all calls under way and runs `on_expiry` (which shuts the socket
down) when the time one call may wait is used up. Time spent by our own code between two reads is not counted.
"""

from __future__ import annotations

import heapq
import logging
import os
import threading
import time
from collections.abc import Callable
from types import TracebackType

log = logging.getLogger(__name__)


class Deadline:
    """How long one call may still wait for the other side. Use as `with deadline:` around everything that can block."""

    def __init__(self, seconds: float, on_expiry: Callable[[], None]) -> None:
        self.has_expired = False
        self._left = seconds
        self._on_expiry = on_expiry
        self._started_at = 0.0
        self.due_at: float | None = None  # monotonic; None while nobody waits
        self.queued_at: float | None = None  # the watchdog's own note: when it will look at us next

    @property
    def seconds_left(self) -> float:
        """What remains of the time, never negative."""
        running = time.monotonic() - self._started_at if self.due_at is not None else 0.0
        return max(0.0, self._left - running)

    def __enter__(self) -> Deadline:
        self._started_at = time.monotonic()
        _watchdog.watch(self, self._started_at + self._left)
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None) -> None:
        _watchdog.release(self)
        self._left = max(0.0, self._left - (time.monotonic() - self._started_at))

    def expire(self) -> None:
        """Called by the watchdog, with its lock held: after `release` has returned nothing is shut down any more."""
        self.has_expired = True
        self.due_at = None
        self._on_expiry()


class Watchdog:
    """One thread that sleeps until the earliest deadline."""

    def __init__(self) -> None:
        self._changed = threading.Condition()
        self._queue: list[tuple[float, int, Deadline]] = []
        self._serial = 0
        self._thread: threading.Thread | None = None

    def watch(self, deadline: Deadline, due_at: float) -> None:
        with self._changed:
            deadline.due_at = due_at
            if deadline.queued_at is None or due_at < deadline.queued_at:
                self._enqueue(deadline, due_at)
            if self._thread is None:
                self._thread = threading.Thread(target=self._run, name="deadlines", daemon=True)
                self._thread.start()

    def release(self, deadline: Deadline) -> None:
        with self._changed:
            deadline.due_at = None

    def _enqueue(self, deadline: Deadline, at: float) -> None:
        self._serial += 1
        deadline.queued_at = at
        heapq.heappush(self._queue, (at, self._serial, deadline))
        if self._queue[0][2] is deadline:
            self._changed.notify()

    def _run(self) -> None:
        with self._changed:
            while True:
                self._changed.wait(self._queue[0][0] - time.monotonic() if self._queue else None)
                self._expire_due(time.monotonic())

    def _expire_due(self, now: float) -> None:
        while self._queue and self._queue[0][0] <= now:
            at, _, deadline = heapq.heappop(self._queue)
            if deadline.queued_at != at:
                continue  # an earlier look was queued after this one
            deadline.queued_at = None
            if deadline.due_at is None:
                continue
            if deadline.due_at > now:
                self._enqueue(deadline, deadline.due_at)
            else:
                _expire(deadline)


def _expire(deadline: Deadline) -> None:
    """Whatever goes wrong with one deadline, the thread goes on to watch the others."""
    try:
        deadline.expire()
    except Exception:
        log.exception("a call could not be cut off at its deadline")


_watchdog = Watchdog()


def _start_afresh() -> None:
    """A forked child has neither the thread nor, perhaps, a free lock."""
    global _watchdog
    _watchdog = Watchdog()


os.register_at_fork(after_in_child=_start_afresh)
