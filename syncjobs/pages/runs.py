"""The list of runs, newest first."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

from django.http import HttpRequest, HttpResponse
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from config import clock
from config.admin_screens import EstimatedPaginator, page, screen
from config.keyset import stretch
from config.parts.misread import misread
from config.parts.shapes import Filter, Text
from config.roles.scopes import scoped_for
from config.templatetags.rollcall import number
from config.vocabulary import RUN
from integrations.connectors.models import Connector
from syncjobs.runs.counts import MAPPINGS
from syncjobs.runs.models import WAITING, Phase, SyncRun, Trigger

FILTERS = {"connector": "connector__key", "phase": "phase", "trigger": "trigger"}
DANGER_FIRST = ("deactivate", "create", "reactivate", "update", "link", "skip")


@dataclass(frozen=True, slots=True)
class Line:
    """One run of the list.

    `kinds`: (kind, how many accounts), the most dangerous first. `mapping`: the versions of the source's own, as in “1, 3”.
    """

    run: SyncRun
    kinds: tuple[tuple[str, int], ...]
    troubles: int
    took: timedelta | None
    mapping: str


@screen("syncjobs.view_syncrun")
def runs(request: HttpRequest) -> HttpResponse:
    rows = scoped_for(request.user, SyncRun.objects.all())
    asked = {name: request.GET.get(name, "")[:60] for name in FILTERS}
    filters = _filters(asked)
    wrong = misread(filters)
    rows = rows.none() if wrong else rows.filter(**{FILTERS[name]: value for name, value in asked.items() if value})
    total = EstimatedPaginator(rows.order_by("id"), 1).count
    shown = stretch(request, rows.order_by().select_related("connector", "plan", "cause__actor"), ("id",), descending=True)
    now = clock.now()
    context = {
        "lines": [line(run, now) for run in shown.rows],
        "filters": filters,
        "is_narrowed": any(asked.values()),
        "total": total,
        **_standing(request, now),
        "pager": shown.pager(_shown(len(shown.rows), total)),
        "may_start": request.user.has_perm("syncjobs.start_run"),
    }
    return page(request, "syncjobs/runs.html", context, title=_("Runs"), section="runs", status=400 if wrong else 200)


def _standing(request: HttpRequest, now: datetime) -> dict[str, int]:
    """For the sentence on top: how many runs wait for somebody, and how many of the last day failed."""
    seen = scoped_for(request.user, SyncRun.objects.all())
    return {
        "waiting": seen.filter(phase__in=WAITING, is_dry=False).count(),
        "failed": seen.filter(phase=Phase.FAILED, finished_at__gt=now - timedelta(days=1)).count(),
    }


def line(run: SyncRun, now: datetime) -> Line:
    plan = getattr(run, "plan", None)
    kinds = account_kinds(plan.counts if plan else {})
    took = (run.finished_at or now) - run.started_at if run.started_at else None
    used = run.counts.get(MAPPINGS, {}).get(run.connector.key, {})
    return Line(
        run, kinds, run.counts.get("parked", 0) + run.counts.get("dead", 0), took, ", ".join(str(used[name]) for name in sorted(used))
    )


def account_kinds(counts: dict[str, dict[str, int]]) -> tuple[tuple[str, int], ...]:
    """How many accounts of all targets a plan changes, by kind."""
    sums = {kind: sum(kinds.get(kind, 0) for target, kinds in counts.items() if target != "people") for kind in DANGER_FIRST}
    return tuple((kind, n) for kind, n in sums.items() if n)


def _filters(asked: dict[str, str]) -> list[Filter]:
    everything: tuple[tuple[str, Text], ...] = (("", _("all")),)
    connectors = tuple(Connector.objects.filter(is_target=False).values_list("key", "name"))
    phases = tuple((word.key, word.label) for word in RUN)
    return [
        Filter("connector", _("Connector"), asked["connector"], (*everything, *connectors)),
        Filter("phase", _("State"), asked["phase"], (*everything, *phases)),
        Filter("trigger", _("Started by"), asked["trigger"], (*everything, *Trigger.choices)),
    ]


def _shown(count: int, total: int) -> str:
    if count >= total:
        return ngettext("%(n)s run", "%(n)s runs", total) % {"n": number(total)}
    return _("%(count)s of %(total)s runs") % {"count": number(count), "total": number(total)}
