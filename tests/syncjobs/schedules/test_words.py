"""What is said in plain words and what is stored mean the same, in both directions and both languages."""

from __future__ import annotations

from datetime import time

import pytest
from django.utils import translation

from syncjobs.schedules.plain import How, Plain, from_cron, to_cron
from syncjobs.schedules.words import sentence

BERLIN = "Europe/Berlin"


@pytest.mark.parametrize(
    ("plain", "cron", "words"),
    [
        (Plain(How.DAILY, time(2)), "0 2 * * *", "Every night at 02:00"),
        (Plain(How.DAILY, time(14, 5)), "5 14 * * *", "Every day at 14:05"),
        (Plain(How.WEEKDAYS, time(6)), "0 6 * * 1-5", "Monday to Friday at 06:00"),
        (Plain(How.DAYS, time(3), days=(0,)), "0 3 * * 0", "Every Sunday at 03:00"),
        (Plain(How.DAYS, time(3), days=(0, 1, 3)), "0 3 * * 0,1,3", "Every Monday, Wednesday and Sunday at 03:00"),
        (Plain(How.MONTHLY, time(3), day=28), "0 3 28 * *", "On day 28 of every month at 03:00"),
        (Plain(How.HOURS, every_hours=1), "0 * * * *", "Every hour, on the hour"),
        (Plain(How.HOURS, every_hours=1, minute=20), "20 * * * *", "Every hour, 20 minutes past"),
        (Plain(How.HOURS, every_hours=8, minute=5), "5 */8 * * *", "Every 8 hours, at 00:05, 08:05 and 16:05"),
        (Plain(How.MINUTES, every_minutes=20), "*/20 * * * *", "Every 20 minutes"),
    ],
)
def test_plain_words_and_cron_mean_the_same(plain: Plain, cron: str, words: str) -> None:
    assert to_cron(plain) == cron and from_cron(cron) == plain
    assert sentence(cron, BERLIN) == f"{words}, {BERLIN}"


@pytest.mark.parametrize(
    "cron",
    ["0 2 31 * *", "0 25 * * *", "61 2 * * *", "0 */5 * * *", "*/7 * * * *", "0 2 * 3 *", "0 2 * * 1#2", "0 2,3 * * *", "nonsense", ""],
)
def test_what_only_an_expert_would_write_stays_the_experts(cron: str) -> None:
    assert from_cron(cron) is None


def test_sunday_is_a_seven_as_well() -> None:
    assert from_cron("0 3 * * 7") == Plain(How.DAYS, time(3), days=(0,))


def test_a_line_is_told_in_the_readers_language() -> None:
    with translation.override("de"):
        assert sentence("0 2 * * *", BERLIN) == "Jede Nacht um 02:00, Europe/Berlin"
        assert sentence("0 3 * * 0", BERLIN, 10) == "Jeden Sonntag um 03:00 (bis zu 10 Minuten später), Europe/Berlin"


def test_days_and_months_of_an_experts_line_are_said_in_the_language_of_the_reader() -> None:
    with translation.override("de"):
        assert sentence("0 3 * 3 0", BERLIN) == "Um 03:00, nur am Sonntag, nur im März, Europe/Berlin"
    assert sentence("0 3 * 3 0", BERLIN) == "At 03:00, only on Sunday, only in March, Europe/Berlin"
    assert sentence("no line at all", BERLIN) == "no line at all, Europe/Berlin"
