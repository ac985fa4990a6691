"""A few people or records now: read them at the source again, and those of managers nobody has heard of yet."""

from __future__ import annotations

from collections.abc import Collection

from config import clock
from identity.people.models import Link
from integrations.canonical import Kind
from integrations.connectors.open import opened
from integrations.records.models import SourceRecord
from integrations.vendors.base import Vendor, Window
from syncjobs.pipeline.fetch import store_page
from syncjobs.runs.context import Context, StreamContext
from syncjobs.runs.slice import Slice


def reread(work: Slice, context: Context) -> None:
    """Store what the source says of the run's people and records now. Pages become part of the run like those of a night."""
    run = work.run
    run.cursor = {"stream": 0, "page": 0, "at": None}
    with opened(run.connector, urgent=True) as vendor:
        for stream in context.streams(run.connector):
            if stream.stream.kind != Kind.WORKER:
                continue
            joined = Link.objects.filter(person_id__any=run.scope["people"], until=None, record__connector=run.connector)
            ids = set(joined.filter(record__stream=stream.stream.name).values_list("record__external_id", flat=True))
            asked = SourceRecord.objects.filter(pk__any=run.scope.get("records", []), stream=stream.stream.name)
            ids.update(asked.values_list("external_id", flat=True))
            _read(work, context, stream, vendor, ids)
            _read(work, context, stream, vendor, _unknown_managers(stream, ids))


def _read(work: Slice, context: Context, stream: StreamContext, vendor: Vendor, ids: Collection[str]) -> None:
    if ids:
        for page in vendor.fetch(stream.stream.name, Window(ids=tuple(sorted(ids)), until=clock.now(), as_of=stream.on)):
            store_page(work, context, stream, stream.prepared(page))


def _unknown_managers(stream: StreamContext, ids: Collection[str]) -> set[str]:
    """Managers these records name, of whom this source has not told us anything."""
    records = SourceRecord.objects.filter(connector=stream.connector, stream=stream.stream.name)
    said = records.filter(external_id__any=list(ids)).values_list("values", flat=True)
    named = {line["manager"] for values in said for line in values.get("manager_lines") or ()}
    return named - set(records.filter(external_id__any=list(named)).values_list("external_id", flat=True))
