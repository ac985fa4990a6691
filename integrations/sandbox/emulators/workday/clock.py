"""The service's clock and how it writes days and moments: Pacific time, with the offset. Source: docs/vendors/workday.md §5."""

from __future__ import annotations

from datetime import date, datetime, time
from functools import lru_cache
from zoneinfo import ZoneInfo

ZONE = ZoneInfo("America/Los_Angeles")


@lru_cache(maxsize=8192)
def day(on: date | None) -> str:
    """2024-03-04-08:00; the offset is that of the day itself, so it changes with the season."""
    return "" if on is None else f"{on.isoformat()}{midnight(on).isoformat()[-6:]}"


@lru_cache(maxsize=8192)
def midnight(on: date) -> datetime:
    """When a day begins for this service: the effective moment of everything dated that day."""
    return datetime.combine(on, time(), ZONE)


def moment(at: datetime) -> str:
    """2026-05-20T06:00:00.123-07:00."""
    return at.astimezone(ZONE).isoformat(timespec="milliseconds")


def zoned(at: datetime) -> datetime:
    """A moment given without an offset is read on this clock."""
    return at if at.tzinfo else at.replace(tzinfo=ZONE)
