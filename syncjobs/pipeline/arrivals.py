"""A source that can see for itself that something new lies there is read as soon as it does: a watched folder."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime

from django.db import transaction

from config.errors import RollcallError
from integrations.connectors.models import Connector, ConnectorState
from integrations.connectors.open import opened
from integrations.vendors import vendor_class
from integrations.vendors.base import Vendor
from syncjobs.runs.models import Phase, SyncRun, Trigger
from syncjobs.runs.start import start_run
from syncjobs.schedules.models import READING, RunMode


def start_for_arrivals(now: datetime, is_closed: Callable[[Connector, datetime], bool]) -> int:
    """One run for what came since the last one began, however that one ended: a file that cannot be read is not tried every minute.

    `is_closed`: whether no run of this source may start now by itself. Returns how many were started. Looks into folders, so it is never
    called inside a transaction.
    """
    started = 0
    sources = Connector.objects.filter(state=ConnectorState.ACTIVE, is_target=False, settings__watch=True).order_by("pk")
    for connector in sources:
        if vendor_class(connector.vendor).arrived_at is Vendor.arrived_at or is_closed(connector, now):
            continue
        arrived_at = _arrived_at(connector)
        if arrived_at is None or arrived_at > now:
            continue
        with transaction.atomic():
            Connector.objects.select_for_update(no_key=True).get(pk=connector.pk)  # two ticks at once: the second sees the run of the first
            runs = SyncRun.objects.filter(connector=connector, mode__in=READING)
            if runs.filter(created_at__gte=arrived_at).exists() or runs.filter(phase__in=(Phase.QUEUED, Phase.PLANNING)).exists():
                continue
            start_run(connector, Trigger.ARRIVAL, RunMode.FULL)
        started += 1
    return started


def _arrived_at(connector: Connector) -> datetime | None:
    try:
        with opened(connector) as vendor:
            return vendor.arrived_at()
    except (RollcallError, OSError):
        return None  # the timetable's next run says what is wrong; this only looks
