"""What will change, before anything does."""

from __future__ import annotations

from typing import Any

from django.db import models
from django.utils.translation import gettext_lazy as _

from config.fields import JSONField
from identity.people.models import Person
from integrations.connectors.models import Connector
from integrations.outbound.models import Delivery
from syncjobs.runs.models import SyncRun


class PlanState(models.TextChoices):
    BUILDING = "building", _("being made")
    READY = "ready", _("ready")
    HELD = "held", _("waits for a decision")
    APPLIED = "applied", _("applied")
    LAPSED = "lapsed", _("lapsed")
    REJECTED = "rejected", _("rejected")


class Plan(models.Model):
    """Desired minus recorded state, for one run. Apply refuses what is not in it."""

    run = models.OneToOneField(SyncRun, on_delete=models.CASCADE, related_name="plan")
    state = models.CharField(max_length=10, choices=PlanState.choices, default=PlanState.BUILDING)
    counts: Any = JSONField(default=dict, help_text="{target key or 'people': {kind: n}}")
    groups: Any = JSONField(null=True, blank=True, help_text="its changes by target, kind, reason and state; empty while they change")
    digest = models.CharField(max_length=64, blank=True)
    made_at = models.DateTimeField(null=True)
    knows_to = models.BigIntegerField(null=True, help_text="number of the newest write there was when the plan began")
    lapses_at = models.DateTimeField(null=True, blank=True)
    applied_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        verbose_name = _("plan")

    def __str__(self) -> str:
        return f"plan of run {self.run_id}"


class ChangeKind(models.TextChoices):
    CREATE = "create", _("create")
    UPDATE = "update", _("update")
    DEACTIVATE = "deactivate", _("deactivate")
    REACTIVATE = "reactivate", _("reactivate")
    LINK = "link", _("link")
    SKIP = "skip", _("skip")


class ChangeState(models.TextChoices):
    PLANNED = "planned", _("planned")
    REFUSED = "refused", _("not approved")
    APPLIED = "applied", _("applied")
    STALE = "stale", _("changed meanwhile")
    WAITS = "waits", _("waits for its hour")


class PlannedChange(models.Model):
    """One change of one person: of our own facts (target empty) or in one target. `reason` is the sentence people read."""

    # db_index=False: the indexes below begin with the plan. Each index costs every row of a night.
    plan = models.ForeignKey(Plan, on_delete=models.CASCADE, related_name="changes", db_index=False)
    target = models.ForeignKey(Connector, null=True, blank=True, on_delete=models.PROTECT, related_name="+")
    kind = models.CharField(max_length=12, choices=ChangeKind.choices)
    person_id = models.BigIntegerField(help_text="no constraint: a new person is written by apply")
    name = models.CharField(max_length=300, blank=True)
    reason_code = models.CharField(max_length=40)
    reason = models.CharField(max_length=500)
    before: Any = JSONField(default=dict, help_text="only what differs")
    after: Any = JSONField(default=dict, help_text="only what differs; everything for a create")
    extra: Any = JSONField(default=dict, help_text="what apply needs beside the values: standing, sources, lines, links")
    base_version = models.PositiveIntegerField(default=0, help_text="Person.version the plan was made on; 0 = not yet a person")
    state = models.CharField(max_length=8, choices=ChangeState.choices, default=ChangeState.PLANNED)
    delivery = models.OneToOneField(Delivery, null=True, blank=True, on_delete=models.SET_NULL, related_name="change")

    class Meta:
        verbose_name = _("planned change")
        indexes = [
            models.Index(fields=["plan", "target", "kind", "reason_code"], name="change_by_kind"),
            models.Index(fields=["plan", "person_id"], name="change_by_person"),
            models.Index(fields=["person_id", "-id"], name="change_of_person"),
        ]

    def __str__(self) -> str:
        return f"{self.kind} {self.person_id}"


class WaitingChange(models.Model):
    """The account of this person differs only in fields that can wait; they are planned again at `due_at` (plans/waiting.py)."""

    person = models.ForeignKey(Person, on_delete=models.CASCADE, related_name="+", db_index=False)  # the constraint has it
    target = models.ForeignKey(Connector, on_delete=models.CASCADE, related_name="+")
    route = models.CharField(max_length=8, help_text="hourly or nightly")
    fields: Any = JSONField(default=list, help_text="the target's own fields that differ")
    since = models.DateTimeField()
    due_at = models.DateTimeField(db_index=True)

    class Meta:
        verbose_name = _("change that waits")
        constraints = [models.UniqueConstraint(fields=["person", "target"], name="one_wait_per_person_and_target")]

    def __str__(self) -> str:
        return f"{self.person_id} → {self.target_id}, {self.due_at:%Y-%m-%d %H:%M}"
