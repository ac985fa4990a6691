"""Time for a sandbox that has no other clock: it moves when it is told to."""

from __future__ import annotations

import threading
from datetime import UTC, date, datetime, timedelta


class Clock:
    """A clock of the sandbox's own: starts at nine (UTC) of a day, ticks a millisecond at each look, jumps when told."""

    def __init__(self, today: date) -> None:
        self._now = datetime(today.year, today.month, today.day, 9, tzinfo=UTC)
        self._lock = threading.Lock()

    def __call__(self) -> datetime:
        with self._lock:
            self._now += timedelta(milliseconds=1)
            return self._now

    def advance(self, days: int = 0, seconds: float = 0) -> None:
        with self._lock:
            self._now += timedelta(days=days, seconds=seconds)
