"""What people are told, once, while it is so."""

from __future__ import annotations

from django.db import models
from django.utils.translation import gettext_lazy as _

from config.say import said


class Severity(models.TextChoices):
    BAD = "bad", _("needs action")
    WARN = "warn", _("needs a look")
    INFO = "info", _("for information")


class Notice(models.Model):
    """One situation, in kept sentences (config/sentences.py). While it is open, what happens again raises `count`; it closes by itself
    when the cause is gone."""

    key = models.CharField(max_length=200, help_text="what makes it the same situation, e.g. run.held:workday")
    severity = models.CharField(max_length=6, choices=Severity.choices)
    title = models.CharField(max_length=500)
    body = models.TextField(blank=True)
    next_step = models.TextField(blank=True)
    link = models.CharField(max_length=300, blank=True)
    owner = models.CharField(max_length=10, blank=True, help_text="it, lnd or source")
    count = models.PositiveIntegerField(default=1)
    first_at = models.DateTimeField()
    last_at = models.DateTimeField()
    mailed_at = models.DateTimeField(null=True, blank=True)
    closed_at = models.DateTimeField(null=True, blank=True, db_index=True)

    class Meta:
        verbose_name = _("notice")
        constraints = [models.UniqueConstraint(fields=["key"], condition=models.Q(closed_at=None), name="one_open_notice_per_key")]

    def __str__(self) -> str:
        return said(self.title)
