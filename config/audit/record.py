"""Writing entries: who, what, before, after, why. The only place that appends to the trail."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from itertools import islice
from typing import Any

import orjson

from config import clock
from config.audit.cause import must_be_atomic
from config.audit.chain import Link, detail_digest, link_hash, plain
from config.audit.models import AuditDetail, AuditEntry, AuditHead, Cause
from config.bulk import insert_rows
from config.sentences import LONGEST

CHUNK = 10_000  # entries per COPY: memory stays below 10 MB, and larger chunks were not faster
ENTRY_COLUMNS = (*Link._fields, "hash")
DETAIL_COLUMNS = ("entry_id", "label", "before", "after")


@dataclass(slots=True)
class Entry:
    """What happened to one object. With a `digest` the values are kept elsewhere (a fact sheet) and none are stored here."""

    action: str
    object_type: str
    object_id: str
    digest: str = ""
    before: Any = None
    after: Any = None
    label: str = ""


def record(
    cause: Cause, action: str, object_type: str, object_id: object, before: Any = None, after: Any = None, label: str = ""
) -> AuditEntry:
    """Append one entry, in the caller's transaction. The values may be erased later; their digest stays."""
    must_be_atomic()
    head = _locked_head()
    _append(head, cause, [Entry(action, object_type, str(object_id), before=before, after=after, label=label)])
    head.save(update_fields=["seq", "hash"])
    return AuditEntry.objects.get(pk=head.seq)


def record_many(cause: Cause, entries: Iterable[Entry]) -> int:
    """Append all entries in order, in the caller's transaction; their number comes back.

    The head's row lock is held from here to the end of the transaction, so this comes last in it, and no call to another
    system may follow. Measured on two cores, entries that bring their digest: see tests/benchmarks.
    """
    must_be_atomic()
    pending = iter(entries)
    chunk = list(islice(pending, CHUNK))
    if not chunk:
        return 0
    head = _locked_head()
    start = head.seq
    while chunk:
        _append(head, cause, chunk)
        chunk = list(islice(pending, CHUNK))
    head.save(update_fields=["seq", "hash"])
    return head.seq - start


def take_turn() -> None:
    """Hold the end of the chain from here on: of two transactions that would both go on from what they saw, the second waits and sees.

    For the one that applies a plan; whoever else records does so at its end and waits for nothing that this one holds.
    """
    _locked_head()


def _locked_head() -> AuditHead:
    """The end of the chain, locked. Without its row the chain starts again at 1, which the primary key refuses if it ever began."""
    return AuditHead.objects.select_for_update().get_or_create(pk=1)[0]


def _append(head: AuditHead, cause: Cause, entries: list[Entry]) -> None:
    details: list[tuple[int, str, bytes | None, bytes | None]] = []
    # Made in full before the COPY begins: while it runs the connection can answer nothing else, not even what time it is.
    insert_rows(AuditEntry, ENTRY_COLUMNS, list(_rows(head, cause, entries, details)))
    if details:
        insert_rows(AuditDetail, DETAIL_COLUMNS, details)


def _rows(head: AuditHead, cause: Cause, entries: list[Entry], details: list[Any]) -> Iterator[tuple[Any, ...]]:
    """The finished rows; moves `head` along and collects what belongs beside the chain into `details`."""
    at, actor, cause_id = clock.now(), cause.actor_label[:150], cause.pk
    for entry in entries:
        head.seq += 1
        if entry.digest:
            value_digest = entry.digest
        else:
            label, before, after = entry.label[:LONGEST], plain(entry.before), plain(entry.after)
            value_digest = detail_digest(label, before, after)
            details.append((head.seq, label, _json(before), _json(after)))
        link = Link(head.seq, at, actor, entry.action, entry.object_type, entry.object_id, cause_id, value_digest, head.hash)
        head.hash = link_hash(link)
        yield (*link, head.hash)


def _json(value: Any) -> bytes | None:
    return None if value is None else orjson.dumps(value)
