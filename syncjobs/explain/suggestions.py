"""What rows of strength “suggest” would say of a person: nobody writes it by itself, so somebody has to see it. Reads only."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from identity.people.models import Link, Person
from integrations.mapping.models import FieldMapping, MappingState, Strength
from syncjobs.plans.accounts import desired_account
from syncjobs.runs.context import Context


@dataclass(frozen=True, slots=True)
class Suggested:
    """One field of one account: what is there, and what the mapping suggests."""

    field: str
    held: Any
    wanted: Any


@dataclass(frozen=True, slots=True)
class Suggestions:
    """`sources`: (connector, stream) → attributes that its rows only suggest. `targets`: target → fields where the account differs."""

    sources: Mapping[tuple[int, str], frozenset[str]] = field(default_factory=dict)
    targets: Mapping[int, list[Suggested]] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Known:
    """A person as the mapping to a target takes them, without a plan."""

    person_id: int
    values: dict[str, Any]
    name: str
    manager_id: int | None


def suggestions(person: Person, links: Sequence[Link]) -> Suggestions:
    """`links` are the person's live links with their records and connectors. One query; six where a target has such rows."""
    rows = FieldMapping.objects.filter(
        strength=Strength.SUGGEST,
        mapping__state=MappingState.PUBLISHED,
        mapping__connector__in={link.record.connector_id for link in links},
    )
    found: dict[tuple[int, str], set[str]] = {}
    for connector, stream, key in rows.values_list("mapping__connector_id", "mapping__stream", "target"):
        found.setdefault((connector, stream), set()).add(key)
    frozen = {place: frozenset(keys) for place, keys in found.items()}
    accounts = [link for link in links if link.record.connector.is_target and (link.record.connector_id, link.record.stream) in frozen]
    if not accounts:
        return Suggestions(frozen)
    context = Context()
    known = Known(person.pk, person.values, person.display_name, person.manager_id)
    managers = {person.manager.pk: person.manager.values} if person.manager else {}
    targets: dict[int, list[Suggested]] = {}
    for link in accounts:
        target, held = context.connectors[link.record.connector_id], link.record.values
        wanted = desired_account(context, target, known, managers)
        keys = sorted(frozen[link.record.connector_id, link.record.stream])
        targets[target.pk] = [
            Suggested(key, held.get(key), wanted[key]) for key in keys if wanted.get(key) and wanted[key] != held.get(key)
        ]
    return Suggestions(frozen, targets)
