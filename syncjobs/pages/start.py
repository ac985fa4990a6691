"""Sync now: which source, how much, dry or for real; then what it would do, then the button."""

from __future__ import annotations

from typing import Any

from django.core.exceptions import BadRequest, PermissionDenied
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import get_object_or_404
from django.urls import reverse
from django.utils.translation import gettext as _

from config.admin_screens import page, screen
from config.decision_page import decide
from config.roles.scopes import scoped_for
from integrations.connectors.models import Connector, ConnectorState
from syncjobs.runs.decisions import StartRun
from syncjobs.schedules.models import RunMode

MODES = (RunMode.DELTA, RunMode.FULL, RunMode.PLAN)


@screen("syncjobs.view_syncrun")
def start(request: HttpRequest) -> HttpResponse:
    """Without ?connector= the choice; with it the preview (GET) and the start (POST), which leads to the run."""
    user: Any = request.user
    if not user.has_perm(StartRun.permission):
        raise PermissionDenied
    sources = (
        scoped_for(user, Connector.objects.filter(is_target=False))
        if user.has_perm("integrations.view_connector")
        else Connector.objects.none()
    )
    key = request.GET.get("connector", "")
    if not key:
        context = {"sources": list(sources), "modes": [(mode.value, mode.label) for mode in MODES]}
        return page(request, "syncjobs/start.html", context, title=_("Sync now"), section="runs")
    connector = get_object_or_404(sources, key=key)
    if connector.state != ConnectorState.ACTIVE:
        return page(request, "syncjobs/start_off.html", {"connector": connector}, title=_("Sync now"), section="runs", status=409)
    mode, dry = request.GET.get("mode") or RunMode.DELTA, request.GET.get("dry", "")
    if mode not in MODES or dry not in ("", "1"):
        raise BadRequest  # another reading than was asked for, or one for real, is nothing to begin by mistake
    return run_page_after(request, StartRun(user, connector, RunMode(mode), is_dry=dry == "1"), reverse("runs"))


def run_page_after(request: HttpRequest, decision: Any, back: str) -> HttpResponse:
    """The decision's page; once carried out, on to the run it began, if it began one."""
    answer = decide(request, decision, back=back, section="runs")
    begun = getattr(decision, "started", None)
    if isinstance(answer, HttpResponseRedirect) and begun is not None:
        return HttpResponseRedirect(reverse("run", args=[begun.pk]))
    return answer
