"""Rows become records: every id once, every reason said."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from config.errors import DuplicateId, ValueMissing, ValueTooLarge
from config.sentences import Sentence, sentence
from integrations.vendors.base import Page, Record, Rejected
from integrations.vendors.csv_file.row_ids import Again, RowIds
from integrations.wire.tables.table import Batch, Cells

LONGEST_ID = 200  # characters, as the column it is stored in


@dataclass
class _Rows:
    """The rows of a batch that have an id; four lists of one length."""

    external_ids: list[str]
    digests: list[int]
    positions: list[int]
    cells: list[Cells]


class Pages:
    """Makes the pages of one read, in order, and remembers the ids it has met.

    Two rows with one id that say the same are one record (`repeated` counts the second ones). Where they differ, both are rejected
    as DuplicateId if they come on one page. If the first came on an earlier page it has already been handed on: then only the
    later one is rejected, and names the row of the first.
    """

    def __init__(self, config: Mapping[str, Any]) -> None:
        self.id_column: str = config["id_column"]
        self.changed_column: str = config["changed_column"]
        self.ids = RowIds()
        self.repeated = 0

    def expect(self, rows: int) -> None:
        """Make room for about so many rows at once, which is quicker than growing step by step."""
        if not self.ids:
            self.ids = RowIds(rows)

    def remember(self, batch: Batch, until: int) -> bool:
        """Only take note of the ids up to row `until`, handed on before a restart. False when there are no more of them."""
        rows = self._with_ids(batch, [])
        count = sum(position <= until for position in rows.positions)
        self.ids.meet(rows.external_ids[:count], rows.digests, rows.positions)
        return not batch.is_last and batch.cursor["row"] < until

    def page(self, batch: Batch, wanted: frozenset[str] = frozenset()) -> Page:
        """A page of the records in `batch`; of those in `wanted` only, where it names any."""
        rejected = [Rejected(fault.position, fault.error) for fault in batch.faults]
        rows = self._with_ids(batch, rejected)
        again = self.ids.meet(rows.external_ids, rows.digests, rows.positions)
        left_out = self._left_out(rows, again, rejected)
        records = self._records(rows)
        if left_out:
            records = [record for index, record in enumerate(records) if index not in left_out]
        if wanted:
            records = [record for record in records if record.external_id in wanted]
            rejected = [item for item in rejected if item.external_id in wanted]
        return Page(records, is_last=batch.is_last, rejected=sorted(rejected, key=lambda item: item.position))

    def _with_ids(self, batch: Batch, rejected: list[Rejected]) -> _Rows:
        """The rows that can be told apart; the others go to `rejected`."""
        found = [row[self.id_column] for row in batch.rows]
        bad = {index for index, external_id in enumerate(found) if external_id is None or len(external_id) > LONGEST_ID}
        if not bad:
            return _Rows(found, batch.digests, batch.positions, batch.rows)  # type: ignore[arg-type]
        rejected += [self._without_id(batch.positions[index], is_missing=found[index] is None) for index in bad]
        good = [index for index in range(len(found)) if index not in bad]
        lists = ([values[index] for index in good] for values in (found, batch.digests, batch.positions, batch.rows))
        return _Rows(*lists)  # type: ignore[arg-type]

    def _left_out(self, rows: _Rows, again: list[Again], rejected: list[Rejected]) -> set[int]:
        """The places of rows that are no record because their id is there twice; the reasons go to `rejected`."""
        left_out: set[int] = set()
        places = {position: index for index, position in enumerate(rows.positions)} if again else {}
        for index, first, is_same in again:
            left_out.add(index)
            if is_same:
                self.repeated += 1
                continue
            rejected.append(self._clash(rows, index, sentence("row %(row)s", row=str(first))))
            if (place := places.get(first)) is not None and place not in left_out:
                left_out.add(place)
                rejected.append(self._clash(rows, place, sentence("row %(row)s", row=str(rows.positions[index]))))
        return left_out

    def _records(self, rows: _Rows) -> list[Record]:
        if not self.changed_column:
            return list(map(Record, rows.external_ids, rows.cells))
        changed = (moment(row[self.changed_column]) for row in rows.cells)
        return list(map(Record, rows.external_ids, rows.cells, changed))

    def _without_id(self, position: int, *, is_missing: bool) -> Rejected:
        if is_missing:
            return Rejected(
                position,
                ValueMissing(
                    sentence("row %(row)s: “%(column)s” is empty", row=str(position), column=self.id_column),
                    field=self.id_column,
                ),
            )
        detail = sentence(
            "row %(row)s: “%(column)s” has more than %(n)s characters", row=str(position), column=self.id_column, n=LONGEST_ID
        )
        return Rejected(position, ValueTooLarge(detail, field=self.id_column))

    def _clash(self, rows: _Rows, index: int, where: Sentence) -> Rejected:
        error = DuplicateId(
            sentence("the same “%(column)s” stands in %(where)s, with other values", column=self.id_column, where=where),
            field=self.id_column,
        )
        return Rejected(rows.positions[index], error, rows.external_ids[index])


def moment(text: str | None) -> datetime | None:
    """A stamp of the source in UTC; None where there is none or it is written in a way that cannot be told for certain."""
    try:
        found = datetime.fromisoformat(text or "")
    except ValueError:
        return None
    return found.astimezone(UTC) if found.tzinfo else found.replace(tzinfo=UTC)
