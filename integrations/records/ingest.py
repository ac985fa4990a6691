"""Store a page as it was heard: new, changed or the same. An older version never replaces a newer one.

Set-based: one look-up, one insert, one update for a whole page, in the caller's transaction.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Collection, Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from hashlib import blake2b
from typing import Any

import orjson

from config.bulk import insert_rows, reserve_ids, update_rows
from config.errors import DuplicateId, RollcallError
from config.sentences import sentence
from integrations.connectors.models import Connector
from integrations.records.models import RecordVersion, SourceRecord
from integrations.records.vanished import lost_fields
from integrations.vendors.base import Record

NEW_COLUMNS = (
    "id",
    "connector",
    "stream",
    "external_id",
    "payload",
    "content_hash",
    "pending",
    "source_changed_at",
    "first_seen_at",
    "changed_at",
    "values",
    "mapping_version",
    "strong_key",
    "email_key",
)


@dataclass(slots=True)
class Reading:
    """A payload in our words. With a `problem` the record is set aside and keeps the values it had."""

    values: dict[str, Any]
    strong_key: str = ""
    email_key: str = ""
    problem: RollcallError | None = None
    unmapped: Sequence[tuple[str, str]] = ()  # (value map, code) pairs that no row covers


# payload, values until now → Reading. Handed in by the caller, who knows the mapping.
Reader = Callable[[dict[str, Any], dict[str, Any]], Reading]


@dataclass(slots=True)
class Prepared:
    """A record, its payload as canonical JSON, and the hash of that."""

    record: Record
    text: bytes
    digest: str


@dataclass(slots=True)
class Heard:
    """A record that needs work: its row id, its id at the source, and what it says in our words."""

    record_id: int
    external_id: str
    reading: Reading
    is_new: bool


@dataclass(slots=True)
class Ingested:
    """What became of a page. `seen` lists the row ids of everybody on it: changed or not, and those whose row was set aside.

    `missed` counts what earlier reads of changes should have brought and did not. `lost`: field → changed records that had a value
    in it and have none.
    """

    work: list[Heard] = field(default_factory=list)
    seen: list[int] = field(default_factory=list)
    same: int = 0
    repeated: int = 0
    older: int = 0
    missed: int = 0
    lost: Counter[str] = field(default_factory=Counter)
    clashes: list[tuple[str, RollcallError]] = field(default_factory=list)


def content_hash(payload: dict[str, Any]) -> tuple[bytes, str]:
    """Canonical JSON of the payload, and 128 bits of BLAKE2b over it."""
    text = orjson.dumps(payload, option=orjson.OPT_SORT_KEYS)
    return text, blake2b(text, digest_size=16).hexdigest()


def prepare(records: Iterable[Record]) -> list[Prepared]:
    """What asks no table and so can be done before the transaction begins."""
    return [Prepared(record, *content_hash(record.payload)) for record in records]


def _once(records: Sequence[Prepared], result: Ingested) -> dict[str, Prepared]:
    """One entry per id. The same record twice is counted; two records with one id but different content are both set aside."""
    unique: dict[str, Prepared] = {}
    clashing: set[str] = set()
    for item in records:
        external_id = item.record.external_id
        before = unique.get(external_id)
        if before is None:
            unique[external_id] = item
        elif before.digest == item.digest:
            result.repeated += 1
        else:
            clashing.add(external_id)
    for external_id in clashing:
        del unique[external_id]
        result.clashes.append(
            (external_id, DuplicateId(sentence("id %(external_id)s occurs twice with different values", external_id=external_id)))
        )
    return unique


def ingest(
    connector: Connector,
    stream: str,
    records: Sequence[Prepared],
    read: Reader,
    *,
    mapping_number: int,
    now: datetime,
    known_to: datetime | None = None,
    later: Collection[str] | None = None,
    set_aside: Collection[str] = (),
) -> Ingested:
    """Store `records` (already minimised). `work` of the answer: what is new, changed, still pending, or of an older mapping.

    `set_aside`: ids of rows that became no record. Their people keep what they had, and are as present as everybody else.
    `known_to`: up to where (the source's own clock) everything should be known already, because it was asked for changes. `later`: who
    changed after it, where the stamps of the records do not say so.
    """
    result = Ingested()
    unique = _once(records, result)
    unread = {*set_aside, *(external_id for external_id, _ in result.clashes)}.difference(unique)
    here = SourceRecord.objects.filter(connector=connector, stream=stream, external_id__any=[*unique, *unread])
    known = {
        row[1]: row
        for row in here.values_list(
            "id", "external_id", "content_hash", "pending", "mapping_version", "missing_count", "gone_at", "source_changed_at"
        )
    }
    fresh: list[Prepared] = []
    changed: dict[int, Prepared] = {}
    redo: dict[int, Record] = {}
    back: list[int] = []
    for external_id, item in unique.items():
        row = known.get(external_id)
        if row is None:
            fresh.append(item)
            continue
        record_id, _, digest, pending, mapping_version, missing, gone_at, stamped_at = row
        result.seen.append(record_id)
        stamp = item.record.changed_at
        if stamp and stamped_at and stamp < stamped_at and digest != item.digest:
            result.older += 1
        elif digest != item.digest:
            changed[record_id] = item
        elif pending or mapping_version != mapping_number or gone_at:
            redo[record_id] = item.record
        else:
            result.same += 1
        if missing or gone_at:
            back.append(record_id)
    for record_id, _, _, _, _, missing, gone_at, _ in (known[external_id] for external_id in unread if external_id in known):
        result.seen.append(record_id)
        if missing and not gone_at:  # who is believed gone comes back with a row that can be read
            back.append(record_id)
    if known_to is not None:
        result.missed = sum(_was_due(item.record, known_to, later) for item in (*fresh, *changed.values()))
    if back:
        SourceRecord.objects.filter(id__in=back).update(missing_count=0, gone_at=None)
    _insert(connector, stream, fresh, read, mapping_number, result, now)
    _replace(changed, read, mapping_number, result, now)
    _again(redo, read, mapping_number, result)
    return result


def _was_due(record: Record, known_to: datetime, later: Collection[str] | None) -> bool:
    """Whether a read of changes should have brought what is new in this record."""
    if later is not None:
        return record.external_id not in later
    return record.changed_at is not None and record.changed_at <= known_to


def _insert(
    connector: Connector,
    stream: str,
    fresh: list[Prepared],
    read: Reader,
    mapping_number: int,
    result: Ingested,
    now: datetime,
) -> None:
    """Translated while they are being written: the database stores the first rows of a page while the last ones are read."""
    if not fresh:
        return
    ids = reserve_ids(SourceRecord, len(fresh))

    def rows() -> Iterator[tuple[Any, ...]]:
        for record_id, item in zip(ids, fresh, strict=True):
            record = item.record
            said = read(record.payload, {})
            result.work.append(Heard(record_id, record.external_id, said, True))
            named = (record_id, connector.pk, stream, record.external_id, item.text, item.digest, True, record.changed_at, now, now)
            yield (*named, said.values, mapping_number, said.strong_key, said.email_key)

    insert_rows(SourceRecord, NEW_COLUMNS, rows())
    result.seen.extend(ids)


def _replace(changed: dict[int, Prepared], read: Reader, mapping_number: int, result: Ingested, now: datetime) -> None:
    if not changed:
        return
    old = list(
        SourceRecord.objects.filter(id__any=list(changed))
        .order_by("id")
        .values_list("id", "version", "payload", "values", "changed_at", "strong_key", "email_key")
    )
    insert_rows(
        RecordVersion,
        ("record", "version", "payload", "recorded_at", "replaced_at"),
        [(record_id, version, payload, at, now) for record_id, version, payload, _, at, _, _ in old],
    )
    rows = []
    for record_id, version, payload, values, _, strong, email in old:
        item = changed[record_id]
        record = item.record
        result.lost.update(lost_fields(payload, record.payload))
        said = _or_as_before(read(record.payload, values), values, strong, email)
        keys = (said.values, mapping_number, said.strong_key, said.email_key)
        rows.append((record_id, item.text, item.digest, version + 1, True, record.changed_at, now, *keys))
        result.work.append(Heard(record_id, record.external_id, said, False))
    columns = ("id", "payload", "content_hash", "version", "pending", "source_changed_at", "changed_at", *TRANSLATED)
    update_rows(SourceRecord, columns, rows)


TRANSLATED = ("values", "mapping_version", "strong_key", "email_key")


def _or_as_before(said: Reading, values: dict[str, Any], strong_key: str, email_key: str) -> Reading:
    """A record that could not be read keeps what it said before: yesterday's facts stand."""
    return said if said.problem is None else Reading(values, strong_key, email_key, said.problem, said.unmapped)


def _again(redo: dict[int, Record], read: Reader, mapping_number: int, result: Ingested) -> None:
    """Unchanged, but not applied yet or translated by an older mapping: read once more."""
    translate_again(list(redo), {record_id: record.payload for record_id, record in redo.items()}, read, mapping_number, result.work)


def translate_again(
    record_ids: Sequence[int], payloads: dict[int, dict[str, Any]] | None, read: Reader, mapping_number: int, work: list[Heard]
) -> None:
    """Translate stored records again and store what they say now; `payloads` spares reading them when they are at hand."""
    if not record_ids:
        return
    rows = []
    columns = ["id", "external_id", "values", "strong_key", "email_key", *([] if payloads else ["payload"])]
    for row in SourceRecord.objects.filter(id__any=record_ids).order_by("id").values_list(*columns):
        record_id, external_id, values, strong, email = row[:5]
        said = _or_as_before(read(payloads[record_id] if payloads else row[5], values), values, strong, email)
        rows.append((record_id, said.values, mapping_number, True, said.strong_key, said.email_key))
        work.append(Heard(record_id, external_id, said, False))
    update_rows(SourceRecord, ("id", "values", "mapping_version", "pending", "strong_key", "email_key"), rows)
