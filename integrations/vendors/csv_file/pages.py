"""Rows become records: every id once, every reason said."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any

from config.errors import DuplicateId, RollcallError, ValueMissing, ValueTooLarge
from integrations.vendors.base import Page, Record, Rejected
from integrations.vendors.csv_file.row_ids import RowIds
from integrations.wire.tabular import Batch

LONGEST_ID = 200  # characters, as the column it is stored in


class Pages:
    """Makes the pages of one read, in order, and remembers the ids it has met.

    Two rows with one id that say the same are one record (`repeated` counts the second ones). Where they differ, both are rejected
    as DuplicateId if they come on one page. If the first came on an earlier page it has already been handed on: then only the
    later one is rejected, and names the row of the first.
    """

    def __init__(self, config: Mapping[str, Any], expected: int) -> None:
        self.id_column: str = config["id_column"]
        self.changed_column: str = config["changed_column"]
        self.ids = RowIds(expected)
        self.repeated = 0

    def remember(self, batch: Batch, until: int) -> bool:
        """Only take note of the ids up to row `until`, handed on before a restart. False when that row is passed."""
        for position, digest, row in zip(batch.positions, batch.digests, batch.rows, strict=True):
            if position > until:
                return False
            if external_id := row[self.id_column]:
                self.ids.met(external_id, digest, position)
        return not batch.is_last

    def page(self, batch: Batch, wanted: frozenset[str] = frozenset()) -> Page:
        """A page of the records in `batch`; of those in `wanted` only, where it names any."""
        records, rejected, withdrawn = self._sorted_out(batch)
        if withdrawn:
            for position, record in withdrawn.items():
                rejected.append(Rejected(position, self._clash("a later row"), record.external_id))
            gone = {id(record) for record in withdrawn.values()}
            records = [record for record in records if id(record) not in gone]
        if wanted:
            records = [record for record in records if record.external_id in wanted]
            rejected = [item for item in rejected if item.external_id in wanted]
        else:
            rejected += [Rejected(fault.position, fault.error) for fault in batch.faults]
        return Page(records, is_last=batch.is_last, rejected=sorted(rejected, key=lambda item: item.position))

    def _sorted_out(self, batch: Batch) -> tuple[list[Record], list[Rejected], dict[int, Record]]:
        """Records, rejected rows, and (by position) those records that a later row of this page contradicts."""
        records: list[Record] = []
        rejected: list[Rejected] = []
        withdrawn: dict[int, Record] = {}
        met, id_column, changed_column = self.ids.met, self.id_column, self.changed_column
        first_here = batch.positions[0] if batch.positions else 0
        here: dict[str, Record] = {}
        for position, digest, row in zip(batch.positions, batch.digests, batch.rows, strict=True):
            external_id = row[id_column]
            if external_id is None or len(external_id) > LONGEST_ID:
                rejected.append(self._without_id(position, external_id))
                continue
            before = met(external_id, digest, position)
            if before is None:
                record = Record(external_id, row, moment(row[changed_column]) if changed_column else None)
                records.append(record)
                continue
            first, is_same = before
            if is_same:
                self.repeated += 1
                continue
            rejected.append(Rejected(position, self._clash(f"row {first}"), external_id))
            if first >= first_here and first not in withdrawn:
                here = here or {record.external_id: record for record in records}
                withdrawn[first] = here[external_id]
        return records, rejected, withdrawn

    def _without_id(self, position: int, external_id: str | None) -> Rejected:
        error: RollcallError
        if external_id is None:
            error = ValueMissing(f"row {position}: “{self.id_column}” is empty", field=self.id_column)
        else:
            error = ValueTooLarge(f"row {position}: “{self.id_column}” has more than {LONGEST_ID} characters", field=self.id_column)
        return Rejected(position, error)

    def _clash(self, where: str) -> DuplicateId:
        return DuplicateId(f"the same “{self.id_column}” stands in {where}, with other values", field=self.id_column)


def moment(text: str | None) -> datetime | None:
    """A stamp of the source in UTC; None where there is none or it is written in a way that cannot be told for certain."""
    try:
        found = datetime.fromisoformat(text or "")
    except ValueError:
        return None
    return found.astimezone(UTC) if found.tzinfo else found.replace(tzinfo=UTC)
