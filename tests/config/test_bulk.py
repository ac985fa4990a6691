"""Many rows at once: the same on both databases, all of them or none."""

from __future__ import annotations

import pytest
from django.db import IntegrityError, transaction

from config import clock
from config.bulk import insert_rows, reserve_ids, update_rows, upsert_rows
from integrations.connectors.models import Connector
from integrations.records.models import SourceRecord

COLUMNS = ("id", "connector", "stream", "external_id", "payload", "content_hash", "first_seen_at", "changed_at")

pytestmark = pytest.mark.django_db


def rows(count: int, first: int = 1) -> list[tuple[object, ...]]:
    connector = Connector.objects.get_or_create(key="hr", defaults={"name": "HR", "vendor": "csv_file"})[0]
    ids = reserve_ids(SourceRecord, count)
    return [
        (pk, connector.pk, "people", str(number), {"name": "Zoë \\N \t 'x' 王"}, "0" * 32, clock.now(), clock.now())
        for number, pk in enumerate(ids, first)
    ]


def test_rows_come_back_as_they_went_in_with_defaults_for_the_rest() -> None:
    with transaction.atomic():
        insert_rows(SourceRecord, COLUMNS, rows(3))
    found = SourceRecord.objects.get(external_id="2")
    assert found.payload == {"name": "Zoë \\N \t 'x' 王"} and found.pending is True and found.version == 1
    assert abs((found.changed_at - clock.now()).total_seconds()) < 60


def test_one_bad_row_leaves_none() -> None:
    with pytest.raises(IntegrityError), transaction.atomic():
        insert_rows(SourceRecord, COLUMNS, [*rows(2), *rows(1)])
    assert not SourceRecord.objects.exists()


def test_an_upsert_changes_what_it_names_and_keeps_the_rest() -> None:
    with transaction.atomic():
        insert_rows(SourceRecord, COLUMNS, rows(2))
        again = [(*row[:4], {"name": "new"}, "1" * 32, *row[6:]) for row in rows(3)]
        upsert_rows(SourceRecord, COLUMNS, again, unique=("connector", "stream", "external_id"), update=("payload",))
    found = SourceRecord.objects.order_by("external_id").values_list("external_id", "payload", "content_hash")
    assert list(found) == [("1", {"name": "new"}, "0" * 32), ("2", {"name": "new"}, "0" * 32), ("3", {"name": "new"}, "1" * 32)]


def test_an_upsert_that_changes_nothing_leaves_what_is_there_and_adds_the_rest() -> None:
    with transaction.atomic():
        insert_rows(SourceRecord, COLUMNS, rows(2))
        again = [(*row[:4], {"name": "new"}, *row[5:]) for row in rows(3)]
        upsert_rows(SourceRecord, COLUMNS, again, unique=("connector", "stream", "external_id"), update=())
    found = dict(SourceRecord.objects.values_list("external_id", "payload"))
    assert found["1"] == found["2"] != {"name": "new"} and found["3"] == {"name": "new"}


def test_an_update_hits_the_rows_it_names() -> None:
    with transaction.atomic():
        made = rows(3)
        insert_rows(SourceRecord, COLUMNS, made)
        update_rows(SourceRecord, ("id", "version", "values"), [(made[1][0], 7, {"a": 1})])
        update_rows(SourceRecord, ("id", "version"), [])
    assert list(SourceRecord.objects.order_by("external_id").values_list("version", flat=True)) == [1, 7, 1]


def test_reserved_ids_are_given_once() -> None:
    with transaction.atomic():
        first = reserve_ids(SourceRecord, 3)
        insert_rows(SourceRecord, COLUMNS, rows(3))
        assert reserve_ids(SourceRecord, 0) == [] and not set(reserve_ids(SourceRecord, 3)) & set(
            SourceRecord.objects.values_list("pk", flat=True)
        )
    assert len(set(first)) == 3
