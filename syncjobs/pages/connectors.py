"""All connectors: the state of each in a word, its last success, its next run and its open troubles. A constant number of queries."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from django.db.models import F, Window
from django.db.models.functions import RowNumber
from django.http import HttpRequest, HttpResponse
from django.utils.translation import gettext as _

from config import clock
from config.admin_screens import page, screen
from config.errors import by_code
from config.roles.scopes import scoped_for
from integrations.connectors.models import Connector, ConnectorIssue
from integrations.vendors import VENDORS, vendor_class
from syncjobs.pages.connector_state import Signs, connector_state
from syncjobs.runs.models import Phase, SyncRun
from syncjobs.schedules.late import missed
from syncjobs.schedules.models import SyncSchedule

STRIP = 24
GOOD = (Phase.SUCCEEDED, Phase.PARTIAL)


@dataclass(slots=True)
class Standing:
    """One connector as the list and its own page show it. `phases`: its last runs, oldest first."""

    connector: Connector
    word: str = "new"
    issues: list[ConnectorIssue] = field(default_factory=list)
    phases: list[str] = field(default_factory=list)
    schedules: list[SyncSchedule] = field(default_factory=list)
    last_failed: bool = False

    @property
    def kind(self) -> str:
        return vendor_label(self.connector.vendor)

    @property
    def next_due_at(self) -> datetime | None:
        return min((one.next_due_at for one in self.schedules if one.is_active and one.next_due_at), default=None)

    @property
    def trouble(self) -> str:
        """The sentence of its newest trouble, in words people read."""
        return _(by_code(self.issues[0].code)().sentence) if self.issues else ""


def vendor_label(key: str) -> str:
    return vendor_class(key).label if key in VENDORS else key


def standings(connectors: Sequence[Connector], now: datetime) -> list[Standing]:
    """Three queries, whatever the number of connectors."""
    issues: dict[int, list[ConnectorIssue]] = defaultdict(list)
    for issue in ConnectorIssue.objects.filter(connector__in=connectors, closed_at=None).order_by("-last_at"):
        issues[issue.connector_id].append(issue)
    schedules: dict[int, list[SyncSchedule]] = defaultdict(list)
    for schedule in SyncSchedule.objects.filter(connector__in=connectors).select_related("connector"):
        schedules[schedule.connector_id].append(schedule)
    runs = _last_runs(connectors)
    return [_standing(one, issues[one.pk], schedules[one.pk], runs[one.pk], now) for one in connectors]


def _last_runs(connectors: Sequence[Connector]) -> dict[int, list[str]]:
    """The phases of the last runs of each, newest first."""
    place = Window(RowNumber(), partition_by=F("connector"), order_by=F("id").desc())
    rows = SyncRun.objects.filter(connector__in=connectors).annotate(place=place).filter(place__lte=STRIP).order_by("-id")
    found: dict[int, list[str]] = defaultdict(list)
    for connector, phase in rows.values_list("connector_id", "phase"):
        found[connector].append(phase)
    return found


def _standing(
    connector: Connector, issues: list[ConnectorIssue], schedules: list[SyncSchedule], phases: list[str], now: datetime
) -> Standing:
    failed = next((phase == Phase.FAILED for phase in phases if phase == Phase.FAILED or phase in GOOD), False)
    overdue = [missed(one, connector.last_success_at, now) for one in schedules if one.is_active and one.paused_until is None]
    signs = Signs(connector.state, connector.last_success_at, [issue.code for issue in issues], max(overdue, default=0), failed)
    shown = [*([""] * (STRIP - len(phases))), *reversed(phases)]
    return Standing(connector, connector_state(signs), issues, shown, schedules, failed)


@screen("integrations.view_connector")
def connectors(request: HttpRequest) -> HttpResponse:
    rows = list(scoped_for(request.user, Connector.objects.all()))
    found = standings(rows, clock.now())
    troubled = [one for one in found if one.word in ("action needed", "down", "late")]
    context: dict[str, Any] = {
        "sources": [one for one in found if not one.connector.is_target],
        "targets": [one for one in found if one.connector.is_target],
        "troubled": troubled,
        "all": len(found),
        "may_add": request.user.has_perm("integrations.add_connector"),
        "may_test": request.user.has_perm("integrations.test_connector"),
    }
    return page(request, "integrations/connectors/list.html", context, title=_("Connectors"), section="connectors")
