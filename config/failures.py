"""What people see instead of a page: not found, not allowed, our mistake. In the frame when the reader is staff."""

from __future__ import annotations

from django.contrib import admin
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.template.loader import render_to_string
from django.utils.translation import gettext as _

from config.admin_screens import page


def not_understood(request: HttpRequest, exception: Exception) -> HttpResponse:
    return _say(request, 400, _("Not understood"), _("This address or form cannot be read. Go back and try again."))


def not_found(request: HttpRequest, exception: Exception) -> HttpResponse:
    why = _("There is nothing at this address. It may have been removed, or the link is old.")
    return _say(request, 404, _("Not found"), why)


def refused(request: HttpRequest, exception: Exception) -> HttpResponse:
    why = str(exception) or _("Your role does not allow this. Whoever looks after staff and roles can change that.")
    return _say(request, 403, _("Not for you"), why)


def broken(request: HttpRequest) -> HttpResponse:
    """Touches no table: the database may be what is broken."""
    return HttpResponse(render_to_string("rollcall/broken.html"), status=500)


def _say(request: HttpRequest, status: int, heading: str, why: str) -> HttpResponse:
    context = {"heading": heading, "why": why}
    if hasattr(request, "user") and admin.site.has_permission(request):
        return page(request, "rollcall/failure.html", context, title=heading, section="", status=status).render()
    return render(request, "rollcall/failure.html", context | {"title": heading}, status=status)
