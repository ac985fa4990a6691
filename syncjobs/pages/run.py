"""One run: the sentence first, then what would change and why, what went wrong and who can mend it, and that the numbers add up."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from config import clock
from config.admin_screens import page, screen
from config.errors import by_code
from config.roles.masking import sight_of
from config.roles.scopes import scoped_for
from config.say import said
from config.templatetags.rollcall import number
from integrations.connectors.models import Connector, ConnectorState
from integrations.outbound.models import DeliveryState
from syncjobs.guards.decisions import ApprovePlan
from syncjobs.guards.models import Hold, HoldState
from syncjobs.pages.connector_history import HISTORY, version_at
from syncjobs.pages.overview import STOP_POLLING
from syncjobs.pages.people import outside_address
from syncjobs.pages.progress import progress
from syncjobs.pages.read_back import differing, of_run
from syncjobs.pages.run_plan import TargetPlan, target_plans
from syncjobs.pages.run_troubles import Writes, fates, in_plan, outcomes, troubles, writes
from syncjobs.pages.run_words import covered, dropped, mappings, planned, stage_bar, stopped, totals
from syncjobs.pages.runs import line
from syncjobs.plans.pilot import going_live
from syncjobs.runs.decisions import CancelRun, RetryFailed, StartRun
from syncjobs.runs.models import LIVE, WAITING, WORKABLE, Phase, SyncRun
from syncjobs.runs.slice import BEFORE_APPLIED
from syncjobs.schedules.models import READING, RunMode


def seen_run(request: HttpRequest, number: int) -> SyncRun:
    """The run, if this reader may see it."""
    rows = scoped_for(request.user, SyncRun.objects.select_related("connector", "plan", "cause__actor"))
    found: SyncRun = get_object_or_404(rows, pk=number)
    return found


@screen("syncjobs.view_syncrun")
def run(request: HttpRequest, number: int) -> HttpResponse:
    found, sight = seen_run(request, number), sight_of(request.user)
    counted, sent = fates(found), writes(found)
    plans = target_plans(found, sight)
    holds = list(Hold.objects.filter(run=found).order_by("-people", "id"))
    context = {
        "run": found,
        "took": line(found, clock.now()).took,
        "plan": getattr(found, "plan", None),
        "planned": planned(found),
        "plans": plans,
        "holds": [hold for hold in holds if hold.state == HoldState.OPEN],
        "decided": [(hold, said(hold.sentence)) for hold in holds if hold.state != HoldState.OPEN],
        "hold": _held(found, holds, plans),
        "totals": totals(found.counts, in_plan(counted)),
        "is_unread": "heard" not in found.counts and found.mode in READING,
        "covered": covered(found),
        "dropped": dropped(found),
        "mappings": mappings(found, {one.key: one for one in Connector.objects.all()}),
        "settings_version": version_at(found.connector, found.created_at),
        "troubles": troubles(found, counted, sight),
        "outcomes": outcomes(found, counted),
        "writes": sent,
        "read_back": of_run(found),
        "differing": differing(found, sight) if request.user.has_perm("integrations.view_delivery") else [],
        "outside": _outside(found) if request.user.has_perm("identity.view_person") else [],
        "error": by_code(found.error_code)() if found.error_code and found.phase == Phase.FAILED else None,
        "detail": sight.answer(found.error_detail),
        "may": _may(request.user, found, sent),
        **_progress(found, sent),
    }
    return page(request, "syncjobs/run.html", context, title=_("Run %(n)s") % {"n": number}, section="runs")


@screen("syncjobs.view_syncrun")
def run_progress(request: HttpRequest, number: int) -> HttpResponse:
    """The bar of stages and how far it is, asked every two seconds. Once the run rests the whole page is shown anew:

    its head, its buttons and what came of it are no longer what they were.
    """
    found = seen_run(request, number)
    if found.phase not in WORKABLE:
        return HttpResponse(status=STOP_POLLING, headers={"HX-Refresh": "true"})
    return render(request, "syncjobs/run_progress.html", {"run": found, **_progress(found, writes(found))})


def _outside(run: SyncRun) -> list[tuple[str, str]]:
    """The pilot groups that there are, each with the list of who is outside it now; nothing where this run left nobody alone."""
    return [(one.name, outside_address(one)) for one in going_live()] if run.counts.get("out_of_pilot") else []


def _progress(run: SyncRun, sent: list[Writes]) -> dict[str, Any]:
    arrived = sum(one.n for one in sent if one.state == DeliveryState.DELIVERED)
    return {
        "stages": stage_bar(run, arrived, sum(one.verified for one in sent)),
        "is_working": run.phase in WORKABLE,
        "progress": progress(run, clock.now()),
    }


def _may(user: Any, run: SyncRun, sent: list[Writes]) -> dict[str, bool]:
    """Which buttons this reader gets: what the decision itself would allow, and what makes sense now."""
    is_over = run.phase not in LIVE
    retry = RetryFailed(user, run)
    has_failed = bool(run.counts.get("parked")) or any(one.state == DeliveryState.DEAD for one in sent) or retry.goes_on()
    return {
        "approve": run.phase in WAITING and not run.is_dry and ApprovePlan(user, run).may(),
        "cancel": run.phase in LIVE and CancelRun(user, run).may(),
        "pause": run.phase in WORKABLE
        and run.stage in BEFORE_APPLIED
        and run.mode != RunMode.PEOPLE
        and run.connector.state == ConnectorState.ACTIVE
        and user.has_perm("integrations.pause_connector"),
        "calls": run.started_at is not None and user.has_perm("integrations.view_connector"),
        "history": user.has_perm(HISTORY),
        "mappings": user.has_perm("integrations.view_mappingversion"),
        "retry": is_over and has_failed and not run.is_dry and retry.may(),
        "again": (is_over or run.phase in WAITING) and run.mode != RunMode.PEOPLE and StartRun(user, run.connector).may(),
        "plan": user.has_perm("syncjobs.view_plannedchange"),
        "records": user.has_perm("syncjobs.view_recordoutcome"),
    }


@dataclass(frozen=True, slots=True)
class Choice:
    """One box of “apply only some”: changes of one kind in one target. Ticked unless the guard stopped it."""

    value: str
    kind: str
    target: str
    n: int
    is_held: bool


@dataclass(frozen=True, slots=True)
class HeldRun:
    """What a waiting run says of itself. `choices` is empty where there is nothing to choose between."""

    headline: str
    sentences: list[str]
    others: int
    all: int
    danger: int
    choices: list[Choice]
    is_before_plan: bool


def _held(run: SyncRun, holds: list[Hold], plans: list[TargetPlan]) -> HeldRun | None:
    if run.phase not in WAITING:
        return None
    still_open = [hold for hold in holds if hold.state == HoldState.OPEN]
    worst = max(still_open, key=lambda hold: (hold.kind == "deactivate", hold.people), default=None)
    choices = _choices(run, still_open, {plan.key: str(plan.name) for plan in plans})
    everything = sum(choice.n for choice in choices)
    return HeldRun(
        headline=_headline(run, worst),
        sentences=[_sentence(hold) for hold in still_open],
        others=sum(choice.n for choice in choices if not choice.is_held),
        all=everything,
        danger=sum(choice.n for choice in choices if choice.kind == "deactivate"),
        choices=choices if len(choices) > 1 else [],
        is_before_plan=run.stage == "fetch",
    )


def _headline(run: SyncRun, worst: Hold | None) -> str:
    if worst is not None and worst.code == "first_plan":
        first = ngettext(
            "The first plan waits for your approval: %(n)s person", "The first plan waits for your approval: %(n)s people", worst.people
        )
        return first % {"n": number(worst.people)}
    return stopped(worst.people, worst.kind) if worst else stopped(0, "")


def _sentence(hold: Hold) -> str:
    """What the guard wrote. Holds of the past began with the words that the headline says already."""
    told = said(hold.sentence).removeprefix("Stopped before the first write: ").removesuffix(" Nothing has been written.")
    return told[:1].upper() + told[1:]


def _choices(run: SyncRun, holds: list[Hold], names: dict[str, str]) -> list[Choice]:
    held = {(hold.target_key, hold.kind) for hold in holds} | {(hold.target_key, "") for hold in holds if not hold.kind}
    plan = getattr(run, "plan", None)
    return [
        Choice(f"{target}:{kind}", kind, names.get(target, target), n, (target, kind) in held or (target, "") in held)
        for target, kinds in (plan.counts if plan else {}).items()
        for kind, n in kinds.items()
        if target != "people" and kind != "skip"
    ]
