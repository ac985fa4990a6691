"""A line of the timetable as a sentence, in the reader's language."""

from __future__ import annotations

import calendar
import re

from cron_descriptor import CasingTypeEnum, ExpressionDescriptor, FormatException, Options
from django.utils.dates import MONTHS, WEEKDAYS
from django.utils.translation import get_language
from django.utils.translation import gettext as _

CALENDAR = {
    **dict(zip(calendar.day_name, WEEKDAYS.values(), strict=True)),
    **dict(zip(calendar.month_name[1:], MONTHS.values(), strict=True)),
}
NAMES = re.compile(rf"\b({'|'.join(CALENDAR)})\b")
LOCALES = {"en": "en_US", "de": "de_DE"}


def sentence(cron: str, zone_name: str) -> str:
    """“At 02:00, Europe/Berlin”; the line itself when it cannot be told in words."""
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
    return _("%(when)s, %(zone)s") % {"when": told, "zone": zone_name}
