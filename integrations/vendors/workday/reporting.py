"""What follows from a worker's facts: are they with us, and whom do they report to. Pure; works on payloads, not on XML.

Source: docs/vendors/workday.md §5 (the last entry of the supervisory chain is the direct manager; vacant: walk up).
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

Payload = dict[str, Any]


def state(status: Payload, contract: Payload | None, as_of: str) -> str | None:
    """active, pending, leave, terminated or inactive, as of that date (ISO); None where Workday does not say whether active.

    Leave comes before Active, because a leave type may set a worker inactive who has not left.
    A future termination date with Terminated 0 is notice: still active, the date says the rest.
    """
    if status["terminated"] or status["hire_rescinded"]:
        return "terminated"
    if any(leave["on_leave"] for leave in status["leaves"]):
        return "leave"
    if (status["hire_on"] or "") > as_of:
        return "pending"
    if status["active"] is None or status["active"]:
        return "active" if status["active"] else None
    ended = (contract or {}).get("end_on")
    return "terminated" if ended and ended < as_of else "inactive"


def lines(payload: Payload) -> list[Payload]:
    """Every reporting line: `[{"type": "supervisory", "manager": <WID>, "unit": <organisation id>}]`, the primary job's first."""
    found: list[Payload] = []
    for line in _all_lines(payload):
        if line not in found:
            found.append(line)
    return found


def _all_lines(payload: Payload) -> Iterator[Payload]:
    own = payload["wid"]
    yield from _supervisory(payload.get("supervisory_chain", ()), own)
    for job in payload.get("jobs", ()):
        yield from _supervisory(job.get("supervisory_chain", ()), own)
    for holder in (payload, *payload.get("jobs", ())):
        yield from _matrix(holder.get("matrix_chain", ()), _matrix_units(payload), own)


def _supervisory(chain: Sequence[Payload], own: str | None) -> Iterator[Payload]:
    """The innermost organisation that has a manager answers; the line belongs to the unit the worker sits in."""
    for entry in reversed(chain):
        managers = [manager for manager in entry["managers"] if manager != own]
        if managers:
            yield from ({"type": "supervisory", "manager": manager, "unit": chain[-1]["organization"]} for manager in managers)
            return


def _matrix(chain: Sequence[Payload], member_of: set[str], own: str | None) -> Iterator[Payload]:
    """Each matrix organisation the worker is a member of; where memberships are not told, each entry of the chain."""
    for entry in chain:
        if member_of and entry["organization"] not in member_of:
            continue
        yield from (
            {"type": "matrix", "manager": manager, "unit": entry["organization"]} for manager in entry["managers"] if manager != own
        )


def _matrix_units(payload: Payload) -> set[str]:
    places = [*payload.get("organizations", ())]
    for job in payload.get("jobs", ()):
        places += job.get("organizations", ())
    return {place["id"] for place in places if place["type"] == "MATRIX"}
