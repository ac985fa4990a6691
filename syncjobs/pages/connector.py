"""One connector: how it is, what it is set to, what it did, and the buttons that change it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import asdict
from typing import Any

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import get_object_or_404
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from config import clock
from config.admin_screens import page, screen
from config.audit.models import AuditEntry
from config.decision_page import decide
from config.decisions import Decision
from config.errors import by_code
from config.keyset import stretch
from config.navigation import first_address
from config.parts.misread import misread
from config.parts.shapes import Filter, Tab, Text
from config.roles.masking import Sight, sight_of
from config.roles.scopes import scoped_for
from identity.organisation.models import OrgUnit
from integrations.connectors.decisions import (
    ConnectorDecision,
    DisableConnector,
    PauseConnector,
    ResumeConnector,
    UploadFile,
)
from integrations.connectors.form import ConnectorForm, LimitsForm, PolicyForm, UploadForm, vendor_of
from integrations.connectors.models import Connector, ConnectorIssue, ConnectorState, Credential, RequestLog
from integrations.connectors.uploads import forget_older, store, takes_uploads
from integrations.mapping.models import FieldMapping, MappingState, MappingVersion
from integrations.mapping.pages.overview import stream_label
from integrations.outbound.decisions import EndRest
from integrations.records.models import Watermark
from integrations.vendors.base import Family, Vendor
from syncjobs.guards.limits import Limit
from syncjobs.pages.connector_history import HISTORY, SHOWN, changes
from syncjobs.pages.connector_rows import ConnectorRow, connector_rows
from syncjobs.pages.people import outside_address
from syncjobs.plans.units import IN_CIRCLE, NO_PARENT
from syncjobs.runs.models import SyncRun

TABS: dict[str, Text] = {
    "health": gettext_lazy("Health"),
    "settings": gettext_lazy("Settings"),
    "mappings": gettext_lazy("Mappings"),
    "runs": gettext_lazy("Runs"),
    "changes": gettext_lazy("Changes"),
    "requests": gettext_lazy("Requests"),
    "credentials": gettext_lazy("Secrets"),
    "limits": gettext_lazy("Limits and rules"),
    "danger": gettext_lazy("Danger zone"),
}
CLOSED_SHOWN = 20
UNITS_SHOWN = 20


def seen_connector(request: HttpRequest, number: int) -> Connector:
    found: Connector = get_object_or_404(scoped_for(request.user, Connector.objects.all()), pk=number)
    return found


@screen("integrations.view_connector")
def connector(request: HttpRequest, number: int, tab: str = "health") -> HttpResponse:
    if tab not in TABS:
        raise Http404
    found = seen_connector(request, number)
    context = FILL[tab](request, found)
    return show(request, found, tab, context, 400 if misread(context.get("filters", ())) else 200)


def _kind(vendor: type[Vendor]) -> str:
    """“Workday v44.2”; a kind of file has no version that means anything to people."""
    return _(vendor.label) if vendor.family == Family.FILE else f"{_(vendor.label)} {vendor.version}".strip()


def show(request: HttpRequest, found: Connector, tab: str, context: dict[str, Any], status: int = 200) -> HttpResponse:
    """The frame of a connector's page around one of its tabs."""
    standing = next(row for row in connector_rows(clock.now(), {}) if row.connector.pk == found.pk)
    shared = {
        "connector": found,
        "standing": standing,
        "kind": _kind(vendor_of(found)),
        "tabs": [_tab(found, key, tab, standing) for key in TABS if key != "changes" or request.user.has_perm(HISTORY)],
        "tab": tab,
        "may": {
            "test": request.user.has_perm("integrations.test_connector"),
            "pause": request.user.has_perm("integrations.pause_connector"),
            "change": request.user.has_perm("integrations.change_connector"),
            "run": request.user.has_perm("syncjobs.start_run") and not found.is_target,
            "upload": request.user.has_perm("integrations.upload_file") and takes_uploads(found),
            "end_rest": request.user.has_perm("integrations.retry_delivery"),
        },
        "run_href": _start(found),
        "outside_href": _outside(request, found),
    }
    template = f"integrations/connectors/{tab}.html"
    return page(request, template, shared | context, title=f"{found.name}: {TABS[tab]}", section="connectors", status=status)


def _outside(request: HttpRequest, found: Connector) -> str:
    """Where whoever may see people finds those outside its pilot group."""
    is_asked = found.pilot and found.state != ConnectorState.DISABLED and request.user.has_perm("identity.view_person")
    return outside_address(found) if is_asked else ""


def _start(found: Connector) -> str:
    address = first_address(("run-start",))
    return f"{address}?connector={found.key}" if address else ""


def _tab(found: Connector, key: str, current: str, standing: ConnectorRow) -> Tab:
    href = reverse("connector", args=[found.pk]) if key == "health" else reverse("connector-tab", args=[found.pk, key])
    count = str(len(standing.issues)) if key == "health" and standing.issues else ""
    return Tab(TABS[key], href, key == current, count)


# ── tabs ────────────────────────────────────────────────────────────────────────────────────────────


def health_of(request: HttpRequest, found: Connector) -> dict[str, Any]:
    every, sight = ConnectorIssue.objects.filter(connector=found), sight_of(request.user)
    closed = every.exclude(closed_at=None).order_by("-closed_at")[:CLOSED_SHOWN]
    return {
        "open": [_issue(one, sight) for one in every.filter(closed_at=None).order_by("-last_at")],
        "closed": [_issue(one, sight) for one in closed],
        "upload": UploadForm(),
        "uploaded": str(found.settings.get("path", "")).rpartition("/")[2],
        "last_runs": _runs(found, 5),
        "last_test": _last_test(found),
        "units": _odd_units(found),
        "vanished": Watermark.objects.filter(connector=found).exclude(vanished={}).order_by("stream"),
    }


UNIT_PROBLEMS: dict[str, Text] = {
    IN_CIRCLE: gettext_lazy("units contain each other in a circle"),
    NO_PARENT: gettext_lazy("its parent is not in the source"),
}


def _odd_units(found: Connector) -> list[tuple[OrgUnit, Text]]:
    """Units of the source's chart that do not fit into it, a few by name."""
    odd = OrgUnit.objects.filter(connector=found).exclude(problem="").order_by("name", "pk")[:UNITS_SHOWN]
    return [(unit, UNIT_PROBLEMS.get(unit.problem, unit.problem)) for unit in odd]


def _last_test(found: Connector) -> AuditEntry | None:
    """Who tested last and what came out, as the trail has it."""
    tests = AuditEntry.objects.filter(object_type="connector", object_id=found.key, action="connector.test_connection")
    return tests.select_related("detail").order_by("-seq").first()


def _issue(issue: ConnectorIssue, sight: Sight) -> dict[str, Any]:
    known = by_code(issue.code)
    return {
        "issue": issue,
        "detail": sight.answer(issue.detail),
        "sentence": _(known().sentence),
        "next_step": _(known.next_step) if known.next_step else "",
        "owner": known.owner.value,
    }


def _runs(found: Connector, most: int) -> list[dict[str, Any]]:
    rows = SyncRun.objects.filter(connector=found).select_related("cause").order_by("-id")[:most]
    return [{"run": run, "href": first_address(("run", "admin:syncjobs_syncrun_change"), run.pk)} for run in rows]


def _settings(request: HttpRequest, found: Connector) -> dict[str, Any]:
    return {"form": ConnectorForm(vendor_of(found), found), "kept": kept(found)}


def kept(found: Connector) -> list[Credential]:
    return list(Credential.objects.filter(connector=found).defer("value").order_by("name"))


def _mappings(request: HttpRequest, found: Connector) -> dict[str, Any]:
    rows = (
        MappingVersion.objects.filter(connector=found)
        .exclude(state=MappingState.RETIRED)
        .select_related("author")
        .order_by("stream", "-number")
    )
    return {
        "mappings": [
            {
                "mapping": one,
                "stream": stream_label(found.vendor, one.stream),
                "href": first_address(("mapping-edit",), found.key, one.stream),
            }
            for one in rows
        ]
    }


def _all_runs(request: HttpRequest, found: Connector) -> dict[str, Any]:
    listed = stretch(request, SyncRun.objects.filter(connector=found).select_related("cause"), ("id",), descending=True)
    rows = [{"run": run, "href": first_address(("run", "admin:syncjobs_syncrun_change"), run.pk)} for run in listed.rows]
    return {"runs": rows, "pager": listed.pager(""), "is_full": sight_of(request.user).is_full}


def _changes(request: HttpRequest, found: Connector) -> dict[str, Any]:
    if not request.user.has_perm(HISTORY):
        raise PermissionDenied
    trail = first_address(("audit",)) if request.user.has_perm("config.view_auditentry") else None
    return {"changes": changes(found), "most": SHOWN, "trail": f"{trail}?type=connector" if trail else ""}


def _requests(request: HttpRequest, found: Connector) -> dict[str, Any]:
    rows = RequestLog.objects.filter(connector=found)
    only, asked = request.GET.get("only", ""), request.GET.get("run", "").strip()[:12]
    choices: tuple[tuple[str, Text], ...] = (("", _("all")), ("failed", _("only those that failed")))
    run = SyncRun.objects.filter(pk=int(asked)).first() if asked.isdecimal() else None
    problem = "" if run or not asked else _("There is no run “%(value)s”, so nothing is shown.") % {"value": asked}
    filters = [Filter("only", _("Answers"), only, choices), Filter("run", _("While this run was at work"), asked, problem=problem)]
    if misread(filters):
        rows = rows.none()
    if only == "failed":
        rows = rows.exclude(status__gte=200, status__lt=300, error_code="")
    if run:  # calls do not name a run: these are the ones made while it was at work
        rows = rows.filter(at__gte=run.started_at, at__lte=run.finished_at or clock.now()) if run.started_at else rows.none()
    listed = stretch(request, rows, ("at", "id"), descending=True)
    return {"requests": listed.rows, "pager": listed.pager(""), "filters": filters, "is_narrowed": bool(only or asked)}


def _credentials(request: HttpRequest, found: Connector) -> dict[str, Any]:
    stored = {one.name: one for one in kept(found)}
    secrets = [setting for setting in vendor_of(found).settings if setting.kind == "secret"]
    return {
        "secrets": [
            {
                "setting": setting,
                "label": _(setting.label),
                "help": _(setting.help) if setting.help else "",
                "kept": stored.get(setting.key),
            }
            for setting in secrets
        ],
        "may_rotate": request.user.has_perm("integrations.rotate_credential"),
    }


def _limits(request: HttpRequest, found: Connector) -> dict[str, Any]:
    return {"limits": LimitsForm(found, asdict(Limit())), "policy": policy_form(found)}


def policy_form(found: Connector, data: Any = None) -> PolicyForm:
    """With what this source can tell: a rule about reasons for leaving is offered where a mapping row in force fills them."""
    rows = FieldMapping.objects.filter(mapping__connector=found, mapping__state=MappingState.PUBLISHED, target="termination_reason")
    return PolicyForm(found, data, has_reasons=rows.exists())


def _danger(request: HttpRequest, found: Connector) -> dict[str, Any]:
    return {"is_disabled": found.state == ConnectorState.DISABLED}


FILL: dict[str, Callable[[HttpRequest, Connector], dict[str, Any]]] = {
    "health": health_of,
    "settings": _settings,
    "mappings": _mappings,
    "runs": _all_runs,
    "changes": _changes,
    "requests": _requests,
    "credentials": _credentials,
    "limits": _limits,
    "danger": _danger,
}


# ── what changes something ──────────────────────────────────────────────────────────────────────────


VERBS: dict[str, type[ConnectorDecision]] = {"pause": PauseConnector, "resume": ResumeConnector, "disable": DisableConnector}


@screen("integrations.view_connector")
def act(request: HttpRequest, number: int, verb: str) -> HttpResponse:
    """Pause, resume, disable: preview, reason, button."""
    found = seen_connector(request, number)
    if verb not in VERBS:
        raise Http404
    decision: Decision = VERBS[verb](request.user, found)  # type: ignore[arg-type]
    return decide(request, decision, back=reverse("connector", args=[found.pk]), section="connectors")


@screen("integrations.view_connector")
def end_rest(request: HttpRequest, number: int) -> HttpResponse:
    """Ask a target again that rests after failures."""
    found = seen_connector(request, number)
    return decide(request, EndRest(request.user, found), back=reverse("connector", args=[found.pk]), section="connectors")  # type: ignore[arg-type]


@screen("integrations.upload_file")
def upload(request: HttpRequest, number: int) -> HttpResponse:
    """A file for a connector that reads uploaded ones: streamed, then made the one that counts."""
    found = seen_connector(request, number)
    if not takes_uploads(found):
        raise PermissionDenied
    form = UploadForm(request.POST, request.FILES) if request.method == "POST" else UploadForm()
    if request.method != "POST" or not form.is_valid():
        return show(request, found, "health", health_of(request, found) | {"upload": form}, status=400 if form.errors else 200)
    path = store(found, form.cleaned_data["file"])
    try:
        UploadFile(request.user, found, str(path), path.stat().st_size).execute()  # type: ignore[arg-type]
    except BaseException:
        path.unlink(missing_ok=True)  # nobody would know what it is
        raise
    forget_older(found)
    messages.success(request, _("The file has arrived. Test the connection to see its columns, then sync."))
    return HttpResponseRedirect(reverse("connector", args=[found.pk]))
