"""When to stop: what was weighed, and what waits."""

from __future__ import annotations

from django.db import models
from django.utils.translation import gettext_lazy as _

from config.audit.models import Cause
from config.say import said
from syncjobs.runs.models import SyncRun


class HoldState(models.TextChoices):
    OPEN = "open", _("waits for a decision")
    RELEASED = "released", _("approved")
    REFUSED = "refused", _("not approved")
    LAPSED = "lapsed", _("lapsed")


class Hold(models.Model):
    """One verdict of the guard on one kind of change of one plan (or on the fetch itself)."""

    run = models.ForeignKey(SyncRun, on_delete=models.CASCADE, related_name="holds")
    code = models.CharField(max_length=30, help_text="too_many, first_plan, source_empty, fetch_cut_off, mass_manager_change")
    target_key = models.CharField(max_length=60, blank=True)
    kind = models.CharField(max_length=12, blank=True)
    people = models.PositiveIntegerField(default=0)
    of = models.PositiveIntegerField(default=0)
    sentence = models.CharField(max_length=500)
    state = models.CharField(max_length=10, choices=HoldState.choices, default=HoldState.OPEN)
    lapses_at = models.DateTimeField()
    cause = models.ForeignKey(Cause, null=True, blank=True, on_delete=models.PROTECT, related_name="+")
    opened_at = models.DateTimeField()

    class Meta:
        verbose_name = _("hold")
        constraints = [models.UniqueConstraint(fields=["run", "code", "target_key", "kind"], name="one_hold_per_verdict")]

    def __str__(self) -> str:
        return said(self.sentence)
