"""What a person may do with runs: start one, stop one, try again what failed."""

from __future__ import annotations

from collections.abc import Collection
from datetime import timedelta
from typing import Any

from django.utils.translation import gettext_lazy

from config import clock
from config.audit.models import Cause
from config.bell import ring
from config.decisions import Decision, Effect
from config.errors import Overtaken
from config.roles.models import User
from config.say import neutral
from config.sentences import Sentence, sentence
from identity.people.models import Link, Person, Replan
from integrations.connectors.decisions import ConnectorDecision
from integrations.connectors.models import Connector
from integrations.outbound.models import Delivery, DeliveryState
from integrations.outbound.waiting import overtaken, send_again
from syncjobs.runs.held import no_longer_held
from syncjobs.runs.models import LIVE, WAITING, Outcome, Phase, RecordOutcome, SyncRun, Trigger
from syncjobs.runs.slice import BEFORE_APPLIED
from syncjobs.runs.start import start_run
from syncjobs.schedules.models import READING, RunMode

WHAT_IS_READ = {
    RunMode.FULL: sentence("Everything will be read."),
    RunMode.DELTA: sentence("What changed since the last time will be read."),
    RunMode.PLAN: sentence("Nothing is read: everybody is planned again from what was read last."),
}


def _instead_of(held: SyncRun) -> Sentence:
    """What becomes of a plan that waits for somebody when its source is read again."""
    return sentence("The plan of run %(run)s waits for a decision; the new plan takes its place.", run=str(held.pk))


class StartRun(ConnectorDecision):
    """Read a source now. `started` is the run, once executed."""

    label = gettext_lazy("Sync now")
    done = gettext_lazy("Started.")
    permission = "syncjobs.start_run"
    asks_reason = False
    started: SyncRun

    def __init__(self, actor: User | None, connector: Connector, mode: RunMode = RunMode.DELTA, *, is_dry: bool = False) -> None:
        super().__init__(actor, connector)
        self.mode, self.is_dry = mode, is_dry

    def preview(self) -> Effect:
        what = WHAT_IS_READ[self.mode]
        then = sentence("Nothing will be written.") if self.is_dry else sentence("The plan is weighed before anything is written.")
        held = SyncRun.objects.filter(connector=self.connector, phase__in=WAITING, is_dry=False).order_by("-pk").first()
        said = [what, then] if held is None or self.is_dry else [what, then, _instead_of(held)]
        return Effect(sentences=said, counts={}, danger=0)

    def carry_out(self, cause: Cause) -> None:
        self.started = start_run(self.connector, Trigger.MANUAL, self.mode, actor=self.actor, reason=cause.reason, is_dry=self.is_dry)


class SyncPerson(Decision):
    """Plan one person again now, with everything the sources said last."""

    label = gettext_lazy("Sync this person now")
    done = gettext_lazy("Started.")
    permission = "syncjobs.start_run"
    asks_reason = False
    object_type = "person"
    started: SyncRun

    def __init__(self, actor: User | None, person: Person) -> None:
        super().__init__(actor)
        self.person = person

    @property
    def object_id(self) -> str:
        return self.person.public_id

    def preview(self) -> Effect:
        names = ", ".join(source.name for source in self._sources())
        return Effect(
            sentences=[
                sentence(
                    "%(sources)s: the records of this person are read again, and their manager's if nobody knows them yet.", sources=names
                ),
                sentence("Differences are planned, weighed and written."),
            ]
        )

    def _sources(self) -> list[Connector]:
        speaking = Link.objects.filter(person=self.person, until=None, record__connector__is_target=False)
        return list(Connector.objects.filter(pk__in=speaking.values("record__connector")).order_by("rank"))

    def carry_out(self, cause: Cause) -> None:
        """One run per source that speaks of this person; `started` is the leading one's."""
        scope = {"people": [self.person.pk], "reread": True}
        runs = [
            start_run(source, Trigger.MANUAL, RunMode.PEOPLE, actor=self.actor, reason=cause.reason, scope=scope)
            for source in self._sources()
        ]
        self.started = runs[0]


class RunDecision(Decision):
    """A decision about a run, for as long as the run is in one of `phases`."""

    object_type = "run"
    phases: Collection[str] = tuple(Phase)

    def __init__(self, actor: User | None, run: SyncRun) -> None:
        super().__init__(actor)
        self.run = run

    @property
    def object_id(self) -> str:
        return str(self.run.pk)

    def over(self) -> str:
        return self.too_late(self.run) if self.run.phase not in self.phases else ""

    def too_late(self, run: SyncRun) -> Sentence:
        return sentence("This run has ended, in the state “%(phase)s”.", phase=neutral(Phase(run.phase).label))

    def locked(self) -> SyncRun:
        """The row as it is now, until the end. Raises Overtaken when it is too late."""
        run = SyncRun.objects.select_for_update().get(pk=self.run.pk)
        if run.phase not in self.phases:
            raise Overtaken(self.too_late(run))
        return run


UNSENT = (DeliveryState.PENDING, DeliveryState.HELD)  # what is held for another account would go when that is made


class CancelRun(RunDecision):
    """Stop a run. What was written stays written; what was not is planned again next time."""

    label = gettext_lazy("Cancel this run")
    permission = "syncjobs.start_run"
    asks_reason = True
    phases = LIVE

    def preview(self) -> Effect:
        done = Delivery.objects.filter(cause=self.run.cause_id, state=DeliveryState.DELIVERED).count()
        waiting = Delivery.objects.filter(cause=self.run.cause_id, state__in=UNSENT).count()
        sentences = [sentence("The run stops within seconds."), sentence("%(n)d changes are done and stay.", n=done)]
        if waiting:
            sentences.append(sentence("%(n)d changes that wait will not be sent.", n=waiting))
        return Effect(sentences=sentences, counts={}, danger=waiting)

    def carry_out(self, cause: Cause) -> None:
        run = self.locked()
        unsent = Delivery.objects.filter(cause=run.cause_id, state__in=UNSENT)
        people = list(unsent.values_list("subject_id", flat=True).distinct())
        unsent.update(state=DeliveryState.CANCELLED, done_at=clock.now())
        Replan.objects.bulk_create(Replan(person_id=person, because=sentence("its run was cancelled"), at=clock.now()) for person in people)
        was_held = run.holds.filter(state="open").update(state="refused", cause=cause)
        free = {"phase": Phase.CANCELLED, "finished_at": clock.now()} if not run.lease_token else {}
        SyncRun.objects.filter(pk=run.pk).update(cancel_asked=True, **free)
        if was_held:
            no_longer_held(run.connector)


RESUMABLE = timedelta(days=1)  # a day later the next night has read the same people anew


class RetryFailed(RunDecision):
    """Try again what this run could not do: records set aside, deliveries that are dead, and the rest of a run that failed on its way."""

    label = gettext_lazy("Retry what failed")
    done = gettext_lazy("What failed is tried again.")
    permission = "syncjobs.start_run"
    asks_reason = False
    started: SyncRun | None = None

    def _dead(self) -> Any:
        """Those a newer write has overtaken stay dead: sent now, they would bring old values back."""
        dead = Delivery.objects.filter(cause=self.run.cause_id, state=DeliveryState.DEAD)
        return dead.exclude(pk__in=overtaken(dead).values("pk"))

    def _parked(self) -> Any:
        return RecordOutcome.objects.filter(run=self.run, outcome=Outcome.PARKED)

    def goes_on(self) -> bool:
        """Whether a failed run can go on where it stopped: not when a later run has read the source since."""
        run = self.run
        if run.phase != Phase.FAILED or run.finished_at is None or run.finished_at < clock.now() - RESUMABLE:
            return False
        return not SyncRun.objects.filter(connector=run.connector_id, pk__gt=run.pk, mode__in=READING).exists()

    def preview(self) -> Effect:
        if self.goes_on():
            return Effect(sentences=[sentence("The run goes on where it stopped. What it has read stays read.")])
        stored = self._parked().filter(record__isnull=False)
        counts = {"deliveries": self._dead().count(), "records": stored.count()}
        sentences = []
        if n := counts["deliveries"]:
            sentences.append(sentence("%(n)d delivery is sent again.", "%(n)d deliveries are sent again.", n=n))
        if n := counts["records"]:
            sentences.append(sentence("%(n)d record is read from the source again.", "%(n)d records are read from the source again.", n=n))
        waiting = Delivery.objects.filter(waits_for__in=self._dead(), state=DeliveryState.HELD).count()
        if waiting:
            sentences.append(
                sentence("%(n)s more that waits for it is sent after it.", "%(n)s more that wait for them are sent after them.", n=waiting)
            )
        rows = self._parked().filter(record=None).count()
        if rows:
            sentences.append(
                sentence(
                    "%(n)d row never became a record: it comes with the next reading, once it is mended in the source.",
                    "%(n)d rows never became records: they come with the next reading, once they are mended in the source.",
                    n=rows,
                )
            )
        return Effect(sentences=sentences or [sentence("Nothing is left to try again.")], counts=counts, danger=0)

    def carry_out(self, cause: Cause) -> None:
        self.run = self.locked()
        if self.goes_on():
            self._go_on()
            return
        send_again(self._dead())
        records = list(self._parked().filter(record__isnull=False).values_list("record_id", flat=True))
        if records:
            scope = {"records": records, "people": [], "reread": True}  # who mended them may have done so in the source
            self.started = start_run(self.run.connector, Trigger.RETRY, RunMode.PEOPLE, actor=self.actor, reason=cause.reason, scope=scope)
        ring("default")

    def _go_on(self) -> None:
        """The same run, from its last checkpoint. What else it could not do can be tried again when it has ended."""
        phase = Phase.PLANNING if self.run.stage in BEFORE_APPLIED else Phase.APPLYING
        again = {"tries": 0, "wanted_at": clock.now(), "finished_at": None, "error_code": "", "error_detail": ""}
        SyncRun.objects.filter(pk=self.run.pk).update(phase=phase, **again)
        self.started = self.run
        ring(self.run.lane)
