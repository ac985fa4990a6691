"""What time it is. The only place that reads a clock; the sandbox may move it forward.

`now()` is an aware UTC instant. Rules never call it: they get the instant as a value.
"""

from __future__ import annotations

import time
from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from django.conf import settings
from django.db import transaction

_offset_read_at = 0.0
_offset = timedelta()
HOUR = timedelta(hours=1)
REREAD_SECONDS = 1.0  # how long a process may go on with the old day after the sandbox moved it


def now() -> datetime:
    """The current instant, UTC, plus what the sandbox added."""
    return datetime.now(UTC) + offset()


def monotonic() -> float:
    """Seconds for measuring how long something takes; no moment in time."""
    return time.monotonic()


def offset() -> timedelta:
    """How far the sandbox moved the clock; always zero in production."""
    global _offset, _offset_read_at
    if settings.PRODUCTION:
        return timedelta()
    if time.monotonic() - _offset_read_at > REREAD_SECONDS:
        _offset = _stored_offset()
        _offset_read_at = time.monotonic()
    return _offset


def _stored_offset() -> timedelta:
    from django.apps import apps
    from django.db import DatabaseError

    try:
        row = apps.get_model("config", "SandboxClock").objects.filter(pk=1).values_list("offset_seconds", flat=True).first()
    except (DatabaseError, RuntimeError):  # before the first migration, or in a test that may not touch the database
        return _offset
    return timedelta(seconds=row or 0)


def advance(by: timedelta) -> datetime:
    """Move the clock of this installation forward. Raises in production."""
    from django.apps import apps

    if settings.PRODUCTION:
        raise RuntimeError("the clock of a production installation cannot be moved")
    with transaction.atomic():
        row, _ = apps.get_model("config", "SandboxClock").objects.select_for_update().get_or_create(pk=1)
        row.offset_seconds += int(by.total_seconds())
        row.save()
    forget()
    return now()


def pin(offset: timedelta) -> None:
    """Keep this offset in this process without reading it again, until `forget`: for tests."""
    global _offset, _offset_read_at
    _offset, _offset_read_at = offset, float("inf")


def forget() -> None:
    """Read the offset again at the next call."""
    global _offset, _offset_read_at
    _offset, _offset_read_at = timedelta(), 0.0


def zone(name: str | None) -> ZoneInfo:
    """The zone called `name`, or the organisation's when it is empty or unknown."""
    try:
        return ZoneInfo(name or settings.ORGANISATION_ZONE)
    except (ZoneInfoNotFoundError, ValueError):
        return ZoneInfo(settings.ORGANISATION_ZONE)


def today(zone_name: str | None = None) -> date:
    """The date it is now in that zone."""
    return now().astimezone(zone(zone_name)).date()
