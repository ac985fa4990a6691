"""Which entries of the trail: by time, actor, action and object. What they are together, in one line."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, time, timedelta
from typing import Any

from django.db.models import Count, Max, Min, QuerySet
from django.utils import timezone
from django.utils.dateparse import parse_date
from django.utils.translation import gettext as _

from config.audit.models import AuditEntry
from config.parts.misread import no_day

COUNTED = 10_000  # entries looked at for the summary; a trail of millions is not read through for one line
KEYS = ("from", "until", "actor", "action", "type", "object")


@dataclass(frozen=True, slots=True)
class Asked:
    """What was asked for, as it stands in the address. Days are whole days in the reader's zone; `action` may end in a full stop."""

    first_day: str = ""
    last_day: str = ""
    actor: str = ""
    action: str = ""
    object_type: str = ""
    object_id: str = ""

    @classmethod
    def of(cls, said: Any) -> Asked:
        return cls(*(said.get(key, "").strip()[:150] for key in KEYS))

    @property
    def is_anything(self) -> bool:
        return any((self.first_day, self.last_day, self.actor, self.action, self.object_type, self.object_id))

    @property
    def misread(self) -> list[str]:
        """What was written for a day and is none, in words that name the field. Then nothing is found: everything would be no answer."""
        days = ((_("From"), self.first_day), (_("Until"), self.last_day))
        return [no_day(name, text) for name, text in days if text and _midnight(text) is None]

    def as_dict(self) -> dict[str, str]:
        return dict(zip(KEYS, (self.first_day, self.last_day, self.actor, self.action, self.object_type, self.object_id), strict=True))


def found(asked: Asked) -> QuerySet[AuditEntry]:
    """The entries asked for, unordered; none where a day is none."""
    rows = AuditEntry.objects.all()
    if asked.misread:
        return rows.none()
    first, last = _midnight(asked.first_day), _midnight(asked.last_day)
    if first:
        rows = rows.filter(at__gte=first)
    if last:
        rows = rows.filter(at__lt=last + timedelta(days=1))
    if asked.actor:
        rows = rows.filter(actor=asked.actor)
    if asked.action:
        rows = rows.filter(action__startswith=asked.action) if asked.action.endswith(".") else rows.filter(action=asked.action)
    if asked.object_type:
        rows = rows.filter(object_type=asked.object_type)
    if asked.object_id:
        rows = rows.filter(object_id__iexact=asked.object_id)
    return rows


def _midnight(text: str) -> datetime | None:
    try:
        day = parse_date(text)
    except ValueError:
        return None
    return timezone.make_aware(datetime.combine(day, time())) if day else None


@dataclass(frozen=True, slots=True)
class Summary:
    """The newest COUNTED entries taken together. `has_more`: there are older ones that were not counted."""

    entries: int
    actors: int
    first_at: datetime | None
    last_at: datetime | None
    has_more: bool


def summary(rows: QuerySet[AuditEntry]) -> Summary:
    newest = rows.order_by("-seq")[: COUNTED + 1]
    said = newest.aggregate(entries=Count("seq"), actors=Count("actor", distinct=True), first=Min("at"), last=Max("at"))
    return Summary(min(said["entries"], COUNTED), said["actors"], said["first"], said["last"], said["entries"] > COUNTED)
