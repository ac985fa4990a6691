"""The verbs as methods with their arguments spelled out; each is one line of the journal. See verbs.py for what they mean."""

from __future__ import annotations

from abc import ABC, abstractmethod
from datetime import date
from typing import Any

from integrations.sandbox.worker import Worker


class Acts(ABC):
    """Everything raises verbs.Refused when it makes no sense, and returns the worker as of today."""

    @abstractmethod
    def do(self, verb: str, **args: Any) -> Worker | None:
        """Carry out a verb by its name."""

    @abstractmethod
    def count(self, hr: str) -> int:
        """How many records a system holds."""

    def hire(self, hr: str, given: str, family: str, **values: Any) -> Worker:
        return self._about("hire", hr=hr, given=given, family=family, **values)

    def rename(self, hr: str, key: str, **names: Any) -> Worker:
        return self._about("rename", hr=hr, key=key, **names)

    def change_title(self, hr: str, key: str, title: str, effective_on: date | None = None) -> Worker:
        return self._about("change_title", hr=hr, key=key, title=title, effective_on=effective_on)

    def move(self, hr: str, key: str, **where: Any) -> Worker:
        return self._about("move", hr=hr, key=key, **where)

    def edit(self, hr: str, key: str, **values: Any) -> Worker:
        return self._about("edit", hr=hr, key=key, **values)

    def start_leave(self, hr: str, key: str, from_on: date | None = None, until_on: date | None = None) -> Worker:
        return self._about("start_leave", hr=hr, key=key, from_on=from_on, until_on=until_on)

    def end_leave(self, hr: str, key: str, on: date | None = None) -> Worker:
        return self._about("end_leave", hr=hr, key=key, on=on)

    def terminate(
        self, hr: str, key: str, last_day_on: date | None = None, termination_on: date | None = None, reason: str | None = None
    ) -> Worker:
        return self._about("terminate", hr=hr, key=key, last_day_on=last_day_on, termination_on=termination_on, reason=reason)

    def rescind_termination(self, hr: str, key: str) -> Worker:
        return self._about("rescind_termination", hr=hr, key=key)

    def rehire(self, hr: str, key: str, hire_on: date | None = None) -> Worker:
        return self._about("rehire", hr=hr, key=key, hire_on=hire_on)

    def convert_to_employee(self, hr: str, key: str, on: date | None = None) -> Worker:
        """Returns the new employee record."""
        return self._about("convert_to_employee", hr=hr, key=key, on=on)

    def delete(self, hr: str, key: str) -> Worker:
        return self._about("delete", hr=hr, key=key)

    def touch(self, hr: str, percent: float, mark: str = "") -> int:
        """Change the titles of that share of a system's people (benchmarks); how many that were."""
        count = max(1, round(self.count(hr) * percent / 100))
        self.do("touch", hr=hr, count=count, mark=mark)
        return count

    def rename_unit(self, unit_key: str, name: str) -> None:
        self.do("rename_unit", unit_key=unit_key, name=name)

    def move_unit(self, unit_key: str, parent_key: str) -> None:
        self.do("move_unit", unit_key=unit_key, parent_key=parent_key)

    def _about(self, verb: str, **args: Any) -> Worker:
        worker = self.do(verb, **args)
        assert worker is not None
        return worker
