from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from integrations.wire.retry import LONGEST_RETRY_AFTER, SCHEDULE, next_try, parse_retry_after

NOW = datetime(2026, 5, 20, 6, tzinfo=UTC)


def test_the_waits_follow_the_schedule_and_then_there_is_no_next_try() -> None:
    waits = [next_try(attempt, NOW) for attempt in range(1, len(SCHEDULE) + 2)]
    assert waits == [*(NOW + wait for wait in SCHEDULE), None]


def test_a_try_that_was_not_made_has_no_next_one() -> None:
    assert next_try(0, NOW) is None


@given(st.integers(1, len(SCHEDULE)), st.floats(-5, 5))
def test_jitter_moves_a_wait_by_a_fifth_at_most(attempt: int, jitter: float) -> None:
    moment = next_try(attempt, NOW, jitter=jitter)
    assert moment is not None
    assert 0.8 - 1e-6 <= (moment - NOW) / SCHEDULE[attempt - 1] <= 1.2 + 1e-6


def test_what_the_other_side_asked_for_takes_the_place_of_the_schedule() -> None:
    asked = NOW + timedelta(minutes=2)
    assert next_try(1, NOW, asked) == asked
    assert next_try(5, NOW, asked) == asked


@given(st.floats(-1, 1), st.integers(-10_000, 10_000_000))
def test_what_was_asked_for_is_never_undercut_and_never_longer_than_six_hours(jitter: float, seconds: int) -> None:
    asked = NOW + timedelta(seconds=seconds)
    moment = next_try(3, NOW, asked, jitter=jitter)
    assert moment is not None
    assert moment >= min(asked, NOW + LONGEST_RETRY_AFTER)
    assert NOW + timedelta(seconds=1) <= moment <= NOW + LONGEST_RETRY_AFTER * 1.2


def test_a_request_to_wait_does_not_add_tries() -> None:
    assert next_try(len(SCHEDULE) + 1, NOW, NOW + timedelta(seconds=5)) is None


@pytest.mark.parametrize(
    ("header", "seconds"),
    [
        ("120", 120),
        (" 0 ", 0),
        ("1.5", 1.5),
        ("-5", 0),
        ("Wed, 20 May 2026 06:01:30 GMT", 90),
        ("Wed, 20 May 2026 08:01:30 +0200", 90),
        ("Wed, 20 May 2026 06:01:30 -0000", 90),
        ("Wednesday, 20-May-26 06:01:30 GMT", 90),
        ("Wed, 20 May 2026 05:00:00 GMT", 0),
    ],
)
def test_a_retry_after_is_seconds_or_a_date(header: str, seconds: float) -> None:
    assert parse_retry_after(header, NOW) == NOW + timedelta(seconds=seconds)


@pytest.mark.parametrize("header", [None, "", "soon", "nan", "inf", "1e400", "99999999999999", "Wed, 99 Foo 2026"])
def test_a_retry_after_that_makes_no_sense_says_nothing(header: str | None) -> None:
    assert parse_retry_after(header, NOW) is None
