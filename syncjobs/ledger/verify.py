"""Do the ledgers add up? Every question is one query over all rows, a circle two; an empty answer is a good one.

Each check names an invariant of the design: what is counted here must be nothing, at any instant, on any installation.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from django.db.models import Count, Exists, F, OuterRef, Q, QuerySet

from config import clock
from identity.organisation.flatten import rings
from identity.people.models import FactSheet, Link, Person
from integrations.outbound.models import Attempt, Delivery, DeliveryState
from integrations.records.models import SourceRecord
from syncjobs.plans.models import ChangeKind, ChangeState, PlannedChange, PlanState
from syncjobs.runs.models import Outcome, RecordOutcome, SyncRun


@dataclass(frozen=True)
class Finding:
    """One thing that does not add up: how often, and the first few rows by their ids."""

    check: str
    count: int
    examples: list[int]


def people_without_record() -> QuerySet[Person]:
    """A person of whom no record speaks."""
    return Person.objects.filter(~Exists(Link.objects.filter(person=OuterRef("pk"))))


def two_live_links() -> QuerySet[Link]:
    """A record that belongs to two people (I1)."""
    twin = Link.objects.filter(record=OuterRef("record"), until=None).exclude(pk=OuterRef("pk"))
    return Link.objects.filter(Exists(twin), until=None)


def two_accounts() -> QuerySet[Link]:
    """A person with two active accounts in one target (I2)."""
    other = Link.objects.filter(
        person=OuterRef("person"), record__connector=OuterRef("record__connector"), until=None, record__gone_at=None
    ).exclude(pk=OuterRef("pk"))
    suspended = Q(record__values__suspended=True)
    return Link.objects.filter(Exists(other.exclude(suspended)), until=None, record__connector__is_target=True).exclude(suspended)


def facts_out_of_step() -> QuerySet[Person]:
    """A person whose facts are not those of their last fact sheet."""
    last = FactSheet.objects.filter(person=OuterRef("pk"), version=OuterRef("version"))
    return Person.objects.filter(~Exists(last))


def changes_without_delivery() -> QuerySet[PlannedChange]:
    """An applied change of an account that nobody was told to write (I5)."""
    written = PlannedChange.objects.filter(state=ChangeState.APPLIED, target__isnull=False, plan__state=PlanState.APPLIED, delivery=None)
    return written.exclude(kind__in=(ChangeKind.SKIP, ChangeKind.LINK))


def deliveries_without_attempt() -> QuerySet[Delivery]:
    """Something that counts as delivered although no try is known (I11)."""
    tried = Attempt.objects.filter(delivery=OuterRef("pk"), outcome="ok")
    return Delivery.objects.filter(~Exists(tried), state=DeliveryState.DELIVERED)


def stuck_deliveries() -> QuerySet[Delivery]:
    """A lease that ran out over an hour ago and was taken by nobody: no worker runs."""
    return Delivery.objects.filter(state=DeliveryState.SENDING, lease_until__lt=clock.now() - clock.HOUR)


def staged_without_person() -> QuerySet[RecordOutcome]:
    """A worker's record that is in an applied plan and belongs to nobody."""
    applied = RecordOutcome.objects.filter(outcome=Outcome.STAGED, is_new_person=True, run__plan__state=PlanState.APPLIED)
    return applied.filter(~Exists(Link.objects.filter(record=OuterRef("record"))), record__pending=False)


def outcomes_of_nothing() -> QuerySet[RecordOutcome]:
    """An outcome whose run or record is not there."""
    no_run = ~Exists(SyncRun.objects.filter(pk=OuterRef("run_id")))
    no_record = Q(record_id__isnull=False) & ~Exists(SourceRecord.objects.filter(pk=OuterRef("record_id")))
    return RecordOutcome.objects.filter(no_run | no_record)


def accounts_of_nobody() -> QuerySet[Delivery]:
    """An account that was made for somebody who is not joined to it (I2)."""
    theirs = Link.objects.filter(
        person=OuterRef("subject_id"), record__connector=OuterRef("connector"), record__external_id=OuterRef("remote_id")
    )
    return Delivery.objects.filter(~Exists(theirs), state=DeliveryState.DELIVERED, operation="create")


def managers_in_circles() -> QuerySet[Person]:
    """A person who reports to themselves, alone or through others."""
    reports_to = {pk: above for pk, above in Person.objects.values_list("pk", "manager_id") if above is not None}
    return Person.objects.filter(pk__any=sorted(rings(reports_to, reports_to)))


def ended_links_reversed() -> QuerySet[Link]:
    """A link that ended before it began."""
    return Link.objects.filter(until__lt=F("since"))


CHECKS: tuple[
    Callable[[], QuerySet[Person] | QuerySet[Link] | QuerySet[PlannedChange] | QuerySet[Delivery] | QuerySet[RecordOutcome]], ...
] = (
    people_without_record,
    two_live_links,
    two_accounts,
    facts_out_of_step,
    changes_without_delivery,
    deliveries_without_attempt,
    stuck_deliveries,
    staged_without_person,
    outcomes_of_nothing,
    accounts_of_nobody,
    managers_in_circles,
    ended_links_reversed,
)


def verify_ledger() -> list[Finding]:
    """What does not add up; empty when everything does."""
    found = []
    for check in CHECKS:
        rows = check()
        count = rows.aggregate(n=Count("pk"))["n"]
        if count:
            found.append(Finding((check.__doc__ or check.__name__).strip(), count, list(rows.values_list("pk", flat=True)[:5])))
    return found
