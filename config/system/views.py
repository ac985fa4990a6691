"""The System page: whether the installation itself is well. It calls no vendor and asks the same few queries however much is stored."""

from __future__ import annotations

from django.conf import settings
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.utils.translation import gettext as _

from config import clock
from config.admin_screens import page, screen
from config.health.heartbeat import real_now
from config.parts.shapes import Kpi, Text
from config.system.clocks import clocks
from config.system.lines import Line
from config.system.processes import lives, processes
from config.system.queues import queues
from config.system.retention import retention
from config.system.safety import safety
from config.system.storage import storage
from config.system.versions import versions


@screen("config.view_heartbeat")
def system(request: HttpRequest) -> HttpResponse:
    found = processes(real_now())
    alive, waiting, stored, safe, times, old = lives(found), queues(clock.now()), storage(), safety(), clocks(), retention(real_now())
    troubles = [line for line in (*alive, *waiting, *stored, *safe, *times, *old) if not line.is_well]
    context = {
        "processes": found,
        "kpis": [_kpi(line) for line in (*alive, *waiting, stored[-1])],
        "needs": [line.as_need() for line in sorted(troubles, key=lambda line: line.tone != "bad")],
        "columns": cards(waiting, stored, safe, times, old),
        "sandbox_url": sandbox_address(),
    }
    return page(request, "config/system/system.html", context, title=_("System"), section="system")


Cards = list[tuple[Text, list[Line]]]


def cards(waiting: list[Line], stored: list[Line], safe: list[Line], times: list[Line], old: list[Line]) -> tuple[Cards, Cards]:
    """The left column, below the processes, and the right one."""
    left: Cards = [(_("Work that is due"), waiting), (_("Storage"), stored), (_("Time"), times)]
    return left, [(_("Messages and secrets"), safe), (_("Retention"), old), (_("Versions"), versions())]


def _kpi(line: Line) -> Kpi:
    return Kpi(line.label, line.value, line.note, tone=line.tone)


def sandbox_address() -> str:
    """Where the sandbox's own page is; empty in production."""
    return "" if settings.PRODUCTION else settings.SANDBOX_URL


@screen("config.operate_sandbox")
def sandbox(request: HttpRequest) -> HttpResponse:
    """The menu's way to the sandbox's own page, which another process serves. Not found in production."""
    if not sandbox_address():
        raise Http404
    return HttpResponseRedirect(sandbox_address())
