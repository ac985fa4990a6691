"""A small Meridian Works beside a real installation: the stage of every story. Vendors answer over HTTP, the clock is ours.

Verbs read as the stories do: `company.night()`, `company.hr.do("terminate", …)`, `company.account("Haruto Sato")`.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from django.test import override_settings

from config import clock
from config.health.models import SandboxClock
from identity.cases.models import Case
from identity.matching.decisions import LinkRecord
from identity.people.models import Link, Person
from integrations.connectors.models import Connector
from integrations.sandbox.server import Running, running_sandbox
from integrations.sandbox.world import World
from syncjobs.demo.company import make_company
from syncjobs.guards.decisions import ApprovePlan
from syncjobs.pipeline.drive import drive
from syncjobs.pipeline.tick import tick
from syncjobs.runs.models import Phase, SyncRun, Trigger
from syncjobs.runs.start import start_run
from syncjobs.schedules.models import RunMode

MORNING = datetime(2026, 6, 10, 7, 0, tzinfo=UTC)  # a Wednesday, nine in Berlin, four in the afternoon in Tokyo
SOURCES = ("workday", "bamboohr", "hr-extract")


class Company:
    """The sandbox, the installation's connectors by key, and what a story does with them."""

    def __init__(self, box: Running) -> None:
        self.box = box

    @property
    def hr(self) -> World:
        return self.box.world

    def connector(self, key: str) -> Connector:
        return Connector.objects.get(key=key)

    def set_policy(self, key: str, **policy: Any) -> None:
        connector = self.connector(key)
        connector.policy = {**connector.policy, **policy}
        connector.save()

    def run(self, key: str = "workday", mode: RunMode = RunMode.DELTA, *, approve: bool = True, is_dry: bool = False) -> SyncRun:
        """One run of this source, approved where it is held, worked on until it ends."""
        run = drive(start_run(self.connector(key), Trigger.MANUAL, mode, is_dry=is_dry), patience_seconds=60)
        return self.approve(run) if approve else run

    def approve(self, run: SyncRun) -> SyncRun:
        while run.phase in (Phase.AWAITING, Phase.HELD):
            ApprovePlan(None, run).execute("looked at, and right")
            run = drive(run, patience_seconds=60)
        return run

    def night(self, *sources: str, mode: RunMode = RunMode.FULL) -> list[SyncRun]:
        return [self.run(key, mode) for key in sources or SOURCES]

    def at(self, moment: datetime) -> None:
        """The clock of the hub and of the sandbox stand at `moment` (UTC)."""
        set_clock(moment)

    def later(self, **by: float) -> None:
        later(**by)

    def tick(self) -> list[SyncRun]:
        """What time alone brings about now, done; the runs it started."""
        last = SyncRun.objects.order_by("-pk").values_list("pk", flat=True).first() or 0
        tick()
        return [drive(run, patience_seconds=60) for run in SyncRun.objects.filter(pk__gt=last).order_by("pk")]

    def person(self, number: str) -> Person:
        """By employee number."""
        return Person.objects.get(employee_number=number)

    def account(self, person: Person) -> dict[str, Any] | None:
        """The person's account as Moodle itself holds it; None when there is none."""
        link = Link.objects.filter(person=person, record__connector__key="academy", until=None).select_related("record").first()
        if link is None:
            return None
        return next(one for one in self.accounts() if str(one["id"]) == link.record.external_id)

    def known(self, number: str) -> Person:
        """The person with this employee number, with an account: whom Moodle had already, somebody has said to be them."""
        person = self.person(number)
        case = Case.objects.filter(kind="already_there", state="open", candidates__person=person).first()
        if case is not None:
            LinkRecord(None, case, person).execute("known to be the same person")
            self.tick()
            person.refresh_from_db()
        assert self.account(person) is not None
        return person

    def accounts(self) -> list[dict[str, Any]]:
        return list(self.box.emulators["moodle"].accounts(limit=100_000))

    def case(self, kind: str) -> Case:
        return Case.objects.get(kind=kind, state="open")


def later(**by: float) -> None:
    """Time passes."""
    set_clock(clock.now() + timedelta(**by))


def set_clock(moment: datetime) -> None:
    """The hub's clock stands at `moment`, in this process at once and by its row in every other.

    This process does not read the row again: a thread of the sandbox has a connection of its own and would not see it.
    """
    seconds = round((moment - datetime.now(UTC)).total_seconds())
    SandboxClock.objects.update_or_create(pk=1, defaults={"offset_seconds": seconds})
    clock.pin(timedelta(seconds=seconds))


@contextmanager
def meridian(folder: Path, size: int = 120, **options: Any) -> Iterator[Company]:
    """The company at work, its extract in `folder`, everything configured and nothing read yet."""
    drop = folder / "extract"
    drop.mkdir(parents=True, exist_ok=True)
    set_clock(MORNING)
    with running_sandbox(size, MORNING.date(), now=clock.now, drop_folder=drop, **options) as box:
        with override_settings(SANDBOX_HOSTS=[box.host], FILE_FOLDERS=[str(folder)], DATA_DIR=folder):
            make_company(None, box.url, str(drop))
            yield Company(box)
    clock.forget()
