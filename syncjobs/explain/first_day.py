"""First days: when the account of a joiner was ready, against the beginning of that day where they work, and what made it late.

Nothing is stored for it: the day is in the person's facts, an account is ready when the write that opened it was confirmed. A constant
number of queries, however many people.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta

from django.db.models import QuerySet
from django.db.models.fields.json import KeyTextTransform
from django.utils.translation import gettext as _

from config import clock
from config.errors import by_code
from config.templatetags.rollcall import lasting
from identity.cases.models import Case, CaseState
from identity.lifecycle.joiner import EARLY, GRACE, IN_TIME, LATE, MISSING, NOT_YET, first_day, opened_for, readiness
from identity.people.models import FactSheet, Link, Person, Standing
from integrations.connectors.models import Connector, ConnectorState
from integrations.outbound.models import Delivery, DeliveryState
from syncjobs.plans.models import ChangeKind, ChangeState, PlannedChange, PlanState
from syncjobs.plans.pilot import in_pilot

SPAN = timedelta(days=30)  # how far back first days are looked at
WORST_FIRST = (MISSING, LATE, NOT_YET, IN_TIME, EARLY)
BEHIND = (MISSING, LATE)
OPENS = (ChangeKind.CREATE, ChangeKind.REACTIVATE, ChangeKind.LINK)


@dataclass(frozen=True, slots=True)
class FirstDay:
    """One joiner and one learning system. `told_at`: when a source first named this day; `was_there`: open before we ever wrote to it."""

    person: Person
    target_id: int
    system: str
    on: date
    zone: str
    begins: datetime
    told_at: datetime
    ready_at: datetime | None
    was_there: bool
    state: str

    @property
    def is_told_late(self) -> bool:
        """Nobody could have been in time: the day had begun when the source named it."""
        return self.told_at > self.begins + GRACE

    @property
    def is_behind(self) -> bool:
        return self.state in BEHIND


@dataclass(frozen=True, slots=True)
class Starters:
    """Who started lately, as a figure: of `all`, `ready` in time. `told_late` are counted apart. `latest`: how far behind the worst was."""

    all: int = 0
    ready: int = 0
    missing: int = 0
    told_late: int = 0
    latest: timedelta | None = None


def starting(now: datetime, people: QuerySet[Person]) -> list[FirstDay]:
    """Those of `people` whose first day began within the last 30 days, per learning system, the worst first.

    One look through the table, because dates stand in the values; whoever asks often keeps the answer.
    """
    first, last = (now - SPAN - timedelta(days=1)).date(), (now + timedelta(days=1)).date()  # a day is somebody's own: 26 h long at most
    hired = people.filter(values__hire_on__gte=first.isoformat(), values__hire_on__lte=last.isoformat())
    found = [day for day in measured(list(hired.exclude(standing=Standing.LEFT)), now) if now - SPAN <= day.begins <= now]
    return sorted(found, key=lambda day: (WORST_FIRST.index(day.state), -day.begins.timestamp(), day.person.pk))


def measured(people: Sequence[Person], now: datetime) -> list[FirstDay]:
    """One entry per person with a first day and learning system that should hold them. Four queries at most.

    Who had long been at work when a source first spoke of them is no joiner.
    """
    starts = {person.pk: start for person in people if (start := first_day(person.values, clock.zone(person.values.get("time_zone"))))}
    starts = {person.pk: starts[person.pk] for person in people if person.pk in starts and person.created_at < starts[person.pk][1] + SPAN}
    if not starts:
        return []
    connectors = Connector.objects.in_bulk()
    targets = [one for one in connectors.values() if one.is_target and one.state == ConnectorState.ACTIVE]
    links = Link.objects.filter(person_id__any=list(starts), until=None)
    columns = ("person_id", "record_id", "record__connector_id", KeyTextTransform("suspended", "record__values"))
    held: dict[int, dict[int, tuple[int, bool]]] = defaultdict(dict)  # person → record → its connector, closed there
    for person_id, record_id, connector_id, closed in links.values_list(*columns):
        held[person_id][record_id] = (connector_id, closed == "true")
    moves = _moves(starts)
    found = [
        _one(person, target, starts[person.pk], held[person.pk], moves[person.pk, target.pk], now)
        for person in people
        if person.pk in starts
        for target in targets
        if _is_expected(person, target, held[person.pk], connectors) or moves[person.pk, target.pk]
    ]
    return _told(found)


def _moves(people: Iterable[int]) -> defaultdict[tuple[int, int], list[tuple[datetime, bool]]]:
    """(person, target) → when it was confirmed that the account is open, or closed."""
    rows = Delivery.objects.filter(subject_id__any=list(people), state=DeliveryState.DELIVERED, values__has_key="suspended")
    moves: defaultdict[tuple[int, int], list[tuple[datetime, bool]]] = defaultdict(list)
    for subject, connector, at, closed in rows.values_list(
        "subject_id", "connector_id", "done_at", KeyTextTransform("suspended", "values")
    ):
        if at is not None:
            moves[subject, connector].append((at, closed != "true"))
    return moves


def _is_expected(person: Person, target: Connector, held: Mapping[int, tuple[int, bool]], connectors: Mapping[int, Connector]) -> bool:
    """In the pilot groups, as a plan sees it; or there already."""
    lead = held.get((person.sources.get("*") or [0])[0], (0, False))[0]
    asked = [target, *([connectors[lead]] if lead in connectors else [])]
    is_there = any(connector == target.pk for connector, _closed in held.values())
    return is_there or all(in_pilot(person.pk, person.values, one) for one in asked)


def _one(
    person: Person,
    target: Connector,
    start: tuple[date, datetime],
    held: Mapping[int, tuple[int, bool]],
    moves: Sequence[tuple[datetime, bool]],
    now: datetime,
) -> FirstDay:
    on, begins = start
    ready_at = opened_for(begins, moves)
    was_there = ready_at is None and any(connector == target.pk and not is_closed for connector, is_closed in held.values())
    state = EARLY if was_there else readiness(begins, ready_at, now)
    zone = str(clock.zone(person.values.get("time_zone")))
    return FirstDay(person, target.pk, target.name, on, zone, begins, person.created_at, ready_at, was_there, state)


def _told(days: Sequence[FirstDay]) -> list[FirstDay]:
    """With the moment at which the day was named, of those that are behind: dates are corrected, and people come back."""
    behind = {day.person.pk for day in days if day.is_behind}
    if not behind:
        return list(days)
    first: dict[tuple[int, str], datetime] = {}
    sheets = FactSheet.objects.filter(person_id__any=list(behind)).order_by("recorded_at")
    for person_id, hired, at in sheets.values_list("person_id", KeyTextTransform("hire_on", "values"), "recorded_at"):
        first.setdefault((person_id, hired), at)
    return [replace(day, told_at=first.get((day.person.pk, day.on.isoformat()), day.told_at)) if day.is_behind else day for day in days]


def starters(days: Sequence[FirstDay], now: datetime) -> Starters:
    """People, not accounts: somebody is ready when every learning system was. Who still has until six that morning is not counted yet."""
    worst: dict[int, FirstDay] = {}
    for day in sorted(days, key=lambda day: WORST_FIRST.index(day.state)):
        worst.setdefault(day.person.pk, day)
    settled = [day for day in worst.values() if day.state != NOT_YET]
    counted = [day for day in settled if not (day.is_behind and day.is_told_late)]
    behind = [(day.ready_at or now) - day.begins for day in counted if day.is_behind]
    return Starters(
        all=len(counted),
        ready=len(counted) - len(behind),
        missing=sum(day.state == MISSING for day in settled),
        told_late=len(settled) - len(counted),
        latest=max(behind, default=None),
    )


# ── in words ────────────────────────────────────────────────────────────────────────────────────────


def in_words(day: FirstDay, now: datetime) -> str:
    """“account ready 9 h before day one”."""
    if day.was_there:
        return _("the account was there already")
    if day.ready_at is not None and day.ready_at <= day.begins:
        return _("account ready %(span)s before day one") % {"span": lasting(day.begins - day.ready_at)}
    if day.ready_at is not None:
        return _("account ready %(span)s after day one began") % {"span": lasting(day.ready_at - day.begins)}
    if now < day.begins:
        return _("account not ready yet; day one begins in %(span)s") % {"span": lasting(day.begins - now)}
    return _("no open account, %(span)s after day one began") % {"span": lasting(now - day.begins)}


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
