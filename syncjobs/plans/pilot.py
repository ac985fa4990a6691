"""Who takes part while a connector goes live in steps: one rule, for a person in a plan and as a question to the table."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

from django.db.models import Exists, OuterRef, Q, QuerySet, TextField
from django.db.models.functions import Cast

from identity.people.models import Link, Person, number_of, public_id
from integrations.connectors.models import Connector


def in_pilot(person_id: int, values: Mapping[str, Any], connector: Connector) -> bool:
    """Whether this person belongs to the connector's pilot group; without one, everybody does."""
    pilot = connector.pilot
    if not pilot:
        return True
    people = set(pilot.get("people", ()))
    units = {values.get("unit"), values.get("department"), *(values.get("unit_path") or ())}
    return (
        bool(people & {public_id(person_id), values.get("employee_number")})
        or bool(units & set(pilot.get("units", ())))
        or values.get("location") in pilot.get("locations", ())
    )


def reached(connector: Connector, people: QuerySet[Person] | None = None) -> QuerySet[Person]:
    """Those of `people` (else everybody) it could matter to: of a source those of whom it speaks, of a target all."""
    people = Person.objects.all() if people is None else people
    if connector.is_target:
        return people
    return people.filter(Exists(Link.objects.filter(person=OuterRef("pk"), until=None, record__connector=connector)))


def outside(people: QuerySet[Person], connector: Connector) -> QuerySet[Person]:
    """Those of `people` it could matter to who are not in its pilot group; nobody where it has none."""
    return reached(connector, people).filter(~Exists(among(Person.objects.filter(pk=OuterRef("pk")), connector.pilot)))


def among(people: QuerySet[Person], pilot: Mapping[str, Any]) -> QuerySet[Person]:
    """Those of `people` whom `in_pilot` would let in by the values they have now; an empty pilot group lets in everybody.

    One sequential look at the table. SQLite compares the names of nested units without regard to capitals.
    """
    if not pilot:
        return people
    units, numbers = list(pilot.get("units", ())), list(pilot.get("people", ()))
    ours = [number for text in numbers if (number := number_of(text) if str(text).startswith("P-") else None)]
    wanted = Q(pk__in=ours) | Q(values__employee_number__in=numbers) | Q(values__location__in=list(pilot.get("locations", ())))
    wanted |= Q(values__unit__in=units) | Q(values__department__in=units)
    for unit in units:  # SQLite keeps JSON as it was written: by Django with \u0000, by our bulk writers without
        wanted |= Q(path__contains=json.dumps(unit, ensure_ascii=False)) | Q(path__contains=json.dumps(unit))
    return people.annotate(path=Cast("values__unit_path", TextField())).filter(wanted)
