"""What a run needs again and again, read once per slice: connectors, mappings, value maps, policies."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from functools import cached_property
from typing import Any
from zoneinfo import ZoneInfo

from config import clock
from identity.lifecycle.state import LEFT, LifePolicy
from identity.matching.normalise import email_key, number_key
from integrations.canonical import Kind
from integrations.connectors.models import Connector, ConnectorState
from integrations.mapping.models import MappingState, MappingVersion, Strength, ValueMap
from integrations.mapping.translate import Mapping, ValueMaps, published
from integrations.records.ingest import Prepared, Reader, Reading, prepare
from integrations.records.minimise import allowed, minimise
from integrations.vendors import vendor_class
from integrations.vendors.base import Page, Record, Stream, Vendor


@dataclass(frozen=True, slots=True)
class PreparedPage:
    """A page with everything that can be done before it is stored. `erased` are ids; `dropped` names fields that nobody mapped."""

    page: Page
    kept: list[Prepared]
    erased: list[str]
    dropped: list[str]


@dataclass
class StreamContext:
    """One stream of a source: its declaration, its mapping, and what may be kept of a payload."""

    connector: Connector
    stream: Stream
    mapping: Mapping
    maps: ValueMaps
    on: date

    @cached_property
    def keep(self) -> frozenset[str]:
        return allowed(self.mapping.roots, self.stream.fields)

    def prepared(self, page: Page) -> PreparedPage:
        """What may be kept of this page."""
        keep = self.keep
        living = (record for record in page.records if not record.deleted)
        kept = prepare(Record(record.external_id, minimise(record.payload, keep), record.changed_at) for record in living)
        erased = [record.external_id for record in page.records if record.deleted]
        dropped = sorted({key for record in page.records[:50] for key in record.payload} - keep)[:200]
        return PreparedPage(page, kept, erased, dropped)

    def reader(self) -> Reader:
        """Payload → our words, and the keys that other records are compared by."""
        issuer = number_issuer(self.connector)
        is_worker = self.stream.kind == Kind.WORKER
        translate, maps, on = self.mapping.translate, self.maps, self.on

        def read(payload: dict[str, Any], previous: dict[str, Any]) -> Reading:
            said = translate(payload, maps, on, previous)
            values = said.values
            return Reading(
                values,
                number_key(issuer, values.get("employee_number")) if is_worker else "",
                email_key(values.get("work_email")) if is_worker else "",
                said.problems[0] if said.problems else None,
                said.unmapped,
            )

        return read


class Context:
    """The installation as one slice of work sees it."""

    def __init__(self) -> None:
        self.now = clock.now()
        self.connectors = {connector.pk: connector for connector in Connector.objects.all()}
        self.names = {pk: connector.name for pk, connector in self.connectors.items()}
        self.today = self.now.date()
        self._mappings: dict[tuple[int, str], Mapping] = {}
        self._life: dict[int, LifePolicy] = {}
        self._zones: dict[str | None, ZoneInfo] = {}  # the library itself keeps eight, and reads files beyond them

    @cached_property
    def targets(self) -> list[Connector]:
        return [one for one in self.connectors.values() if one.is_target and one.state == ConnectorState.ACTIVE]

    @cached_property
    def switched_off(self) -> list[Connector]:
        """Sources that lead nobody another source knows."""
        return [one for one in self.connectors.values() if one.is_off]

    def vendor(self, connector: Connector) -> type[Vendor]:
        return vendor_class(connector.vendor)

    def mapping(self, connector: Connector, stream: str) -> Mapping:
        key = (connector.pk, stream)
        if key not in self._mappings:
            self._mappings[key] = published(connector.pk, stream)
        return self._mappings[key]

    @cached_property
    def strengths(self) -> dict[tuple[int, str], dict[str, str]]:
        """Connector and stream → the attributes whose rows are weaker than "always"."""
        rows = MappingVersion.objects.filter(state=MappingState.PUBLISHED).values_list("connector_id", "stream")
        found = {(pk, stream): self.mapping(self.connectors[pk], stream).strengths for pk, stream in rows}
        return {place: {key: one for key, one in each.items() if one != Strength.ALWAYS} for place, each in found.items()}

    @cached_property
    def maps(self) -> ValueMaps:
        return ValueMaps.load(ValueMap.objects.values_list("key", flat=True))

    def streams(self, connector: Connector) -> list[StreamContext]:
        """The streams of a source that have a published mapping, units before workers."""
        mapped = set(MappingVersion.objects.filter(connector=connector, state=MappingState.PUBLISHED).values_list("stream", flat=True))
        streams = [stream for stream in self.vendor(connector).streams if stream.name in mapped]
        streams.sort(key=lambda stream: stream.kind != Kind.UNIT)
        on = clock.today()
        return [StreamContext(connector, stream, self.mapping(connector, stream.name), self.maps, on) for stream in streams]

    def target_stream(self, target: Connector) -> str:
        return self.vendor(target).targets[0].name

    def number_issuer(self, connector_id: int) -> str:
        return number_issuer(self.connectors[connector_id])

    def life_policy(self, connector_id: int) -> LifePolicy:
        """When people of this source come and go."""
        if connector_id not in self._life:
            policy = self.connectors[connector_id].policy
            self._life[connector_id] = LifePolicy(
                leaver_rule=policy.get("leaver_rule", "termination_date"),
                ready_days_before=int(policy.get("ready_days_before", 0)),
                urgent_reasons=frozenset(str(reason).lower() for reason in policy.get("urgent_reasons", ())),
                inactive=policy.get("inactive", LEFT),
            )
        return self._life[connector_id]

    def zone(self, name: str | None) -> ZoneInfo:
        if name not in self._zones:
            self._zones[name] = clock.zone(name)
        return self._zones[name]


def number_issuer(connector: Connector) -> str:
    """Who gives out this source's employee numbers; sources of one organisation share theirs unless told otherwise."""
    return str(connector.policy.get("number_issuer", "hr"))
