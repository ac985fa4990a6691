"""The editor: a table of rows, a real record beside it. Works as a plain form; scripts only save the press of a button."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from config import clock
from config.admin_screens import page, screen
from config.errors import MappingInvalid, NotSupported, PlanStale
from config.navigation import first_address
from config.parts.shapes import Tab
from config.roles.masking import sight_of
from config.say import said
from integrations.connectors.models import Connector
from integrations.mapping.models import MappingState, MappingVersion, ValueMap
from integrations.mapping.pages.forms import row_forms
from integrations.mapping.pages.overview import VIEW, stream_label
from integrations.mapping.pages.preview import Look, broken_line, named, preview
from integrations.mapping.pages.sample import known_fields, pick, records_of
from integrations.mapping.shapes import Shape, shape_of
from integrations.mapping.transforms import TRANSFORMS
from integrations.mapping.translate import compile_mapping
from integrations.mapping.trial import Trial, try_mapping
from integrations.mapping.versions import draft, fingerprint, no_longer_filled, of_stream, problems, save_draft

CHANGE = "integrations.change_mappingversion"
PUBLISH = "integrations.publish_mapping"


@dataclass(slots=True)
class Subject:
    """Which mapping a page is about."""

    connector: Connector
    stream: str
    shape: Shape

    @property
    def label(self) -> str:
        """What the vendor calls the stream, in the reader's language."""
        return stream_label(self.connector.vendor, self.stream)

    @property
    def standing(self) -> MappingVersion | None:
        return of_stream(self.connector, self.stream, MappingState.PUBLISHED)

    @property
    def draft(self) -> MappingVersion | None:
        return of_stream(self.connector, self.stream, MappingState.DRAFT)

    def tabs(self, current: str) -> list[Tab]:
        args = [self.connector.key, self.stream]
        names = (("mapping-edit", _("Rows")), ("mapping-versions", _("Versions")))
        return [Tab(label, reverse(name, args=args), name == current) for name, label in names]


def subject(key: str, stream: str) -> Subject:
    """Raises Http404 for a connector or stream that is not there."""
    connector = get_object_or_404(Connector, key=key)
    try:
        return Subject(connector, stream, shape_of(connector.vendor, stream))
    except NotSupported as error:
        raise Http404(stream) from error


@screen(VIEW)
def edit(request: HttpRequest, key: str, stream: str) -> HttpResponse:
    """GET: the draft, or what is in force. POST: save, one more row, show a record, try on many: what the button says."""
    about = subject(key, stream)
    version = about.draft or about.standing
    asked = request.POST.get("do", "") if request.method == "POST" else ""
    if not asked:
        return _page(request, about, version, row_forms(about.shape, version=version))
    forms = row_forms(about.shape, data=_with_row(request.POST) if asked == "add" else request.POST, version=version)
    if asked in ("save", "publish"):
        if not request.user.has_perm(CHANGE):
            raise PermissionDenied
        if forms.is_valid() and _save(request, about, forms):
            return redirect("mapping-publish" if asked == "publish" else "mapping-edit", key, stream)
    return _page(request, about, version, forms, trial=asked == "trial")


def _with_row(data: Any) -> Any:
    """What was sent, and one empty row more."""
    more = data.copy()
    count = data.get("rows-TOTAL_FORMS", "")
    more["rows-TOTAL_FORMS"] = str(int(count) + 1) if count.isdecimal() and len(count) < 5 else count
    return more


def _save(request: HttpRequest, about: Subject, forms: Any) -> bool:
    """False when somebody else was faster: the page then shows what was typed, with the message."""
    author: Any = request.user
    had_draft = about.draft is not None
    version = draft(about.connector, about.stream, author)
    try:
        save_draft(version, forms.values(), author, seen=request.POST.get("seen", "") if had_draft else "")
    except PlanStale as error:
        messages.error(request, said(error.detail))
        return False
    messages.success(request, _("The draft is saved. Nothing changes for anybody before it is published."))
    return True


def _page(request: HttpRequest, about: Subject, version: MappingVersion | None, forms: Any, *, trial: bool = False) -> HttpResponse:
    context = {
        "about": about,
        "version": version,
        "forms": forms,
        "seen": fingerprint(version) if version else "",
        "problems": problems(version) if version and version.state == MappingState.DRAFT and not forms.is_bound else [],
        "may_change": request.user.has_perm(CHANGE),
        "fields": known_fields(about.connector, about.stream, about.shape.is_out),
        "value_maps": ValueMap.objects.all(),
        "transforms": TRANSFORMS.values(),
        "left_behind": _left_behind(request, about),
        "tabs": about.tabs("mapping-edit"),
        **_beside(request, about, forms, trial=trial),
    }
    return page(
        request, "integrations/mapping/edit.html", context, title=_("Mapping"), section="mappings", status=422 if _failed(forms) else 200
    )


def _left_behind(request: HttpRequest, about: Subject) -> list[tuple[str, str]]:
    """Fields that no row fills any more, whose values are still there; each with the page on which they can be removed."""
    if not about.shape.is_out or not request.user.has_perm(PUBLISH):
        return []
    fields = no_longer_filled(about.connector, about.stream)
    return [(one, first_address(("mapping-remove-values",), about.connector.key, about.stream, one)) for one in fields]


def _failed(forms: Any) -> bool:
    return bool(forms.is_bound and not forms.is_valid())


@screen(VIEW)
@require_POST
def show_preview(request: HttpRequest, key: str, stream: str) -> HttpResponse:
    """The part beside the rows alone, for what stands in the form now. Asked while somebody types; saves nothing."""
    about = subject(key, stream)
    forms = row_forms(about.shape, data=request.POST)
    context = {"about": about, **_beside(request, about, forms, trial=request.POST.get("do") == "trial")}
    return render(request, "integrations/mapping/beside.html", context)


def _beside(request: HttpRequest, about: Subject, forms: Any, *, trial: bool) -> dict[str, Any]:
    rows = forms.rows() if forms.is_bound else [form.row_as_stored() for form in forms.initial_forms]
    told = [form.in_words() for form in forms.broken()] if forms.is_bound else []
    broken = [broken_line(named(target, about.shape), path, wrong) for target, path, wrong in told]
    sight, how, asked = sight_of(request.user), request.POST.get("pick", ""), request.POST.get("asked", "")
    record = pick(records_of(about.connector, about.stream, about.shape.is_out), how, asked, request.POST.get("record", ""))
    return {
        "preview": preview(rows, record, Look(about.shape, sight, about.standing), broken),
        "how": how,
        "asked": asked,
        "is_full": sight.is_full,
        "record_name": sight.number(record.external_id) if record else "",
        "trial": _tried(about, rows) if trial and not broken and not about.shape.is_out else None,
        "is_trial_refused": trial and bool(broken),
    }


def _tried(about: Subject, rows: list[Any]) -> Trial | None:
    """None when the rows cannot be compiled; what is wrong stands beside them already."""
    try:
        return try_mapping(compile_mapping(rows, about.shape), about.connector, about.stream, clock.today())
    except MappingInvalid:
        return None
