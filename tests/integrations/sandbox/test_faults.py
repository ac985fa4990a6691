"""Switches: what they hit, how often, and that they survive a restart."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from integrations.sandbox.exchange import Response
from integrations.sandbox.faults import Faults

NOW = datetime(2026, 6, 10, 9, tzinfo=UTC)


def hits(faults, now=NOW, **more):
    waited = []
    answer = faults.before("workday", now, waited.append, **more)
    return answer.status if answer and not answer.drop else "hung up" if answer else None, waited


def test_nothing_is_broken_to_begin_with():
    faults = Faults()
    assert hits(faults) == (None, [])
    assert faults.for_vendor("workday").broken() == []


def test_a_count_is_used_up_call_by_call():
    faults = Faults()
    faults.set("workday", rate_limited=2)
    assert [hits(faults)[0] for _ in range(3)] == [429, 429, None]


def test_true_means_until_it_is_switched_off():
    faults = Faults()
    faults.set("workday", server_error=True, server_error_status=500)
    assert [hits(faults)[0] for _ in range(4)] == [500] * 4
    faults.set("workday", server_error=False)
    assert hits(faults)[0] is None


def test_a_throttle_names_the_seconds_or_says_nothing():
    faults = Faults()
    faults.set("workday", rate_limited=2, retry_after=7)
    assert faults.before("workday", NOW, lambda _: None).headers["Retry-After"] == "7"
    faults.set("workday", retry_after=0)
    assert "Retry-After" not in faults.before("workday", NOW, lambda _: None).headers


def test_down_until_an_instant_ends_by_itself():
    faults = Faults()
    faults.set("workday", down_until=(NOW + timedelta(minutes=5)).isoformat())
    assert hits(faults)[0] == "hung up"
    assert hits(faults, NOW + timedelta(minutes=5))[0] is None


def test_slow_waits_and_then_answers():
    faults = Faults()
    faults.set("workday", slow=2.5)
    assert hits(faults) == (None, [2.5])


def test_a_page_comes_with_status_200():
    faults = Faults()
    faults.set("workday", html_instead=1)
    answer = faults.before("workday", NOW, lambda _: None)
    assert answer.status == 200 and answer.headers["Content-Type"].startswith("text/html")


def test_an_emulator_can_keep_a_switch_for_itself():
    faults = Faults()
    faults.set("workday", rate_limited=1)
    assert hits(faults, spared=frozenset({"rate_limited"}))[0] is None
    assert faults.for_vendor("workday").take("rate_limited")


def test_half_an_answer_is_marked_after_the_emulator_spoke():
    faults = Faults()
    faults.set("workday", cut_off=1)
    assert faults.after("workday", Response()).drop == "midway"
    assert faults.after("workday", Response()).drop == ""


def test_a_token_expires_after_so_many_calls():
    faults = Faults()
    faults.set("workday", expire_token_after=2)
    assert [faults.for_vendor("workday").token_expired() for _ in range(4)] == [False, False, True, True]


def test_one_vendor_does_not_break_another_and_clearing_mends_objects_handed_out():
    faults = Faults()
    workday, moodle = faults.for_vendor("workday"), faults.for_vendor("moodle")
    faults.set("workday", empty=True, rename_field={"a": "b"}, retry_after=9)
    assert workday.broken() == ["rename_field", "empty"] and moodle.broken() == []
    faults.clear("workday")
    assert workday.broken() == [] and workday.retry_after == 30


def test_a_restart_mends_nothing(tmp_path):
    faults = Faults(tmp_path)
    faults.set("workday", slow=1, rename_field={"a": "b"}, down_until=NOW, expire_token_after=0)
    assert Faults(tmp_path).state()["workday"] == faults.state()["workday"]


@pytest.mark.parametrize("switches", [{"slower": 1}, {"slow": "very"}, {"rename_field": "a"}, {"down_until": "soon"}])
def test_a_switch_nobody_knows_is_refused_and_sets_nothing(switches):
    faults = Faults()
    with pytest.raises(ValueError):
        faults.set("workday", empty=True, **switches)
    assert faults.for_vendor("workday").broken() == []
