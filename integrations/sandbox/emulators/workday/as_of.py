"""The two dates at which everything is looked at."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import date, datetime

from integrations.sandbox.worker import Worker

HR = "workday"
ALWAYS = date.max  # a worker as of this day carries everything ever entered


@dataclass(frozen=True)
class AsOf:
    """The two dates everything is looked at: effective `on` a day, and known by an instant (None: by now)."""

    on: date
    entered_by: datetime | None

    def of(self, worker: Worker) -> Worker | None:
        """The worker as then, None when nobody had entered them yet or they were erased."""
        if self.entered_by is None:
            return None if worker.deleted else worker.as_of(self.on)
        if worker.entered_at > self.entered_by:
            return None
        seen = worker.as_of(self.on, self.entered_by)
        if seen.termination_entered_at and seen.termination_entered_at > self.entered_by:
            seen = replace(seen, last_day_on=None, termination_on=None, termination_reason="", termination_entered_at=None)
        return None if seen.deleted else seen
