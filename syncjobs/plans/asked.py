"""What a person asked a run for beyond the rules: empty a field that Rollcall had filled, or take a suggestion over (row 15).

It stands in the run's scope and counts for the people named there. The plan is made, weighed and carried out like any other.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from django.db.models import F, OuterRef, Q, QuerySet, Subquery, TextField, Value
from django.db.models.fields.json import KeyTextTransform
from django.db.models.functions import NullIf

from identity.people.models import Link, Person
from integrations.connectors.models import Connector
from integrations.outbound.models import Delivery, DeliveryState
from syncjobs.runs.models import SyncRun

SCOPE = "asked"


@dataclass(frozen=True, slots=True)
class Asked:
    """`field` of the accounts that these people have in this target: emptied, where it holds what Rollcall wrote; or filled, although
    its row only suggests."""

    target_id: int
    field: str
    people: frozenset[int]
    is_removal: bool

    @classmethod
    def of(cls, run: SyncRun) -> Asked | None:
        said = run.scope.get(SCOPE)
        if not said:
            return None
        return cls(said["target"], said["field"], frozenset(run.scope.get("people", ())), said["verb"] == "empty")


def scope(people: Iterable[int], target: Connector, field: str, verb: str) -> dict[str, Any]:
    """Of a run of chosen people. `verb`: empty or take."""
    return {"people": sorted(people), SCOPE: {"target": target.pk, "field": field, "verb": verb}}


def holding(target: Connector, field: str, people: QuerySet[Person] | None = None) -> QuerySet[Any]:
    """Links of open accounts with anything in this field, as far as we know, each with what it `held` and what Rollcall `wrote` there last.

    Of `people` only, where they are given: those a reader sees.

    Accounts that are closed stay as they are: nothing but their opening is ever planned for them.
    """
    # As a sum, no index is looked for: SQLite took that of the connector, and read all its writes once for every account.
    written = Delivery.objects.annotate(of=F("connector_id") + 0).filter(of=target.pk, subject_id=OuterRef("person_id"))
    last = written.filter(state=DeliveryState.DELIVERED, values__has_key=field)
    accounts = Link.objects.filter(record__connector=target, until=None, record__gone_at=None).exclude(record__values__suspended=True)
    if people is not None:
        accounts = accounts.filter(person__in=people)
    accounts = accounts.annotate(
        held=NullIf(KeyTextTransform(field, "record__values"), Value("null", TextField())),  # what SQLite says for a field that was emptied
        wrote=Subquery(last.order_by("-pk").values(text=KeyTextTransform(field, "values"))[:1]),
    )
    return accounts.filter(held__gt="")


def set_by_us(target: Connector, field: str, people: QuerySet[Person] | None = None) -> QuerySet[Any]:
    """Those whose field holds what Rollcall wrote there last: nobody else has changed it since."""
    return holding(target, field, people).filter(wrote=F("held"))


def set_by_others(target: Connector, field: str, people: QuerySet[Person] | None = None) -> QuerySet[Any]:
    """Those whose field holds anything else."""
    return holding(target, field, people).filter(Q(wrote=None) | ~Q(wrote=F("held")))


def to_empty(asked: Asked, target: Connector, strengths: Mapping[str, str], learners: Mapping[int, Mapping[str, Any]]) -> frozenset[int]:
    """People whose field this plan empties; nobody's while a row fills it again. One query."""
    if strengths.get(asked.field, "suggest") != "suggest":
        return frozenset()
    held = {person: values.get(asked.field) for person, values in learners.items() if person in asked.people and values.get(asked.field)}
    rows = Delivery.objects.filter(connector=target, subject_id__any=list(held), state=DeliveryState.DELIVERED, values__has_key=asked.field)
    wrote = {subject: values[asked.field] for subject, values in rows.order_by("pk").values_list("subject_id", "values")}
    return frozenset(person for person, value in held.items() if wrote.get(person) == value)
