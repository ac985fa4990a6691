"""First days: when the account of a joiner was ready, against the beginning of that day where they work. What made it late: late_start.py.

Nothing is stored for it: the day is in the person's facts, an account is ready when the write that opened it was confirmed. A constant
number of queries, however many people.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta

from django.db.models import QuerySet, TextField
from django.db.models.fields.json import KeyTextTransform
from django.db.models.functions import Cast
from django.utils.translation import gettext as _

from config import clock
from config.templatetags.rollcall import lasting
from identity.lifecycle.joiner import EARLY, GRACE, IN_TIME, LATE, MISSING, NOT_YET, first_day, opened_for, readiness
from identity.people.models import FactSheet, Link, Person, Standing
from integrations.connectors.models import Connector, ConnectorState
from integrations.outbound.models import Delivery, DeliveryState
from syncjobs.plans.pilot import in_pilot

HIRE_ON = Cast(KeyTextTransform("hire_on", "values"), TextField())  # as the index person_first_day has it
SPAN = timedelta(days=30)  # how far back first days are looked at
WORST_FIRST = (MISSING, LATE, NOT_YET, IN_TIME, EARLY)
BEHIND = (MISSING, LATE)
FEWEST = 3  # people whose figures readers without personal data may see together


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
    """Who started lately, as a figure: of `all`, `ready` in time. `told_late` are counted apart. `latest`: how far the worst was behind,
    of those who were."""

    all: int = 0
    ready: int = 0
    missing: int = 0
    told_late: int = 0
    latest: timedelta | None = None

    @property
    def behind(self) -> int:
        return self.all - self.ready


def is_few(people: int) -> bool:
    """A figure over so few is somebody's own. Who may not see days is told that they are few instead."""
    return 0 < people < FEWEST


def starting(now: datetime, people: QuerySet[Person]) -> list[FirstDay]:
    """Those of `people` whose first day began within the last 30 days, per learning system, the worst first.

    Dates stand in the values: PostgreSQL has an index on this one, SQLite looks through the table.
    """
    first, last = (now - SPAN - timedelta(days=1)).date(), (now + timedelta(days=1)).date()  # a day is somebody's own: 26 h long at most
    hired = people.alias(hire_on=HIRE_ON).filter(hire_on__gte=first.isoformat(), hire_on__lte=last.isoformat())
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
