"""Who changed since when: employees/changed. Source: docs/vendors/bamboohr.md §3."""

from __future__ import annotations

from datetime import UTC, date, datetime
from typing import Any

from integrations.sandbox.emulators.bamboohr.answers import Refusal, either, tag
from integrations.sandbox.emulators.bamboohr.fields import stamp
from integrations.sandbox.emulators.bamboohr.office import HR, Office
from integrations.sandbox.emulators.bamboohr.report import moment
from integrations.sandbox.exchange import Request, Response

TYPES = {"inserted": "Inserted", "updated": "Updated", "deleted": "Deleted"}
BORN = {"hire", "convert"}


def changed(office: Office, request: Request) -> Response:
    """A leaver is Updated; Deleted means the record was erased. Lower case in, capitals out."""
    type_ = request.param("type", "all")
    if type_ not in (*TYPES, "all"):
        raise Refusal(400, f"Invalid type {type_}")
    wanted = TYPES.get(type_)
    since = since_of(request)
    found = {key: (action, at) for key, (action, at) in _latest(office, since).items() if wanted in (None, action)}
    employees: Any = {key: {"id": key, "action": action, "lastChanged": stamp(at)} for key, (action, at) in sorted(found.items())}
    latest = max((at for _, at in found.values()), default=since)
    value = {"latest": stamp(latest), "employees": employees or ([] if office.settings.empty_map == "array" else {})}
    return either(request, value, _xml)


def since_of(request: Request) -> datetime:
    """Raises Refusal 400 without a `since` that can be read; a + that was not encoded arrives as a blank and cannot."""
    text = request.param("since")
    if not text:
        raise Refusal(400, "Parameter since is required")
    return moment(text)


def _latest(office: Office, since: datetime) -> dict[str, tuple[str, datetime]]:
    """Action and moment of the newest change by id. Inserted stays Inserted although more happened since."""
    found: dict[str, tuple[str, datetime]] = {}
    if office.faults.empty:
        return found
    hidden = frozenset(office.settings.hidden_employees)
    for change in office.world.changes(HR, since):
        if change.key in hidden:
            continue
        action = "Inserted" if change.kind in BORN else "Deleted" if change.kind == "delete" else "Updated"
        if action == "Updated" and change.key in found and found[change.key][0] != "Deleted":
            action = found[change.key][0]
        found[change.key] = (action, change.at)
    if office.settings.date_reached_is_a_change:
        for change in office.world.effective(HR, since.date(), office.today):
            begins = datetime.combine(change.effective_on, datetime.min.time(), UTC)
            if begins >= since and change.effective_on > date.min:
                found.setdefault(change.key, ("Updated", begins))
    return found


def _xml(value: dict[str, Any]) -> str:
    people = value["employees"].values() if value["employees"] else ()
    return tag("changeList", (tag("employee", "", **person) for person in people))
