"""Units and reporting lines as the sources tell them."""

from __future__ import annotations

from typing import Any

from django.db import models
from django.utils.translation import gettext_lazy as _

from config.audit.models import Cause
from config.fields import JSONField
from identity.people.models import Person
from integrations.connectors.models import Connector
from integrations.records.models import SourceRecord


class OrgUnit(models.Model):
    """One box of one source's chart. `path` is flattened here: ids from the outermost unit down to this one."""

    connector = models.ForeignKey(Connector, on_delete=models.CASCADE, related_name="+")
    external_id = models.CharField(max_length=200)
    name = models.CharField(max_length=300)
    unit_type = models.CharField(max_length=60, blank=True)
    parent_key = models.CharField(max_length=200, blank=True)
    path: Any = JSONField(default=list)
    problem = models.CharField(max_length=500, blank=True, help_text="a cycle or a missing parent, in words")

    class Meta:
        verbose_name = _("organisation unit")
        constraints = [models.UniqueConstraint(fields=["connector", "external_id"], name="one_unit_per_external_id")]

    def __str__(self) -> str:
        return self.name


class ReportingLine(models.Model):
    """This person reports to that one, as one record says. All lines are kept; one is primary for the LMS.

    `manager` is empty while the manager's own record has not arrived; `manager_key` waits for it.
    """

    person = models.ForeignKey(Person, on_delete=models.CASCADE, related_name="lines")
    record = models.ForeignKey(SourceRecord, on_delete=models.CASCADE, related_name="+")
    line_type = models.CharField(max_length=40)
    manager_key = models.CharField(max_length=200)
    manager = models.ForeignKey(Person, null=True, blank=True, on_delete=models.SET_NULL, related_name="+")
    unit = models.CharField(max_length=200, blank=True)
    is_primary = models.BooleanField(default=False)
    why = models.CharField(max_length=500, blank=True)

    class Meta:
        verbose_name = _("reporting line")
        indexes = [models.Index(fields=["manager_key"], condition=models.Q(manager=None), name="line_waiting_for_manager")]

    def __str__(self) -> str:
        return f"{self.person_id} → {self.manager_key} ({self.line_type})"


class PrimaryChoice(models.Model):
    """A human answer: of several managers of equal rank this one is primary. Holds while the person reports to that manager."""

    person = models.OneToOneField(Person, on_delete=models.CASCADE, related_name="primary_choice")
    manager = models.ForeignKey(Person, on_delete=models.CASCADE, related_name="+")
    cause = models.ForeignKey(Cause, on_delete=models.PROTECT, related_name="+")
    at = models.DateTimeField()

    class Meta:
        verbose_name = _("choice of the primary manager")

    def __str__(self) -> str:
        return f"{self.person_id} → {self.manager_id}"
