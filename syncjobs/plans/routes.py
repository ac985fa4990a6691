"""Which changes of an account can wait, and until when (row 49). Pure: fields, routes and an instant in, an instant out.

One rule: an account is written when the most pressing of its differences is due, and then with everything that differs. So only a change
made of nothing but fields that can wait does wait; people who come, go, return or are joined never do.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import UTC, datetime, time, timedelta
from zoneinfo import ZoneInfo

from config.sentences import Sentence, sentence

AT_ONCE, HOURLY, NIGHTLY = "at_once", "hourly", "nightly"
NIGHT_HOUR = 2  # where the organisation is, unless the target's policy says otherwise
PRESSING = (AT_ONCE, HOURLY, NIGHTLY)


def route_of(fields: Iterable[str], routes: Mapping[str, str]) -> str:
    """The most pressing route among these fields. One without a row of its own (groups, the manager) goes at once."""
    return min((routes.get(field, AT_ONCE) for field in fields), key=PRESSING.index, default=AT_ONCE)


def next_window(route: str, now: datetime, night_hour: int, zone: ZoneInfo) -> datetime:
    """The next full hour, or the next time it is `night_hour` in `zone`; in UTC and later than `now`."""
    if route == HOURLY:
        return now.replace(minute=0, second=0, microsecond=0) + timedelta(hours=1)
    today = now.astimezone(zone).date()
    nights = (datetime.combine(today + timedelta(days=days), time(night_hour), zone).astimezone(UTC) for days in (0, 1, 2))
    return next(night for night in nights if night > now)


def put_off(change: Sentence, route: str) -> Sentence:
    """The reason of a change that waits."""
    if route == HOURLY:
        return sentence("%(change)s; waits for the full hour", change=change)
    return sentence("%(change)s; waits for the night", change=change)
