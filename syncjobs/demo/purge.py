"""Take the demo out of an installation again, and nothing else. The trail stays; the values of invented people beside it go.

One transaction: either everything of the demo is gone or nothing is. A worker that is at a run or a write of the demo is not overtaken;
the purge then refuses and is asked again.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from django.conf import settings
from django.db.models import Exists, F, OuterRef, Q, QuerySet, Value
from django.db.models.functions import Concat
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from config import clock
from config.audit.models import AuditDetail, AuditEntry, Cause
from config.audit.record import record_many
from config.decisions import Decision, Effect
from config.errors import Busy
from config.health.models import SandboxClock
from config.notices.models import Notice
from config.roles.models import User
from config.sentences import sentence
from identity.cases.models import Candidate, Case, Verdict
from identity.organisation.models import OrgUnit, PrimaryChoice, ReportingLine
from identity.people.models import FactSheet, Link, Person, Replan, public_id
from integrations.connectors.models import Connector, ConnectorIssue, Credential, RequestLog
from integrations.mapping.models import FieldMapping, MappingVersion, UnmappedRecord, UnmappedValue, ValueMap, ValueMapRow
from integrations.outbound.models import Attempt, Delivery, DeliveryState
from integrations.records.models import RecordVersion, Watermark
from syncjobs.demo.models import DemoPiece
from syncjobs.demo.reach import Reach, reach
from syncjobs.guards.models import Hold
from syncjobs.ledger.facts import erasure
from syncjobs.plans.models import Plan, PlannedChange, WaitingChange
from syncjobs.runs.models import Checkpoint, RecordOutcome
from syncjobs.schedules.models import Blackout, DayTurn, SyncSchedule

ERASED = "removed with the demo"


class PurgeDemo(Decision):
    """Remove what the demo loaded and what came of it. For the shell of the server: the logins of the demo go as well."""

    label = gettext_lazy("Remove the demo")
    permission = "config.operate_sandbox"
    object_type = "demo"

    def __init__(self, actor: User | None = None) -> None:
        super().__init__(actor)
        self.reach = reach()

    @property
    def object_id(self) -> str:
        return "meridian"

    @property
    def object_label(self) -> str:
        return "Meridian Works"

    def refusal(self) -> str:
        if settings.PRODUCTION:
            return _("There is no demo in production.")
        return super().refusal()

    def preview(self) -> Effect:
        if self.reach.is_empty:
            return Effect([sentence("Nothing here was loaded by the demo.")])
        sentences = [sentence("The invented company is removed: its connectors, people, accounts, runs and logins.")]
        if shared := len(self.reach.shared):
            stay = sentence(
                "%(n)s person stays, because a connector that is not the demo's speaks of them too; the next run works out what is left.",
                "%(n)s people stay, because a connector that is not the demo's speaks of them too; the next run works out what is left.",
                n=shared,
            )
            sentences.append(stay)
        sentences.append(sentence("The audit trail stays whole; values of invented people beside it are erased."))
        if self._moves_clock():
            sentences.append(sentence("The clock of the sandbox goes back to the real time."))
        return Effect(sentences, self.reach.counts())

    def carry_out(self, cause: Cause) -> None:
        """Raises Busy while a worker holds a run or a write of the demo."""
        _must_be_at_rest(self.reach)
        moves_clock = self._moves_clock()
        said = _Said(self.reach)
        _remove_work(self.reach)
        _remove_people(self.reach)
        _remove_connectors(self.reach)
        _remove_logins(self.reach)
        said.erase()
        DemoPiece.objects.all().delete()
        if moves_clock:
            _turn_clock_back()
        record_many(cause, (erasure(person) for person in self.reach.people))

    def _moves_clock(self) -> bool:
        """Only where nobody else has anything here: their due times stand in the time that the sandbox made."""
        others = Connector.objects.exclude(pk__in=self.reach.connectors)
        return not others.exists() and SandboxClock.objects.exclude(offset_seconds=0).exists()


def _must_be_at_rest(of: Reach) -> None:
    """Locks what a worker could take next, so that none begins meanwhile (SQLite: this transaction is the only writer)."""
    now = clock.now()
    runs = list(of.runs().select_for_update(of=("self",)).values_list("pk", "lease_until"))
    sending = of.deliveries().filter(state__in=(DeliveryState.PENDING, DeliveryState.SENDING)).select_for_update(of=("self",))
    leases = [until for _pk, until in runs] + [until for _pk, until in sending.values_list("pk", "lease_until")]
    if any(until is not None and until > now for until in leases):
        raise Busy(_("a worker is at a run or a write of the demo; wait until it is done, or stop it"))


def _gone(rows: QuerySet[Any]) -> None:
    """One DELETE. What depends on these rows has gone before them; whatever was forgotten, the database refuses."""
    rows._raw_delete(rows.db)


def _remove_work(of: Reach) -> None:
    runs = of.runs().values("pk")
    _gone(RecordOutcome.objects.filter(Q(run__in=runs) | Q(record__connector__in=of.connectors)))
    _gone(Checkpoint.objects.filter(run__in=runs))
    _gone(Hold.objects.filter(run__in=runs))
    _gone(PlannedChange.objects.filter(Q(plan__run__in=runs) | Q(target__in=of.connectors) | Q(person_id__any=of.people)))
    _gone(WaitingChange.objects.filter(Q(target__in=of.connectors) | Q(person__any=of.people)))
    _gone(Plan.objects.filter(run__in=runs))
    deliveries = of.deliveries().values("pk")
    _gone(Attempt.objects.filter(delivery__in=deliveries))
    orphans = Delivery.objects.filter(waits_for__in=deliveries).exclude(pk__in=deliveries)
    orphans.update(waits_for=None, state=DeliveryState.CANCELLED, done_at=clock.now())
    _gone(Delivery.objects.filter(pk__in=deliveries))
    _gone(of.runs())


def _remove_people(of: Reach) -> None:
    """People, and every record and answer that made them; from those who stay, only what the demo said."""
    of_demo = Q(record__connector__in=of.connectors)
    _gone(Candidate.objects.filter(Q(case__record__connector__in=of.connectors) | Q(person__any=of.people)))
    _gone(Case.objects.filter(of_demo))
    _gone(Verdict.objects.filter(of_demo | Q(person__any=of.people)))
    _gone(UnmappedRecord.objects.filter(of_demo))
    _gone(PrimaryChoice.objects.filter(Q(person__any=of.people) | Q(manager__any=of.people)))
    _gone(ReportingLine.objects.filter(of_demo | Q(person__any=of.people)))
    ReportingLine.objects.filter(manager__any=of.people).update(manager=None, is_primary=False)
    _gone(Link.objects.filter(of_demo | Q(person__any=of.people)))
    _gone(FactSheet.objects.filter(person__any=of.people))
    _gone(Replan.objects.filter(person__any=of.people))
    Person.objects.filter(manager__any=of.people).update(manager=None)
    _gone(Person.objects.filter(pk__any=of.people))
    _gone(RecordVersion.objects.filter(of_demo))
    _gone(of.records())
    now = clock.now()
    Replan.objects.bulk_create(Replan(person_id=person, because=sentence("the demo was removed"), at=now) for person in of.shared)


def _remove_connectors(of: Reach) -> None:
    keys = list(Connector.objects.filter(pk__in=of.connectors).values_list("key", flat=True))
    mine = Q(connector__in=of.connectors)
    _gone(UnmappedValue.objects.filter(mine))
    _gone(FieldMapping.objects.filter(mapping__connector__in=of.connectors))
    for table in (MappingVersion, OrgUnit, Watermark, RequestLog, Credential, ConnectorIssue, Blackout):
        _gone(table._default_manager.filter(mine))
    SyncSchedule.objects.filter(mine).delete()  # with the history's signal: the trail says that it was removed
    Connector.objects.filter(pk__in=of.connectors).delete()
    _gone(SyncSchedule.history.filter(connector_id__in=of.connectors))
    _gone(Credential.history.filter(connector_id__in=of.connectors))
    _gone(Connector.history.filter(id__in=of.connectors))
    _gone(ValueMapRow.objects.filter(pk__in=of.value_rows))
    ValueMap.objects.filter(pk__in=of.value_maps).delete()
    for key in keys:
        _gone(Notice.objects.filter(Q(key__endswith=f":{key}") | Q(key__contains=f":{key}:")))


def _remove_logins(of: Reach) -> None:
    """Their names stay where they acted: in the chain as text, and on its causes."""
    for login in User.objects.filter(pk__in=of.logins):
        Cause.objects.filter(actor=login).update(actor=None, actor_name=str(login)[:150])
        MappingVersion.objects.filter(author=login).update(author=None)
        SyncSchedule.history.filter(owner_id=login.pk).update(owner=None)
        SyncSchedule.history.filter(history_user=login).update(history_user=None)
        Connector.history.filter(history_user=login).update(history_user=None)
        Credential.history.filter(history_user=login).update(history_user=None)
        login.delete()


class _Said:
    """The entries of the trail about what is being removed; gathered before, while it can still be found."""

    def __init__(self, of: Reach) -> None:
        deliveries = of.deliveries()
        rows: dict[str, Iterable[object]] = {
            "person": [public_id(person) for person in of.people],
            "run": list(of.runs().values_list("pk", flat=True)),
            "case": list(of.cases().values_list("pk", flat=True)),
            "delivery": list(deliveries.values_list("pk", flat=True)),
            "mapping": list(MappingVersion.objects.filter(connector__in=of.connectors).values_list("pk", flat=True)),
            "syncschedule": list(SyncSchedule.objects.filter(connector__in=of.connectors).values_list("pk", flat=True)),
            "user": of.logins,
            "connector": [*of.connectors, *Connector.objects.filter(pk__in=of.connectors).values_list("key", flat=True)],
        }
        self.seqs: list[int] = []
        for object_type, numbers in rows.items():
            about = AuditEntry.objects.filter(object_type=object_type, object_id__any=[str(one) for one in numbers])
            self.seqs += about.values_list("seq", flat=True)

    def erase(self) -> None:
        """The values beside these entries, and the words of causes that speak of nothing else."""
        _gone(AuditDetail.objects.filter(entry_id__any=self.seqs))
        other = AuditEntry.objects.filter(cause=OuterRef("pk")).exclude(seq__any=self.seqs)
        of_demo = AuditEntry.objects.filter(seq__any=self.seqs).values("cause")
        Cause.objects.filter(~Exists(other), pk__in=of_demo).update(label=Concat(F("kind"), Value(f", {ERASED}")), reason="")


def _turn_clock_back() -> None:
    """Days that the sandbox invented have not begun yet."""
    SandboxClock.objects.update(offset_seconds=0)
    clock.forget()
    DayTurn.objects.filter(on__gt=clock.today()).delete()
