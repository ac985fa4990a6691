"""One person: why the account is as it is, what we know and from whom, which accounts and records, and what happened."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from typing import Any

from django.db.models import Count, Q
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404
from django.template.response import TemplateResponse
from django.urls import reverse
from django.utils.dateparse import parse_datetime
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from config import clock
from config.admin_screens import page, screen
from config.decision_page import decide
from config.navigation import first_address
from config.parts.misread import misread
from config.parts.shapes import Filter, Moment, Text
from config.roles.masking import Sight, sight_of
from config.roles.scopes import scoped_for
from config.say import said
from config.vocabulary import word
from identity.cases.models import Case, CaseState
from identity.organisation.lines import line_word
from identity.organisation.models import ReportingLine
from identity.people.models import Link, Person
from integrations.canonical import BY_KEY
from integrations.connectors.models import Connector, ConnectorState
from integrations.mapping.pages.overview import stream_label
from integrations.outbound.models import Delivery, DeliveryState
from syncjobs.explain.absence import absences, set_aside
from syncjobs.explain.account import Held, Situation, paragraph
from syncjobs.explain.first_day import FirstDay, in_words, measured
from syncjobs.explain.late_start import reasons
from syncjobs.explain.lineage import FRONT, Lineage, facts, lineage
from syncjobs.explain.rehearse import Step, rehearse
from syncjobs.explain.stopped import REFUSED, Stopped, stopped
from syncjobs.explain.suggestions import Suggested, Suggestions, suggestions
from syncjobs.explain.timeline import KINDS, Wanted, decided, timeline
from syncjobs.explain.values import label, personal, unit_names, words
from syncjobs.pages.read_back import differences, standing, unshown
from syncjobs.plans.decisions import TakeSuggestion
from syncjobs.plans.fields import FIELDS, OPEN_FIELDS
from syncjobs.plans.models import WaitingChange
from syncjobs.plans.routes import NIGHTLY
from syncjobs.runs.decisions import SyncPerson

KIND_NAMES: dict[str, Text] = {
    "facts": gettext_lazy("facts"),
    "links": gettext_lazy("joined records"),
    "deliveries": gettext_lazy("writes"),
    "cases": gettext_lazy("questions"),
    "decisions": gettext_lazy("decisions"),
}


@dataclass(slots=True)
class View:
    """What the page of one person needs, read once: a constant number of queries."""

    person: Person
    sight: Sight
    links: list[Link] = field(default_factory=list)
    lines: list[ReportingLine] = field(default_factory=list)
    questions: list[Case] = field(default_factory=list)
    targets: list[Connector] = field(default_factory=list)
    on_the_way: dict[str, int] = field(default_factory=dict)
    verified: dict[int, datetime] = field(default_factory=dict)
    suggestions: Suggestions = field(default_factory=Suggestions)
    put_off: dict[int, WaitingChange] = field(default_factory=dict)  # by target: fields that differ and wait for their hour
    first_days: dict[int, tuple[FirstDay, str]] = field(default_factory=dict)  # by target: when its account was ready, and in words
    readings: dict[int, list[dict[str, Any]]] = field(default_factory=dict)  # of each target, what reading back showed, newest first

    @property
    def name(self) -> str:
        return self.sight.name(self.person.display_name) or self.person.public_id

    def said(self, stored: str) -> str:
        """A kept sentence about this person, with what it quotes masked like the values themselves."""
        return self.sight.said(
            stored, personal({"name": self.person.display_name}, self.person.values, *(link.record.values for link in self.links))
        )

    @property
    def accounts(self) -> list[Link]:
        return [link for link in self.links if link.record.connector.is_target]

    @property
    def records(self) -> list[Link]:
        return [link for link in self.links if not link.record.connector.is_target]


def seen_person(request: HttpRequest, number: int) -> Person:
    """The person, if this reader may see them."""
    rows = scoped_for(request.user, Person.objects.select_related("manager"))
    found: Person = get_object_or_404(rows, pk=number)
    return found


def view_of(person: Person, sight: Sight) -> View:
    links = Link.objects.filter(person=person, until=None).select_related("record__connector", "cause__actor")
    written = Delivery.objects.filter(subject_id=person.pk)
    lines = ReportingLine.objects.filter(person=person).select_related("manager", "record__connector")
    open_cases = Case.objects.filter(candidates__person=person, state__in=(CaseState.OPEN, CaseState.DEFERRED)).select_related("record")
    was_read = ~Q(verified_at=None) | Q(read_back__isnull=False)
    read = written.filter(was_read).order_by("-pk").values_list("connector_id", "verified_at", "read_back")
    found = View(person, sight)
    found.links = sorted(links, key=lambda link: (link.record.connector.is_target, link.record.connector.rank, link.since), reverse=False)
    found.lines = sorted(lines, key=lambda line: (not line.is_primary, line.record.connector.rank, line.pk))
    found.questions = list(open_cases)
    found.targets = list(Connector.objects.filter(is_target=True).exclude(state=ConnectorState.DISABLED))
    found.on_the_way = written.aggregate(
        waiting=Count("id", filter=Q(state__in=(DeliveryState.PENDING, DeliveryState.SENDING, DeliveryState.HELD))),
        failed=Count("id", filter=Q(state=DeliveryState.DEAD)),
    )
    found.first_days = _first_days(found)
    found.suggestions = suggestions(person, found.links)
    found.put_off = {one.target_id: one for one in WaitingChange.objects.filter(person=person)}
    for connector, at, reading in read[:200]:
        found.readings.setdefault(connector, []).append(reading or {})
        if at is not None:
            found.verified[connector] = max(at, found.verified.get(connector, at))
    return found


def _first_days(view: View) -> dict[int, tuple[FirstDay, str]]:
    """By target; nothing for a reader who may not see days: how far from one an account was ready tells it."""
    if not view.sight.is_full:
        return {}
    now = clock.now()
    days = measured([view.person], now)
    why = reasons(days)
    told = ((day, in_words(day, now), why.get((day.person.pk, day.target_id), "")) for day in days)
    return {day.target_id: (day, f"{how}: {reason}" if reason else how) for day, how, reason in told}


@screen("identity.view_person")
def person(request: HttpRequest, number: int) -> HttpResponse:
    found = seen_person(request, number)
    view = view_of(found, sight_of(request.user))
    filters = _filters(request, view)
    wrong = misread(filters)
    moments, earlier = ([], None) if wrong else timeline(_wanted(request, view), view.sight)
    known = facts(found, view.links, view.sight, view.suggestions.sources)
    context = {
        "view": view,
        "person": found,
        "why": paragraph(situation(view)),
        "manager_name": view.sight.name(found.manager.display_name) if found.manager else "",
        "facts": [known[key] for key in FRONT if key in known],
        "more_facts": [one for key, one in known.items() if key not in FRONT],
        "accounts": [_account(link, view) for link in view.accounts],
        "missing": [(target, view.first_days.get(target.pk, (None, ""))[1]) for target in _missing(view)],
        "records": [(link, view.said(link.evidence)) for link in view.records],
        "lines": [_line(line, view.sight) for line in view.lines],
        "moments": moments,
        "earlier": earlier.isoformat() if earlier else "",
        "filters": filters,
        "kept": {key: request.GET.get(key, "") for key in ("kind", "system")},
        "may_sync": request.user.has_perm("syncjobs.start_run") and view.records,
    }
    return page(request, "identity/person.html", context, title=_("Person"), section="people", status=400 if wrong else 200)


def situation(view: View) -> Situation:
    """The facts that the paragraph is made of."""
    lead = _lead(view)
    led = [line for line in view.lines if lead and line.record_id == lead.record_id]
    primary = next((line for line in view.lines if line.is_primary), None)
    values = view.person.values
    return Situation(
        name=view.name,
        standing=view.person.standing,
        source=lead.record.connector.name if lead else "",
        hired_on=_day(values.get("hire_on")),
        leaves_on=_day(values.get("termination_on") or values.get("last_day_on")),
        accounts=[
            Held(link.record.connector.name, bool(link.record.values.get("suspended")), view.verified.get(link.record.connector_id))
            for link in view.accounts
        ],
        missing=absences(view.person, _missing(view), lead, view.questions),
        set_aside=set_aside(view.records),
        managers=len(view.lines),
        primary=view.sight.name(primary.manager.display_name) if primary and primary.manager else "",
        why_primary=view.said(_why_primary(led, primary)),
        waiting=view.on_the_way["waiting"],
        failed=view.on_the_way["failed"],
        other_sources=list(dict.fromkeys(link.record.connector.name for link in view.records if link is not lead)),
        next_change_at=view.person.next_change_at,
        today=clock.today(),
        has_days=view.sight.is_full,
    )


def _why_primary(led: Sequence[ReportingLine], primary: ReportingLine | None) -> str:
    """The rule's reason; empty where the primary manager's own record has not arrived: then that is the reason."""
    if primary is not None:
        return primary.why if primary.manager_id else ""
    return next((line.why for line in led if line.why), "")


def _lead(view: View) -> Link | None:
    said = view.person.sources.get("*")
    return next((link for link in view.records if said and link.record_id == said[0]), next(iter(view.records), None))


def _day(text: Any) -> date | None:
    try:
        return date.fromisoformat(str(text)) if text else None
    except ValueError:
        return None


def _missing(view: View) -> list[Connector]:
    held = {link.record.connector_id for link in view.accounts}
    return [target for target in view.targets if target.pk not in held]


def _account(link: Link, view: View) -> dict[str, Any]:
    values = link.record.values
    readings = view.readings.get(link.record.connector_id, [])
    differs, hidden = standing(readings, values)
    return {
        "link": link,
        "is_suspended": bool(values.get("suspended")),
        "login": view.sight.value(values.get("username") or ""),
        "verified_at": view.verified.get(link.record.connector_id),
        "differences": differences({"differs": differs}, view.sight),
        "unshown": unshown({"unshown": hidden}),
        "suggested": [_suggested(one, view.sight) for one in view.suggestions.targets.get(link.record.connector_id, ())],
        "put_off": _put_off(view.put_off.get(link.record.connector_id)),
        "first_day": view.first_days.get(link.record.connector_id, (None, ""))[1],
        "is_absent": bool(readings and readings[0].get("absent")),
    }


def _suggested(one: Suggested, sight: Sight) -> dict[str, Any]:
    is_open = one.field in OPEN_FIELDS
    held, wanted = (one.held if is_open else sight.value(one.held)), (one.wanted if is_open else sight.value(one.wanted))
    name = said(FIELDS[one.field]) if one.field in FIELDS else label(one.field)
    return {"field": one.field, "name": name, "held": held or _("nothing"), "wanted": wanted}


def _put_off(one: WaitingChange | None) -> dict[str, Any] | None:
    """What waits and until when: “tonight”, where that is the next one."""
    if one is None:
        return None
    fields = ", ".join(said(FIELDS[key]) if key in FIELDS else label(key) for key in one.fields)
    is_tonight = one.route == NIGHTLY and one.due_at - clock.now() <= timedelta(days=1)
    return {"fields": fields, "due_at": one.due_at, "is_tonight": is_tonight}


def _line(line: ReportingLine, sight: Sight) -> dict[str, Any]:
    name = sight.name(line.manager.display_name) if line.manager else ""
    return {"line": line, "manager": name, "kind": said(line_word(line.line_type)), "why": sight.said(line.why)}


def _wanted(request: HttpRequest, view: View) -> Wanted:
    kind, system = request.GET.get("kind", ""), request.GET.get("system", "")
    try:
        before = parse_datetime(request.GET.get("earlier", ""))
    except ValueError:
        before = None
    number = int(system) if system.isdecimal() and len(system) < 10 else 0
    days = [_moment(day, told) for target, (day, told) in view.first_days.items() if number in (0, target) and day.begins <= clock.now()]
    return Wanted(view.person, kind if kind in KINDS else "", number, before if before and before.tzinfo else None, days)


def _moment(day: FirstDay, told: str) -> Moment:
    title = _("Day one begins (%(zone)s)") % {"zone": day.zone}
    return Moment(day.begins, title, note=f"{day.system}: {told}", tone="warn" if day.is_behind else "ok")


def _filters(request: HttpRequest, view: View) -> list[Filter]:
    system = request.GET.get("system", "")
    systems = {str(link.record.connector_id): link.record.connector.name for link in view.links}
    if system not in systems and system.isdecimal() and (former := Connector.objects.filter(pk=system[:9]).first()):
        systems[system] = former.name
    return [
        Filter("kind", _("What"), request.GET.get("kind", ""), (("", _("everything")), *((kind, KIND_NAMES[kind]) for kind in KINDS))),
        Filter("system", _("System"), system, (("", _("all")), *systems.items())),
    ]


@screen("identity.view_person")
def fact(request: HttpRequest, number: int, key: str) -> HttpResponse:
    """The way of one value: record, version, mapping row, value map, run."""
    found = seen_person(request, number)
    sight = sight_of(request.user)
    if key not in BY_KEY or found.values.get(key) in (None, "", []):
        raise Http404
    way = lineage(found, key)
    units = unit_names([found.values])
    context = {
        "person": found,
        "name": sight.name(found.display_name) or found.public_id,
        "label": label(key),
        "value": words(key, found.values[key], sight, units),
        "way": way,
        "stream": stream_label(way.record.connector.vendor, way.record.stream) if way else "",
        "steps": _steps(way, key, sight) if way else (),
        "raw": _shown(key, way.walked.raw, sight) if way and way.walked else "",
        "run_href": first_address(("run", "admin:syncjobs_syncrun_change"), way.run.pk) if way and way.run else "",
        "mapping_href": first_address(("mapping-edit",), way.record.connector.key, way.record.stream) if way else "",
    }
    return page(request, "identity/fact.html", context, title=_("Why this value"), section="people")


def _steps(way: Lineage, key: str, sight: Sight) -> Sequence[tuple[str, str]]:
    return [(spec, _shown(key, value, sight)) for spec, value in way.walked.steps] if way.walked else ()


def _shown(key: str, value: Any, sight: Sight) -> str:
    """A value on its way, before it is what the attribute promises: shown as it is, masked like the attribute."""
    if value is None:
        return ""
    if sight.is_full or not BY_KEY[key].personal:
        return str(value)
    return str(sight.value(str(value), BY_KEY[key].type if BY_KEY[key].type == "email" else "text"))


@screen("syncjobs.start_run")
def sync_person(request: HttpRequest, number: int) -> HttpResponse:
    """What a sync of this person would do now, step by step; the button does it."""
    found = seen_person(request, number)
    sight = sight_of(request.user)
    decision = SyncPerson(request.user, found)  # type: ignore[arg-type]
    standing = [one for one in stopped(found.pk) if one.state == REFUSED and one.is_standing]
    steps = rehearse(found, sight) if standing or request.method != "POST" else []
    refused = _asked_again(standing, steps)
    decision.asks_reason = bool(refused)  # somebody said no to the same: whoever asks again says why
    back = reverse("person", args=[found.pk])
    quoted = personal({"name": found.display_name}, found.values)
    context = {
        "steps": steps,
        "name": sight.name(found.display_name) or found.public_id,
        "refused": [(one.system, word("change", one.kind).label, decided(one, sight, quoted)) for one in refused],
    }
    answer = decide(request, decision, back=back, section="people", context=context)
    if isinstance(answer, TemplateResponse) and steps:
        answer.template_name = "identity/person_sync.html"
    started = getattr(decision, "started", None)
    if started is not None:
        answer["Location"] = first_address(("run",), started.pk) or back
    return answer


def _asked_again(standing: Sequence[Stopped], steps: Sequence[Step]) -> list[Stopped]:
    """What this rehearsal would ask for although somebody refused it, each once; the newest refusal of it."""
    again: dict[tuple[int, str], Stopped] = {}
    for one in standing:
        if any(step.target_id == one.target_id and one.asks_for(step.kind, step.after) for step in steps):
            again.setdefault((one.target_id, one.kind), one)
    return list(again.values())


@screen("syncjobs.start_run")
def take_suggestion(request: HttpRequest, number: int, key: str, field: str) -> HttpResponse:
    """Write into one account what its row only suggests. 404 where nothing is suggested."""
    found = seen_person(request, number)
    target = get_object_or_404(Connector, key=key, is_target=True)
    links = list(Link.objects.filter(person=found, until=None).select_related("record__connector"))
    if field not in {one.field for one in suggestions(found, links).targets.get(target.pk, ())}:
        raise Http404(field)
    decision, back = TakeSuggestion(request.user, target, field, found), reverse("person", args=[found.pk])  # type: ignore[arg-type]
    answer = decide(request, decision, back=back, section="people")
    if decision.started:
        answer["Location"] = first_address(("run",), decision.started[0].pk) or back
    return answer
