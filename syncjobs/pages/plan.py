"""The people of a plan: everybody of one group, and what would change for one of them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from django.http import Http404, HttpRequest, HttpResponse
from django.utils.translation import gettext as _

from config.admin_screens import EstimatedPaginator, page, screen
from config.keyset import stretch
from config.parts.shapes import Text
from config.roles.masking import sight_of
from config.roles.scopes import scoped_for
from config.templatetags.rollcall import number as shown_number
from identity.people.models import public_id
from syncjobs.explain.values import unit_names
from syncjobs.pages.reasons import group_reason, person_reason
from syncjobs.pages.run import seen_run
from syncjobs.pages.run_plan import Difference, differences, manager_names
from syncjobs.plans.models import PlannedChange

MOST_FIELDS = 3  # of one line; the person's own page has all


@dataclass(frozen=True, slots=True)
class Line:
    """One person of a group. `more`: how many fields the line leaves out."""

    person_id: int
    name: str
    why: str
    fields: list[Difference]
    more: int
    change: PlannedChange


@screen("syncjobs.view_plannedchange")
def plan_people(request: HttpRequest, number: int) -> HttpResponse:
    """Narrowed by ?target= (empty: our own facts), ?kind=, ?reason= and ?state=; none of these is personal."""
    run, sight = seen_run(request, number), sight_of(request.user)
    rows = scoped_for(request.user, PlannedChange.objects.filter(plan__run=run))
    columns = {"kind": "kind", "reason": "reason_code", "state": "state"}
    rows = rows.filter(**{column: request.GET[name] for name, column in columns.items() if request.GET.get(name)})
    if "target" in request.GET:
        rows = rows.filter(target__key=request.GET["target"]) if request.GET["target"] else rows.filter(target=None)
    total = EstimatedPaginator(rows.order_by("id"), 1).count
    found = stretch(request, rows.order_by().select_related("target"), ("id",))
    lines = []
    for change in found.rows:
        fields = differences(change, sight)
        why = person_reason(change.reason_code, change.reason, sight)
        name = sight.name(change.name) or public_id(change.person_id)
        lines.append(Line(change.person_id, name, why, fields[:MOST_FIELDS], max(0, len(fields) - MOST_FIELDS), change))
    context = {
        "run": run,
        "lines": lines,
        "total": total,
        "group": _group(found.rows, request.GET),
        "pager": found.pager(_("%(count)s of %(total)s") % {"count": shown_number(len(lines)), "total": shown_number(total)}),
    }
    return page(request, "syncjobs/plan_people.html", context, title=_("People of the plan"), section="runs")


def _group(rows: list[PlannedChange], asked: Mapping[str, Any]) -> dict[str, Text]:
    """What the address asks for, in words: the system, the kind and the reason, each only where it is narrowed to one."""
    if not rows:
        return {}
    first = rows[0]
    where = (first.target.name if first.target else _("our own facts")) if "target" in asked else ""
    why = group_reason(first.reason_code, first.reason) if asked.get("reason") else ""
    return {"kind": first.kind if asked.get("kind") else "", "where": where, "why": why}


@dataclass(frozen=True, slots=True)
class Side:
    """One planned change of the person: of our own facts, or of the account in one target."""

    name: Text
    change: PlannedChange
    why: str
    fields: list[Difference]


@screen("syncjobs.view_plannedchange")
def plan_person(request: HttpRequest, number: int, person: int) -> HttpResponse:
    """Facts and accounts side by side, before and after."""
    run, sight = seen_run(request, number), sight_of(request.user)
    rows = scoped_for(request.user, PlannedChange.objects.filter(plan__run=run, person_id=person))
    changes = list(rows.select_related("target", "delivery").order_by("target_id", "id"))
    if not changes:
        raise Http404
    units = unit_names([values for change in changes if change.target_id is None for values in (change.before, change.after)])
    names = {**units, **manager_names(changes)}
    sides = [
        Side(
            change.target.name if change.target else _("Our own facts"),
            change,
            person_reason(change.reason_code, change.reason, sight),
            differences(change, sight, names),
        )
        for change in sorted(changes, key=lambda change: change.target_id is not None)
    ]
    name = sight.name(changes[0].name) or public_id(person)
    context = {"run": run, "name": name, "number": public_id(person), "person_id": person, "sides": sides}
    context["is_known"] = any(change.base_version or change.state == "applied" for change in changes)
    return page(request, "syncjobs/plan_person.html", context, title=_("Plan of one person"), section="runs")
