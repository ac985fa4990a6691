"""Rows become records, and the people of a list of ids are read. Source: docs/vendors/bamboohr.md §2, §5."""

from __future__ import annotations

import zlib
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from typing import Any
from urllib.parse import quote

import orjson

from config.errors import DuplicateId, NotFound, PermissionMissing, RecordRejected, RollcallError, ValueTooLarge
from config.sentences import sentence
from integrations.vendors.bamboohr.api import Api, moment
from integrations.vendors.bamboohr.fields import CUSTOM
from integrations.vendors.bamboohr.form import Terms
from integrations.vendors.bamboohr.listing import MANAGER, look_up
from integrations.vendors.bamboohr.report import report
from integrations.vendors.bamboohr.rows import Item, Unreadable
from integrations.vendors.bamboohr.status import computed
from integrations.vendors.bamboohr.tables import JOB_TABLE, STATUS_TABLE, Dated, read_table
from integrations.vendors.base import Record, Rejected

LARGEST_VALUE = 100_000  # characters; the longest honest value is a job title of a few hundred
BATCH = 200  # ids in one report: one request carries them, and a page of this size is quickly stored


@dataclass(slots=True)
class Keeper:
    """Makes records of rows, and remembers which ids it has met (id → a fingerprint of what it said)."""

    terms: Terms
    as_of: date | None
    managers: Mapping[str, str | None] = field(default_factory=dict)
    steps: Mapping[str, Dated] | None = None
    jobs: Mapping[str, Dated] | None = None
    met: dict[str, int] = field(default_factory=dict)
    allowed: frozenset[str] = field(init=False)

    def __post_init__(self) -> None:
        self.allowed = frozenset(("id", *self.terms.asked))

    def take(self, item: Item, position: int) -> Record | Rejected | None:
        """What becomes of a row; None for one that says again what it said before. `position` counts from 1 over the read."""
        employee, error, is_repeated = self.note(item)
        if is_repeated:
            return None
        if error is None and isinstance(item, dict):
            return self.record(item, employee)
        return Rejected(position, error or RecordRejected(), employee, item.excerpt if isinstance(item, Unreadable) else "")

    def note(self, item: Item) -> tuple[str, RollcallError | None, bool]:
        """Remember a row. → its id, what is wrong with it as a whole, and whether it only repeats an earlier one."""
        if isinstance(item, Unreadable):
            return "", RecordRejected(sentence("a row that is not JSON")), False
        employee = str(item.get("id") or "")
        if not employee:
            return "", RecordRejected(sentence("a row without “id”"), field="id"), False
        text = orjson.dumps(item)
        fingerprint = zlib.crc32(text)
        before = self.met.get(employee)
        if before is None:
            self.met[employee] = fingerprint
            return employee, too_large(item) if len(text) > LARGEST_VALUE else None, False
        if before == fingerprint:
            return employee, None, True
        return employee, DuplicateId(sentence("employee %(employee)s came twice and differs", employee=employee), field="id"), False

    def record(self, row: dict[str, Any], employee: str) -> Record:
        """The row as a record. Keys that were not asked for are dropped here."""
        payload = row if self.allowed.issuperset(row) else {name: value for name, value in row.items() if name in self.allowed}
        payload["id"] = employee
        if employee in self.managers:
            payload[MANAGER] = self.managers[employee]
        if self.terms.extra:
            payload[CUSTOM] = {name: payload.pop(name) for name in self.terms.extra if name in payload}
        payload.update(computed(payload, self.as_of, self.terms.words, _of(self.steps, employee), _of(self.jobs, employee)))
        return Record(employee, payload, moment(payload.get("lastChanged")))


def too_large(row: Mapping[str, Any]) -> ValueTooLarge | None:
    """What to say of a row with a value that cannot be meant; None when the row is only long."""
    for name, value in row.items():
        if isinstance(value, str) and len(value) > LARGEST_VALUE:
            return ValueTooLarge(sentence("%(name)s has %(value)s characters", name=name, value=len(value)), field=name)
    return None


def _of(table: Mapping[str, Dated] | None, employee: str) -> Dated | None:
    return None if table is None else table.get(employee, Dated())


def keeper(api: Api, terms: Terms, as_of: date | None, ids: Sequence[str] | None, managers: Mapping[str, str | None]) -> Keeper:
    """A keeper for `ids`, or for everybody (None), with the dated tables that the settings ask for."""
    steps = jobs = None
    if terms.reads_status_table and as_of is not None:
        steps = read_table(api, STATUS_TABLE, ids, as_of, terms.words.leaver)
    if terms.reads_job_table and as_of is not None:
        jobs = read_table(api, JOB_TABLE, ids, as_of, terms.words.leaver)
    return Keeper(terms, as_of, managers, steps, jobs)


def read_people(api: Api, terms: Terms, ids: Sequence[str], as_of: date | None, position: int) -> tuple[list[Record], list[Rejected]]:
    """These people, each with one outcome: a record, an erased one, or a rejection. `position` is that of the first."""
    managers = look_up(api, ids, with_managers=True).managers if terms.wants_listed_managers else {}
    keep = keeper(api, terms, as_of, ids, managers)
    records: list[Record] = []
    rejected: list[Rejected] = []
    for item in rows_of(api, terms, ids):
        sort_in(keep.take(item, position + len(records) + len(rejected)), records, rejected)
    left = [one for one in ids if one not in keep.met]
    listed = look_up(api, left).ids if left and terms.compares_list else set[str]()
    for one in left:
        place = position + len(records) + len(rejected)
        sort_in(_settle(api, keep, one, is_listed=one in listed, position=place), records, rejected)
    return records, rejected


def sort_in(outcome: Record | Rejected | None, records: list[Record], rejected: list[Rejected]) -> None:
    if isinstance(outcome, Record):
        records.append(outcome)
    elif outcome is not None:
        rejected.append(outcome)


def rows_of(api: Api, terms: Terms, ids: Sequence[str]) -> Iterator[Item]:
    """Their rows by one report. The dataset cannot be asked for a list of ids, there everybody is read alone."""
    if terms.uses_dataset:
        return
    wanted = set(ids)
    with report(api, terms.asked, ids) as rows:
        for batch in rows.batches:
            for item in batch:
                if isinstance(item, Unreadable) or str(item.get("id")) in wanted:
                    yield item


def _settle(api: Api, keep: Keeper, employee: str, *, is_listed: bool, position: int) -> Record | Rejected | None:
    """Somebody the report did not show: read alone. Erased only when no list knows the id either (§5)."""
    fields = ",".join(keep.terms.asked)
    try:
        row = api.get(f"employees/{quote(employee, safe='')}", [("fields", fields), ("onlyCurrent", "false")]).json()
    except NotFound:
        if is_listed:
            return Rejected(position, PermissionMissing(sentence("is listed, but may not be read with this key")), employee)
        return Record(employee, {"id": employee}, deleted=True)
    except PermissionMissing as error:
        return Rejected(position, error, employee)
    return keep.take({**row, "id": employee}, position)
