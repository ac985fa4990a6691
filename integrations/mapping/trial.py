"""A mapping over stored records, without writing: how many would read differently, how many would be set aside, and who."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field
from datetime import date
from typing import Any

from integrations.connectors.models import Connector
from integrations.mapping.models import MappingVersion
from integrations.mapping.translate import Mapping, Translated, compile_version
from integrations.mapping.value_maps import ValueMaps
from integrations.records.models import SourceRecord

TRIED = 1000  # records: under a tenth of a second, and more would say the same in shares
SHOWN = 10


@dataclass(frozen=True, slots=True)
class Differs:
    """One record that would read differently: attribute → (now, then). `problem` when it would be set aside instead."""

    record_id: int
    external_id: str
    attributes: dict[str, tuple[Any, Any]]
    problem: str = ""


@dataclass(slots=True)
class Trial:
    """`changed`: records with another value somewhere; `by_attribute`: how many of them at which; `examples`: the first few."""

    tried: int = 0
    total: int = 0
    changed: int = 0
    set_aside: int = 0
    unmapped: int = 0
    by_attribute: Counter[str] = field(default_factory=Counter)
    examples: list[Differs] = field(default_factory=list)

    @property
    def attributes(self) -> list[tuple[str, int]]:
        """Most records first. (A template cannot ask a Counter: it answers 0 to every name.)"""
        return self.by_attribute.most_common()


def try_version(version: MappingVersion, on: date, most: int = TRIED) -> Trial:
    """A version as it is stored. Raises MappingInvalid when it cannot be compiled."""
    return try_mapping(compile_version(version), version.connector, version.stream, on, most)


def try_mapping(mapping: Mapping, connector: Connector, stream: str, on: date, most: int = TRIED) -> Trial:
    """Any mapping, saved or not, over the newest `most` records of the stream. Four queries; writes nothing."""
    maps = ValueMaps.load(mapping.lookups)
    records = SourceRecord.objects.filter(connector=connector, stream=stream, gone_at=None)
    trial = Trial(total=records.count())
    for record_id, external_id, payload, values in records.order_by("-pk").values_list("pk", "external_id", "payload", "values")[:most]:
        _try_one(trial, mapping.translate(payload, maps, on, values), (record_id, external_id), values)
    return trial


def _try_one(trial: Trial, said: Translated, who: tuple[int, str], values: dict[str, Any]) -> None:
    trial.tried += 1
    trial.unmapped += bool(said.unmapped)
    if said.problems:
        trial.set_aside += 1
        if len(trial.examples) < SHOWN:
            trial.examples.append(Differs(*who, {}, said.problems[0].detail))
        return
    differs = {
        key: (values.get(key), said.values.get(key)) for key in values.keys() | said.values if values.get(key) != said.values.get(key)
    }
    if differs:
        trial.changed += 1
        trial.by_attribute.update(differs.keys())
        if len(trial.examples) < SHOWN:
            trial.examples.append(Differs(*who, differs))
