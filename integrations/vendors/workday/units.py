"""The organisation chart, put together from the workers' own memberships and management chains.

Get_Workers tells every organisation on the way from the top to each worker, in order; so the nesting is exact for every
organisation that somebody sits in or below. An empty leaf of the chart is not seen. Source: docs/vendors/workday.md §7.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Any

from integrations.vendors.base import Page, Record
from integrations.vendors.workday.parse import Payload

Unit = dict[str, Any]
PAGE = 500  # units are small; a page is one transaction at the reader's side


class Chart:
    """Collects units, worker by worker. The same facts come many times; the first telling of each one stands."""

    def __init__(self) -> None:
        self.units: dict[str, Unit] = {}

    def add(self, payload: Payload) -> None:
        for holder in (payload, *payload.get("jobs", ())):
            self._add_chain(holder.get("supervisory_chain", ()), "SUPERVISORY", nested=True)
            self._add_chain(holder.get("matrix_chain", ()), "MATRIX", nested=False)
            for place in holder.get("organizations", ()):
                self._name(place)

    def ordered(self) -> list[Unit]:
        """Outermost first, so that a parent is always known before its units."""
        return sorted(self.units.values(), key=lambda unit: (len(unit["path"]), unit["path"], unit["id"]))

    def _add_chain(self, chain: Iterable[Payload], kind: str, *, nested: bool) -> None:
        path: list[str] = []
        for entry in chain:
            key = entry["organization"]
            if key is None or key in path:
                continue
            path = [*path, key] if nested else [key]
            unit = self.units.setdefault(key, _unit(key, kind, path))
            unit["path"] = max(unit["path"], path, key=len)
            unit["reference_id"] = unit["reference_id"] or entry["reference_id"]
            unit["label"] = unit["label"] or entry["label"]
            if not unit["managers"]:
                unit["managers"] = entry["managers"]

    def _name(self, place: Payload) -> None:
        """A membership has the real name and code; a chain only a descriptor, which may end in the manager's name."""
        if place["type"] not in ("SUPERVISORY", "MATRIX") or place["id"] is None:
            return
        unit = self.units.setdefault(place["id"], _unit(place["id"], place["type"], [place["id"]]))
        for key in ("reference_id", "name", "code"):
            unit[key] = unit[key] or place[key]


def _unit(key: str, kind: str, path: list[str]) -> Unit:
    return {"id": key, "reference_id": None, "name": None, "label": None, "code": None, "type": kind, "path": path, "managers": []}


def payload(unit: Unit) -> Payload:
    return {
        **{key: unit[key] for key in ("id", "reference_id", "code", "type", "path", "managers")},
        "name": unit["name"] or unit["label"],
        "parent": unit["path"][-2] if len(unit["path"]) > 1 else None,
        "manager": unit["managers"][0] if unit["managers"] else None,
    }


def pages(workers: Iterator[Page], ids: tuple[str, ...], start: int, cursor: dict[str, Any]) -> Iterator[Page]:
    """Read all workers, then tell the units from number `start` on. `cursor` holds the frozen moment; `row` is added to it."""
    chart = Chart()
    mark = None
    for page in workers:
        mark = page.mark
        for worker in page.records:
            chart.add(worker.payload)
    units = [unit for unit in chart.ordered() if not ids or unit["id"] in ids]
    for row in range(start, max(len(units), start + 1), PAGE):
        part = units[row : row + PAGE]
        is_last = row + PAGE >= len(units)
        yield Page(
            records=[Record(unit["id"], payload(unit)) for unit in part],
            cursor=None if is_last else {**cursor, "row": row + PAGE},
            is_last=is_last,
            total=len(units),
            mark=mark,
        )
