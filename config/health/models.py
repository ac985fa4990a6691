"""Signs of life, and the clock of the sandbox."""

from __future__ import annotations

from django.db import models


class Heartbeat(models.Model):
    """When a process last said that it is alive. One row per component and process."""

    component = models.CharField(max_length=20)  # worker, beat, sandbox
    instance = models.CharField(max_length=120)
    at = models.DateTimeField()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["component", "instance"], name="one_heartbeat_per_process")]

    def __str__(self) -> str:
        return f"{self.component} {self.instance}"


class SandboxClock(models.Model):
    """How far the demo has moved its clock; one row. Production never reads it."""

    offset_seconds = models.BigIntegerField(default=0)
