"""The connectors as the overview lists them: state, last success, next run, last runs. Four queries, however many there are."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from django.db.models import F, Window
from django.db.models.functions import RowNumber
from django.utils.translation import gettext as _

from integrations.connectors.models import Connector, ConnectorIssue
from integrations.vendors import vendor_class
from syncjobs.pages.connector_state import Signs, connector_state
from syncjobs.runs.models import Phase, SyncRun
from syncjobs.schedules.late import missed
from syncjobs.schedules.models import RunMode, SyncSchedule

LAST_RUNS = 24
Run = tuple[int, str, int]  # number, phase, records set aside
ENDED = (Phase.SUCCEEDED, Phase.PARTIAL, Phase.FAILED)


@dataclass(slots=True)
class ConnectorRow:
    """One line of the table.

    `phases`: its last runs, oldest first. `last_run`: the one that ended last, with how many records it set aside; `failed_run`: the
    same, when it failed.
    """

    connector: Connector
    state: str
    streams: str
    next_at: datetime | None
    phases: list[str]
    issues: list[ConnectorIssue]
    failed_run: int | None
    missed: int
    last_run: int | None = None
    parked: int = 0
    people: int = 0
    rests_until: datetime | None = None  # a target that is not asked meanwhile, because it failed


def connector_rows(now: datetime, people_of: dict[int, int]) -> list[ConnectorRow]:
    """Sources by rank, then targets."""
    issues: dict[int, list[ConnectorIssue]] = defaultdict(list)
    for issue in ConnectorIssue.objects.filter(closed_at=None).order_by("first_at"):
        issues[issue.connector_id].append(issue)
    schedules: dict[int, list[SyncSchedule]] = defaultdict(list)
    for schedule in SyncSchedule.objects.filter(is_active=True).select_related("connector"):
        if schedule.paused_until is None or schedule.paused_until <= now:
            schedules[schedule.connector_id].append(schedule)
    runs = _last_runs()
    rows = [
        _row(connector, issues[connector.pk], schedules[connector.pk], runs[connector.pk], now) for connector in Connector.objects.all()
    ]
    for row in rows:
        row.people = people_of.get(row.connector.pk, 0)
    return sorted(rows, key=lambda row: row.connector.is_target)


def _last_runs() -> dict[int, list[Run]]:
    """Connector → its last runs, newest first. Runs of chosen people are small change and left out."""
    place = Window(RowNumber(), partition_by=F("connector"), order_by=F("id").desc())
    wanted = SyncRun.objects.exclude(mode=RunMode.PEOPLE).annotate(place=place).filter(place__lte=LAST_RUNS)
    found: dict[int, list[Run]] = defaultdict(list)
    columns = ("connector_id", "id", "phase", "counts__parked")
    for connector_id, number, phase, parked in wanted.order_by("-id").values_list(*columns):
        found[connector_id].append((number, phase, parked or 0))
    return found


def _row(
    connector: Connector,
    issues: list[ConnectorIssue],
    schedules: Sequence[SyncSchedule],
    runs: Sequence[Run],
    now: datetime,
) -> ConnectorRow:
    is_on = connector.state == "active"
    overdue = max((missed(schedule, connector.last_success_at, now) for schedule in schedules), default=0) if is_on else 0
    last = next((run for run in runs if run[1] in ENDED), None)
    failed_run = last[0] if last and last[1] == Phase.FAILED else None
    codes = [issue.code for issue in issues]
    return ConnectorRow(
        connector=connector,
        state=connector_state(Signs(connector.state, connector.last_success_at, codes, overdue, failed_run is not None)),
        streams=_streams(connector),
        next_at=min((_next(schedule, now) for schedule in schedules), default=None) if is_on else None,
        phases=[*[""] * (LAST_RUNS - len(runs)), *(phase for _number, phase, _parked in reversed(runs))],
        issues=issues,
        failed_run=failed_run,
        missed=overdue,
        last_run=last[0] if last else None,
        parked=last[2] if last else 0,
        rests_until=connector.breaker_until if connector.breaker_until and connector.breaker_until > now else None,
    )


def _next(schedule: SyncSchedule, now: datetime) -> datetime:
    return schedule.next_due_at or schedule.next_due(now)


def _streams(connector: Connector) -> str:
    """What comes from there, or goes there, in the vendor's words."""
    vendor = vendor_class(connector.vendor)
    return ", ".join(_(one.label) for one in (vendor.targets if connector.is_target else vendor.streams))
