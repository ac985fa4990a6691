"""What made an account late for a first day: the source, a question, a plan that waited, or the learning system."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Sequence
from datetime import datetime

from django.utils.translation import gettext as _

from config.errors import by_code
from config.templatetags.rollcall import lasting
from identity.cases.models import Case, CaseState
from identity.lifecycle.joiner import GRACE
from integrations.outbound.models import Delivery, DeliveryState
from syncjobs.explain.first_day import FirstDay
from syncjobs.plans.models import ChangeKind, ChangeState, PlannedChange, PlanState

OPENS = (ChangeKind.CREATE, ChangeKind.REACTIVATE, ChangeKind.LINK)


def reasons(days: Sequence[FirstDay], *, has_days: bool = True) -> dict[tuple[int, int], str]:
    """(person, target) → what made it late, as far as the tables tell. Three queries at most, none where nobody is behind.

    Without `has_days` no span is in it, for readers who may not see days: how far from one something happened tells it.
    """
    behind = [day for day in days if day.is_behind]
    if not behind:
        return {}
    people = [day.person.pk for day in behind]
    questions = _questions(people)
    plans, writes = _plans(people), _writes(people)
    found: dict[tuple[int, int], str] = {}
    for day in behind:
        place = (day.person.pk, day.target_id)
        found[place] = (
            (_told_late(day, has_days) if day.is_told_late else "")
            or _by_question(day, questions.get(day.person.pk, ()), has_days)
            or _by_plan(day, plans.get(place, ()), has_days)
            or _by_write(writes.get(place, ()))
            or _("nothing ran in time that planned it")
        )
    return found


def _told_late(day: FirstDay, has_days: bool) -> str:
    if not has_days:
        return _("the source named this day only after it had begun")
    return _("the source named this day only %(span)s after it had begun") % {"span": lasting(day.told_at - day.begins)}


def _questions(people: Sequence[int]) -> dict[int, list[tuple[str, datetime | None]]]:
    found: dict[int, list[tuple[str, datetime | None]]] = defaultdict(list)
    rows = Case.objects.filter(candidates__person_id__any=people).values_list("candidates__person_id", "state", "answered_at")
    for person, state, answered in rows:
        found[person].append((state, answered))
    return found


def _by_question(day: FirstDay, questions: Iterable[tuple[str, datetime | None]], has_days: bool) -> str:
    answered = [at for state, at in questions if at is not None and day.begins + GRACE < at <= (day.ready_at or at)]
    if any(state in (CaseState.OPEN, CaseState.DEFERRED) for state, _at in questions):
        return _("a question about this person waits for an answer")
    if answered and not has_days:
        return _("a question about this person was answered only after day one had begun")
    if answered:
        return _("a question about this person was answered %(span)s after day one began") % {"span": lasting(min(answered) - day.begins)}
    return ""


Change = tuple[str, str, datetime | None, datetime | None]  # state of the change, of its plan; when that was made, applied


def _plans(people: Sequence[int]) -> dict[tuple[int, int], list[Change]]:
    """The plans that were to open an account of these people."""
    rows = PlannedChange.objects.filter(person_id__any=people, target__isnull=False, kind__in=OPENS, plan__run__is_dry=False)
    found: dict[tuple[int, int], list[Change]] = defaultdict(list)
    columns = ("person_id", "target_id", "state", "plan__state", "plan__made_at", "plan__applied_at")
    for person, target, *change in rows.order_by("id").values_list(*columns):
        found[person, target].append((change[0], change[1], change[2], change[3]))
    return found


def _by_plan(day: FirstDay, changes: Iterable[Change], has_days: bool) -> str:
    limit = day.begins + GRACE
    for state, of_plan, made_at, applied_at in changes:
        if of_plan == PlanState.HELD:
            return _("its plan waits for approval")
        if state == ChangeState.REFUSED or of_plan == PlanState.REJECTED:
            return _("its plan was not approved")
        if of_plan == PlanState.LAPSED:
            return _("its plan lapsed, or was overtaken, before anybody decided")
        if made_at is not None and applied_at is not None and made_at <= limit < applied_at:
            if not has_days:
                return _("its plan was approved only after day one had begun")
            return _("its plan was approved %(span)s after day one began") % {"span": lasting(applied_at - day.begins)}
    return ""


def _writes(people: Sequence[int]) -> dict[tuple[int, int], list[tuple[str, int, str]]]:
    """State, tries and last error of the writes that were to open an account of these people."""
    rows = Delivery.objects.filter(subject_id__any=people, values__suspended=False).order_by("-id")
    found: dict[tuple[int, int], list[tuple[str, int, str]]] = defaultdict(list)
    for subject, connector, state, attempts, error in rows.values_list("subject_id", "connector_id", "state", "attempts", "error_code"):
        found[subject, connector].append((state, attempts, error))
    return found


def _by_write(writes: Iterable[tuple[str, int, str]]) -> str:
    for state, attempts, error in writes:
        if state == DeliveryState.DEAD:
            return _("the learning system did not take it: %(why)s") % {"why": _(by_code(error)().sentence).rstrip(".")}
        if state in (DeliveryState.PENDING, DeliveryState.SENDING):
            return _("it is on its way to the learning system")
        if state == DeliveryState.DELIVERED and attempts > 1:
            return _("the learning system took it at try %(n)s") % {"n": attempts}
    return ""
