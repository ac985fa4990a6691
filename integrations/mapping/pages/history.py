"""Versions of a mapping: list, difference in words, publish, restore, throw the draft away."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.core.exceptions import PermissionDenied, ValidationError
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from config.admin_screens import page, screen
from config.decisions import Decision
from config.errors import RollcallError
from config.say import said
from integrations.mapping.compare import compare
from integrations.mapping.decisions import PublishMapping, RestoreVersion
from integrations.mapping.models import MappingVersion
from integrations.mapping.pages.editor import CHANGE, PUBLISH, Subject, subject
from integrations.mapping.pages.overview import VIEW
from integrations.mapping.versions import discard, problems

LISTED = 50  # versions; older ones are reached by comparing


@screen(VIEW)
def versions(request: HttpRequest, key: str, stream: str) -> HttpResponse:
    """Newest first; `?old=1&new=3` compares two of them in words."""
    about = subject(key, stream)
    found = list(_of(about).select_related("author").order_by("-number")[:LISTED])
    old, new = (_numbered(about, request.GET.get(side, "")) for side in ("old", "new"))
    context = {
        "about": about,
        "versions": found,
        "old": old,
        "new": new,
        "differences": compare(old.rows.all(), new.rows.all(), about.shape) if old and new else None,
        "may_change": request.user.has_perm(CHANGE),
        "tabs": about.tabs("mapping-versions"),
    }
    return page(request, "integrations/mapping/versions.html", context, title=_("Versions of a mapping"), section="mappings")


@screen(PUBLISH)
def publish(request: HttpRequest, key: str, stream: str) -> HttpResponse:
    """What would change; the note; the button."""
    about = subject(key, stream)
    version = about.draft
    if version is None:
        messages.info(request, _("There is no draft to publish."))
        return redirect("mapping-edit", key, stream)
    context = {"about": about, "version": version, "standing": about.standing, "problems": problems(version)}
    return _decide(request, about, PublishMapping(_actor(request), version), "integrations/mapping/publish.html", context)


@screen(CHANGE)
def restore(request: HttpRequest, key: str, stream: str, number: int) -> HttpResponse:
    """What going back would change; the button."""
    about = subject(key, stream)
    version = get_object_or_404(_of(about), number=number)
    context = {"about": about, "version": version}
    return _decide(request, about, RestoreVersion(_actor(request), version), "integrations/mapping/restore.html", context)


@screen(CHANGE)
@require_POST
def discard_draft(request: HttpRequest, key: str, stream: str) -> HttpResponse:
    about = subject(key, stream)
    version = about.draft
    if version is not None:
        discard(version, _actor(request))
        messages.success(request, _("The draft is gone. What is in force stays."))
    return redirect("mapping-edit", key, stream)


def _decide(request: HttpRequest, about: Subject, decision: Decision, template: str, context: dict[str, Any]) -> HttpResponse:
    """The preview of a decision; with POST, the decision."""
    wrong = ""
    if request.method == "POST":
        try:
            decision.execute(request.POST.get("reason", ""))
            messages.success(request, _("Done: %s.") % decision.label)
            return redirect("mapping-edit", about.connector.key, about.stream)
        except (ValidationError, PermissionDenied) as error:
            wrong = "; ".join(error.messages) if isinstance(error, ValidationError) else str(error)
        except RollcallError as error:
            wrong = said(error.detail)
    context |= {"effect": decision.preview(), "refusal": decision.refusal(), "error": wrong, "reason": request.POST.get("reason", "")}
    return page(request, template, context, title=str(decision.label), section="mappings", status=422 if wrong else 200)


def _of(about: Subject) -> Any:
    return MappingVersion.objects.filter(connector=about.connector, stream=about.stream).select_related("connector")


def _numbered(about: Subject, number: str) -> MappingVersion | None:
    found: MappingVersion | None = _of(about).filter(number=int(number)).first() if number.isdecimal() and len(number) < 9 else None
    return found


def _actor(request: HttpRequest) -> Any:
    return request.user
