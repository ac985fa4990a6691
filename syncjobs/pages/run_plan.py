"""The plan of a run as people read it: grouped by target, kind and reason, with counts and people as examples."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlencode

from django.urls import reverse
from django.utils.translation import gettext as _

from config import vocabulary
from config.parts.shapes import Example, PlanGroup, Text
from config.roles.masking import Sight
from identity.people.models import Person, number_of
from integrations.canonical import BY_KEY
from integrations.connectors.models import Connector
from syncjobs.explain.values import APART, field_label, label, words
from syncjobs.pages.reasons import group_reason
from syncjobs.pages.runs import DANGER_FIRST
from syncjobs.plans.fields import OPEN_FIELDS
from syncjobs.plans.groups import Group, groups_of
from syncjobs.plans.models import ChangeState, PlannedChange
from syncjobs.runs.models import SyncRun

MOST_GROUPS = 60  # of one target; more means reasons that should be one
SILENT = (ChangeState.PLANNED, ChangeState.APPLIED, ChangeState.WAITS)  # what the run's own state, or the reason, says already


@dataclass(frozen=True, slots=True)
class TargetPlan:
    """What would change in one target, or in our own facts (`key` empty). `people` counts changes: whoever is skipped is none."""

    key: str
    name: Text
    people: int
    groups: list[PlanGroup]


def target_plans(run: SyncRun, sight: Sight) -> list[TargetPlan]:
    """Targets first, our own facts last. Two or three queries, however many people."""
    plan = getattr(run, "plan", None)
    rows = (plan.groups if plan.groups is not None else groups_of(plan)) if plan else []
    by_target: dict[int | None, list[Group]] = defaultdict(list)
    for row in rows:
        by_target[row["target_id"]].append(row)
    shown = {number: _most(of_target) for number, of_target in by_target.items()}
    examples = PlannedChange.objects.in_bulk({row[end] for some in shown.values() for row in some for end in ("first", "last")})
    targets = Connector.objects.in_bulk([number for number in by_target if number])
    names = manager_names(examples.values())
    plans = []
    for number, of_target in by_target.items():
        target = targets.get(number or 0)
        key, name = (target.key, target.name) if target else ("", _("Our own facts"))
        plans.append(
            TargetPlan(
                key,
                name,
                sum(row["n"] for row in of_target if row["kind"] != "skip"),
                _groups(run, key, shown[number], examples, names, sight),
            )
        )
    return sorted(plans, key=lambda plan: (not plan.key, plan.name))


def _most(rows: list[Group]) -> list[Group]:
    """The groups of a target that are shown: the dangerous kinds first, in each the largest."""
    return sorted(rows, key=lambda row: (DANGER_FIRST.index(row["kind"]), -row["n"]))[:MOST_GROUPS]


def manager_names(changes: Iterable[PlannedChange]) -> dict[str, str]:
    """Who the managers in changes of our own facts are: number → name. One query, and none where there is none."""
    said = (side.get("manager") for change in changes if change.target_id is None for side in (change.before, change.after))
    wanted = {number for one in said if (number := number_of(one))}
    return {person.public_id: person.display_name for person in Person.objects.filter(pk__in=wanted)} if wanted else {}


def _groups(
    run: SyncRun, target: str, rows: list[Group], examples: Mapping[int, PlannedChange], names: Mapping[str, str], sight: Sight
) -> list[PlanGroup]:
    found = []
    for row in rows:
        some = [examples[pk] for pk in sorted({row["first"], row["last"]}) if pk in examples]
        why = _why(row, some[0].reason if some else "")
        found.append(
            PlanGroup(row["kind"], why, row["n"], tuple(_example(run, one, names, sight) for one in some), _address(run, target, row))
        )
    return found


def _why(row: Mapping[str, Any], reason: str) -> str:
    why = group_reason(row["reason_code"], reason)
    return why if row["state"] in SILENT else f"{why} · {vocabulary.word('change_state', row['state']).label}"


def _address(run: SyncRun, target: str, row: Mapping[str, Any]) -> str:
    asked = {"target": target, "kind": row["kind"], "reason": row["reason_code"], "state": row["state"]}
    return f"{reverse('run-plan', args=[run.pk])}?{urlencode(asked)}"


def _example(run: SyncRun, change: PlannedChange, names: Mapping[str, str], sight: Sight) -> Example:
    name, href = sight.name(change.name) or _("somebody"), reverse("run-person", args=[run.pk, change.person_id])
    fields = differences(change, sight, names)
    if change.kind != "update" or len(fields) != 1:
        return Example(name, href)
    return Example(name, href, fields[0].before, fields[0].after, fields[0].label)


@dataclass(frozen=True, slots=True)
class Difference:
    """One field of a change. `before` is empty for a new account."""

    label: str
    before: str
    after: str


def differences(change: PlannedChange, sight: Sight, names: Mapping[str, str] | None = None) -> list[Difference]:
    """What this change does to each field, masked for this reader. `names`: of units by id, of managers by number."""
    keys, sides = dict.fromkeys([*change.after, *change.before]), (change.before, change.after)
    every = (Difference(_label(change, key), *(_shown(change, key, side.get(key), sight, names) for side in sides)) for key in keys)
    return [one for one in every if one.before or one.after]


def _label(change: PlannedChange, key: str) -> str:
    if change.target_id is None and key in BY_KEY:
        return label(key)
    return field_label(key)


def _shown(change: PlannedChange, key: str, value: Any, sight: Sight, names: Mapping[str, str] | None) -> str:
    if value in (None, "", [], {}) or key in APART:
        return ""
    if key == "suspended":
        return _("closed") if value else _("open")
    if key == "standing":
        return str(vocabulary.word("standing", str(value)).label)
    if change.target_id is None:
        return sight.name((names or {}).get(str(value), "")) or str(value) if key == "manager" else words(key, value, sight, names)
    return _plain(value if key in OPEN_FIELDS else sight.value(value))


def _plain(value: Any) -> str:
    if isinstance(value, bool):
        return _("yes") if value else _("no")
    if isinstance(value, Iterable) and not isinstance(value, str):
        return ", ".join(str(one) for one in value)
    return str(value)
