"""The first nights of the demo: every source is read, the first plans are approved by a recorded decision, accounts are made.

Works without any server: the sandbox listens inside this process for as long as it takes.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import partial
from urllib.parse import urlsplit

from django.conf import settings

from config.roles.models import User
from integrations.connectors.models import Connector
from integrations.management.commands.sandbox import make_sandbox
from integrations.sandbox.listen import listen
from integrations.sandbox.server import answer
from syncjobs.demo.company import unread
from syncjobs.demo.sandbox_state import is_running
from syncjobs.guards.decisions import ApprovePlan
from syncjobs.pipeline.drive import drive
from syncjobs.runs.models import LIVE, Phase, SyncRun, Trigger
from syncjobs.runs.start import start_run
from syncjobs.schedules.models import RunMode

REASON = "Demo: the first plan was looked at and is right."
Tell = Callable[[str], object]


@contextmanager
def sandbox_here() -> Iterator[str]:
    """The installation's sandbox on its own address: the one that is running, else one in this process for as long as it takes."""
    if is_running():
        yield settings.SANDBOX_URL
        return
    sandbox = make_sandbox()
    address = urlsplit(settings.SANDBOX_URL)
    listener = listen(partial(answer, sandbox), address.hostname or "127.0.0.1", address.port or 8001)
    try:
        yield settings.SANDBOX_URL
    finally:
        sandbox.stopping.set()
        listener.stop()
        sandbox.close()


def first_night(approver: User | None, tell: Tell) -> list[SyncRun]:
    """Read every source in full that was not yet, approve what the guard holds because it is the first time, and deliver."""
    runs = []
    with sandbox_here():
        for connector in unread():
            run = drive(_begun(connector) or start_run(connector, Trigger.MANUAL, RunMode.FULL, reason="Demo: first load"))
            if run.phase in (Phase.AWAITING, Phase.HELD):
                ApprovePlan(approver, run).execute(REASON)
                run = drive(run)
            tell(f"{connector.name}: {run.phase}, {run.counts.get('heard', 0)} records")
            runs.append(run)
    return runs


def _begun(connector: Connector) -> SyncRun | None:
    """The run of a load that was broken off. Nobody else can be at work on it: one supervisor holds the data folder."""
    run = SyncRun.objects.filter(connector=connector, phase__in=LIVE).order_by("pk").first()
    if run is not None:
        SyncRun.objects.filter(pk=run.pk).update(lease_token="", lease_until=None)
    return run
