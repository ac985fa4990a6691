"""Questions that wait for a human answer: the queue, one case with its sides, and what an answer does."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, timedelta
from typing import Any

from django.contrib import messages
from django.core.exceptions import PermissionDenied, ValidationError
from django.db.models import Case as When
from django.db.models import IntegerField, Q, Value
from django.db.models import When as Is
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import get_object_or_404
from django.urls import reverse
from django.utils.dateparse import parse_date
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from config import clock
from config.admin_screens import page, screen
from config.decisions import Decision
from config.errors import PlanStale, RollcallError
from config.keyset import stretch
from config.navigation import first_address
from config.parts.misread import misread
from config.parts.shapes import Button, Chip, Consequence, Filter, Text, Weight
from config.roles.masking import Sight, sight_of
from config.roles.models import User
from config.roles.scopes import scoped_for
from config.say import said, told
from config.vocabulary import CASE, CASE_KIND
from identity.cases.models import Candidate, Case, CaseKind, CaseState
from identity.matching.decisions import DeferCase, KeepSeparate, LinkRecord, shares_a_name
from identity.organisation.decisions import ChoosePrimaryManager
from identity.people.models import Person
from syncjobs.explain.sides import Sides, sides_of
from syncjobs.guards.models import Hold, HoldState

OPEN = (CaseState.OPEN, CaseState.DEFERRED)
LATER_DAYS = 7
MOST_LATER_DAYS = 365  # a question put away for longer is forgotten, not deferred
HOLDS_SHOWN = 20


# ── the queue ───────────────────────────────────────────────────────────────────────────────────────


@screen("identity.view_case", "syncjobs.view_hold")
def decisions(request: HttpRequest) -> HttpResponse:
    """Held plans first (they stop everybody), then questions about single people, oldest first."""
    filters = _filters(request)
    wrong = misread(filters)
    seen = scoped_for(request.user, Case.objects.all())
    rows = seen.none() if wrong else _narrowed(seen, request)
    listed = stretch(request, rows.select_related("record__connector").prefetch_related("candidates__person"), ("opened_at", "id"))
    sight = sight_of(request.user)
    held = scoped_for(request.user, Hold.objects.filter(state=HoldState.OPEN)).select_related("run__connector").order_by("opened_at")
    holds = list(held[:HOLDS_SHOWN])
    waiting = scoped_for(request.user, Case.objects.filter(state=CaseState.OPEN)).count()
    context = {
        "cases": [_line(case, sight) for case in listed.rows],
        "holds": [_hold(hold) for hold in holds],
        "waiting": waiting,
        "may_see_questions": request.user.has_perm("identity.view_case"),
        "filters": filters,
        "is_narrowed": any(request.GET.get(key) for key in ("kind", "state")),
        "pager": listed.pager(ngettext("%(n)s question", "%(n)s questions", len(listed.rows)) % {"n": len(listed.rows)}),
    }
    return page(request, "identity/cases.html", context, title=_("Needs a decision"), section="decisions", status=400 if wrong else 200)


def _hold(hold: Hold) -> dict[str, Any]:
    return {"hold": hold, "sentence": said(hold.sentence), "href": first_address(("run", "admin:syncjobs_syncrun_change"), hold.run_id)}


def _narrowed(rows: Any, request: HttpRequest) -> Any:
    state = request.GET.get("state", "")
    rows = rows.filter(state=state) if state else rows.filter(state=CaseState.OPEN)
    if request.GET.get("kind"):
        rows = rows.filter(kind=request.GET["kind"])
    return rows


def _line(case: Case, sight: Sight) -> dict[str, Any]:
    people = [candidate.person for candidate in case.candidates.all()]
    question = asked(case.question, people, sight)
    names = [sight.name(person.display_name) or person.public_id for person in people]
    return {
        "case": case,
        "question": question,
        "waits": said(case.waits),
        "names": ", ".join(names),
        "is_named": all(name in question for name in names),  # saying it twice helps nobody
        "systems": case.record.connector.name,
    }


def asked(question: str, people: Sequence[Person], sight: Sight) -> str:
    """The question, with the names in it masked where the reader may not see them."""
    return sight.said(question, [person.display_name for person in people])


def _filters(request: HttpRequest) -> list[Filter]:
    kinds: tuple[tuple[str, Text], ...] = (("", _("all")), *((word.key, word.label) for word in CASE_KIND))
    known = {state.value for state in CaseState}
    states: tuple[tuple[str, Text], ...] = (
        ("", _("waiting now")),
        *((word.key, word.label) for word in CASE if word.key in known and word.key != "open"),
    )
    return [
        Filter("kind", _("About"), request.GET.get("kind", ""), kinds),
        Filter("state", _("State"), request.GET.get("state", "").removeprefix(CaseState.OPEN), states),
    ]


# ── one case ────────────────────────────────────────────────────────────────────────────────────────


@screen("identity.view_case")
def case(request: HttpRequest, number: int) -> HttpResponse:
    found = _seen(request, number)
    error = ""
    if request.method == "POST":
        try:
            return _answer(request, found)
        except ValidationError as wrong:
            error = " ".join(wrong.messages)
    sight = sight_of(request.user)
    sides = sides_of(found, sight)
    context = {
        "case": found,
        "is_open": found.state in OPEN,
        "waits": said(found.waits),
        "question": asked(found.question, [candidate.person for candidate in sides.candidates], sight),
        "sides": sides,
        "evidence": [(_candidate_name(one, sight), _weights(one, sight)) for one in sides.candidates],
        "people": [(_candidate_name(one, sight), one) for one in sides.candidates],
        "outcomes": _outcomes(request.user, found, sides, sight),
        "buttons": _buttons(request.user, found, sides, sight),
        "place": _place(request.user, found),
        "error": error,
        "reason": request.POST.get("reason", ""),
        "may_decide": request.user.has_perm("identity.decide_case"),
    }
    return page(request, "identity/case.html", context, title=_("A question"), section="decisions", status=400 if error else 200)


def _seen(request: HttpRequest, number: int) -> Case:
    rows = Case.objects.select_related("record__connector", "cause__actor")
    found: Case = get_object_or_404(scoped_for(request.user, rows), pk=number)
    return found


def _candidate_name(candidate: Candidate, sight: Sight) -> str:
    return sight.name(candidate.person.display_name) or candidate.person.public_id


def _weights(candidate: Candidate, sight: Sight) -> list[Weight]:
    """A refusal of the learning system speaks for its account, and may be in its own words."""
    return [Weight(sight.answer(text), speaks_for=sign == "+") for sign, text in candidate.evidence]


def _answers(user: Any, found: Case, sides: Sides) -> list[tuple[str, Decision, Candidate | None]]:
    """Every possible answer: the button's value, the decision, and which candidate it names."""
    if found.kind == CaseKind.MANAGER_TIE:
        person = sides.candidates[0].person if sides.candidates else None
        managers = sides.managers if person else []
        return [(f"manager:{manager.pk}", ChoosePrimaryManager(user, found, person, manager), None) for manager in managers if person]
    same: list[tuple[str, Decision, Candidate | None]] = [
        (f"same:{one.person_id}", LinkRecord(user, found, one.person), one) for one in sides.candidates
    ]
    return [*same, ("new", KeepSeparate(user, found), None)]


def _buttons(user: Any, found: Case, sides: Sides, sight: Sight) -> list[Button]:
    """One button an answer. Several candidates are told apart by name; the first has the key."""
    keys = iter("mxyz")
    buttons = []
    for value, decision, candidate in _answers(user, found, sides):
        if value == "new":
            buttons.append(Button(_("Somebody new") if not found.record.connector.is_target else _("Somebody else"), value, key="n"))
            continue
        name = sight.name(decision.manager.display_name) if isinstance(decision, ChoosePrimaryManager) else ""
        if candidate is not None and len(sides.candidates) > 1:
            name = _candidate_name(candidate, sight)
        label = (
            _("Primary: %(name)s") % {"name": name}
            if not candidate
            else _("Same person: %(name)s") % {"name": name}
            if name
            else _("Same person")
        )
        buttons.append(Button(label, value, "go" if not buttons else "", next(keys, "")))
    return [*buttons, Button(_("Later…"), key="l", href=reverse("case-later", args=[found.pk]))]


def _outcomes(user: Any, found: Case, sides: Sides, sight: Sight) -> list[tuple[str, list[Consequence]]]:
    """What each answer would do, before it is given."""
    shown = []
    for value, decision, candidate in _answers(user, found, sides):
        if candidate is not None:
            heading = _("If it is %(name)s") % {"name": _candidate_name(candidate, sight)}
        elif isinstance(decision, ChoosePrimaryManager):
            heading = _("If %(name)s is the primary manager") % {"name": sight.name(decision.manager.display_name)}
        else:
            heading = _("If it is somebody else") if found.record.connector.is_target else _("If it is somebody new")
        names = [one.person.display_name for one in sides.candidates]
        sign, tone = ("=", "ok") if value != "new" else ("+", "info")
        shown.append((heading, [Consequence(Chip("", tone, sign), sight.said(line, names)) for line in decision.preview().sentences]))
    return shown


def _place(user: User | Any, found: Case) -> str:
    """“2 of 7”: where this case stands in the queue of open ones."""
    if found.state != CaseState.OPEN:
        return ""
    queue = scoped_for(user, Case.objects.filter(state=CaseState.OPEN))
    before = queue.filter(Q(opened_at__lt=found.opened_at) | Q(opened_at=found.opened_at, pk__lte=found.pk)).count()
    return _("%(place)s of %(all)s") % {"place": before, "all": queue.count()}


# ── the answer ──────────────────────────────────────────────────────────────────────────────────────


def _answer(request: HttpRequest, found: Case) -> HttpResponse:
    """Carry the answer out and go on to the next question. Raises ValidationError for what the page must say."""
    sides = sides_of(found, sight_of(request.user))
    chosen = next((decision for value, decision, _one in _answers(request.user, found, sides) if value == request.POST.get("answer")), None)
    if chosen is None:
        raise ValidationError(_("Choose one of the answers."))
    return _carried_out(request, found, chosen)


def _carried_out(request: HttpRequest, found: Case, chosen: Decision) -> HttpResponse:
    if not request.user.has_perm(chosen.permission):
        raise PermissionDenied
    following = _next(request.user, found)
    is_blocked = isinstance(chosen, KeepSeparate) and found.record.connector.is_target and shares_a_name(found)
    try:
        chosen.execute(request.POST.get("reason", ""))
    except PlanStale:
        messages.error(request, _("Somebody answered this question in the meantime; that answer stands."))
        return HttpResponseRedirect(reverse("case", args=[found.pk]))
    except RollcallError as known:
        messages.error(request, told(known))
        return HttpResponseRedirect(reverse("case", args=[found.pk]))
    messages.success(
        request,
        _("Answered: %(answer)s.") % {"answer": chosen.label} + (" " + _("This is the next question.") if following else ""),
    )
    if is_blocked:
        text = _("No account can be made yet: somebody else has the name in %(system)s. It stands under “Deliveries”, with what to do.")
        messages.warning(request, text % {"system": found.record.connector.name})
    return HttpResponseRedirect(reverse("case", args=[following]) if following else reverse("decisions"))


def _next(user: Any, found: Case) -> int | None:
    """The next open case after this one, or the oldest of all; None when this was the last."""
    queue = scoped_for(user, Case.objects.filter(state=CaseState.OPEN)).exclude(pk=found.pk)
    is_later = Q(opened_at__gt=found.opened_at) | Q(opened_at=found.opened_at, pk__gt=found.pk)
    turn = When(Is(is_later, then=Value(0)), default=Value(1), output_field=IntegerField())
    number: int | None = queue.order_by(turn, "opened_at", "pk").values_list("pk", flat=True).first()
    return number


@screen("identity.decide_case")
def later(request: HttpRequest, number: int) -> HttpResponse:
    """Put the case away until a day."""
    found = _seen(request, number)
    until = parse_date(request.POST.get("until", "")) if _is_date(request.POST.get("until", "")) else None
    error = ""
    if request.method == "POST":
        try:
            if until is None or until <= clock.today():
                raise ValidationError(_("Choose a day after today."))
            if until > _latest():
                raise ValidationError(_("Choose a day within a year."))
            return _carried_out(request, found, DeferCase(request.user, found, until))  # type: ignore[arg-type]
        except ValidationError as wrong:
            error = " ".join(wrong.messages)
    context = {
        "case": found,
        "error": error,
        "until": until or clock.today() + timedelta(days=LATER_DAYS),
        "earliest": clock.today() + timedelta(days=1),
        "latest": _latest(),
        "reason": request.POST.get("reason", ""),
    }
    return page(request, "identity/case_later.html", context, title=_("Answer later"), section="decisions", status=400 if error else 200)


def _latest() -> date:
    return clock.today() + timedelta(days=MOST_LATER_DAYS)


def _is_date(text: str) -> bool:
    try:
        date.fromisoformat(text)
    except ValueError:
        return False
    return True
