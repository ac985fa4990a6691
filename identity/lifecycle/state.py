"""Where a person stands on a given instant, from what HR says. Pure: the same facts and instant give the same answer.

A day is the person's own: it starts and ends at midnight in their zone. Dates come as ISO text from the canonical attributes.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from config.sentences import Sentence, sentence

BEFORE, ACTIVE, ON_LEAVE, LEFT = "before", "active", "on_leave", "left"


@dataclass(frozen=True)
class LifePolicy:
    """What the organisation chose. `leaver_rule`: termination_date, last_day, first (whichever comes first) or last.

    `ready_days_before`: how many days before the hire date somebody counts as active and may sign in.
    `urgent_reasons`: reasons for leaving (folded) that end access at once, whatever the date says.
    `inactive`: what “inactive” means of somebody who has no last day and is not on leave: left or active (docs/decisions/0022).
    """

    leaver_rule: str = "termination_date"
    ready_days_before: int = 0
    urgent_reasons: frozenset[str] = frozenset()
    inactive: str = LEFT


@dataclass(frozen=True)
class Judgement:
    """The standing, why, and when it changes by itself next (UTC), if it does."""

    standing: str
    why: Sentence
    code: str
    next_change_at: datetime | None = None


EMPLOYED = sentence("employed")  # said of nearly everybody, so made once


def midnight(day: date, zone: ZoneInfo) -> datetime:
    """The instant at which `day` begins there, in UTC."""
    return datetime.combine(day, time(), zone).astimezone(UTC)


def _day(values: Mapping[str, Any], key: str) -> date | None:
    text = values.get(key)
    return date.fromisoformat(text) if text else None


def leaving_day(values: Mapping[str, Any], policy: LifePolicy) -> date | None:
    """The last day with access, by the rule; None while nobody leaves. A hire after it (rehire) makes it history."""
    termination, last = _day(values, "termination_on"), _day(values, "last_day_on")
    given = [day for day in (termination, last) if day]
    if not given:
        return None
    chosen = {
        "termination_date": termination or last,
        "last_day": last or termination,
        "first": min(given),
        "last": max(given),
    }[policy.leaver_rule]
    hired = _day(values, "hire_on")
    return None if hired and chosen and hired > chosen else chosen


def judge(values: Mapping[str, Any], now: datetime, zone: ZoneInfo, policy: LifePolicy, *, is_gone: bool = False) -> Judgement:
    """The standing at `now`. `is_gone`: the source proved twice that it no longer has this person."""
    if is_gone:
        return Judgement(LEFT, sentence("not in the source any more"), "gone")
    status = values.get("status") or ""
    hired, leaves = _day(values, "hire_on"), leaving_day(values, policy)
    if leaves is not None or status == "terminated":
        left = _left(values, leaves, now, zone, policy)
        if left is not None:
            return left
    ends = midnight(leaves + timedelta(days=1), zone) if leaves else None
    if hired is not None:
        starts = midnight(hired - timedelta(days=policy.ready_days_before), zone)
        if now < starts:
            return Judgement(BEFORE, sentence("starts on %(day)s", day=hired), "starts_later", starts)
    if hired is None and status == "pending":
        return Judgement(BEFORE, sentence("hired, without a start date yet"), "no_start_date", ends)
    present = _present(values, now, zone, ends)
    if present.standing == ACTIVE and leaves is None and status == "inactive" and policy.inactive == LEFT:
        return Judgement(LEFT, sentence("inactive in the source, without a last day"), "inactive", present.next_change_at)
    return present


def _left(values: Mapping[str, Any], leaves: date | None, now: datetime, zone: ZoneInfo, policy: LifePolicy) -> Judgement | None:
    reason = (values.get("termination_reason") or "").strip().lower()
    if reason and reason in policy.urgent_reasons:
        return Judgement(LEFT, sentence("left at once: urgent reason"), "left_urgent")
    if leaves is None:
        return Judgement(LEFT, sentence("left, says the source"), "left")
    if now >= midnight(leaves + timedelta(days=1), zone):
        return Judgement(LEFT, sentence("left after %(day)s", day=leaves), "left")
    return None


def _present(values: Mapping[str, Any], now: datetime, zone: ZoneInfo, ends: datetime | None) -> Judgement:
    starts, until = _day(values, "leave_from_on"), _day(values, "leave_until_on")
    begins = midnight(starts, zone) if starts else None
    finishes = midnight(until + timedelta(days=1), zone) if until else None
    is_away = values.get("on_leave") is True or values.get("status") == "leave"
    if begins is not None:
        is_away = begins <= now and (finishes is None or now < finishes)
    changes = [moment for moment in (begins, finishes, ends) if moment is not None and moment > now]
    upcoming = min(changes) if changes else None
    if is_away:
        why = sentence("on leave until %(day)s", day=until) if until else sentence("on leave")
        return Judgement(ON_LEAVE, why, "on_leave", upcoming)
    return Judgement(ACTIVE, EMPLOYED, "employed", upcoming)
