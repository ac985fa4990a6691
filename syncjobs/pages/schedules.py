"""The timetable: every line as a sentence, its next and last runs, what is late, and whether anybody keeps time at all."""

from __future__ import annotations

from collections import defaultdict
from datetime import timedelta
from itertools import islice
from typing import Any
from zoneinfo import available_timezones

from django.conf import settings
from django.contrib import messages
from django.core.exceptions import ValidationError
from django.db.models import F, Window
from django.db.models.functions import RowNumber
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import get_object_or_404
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _

from config import clock
from config.admin_screens import page, screen
from config.decision_page import decide
from config.health.heartbeat import SILENT_AFTER, last_beat, real_now
from config.roles.scopes import scoped_for
from syncjobs.runs.models import SyncRun
from syncjobs.schedules.decisions import PauseSchedule, RemoveBlackout, RemoveSchedule, ResumeSchedule, SaveBlackout, SaveSchedule
from syncjobs.schedules.form import BlackoutForm, PauseForm, ScheduleForm
from syncjobs.schedules.late import missed
from syncjobs.schedules.models import Blackout, SyncSchedule
from syncjobs.schedules.words import in_words, overlap_words

NEXT_SHOWN, LAST_SHOWN = 5, 5
ZONES = sorted(name for name in available_timezones() if name == "UTC" or ("/" in name and not name.startswith(("Etc/", "SystemV/"))))


@screen("syncjobs.view_syncschedule")
def schedules(request: HttpRequest) -> HttpResponse:
    now = clock.now()
    rows = list(scoped_for(request.user, SyncSchedule.objects.select_related("connector", "owner")).order_by("connector__rank", "pk"))
    last = _last_runs(rows)
    lines = [_line(row, last[row.pk], now) for row in rows]
    beat = last_beat("beat")
    context = {
        "lines": lines,
        "late": sum(bool(line["missed"]) for line in lines),
        "blackouts": Blackout.objects.filter(ends_at__gt=now).select_related("connector").order_by("starts_at"),
        "beat": beat + clock.offset() if beat else None,
        "is_silent": beat is None or real_now() - beat > SILENT_AFTER,
        "may": {verb: request.user.has_perm(f"syncjobs.{verb}_syncschedule") for verb in ("add", "change", "delete")},
        "may_run": request.user.has_perm("syncjobs.start_run"),
        "may_close": request.user.has_perm("syncjobs.add_blackout"),
    }
    return page(request, "syncjobs/schedules/list.html", context, title=_("Schedules"), section="schedules")


def _last_runs(rows: list[SyncSchedule]) -> dict[int, list[str]]:
    """The phases of the last runs by each line, oldest first. One query."""
    place = Window(RowNumber(), partition_by=F("schedule"), order_by=F("id").desc())
    runs = SyncRun.objects.filter(schedule__in=rows).annotate(place=place).filter(place__lte=LAST_SHOWN).order_by("id")
    found: dict[int, list[str]] = defaultdict(list)
    for schedule, phase in runs.values_list("schedule_id", "phase"):
        found[schedule or 0].append(phase)
    return found


def _line(row: SyncSchedule, phases: list[str], now: Any) -> dict[str, Any]:
    is_paused = bool(row.paused_until and row.paused_until > now)
    runs = row.is_active and row.connector.state == "active"
    return {
        "row": row,
        "sentence": in_words(row),
        "overlap": overlap_words(row.overlap),
        "next": list(islice(row.upcoming(max(now, row.paused_until) if row.paused_until else now), NEXT_SHOWN)) if runs else [],
        "phases": [*([""] * (LAST_SHOWN - len(phases))), *phases],
        "is_paused": is_paused,
        "missed": missed(row, row.connector.last_success_at, now) if runs and not is_paused else 0,
    }


def _seen(request: HttpRequest, number: int) -> SyncSchedule:
    found: SyncSchedule = get_object_or_404(scoped_for(request.user, SyncSchedule.objects.select_related("connector")), pk=number)
    return found


@screen("syncjobs.change_syncschedule", "syncjobs.add_syncschedule")
def edit(request: HttpRequest, number: int = 0) -> HttpResponse:
    """The form of one line; without a number, of a new one. Shows what the line means before it is saved."""
    row = _seen(request, number) if number else SyncSchedule(owner=request.user, time_zone=settings.ORGANISATION_ZONE)  # type: ignore[misc]
    form = ScheduleForm(request.POST or None, instance=row)
    upcoming_runs: list[Any] = []
    if request.method == "POST" and form.is_valid() and "look" not in request.POST:
        SaveSchedule(request.user, form.save(commit=False)).execute(request.POST.get("reason", ""))  # type: ignore[arg-type]
        messages.success(request, _("Saved: %(when)s.") % {"when": in_words(row)})
        return HttpResponseRedirect(reverse("schedules"))
    if not form.errors and row.cron:
        upcoming_runs = list(islice(row.upcoming(clock.now()), NEXT_SHOWN))
    context = {"form": form, "schedule": row, "sentence": in_words(row) if upcoming_runs else "", "next": upcoming_runs, "zones": ZONES}
    title = _("Change a schedule") if number else _("Add a schedule")
    return page(request, "syncjobs/schedules/edit.html", context, title=title, section="schedules", status=400 if form.errors else 200)


@screen("syncjobs.change_syncschedule")
def pause(request: HttpRequest, number: int) -> HttpResponse:
    row = _seen(request, number)
    form = PauseForm(request.POST or None, initial={"until": timezone.localtime(clock.now() + timedelta(days=1))})
    missing = ""
    if request.method == "POST" and form.is_valid():
        try:
            PauseSchedule(request.user, row, form.cleaned_data["until"]).execute(request.POST.get("reason", ""))  # type: ignore[arg-type]
        except ValidationError as wrong:
            missing = " ".join(wrong.messages)
        else:
            messages.success(request, _("Paused. It goes on by itself."))
            return HttpResponseRedirect(reverse("schedules"))
    context = {"form": form, "schedule": row, "sentence": in_words(row), "missing": missing}
    status = 400 if form.errors or missing else 200
    return page(request, "syncjobs/schedules/pause.html", context, title=_("Pause a schedule"), section="schedules", status=status)


@screen("syncjobs.view_syncschedule")
def act(request: HttpRequest, number: int, verb: str) -> HttpResponse:
    """Resume or remove: preview, reason, button."""
    verbs = {"resume": ResumeSchedule, "remove": RemoveSchedule}
    if verb not in verbs:
        raise Http404
    return decide(request, verbs[verb](request.user, _seen(request, number)), back=reverse("schedules"), section="schedules")  # type: ignore[arg-type]


@screen("syncjobs.add_blackout")
def add_blackout(request: HttpRequest) -> HttpResponse:
    form = BlackoutForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        SaveBlackout(request.user, form.save(commit=False)).execute(request.POST.get("reason", ""))  # type: ignore[arg-type]
        messages.success(request, _("Added. What falls due in it runs once when it ends."))
        return HttpResponseRedirect(reverse("schedules"))
    status = 400 if form.errors else 200
    return page(
        request, "syncjobs/schedules/blackout.html", {"form": form}, title=_("Add a blackout window"), section="schedules", status=status
    )


@screen("syncjobs.delete_blackout")
def remove_blackout(request: HttpRequest, number: int) -> HttpResponse:
    row = get_object_or_404(Blackout, pk=number)
    return decide(request, RemoveBlackout(request.user, row), back=reverse("schedules"), section="schedules")  # type: ignore[arg-type]
