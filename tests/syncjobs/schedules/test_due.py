from __future__ import annotations

from datetime import UTC, datetime, timedelta
from itertools import islice

import pytest

from syncjobs.schedules.due import upcoming

NOON = datetime(2026, 6, 10, 12, tzinfo=UTC)
HOURLY = "0 * * * *"


def dues(after: datetime, count: int, jitter: int, seed: str = "hr") -> list[datetime]:
    return list(islice(upcoming(HOURLY, "Europe/Berlin", after, jitter, seed), count))


def test_without_a_spread_a_run_is_due_on_the_minute() -> None:
    assert dues(NOON, 2, 0) == [NOON + timedelta(hours=1), NOON + timedelta(hours=2)]


def test_with_a_spread_it_is_due_within_it_and_not_always_at_the_same_minute() -> None:
    late = [due - (NOON + timedelta(hours=hour)) for hour, due in enumerate(dues(NOON - timedelta(minutes=1), 200, 20))]
    assert min(late) >= timedelta(0) and max(late) <= timedelta(minutes=20)
    assert len(set(late)) > 15


def test_two_sources_of_the_same_hour_are_spread_apart() -> None:
    assert dues(NOON, 20, 20, "hr") != dues(NOON, 20, 20, "payroll")


@pytest.mark.parametrize("jitter", [0, 7, 59])
def test_whoever_asks_again_after_each_run_meets_every_one_of_them_once(jitter: int) -> None:
    met, after = [], NOON
    for _ in range(100):
        after = dues(after, 1, jitter)[0]
        met.append(after)
    assert met == dues(NOON, 100, jitter) and met == sorted(set(met))
