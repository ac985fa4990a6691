"""Ready on day one: what counts, moment by moment."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest

from identity.lifecycle.joiner import first_day, opened_for, readiness

BEGINS = datetime(2026, 6, 14, 15, tzinfo=UTC)  # midnight of the 15th in Tokyo


def at(hours: float) -> datetime:
    return BEGINS + timedelta(hours=hours)


def test_day_one_begins_at_midnight_where_the_person_works() -> None:
    found = first_day({"hire_on": "2026-06-15"}, ZoneInfo("Asia/Tokyo"))
    assert found is not None and found[1] == BEGINS
    assert first_day({}, ZoneInfo("Asia/Tokyo")) is None


@pytest.mark.parametrize(
    ("moves", "opened"),
    [
        ([], None),
        ([(at(-9), True)], at(-9)),
        ([(at(0.1), True)], at(0.1)),
        ([(at(-9), False)], None),  # made early and closed until then
        ([(at(-9), False), (at(0.1), True)], at(0.1)),
        ([(at(-5000), True), (at(-2000), False), (at(-3), True)], at(-3)),  # somebody who comes back: the earlier time does not count
        ([(at(-5000), True), (at(-2000), False)], None),
        ([(at(-3), True), (at(200), False)], at(-3)),  # left since: was ready all the same
        ([(at(200), False), (at(-3), True)], at(-3)),  # in whatever order they are told
        ([(at(8), True), (at(20), False), (at(30), True)], at(8)),
    ],
)
def test_since_when_the_account_was_open_for_the_day(moves: list[tuple[datetime, bool]], opened: datetime | None) -> None:
    assert opened_for(BEGINS, moves) == opened


@pytest.mark.parametrize(
    ("ready", "now", "state"),
    [
        (-9, 1, "early"),
        (0, 1, "early"),
        (0.1, 1, "in_time"),
        (6, 9, "in_time"),
        (6.1, 9, "late"),
        (None, -3, "not_yet"),
        (None, 5, "not_yet"),
        (None, 6.1, "missing"),
    ],
)
def test_until_six_that_morning_is_in_time(ready: float | None, now: float, state: str) -> None:
    assert readiness(BEGINS, None if ready is None else at(ready), at(now)) == state
