"""What a row means on a given day: the keys that cannot be said by a mapping, because they need that day. Pure.

BambooHR knows Active and Inactive; a future hire is Inactive, and so is a leaver. The rules and what is not confirmed:
docs/vendors/bamboohr.md §5.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

from integrations.canonical import WorkerStatus
from integrations.vendors.bamboohr.tables import Dated

EMPTY_DATES = ("", "0000-00-00")


@dataclass(frozen=True)
class Words:
    """The customer's own wording, and the choices that public documents leave open.

    `manager` is the field that holds the manager's id. `early_leaver`: what to make of somebody who is marked Inactive
    ahead of the termination date: "terminated" or "active".
    """

    leave: frozenset[str] = frozenset()
    leaver: frozenset[str] = frozenset()
    manager: str = "supervisorEId"
    early_leaver: str = "terminated"


def day(value: Any) -> date | None:
    """A date of BambooHR; None for the three ways of saying "none". Raises ValueError for anything else."""
    if value is None or value in EMPTY_DATES:
        return None
    return date.fromisoformat(str(value)[:10])


def computed(
    row: Mapping[str, Any], as_of: date | None, words: Words, steps: Dated | None = None, jobs: Dated | None = None
) -> dict[str, Any]:
    """The computed keys for one row as of `as_of`. A key is left out where the row does not let us tell.

    `steps` and `jobs` are this person's rows of the employment-status and job tables, where these are read.
    """
    found: dict[str, Any] = {}
    try:
        found = employment(row, as_of, words, steps) if as_of else {}
    except ValueError:
        found = {}  # a date that is none: the status is unknown and the person keeps what they had
    manager = row.get(words.manager)
    is_said = words.manager in row and found.get("rollcall_status") != WorkerStatus.PENDING.value  # a future hire's job fields may be empty
    if manager or is_said:
        found["rollcall_lines"] = [{"type": "primary", "manager": str(manager)}] if manager else []
    if jobs is not None:
        found["rollcall_job"] = jobs.now
        found["rollcall_next_job"] = jobs.next
    return found


def employment(row: Mapping[str, Any], as_of: date, words: Words, steps: Dated | None) -> dict[str, Any]:
    """Status, leave and termination date. Raises ValueError for an unreadable date."""
    status = row.get("status")
    if status == "Active":
        on_leave, leave_from, leave_until = leave(row, words, steps)
        return {
            "rollcall_status": WorkerStatus.LEAVE.value if on_leave else WorkerStatus.ACTIVE.value,
            "rollcall_on_leave": on_leave,
            "rollcall_leave_from_on": leave_from,
            "rollcall_leave_until_on": leave_until,
            "rollcall_termination_on": planned_end(row, as_of, steps),
        }
    if status != "Inactive" or "hireDate" not in row:
        return {}
    hired = day(row["hireDate"])
    ended = day(row.get("terminationDate"))
    if hired is not None and hired > as_of:
        return {"rollcall_status": WorkerStatus.PENDING.value, "rollcall_on_leave": False, "rollcall_termination_on": None}
    if ended is not None and ended > as_of and words.early_leaver == "active":
        return {"rollcall_status": WorkerStatus.ACTIVE.value, "rollcall_on_leave": False, "rollcall_termination_on": ended.isoformat()}
    if ended is not None and hired is not None and ended < hired:
        ended = None  # left over from before a rehire
    return {
        "rollcall_status": WorkerStatus.TERMINATED.value,
        "rollcall_on_leave": False,
        "rollcall_termination_on": ended.isoformat() if ended else None,
    }


def planned_end(row: Mapping[str, Any], as_of: date, steps: Dated | None) -> str | None:
    """When an active person will leave. A date in the past is left over from an earlier employment and means nothing."""
    ended = day(row.get("terminationDate"))
    if ended is not None and ended > as_of:
        return ended.isoformat()
    return str(steps.leaving["date"]) if steps is not None and steps.leaving else None


def leave(row: Mapping[str, Any], words: Words, steps: Dated | None) -> tuple[bool, str | None, str | None]:
    """On leave now, from which day, until which day (the last one, inclusive). Days only where the table is read."""
    if steps is None:
        return row.get("employmentHistoryStatus") in words.leave, None, None
    now, after = steps.now or {}, steps.next or {}
    if now.get("employmentStatus") in words.leave:
        back = day(after.get("date"))
        return True, str(now["date"]), (back - timedelta(days=1)).isoformat() if back else None
    if after.get("employmentStatus") in words.leave:
        return False, str(after["date"]), None
    return False, None, None
