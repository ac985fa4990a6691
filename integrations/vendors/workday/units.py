"""The organisation chart, put together from the workers' management chains.

Get_Workers tells every organisation on the way from the top to each worker, in order; so the nesting is exact for every
organisation that somebody sits in or below. An empty leaf of the chart is not seen. Source: docs/vendors/workday.md §6.

Each page of workers gives a page of units: those it is the first to name. What is said of a unit depends on nothing but the
frozen moment, so a read that goes on after a crash may tell a unit twice, but never in two ways.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Any

from integrations.vendors.base import Page, Record
from integrations.vendors.workday.parse import Payload

Unit = dict[str, Any]


def pages(workers: Iterator[Page], ids: tuple[str, ...]) -> Iterator[Page]:
    """Pages of units for pages of workers, with their cursors. `total` is not known before the end."""
    told: set[str] = set()
    for page in workers:
        found = {key: unit for key, unit in read(page).items() if key not in told and (not ids or key in ids)}
        told |= found.keys()
        units = sorted(found.values(), key=lambda unit: (len(unit["path"]), unit["path"]))  # a parent before its units
        records = [Record(unit["id"], unit, changed_at=page.mark) for unit in units]
        yield Page(records, page.cursor, page.is_last, mark=page.mark)


def read(page: Page) -> dict[str, Unit]:
    """Every unit above or around the workers of a page, by id. Colleagues share a chain (parse.told_often), which is followed once."""
    units: dict[str, Unit] = {}
    holders = [holder for worker in page.records for holder in (worker.payload, *worker.payload.get("jobs", ()))]
    for chain in _each_once(holder["supervisory_chain"] for holder in holders if "supervisory_chain" in holder):
        _add(units, chain, "SUPERVISORY")
    for chain in _each_once(holder["matrix_chain"] for holder in holders if "matrix_chain" in holder):
        for entry in chain:
            _add(units, (entry,), "MATRIX")
    return units


def _each_once(chains: Iterator[list[Payload]]) -> Iterable[list[Payload]]:
    return {id(chain): chain for chain in chains}.values()


def _add(units: dict[str, Unit], chain: list[Payload] | tuple[Payload, ...], kind: str) -> None:
    path: list[str] = []
    for entry in chain:
        key = entry["organization"]
        if key is None or key in path:
            continue
        path = [*path, key]
        unit = units.setdefault(key, _unit(entry, kind, path))
        if entry["managers"] and not unit["managers"]:
            unit["managers"], unit["manager"] = entry["managers"], entry["managers"][0]


def _unit(entry: Payload, kind: str, path: list[str]) -> Unit:
    return {
        "id": path[-1],
        "reference_id": entry["reference_id"],
        "name": entry["name"] or entry["reference_id"],
        "type": kind,
        "parent": path[-2] if len(path) > 1 else None,
        "path": path,
        "managers": entry["managers"],
        "manager": next(iter(entry["managers"]), None),
    }
