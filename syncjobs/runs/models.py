"""One sync from start to end, as rows: what was asked, how far it is, and what became of every record."""

from __future__ import annotations

from typing import Any

from django.db import models
from django.utils.translation import gettext_lazy as _

from config.audit.models import Cause
from config.fields import JSONField
from integrations.connectors.models import Connector
from integrations.records.models import SourceRecord
from syncjobs.schedules.models import RunMode, SyncSchedule


class Phase(models.TextChoices):
    """The words people see (screens, API, filters)."""

    QUEUED = "queued", _("queued")
    PLANNING = "planning", _("planning")
    AWAITING = "awaiting approval", _("awaiting approval")
    HELD = "held", _("held")
    APPLYING = "applying", _("applying")
    SUCCEEDED = "succeeded", _("succeeded")
    PARTIAL = "partial", _("partial")
    FAILED = "failed", _("failed")
    CANCELLED = "cancelled", _("cancelled")


WAITING = (Phase.AWAITING, Phase.HELD)  # for a person
LIVE = (Phase.QUEUED, Phase.PLANNING, Phase.AWAITING, Phase.HELD, Phase.APPLYING)
WORKABLE = (Phase.QUEUED, Phase.PLANNING, Phase.APPLYING)


class Trigger(models.TextChoices):
    SCHEDULE = "schedule", _("schedule")
    MANUAL = "manual", _("by hand")
    CALENDAR = "calendar", _("a date was reached")
    RETRY = "retry", _("retry")
    CHANGE = "change", _("a decision or setting")
    WAITED = "waited", _("what waited for its hour")
    ARRIVAL = "arrival", _("a file arrived")


class SyncRun(models.Model):
    """One run. `stage` is where it works now; a lease keeps two workers from working on it at once."""

    connector = models.ForeignKey(Connector, on_delete=models.PROTECT, related_name="runs")
    trigger = models.CharField(max_length=10, choices=Trigger.choices)
    mode = models.CharField(max_length=8, choices=RunMode.choices)
    is_dry = models.BooleanField(default=False)
    scope: Any = JSONField(default=dict, blank=True, help_text="for chosen people: {'people': [...], 'records': [...]}")
    schedule = models.ForeignKey(SyncSchedule, null=True, blank=True, on_delete=models.SET_NULL, related_name="runs")
    due_at = models.DateTimeField(null=True, blank=True)
    cause = models.OneToOneField(Cause, on_delete=models.PROTECT, related_name="+")
    lane = models.CharField(max_length=8, default="bulk")  # urgent, default, bulk: the Celery queue
    phase = models.CharField(max_length=20, choices=Phase.choices, default=Phase.QUEUED)
    stage = models.CharField(max_length=12, default="fetch")
    cursor: Any = JSONField(null=True, blank=True, help_text="where the stage goes on")
    window: Any = JSONField(default=dict, blank=True, help_text="since, until, as_of as handed to the vendor, per stream")
    counts: Any = JSONField(default=dict, blank=True)
    done = models.PositiveIntegerField(default=0, help_text="progress of the stage")
    total = models.PositiveIntegerField(null=True, blank=True)
    wanted_at = models.DateTimeField(help_text="not before (UTC); a retry waits here")
    tries = models.PositiveSmallIntegerField(default=0, help_text="failed slices in a row")
    lease_token = models.CharField(max_length=36, blank=True)
    lease_until = models.DateTimeField(null=True, blank=True)
    cancel_asked = models.BooleanField(default=False)
    error_code = models.CharField(max_length=40, blank=True)
    error_detail = models.TextField(blank=True)
    created_at = models.DateTimeField()
    started_at = models.DateTimeField(null=True, blank=True)
    finished_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        verbose_name = _("run")
        verbose_name_plural = _("runs")
        ordering = ["-id"]
        constraints = [models.UniqueConstraint(fields=["schedule", "due_at"], name="one_run_per_due_time")]
        indexes = [
            models.Index(fields=["wanted_at"], condition=models.Q(phase__in=["queued", "planning", "applying"]), name="run_workable"),
            models.Index(fields=["connector", "-id"], name="run_by_connector"),
        ]

    def __str__(self) -> str:
        return f"{self.connector} {self.pk}"


class Checkpoint(models.Model):
    """One page that was read and stored. `seen` packs the SourceRecord ids on it (unsigned 64-bit, little endian)."""

    # db_index=False: a constraint or an index below begins with the same column. Each index costs every row of a night.
    run = models.ForeignKey(SyncRun, on_delete=models.CASCADE, related_name="checkpoints", db_index=False)
    stream = models.CharField(max_length=40)
    number = models.PositiveIntegerField()
    cursor: Any = JSONField(null=True)
    announced = models.PositiveIntegerField(null=True)
    is_last = models.BooleanField(default=False)
    mark = models.DateTimeField(null=True)
    counts: Any = JSONField(default=dict)
    seen = models.BinaryField(default=b"")
    at = models.DateTimeField()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["run", "stream", "number"], name="one_checkpoint_per_page")]

    def __str__(self) -> str:
        return f"{self.run_id} {self.stream} {self.number}"


class Outcome(models.TextChoices):
    STAGED = "staged", _("in the plan")
    PARKED = "parked", _("set aside")
    CASE = "case", _("waits for a decision")
    GONE = "gone", _("no longer in the source")


class RecordOutcome(models.Model):
    """What this run made of one record, and why. Unchanged records are only counted (SyncRun.counts), so that a run in which
    nothing changed writes nothing but its own rows."""

    # A journal of one row for each record of a night: no constraint in the database, whose check of both keys took a sixth of the time
    # of storing a page. The ledger counts rows that point nowhere (syncjobs/ledger/verify.py).
    run = models.ForeignKey(SyncRun, on_delete=models.CASCADE, related_name="outcomes", db_index=False, db_constraint=False)
    record = models.ForeignKey(
        SourceRecord, null=True, blank=True, on_delete=models.CASCADE, related_name="+", db_index=False, db_constraint=False
    )
    outcome = models.CharField(max_length=12, choices=Outcome.choices)
    # Minted at resolve, before the Person row exists (apply writes it), hence no constraint in the database.
    person_id = models.BigIntegerField(null=True, blank=True)
    is_new_person = models.BooleanField(default=False)
    link_method = models.CharField(max_length=12, blank=True)
    code = models.CharField(max_length=40, blank=True)
    detail = models.CharField(max_length=500, blank=True)
    field = models.CharField(max_length=60, blank=True)
    position = models.PositiveIntegerField(null=True, blank=True, help_text="row in the source, for rows that never became a record")
    question: Any = JSONField(null=True, blank=True, help_text="the case that apply will open: kind, question, candidates")

    class Meta:
        verbose_name = _("outcome")
        constraints = [
            models.UniqueConstraint(
                fields=["run", "record"], name="one_outcome_per_run_and_record"
            )  # rows without a record are all distinct
        ]
        indexes = [
            models.Index(fields=["run", "person_id"], name="outcome_by_person"),
            models.Index(fields=["record", "-id"], name="outcome_of_record"),
        ]

    def __str__(self) -> str:
        return f"{self.run_id} {self.record_id} {self.outcome}"
