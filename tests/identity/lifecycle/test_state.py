"""Where a person stands, and why: one sentence each."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from identity.lifecycle.state import LifePolicy, judge

BERLIN, TOKYO, LOS_ANGELES = ZoneInfo("Europe/Berlin"), ZoneInfo("Asia/Tokyo"), ZoneInfo("America/Los_Angeles")
NOON = datetime(2026, 6, 10, 12, tzinfo=UTC)


def said(now: datetime = NOON, zone: ZoneInfo = BERLIN, policy: LifePolicy | None = None, **values: Any) -> tuple[str, datetime | None]:
    judged = judge({"status": "active", **values}, now, zone, policy or LifePolicy())
    return judged.standing, judged.next_change_at


def test_the_first_day_begins_at_midnight_where_the_person_is() -> None:
    assert said(hire_on="2026-06-11") == ("before", datetime(2026, 6, 10, 22, tzinfo=UTC))
    assert said(hire_on="2026-06-11", zone=TOKYO) == ("before", datetime(2026, 6, 10, 15, tzinfo=UTC))
    assert said(datetime(2026, 6, 10, 15, tzinfo=UTC), TOKYO, hire_on="2026-06-11")[0] == "active"


def test_somebody_may_be_let_in_some_days_before_the_first_one_by_midnight_where_they_are() -> None:
    policy = LifePolicy(ready_days_before=3)
    assert said(policy=policy, hire_on="2026-06-14") == ("before", datetime(2026, 6, 10, 22, tzinfo=UTC))
    assert said(datetime(2026, 6, 10, 22, tzinfo=UTC), policy=policy, hire_on="2026-06-14") == ("active", None)
    assert said(datetime(2026, 6, 10, 22, tzinfo=UTC), LOS_ANGELES, policy, hire_on="2026-06-14")[0] == "before"


def test_the_last_day_is_a_day_with_access() -> None:
    assert said(termination_on="2026-06-10") == ("active", datetime(2026, 6, 10, 22, tzinfo=UTC))
    assert said(datetime(2026, 6, 10, 22, tzinfo=UTC), termination_on="2026-06-10") == ("left", None)
    assert said(datetime(2026, 6, 11, 6, tzinfo=UTC), LOS_ANGELES, termination_on="2026-06-10")[0] == "active"


@pytest.mark.parametrize(
    ("rule", "standing"), [("termination_date", "active"), ("last_day", "left"), ("first", "left"), ("last", "active")]
)
def test_the_organisation_chooses_which_of_two_dates_ends_access(rule: str, standing: str) -> None:
    assert said(policy=LifePolicy(rule), last_day_on="2026-06-01", termination_on="2026-06-30")[0] == standing


def test_an_urgent_reason_ends_access_at_once_whatever_the_date_says() -> None:
    policy = LifePolicy(urgent_reasons=frozenset({"misconduct"}))
    assert said(policy=policy, termination_on="2026-06-30", termination_reason=" Misconduct ")[0] == "left"


@pytest.mark.parametrize(
    ("values", "standing"),
    [
        ({}, "left"),
        ({"hire_on": "2026-06-11"}, "before"),
        ({"termination_on": "2026-06-30"}, "active"),
        ({"termination_on": "2026-03-31", "hire_on": "2026-06-01"}, "left"),
        ({"on_leave": True}, "on_leave"),
        ({"leave_from_on": "2026-06-09", "leave_until_on": "2026-06-12"}, "on_leave"),
        ({"leave_from_on": "2026-05-09", "leave_until_on": "2026-05-12"}, "left"),
    ],
)
def test_inactive_means_left_where_no_day_and_no_leave_says_otherwise(values: dict[str, Any], standing: str) -> None:
    assert said(status="inactive", **values)[0] == standing


def test_an_organisation_may_mean_nothing_by_inactive() -> None:
    assert said(policy=LifePolicy(inactive="active"), status="inactive")[0] == "active"


def test_whoever_is_inactive_is_told_why() -> None:
    judged = judge({"status": "inactive"}, NOON, BERLIN, LifePolicy())
    assert (judged.code, judged.why) == ("inactive", "inactive in the source, without a last day")


def test_a_rehire_makes_the_old_termination_history() -> None:
    assert said(termination_on="2026-03-31", hire_on="2026-06-01") == ("active", None)


def test_leave_has_a_beginning_and_an_end_and_is_not_leaving() -> None:
    leave = {"leave_from_on": "2026-06-09", "leave_until_on": "2026-06-12"}
    assert said(**leave) == ("on_leave", datetime(2026, 6, 12, 22, tzinfo=UTC))
    assert said(datetime(2026, 6, 12, 22, tzinfo=UTC), **leave) == ("active", None)


def test_whoever_the_source_no_longer_has_has_left() -> None:
    judged = judge({"status": "active"}, NOON, BERLIN, LifePolicy(), is_gone=True)
    assert (judged.standing, judged.why) == ("left", "not in the source any more")


def test_a_leap_day_and_the_night_the_clocks_change_are_days_like_others() -> None:
    assert said(datetime(2028, 2, 28, 12, tzinfo=UTC), hire_on="2028-02-29")[1] == datetime(2028, 2, 28, 23, tzinfo=UTC)
    assert said(datetime(2026, 3, 28, 12, tzinfo=UTC), termination_on="2026-03-29")[1] == datetime(2026, 3, 29, 22, tzinfo=UTC)
