"""Changing a value map: one row or many, the version rises, and the records that used a changed name are translated again.

Everything here is called inside a transaction, with the cause that the trail shall name.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from django.db.models import F, Q, QuerySet

from config.audit.models import Cause
from config.audit.record import record
from config.errors import MappingInvalid
from config.sentences import sentence
from integrations.mapping.models import FieldMapping, MappingState, ValueMap, ValueMapRow
from integrations.mapping.transforms import looked_into
from integrations.mapping.unmapped import release_covered
from integrations.mapping.value_maps import LONGEST_CODE, fold
from integrations.records.models import UNTRANSLATED, SourceRecord

LONGEST_NAME = 300  # as the column
OBJECT = "value_map"


@dataclass(frozen=True, slots=True)
class RowValues:
    """A row as somebody wrote it."""

    source: str
    target: str
    valid_from: date | None = None
    valid_until: date | None = None

    def checked(self) -> RowValues:
        """Without outer spaces. Raises MappingInvalid, naming what is wrong."""
        code, name = " ".join(self.source.split()), self.target.strip()
        if not fold(code):
            raise MappingInvalid(sentence("the code is empty"), field="source")
        if not name:
            raise MappingInvalid(sentence("“%(code)s” has no name", code=code[:60]), field="target")
        if len(code) > LONGEST_CODE or len(name) > LONGEST_NAME:
            raise MappingInvalid(
                sentence(
                    "“%(code)s”: a code has at most %(longest_code)s characters, a name %(longest_name)s",
                    code=code[:60],
                    longest_code=LONGEST_CODE,
                    longest_name=LONGEST_NAME,
                ),
                field="source",
            )
        if self.valid_from and self.valid_until and self.valid_until < self.valid_from:
            raise MappingInvalid(sentence("“%(code)s” ends before it begins", code=code[:60]), field="valid_until")
        return RowValues(code, name, self.valid_from, self.valid_until)

    def as_dict(self) -> dict[str, Any]:
        return {"code": self.source, "name": self.target, "from": str(self.valid_from or ""), "until": str(self.valid_until or "")}


def values_of(row: ValueMapRow) -> RowValues:
    return RowValues(row.source, row.target, row.valid_from, row.valid_until)


def set_row(value_map: ValueMap, given: RowValues, cause: Cause, now: datetime) -> ValueMapRow:
    """Add the row, or change the one of the same code and start. Raises MappingInvalid."""
    wanted = given.checked()
    row = value_map.rows.filter(folded=fold(wanted.source), valid_from=wanted.valid_from).first()
    before = values_of(row) if row else None
    if row and before == wanted:
        return row
    row = row or ValueMapRow(value_map=value_map, folded=fold(wanted.source), valid_from=wanted.valid_from)
    row.source, row.target, row.valid_until = wanted.source, wanted.target, wanted.valid_until
    row.save()
    record(cause, "value_map.row_set", OBJECT, value_map.pk, before and before.as_dict(), wanted.as_dict(), label=value_map.name)
    changed(value_map, names_of(value_map, {row.folded}) | ({before.target} if before else set()), now)
    return row


def remove_row(row: ValueMapRow, cause: Cause, now: datetime) -> None:
    """Take a row out. Whoever had its name is translated again and, without another row for the code, waits in the queue."""
    value_map, name = row.value_map, row.target
    record(cause, "value_map.row_removed", OBJECT, value_map.pk, before=values_of(row).as_dict(), label=value_map.name)
    row.delete()
    changed(value_map, {name}, now)


def names_of(value_map: ValueMap, folded: Collection[str]) -> set[str]:
    """Every name, of any time, that these codes have."""
    return set(value_map.rows.filter(folded__in=folded).values_list("target", flat=True))


def changed(value_map: ValueMap, names: Collection[str], now: datetime) -> int:
    """The version rises, values that are covered now leave the queue, and records that hold one of `names` are marked. Records marked."""
    ValueMap.objects.filter(pk=value_map.pk).update(version=F("version") + 1)
    value_map.refresh_from_db(fields=["version"])
    return release_covered(value_map, now) + mark_using(value_map, names)


def mark_dated(after: date, until: date) -> int:
    """Rows that begin in (after, until], or whose last day passed in it: mark the records they concern. For the first run of a day."""
    begins = Q(valid_from__gt=after, valid_from__lte=until)
    ends = Q(valid_until__gte=after, valid_until__lt=until)
    marked = 0
    for value_map in ValueMap.objects.filter(pk__in=ValueMapRow.objects.filter(begins | ends).values("value_map")):
        codes = set(value_map.rows.filter(begins | ends).values_list("folded", flat=True))
        marked += mark_using(value_map, names_of(value_map, codes))
    return marked


def mark_using(value_map: ValueMap, names: Collection[str]) -> int:
    """Mark the records whose translation holds one of `names` through this map, so that the next run translates them again.

    Where a transform follows the look-up the name cannot be recognised, and where unknown codes are let through they stand as they were
    written: then every record with a value there is marked.
    """
    return sum(
        records.exclude(pending=True, mapping_version=UNTRANSLATED).update(pending=True, mapping_version=UNTRANSLATED)
        for records in _using(value_map, names)
    )


def count_using(value_map: ValueMap, names: Collection[str]) -> int:
    """Records that mark_using would mark, those that are marked already among them."""
    return sum(records.count() for records in _using(value_map, names))


def _using(value_map: ValueMap, names: Collection[str]) -> Iterator[QuerySet[SourceRecord]]:
    for records, target, is_last in _uses(value_map.key) if names else ():
        is_known = is_last and not value_map.keep_unknown
        yield records.filter(**{f"values__{target}__in": sorted(names)} if is_known else {f"values__{target}__isnull": False})


def _uses(key: str) -> Iterator[tuple[QuerySet[SourceRecord], str, bool]]:
    """Published rows that look into this map: their stream's records, the attribute, and whether the look-up comes last."""
    rows = FieldMapping.objects.filter(mapping__state=MappingState.PUBLISHED).select_related("mapping")
    for row in rows.iterator(chunk_size=2000):
        found = [place for place, spec in enumerate(row.transforms) if looked_into(spec) == key]
        if found:
            records = SourceRecord.objects.filter(connector=row.mapping.connector_id, stream=row.mapping.stream)
            yield records, row.target, found[-1] == len(row.transforms) - 1
