"""What had been entered before the world began: the hires and terminations that its first day came with."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, datetime, timedelta
from functools import cached_property

from integrations.sandbox.born import Birth
from integrations.sandbox.worker import WorldChange

NEAR_DAYS = 45  # what a delta or a sweep over dates looks at; kept, because walking a large company takes seconds


class Past:
    """The first changes of one HR system. Windows near the day of creation are served from a short list."""

    def __init__(self, birth: Birth, hr: str) -> None:
        self._birth, self._hr = birth, hr
        self._near_at = birth.created_at - timedelta(days=NEAR_DAYS)

    def entered(self, since: datetime | None, until: datetime | None) -> list[WorldChange]:
        """Entered in [since, until), oldest first."""
        changes = self._near if since and since >= self._near_at else self._all()
        wanted = [change for change in changes if (since is None or change.at >= since) and (until is None or change.at < until)]
        return sorted(wanted, key=lambda change: change.at)

    def effective(self, first_on: date, last_on: date) -> list[WorldChange]:
        """True from a day in [first_on, last_on]."""
        changes = self._near if first_on >= self._near_at.date() else self._all()
        return [change for change in changes if first_on <= change.effective_on <= last_on]

    @cached_property
    def _near(self) -> list[WorldChange]:
        return [change for change in self._all() if change.at >= self._near_at or change.effective_on >= self._near_at.date()]

    def _all(self) -> Iterator[WorldChange]:
        for place in range(self._birth.count[self._hr]):
            worker = self._birth.worker(self._hr, place)
            yield WorldChange(worker.entered_at, worker.hire_on, self._hr, worker.key, "hire")
            if worker.termination_on and worker.termination_entered_at:
                yield WorldChange(worker.termination_entered_at, worker.termination_on, self._hr, worker.key, "terminate")
