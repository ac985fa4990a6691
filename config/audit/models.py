"""The trail: why (Cause), what (AuditEntry), the values (AuditDetail), and the end of the chain (AuditHead)."""

from __future__ import annotations

from typing import Any

from django.conf import settings
from django.db import models
from django.utils.translation import gettext_lazy as _

from config.say import said


class CauseKind(models.TextChoices):
    RUN = "run", _("sync run")
    DECISION = "decision", _("decision")
    SETTING = "setting", _("settings change")
    SYSTEM = "system", _("system")


class Cause(models.Model):
    """Because of what. Everything written points at one: a run, a human decision, a settings change."""

    kind = models.CharField(max_length=12, choices=CauseKind.choices)
    label = models.CharField(max_length=500, help_text="what it was, as a sentence: “Workday, nightly run 813”")
    reason = models.TextField(blank=True, help_text="why, as the person who acted said it")
    actor = models.ForeignKey(settings.AUTH_USER_MODEL, null=True, blank=True, on_delete=models.PROTECT, related_name="+")
    actor_name = models.CharField(max_length=150, blank=True, help_text="who it was, once their login has been removed")
    correlation = models.CharField(max_length=64, blank=True, db_index=True, help_text="request or run, as in the log lines")
    at = models.DateTimeField()

    class Meta:
        verbose_name = _("cause")

    def __str__(self) -> str:
        return said(self.label)

    @property
    def actor_label(self) -> str:
        return str(self.actor) if self.actor_id else self.actor_name or "Rollcall"


class AuditEntry(models.Model):
    """One thing that happened. `hash` covers this row and the hash before it; personal values stand beside it, by digest.

    Never updated, never deleted: database triggers refuse both (migration 0002).
    """

    seq = models.BigIntegerField(primary_key=True)
    at = models.DateTimeField(db_index=True)
    actor = models.CharField(max_length=150)
    action = models.CharField(max_length=60, db_index=True)
    object_type = models.CharField(max_length=40)
    object_id = models.CharField(max_length=64)
    cause = models.ForeignKey(Cause, on_delete=models.PROTECT, related_name="+")
    digest = models.CharField(max_length=64, help_text="SHA-256 of the values (AuditDetail, or the fact sheet), hex")
    previous = models.CharField(max_length=64)
    hash = models.CharField(max_length=64)

    class Meta:
        verbose_name = _("audit entry")
        verbose_name_plural = _("audit trail")
        indexes = [models.Index(fields=["object_type", "object_id", "seq"])]

    def __str__(self) -> str:
        return f"{self.seq} {self.action}"


class AuditDetail(models.Model):
    """The values before and after. Erasable: the entry keeps only their digest."""

    entry = models.OneToOneField(AuditEntry, primary_key=True, on_delete=models.PROTECT, related_name="detail")
    label = models.CharField(max_length=500, blank=True)
    before: Any = models.JSONField(null=True)
    after: Any = models.JSONField(null=True)


class AuditHead(models.Model):
    """The last entry of the chain; its row lock puts writers in order."""

    seq = models.BigIntegerField(default=0)
    hash = models.CharField(max_length=64, default="0" * 64)
