"""A source whose scheduled run is overdue is late after one missed interval, and down after two."""

from __future__ import annotations

from datetime import datetime, timedelta

from config.notices.models import Notice, Severity
from config.notices.notify import notify
from config.sentences import sentence
from integrations.connectors.models import ConnectorState
from syncjobs.schedules.models import SyncSchedule

KEY = "run.late:"
GRACE = timedelta(minutes=30)  # a night run may take this long before anybody is told


def missed(schedule: SyncSchedule, last_success: datetime | None, now: datetime) -> int:
    """How many due times passed without a success since the last one, or since its pause ended; 0, 1 or 2 (which means: two or more)."""
    since = last_success or schedule.connector.created_at
    count, moment = 0, max(since, schedule.paused_until or since)
    while count < 2:
        moment = schedule.next_due(moment)
        if moment + GRACE > now:
            break
        count += 1
    return count


def tell_late(now: datetime) -> None:
    """One notice per source that is overdue, again only when it gets worse; the next success closes it."""
    told = dict(Notice.objects.filter(key__startswith=KEY, closed_at=None).values_list("key", "severity"))
    for schedule in SyncSchedule.objects.filter(is_active=True, connector__state=ConnectorState.ACTIVE).select_related("connector"):
        count = missed(schedule, schedule.connector.last_success_at, now)
        severity = Severity.BAD if count > 1 else Severity.WARN
        if count and told.get(KEY + schedule.connector.key) not in (severity, Severity.BAD):
            notify(
                KEY + schedule.connector.key,
                severity,
                sentence("%(name)s is late: a scheduled run is missing", name=schedule.connector.name),
                body=sentence("The last success of %(name)s is older than its timetable allows.", name=schedule.connector.name),
                next_step=sentence("Open the connector: the last run says what stopped it. Check that worker and beat are running."),
                owner="it",
            )
