"""A worker's turn at a run: a lease on the row, at most half a minute, fenced in every transaction.

A killed worker costs one slice: its lease runs out and another goes on from the last checkpoint. A worker that was only
slow finds its token gone and writes nothing more.
"""

from __future__ import annotations

import threading
import time
import uuid
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta
from functools import partial

from django.db import Error, connection, transaction
from django.db.models import OuterRef, Q, QuerySet, Subquery

from config import clock
from config.reconnect import is_lost, once_back
from integrations.connectors.models import Connector, ConnectorState
from syncjobs.runs.models import WORKABLE, Phase, SyncRun
from syncjobs.schedules.models import RunMode

SLICE_SECONDS = 20.0
LONGEST_PAUSE_SECONDS = 0.1
LEASE_SECONDS = 90  # how soon a dead worker is overtaken; a living one renews its lease every third of it
BEFORE_APPLIED = ("fetch", "gather", "resolve", "look", "plan", "guard", "apply")
STATE_OF_SOURCE = Subquery(Connector.objects.filter(pk=OuterRef("connector")).values("state"))
LONGEST_WAIT_SECONDS = 3600  # for one answer; the slowest report we know takes 15 minutes. After it the worker counts as dead


class LeaseLost(Exception):
    """Somebody else works on this run now."""


class Cancelled(Exception):
    """A person stopped this run."""


class Paused(Exception):
    """A person paused the source; the run waits where it is."""


class Slice:
    """The right to work on one run for a while."""

    def __init__(self, run: SyncRun, token: str) -> None:
        self.run = run
        self.token = token
        self.ends = time.monotonic() + SLICE_SECONDS

    @property
    def is_over(self) -> bool:
        return time.monotonic() >= self.ends

    @property
    def is_reading(self) -> bool:
        """Whether a pause of the source stops it: nothing is applied yet, and it is not about chosen people, whose last day never waits."""
        return self.run.mode != RunMode.PEOPLE and self.run.stage in BEFORE_APPLIED

    @contextmanager
    def step(self, *, can_repeat: bool = False) -> Iterator[None]:
        """One short transaction of this run. Renews the lease. Raises LeaseLost, Cancelled or Paused before anything is written.

        A step that only stores what can be read or worked out again (`can_repeat`) does not wait until the disk has it: should the
        database's machine die, the run goes on from the last step that arrived, as after a kill. Whatever commits later and does
        wait brings the earlier ones with it, so nothing is ever applied on ground that was lost.
        """
        begun = time.monotonic()
        with transaction.atomic():
            if can_repeat and connection.vendor == "postgresql":
                with connection.cursor() as cursor:
                    cursor.execute("SET LOCAL synchronous_commit = off")
            mine = SyncRun.objects.select_for_update().filter(pk=self.run.pk, lease_token=self.token).annotate(source=STATE_OF_SOURCE)
            row = mine.values("cancel_asked", "source").first()
            if row is None:
                raise LeaseLost
            if row["cancel_asked"]:
                raise Cancelled
            if row["source"] != ConnectorState.ACTIVE and self.is_reading:
                raise Paused
            yield
            self.run.lease_until = clock.now() + timedelta(seconds=LEASE_SECONDS)
            self.run.save(update_fields=SAVED)
        if connection.vendor == "sqlite" and can_repeat:
            # SQLite has no queue: whoever waits looks again after a while, and would never find the door open. So it stays open for as
            # long as it was shut.
            time.sleep(min(LONGEST_PAUSE_SECONDS, time.monotonic() - begun))


@contextmanager
def kept(work: Slice) -> Iterator[None]:
    """Renew the lease meanwhile, from a thread of its own: a vendor may take minutes before the first byte of an answer."""
    done = threading.Event()

    def renew() -> None:
        ends = time.monotonic() + LONGEST_WAIT_SECONDS
        try:
            while not done.wait(LEASE_SECONDS / 3) and time.monotonic() < ends and _renewed(work):
                pass
        finally:
            connection.close()

    thread = threading.Thread(target=renew, name=f"lease of run {work.run.pk}", daemon=True)
    thread.start()
    try:
        yield
    finally:
        done.set()
        thread.join(timeout=5)


def _renewed(work: Slice) -> bool:
    """False when the lease is somebody else's. A database that is busy or away is asked again at the next turn."""
    try:
        until = clock.now() + timedelta(seconds=LEASE_SECONDS)
        return bool(SyncRun.objects.filter(pk=work.run.pk, lease_token=work.token).update(lease_until=until))
    except Error:
        connection.close()
        return True


SAVED = [
    "lease_until",
    "phase",
    "stage",
    "cursor",
    "window",
    "counts",
    "done",
    "total",
    "tries",
    "wanted_at",
    "error_code",
    "error_detail",
    "started_at",
    "finished_at",
]


def claim(lanes: tuple[str, ...], run_id: int | None = None) -> Slice | None:
    """Lease the oldest run of these lanes that is due and free (or just that one); None when there is none.

    One run reads a connector at a time: a second one waits until the first has applied its plan, also while that one waits to try again.
    Runs of chosen people never wait: a termination at midnight must not stand behind a source that is down.
    """
    token = str(uuid.uuid4())
    try:
        taken = _leased(lanes, run_id, token)
        return None if taken is None else Slice(SyncRun.objects.select_related("connector", "cause").get(pk=taken), token)
    except Error as error:
        if is_lost(error):  # perhaps between the commit and its answer: nobody else knows this lease
            once_back(partial(_give_back, token))
        raise


def _give_back(token: str) -> None:
    SyncRun.objects.filter(lease_token=token).update(lease_token="", lease_until=None)


def _leased(lanes: tuple[str, ...], run_id: int | None, token: str) -> int | None:
    now = clock.now()
    with transaction.atomic():
        free = Q(lease_until=None) | Q(lease_until__lt=now)
        due = SyncRun.objects.filter(free, phase__one_of=WORKABLE, lane__in=lanes, wanted_at__lte=now)
        waiting = due.filter(phase=Phase.QUEUED, connector__in=_reading().values("connector")).exclude(mode=RunMode.PEOPLE)
        paused = due.filter(stage__in=BEFORE_APPLIED).exclude(connector__state=ConnectorState.ACTIVE).exclude(mode=RunMode.PEOPLE)
        rows = due.exclude(pk__in=waiting.values("pk")).exclude(pk__in=paused.values("pk")).order_by("wanted_at", "id")
        if run_id is not None:
            rows = rows.filter(pk=run_id)
        if connection.features.has_select_for_update_skip_locked:
            rows = rows.select_for_update(skip_locked=True, of=("self",))
        run = rows.first()
        if run is None or not _may_begin(run):
            return None
        begun = Phase.PLANNING if run.phase == Phase.QUEUED else run.phase
        SyncRun.objects.filter(pk=run.pk).update(lease_token=token, lease_until=now + timedelta(seconds=LEASE_SECONDS), phase=begun)
    return run.pk


def _reading() -> QuerySet[SyncRun]:
    """Runs that have begun to read their source and not yet applied what it said. The first condition is the one of the index."""
    begun = SyncRun.objects.filter(phase__one_of=WORKABLE).exclude(phase=Phase.QUEUED)
    return begun.filter(stage__in=BEFORE_APPLIED).exclude(mode=RunMode.PEOPLE)


def _may_begin(run: SyncRun) -> bool:
    """Two workers that reach for two queued runs of one source in the same instant: the source's row lets one through."""
    if run.phase != Phase.QUEUED or run.mode == RunMode.PEOPLE:
        return True
    Connector.objects.select_for_update(no_key=True).get(pk=run.connector_id)
    return not _reading().filter(connector=run.connector_id).exists()


def release(work: Slice) -> None:
    """Give the run back, due now or at its `wanted_at`."""
    SyncRun.objects.filter(pk=work.run.pk, lease_token=work.token).update(lease_token="", lease_until=None)
