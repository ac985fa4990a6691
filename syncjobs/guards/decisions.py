"""What a person may decide about a plan: approve it, all or by kind, or refuse it."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence

from django.db.models import Count, Q, QuerySet
from django.utils.translation import gettext_lazy

from config import clock
from config.audit.models import Cause
from config.bell import ring
from config.decisions import Effect
from config.errors import PlanStale
from config.roles.models import User
from config.say import neutral
from config.sentences import Sentence, sentence
from integrations.connectors.models import Connector
from integrations.vendors import vendor_class
from syncjobs.guards.models import Hold, HoldState
from syncjobs.plans.models import ChangeKind, ChangeState, Plan, PlannedChange, PlanState
from syncjobs.runs.decisions import RunDecision
from syncjobs.runs.held import no_longer_held
from syncjobs.runs.models import WAITING, Phase, SyncRun

WHOLE = (ChangeKind.DEACTIVATE, ChangeKind.REACTIVATE)  # in step with our own facts: who keeps the account still counts as here


class PlanDecision(RunDecision):
    """A decision about the plan of a run that waits for one."""

    permission = "syncjobs.approve_plan"
    asks_reason = True
    phases = WAITING

    def too_late(self, run: SyncRun) -> Sentence:
        return sentence(
            "This plan waits for no decision any more: its run is in the state “%(phase)s”.", phase=neutral(Phase(run.phase).label)
        )


class ApprovePlan(PlanDecision):
    """Let a held plan go on. `kinds`: pairs of target key and kind that may be applied; None means everything.

    Whose account may not be closed or opened again stays as they are altogether: nothing else about them is written either.
    """

    label = gettext_lazy("Approve the plan")

    def __init__(self, actor: User | None, run: SyncRun, kinds: Sequence[tuple[str, str]] | None = None) -> None:
        super().__init__(actor, run)
        self.kinds = kinds

    def preview(self) -> Effect:
        """How many changes would be made, and how many stay as they are."""
        if self.run.stage == "fetch":  # held before a plan was made: there is nothing to count yet
            went_on = sentence("The run goes on with what was read so far. Its plan is weighed again before the first write.")
            return Effect(sentences=[went_on], counts={}, danger=0)
        approved, refused = self._split()
        aside = self._set_aside(approved, refused)
        approved = {key: n - aside.get(key, 0) for key, n in approved.items()}
        made, left = sum(approved.values()), sum(refused.values()) + sum(aside.values())
        sentences = [sentence("%(n)d change will be made.", "%(n)d changes will be made.", n=made)]
        if refused:
            sentences.append(
                sentence(
                    "%(n)d change will not be made; the next run plans it again.",
                    "%(n)d changes will not be made; the next run plans them again.",
                    n=left,
                )
            )
        sentences += self._kept(refused)
        sentences += self._mails(approved)
        danger = sum(n for (_target, kind), n in approved.items() if kind == "deactivate")
        names = {one.key: one.name for one in Connector.objects.filter(key__in={target for target, _kind in approved})}
        counts = {f"{names.get(target, target)} {kind}": n for (target, kind), n in approved.items()}
        return Effect(sentences=sentences, counts=counts, danger=danger)

    @staticmethod
    def _mails(approved: Mapping[tuple[str, str], int]) -> list[Sentence]:
        """Who will get a mail from a target because its settings ask for one; with single sign-on nobody does."""
        made = {target: n for (target, kind), n in approved.items() if kind == "create"}
        return [
            sentence("%(target)s will mail a first password to %(n)d people.", target=target.name, n=made[target.key])
            for target in Connector.objects.filter(key__in=list(made))
            if vendor_class(target.vendor).mails_newcomers(target.settings)
        ]

    def _kept(self, refused: Mapping[tuple[str, str], int]) -> list[Sentence]:
        kept = self._of_whom(refused).values("person_id").distinct().count() if _whole(refused) else 0
        if not kept:
            return []
        return [
            sentence(
                "%(n)d person whose account would be closed or opened again stays as they are, in our own facts as well.",
                "%(n)d people whose accounts would be closed or opened again stay as they are, in our own facts as well.",
                n=kept,
            )
        ]

    def _of_whom(self, refused: Iterable[tuple[str, str]]) -> QuerySet[PlannedChange]:
        """Changes of these that open or close an account."""
        these = Q(pk__in=())
        for target, kind in _whole(refused):
            these |= Q(target__key=target, kind=kind)
        return PlannedChange.objects.filter(these, plan__run=self.run)

    def _split(self) -> tuple[dict[tuple[str, str], int], dict[tuple[str, str], int]]:
        plan = Plan.objects.filter(run=self.run).first()
        every = {
            (target, kind): n
            for target, kinds in (plan.counts if plan else {}).items()
            for kind, n in kinds.items()
            if target != "people" and kind != "skip"
        }
        if self.kinds is None:
            return every, {}
        chosen = set(self.kinds)
        return {key: n for key, n in every.items() if key in chosen}, {key: n for key, n in every.items() if key not in chosen}

    def _set_aside(self, approved: Mapping[tuple[str, str], int], refused: Mapping[tuple[str, str], int]) -> dict[tuple[str, str], int]:
        """How many of the approved changes are not made all the same, because they are of people who stay as they are."""
        if not approved or not _whole(refused):
            return {}
        theirs = PlannedChange.objects.filter(plan__run=self.run, state=ChangeState.PLANNED)
        theirs = theirs.filter(person_id__in=self._of_whom(refused).values("person_id"))
        counted = theirs.order_by().values_list("target__key", "kind").annotate(n=Count("id"))
        return {(target, kind): n for target, kind, n in counted if (target, kind) in approved}

    def carry_out(self, cause: Cause) -> None:
        run = self.locked()
        if run.is_dry:
            raise PlanStale(sentence("a dry run is never applied"))
        _approved, refused = self._split()
        changes = PlannedChange.objects.filter(plan__run=run, state=ChangeState.PLANNED)
        for target, kind in refused:
            changes.filter(target__key=target, kind=kind).update(state=ChangeState.REFUSED)
        if _whole(refused):
            kept = self._of_whom(refused).values("person_id")
            changes.filter(person_id__in=kept).exclude(kind=ChangeKind.SKIP).update(state=ChangeState.REFUSED)
        Hold.objects.filter(run=run, state=HoldState.OPEN).update(state=HoldState.RELEASED, cause=cause)
        Plan.objects.filter(run=run).update(state=PlanState.READY, groups=None)
        if run.stage == "fetch":  # held before a plan was made: what came is accepted as it is
            run.scope = {**run.scope, "accepted_fetch": (run.cursor or {}).get("stream", 0)}
            run.phase = Phase.PLANNING
        else:
            run.stage, run.phase, run.cursor = "apply", Phase.APPLYING, None
        run.wanted_at = clock.now()
        run.save(update_fields=["scope", "phase", "stage", "cursor", "wanted_at"])
        no_longer_held(run.connector)
        ring("default")


def _whole(kinds: Iterable[tuple[str, str]]) -> list[tuple[str, str]]:
    return [(target, kind) for target, kind in kinds if kind in WHOLE]


class RefusePlan(PlanDecision):
    """End a held plan without changing anything. Its records stay waiting and are planned again by the next run."""

    label = gettext_lazy("Do not apply the plan")

    def preview(self) -> Effect:
        return Effect(sentences=[sentence("Nothing will be changed. The next run plans these people again.")], counts={}, danger=0)

    def carry_out(self, cause: Cause) -> None:
        run = self.locked()
        Hold.objects.filter(run=run, state=HoldState.OPEN).update(state=HoldState.REFUSED, cause=cause)
        Plan.objects.filter(run=run).update(state=PlanState.REJECTED)
        SyncRun.objects.filter(pk=run.pk).update(phase=Phase.CANCELLED, finished_at=clock.now(), error_detail=sentence("not approved"))
        no_longer_held(run.connector)
