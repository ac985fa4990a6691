"""What time it is here: for people, for the database, and in the sandbox."""

from __future__ import annotations

from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from django.conf import settings
from django.db import connection
from django.utils.translation import gettext as _

from config import clock
from config.health.diagnosis import SKEW
from config.health.heartbeat import real_now
from config.system.lines import Line
from config.templatetags.rollcall import exact, lasting


def clocks() -> list[Line]:
    """The reader's zone, the organisation's, the database's clock; in the sandbox, how far its own clock has been moved."""
    found = [Line(_("Now"), exact(clock.now()), note=_("in your time zone")), zone()]
    if connection.vendor == "postgresql":
        found.append(database_clock())
    if clock.offset():
        found.append(Line(_("Sandbox clock"), _("%(span)s ahead") % {"span": lasting(clock.offset())}))
    return found


def zone() -> Line:
    name = settings.ORGANISATION_ZONE
    try:
        ZoneInfo(name)
    except (ZoneInfoNotFoundError, ValueError):
        return Line(_("Time zone of the organisation"), name, "bad", _("is no time zone"), _("IT: correct ROLLCALL_TIME_ZONE."))
    return Line(_("Time zone of the organisation"), name, note=_("for records that name none"))


def database_clock() -> Line:
    before = real_now()
    with connection.cursor() as cursor:
        cursor.execute("SELECT clock_timestamp()")
        skew = abs(cursor.fetchone()[0] - before)
    says = _("%(span)s apart from this machine's") % {"span": lasting(skew)}
    if skew <= SKEW:
        return Line(_("Clock of the database"), says)
    return Line(_("Clock of the database"), says, "warn", next_step=_("IT: let both machines follow a time server."))
