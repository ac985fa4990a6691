"""The first page: what needs you, the most harmful first, and whether everything else ran."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from math import floor
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils import timezone
from django.utils.formats import number_format
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from config import clock
from config.admin_screens import page, screen
from config.audit.models import Cause, CauseKind
from config.navigation import first_address
from config.parts.shapes import Kpi, Text
from config.roles.masking import sight_of
from config.roles.models import User
from config.roles.scopes import scoped_for
from config.say import said
from config.templatetags.rollcall import lasting, number
from integrations.mapping.models import MappingState, MappingVersion
from syncjobs.explain.first_day import Starters, is_few
from syncjobs.pages.connector_rows import ConnectorRow, connector_rows
from syncjobs.pages.figures import Figures, figures
from syncjobs.pages.needs import Needs, needs_of
from syncjobs.pages.progress import progress, running
from syncjobs.pages.run_words import planned
from syncjobs.plans.models import Plan, PlanState
from syncjobs.runs.models import Phase, SyncRun
from syncjobs.schedules.models import SyncSchedule

STOP_POLLING = 286  # htmx ends a poll when an answer has this status
SPELLED: tuple[Text, ...] = (
    gettext_lazy("nothing"),
    gettext_lazy("one"),
    gettext_lazy("two"),
    gettext_lazy("three"),
    gettext_lazy("four"),
    gettext_lazy("five"),
    gettext_lazy("six"),
    gettext_lazy("seven"),
    gettext_lazy("eight"),
    gettext_lazy("nine"),
    gettext_lazy("ten"),
    gettext_lazy("eleven"),
    gettext_lazy("twelve"),
)
LAST_CAUSES = 8


@dataclass(frozen=True, slots=True)
class Home:
    """What this reader's first page is made of."""

    sections: tuple[str, ...]  # in order: needs, running, connectors, trail
    connectors_first: bool = False


def home_of(user: User) -> Home:
    """By what they may do, not by the name of a role: an installation may cut its roles another way."""
    if not user.has_perm("syncjobs.view_syncrun"):
        return Home(())
    if user.has_perm("integrations.change_connector") and not user.has_perm("identity.decide_case"):
        return Home(("connectors", "needs"), connectors_first=True)
    if user.has_perm("config.export_audit") and not user.has_perm("syncjobs.start_run"):
        return Home(("trail", "needs", "connectors"))
    return Home(("needs", "connectors"))


@screen()
def overview(request: HttpRequest) -> HttpResponse:
    user: Any = request.user
    home, now = home_of(user), clock.now()
    if not home.sections:
        return page(request, "syncjobs/not_for_you.html", title=_("Overview"), section="overview")
    known = figures()
    rows = connector_rows(now, known.people_of)
    if not rows or not SyncRun.objects.exists():
        steps = first_steps(user, rows)
        context = {"steps": steps, "done": sum(step.is_done for step in steps)}
        return page(request, "syncjobs/first_steps.html", context, title=_("Overview"), section="overview")
    last = last_run(user)
    waiting = needs_of(user, rows, connectors_first=home.connectors_first)
    context = {
        "sections": home.sections,
        "greeting": greeting(timezone.localtime(now)),
        "headline": headline(waiting, has_run=last is not None),
        "last": last,
        "planned": planned(last) if last else 0,
        "kpis": kpis(user, known, now),
        "needs": waiting.items,
        "of_others": waiting.of_others,
        "connectors": rows if user.has_perm("integrations.view_connector") else [],
        "trail": trail(user) if "trail" in home.sections else [],
        "may_start": user.has_perm("syncjobs.start_run") and any(not row.connector.is_target for row in rows),
        "may_act": any(map(user.has_perm, ("integrations.test_connector", "syncjobs.start_run", "integrations.pause_connector"))),
        "upcoming": min((row for row in rows if row.next_at), key=lambda row: row.next_at or now, default=None),
        **_running(user, now),
    }
    return page(request, "syncjobs/overview.html", context, title=_("Overview"), section="overview")


@screen("syncjobs.view_syncrun")
def overview_running(request: HttpRequest) -> HttpResponse:
    """The card “Running now” alone, asked every two seconds while something runs."""
    context = _running(request.user, clock.now())
    status = 200 if context["running"] else STOP_POLLING
    return render(request, "syncjobs/running.html", context | {"is_fragment": True}, status=status)


def _running(user: Any, now: datetime) -> dict[str, Any]:
    return {"running": [progress(run, now) for run in running(scoped_for(user, SyncRun.objects.all()))]}


def greeting(local: datetime) -> str:
    """By the reader's own clock."""
    if local.hour < 5 or local.hour >= 18:
        return _("Good evening.")
    return _("Good morning.") if local.hour < 12 else _("Good afternoon.")


def headline(waiting: Needs, *, has_run: bool) -> str:
    """One sentence by consequence. Only when something really ran does it say that everything else did."""
    n, others = waiting.total, waiting.total_of_others
    if n == 0 and others:
        said = {"n": _spelled(others)}
        return (
            ngettext("Nothing needs you; %(n)s thing waits for others.", "Nothing needs you; %(n)s things wait for others.", others) % said
        )
    if n == 0:
        return _("Nothing needs you.") if has_run else _("Nothing needs you; nothing has run yet.")
    said = {"n": _spelled(n).capitalize()}
    if has_run:
        return ngettext("%(n)s thing needs you; everything else ran.", "%(n)s things need you; everything else ran.", n) % said
    return ngettext("%(n)s thing needs you.", "%(n)s things need you.", n) % said


def _spelled(n: int) -> str:
    return str(SPELLED[n]) if n < len(SPELLED) else number(n)


def last_run(user: User) -> SyncRun | None:
    """The run that ended last, chosen people's aside."""
    ended = scoped_for(user, SyncRun.objects.all()).filter(phase__in=(Phase.SUCCEEDED, Phase.PARTIAL)).exclude(mode="people")
    found: SyncRun | None = ended.select_related("connector", "plan").order_by("-id").first()
    return found


def kpis(user: User, known: Figures, now: datetime) -> list[Kpi]:
    """What waits is counted as far as this reader may see it: the list behind the number says the same."""
    people, decisions = first_address(("people",)), first_address(("decisions",))
    deliveries = first_address(("deliveries", "admin:integrations_delivery_changelist"))
    seen = [one for one, view in ((known.cases, "identity.view_case"), (known.held, "syncjobs.view_syncrun")) if user.has_perm(view)]
    waiting, since = sum(n for n, _since in seen), min((at for _n, at in seen if at), default=None)
    return [
        Kpi(_("People in sync"), number(known.in_sync), _people_note(known), people),
        Kpi(
            _("Waiting for a decision"),
            number(waiting),
            _("oldest %(age)s") % {"age": lasting(now - since)} if since else _("nobody waits for you"),
            decisions,
            "warn" if waiting else "",
        ),
        Kpi(
            _("Left, still active"),
            number(known.still_active),
            _left_note(known),
            f"{people}?standing=left" if people else "",
            "bad" if known.still_active else "warn" if known.held_back else "",
        ),
        *_first_days(known, is_full=sight_of(user).is_full),
        Kpi(_("Deliveries, 24 h"), _rate(known.success_rate), _deliveries_note(known), deliveries, "bad" if known.dead else ""),
    ]


def _people_note(known: Figures) -> str:
    active = known.standings.get("active", 0) + known.standings.get("on_leave", 0)
    said = {"active": number(active), "before": number(known.standings.get("before", 0)), "leaving": number(known.leaving)}
    return _("%(active)s active · %(before)s start soon · %(leaving)s leaving") % said


def _left_note(known: Figures) -> str:
    if known.still_active:
        return _("close these first")
    if known.held_back:
        return ngettext("%(n)s more in a held plan", "%(n)s more in held plans", known.held_back) % {"n": number(known.held_back)}
    left = known.standings.get("left", 0)
    return ngettext("%(n)s person left, closed", "%(n)s people left, all closed", left) % {"n": number(left)}


def _first_days(known: Figures, *, is_full: bool) -> list[Kpi]:
    """Absent where nobody has started lately. Of fewer than three people no figure, for who may not see days of people."""
    who = known.starters
    if not who.all and not who.told_late:
        return []
    is_shown = who.all and (is_full or not is_few(who.all))
    value = _("%(ready)s of %(all)s") % {"ready": number(who.ready), "all": number(who.all)} if is_shown else "–"
    tone = "bad" if who.missing else "warn" if who.latest else ""
    return [Kpi(_("Ready on day one, 30 days"), value, _starters_note(who, is_full=is_full), first_address(("joiners",)), tone)]


def _starters_note(who: Starters, *, is_full: bool) -> str:
    if not is_full and (said := _of_few(who)):
        return said
    if who.missing:
        return ngettext("%(n)s has no open account", "%(n)s have no open account", who.missing) % {"n": number(who.missing)}
    if who.latest is not None:
        return _("latest: %(span)s after it began") % {"span": lasting(who.latest)}
    if who.told_late and not who.all:
        return ngettext("%(n)s named too late", "%(n)s named too late", who.told_late) % {"n": number(who.told_late)}
    if who.told_late:
        return ngettext("%(n)s more named too late", "%(n)s more named too late", who.told_late) % {"n": number(who.told_late)}
    return _("all by six that morning")


def _of_few(who: Starters) -> str:
    """The same where it is about fewer than three people; empty where it is not."""
    if is_few(who.all):
        return _("fewer than three people")
    if is_few(who.missing):
        return _("fewer than three have no open account")
    if not who.missing and is_few(who.behind):
        return _("fewer than three were late")
    return _("fewer than three named too late") if not who.behind and is_few(who.told_late) else ""


def _rate(share: float | None) -> str:
    """99.97 % must not read as 100 %: rounded down, and “100 %” only when everything arrived."""
    if share is None or share == 1:
        return _("none yet") if share is None else "100 %"
    return f"{number_format(floor(share * 10_000) / 100, decimal_pos=2)} %"


def _deliveries_note(known: Figures) -> str:
    if known.dead:
        return ngettext("%(n)s did not arrive", "%(n)s did not arrive", known.dead) % {"n": number(known.dead)}
    if known.on_the_way:
        return _("%(n)s on the way") % {"n": number(known.on_the_way)}
    return _("%(n)s arrived") % {"n": number(known.delivered)}


def trail(user: User) -> list[Cause]:
    """What people and runs did last: the causes, because one run alone writes an entry a person."""
    causes = scoped_for(user, Cause.objects.all()).exclude(kind=CauseKind.SYSTEM)
    found: list[Cause] = list(causes.select_related("actor").order_by("-id")[:LAST_CAUSES])
    is_full = sight_of(user).is_full
    for cause in found:
        cause.label = said(cause.label)
        if not is_full:
            cause.label = cause.label.partition(":")[0]  # behind the colon stands whom it was about
    return found


@dataclass(frozen=True, slots=True)
class Step:
    """One line of the checklist of an empty installation."""

    label: Text
    why: Text
    is_done: bool
    href: str = ""


def first_steps(user: User, rows: list[ConnectorRow]) -> list[Step]:
    """From nothing to the first nightly run, each with its own proof that it is done."""
    sources = [row for row in rows if not row.connector.is_target]
    targets = [row for row in rows if row.connector.is_target]
    runs = SyncRun.objects.filter(phase=Phase.SUCCEEDED)
    connectors = first_address(("connectors",))
    start = reverse("run-start") if user.has_perm("syncjobs.start_run") else ""
    return [
        Step(_("Add a source"), _("The HR system that people come from."), bool(sources), connectors),
        Step(_("Add a target"), _("The learning system that gets the accounts."), bool(targets), connectors),
        Step(
            _("Publish the mapping"),
            _("How the source's words become ours. Each vendor brings one to begin with."),
            MappingVersion.objects.filter(state=MappingState.PUBLISHED).exists(),
            first_address(("mappings",)),
        ),
        Step(_("Try it dry"), _("A dry run shows what would happen and writes nothing."), runs.filter(is_dry=True).exists(), start),
        Step(
            _("Approve the first plan"),
            _("The first plan always waits for a person, whatever its size."),
            Plan.objects.filter(state=PlanState.APPLIED).exists(),
            first_address(("decisions",)),
        ),
        Step(_("Set the timetable"), _("When each source is read."), SyncSchedule.objects.exists(), first_address(("schedules",))),
    ]
