"""Who reports to themselves through others. Looked for once the whole plan stands, so that the answer is the same however it was cut.

A batch knows the managers its own people will have, and of everybody else only yesterday's. So the batches plan as if there were no
circles, and whoever turns out to be in one, or is not any more, is planned once more at the end, all of them together.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from django.db.models import BigIntegerField
from django.db.models.fields.json import KeyTextTransform
from django.db.models.functions import Cast

from identity.organisation.flatten import rings
from identity.organisation.models import PrimaryChoice, ReportingLine
from identity.organisation.primary_manager import pick
from identity.people.models import Person
from syncjobs.plans.managers import CIRCLE
from syncjobs.plans.models import Plan, PlannedChange
from syncjobs.runs.models import RecordOutcome, SyncRun


@dataclass(frozen=True, slots=True)
class Circles:
    """`again`: people to be planned once more; `inside`: those of whom that is because they are in a circle now."""

    again: list[int]
    inside: frozenset[int]


def circles_of(run: SyncRun, plan: Plan) -> Circles:
    """Holds the managers of the plan in memory, not everybody: a circle consists of nobody else. No query per person."""
    named = {manager for _, manager in _planned(plan) if manager}
    if not named and not PlannedChange.objects.filter(plan=plan, target=None).exists():
        return Circles([], frozenset())
    before = _inside_before()
    named |= set(Person.objects.filter(manager__isnull=False).order_by().values_list("manager_id", flat=True).distinct())
    named |= {*before, *before.values()}
    planned = {person: manager for person, manager in _planned(plan) if person in named}
    here = set(RecordOutcome.objects.filter(run=run, person_id__any=list(before)).values_list("person_id", flat=True))
    before = {person: manager for person, manager in before.items() if person not in planned and person not in here}
    caught = _caught({**planned, **before})
    again = (caught - before.keys()) | (before.keys() - caught)
    return Circles(sorted(again), frozenset(caught))


def comes_back(person: int, manager: int) -> bool:
    """Whether this person would report to themselves, as far as everybody else's managers are known."""
    before = {one: above for one, above in _inside_before().items() if one != person}
    return person in _caught({person: manager, **before})


def _planned(plan: Plan) -> Iterator[tuple[int, int | None]]:
    """Person → manager they will have, of everybody about whom something of our own changes. Streamed, as there may be a million."""
    manager: Any = Cast(KeyTextTransform("manager", "extra"), BigIntegerField())
    rows = PlannedChange.objects.filter(plan=plan, target=None).order_by().annotate(above=manager)
    return rows.values_list("person_id", "above").iterator(chunk_size=5000)


def _inside_before() -> dict[int, int]:
    """Who had no manager because of a circle → whom they would have had. Few."""
    lines: dict[int, list[tuple[str, str, int]]] = defaultdict(list)
    stored = ReportingLine.objects.filter(why=CIRCLE, person__manager=None, manager__isnull=False).order_by("pk")
    for person, kind, key, manager in stored.values_list("person_id", "line_type", "manager_key", "manager_id"):
        lines[person].append((kind, key, manager or 0))
    chosen = dict(PrimaryChoice.objects.filter(person_id__any=list(lines)).values_list("person_id", "manager_id")) if lines else {}
    found = {}
    for person, told in lines.items():
        key = next((key for _, key, manager in told if manager == chosen.get(person)), "")
        index = pick([{"type": kind, "manager": one} for kind, one, _ in told], chosen=key).index
        if index is not None:
            found[person] = told[index][2]
    return found


def _caught(known: Mapping[int, int | None]) -> set[int]:
    """Walk upwards from `known`, level by level, one query each, and return whoever is come back to."""
    reports_to = {person: manager for person, manager in known.items() if manager is not None}
    edge = set(reports_to.values()) - known.keys()
    asked: set[int] = set()
    while edge:
        asked |= edge
        above = dict(Person.objects.filter(pk__any=edge, manager__isnull=False).values_list("pk", "manager_id"))
        reports_to.update(above)
        edge = {manager for manager in above.values() if manager} - known.keys() - asked
    return rings(reports_to, reports_to)
