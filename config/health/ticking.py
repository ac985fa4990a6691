"""Beat: it only ticks, keeps no file, and says that it is alive."""

from __future__ import annotations

import time
from typing import Any

from celery.beat import Scheduler
from django.db import connections

from config.health import heartbeat

LONGEST_SLEEP_SECONDS = 5.0


class TickingScheduler(Scheduler):
    """The static schedule of config/celery.py, in memory: due times of syncs stand in rows, so there is nothing to remember."""

    _beaten_at = float("-inf")

    def setup_schedule(self) -> None:
        self.merge_inplace(self.app.conf.beat_schedule)

    def tick(self, *arguments: Any, **options: Any) -> float:
        if time.monotonic() - self._beaten_at >= heartbeat.EVERY_SECONDS:
            self._beaten_at = time.monotonic()
            heartbeat.beat("beat")
            connections.close_all()
        return min(float(super().tick(*arguments, **options)), LONGEST_SLEEP_SECONDS)
