"""The queue of values nobody mapped: what waits for a name, how many people it touches, and how it leaves the queue."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from datetime import datetime
from itertools import islice

from django.db import transaction
from django.db.models import Count, OuterRef, QuerySet, Subquery
from django.db.models.functions import Coalesce

from config.bulk import upsert_rows
from integrations.connectors.models import Connector
from integrations.mapping.models import UnmappedRecord, UnmappedValue, ValueMap
from integrations.mapping.value_maps import LONGEST_CODE, fold
from integrations.records.models import UNTRANSLATED, SourceRecord

BATCH = 500  # ids in one IN: SQLite's oldest limit for parameters is 999

Waiting = Mapping[tuple[str, str], Collection[int]]


def record_unmapped(connector: Connector, waiting: Waiting, now: datetime, translated: Collection[int] = ()) -> int:
    """Note what was met while records were translated. The number of distinct values comes back.

    `waiting`: (key of the value map, code as written) → ids of the records that carry it. `translated`: ids of all records that were
    just translated; what they waited for before, and no longer do, ends. A value that nobody waits for any more leaves the queue.
    A handful of queries, however many records.
    """
    with transaction.atomic():
        left = _end_waits(connector, translated)
        rows = _open_rows(connector, waiting, now)
        _begin_waits(rows, waiting)
        touched = {row.pk for row in rows.values()}
        _count(touched | left)
        _close_empty(left - touched, now)
    return len(rows)


def open_values() -> QuerySet[UnmappedValue]:
    """What the screen lists: most people first."""
    return UnmappedValue.objects.filter(closed_at=None).select_related("value_map", "connector").order_by("-people", "first_at", "pk")


def release(values: QuerySet[UnmappedValue], now: datetime) -> int:
    """The codes have names now: mark exactly the records that waited to be translated again, and close the entries. Records marked."""
    ids = list(values.filter(closed_at=None).values_list("pk", flat=True))
    waits = UnmappedRecord.objects.filter(unmapped__in=ids)
    marked = SourceRecord.objects.filter(pk__in=waits.values("record")).update(pending=True, mapping_version=UNTRANSLATED)
    waits.delete()
    UnmappedValue.objects.filter(pk__in=ids).update(closed_at=now)
    return marked


def release_covered(value_map: ValueMap, now: datetime) -> int:
    """After many rows were added (a file): release every value the map covers by now, or all when it lets unknown ones through."""
    values = UnmappedValue.objects.filter(value_map=value_map, closed_at=None)
    if not value_map.keep_unknown:
        values = values.filter(folded__in=value_map.rows.values("folded"))
    return release(values, now)


def _open_rows(connector: Connector, waiting: Waiting, now: datetime) -> dict[tuple[int, str], UnmappedValue]:
    """One open entry for each distinct code, new or there already. Codes of maps that do not exist are left out."""
    maps = dict(ValueMap.objects.filter(key__in={key for key, _code in waiting}).values_list("key", "pk"))
    codes = {(maps[key], fold(code)): code.strip()[:LONGEST_CODE] for key, code in waiting if key in maps}
    if not codes:
        return {}
    fresh = [
        UnmappedValue(value_map_id=map_id, connector=connector, value=code, folded=folded, first_at=now, last_at=now)
        for (map_id, folded), code in codes.items()
    ]
    UnmappedValue.objects.bulk_create(fresh, ignore_conflicts=True, batch_size=BATCH)  # another run may list the same code at this moment
    found = {
        (row.value_map_id, row.folded): row
        for row in UnmappedValue.objects.filter(connector=connector, closed_at=None, value_map__in={map_id for map_id, _ in codes})
        if (row.value_map_id, row.folded) in codes
    }
    for ids in _batches(row.pk for row in found.values()):
        UnmappedValue.objects.filter(pk__in=ids).update(last_at=now)
    return found


def _begin_waits(rows: dict[tuple[int, str], UnmappedValue], waiting: Waiting) -> None:
    maps = dict(ValueMap.objects.filter(pk__in={map_id for map_id, _ in rows}).values_list("key", "pk"))
    waits = {
        (rows[maps[key], fold(code)].pk, record_id)
        for (key, code), record_ids in waiting.items()
        if key in maps
        for record_id in record_ids
    }
    columns = ("unmapped", "record")
    upsert_rows(UnmappedRecord, columns, sorted(waits), unique=columns, update=())


def _end_waits(connector: Connector, translated: Collection[int]) -> set[int]:
    """Forget what these records waited for. The values that lost somebody come back."""
    if not translated or not UnmappedRecord.objects.filter(unmapped__connector=connector).exists():
        return set()
    left: set[int] = set()
    for ids in _batches(translated):
        waits = UnmappedRecord.objects.filter(record__in=ids, unmapped__connector=connector)
        left |= set(waits.values_list("unmapped_id", flat=True))
        waits.delete()
    return left


def _count(value_ids: Collection[int]) -> None:
    waits = UnmappedRecord.objects.filter(unmapped=OuterRef("pk")).order_by().values("unmapped").annotate(n=Count("pk")).values("n")
    for ids in _batches(value_ids):
        UnmappedValue.objects.filter(pk__in=ids).update(people=Coalesce(Subquery(waits), 0))


def _close_empty(value_ids: Collection[int], now: datetime) -> None:
    for ids in _batches(value_ids):
        UnmappedValue.objects.filter(pk__in=ids, people=0, closed_at=None).update(closed_at=now)


def _batches(ids: Iterable[int]) -> Iterable[list[int]]:
    rest = iter(sorted(ids))
    while batch := list(islice(rest, BATCH)):
        yield batch
