"""Work on one run here and now, until it ends or waits for a person: for commands and tests. A worker may help; the lease decides."""

from __future__ import annotations

import time

from integrations.connectors.models import Connector, ConnectorState
from syncjobs.pipeline.deliver import deliver_due
from syncjobs.pipeline.stages import work_on
from syncjobs.runs.models import WORKABLE, SyncRun

NAP_SECONDS = 0.2  # between looks at a run that another worker holds or whose next try lies ahead


def drive(run: SyncRun, *, patience_seconds: float = 3600) -> SyncRun:
    """The run as it stands when it needs nothing more, or when the patience is over."""
    ends = time.monotonic() + patience_seconds
    while time.monotonic() < ends:
        worked = work_on(run.pk) or _work_on_those_ahead(run)
        sent = deliver_due()
        run.refresh_from_db()
        if run.phase not in WORKABLE:
            break
        if not worked and not sent:
            if not Connector.objects.filter(pk=run.connector_id, state=ConnectorState.ACTIVE).exists():
                break  # paused meanwhile: nobody works on it before somebody resumes it
            time.sleep(NAP_SECONDS)
    return run


def _work_on_those_ahead(run: SyncRun) -> bool:
    """A source is read by one run at a time: one that was approved meanwhile goes first, and nobody else may be here to work on it."""
    ahead = SyncRun.objects.filter(connector=run.connector_id, pk__lt=run.pk, phase__in=WORKABLE).order_by("pk")
    return any(work_on(pk) for pk in ahead.values_list("pk", flat=True))
