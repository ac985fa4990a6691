"""Who takes part while a connector goes live in steps: one rule, for a person in a plan and as a question to the table."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

from django.db.models import BigIntegerField, Case, Exists, OuterRef, Q, QuerySet, TextField, Value, When
from django.db.models.fields.json import KeyTextTransform, KeyTransform
from django.db.models.functions import Cast

from identity.people.models import Link, Person, Standing, number_of, public_id
from integrations.connectors.models import Connector, ConnectorState
from integrations.records.models import SourceRecord


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


def reached(connector: Connector) -> QuerySet[Person]:
    """Everybody it could matter to: of a source those of whom it speaks, of a target all."""
    if connector.is_target:
        return Person.objects.all()
    return Person.objects.filter(Exists(Link.objects.filter(person=OuterRef("pk"), until=None, record__connector=connector)))


def among(people: QuerySet[Person], pilot: Mapping[str, Any]) -> QuerySet[Person]:
    """Those of `people` whom `in_pilot` would let in by the values they have now; an empty pilot group lets in everybody.

    One sequential look at the table. SQLite compares the names of nested units without regard to capitals.
    """
    return people.annotate(path=PATH).filter(_lets_in(pilot)) if pilot else people


def outside(connector: Connector, people: QuerySet[Person]) -> QuerySet[Person]:
    """Those of `people` whom plans leave alone because of this connector's pilot group, by the values they have now.

    A source's group is about those it leads. Who has left loses an account that is there, so nobody leaves them alone. It is asked of one
    person after the other, in whatever order they come: of 100,000 people a page takes 4 ms (110 where nobody is outside), their number
    0.25 s.
    """
    if not connector.pilot:
        return people.none()
    accounts = Link.objects.filter(person=OuterRef("pk"), until=None)
    if connector.is_target:
        accounts = accounts.filter(record__connector=connector)
    else:
        accounts = accounts.filter(record__connector__is_target=True)
        people = people.annotate(lead=LEAD).filter(Exists(SourceRecord.objects.filter(pk=OuterRef("lead"), connector=connector)))
    inside = Case(When(_lets_in(connector.pilot), then=Value(True)), default=Value(False))  # no value there: not in it either
    return people.annotate(path=PATH, is_inside=inside).filter(is_inside=False).exclude(Q(standing=Standing.LEFT) & Exists(accounts))


def going_live() -> QuerySet[Connector]:
    """Connectors with a pilot group; of a learning system that is switched off it decides nothing."""
    return Connector.objects.exclude(pilot={}).exclude(is_target=True, state=ConnectorState.DISABLED).order_by("-is_target", "name")


PATH = Cast("values__unit_path", TextField())
LEAD = Cast(KeyTextTransform("0", KeyTransform("*", "sources")), BigIntegerField())  # the record whose source leads


def _lets_in(pilot: Mapping[str, Any]) -> Q:
    """`in_pilot` in the words of a query, over PATH as `path`."""
    units, numbers = list(pilot.get("units", ())), list(pilot.get("people", ()))
    ours = [number for text in numbers if (number := number_of(text) if str(text).startswith("P-") else None)]
    wanted = Q(pk__in=ours) | Q(values__employee_number__in=numbers) | Q(values__location__in=list(pilot.get("locations", ())))
    wanted |= Q(values__unit__in=units) | Q(values__department__in=units)
    for unit in units:  # SQLite keeps JSON as it was written: by Django with \u0000, by our bulk writers without
        wanted |= Q(path__contains=json.dumps(unit, ensure_ascii=False)) | Q(path__contains=json.dumps(unit))
    return wanted
