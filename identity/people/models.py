"""The canonical person, what joins records to them, and everything that was ever true of them."""

from __future__ import annotations

from typing import Any

from django.db import models
from django.utils.translation import gettext_lazy as _

from config.audit.models import Cause
from config.fields import JSONField
from integrations.records.models import SourceRecord


class Standing(models.TextChoices):
    """Where a person stands in working life, as of now in their own zone (identity/lifecycle/state.py)."""

    BEFORE = "before", _("starts soon")
    ACTIVE = "active", _("active")
    ON_LEAVE = "on_leave", _("on leave")
    LEFT = "left", _("left")


class Person(models.Model):
    """One human being. The number is given out once, in blocks (people/numbers.py), and never changes or returns."""

    id = models.BigIntegerField(primary_key=True)
    standing = models.CharField(max_length=10, choices=Standing.choices)
    population = models.CharField(max_length=10, default="employee")
    display_name = models.CharField(max_length=300, blank=True)
    search = models.TextField(blank=True, help_text="folded name, e-mails and numbers; the list searches here")
    email = models.CharField(max_length=254, blank=True)
    employee_number = models.CharField(max_length=64, blank=True)
    job_title = models.CharField(max_length=500, blank=True)
    department = models.CharField(max_length=500, blank=True)
    location = models.CharField(max_length=500, blank=True)
    manager = models.ForeignKey("self", null=True, blank=True, on_delete=models.SET_NULL, related_name="reports")
    values: Any = JSONField(default=dict, help_text="the surviving value of every attribute")
    sources: Any = JSONField(default=dict, help_text="attribute, or * → [record id, record version, mapping number, why]")
    next_change_at = models.DateTimeField(null=True, blank=True, help_text="when the standing changes by itself next (UTC)")
    version = models.PositiveIntegerField(default=1)
    created_at = models.DateTimeField()
    changed_at = models.DateTimeField()

    class Meta:
        verbose_name = _("person")
        verbose_name_plural = _("people")
        indexes = [
            models.Index(fields=["next_change_at"], condition=models.Q(next_change_at__isnull=False), name="person_next_change"),
            models.Index(fields=["standing", "display_name", "id"], name="person_list"),
            models.Index(fields=["display_name", "id"], name="person_by_name"),
        ]

    def __str__(self) -> str:
        return self.display_name or self.public_id

    @property
    def public_id(self) -> str:
        return public_id(self.id)


def public_id(number: int) -> str:
    """The number as people and other systems see it."""
    return f"P-{number:06d}"


def number_of(public: str | None) -> int | None:
    """The number behind "P-004812"; None for anything else."""
    bare = (public or "").upper().removeprefix("P-")
    return int(bare) if bare.isdecimal() else None


class PersonNumber(models.Model):
    """The last person number given out; one row."""

    last = models.BigIntegerField(default=0)


class Link(models.Model):
    """This record speaks of this person, because of `evidence`. One live link per record."""

    class Method(models.TextChoices):
        FIRST = "first", _("first record of this person")
        STRONG_KEY = "strong_key", _("same employee number")
        DECISION = "decision", _("decided by a person")
        OUR_ID = "our_id", _("carries our id")
        CREATED = "created", _("created by Rollcall")

    person = models.ForeignKey(Person, on_delete=models.PROTECT, related_name="links")
    record = models.ForeignKey(SourceRecord, on_delete=models.PROTECT, related_name="+")
    method = models.CharField(max_length=12, choices=Method.choices)
    evidence = models.CharField(max_length=500)
    since = models.DateTimeField()
    until = models.DateTimeField(null=True, blank=True)
    cause = models.ForeignKey(Cause, on_delete=models.PROTECT, related_name="+")

    class Meta:
        verbose_name = _("link")
        constraints = [models.UniqueConstraint(fields=["record"], condition=models.Q(until=None), name="one_live_link_per_record")]

    def __str__(self) -> str:
        return f"{self.person_id} ↔ {self.record_id}"


class FactSheet(models.Model):
    """All facts of one person from `recorded_at` until the next sheet: what we believed then, and why.

    One sheet per change instead of one row per value: docs/decisions/0003. Lineage of a value is recomputed from the record
    version and mapping number in `sources`.
    """

    person = models.ForeignKey(Person, on_delete=models.PROTECT, related_name="sheets", db_index=False)  # the constraint has it
    version = models.PositiveIntegerField()
    standing = models.CharField(max_length=10)
    values: Any = JSONField()
    sources: Any = JSONField()
    recorded_at = models.DateTimeField()
    cause = models.ForeignKey(Cause, on_delete=models.PROTECT, related_name="+")

    class Meta:
        verbose_name = _("facts")
        verbose_name_plural = _("facts")
        constraints = [models.UniqueConstraint(fields=["person", "version"], name="one_sheet_per_person_version")]

    def __str__(self) -> str:
        return f"{self.person_id} v{self.version}"


class Replan(models.Model):
    """This person must be planned again. Written by whoever changed something about them, taken away by the plan that did."""

    person = models.ForeignKey(Person, on_delete=models.CASCADE, related_name="+")
    because = models.CharField(max_length=500)
    is_urgent = models.BooleanField(default=False)
    at = models.DateTimeField()

    class Meta:
        indexes = [models.Index(fields=["is_urgent", "id"])]

    def __str__(self) -> str:
        return f"{self.person_id}: {self.because}"
