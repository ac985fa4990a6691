"""Writes to other systems: what is on its way, what failed and why, and every try."""

from __future__ import annotations

from typing import Any

from django.db.models import QuerySet
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from config import clock
from config.admin_screens import page, screen
from config.decision_page import decide
from config.errors import by_code
from config.keyset import stretch
from config.navigation import first_address
from config.parts.misread import SHOWN, misread
from config.parts.shapes import Filter, Text
from config.roles.masking import Sight, sight_of
from config.roles.scopes import scoped_for
from config.templatetags.rollcall import number as shown_number
from config.vocabulary import DELIVERY
from identity.people.models import Person, number_of, public_id
from integrations.connectors.models import Connector
from integrations.outbound.decisions import GIVEN_UP_FROM, GiveUpDelivery, RetryDeliveries
from integrations.outbound.models import Attempt, Delivery, DeliveryState
from syncjobs.explain.values import field_label, operation_word, personal, words
from syncjobs.pages.read_back import differences, is_never_shown, unshown
from syncjobs.runs.models import SyncRun

MOST = 1000  # counted no further
WAITING_SHOWN = 20
GROUPS = {"add": gettext_lazy("Groups to join"), "remove": gettext_lazy("Groups to leave")}


@screen("integrations.view_delivery")
def deliveries(request: HttpRequest) -> HttpResponse:
    filters = _filters(request)
    wrong = misread(filters)
    seen = scoped_for(request.user, Delivery.objects.all())
    rows = seen.none() if wrong else _narrowed(seen, request)
    listed = stretch(request, rows.select_related("connector", "waits_for").defer("values", "waits_for__values"), ("id",), descending=True)
    sight = sight_of(request.user)
    names = _names(listed.rows, sight)
    dead = Delivery.objects.filter(state=DeliveryState.DEAD)[:MOST].count()
    waiting = Delivery.objects.filter(state__in=(DeliveryState.PENDING, DeliveryState.SENDING))[:MOST].count()
    context = {
        "deliveries": [_line(row, names) for row in listed.rows],
        "dead": dead,
        "waiting": waiting,
        "filters": filters,
        "is_narrowed": any(request.GET.get(key) for key in ("state", "connector", "operation", "person")),
        "pager": listed.pager(ngettext("%(n)s write", "%(n)s writes", len(listed.rows)) % {"n": shown_number(len(listed.rows))}),
        "may_retry": request.user.has_perm("integrations.retry_delivery") and dead,
    }
    status = 400 if wrong else 200
    return page(request, "integrations/outbound/deliveries.html", context, title=_("Deliveries"), section="deliveries", status=status)


def _narrowed(rows: QuerySet[Delivery], request: HttpRequest) -> QuerySet[Delivery]:
    state = request.GET.get("state", "")
    if state == "retrying":
        rows = rows.filter(state=DeliveryState.PENDING, attempts__gt=0)
    elif state:
        rows = rows.filter(state=state)
    if request.GET.get("connector"):
        rows = rows.filter(connector=int(request.GET["connector"]))
    if request.GET.get("operation"):
        rows = rows.filter(operation=request.GET["operation"])
    if request.GET.get("person"):
        rows = rows.filter(subject_id=number_of(request.GET["person"][:20]) or 0)
    return rows


def _names(rows: list[Delivery], sight: Sight) -> dict[int, str]:
    people = Person.objects.filter(pk__in={row.subject_id for row in rows}).values_list("pk", "display_name")
    return {pk: sight.name(name) for pk, name in people}


def state_of(row: Delivery) -> str:
    """The word of the vocabulary: a write that waits after a try is retrying."""
    return "retrying" if row.state == DeliveryState.PENDING and row.attempts else row.state


def _line(row: Delivery, names: dict[int, str]) -> dict[str, Any]:
    return {
        "row": row,
        "state": state_of(row),
        "who": names.get(row.subject_id) or public_id(row.subject_id),
        "operation": operation_word(row.operation),
        "differs": bool(row.read_back and row.read_back.get("differs")),
        "why": why_words(row),
        "next_at": row.due_at if row.state == DeliveryState.PENDING and row.due_at > clock.now() else None,
    }


def why_words(row: Delivery) -> str:
    """Why a write has not arrived; empty where there is nothing to say."""
    if row.waits_for is not None:
        return waiting_words(row.waits_for)
    if row.state == DeliveryState.HELD:
        return _("waits until the manager has an account there")
    return sentence_of(row.error_code)


def waiting_words(first: Delivery) -> str:
    """Why a held write has not been sent."""
    said = {"what": operation_word(first.operation), "why": sentence_of(first.error_code)}
    return (_("waits for “%(what)s”: %(why)s") % said).rstrip(" :")


def sentence_of(code: str) -> str:
    """What an error code means; the code itself when this version does not know it."""
    return _(by_code(code)().sentence) if code else ""


def _filters(request: HttpRequest) -> list[Filter]:
    every: tuple[tuple[str, Text], ...] = (("", _("all")),)
    targets = tuple((str(pk), name) for pk, name in Connector.objects.filter(is_target=True).values_list("pk", "name"))
    operations = ("create", "update", "deactivate", "reactivate", "cohorts", "set_manager")
    person = request.GET.get("person", "")
    no_number = _("“%(value)s” in “%(field)s” is none, so nothing is shown. It looks like P-000123.")
    problem = no_number % {"value": person[:SHOWN], "field": _("Person number")} if person and not number_of(person[:20]) else ""
    return [
        Filter("state", _("State"), request.GET.get("state", ""), (*every, *((word.key, word.label) for word in DELIVERY))),
        Filter("connector", _("System"), request.GET.get("connector", ""), (*every, *targets)),
        Filter("operation", _("What"), request.GET.get("operation", ""), (*every, *((one, operation_word(one)) for one in operations))),
        Filter("person", _("Person number"), person, problem=problem),
    ]


@screen("integrations.view_delivery")
def delivery(request: HttpRequest, number: int) -> HttpResponse:
    """One write: what it carries, every try with its answer, and what to do when it failed."""
    row = _seen(request, number)
    sight = sight_of(request.user)
    error = by_code(row.error_code) if row.error_code else None
    quoted = personal(row.values, *Person.objects.filter(pk=row.subject_id).values_list("values", flat=True))
    run = SyncRun.objects.filter(cause_id=row.cause_id).first()
    context = {
        "line": _line(row, _names([row], sight)),
        "delivery": row,
        "tries": [
            (one, sentence_of(one.outcome) if one.outcome != "ok" else "", sight.answer(one.detail, quoted))
            for one in Attempt.objects.filter(delivery=row).order_by("-number", "-pk")
        ],
        "values": [(str(GROUPS.get(key) or field_label(key)), _carried(key, value, sight)) for key, value in row.values.items()],
        "differences": differences(row.read_back, sight),
        "unshown": unshown(row.read_back),
        "is_absent": bool(row.read_back and row.read_back.get("absent")),
        "is_never_shown": is_never_shown(row),
        "error": error,
        "detail": sight.answer(row.error_detail, quoted),
        "next_step": _(error.next_step) if error and error.next_step else "",
        "run_href": first_address(("run", "admin:syncjobs_syncrun_change"), run.pk) if run else "",
        "person_href": reverse("person", args=[row.subject_id]),
        "first": row.waits_for,
        "waiting": [(one, operation_word(one.operation)) for one in _held_for(row)],
        "may_act": request.user.has_perm("integrations.retry_delivery"),
        "may_give_up": row.state in GIVEN_UP_FROM,
    }
    return page(request, "integrations/outbound/delivery.html", context, title=_("A write"), section="deliveries")


def _held_for(row: Delivery) -> QuerySet[Delivery]:
    return Delivery.objects.filter(waits_for=row, state=DeliveryState.HELD).order_by("pk")[:WAITING_SHOWN]


def _carried(key: str, value: Any, sight: Sight) -> str:
    """One value of a write. Fields are the other system's: without the right to personal data each is masked."""
    if isinstance(value, list):
        return ", ".join(str(sight.value(str(one))) for one in value)
    return words(key, value if isinstance(value, bool) else sight.value(value), sight)


def _seen(request: HttpRequest, number: int) -> Delivery:
    rows = scoped_for(request.user, Delivery.objects.select_related("connector", "cause", "waits_for"))
    found: Delivery = get_object_or_404(rows, pk=number)
    return found


@screen("integrations.view_delivery")
def act(request: HttpRequest, number: int, verb: str) -> HttpResponse:
    """Send one write again, or give it up: preview, reason, button."""
    row = _seen(request, number)
    if verb not in ("retry", "give-up"):
        raise Http404
    decision = RetryDeliveries(request.user, [row.pk]) if verb == "retry" else GiveUpDelivery(request.user, row)  # type: ignore[arg-type]
    return decide(request, decision, back=reverse("delivery", args=[row.pk]), section="deliveries")


@screen("integrations.view_delivery")
def retry_failed(request: HttpRequest) -> HttpResponse:
    """Send everything that failed again, in one system or all."""
    chosen = request.GET.get("connector", "")
    connector = Connector.objects.filter(pk=chosen[:9]).first() if chosen.isdecimal() else None
    return decide(request, RetryDeliveries(request.user, None, connector), back=reverse("deliveries"), section="deliveries")  # type: ignore[arg-type]
