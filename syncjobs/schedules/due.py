"""When a schedule is due next, in its own zone, without creep. Daylight saving as Debian's cron does it (cronsim)."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime

from cronsim import CronSim, CronSimError

from config.clock import zone
from config.errors import SettingInvalid
from config.sentences import sentence


def upcoming(cron: str, zone_name: str, after: datetime) -> Iterator[datetime]:
    """Due instants (UTC) after `after`, without end. Raises SettingInvalid for a line that is not cron."""
    try:
        lines = CronSim(cron, after.astimezone(zone(zone_name)))
    except CronSimError as error:
        raise SettingInvalid(sentence("“%(cron)s” is not a time table: %(error)s", cron=cron, error=str(error)), field="cron") from error
    for moment in lines:
        yield moment.astimezone(UTC)


def next_due(cron: str, zone_name: str, after: datetime) -> datetime:
    return next(upcoming(cron, zone_name, after))
