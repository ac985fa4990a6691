"""The timetables people mean, told without cron: every night, Monday to Friday, every six hours. Pure.

What is stored is always a line of cron; a line that is none of these is the expert's, and stays as it was written.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass
from datetime import time

from django.db.models import TextChoices
from django.utils.translation import gettext_lazy as _

EVERY_HOURS = (1, 2, 3, 4, 6, 8, 12)  # they divide a day, so that the gaps are equal
EVERY_MINUTES = (5, 10, 15, 20, 30)
LAST_DAY = 28  # of a month, so that every month has it
WORKING_DAYS = (1, 2, 3, 4, 5)  # as cron counts: 0 is Sunday


class How(TextChoices):
    DAILY = "daily", _("Every day or night")
    WEEKDAYS = "weekdays", _("Monday to Friday")
    DAYS = "days", _("On certain days of the week")
    MONTHLY = "monthly", _("Once a month")
    HOURS = "hours", _("Every few hours")
    MINUTES = "minutes", _("Every few minutes")
    EXPERT = "expert", _("By a line of cron, for experts")


@dataclass(frozen=True, slots=True)
class Plain:
    """A timetable in plain terms. Which fields count depends on `how`; the others keep what a form would begin with."""

    how: How
    at: time = time(2)  # hour and minute, in the schedule's own zone
    days: tuple[int, ...] = WORKING_DAYS
    day: int = 1
    every_hours: int = 6
    minute: int = 0
    every_minutes: int = 15


def to_cron(plain: Plain) -> str:
    """The line of cron that means the same. Not for How.EXPERT, who writes it."""
    clock = f"{plain.at.minute} {plain.at.hour}"
    match plain.how:
        case How.DAILY:
            return f"{clock} * * *"
        case How.WEEKDAYS:
            return f"{clock} * * 1-5"
        case How.DAYS:
            return f"{clock} * * {','.join(str(day) for day in sorted(set(plain.days)))}"
        case How.MONTHLY:
            return f"{clock} {plain.day} * *"
        case How.HOURS:
            return f"{plain.minute} {'*' if plain.every_hours == 1 else f'*/{plain.every_hours}'} * * *"
        case How.MINUTES:
            return f"*/{plain.every_minutes} * * * *"
    raise ValueError(plain.how)


def from_cron(cron: str) -> Plain | None:
    """What a line of cron means in plain terms; None when only an expert would have written it."""
    for pattern, read in FORMS:
        found = re.fullmatch(pattern, " ".join(cron.split()))
        if found and (plain := read(*found.groups())) is not None:
            return plain
    return None


def _at(minute: str, hour: str) -> time | None:
    return time(int(hour), int(minute)) if int(hour) < 24 and int(minute) < 60 else None


def _daily(minute: str, hour: str) -> Plain | None:
    at = _at(minute, hour)
    return Plain(How.DAILY, at) if at else None


def _weekdays(minute: str, hour: str) -> Plain | None:
    at = _at(minute, hour)
    return Plain(How.WEEKDAYS, at) if at else None


def _days(minute: str, hour: str, days: str) -> Plain | None:
    at = _at(minute, hour)
    return Plain(How.DAYS, at, days=tuple(sorted({int(day) % 7 for day in days.split(",")}))) if at else None


def _monthly(minute: str, hour: str, day: str) -> Plain | None:
    at = _at(minute, hour)
    return Plain(How.MONTHLY, at, day=int(day)) if at and 1 <= int(day) <= LAST_DAY else None


def _hours(minute: str, hours: str | None) -> Plain | None:
    every = int(hours or 1)
    return Plain(How.HOURS, minute=int(minute), every_hours=every) if int(minute) < 60 and every in EVERY_HOURS else None


def _minutes(minutes: str) -> Plain | None:
    return Plain(How.MINUTES, every_minutes=int(minutes)) if int(minutes) in EVERY_MINUTES else None


NUMBER = r"(\d{1,2})"
FORMS: tuple[tuple[str, Callable[..., Plain | None]], ...] = (
    (rf"{NUMBER} {NUMBER} \* \* \*", _daily),
    (rf"{NUMBER} {NUMBER} \* \* 1-5", _weekdays),
    (rf"{NUMBER} {NUMBER} \* \* ([0-7](?:,[0-7])*)", _days),
    (rf"{NUMBER} {NUMBER} {NUMBER} \* \*", _monthly),
    (rf"{NUMBER} \*(?:/{NUMBER})? \* \* \*", _hours),
    (rf"\*/{NUMBER} \* \* \* \*", _minutes),
)
