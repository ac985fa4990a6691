"""Why a value is what it is: the record that won, its version, the mapping row, the value map and the run. Recomputed, never stored."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from django.urls import reverse
from django.utils.translation import gettext as _

from config import clock, say
from config.errors import RollcallError
from config.parts.shapes import Fact
from config.roles.masking import Sight
from identity.authority.choose import source_of
from identity.people.models import FactSheet, Link, Person
from integrations.canonical import ATTRIBUTES
from integrations.mapping.models import FieldMapping, MappingVersion, ValueMapRow
from integrations.mapping.trace import RowTrace, trace
from integrations.mapping.transforms import looked_into
from integrations.mapping.translate import compile_version
from integrations.mapping.value_maps import ValueMaps
from integrations.records.models import RecordVersion, SourceRecord
from syncjobs.explain.values import APART, label, unit_names, words
from syncjobs.runs.models import SyncRun

FRONT = (
    "given_name",
    "family_name",
    "preferred_name",
    "work_email",
    "job_title",
    "department",
    "location",
    "worker_type",
    "hire_on",
    "last_day_on",
    "termination_on",
    "language",
    "employee_number",
)  # fmt: skip  what is asked for most; the rest is folded away below


def facts(
    person: Person, links: Sequence[Link], sight: Sight, suggested: Mapping[tuple[int, str], frozenset[str]] | None = None
) -> dict[str, Fact]:
    """Every attribute that is known, by its key, in the order of the vocabulary: value, winner, why, and who says otherwise.

    `suggested`: (connector, stream) → attributes that its rows only suggest; what they say is told as such, also where nothing is known.
    `links` are the person's live links with their records and connectors; nothing else is read but the names of units.
    """
    records = {link.record_id: link.record for link in links}
    sources = [link.record for link in links if not link.record.connector.is_target]
    units = unit_names([person.values, *(record.values for record in sources)])
    rows: dict[str, Fact] = {}
    for attribute in ATTRIBUTES:
        value = person.values.get(attribute.key)
        if attribute.key in APART:
            continue
        hints = tuple(_hints(attribute.key, value, sources, suggested or {}, sight, units))
        if value in (None, "", []):
            if hints:
                rows[attribute.key] = Fact(label(attribute.key), _("not known"), others=hints)
            continue
        said = source_of(person.sources, attribute.key)
        winner = records.get(said[0]) if said else None
        plain = [one for one in sources if attribute.key not in (suggested or {}).get((one.connector_id, one.stream), ())]
        others = (*_others(attribute.key, value, winner, plain, sight, units), *hints)
        rows[attribute.key] = Fact(
            label(attribute.key),
            words(attribute.key, value, sight, units),
            source=winner.connector.name if winner else _("a record that is joined no more"),
            why=_why(said, attribute.key not in person.sources, others),
            others=others,
            href=reverse("person-fact", args=[person.pk, attribute.key]),
        )
    return rows


def _why(said: list[Any] | None, is_leading: bool, others: Sequence[str]) -> str:
    """The reason, where there is something to explain: sources disagree, or the leading record says nothing."""
    return say.said(said[3]) if said and (others or not is_leading) else ""


def _hints(
    key: str,
    value: Any,
    sources: Sequence[SourceRecord],
    suggested: Mapping[tuple[int, str], frozenset[str]],
    sight: Sight,
    units: Mapping[str, str],
) -> list[str]:
    """“BambooHR suggests: Senior Analyst”, where it differs from what is known."""
    return [
        _("%(system)s suggests: %(value)s") % {"system": record.connector.name, "value": words(key, record.values[key], sight, units)}
        for record in sources
        if key in suggested.get((record.connector_id, record.stream), ())
        and record.values.get(key) not in (None, "", [])
        and record.values[key] != value
    ]


def _others(
    key: str, value: Any, winner: SourceRecord | None, sources: Sequence[SourceRecord], sight: Sight, units: Mapping[str, str]
) -> list[str]:
    """What the records that did not win say, where it differs."""
    return [
        f"{record.connector.name}: {words(key, record.values[key], sight, units)}"
        for record in sources
        if record is not winner and record.values.get(key) not in (None, "", []) and record.values[key] != value
    ]


@dataclass(slots=True)
class Lineage:
    """The way of one value, from the outside system to this person. Parts that are gone (a mapping, a record version) are None."""

    record: SourceRecord
    version: int
    is_current: bool
    why: str
    mapping: MappingVersion | None = None
    row: FieldMapping | None = None
    walked: RowTrace | None = None
    map_rows: list[ValueMapRow] = field(default_factory=list)
    first_sheet: FactSheet | None = None
    run: SyncRun | None = None


def lineage(person: Person, key: str) -> Lineage | None:
    """How `key` came to be what it is; None for a value no record stands behind."""
    said = source_of(person.sources, key)
    record = SourceRecord.objects.select_related("connector").filter(pk=said[0]).first() if said else None
    if said is None or record is None:
        return None
    found = Lineage(record, said[1], record.version == said[1], say.said(said[3]))
    found.mapping = (
        MappingVersion.objects.filter(connector=record.connector, stream=record.stream, number=said[2]).select_related("connector").first()
    )
    if found.mapping is not None:
        found.row = FieldMapping.objects.filter(mapping=found.mapping, target=key).first()
        found.walked = _walked(found, key)
        found.map_rows = _map_rows(found)
    found.first_sheet = _first_sheet(person, key)
    if found.first_sheet is not None:
        found.run = SyncRun.objects.filter(cause_id=found.first_sheet.cause_id).select_related("connector").first()
    return found


def _walked(found: Lineage, key: str) -> RowTrace | None:
    """The row run again on the record as it was then."""
    payload = found.record.payload
    if not found.is_current:
        old = RecordVersion.objects.filter(record=found.record, version=found.version).values_list("payload", flat=True).first()
        if old is None:
            return None
        payload = old
    assert found.mapping is not None
    try:
        mapping = compile_version(found.mapping)
    except RollcallError:
        return None  # written under rules that this version of Rollcall no longer accepts
    steps = trace(mapping, payload, ValueMaps.load(mapping.lookups), clock.today(), {})
    return next((step for step in steps if step.target == key), None)


def _map_rows(found: Lineage) -> list[ValueMapRow]:
    """The rows of value maps that gave the code its name."""
    if found.row is None or found.walked is None:
        return []
    keys = [key for text in found.row.transforms if (key := looked_into(text)) is not None]
    named = ValueMapRow.objects.filter(value_map__key__in=keys, target=str(found.walked.result or ""))
    return list(named.select_related("value_map")[:3])


def _first_sheet(person: Person, key: str) -> FactSheet | None:
    """The oldest of the newest sheets in a row that hold the value of today. Looks back fifty versions."""
    first = None
    for sheet in FactSheet.objects.filter(person=person).order_by("-version").select_related("cause")[:50]:
        if sheet.values.get(key) != person.values.get(key):
            break
        first = sheet
    return first
