"""What the data switches of faults.py do to people, the same for every HR emulator.

`bad_dates`: one in ten is hired on a day that does not exist. `unknown_location`: one in ten sits where no list knows.
`huge_field`: the first one's title is five megabytes. `manager_cycle`: two people report to each other.
Positions are those of the whole answer, so paging does not change who is hit.
"""

from __future__ import annotations

from dataclasses import dataclass, replace

from integrations.sandbox.faults import VendorFaults
from integrations.sandbox.worker import Worker

BAD_DAY = "2026-02-31"
NOWHERE_CODE, NOWHERE_NAME = "ATL-9", "Atlantis Dome"
HUGE = 5 * 1024 * 1024  # characters
ONE_IN = 10


@dataclass(frozen=True)
class Distortion:
    """`circle` are the keys of the two who report to each other."""

    faults: VendorFaults
    circle: tuple[str, str]

    @property
    def is_on(self) -> bool:
        return self.faults.huge_field or self.faults.unknown_location or self.faults.manager_cycle

    def of(self, worker: Worker, position: int) -> Worker:
        changed: dict[str, str] = {}
        if self.faults.huge_field and position == 0:
            changed["title"] = "X" * HUGE
        if self.faults.unknown_location and position % ONE_IN == 1:
            changed |= {"location_code": NOWHERE_CODE, "location_name": NOWHERE_NAME}
        if self.faults.manager_cycle and worker.key in self.circle:
            changed["manager_key"] = self.circle[1 - self.circle.index(worker.key)]
        return replace(worker, **changed) if changed else worker  # type: ignore[arg-type]  # only text fields

    def has_bad_day(self, position: int) -> bool:
        return self.faults.bad_dates and position % ONE_IN == 2
