"""When old rows were let go, and how many: one row a day, which is also the lease of whoever does it."""

from __future__ import annotations

from typing import Any

from django.db import models
from django.utils.translation import gettext_lazy as _


class PruneTurn(models.Model):
    """The retention of one day. The unique day makes a second tick harmless; the lease keeps a second worker away.

    `on` is the organisation's day, empty for one that somebody did by hand (`manage.py prune`).
    """

    on = models.DateField(null=True, blank=True, unique=True)
    removed: Any = models.JSONField(default=dict, help_text="{kind: how many so far}")
    lease_token = models.CharField(max_length=36, blank=True)
    lease_until = models.DateTimeField(null=True, blank=True)
    started_at = models.DateTimeField()
    finished_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        verbose_name = _("retention of a day")
        indexes = [models.Index(fields=["-finished_at"], name="prune_last")]

    def __str__(self) -> str:
        return f"{self.on or self.started_at:%Y-%m-%d}"
