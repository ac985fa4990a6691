"""When to try again: a schedule, a little jitter, and what the other side asked for. Pure: no clock, no sleeping.

A wait is a due time in a row, never a pause inside a call.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from email.utils import parsedate_to_datetime

# After nine failures over three days a person has to look: the endpoints we deliver to are mended within a working day or not at all.
SCHEDULE: tuple[timedelta, ...] = (
    timedelta(seconds=5),
    timedelta(minutes=5),
    timedelta(minutes=30),
    timedelta(hours=2),
    timedelta(hours=5),
    timedelta(hours=10),
    timedelta(hours=14),
    timedelta(hours=20),
    timedelta(hours=24),
)
JITTER_SHARE = 0.2  # of the wait, either way, so that a thousand failures of one minute do not come back in one second
LONGEST_RETRY_AFTER = timedelta(hours=6)  # a wrong clock or a careless header must not park a delivery for a year
LONGEST_SECONDS_READ = 366 * 24 * 3600  # more is no number of seconds, but a moment or a mistake
SHORTEST_RETRY_AFTER = timedelta(seconds=1)


def next_try(
    attempt: int,
    now: datetime,
    retry_after: datetime | None = None,
    schedule: Sequence[timedelta] = SCHEDULE,
    jitter: float = 0.0,
) -> datetime | None:
    """When try number `attempt` (from 1) has failed at `now`: the moment of the next one, None when it was the last.

    `retry_after` is the moment the other side named (`error.retry_at`); it takes the place of the schedule's step,
    is never undercut and counts for six hours at most. `jitter` in −1…1 is drawn by the caller.
    """
    if not 1 <= attempt <= len(schedule):
        return None
    if retry_after is not None:
        wait = min(max(retry_after - now, SHORTEST_RETRY_AFTER), LONGEST_RETRY_AFTER)
        return now + wait * (1 + JITTER_SHARE * abs(jitter))
    return now + schedule[attempt - 1] * (1 + JITTER_SHARE * max(-1.0, min(1.0, jitter)))


def parse_retry_after(value: str | None, now: datetime) -> datetime | None:
    """The moment (UTC) a `Retry-After` header means: seconds or an HTTP date. None when there is none or it is nonsense.

    A date in the past comes back as `now`. Source: RFC 9110 §10.2.3.
    """
    text = (value or "").strip()
    if not text:
        return None
    if text.replace(".", "", 1).lstrip("-").isdecimal():
        seconds = max(0.0, float(text))
        return now + timedelta(seconds=seconds) if seconds <= LONGEST_SECONDS_READ else None
    try:
        moment = parsedate_to_datetime(text)
    except (ValueError, TypeError, IndexError):
        return None
    if moment.tzinfo is None:  # "-0000" parses as naive and means UTC
        moment = moment.replace(tzinfo=UTC)
    return max(moment.astimezone(UTC), now)
