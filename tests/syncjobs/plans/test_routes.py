"""Which changes can wait, and until when."""

from __future__ import annotations

from datetime import UTC, datetime
from zoneinfo import ZoneInfo

import pytest

from syncjobs.plans.routes import next_window, route_of

BERLIN = ZoneInfo("Europe/Berlin")
ROUTES = {"department": "nightly", "city": "hourly"}


@pytest.mark.parametrize(
    ("fields", "route"),
    [
        ({"department"}, "nightly"),
        ({"city"}, "hourly"),
        ({"department", "city"}, "hourly"),
        ({"department", "lastname"}, "at_once"),
        ({"department", "cohorts"}, "at_once"),  # groups open courses: they have no row, and never wait
        (set(), "at_once"),
    ],
)
def test_the_most_pressing_field_decides_for_all(fields: set[str], route: str) -> None:
    assert route_of(fields, ROUTES) == route


@pytest.mark.parametrize(
    ("route", "now", "then"),
    [
        ("hourly", datetime(2026, 6, 10, 7, 12, 9, tzinfo=UTC), datetime(2026, 6, 10, 8, tzinfo=UTC)),
        ("hourly", datetime(2026, 6, 10, 7, tzinfo=UTC), datetime(2026, 6, 10, 8, tzinfo=UTC)),
        ("hourly", datetime(2026, 6, 10, 23, 59, tzinfo=UTC), datetime(2026, 6, 11, 0, tzinfo=UTC)),
        ("nightly", datetime(2026, 6, 10, 7, tzinfo=UTC), datetime(2026, 6, 11, 0, tzinfo=UTC)),
        ("nightly", datetime(2026, 6, 10, 23, 30, tzinfo=UTC), datetime(2026, 6, 11, 0, tzinfo=UTC)),  # half past one in Berlin
        ("nightly", datetime(2026, 6, 11, 0, tzinfo=UTC), datetime(2026, 6, 12, 0, tzinfo=UTC)),
        ("nightly", datetime(2026, 1, 10, 7, tzinfo=UTC), datetime(2026, 1, 11, 1, tzinfo=UTC)),
        ("nightly", datetime(2026, 3, 29, 0, 30, tzinfo=UTC), datetime(2026, 3, 29, 1, tzinfo=UTC)),  # the night without a two o'clock
    ],
)
def test_the_next_window(route: str, now: datetime, then: datetime) -> None:
    assert next_window(route, now, 2, BERLIN) == then
