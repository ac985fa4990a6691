"""Stage look: ask each target who of the newcomers is there already, before anything is planned. Reads only.

Few newcomers are looked up one by one (idnumber, user name, e-mail); many by reading the target's whole list once.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from config import clock
from config.bulk import update_rows, upsert_rows
from config.errors import NotSupported
from identity.matching.normalise import email_key
from identity.people.models import Link
from integrations.connectors.issues import succeeded
from integrations.connectors.models import Connector
from integrations.connectors.open import opened
from integrations.records.ingest import content_hash
from integrations.records.models import SourceRecord
from integrations.vendors.base import Record, Vendor, Window
from syncjobs.plans.accounts import desired_account, learner_key
from syncjobs.plans.asked import Asked, set_by_us
from syncjobs.plans.managers import manager_values, settle_managers
from syncjobs.plans.picture import IN_PLAN, pictures
from syncjobs.runs.context import Context
from syncjobs.runs.models import RecordOutcome, SyncRun
from syncjobs.runs.slice import Slice

BATCH = 500
MANY = 500  # from here on one whole listing is cheaper than three look-ups for every fifty people
BY = ("idnumber", "username", "email")
COLUMNS = (
    "connector",
    "stream",
    "external_id",
    "payload",
    "content_hash",
    "values",
    "strong_key",
    "email_key",
    "login_key",
    "pending",
    "first_seen_at",
    "changed_at",
)


def look(work: Slice, context: Context) -> bool:
    """True when every target has been asked."""
    run = work.run
    run.cursor = run.cursor if isinstance(run.cursor, dict) and "target" in run.cursor else {"target": 0, "person": 0}
    while run.cursor["target"] < len(context.targets):
        target = context.targets[run.cursor["target"]]
        with opened(target) as vendor:
            stream = context.target_stream(target)
            if not _look_again(work, target, vendor, stream):
                return False
            is_listed = _newcomers(run, target, 0).count() > MANY and _listed(work, target, vendor, stream)
            if not is_listed and not _look_up(work, context, target, vendor, stream):
                return False
        succeeded(target, clock.now())
        with work.step():
            run.cursor = {"target": run.cursor["target"] + 1, "person": 0}
    return True


def _look_again(work: Slice, target: Connector, vendor: Vendor, stream: str) -> bool:
    """What stands in a field that is to be emptied, read just before: only what Rollcall itself wrote may go. True when all is read."""
    run, asked = work.run, Asked.of(work.run)
    if asked is None or not asked.is_removal or asked.target_id != target.pk:
        return True
    while people := [person for person in sorted(asked.people) if person > run.cursor.get("again", 0)][:BATCH]:
        links = set_by_us(target, asked.field).filter(person_id__any=people)
        held = {external_id: (pk, values) for pk, external_id, values in links.values_list(*HELD)}
        rows = list(_now_there(vendor, stream, asked.field, held))
        with work.step():
            update_rows(SourceRecord, ("id", "values"), rows)
            run.cursor = {**run.cursor, "again": people[-1]}
        if work.is_over:
            return False
    return True


HELD = ("record_id", "record__external_id", "record__values")


def _now_there(
    vendor: Vendor, stream: str, name: str, held: Mapping[str, tuple[int, dict[str, Any]]]
) -> Iterable[tuple[int, dict[str, Any]]]:
    """Records of these accounts with the field as it is there. Nothing where that cannot be read, or is shown for nobody."""
    size = max(1, vendor.target(stream).bulk)
    ids = list(held)
    try:
        found = [record for start in range(0, len(ids), size) for record in vendor.read_back(stream, ids[start : start + size])]
    except NotSupported:
        return
    if any(name in record.payload for record in found):
        for record in found:
            if record.external_id in held:
                pk, values = held[record.external_id]
                yield pk, {**values, name: record.payload.get(name) or ""}


def _listed(work: Slice, target: Connector, vendor: Vendor, stream: str) -> bool:
    """Keep the target's whole list; False when it has none to give."""
    try:
        for page in vendor.fetch(stream, Window(until=clock.now())):
            _keep(work, target, stream, page.records)
    except NotSupported:
        return False
    return True


def _newcomers(run: SyncRun, target: Connector, after: int) -> Any:
    """People of this run without an account there, as far as we know."""
    has_account = Link.objects.filter(record__connector=target, until=None).values("person_id")
    people = RecordOutcome.objects.filter(run=run, outcome__in=IN_PLAN, person_id__gt=after).exclude(person_id__in=has_account)
    return people.values_list("person_id", flat=True).distinct().order_by("person_id")


def _look_up(work: Slice, context: Context, target: Connector, vendor: Vendor, stream: str) -> bool:
    run = work.run
    while people := list(_newcomers(run, target, run.cursor["person"])[:BATCH]):
        seen = pictures(run, context, people)
        settle_managers(run, context, seen)
        managers = manager_values(run, seen)
        wanted = [desired_account(context, target, picture, managers) for picture in seen]
        found: list[Record] = []
        for by in BY:
            values = sorted({email_key(str(one[by])) for one in wanted if one.get(by)})
            for answer in _in_calls(vendor, stream, by, values):
                found += [record for records in answer.values() for record in records]
        _keep(work, target, stream, found)
        with work.step():
            run.cursor = {**run.cursor, "person": people[-1]}
        if work.is_over:
            return False
    return True


def _in_calls(vendor: Vendor, stream: str, by: str, values: Sequence[str]) -> Iterable[Mapping[str, list[Record]]]:
    size = max(1, vendor.target(stream).bulk)
    for start in range(0, len(values), size):
        yield vendor.find(stream, by, values[start : start + size])


def _keep(work: Slice, target: Connector, stream: str, records: Sequence[Record]) -> None:
    """Store learners as heard; those already joined keep their recorded state (verify compares it)."""
    now = clock.now()
    unique = {record.external_id: record for record in records}
    with work.step():
        joined = Link.objects.filter(record__connector=target, record__external_id__any=list(unique), until=None)
        known = set(joined.values_list("record__external_id", flat=True))
        rows = [learner_row(target, stream, record, now) for key, record in unique.items() if key not in known]
        upsert_rows(SourceRecord, COLUMNS, rows, unique=("connector", "stream", "external_id"), update=(*COLUMNS[3:10], "changed_at"))


def learner_row(target: Connector, stream: str, record: Record, now: Any) -> tuple[Any, ...]:
    """A learner as a SourceRecord; the payload of a learning system is kept in its own field names."""
    values = {**record.payload, "suspended": bool(record.payload.get("suspended"))}
    text, hashed = content_hash(record.payload)
    keys = (learner_keys(values), email_key(values.get("email")), email_key(values.get("username"))[:200])
    return (target.pk, stream, record.external_id, text, hashed, values, *keys, False, now, now)


def learner_keys(values: Mapping[str, Any]) -> str:
    return learner_key(str(values["idnumber"])) if values.get("idnumber") else ""
