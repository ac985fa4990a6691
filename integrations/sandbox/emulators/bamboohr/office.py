"""What one call works with: the account's people as of today, who their managers are, and what the key may see."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime, time
from functools import cached_property

from integrations.sandbox.cast import MARCO_ROSSI_BAMBOO, STELLAN_LINDGREN_BAMBOO
from integrations.sandbox.emulators.bamboohr.fields import Boss, Read, Value, display_name, empty, find
from integrations.sandbox.emulators.bamboohr.settings import Settings
from integrations.sandbox.emulators.distort import BAD_DAY, Distortion
from integrations.sandbox.faults import VendorFaults
from integrations.sandbox.worker import Worker
from integrations.sandbox.world import World

HR = "bamboohr"
NOBODY: Boss = ("", "", "", "", "")
Readers = list[tuple[str, Read]]


@dataclass(frozen=True)
class Plan:
    """(key in the answer, reader) for each field wanted; `before` is for people who have not started, without their job."""

    readers: Readers
    before: Readers


@dataclass
class Office:
    """Made for one call. `only_current` is the caller's onlyCurrent: without it, values still to come are shown."""

    world: World
    faults: VendorFaults
    settings: Settings
    today: date
    only_current: bool = True

    def __post_init__(self) -> None:
        self._bosses: dict[str, Boss] = {"": NOBODY}
        self._distortion = Distortion(self.faults, (MARCO_ROSSI_BAMBOO.key, STELLAN_LINDGREN_BAMBOO.key))

    # ── people ──────────────────────────────────────────────────────────────────────────────────────

    def people(self) -> Iterator[tuple[int, Worker]]:
        """(position, worker) of everybody the key may see, in a stable order.

        Values are as of today, for future hires as of their first day.
        """
        if self.faults.empty:
            return
        hidden, day = frozenset(self.settings.hidden_employees), date.max
        position = 0
        for latest in self.world.workers(HR, on=day):
            if latest.deleted or latest.key in hidden:
                continue
            worker = latest.as_of(max(self.today, latest.hire_on)) if latest.entries else latest
            yield position, self._distortion.of(worker, position) if self._distortion.is_on else worker
            position += 1

    def person(self, key: str) -> Worker | None:
        """One of them by id, as of today; None when there is nobody (any more)."""
        latest = self.world.worker(HR, key, date.max)
        if latest is None or latest.deleted or self.faults.empty:
            return None
        on = max(self.today, latest.hire_on) if self.only_current else date.max
        return self._distortion.of(latest.as_of(on), -1)

    def has_started(self, worker: Worker) -> bool:
        return worker.hire_on <= self.today

    def boss(self, key: str) -> Boss:
        """The facts about a manager that records repeat; empty ones when there is none or the record is gone."""
        known = self._bosses.get(key)
        if known is None:
            worker = self.world.worker(HR, key)
            known = self._bosses[key] = NOBODY if worker is None or worker.deleted else _boss(worker)
        return known

    def changed_at(self, worker: Worker) -> datetime:
        """When somebody last typed something; with the switch, also when a dated row took effect."""
        at = worker.changed_at
        if self.settings.date_reached_is_a_change:
            reached = [entry.effective_on for entry in worker.entries if date.min < entry.effective_on <= self.today]
            reached += [on for on in (worker.hire_on, worker.termination_on) if on and on <= self.today]
            at = max([at, *(datetime.combine(on, time(), UTC) for on in reached)])
        return at

    # ── rights ──────────────────────────────────────────────────────────────────────────────────────

    @cached_property
    def hidden(self) -> frozenset[str]:
        return frozenset(self.settings.hidden_fields)

    def hidden_of(self, key: str) -> frozenset[str]:
        return self.hidden | frozenset(self.settings.hidden_fields_of.get(key, ()))

    # ── rows ────────────────────────────────────────────────────────────────────────────────────────

    def plan(self, names: Iterable[str]) -> Plan:
        """Known fields that are not hidden from the key; others vanish."""
        known = [(name, field) for name in dict.fromkeys(names) if (field := find(name)) and field.name not in self.hidden]
        told = [(self.faults.rename_field.get(name, name), field) for name, field in known]
        before = [(key, empty if field.is_job and self.only_current else field.read) for key, field in told]
        return Plan([(key, field.read) for key, field in told], before)

    def row(self, worker: Worker, plan: Plan, position: int = -1) -> dict[str, Value]:
        """The person's id and the planned fields, less those hidden for this person alone."""
        row: dict[str, Value] = {"id": worker.key}
        for key, read in plan.readers if worker.hire_on <= self.today else plan.before:
            row[key] = read(worker, self)
        if self.settings.hidden_fields_of:
            for name in self.settings.hidden_fields_of.get(worker.key, ()):
                row.pop(name, None)
        if self.has_bad_day(position) and "hireDate" in row:
            row["hireDate"] = BAD_DAY
        return row

    def has_bad_day(self, position: int) -> bool:
        return position >= 0 and self._distortion.has_bad_day(position)


def _boss(worker: Worker) -> Boss:
    return (worker.employee_number, worker.key, f"{worker.family}, {worker.given}", worker.work_email, display_name(worker))
