"""The trail as people read it: filters, one line about all of it, each entry opened, the chain verified, and the export."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any
from urllib.parse import urlencode

from django.core.cache import cache
from django.core.exceptions import BadRequest, ValidationError
from django.http import FileResponse, HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import get_object_or_404
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from config import clock
from config.admin_screens import page, screen
from config.audit.chain import Verdict, verify
from config.audit.checkers import checkers
from config.audit.models import AuditEntry, AuditHead
from config.audit.words import kind_word
from config.keyset import stretch
from config.navigation import first_address
from config.parts.misread import offered
from config.parts.shapes import Filter, Text
from config.roles.masking import Sight, sight_of
from config.roles.models import User
from config.say import said
from config.trail.export import FORMATS, ExportAudit
from config.trail.find import Asked, found, summary
from config.trail.values import changes

KNOWN_SECONDS = 300  # new kinds of action appear in the filter after at most five minutes
# Entries whose values are settings and counts; those of every other kind are masked for readers without personal data.
IMPERSONAL = frozenset(
    (
        *("audit", "blackout", "bundle", "connector", "delivery", "demo", "group", "installation", "mapping"),
        *("run", "syncschedule", "unmapped_value", "user", "value_map"),
    )
)
ABOUT: dict[str, tuple[str, ...]] = {  # object type → URL names that take its number
    "run": ("run", "admin:syncjobs_syncrun_change"),
    "case": ("case", "admin:identity_case_change"),
    "delivery": ("delivery",),
}
VERBS: dict[str, Text] = {
    "person.created": gettext_lazy("a person was first seen"),
    "person.changed": gettext_lazy("facts about a person changed"),
    "account.create": gettext_lazy("an account was made"),
    "account.update": gettext_lazy("an account was changed"),
    "account.deactivate": gettext_lazy("an account was suspended"),
    "account.reactivate": gettext_lazy("an account was opened again"),
    "account.cohorts": gettext_lazy("groups of an account were set"),
    "account.set_manager": gettext_lazy("the manager of an account was set"),
    "plan.applied": gettext_lazy("a plan was applied"),
    "run.queued": gettext_lazy("a run was started"),
    "run.approve_plan": gettext_lazy("a plan was approved"),
    "run.refuse_plan": gettext_lazy("a plan was refused"),
    "mapping.published": gettext_lazy("a mapping was put in force"),
    "value_map.row_set": gettext_lazy("a code got its name"),
    "case.link_record": gettext_lazy("a question was answered: same person"),
    "case.keep_separate": gettext_lazy("a question was answered: somebody else"),
    "case.defer_case": gettext_lazy("a question was put away"),
    "connector.added": gettext_lazy("a connector was added"),
    "connector.changed": gettext_lazy("a connector was changed"),
    "syncschedule.added": gettext_lazy("a schedule was added"),
    "syncschedule.changed": gettext_lazy("a schedule was changed"),
    "connector.save_connector": gettext_lazy("settings of a connector were saved"),
    "connector.change_limits": gettext_lazy("limits and rules of a connector were changed"),
    "connector.test_connection": gettext_lazy("a connection was tested"),
    "retention.pruned": gettext_lazy("old rows were removed"),
    "audit.export_audit": gettext_lazy("the trail was exported"),
    "person.answered": gettext_lazy("a question about a person was answered"),
    "person.erased": gettext_lazy("a person was erased"),
    "demo.purge_demo": gettext_lazy("the demo was removed"),
    "run.cancel_run": gettext_lazy("a run was cancelled"),
    "run.retry_failed": gettext_lazy("what had failed in a run was tried again"),
    "case.choose_primary_manager": gettext_lazy("a primary manager was chosen"),
    "person.sync_person": gettext_lazy("one person was read and planned again"),
    "delivery.give_up_delivery": gettext_lazy("a write was given up"),
    "delivery.retry_deliveries": gettext_lazy("writes were sent again"),
    "connector.start_run": gettext_lazy("a run was asked for"),
    "connector.pause_connector": gettext_lazy("a connector was paused"),
    "connector.resume_connector": gettext_lazy("a connector was resumed"),
    "connector.disable_connector": gettext_lazy("a connector was disabled"),
    "connector.rotate_credential": gettext_lazy("a secret was replaced"),
    "connector.upload_file": gettext_lazy("a file was uploaded"),
    "mapping.draft_begun": gettext_lazy("a draft of a mapping was begun"),
    "mapping.draft_saved": gettext_lazy("a draft of a mapping was saved"),
    "mapping.draft_discarded": gettext_lazy("a draft of a mapping was thrown away"),
    "mapping.restored": gettext_lazy("an older mapping became a draft again"),
    "mapping.publish_mapping": gettext_lazy("a mapping was published"),
    "mapping.restore_version": gettext_lazy("a version of a mapping was restored"),
    "unmapped_value.map_value": gettext_lazy("a code without a name was named"),
    "value_map.added": gettext_lazy("a value map was added"),
    "value_map.row_removed": gettext_lazy("a code lost its name"),
    "value_map.remove_code": gettext_lazy("a line of a value map was removed"),
    "value_map.unknown_codes": gettext_lazy("what happens to unknown codes was changed"),
    "syncschedule.removed": gettext_lazy("a schedule was removed"),
    "syncschedule.save_schedule": gettext_lazy("a schedule was saved"),
    "syncschedule.pause_schedule": gettext_lazy("a schedule was paused"),
    "syncschedule.resume_schedule": gettext_lazy("a schedule was resumed"),
    "syncschedule.remove_schedule": gettext_lazy("a schedule was taken away"),
    "blackout.save_blackout": gettext_lazy("a blackout window was added"),
    "blackout.remove_blackout": gettext_lazy("a blackout window was removed"),
    "user.added": gettext_lazy("a staff login was added"),
    "user.changed": gettext_lazy("a staff login was changed"),
    "user.password_set": gettext_lazy("a password was set"),
    "user.open_login": gettext_lazy("a staff login was opened again"),
    "user.close_login": gettext_lazy("a staff login was closed"),
    "bundle.imported": gettext_lazy("a bundle was imported"),
    "secrets.rotated": gettext_lazy("stored secrets were sealed with the new key"),
}


@screen("config.view_auditentry")
def audit(request: HttpRequest) -> HttpResponse:
    asked = Asked.of(request.GET)
    return _list(request, asked, asked.misread)


def _list(request: HttpRequest, asked: Asked, wrong: Sequence[str] = ()) -> HttpResponse:
    """The entries asked for; with what is `wrong` about the question, why there are none."""
    rows = found(asked)
    listed = stretch(request, rows.select_related("cause", "detail"), ("seq",), descending=True)
    sight = sight_of(request.user)
    context = {
        "entries": [_line(entry, sight) for entry in listed.rows],
        "summary": summary(rows),
        "filters": _filters(asked),
        "wanted": asked,  # not “asked”: that is what the find box shows
        "query": urlencode({key: value for key, value in asked.as_dict().items() if value}),
        "head": AuditHead.objects.filter(pk=1).first(),
        "verdict": _last_verdict(request),
        "may_verify": request.user.has_perm("config.verify_audit"),
        "may_export": request.user.has_perm("config.export_audit"),
        "pager": listed.pager(""),
        "misread": wrong,
    }
    return page(request, "config/audit/list.html", context, title=_("Audit"), section="audit", status=400 if wrong else 200)


def verb(action: str) -> str:
    """What happened, in words; the action itself where no words were written for it."""
    return str(VERBS.get(action, action.replace(".", ": ").replace("_", " ")))


def _line(entry: AuditEntry, sight: Sight) -> dict[str, Any]:
    detail = getattr(entry, "detail", None)
    label = detail.label if detail else ""
    named = _named(label, entry, sight)
    return {"entry": entry, "verb": verb(entry.action), "label": named, "object": _object(entry), **_because(entry, sight)}


def _named(label: str, entry: AuditEntry, sight: Sight) -> str:
    shown = said(label)
    return shown if entry.object_type in IMPERSONAL else sight.name(shown)


def _because(entry: AuditEntry, sight: Sight) -> dict[str, str]:
    """Why, in words. Staff may have quoted somebody in a reason."""
    return {"because": sight.said(entry.cause.label), "reason": sight.text(entry.cause.reason)}


def _filters(asked: Asked) -> list[Filter]:
    actions, types = _known()
    every: tuple[tuple[str, Text], ...] = (("", _("all")),)
    staff = [str(user) for user in User.objects.order_by("first_name", "username")]
    actors = tuple((name, name) for name in dict.fromkeys([*staff, "Rollcall"]))
    return [
        Filter("actor", _("Who"), asked.actor, offered((*every, *actors), asked.actor)),
        Filter("action", _("What"), asked.action, offered((*every, *((one, verb(one)) for one in actions)), asked.action)),
        Filter(
            "type",
            _("Kind of object"),
            asked.object_type,
            offered((*every, *((one, said(kind_word(one))) for one in types)), asked.object_type),
        ),
        Filter("object", _("Its number or key"), asked.object_id),
    ]


def _known() -> tuple[list[str], list[str]]:
    """Actions and object types of the newest entries: a DISTINCT over the whole trail would read all of it."""
    kept: tuple[list[str], list[str]] | None = cache.get("rollcall.audit.known")
    if kept is None:
        newest = AuditEntry.objects.order_by("-seq").values_list("action", "object_type")[:20_000]
        pairs = set(newest)
        kept = sorted({action for action, _kind in pairs}), sorted({kind for _action, kind in pairs})
        cache.set("rollcall.audit.known", kept, KNOWN_SECONDS)
    return kept


@screen("config.view_auditentry")
def entry(request: HttpRequest, number: int) -> HttpResponse:
    """One entry: before and after, why, and its place in the chain."""
    rows = AuditEntry.objects.select_related("cause__actor", "detail")
    row = get_object_or_404(rows, pk=number)
    sight = sight_of(request.user)
    detail = getattr(row, "detail", None)
    is_masked = row.object_type not in IMPERSONAL and not sight.is_full
    context = {
        "entry": row,
        "verb": verb(row.action),
        "label": _named(detail.label, row, sight) if detail else "",
        "has_values": detail is not None,
        **_because(row, sight),
        "is_masked": is_masked,
        "changes": changes(detail.before, detail.after, sight if is_masked else Sight(True)) if detail else [],
        "about": _about(row),
        "named": _object(row),
        "kind": said(kind_word(row.object_type)),
        "siblings": [
            {"pk": pk, "verb": verb(action), "object_id": about}
            for pk, action, about in AuditEntry.objects.filter(cause=row.cause)
            .exclude(pk=row.pk)
            .order_by("seq")
            .values_list("pk", "action", "object_id")[:20]
        ],
    }
    return page(request, "config/audit/entry.html", context, title=_("Entry of the audit trail"), section="audit")


def _object(row: AuditEntry) -> str:
    """“run 2”; a person's number says by itself what it is."""
    return row.object_id if row.object_type == "person" else f"{said(kind_word(row.object_type))} {row.object_id}"


def _about(row: AuditEntry) -> str:
    if row.object_type == "person":
        bare = row.object_id.upper().removeprefix("P-")
        return first_address(("person",), int(bare)) if bare.isdecimal() else ""
    return first_address(ABOUT.get(row.object_type, ()), int(row.object_id)) if row.object_id.isdecimal() else ""


# ── verify and export ───────────────────────────────────────────────────────────────────────────────


@screen("config.verify_audit")
def verify_chain(request: HttpRequest) -> HttpResponse:
    """Walk the whole chain, then show the answer on the list."""
    if request.method == "POST":
        verdict = verify(checkers=checkers())
        _keep_verdict(request, verdict)
    return HttpResponseRedirect(reverse("audit"))


def _keep_verdict(request: HttpRequest, verdict: Verdict) -> None:
    request.session["audit_verdict"] = {
        "checked": verdict.checked,
        "first_broken": verdict.first_broken,
        "reason": verdict.reason,
        "hash": verdict.last_hash,
        "at": clock.now().isoformat(timespec="seconds"),
    }


def _last_verdict(request: HttpRequest) -> dict[str, Any] | None:
    """The answer of the verification just made; shown once."""
    kept: dict[str, Any] | None = request.session.pop("audit_verdict", None)
    return kept


@screen("config.export_audit")
def export(request: HttpRequest) -> HttpResponse:
    """The entries asked for as a ZIP. By POST: it writes an entry of its own. What cannot be read is said on the list, and no file made."""
    if request.method != "POST":
        return HttpResponseRedirect(reverse("audit"))
    asked, form = Asked.of(request.POST), request.POST.get("format", "csv")
    if form not in FORMATS:
        raise BadRequest
    decision = ExportAudit(request.user, asked, form)  # type: ignore[arg-type]
    try:
        decision.execute(request.POST.get("reason", ""))
    except ValidationError as error:
        return _list(request, asked, error.messages)
    name = f"rollcall-audit-{clock.now():%Y%m%d-%H%M%S}.zip"
    return FileResponse(decision.made, as_attachment=True, filename=name, content_type="application/zip")  # type: ignore[return-value]
