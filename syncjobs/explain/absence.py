"""Why somebody has no account in a learning system: the nearest of the reasons that stand in the rows. Reads only; three queries."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from django.utils.translation import gettext as _

from config.errors import by_code
from identity.cases.models import Case, CaseKind
from identity.people.models import Link, Person, Standing
from integrations.connectors.models import Connector, ConnectorState
from integrations.outbound.models import Delivery, DeliveryState
from syncjobs.plans.desired import NONE, TargetPolicy
from syncjobs.plans.models import ChangeState, PlannedChange, PlanState
from syncjobs.plans.pilot import in_pilot
from syncjobs.runs.models import WAITING, Outcome, Phase, RecordOutcome


@dataclass(frozen=True, slots=True)
class Absence:
    """One learning system without an account. `why` names a sentence of account.py, which `said` fills; empty when nothing is known."""

    system: str
    why: str = ""
    said: tuple[tuple[str, Any], ...] = ()


def absences(person: Person, targets: Sequence[Connector], lead: Link | None, questions: Sequence[Case]) -> list[Absence]:
    """One for each of `targets`, which are those without an account; `questions` are open and name this person."""
    if not targets:
        return []
    asked = {case.record.connector_id for case in questions if case.kind == CaseKind.ALREADY_THERE}
    created = Delivery.objects.filter(subject_id=person.pk, connector__in=targets, operation="create").order_by("pk")
    writes = {row.connector_id: row for row in created}
    planned = (
        PlannedChange.objects.filter(person_id=person.pk, target__in=targets, plan__run__is_dry=False)
        .select_related("plan__run")
        .order_by("pk")
    )
    plans = {row.target_id: row for row in planned.exclude(state=ChangeState.APPLIED)}
    return [_absence(person, target, lead, target.pk in asked, writes.get(target.pk), plans.get(target.pk)) for target in targets]


def _absence(
    person: Person, target: Connector, lead: Link | None, is_asked: bool, write: Delivery | None, change: PlannedChange | None
) -> Absence:
    """The first that holds: what a person must answer, what the rules say of this person, then how far the account is on its way."""
    groups = [one for one in (target, *([lead.record.connector] if lead else [])) if not in_pilot(person.pk, person.values, one)]
    policy = TargetPolicy.of(target.policy, target.settings)
    if is_asked:
        return Absence(target.name, "question")
    if person.standing == Standing.LEFT:
        return Absence(target.name, "left")
    if groups:
        return Absence(target.name, "outside", (("groups", tuple(one.name for one in groups)),))
    if person.standing == Standing.BEFORE and policy.before_start == NONE:
        return Absence(target.name, "before")
    if person.standing == Standing.ON_LEAVE and policy.on_leave != "active":
        return Absence(target.name, "on_leave")
    if target.state != ConnectorState.ACTIVE:
        return Absence(target.name, "paused")
    if write is not None and (change is None or write.created_at >= change.plan.run.created_at):
        return _of_write(target, write)
    return _of_plan(target, change) if change is not None else Absence(target.name)


def _of_write(target: Connector, write: Delivery) -> Absence:
    if write.state == DeliveryState.DEAD:
        return Absence(target.name, "refused", (("error", write.error_code),))
    if write.state in (DeliveryState.PENDING, DeliveryState.SENDING):
        return Absence(target.name, "sending")
    return Absence(target.name, "given_up" if write.state == DeliveryState.CANCELLED else "")


def _of_plan(target: Connector, change: PlannedChange) -> Absence:
    plan, run = change.plan, (("run", change.plan.run_id),)
    if change.state == ChangeState.REFUSED or plan.state == PlanState.REJECTED:
        return Absence(target.name, "not_approved", run)
    if change.state == ChangeState.STALE:
        return Absence(target.name, "stale", run)
    if plan.state == PlanState.LAPSED:
        return Absence(target.name, "lapsed", run)
    if plan.run.phase in WAITING:
        return Absence(target.name, "held", run)
    return Absence(target.name, "stopped", run) if plan.run.phase in (Phase.CANCELLED, Phase.FAILED) else Absence(target.name)


def set_aside(links: Sequence[Link]) -> list[tuple[str, str]]:
    """Records of this person whose newest version could not be used: system, and why in the reader's language."""
    waiting = {link.record_id: link.record.connector.name for link in links if link.record.pending}
    if not waiting:
        return []
    rows = RecordOutcome.objects.filter(record_id__any=list(waiting)).order_by("pk").values_list("record_id", "outcome", "code")
    last = {record: (outcome, code) for record, outcome, code in rows if record}
    parked = [(record, code) for record, (outcome, code) in last.items() if outcome == Outcome.PARKED]
    return [(waiting[record], _(by_code(code)().sentence)) for record, code in parked]
