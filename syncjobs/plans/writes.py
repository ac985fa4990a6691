"""One planned change as the writes that carry it out, in their order, and what an account holds after each. Pure."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Protocol

BESIDE = ("cohorts", "manager")  # written after the account, by operations of their own


class Planned(Protocol):
    kind: str
    before: dict[str, Any]
    after: dict[str, Any]


@dataclass(frozen=True, slots=True)
class Write:
    """One delivery. `after` puts it behind the accounts of everybody: a manager's account must exist before it is named."""

    operation: str
    values: dict[str, Any]
    after: int = 0


def writes_of(change: Planned) -> list[Write]:
    """The account first, then the cohorts joined and left, then the manager."""
    fields = {key: value for key, value in change.after.items() if key not in BESIDE}
    operation = "update" if change.kind == "link" else change.kind
    writes = [Write(operation, fields)] if fields else []
    if "cohorts" in change.after:
        was, now = set(change.before.get("cohorts") or ()), set(change.after["cohorts"] or ())
        if was != now:
            writes.append(Write("cohorts", {"add": sorted(now - was), "remove": sorted(was - now)}, after=1))
    if "manager" in change.after and (change.after["manager"] or change.before.get("manager")):
        writes.append(Write("set_manager", {"manager": change.after["manager"], "former_manager": change.before.get("manager")}, after=2))
    return writes


def held_after(held: Mapping[str, Any], operation: str, values: Mapping[str, Any]) -> dict[str, Any]:
    """What the account holds once this write has arrived."""
    if operation == "cohorts":
        return {**held, "cohorts": sorted((set(held.get("cohorts") or ()) | set(values["add"])) - set(values["remove"]))}
    if operation == "set_manager":
        return {**held, "manager": values["manager"]}
    return {**held, **values}
