"""Was the account ready on day one? Measured against midnight where the person works. Pure: moments in, an answer out."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import date, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from identity.lifecycle.state import midnight

GRACE = timedelta(hours=6)  # nobody sits down to learn before six in the morning: an account made at midnight is there in time
EARLY, IN_TIME, LATE, MISSING, NOT_YET = "early", "in_time", "late", "missing", "not_yet"


def first_day(values: Mapping[str, Any], zone: ZoneInfo) -> tuple[date, datetime] | None:
    """The day somebody starts, and the instant (UTC) at which it begins there; None without a date."""
    text = values.get("hire_on")
    if not text:
        return None
    day = date.fromisoformat(text)
    return day, midnight(day, zone)


def opened_for(begins: datetime, moves: Iterable[tuple[datetime, bool]]) -> datetime | None:
    """Since when the account was open for the day that `begins`; None while it is not.

    `moves` are (confirmed at, is open from then on) in any order. What was closed again before the day (an earlier employment) does not
    count; what was closed after it was open on the day (a leaver since) does not take it away.
    """
    opened: datetime | None = None
    for at, is_open in sorted(moves):
        if is_open:
            opened = opened or at
        elif opened is None or at <= begins:
            opened = None
    return opened


def readiness(begins: datetime, ready_at: datetime | None, now: datetime) -> str:
    """early (before the day began), in_time (by six that morning), late, missing (six has passed), not_yet."""
    if ready_at is None:
        return MISSING if now > begins + GRACE else NOT_YET
    if ready_at <= begins:
        return EARLY
    return IN_TIME if ready_at <= begins + GRACE else LATE
