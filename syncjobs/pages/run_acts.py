"""What a person does with a run, each on a page of its own: what would happen, the reason, the button. Works without scripts."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import reverse
from django.utils.translation import gettext as _

from config.admin_screens import screen
from config.decision_page import decide
from syncjobs.guards.decisions import ApprovePlan, RefusePlan
from syncjobs.pages.run import seen_run
from syncjobs.pages.start import run_page_after
from syncjobs.runs.decisions import CancelRun, RetryFailed

VIEW = "syncjobs.view_syncrun"


@screen(VIEW)
def approve(request: HttpRequest, number: int) -> HttpResponse:
    """All of the plan, or with ?some=1 the kinds named by ?change=target:kind."""
    run, user, back = seen_run(request, number), _user(request), _back(number)
    if run.is_dry:
        messages.warning(request, _("This was a dry run: its plan cannot be applied. Run it for real instead."))
        return HttpResponseRedirect(back)
    kinds: list[tuple[str, str]] | None = None
    if request.GET.get("some"):
        kinds = [(target, kind) for target, _colon, kind in (value.partition(":") for value in request.GET.getlist("change"))]
        if not kinds:
            messages.warning(request, _("Tick at least one kind of change, or choose “Do not apply”."))
            return HttpResponseRedirect(back)
    return decide(request, ApprovePlan(user, run, kinds), back=back, section="runs")


@screen(VIEW)
def refuse(request: HttpRequest, number: int) -> HttpResponse:
    return decide(request, RefusePlan(_user(request), seen_run(request, number)), back=_back(number), section="runs")


@screen(VIEW)
def cancel(request: HttpRequest, number: int) -> HttpResponse:
    return decide(request, CancelRun(_user(request), seen_run(request, number)), back=_back(number), section="runs")


@screen(VIEW)
def retry(request: HttpRequest, number: int) -> HttpResponse:
    """Leads to the run that reads the records again, or back when only writes are sent again."""
    return run_page_after(request, RetryFailed(_user(request), seen_run(request, number)), _back(number))


def _user(request: HttpRequest) -> Any:
    return request.user


def _back(number: int) -> str:
    return reverse("run", args=[number])
