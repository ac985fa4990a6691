"""A line of the timetable as a sentence, in the reader's language: in our words where it is a plain one, else in those of a library."""

from __future__ import annotations

import calendar
import re
from datetime import time

from cron_descriptor import CasingTypeEnum, ExpressionDescriptor, FormatException, Options
from django.utils.dates import MONTHS, WEEKDAYS
from django.utils.text import get_text_list
from django.utils.translation import get_language, ngettext
from django.utils.translation import gettext as _

from syncjobs.schedules.models import Overlap, SyncSchedule
from syncjobs.schedules.plain import How, Plain, from_cron

CALENDAR = {
    **dict(zip(calendar.day_name, WEEKDAYS.values(), strict=True)),
    **dict(zip(calendar.month_name[1:], MONTHS.values(), strict=True)),
}
NAMES = re.compile(rf"\b({'|'.join(CALENDAR)})\b")
LOCALES = {"en": "en_US", "de": "de_DE"}


NIGHT_ENDS, NIGHT_BEGINS = time(6), time(22)


def sentence(cron: str, zone_name: str, jitter_minutes: int = 0) -> str:
    """“Every night at 02:00, Europe/Berlin”; the line itself when it cannot be told in words."""
    plain = from_cron(cron)
    when = _plainly(plain) if plain else _by_library(cron)
    if jitter_minutes:
        later = ngettext("up to %(n)s minute later", "up to %(n)s minutes later", jitter_minutes) % {"n": jitter_minutes}
        when = f"{when} ({later})"
    return _("%(when)s, %(zone)s") % {"when": when, "zone": zone_name}


def in_words(schedule: SyncSchedule) -> str:
    return sentence(schedule.cron, schedule.time_zone, schedule.jitter_minutes)


def overlap_words(overlap: str) -> str:
    """What becomes of a run that falls due while another one is at work, as the lines of the timetable say it."""
    match overlap:
        case Overlap.WAIT:
            return _("waits for a run that is at work")
        case Overlap.QUEUE:
            return _("queues behind a run that is at work")
    return _("left out while a run is at work")


def _plainly(plain: Plain) -> str:
    at = f"{plain.at:%H:%M}"
    match plain.how:
        case How.DAILY if plain.at < NIGHT_ENDS or plain.at >= NIGHT_BEGINS:
            return _("Every night at %(time)s") % {"time": at}
        case How.DAILY:
            return _("Every day at %(time)s") % {"time": at}
        case How.WEEKDAYS:
            return _("Monday to Friday at %(time)s") % {"time": at}
        case How.DAYS:
            days = sorted(plain.days, key=lambda day: (day - 1) % 7)  # the week begins on Monday
            return _("Every %(days)s at %(time)s") % {"days": get_text_list([day_name(day) for day in days], _("and")), "time": at}
        case How.MONTHLY:
            return _("On day %(day)s of every month at %(time)s") % {"day": plain.day, "time": at}
        case How.HOURS if plain.every_hours == 1:
            return _("Every hour, %(minute)s minutes past") % {"minute": plain.minute} if plain.minute else _("Every hour, on the hour")
        case How.HOURS:
            times = get_text_list([f"{hour:02}:{plain.minute:02}" for hour in range(0, 24, plain.every_hours)], _("and"))
            return _("Every %(n)s hours, at %(times)s") % {"n": plain.every_hours, "times": times}
    return _("Every %(n)s minutes") % {"n": plain.every_minutes}


def day_name(day: int) -> str:
    """0 is Sunday, as cron counts."""
    return str(WEEKDAYS[(day - 1) % 7])


def _by_library(cron: str) -> str:
    options = Options()
    options.use_24hour_time_format = True
    options.casing_type = CasingTypeEnum.Sentence
    options.verbose = True  # “every day” is said, not left out
    options.locale_code = LOCALES.get((get_language() or "en")[:2], "en_US")
    try:
        told = ExpressionDescriptor(cron, options).get_description()
    except (FormatException, ValueError):
        told = cron
    if options.locale_code != "en_US":
        told = NAMES.sub(lambda found: str(CALENDAR[found[0]]), told)  # the library takes names of days and months from the server's locale
    return told
