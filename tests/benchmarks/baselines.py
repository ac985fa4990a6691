"""The same people into one table, three ways: what a load may be compared with.

`python -m tests.benchmarks.baselines 100000` prints rows a second of COPY with INSERT … ON CONFLICT, of bulk_create with
update_conflicts, and of a loop of update_or_create (over the first thousand).
"""

from __future__ import annotations

import json
import sys
import time
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from itertools import islice
from typing import Any

from tests.benchmarks.ground import set_up

set_up()

from django.db import connection, models, transaction  # noqa: E402

from config.bulk import upsert_rows  # noqa: E402
from integrations.sandbox.extract import COLUMNS  # noqa: E402
from integrations.sandbox.extract import _row as cells  # noqa: E402
from integrations.sandbox.world import World  # noqa: E402

BATCH = 5000
LOOPED = 1000


class BenchPerson(models.Model):
    """One person as a plain synchronisation would keep them."""

    external_id = models.CharField(max_length=200, unique=True)
    given_name = models.CharField(max_length=100)
    family_name = models.CharField(max_length=100)
    email = models.CharField(max_length=254)
    job_title = models.CharField(max_length=200)
    department = models.CharField(max_length=200)
    location = models.CharField(max_length=200)
    payload: Any = models.JSONField()

    class Meta:
        app_label = "config"
        managed = False


NAMES = [field.name for field in BenchPerson._meta.concrete_fields if not field.primary_key]
KEPT = NAMES[1:]


def people(count: int) -> list[tuple[Any, ...]]:
    today = datetime.now(UTC).date()
    rows = []
    for worker in islice(World(7, count * 24 // 5 + 24, today).workers("bamboohr"), count):
        payload = dict(zip(COLUMNS, cells(worker, today), strict=True))
        rows.append(
            (worker.key, worker.given, worker.family, worker.work_email, worker.title, worker.department, worker.location_name, payload)
        )
    return rows


def batches(rows: list[tuple[Any, ...]]) -> Iterator[list[tuple[Any, ...]]]:
    for start in range(0, len(rows), BATCH):
        yield rows[start : start + BATCH]


def by_copy(rows: list[tuple[Any, ...]]) -> None:
    for batch in batches(rows):
        with transaction.atomic():
            upsert_rows(BenchPerson, NAMES, batch, unique=("external_id",), update=KEPT)


def by_bulk_create(rows: list[tuple[Any, ...]]) -> None:
    for batch in batches(rows):
        objects = [BenchPerson(**dict(zip(NAMES, row, strict=True))) for row in batch]
        BenchPerson.objects.bulk_create(objects, update_conflicts=True, unique_fields=["external_id"], update_fields=KEPT)


def by_update_or_create(rows: list[tuple[Any, ...]]) -> None:
    for row in rows:
        values = dict(zip(NAMES, row, strict=True))
        BenchPerson.objects.update_or_create(external_id=values.pop("external_id"), defaults=values)


def rate(way: Callable[[list[tuple[Any, ...]]], None], rows: list[tuple[Any, ...]]) -> int:
    with connection.cursor() as cursor:
        cursor.execute(f"TRUNCATE {BenchPerson._meta.db_table}")
    begun = time.perf_counter()
    way(rows)
    return round(len(rows) / (time.perf_counter() - begun))


def main() -> None:
    rows = people(int(sys.argv[1]))
    with connection.schema_editor() as editor:
        editor.create_model(BenchPerson)
    found = {
        "copy_and_upsert": rate(by_copy, rows),
        "bulk_create_update_conflicts": rate(by_bulk_create, rows),
        "update_or_create_loop": rate(by_update_or_create, rows[:LOOPED]),
    }
    sys.stdout.write(json.dumps(found) + "\n")


if __name__ == "__main__":
    main()
