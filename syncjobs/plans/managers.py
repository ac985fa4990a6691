"""Whom each person of a batch reports to: every line kept, one primary. Fills the pictures."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Mapping, Sequence
from typing import Any

from config.sentences import Sentence, sentence
from identity.matching.normalise import number_key
from identity.organisation.models import PrimaryChoice, ReportingLine
from identity.organisation.primary_manager import Primary, pick
from identity.people.models import Link, Person
from integrations.canonical import Kind
from integrations.records.models import SourceRecord
from syncjobs.plans.picture import Picture
from syncjobs.runs.context import Context
from syncjobs.runs.joins import staged_joins
from syncjobs.runs.models import RecordOutcome, SyncRun

CIRCLE = sentence("these people report to each other in a circle")
OWN_MANAGER = sentence("the source names this person as their own manager")
NOBODY_ABOVE = (CIRCLE, OWN_MANAGER)

Key = tuple[int, str]  # connector, and the manager's worker id or employee number there


def settle_managers(run: SyncRun, context: Context, pictures: Sequence[Picture], inside: Collection[int] = ()) -> None:
    """A manager who is not here yet leaves the line open; it closes by itself when they arrive (row 58). `inside`: people in a circle."""
    found = people_behind(run, context, {(line["connector"], line["manager"]) for picture in pictures for line in picture.lines})
    people = [picture.person_id for picture in pictures]
    waiting = _open_lines(pictures)
    chosen = dict(PrimaryChoice.objects.filter(person_id__any=people).values_list("person_id", "manager_id"))
    for picture in pictures:
        for line in picture.lines:
            line["manager_id"] = found.get((line["connector"], line["manager"]))
        met = {(line["record"], line["manager"]) for line in picture.lines if line["manager_id"]}
        picture.closes_a_line = not met.isdisjoint(waiting[picture.person_id])
        led = [line for line in picture.lines if line["is_lead"]]
        current = picture.person.manager_id if picture.person else None
        picture.primary = pick(led, _key_of(current, led), chosen=_key_of(chosen.get(picture.person_id), led))
        if picture.primary.index is not None:
            led[picture.primary.index]["is_primary"] = True
            picture.manager_id = led[picture.primary.index]["manager_id"]
        if picture.manager_id == picture.person_id:
            _take_away(picture, OWN_MANAGER)
        elif picture.person_id in inside:
            _take_away(picture, CIRCLE)


def _open_lines(pictures: Sequence[Picture]) -> Mapping[int, set[tuple[int, str]]]:
    """Person → (record, key) of their stored lines whose manager was not here. Nobody new has any."""
    found: dict[int, set[tuple[int, str]]] = defaultdict(set)
    known = [picture.person_id for picture in pictures if picture.person]
    if known:
        lines = ReportingLine.objects.filter(person_id__any=known, manager=None)
        for person, record, key in lines.values_list("person_id", "record_id", "manager_key"):
            found[person].add((record, key))
    return found


def _key_of(manager_id: int | None, lines: Sequence[Mapping[str, Any]]) -> str:
    """The key under which these lines name that manager; empty when none does."""
    if manager_id is None:
        return ""
    return next((str(line["manager"]) for line in lines if line["manager_id"] == manager_id), "")


def people_behind(run: SyncRun, context: Context, keys: set[Key]) -> dict[Key, int]:
    """Key → person, joined already or in this run."""
    records: dict[Key, int] = {}
    for connector_id in {connector for connector, _ in keys}:
        records.update(_records_behind(context, connector_id, [key for connector, key in keys if connector == connector_id]))
    ids = list(records.values())
    joins = dict(Link.objects.filter(record_id__any=ids, until=None).values_list("record_id", "person_id"))
    joins.update(staged_joins(run, ids))
    return {key: joins[record] for key, record in records.items() if record in joins}


def _records_behind(context: Context, connector_id: int, wanted: Sequence[str]) -> dict[Key, int]:
    """Most sources name a manager by worker id, files often by employee number."""
    streams = [stream.name for stream in context.vendor(context.connectors[connector_id]).streams if stream.kind == Kind.WORKER]
    direct = SourceRecord.objects.filter(connector_id=connector_id, stream__in=streams, external_id__any=wanted)
    found = {(connector_id, external_id): record for external_id, record in direct.values_list("external_id", "id")}
    issuer = context.number_issuer(connector_id)
    by_number = {number_key(issuer, key): key for key in wanted if (connector_id, key) not in found}
    if by_number:
        numbered = SourceRecord.objects.filter(connector_id=connector_id, strong_key__any=list(by_number)).exclude(strong_key="")
        found.update({(connector_id, by_number[key]): record for key, record in numbered.values_list("strong_key", "id")})
    return found


def _take_away(picture: Picture, why: Sentence) -> None:
    picture.manager_id = None
    picture.primary = Primary(None, why)
    for line in picture.lines:
        line["is_primary"] = False


def manager_values(run: SyncRun, pictures: Sequence[Picture]) -> dict[int, dict[str, Any]]:
    """What targets may be told about a manager: from this batch where they are in it, else as stored, else as heard in this run."""
    own = {picture.person_id: picture.values for picture in pictures}
    wanted = {picture.manager_id for picture in pictures if picture.manager_id} - set(own)
    stored = dict(Person.objects.filter(pk__any=wanted).values_list("pk", "values"))
    missing = wanted - set(stored)
    if missing:
        heard = RecordOutcome.objects.filter(run=run, person_id__any=missing, record__isnull=False)
        stored.update({person: values for person, values in heard.values_list("person_id", "record__values") if person})
    return {**stored, **own}
