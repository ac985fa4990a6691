"""Value maps: the list, one map with the codes that wait for a name first, and files in and out."""

from __future__ import annotations

import json
from typing import Any

from django.contrib import messages
from django.core.exceptions import PermissionDenied, ValidationError
from django.db import transaction
from django.db.models import Count, Q
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_POST

from config import clock
from config.admin_screens import page, screen
from config.audit.cause import because
from config.audit.models import CauseKind
from config.audit.record import record
from config.carried import Sent, carry, sent
from config.decision_page import decide
from config.errors import PlanStale, RollcallError
from config.parts.shapes import Pager
from config.say import said
from config.sentences import sentence
from integrations.mapping.models import UnmappedValue, ValueMap, ValueMapRow
from integrations.mapping.pages.forms import FileForm, MapForm, RowOfMapForm
from integrations.mapping.unmapped import open_values, release_covered
from integrations.mapping.value_map_decisions import ChangeCode, MapValue, RemoveCode
from integrations.mapping.value_map_files import FileResult, export_csv, import_csv
from integrations.mapping.value_map_rows import OBJECT, RowValues, set_row, values_of
from integrations.mapping.value_maps import fold

VIEW_MAP = "integrations.view_valuemap"
CHANGE_MAP = "integrations.change_valuemap"
NAME_CODE = "integrations.map_value"
PAGE = 100  # rows of a map
WAITING = 50  # codes without a name shown at once, most people first
MOST_NAMES = 500  # suggested while naming a code


@screen(VIEW_MAP)
def value_maps(request: HttpRequest) -> HttpResponse:
    """Every map with its size and what waits. POST adds one."""
    form = MapForm(request.POST or None)
    if request.method == "POST":
        _may(request, CHANGE_MAP)
        if form.is_valid() and not _taken(form):
            with transaction.atomic():
                made = ValueMap.objects.create(**form.cleaned_data)
                cause = because(CauseKind.SETTING, sentence("Value map %(name)s added", name=str(made)), actor=_actor(request))
                record(cause, "value_map.added", OBJECT, made.pk, after=form.cleaned_data, label=made.name)
            return redirect("value-map", made.key)
    waiting = Count("unmapped", filter=Q(unmapped__closed_at=None), distinct=True)
    maps = list(ValueMap.objects.annotate(size=Count("rows", distinct=True), waiting=waiting))
    context = {
        "maps": maps,
        "codes": sum(one.size for one in maps),
        "waiting": sum(one.waiting for one in maps),
        "form": form,
        "may_change": request.user.has_perm(CHANGE_MAP),
    }
    status = 422 if form.is_bound and form.errors else 200
    return page(request, "integrations/mapping/value_maps.html", context, title=_("Value maps"), section="value-maps", status=status)


def _taken(form: MapForm) -> bool:
    if ValueMap.objects.filter(key=form.cleaned_data["key"]).exists():
        form.add_error("key", _("There is a map with this key already."))
    return bool(form.errors)


@screen(VIEW_MAP)
def value_map(request: HttpRequest, key: str) -> HttpResponse:
    """GET: `?q=` finds codes and names, `?after=` pages on. POST: set, add, or let unknown codes through: what the button says.

    A name that records have already is changed by a decision, after whom it reaches was shown.
    """
    found = get_object_or_404(ValueMap, key=key)
    wrong, about = "", f"value-map:{found.pk}"
    typed = sent(request, about) if request.method == "POST" else Sent(request.POST)
    if typed is None or typed.is_again:
        return redirect("value-map", key)
    asked = typed.form.get("do", "")
    form = RowOfMapForm(typed.form if asked in ("set", "add") else None)
    if request.method == "POST":
        _may(request, CHANGE_MAP)
        try:
            if asked == "set" and form.is_valid() and (decision := _decision(request, found, form, typed.seen)):
                carries = carry(request, about, typed.form, _as_seen(decision.row))
                return decide(request, decision, back=reverse("value-map", args=[key]), section="value-maps", carries=carries)
            if _change(request, found, form, asked):
                return redirect("value-map", key)
        except RollcallError as error:
            wrong = said(error.detail)
    return _page(request, found, form, wrong)


def _decision(request: HttpRequest, found: ValueMap, form: RowOfMapForm, seen: str) -> ChangeCode | None:
    """What has to be looked at first: a change of a line whose name somebody has. Raises MappingInvalid; PlanStale where the preview
    was of another line than there is now."""
    wanted = _typed(form).checked()
    row = found.rows.select_related("value_map").filter(folded=fold(wanted.source), valid_from=wanted.valid_from).first()
    if seen and (row is None or _as_seen(row) != seen):
        raise PlanStale(sentence("somebody else changed this line in the meantime"))
    if row is None or (row.target, row.valid_until) == (wanted.target, wanted.valid_until):
        return None
    decision = ChangeCode(_actor(request), row, wanted)
    return decision if decision.using else None


def _as_seen(row: ValueMapRow) -> str:
    return json.dumps(values_of(row).as_dict())


def _typed(form: RowOfMapForm) -> RowValues:
    given = form.cleaned_data
    return RowValues(given["code"], given["name"], given["valid_from"], given["valid_until"])


def _change(request: HttpRequest, found: ValueMap, form: RowOfMapForm, asked: str) -> bool:
    """Do what the button says. False when the form has errors."""
    now = clock.now()
    with transaction.atomic():
        cause = because(CauseKind.SETTING, sentence("Value map %(name)s changed", name=str(found)), actor=_actor(request))
        if asked == "unknown":
            before = found.keep_unknown
            found.keep_unknown = bool(request.POST.get("keep_unknown"))
            found.save(update_fields=["keep_unknown"])
            after = {"keep_unknown": found.keep_unknown}
            record(cause, "value_map.unknown_codes", OBJECT, found.pk, before={"keep_unknown": before}, after=after, label=found.name)
            release_covered(found, now)
        elif form.is_valid() and not (asked == "add" and _is_there(found, form)):
            set_row(found, _typed(form), cause, now)
        else:
            transaction.set_rollback(True)
            return False
    messages.success(request, _("Saved. Records that use it are translated again with the next run."))
    return True


def _is_there(found: ValueMap, form: RowOfMapForm) -> bool:
    """Whether the new code would change a row instead of adding one; the form says so."""
    old = found.rows.filter(folded=fold(form.cleaned_data["code"]), valid_from=form.cleaned_data["valid_from"]).first()
    if old is None:
        return False
    form.add_error("code", _("This code has a name already: %(name)s. Change it in its own line.") % {"name": old.target})
    return True


def _page(request: HttpRequest, found: ValueMap, form: RowOfMapForm, wrong: str = "", result: FileResult | None = None) -> HttpResponse:
    asked = request.GET.get("q", "").strip()[:100]
    rows = found.rows.order_by("folded", "pk")
    if asked:
        rows = rows.filter(Q(folded__contains=fold(asked)) | Q(target__icontains=asked))
    total = rows.count()
    after = _number(request.GET.get("after"))
    shown = list(rows[after : after + PAGE])
    waiting = open_values().filter(value_map=found)
    context = {
        "map": found,
        "rows": shown,
        "asked": asked,
        "total": total,
        "pager": _pager(found, asked, after, total),
        "waiting": waiting[:WAITING],
        "waiting_count": waiting.count(),
        "names": sorted(set(found.rows.values_list("target", flat=True)[:MOST_NAMES])),
        "form": form,
        "file_form": FileForm(),
        "error": wrong,
        "result": result,
        "may_change": request.user.has_perm(CHANGE_MAP),
        "may_name": request.user.has_perm(NAME_CODE),
    }
    failed = bool(wrong or (form.is_bound and form.errors) or (result and result.errors))
    return page(
        request, "integrations/mapping/value_map.html", context, title=_("Value map"), section="value-maps", status=422 if failed else 200
    )


def _pager(found: ValueMap, asked: str, after: int, total: int) -> Pager | None:
    if total <= PAGE and not after:
        return None
    here = reverse("value-map", args=[found.key])
    query = f"&q={asked}" if asked else ""
    shown = _("%(first)s to %(last)s of %(total)s") % {"first": after + 1, "last": min(after + PAGE, total), "total": total}
    back = f"{here}?after={max(0, after - PAGE)}{query}" if after else ""
    return Pager(shown, back, f"{here}?after={after + PAGE}{query}" if after + PAGE < total else "")


@screen(VIEW_MAP)
def remove_code(request: HttpRequest, key: str, number: int) -> HttpResponse:
    """Take one line out, after whom it concerns was shown."""
    row = get_object_or_404(ValueMapRow.objects.select_related("value_map"), value_map__key=key, pk=number)
    return decide(request, RemoveCode(_actor(request), row), back=reverse("value-map", args=[key]), section="value-maps")


@screen(NAME_CODE)
@require_POST
def name_code(request: HttpRequest, number: int) -> HttpResponse:
    """Give one waiting code its name."""
    value = get_object_or_404(UnmappedValue.objects.select_related("value_map"), pk=number)
    decision = MapValue(_actor(request), value, request.POST.get("name", ""))
    waiting = decision.waiting()
    try:
        decision.execute()
        messages.success(request, _("“%(code)s” has its name; %(n)s records are translated again.") % {"code": value.value, "n": waiting})
    except (RollcallError, ValidationError) as error:
        messages.error(request, getattr(error, "detail", "") or str(error))
    return redirect("value-map", value.value_map.key)


@screen(CHANGE_MAP)
@require_POST
def import_file(request: HttpRequest, key: str) -> HttpResponse:
    """Read a file in, or say only what it would do (`do=try`)."""
    found = get_object_or_404(ValueMap, key=key)
    form = FileForm(request.POST, request.FILES)
    if not form.is_valid():
        return _page(request, found, RowOfMapForm(), _("Choose a file first."))
    upload, is_trial = form.cleaned_data["file"], request.POST.get("do") == "try"
    try:
        with transaction.atomic():
            cause = because(CauseKind.SETTING, sentence("File for value map %(name)s", name=str(found)), actor=_actor(request))
            result = import_csv(found, upload.read(), cause, clock.now(), replace=form.cleaned_data["replace"], dry_run=is_trial)
            if is_trial or result.errors:
                transaction.set_rollback(True)
    except RollcallError as error:
        return _page(request, found, RowOfMapForm(), said(error.detail))
    if is_trial or result.errors:
        return _page(request, found, RowOfMapForm(), result=result)
    counts = {"added": result.added, "changed": result.changed, "removed": result.removed}
    done = _("The file is in: %(added)s added, %(changed)s changed, %(removed)s removed.") % counts
    again = ngettext("%(n)s record is translated again.", "%(n)s records are translated again.", result.records)
    messages.success(request, f"{done} {again % {'n': result.records}}")
    return redirect("value-map", key)


@screen(VIEW_MAP)
def export_file(request: HttpRequest, key: str) -> HttpResponse:
    """The map as CSV."""
    found = get_object_or_404(ValueMap, key=key)
    answer = HttpResponse("\ufeff" + export_csv(found), content_type="text/csv; charset=utf-8")  # the mark lets Excel read accents
    answer["Content-Disposition"] = f'attachment; filename="{found.key}.csv"'
    return answer


def _may(request: HttpRequest, permission: str) -> None:
    if not request.user.has_perm(permission):
        raise PermissionDenied


def _number(given: Any) -> int:
    """A number out of an address or form; 0 for anything else."""
    text = str(given or "")
    return int(text) if text.isdecimal() and text.isascii() and len(text) < 10 else 0


def _actor(request: HttpRequest) -> Any:
    return request.user
