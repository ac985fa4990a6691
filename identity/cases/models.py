"""What waits for a human answer, and the answers, which outlive every run."""

from __future__ import annotations

from typing import Any

from django.db import models
from django.utils.translation import gettext_lazy as _

from config.audit.models import Cause
from config.say import said
from identity.people.models import Person
from integrations.records.models import SourceRecord


class CaseKind(models.TextChoices):
    DUPLICATE = "duplicate", _("possible duplicate")
    NUMBER_REUSED = "number_reused", _("number used by someone else before")
    SHARED_EMAIL = "shared_email", _("e-mail used by two people")
    ALREADY_THERE = "already_there", _("already in the learning system")
    MANAGER_TIE = "manager_tie", _("more than one manager could be primary")


class CaseState(models.TextChoices):
    OPEN = "open", _("open")
    DEFERRED = "deferred", _("deferred")
    LINKED = "linked", _("same person")
    KEPT_SEPARATE = "kept_separate", _("kept separate")
    CLOSED = "closed", _("no longer in question")


class Case(models.Model):
    """One question about one record. `waits` says in words what happens, or does not, until it is answered."""

    kind = models.CharField(max_length=16, choices=CaseKind.choices)
    record = models.ForeignKey(SourceRecord, on_delete=models.PROTECT, related_name="+")
    state = models.CharField(max_length=14, choices=CaseState.choices, default=CaseState.OPEN)
    question = models.CharField(max_length=500)
    waits = models.CharField(max_length=500, blank=True)
    opened_at = models.DateTimeField()
    deferred_until = models.DateField(null=True, blank=True)
    answered_at = models.DateTimeField(null=True, blank=True)
    cause = models.ForeignKey(Cause, null=True, blank=True, on_delete=models.PROTECT, related_name="+")

    class Meta:
        verbose_name = _("case")
        ordering = ["opened_at", "id"]
        constraints = [
            models.UniqueConstraint(fields=["record"], condition=models.Q(state__in=["open", "deferred"]), name="one_open_case_per_record")
        ]

    def __str__(self) -> str:
        return said(self.question)


class Candidate(models.Model):
    """A person this record may belong to, with what speaks for and against it: [["+", "same e-mail"], ["-", "other number"]]."""

    case = models.ForeignKey(Case, on_delete=models.CASCADE, related_name="candidates")
    person = models.ForeignKey(Person, on_delete=models.CASCADE, related_name="+")
    evidence: Any = models.JSONField(default=list)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["case", "person"], name="one_candidate_per_person")]

    def __str__(self) -> str:
        return f"{self.case_id}: {self.person_id}"


class Verdict(models.Model):
    """A human answer about a record: it is this person, or (person empty) it is someone new. No run undoes it."""

    record = models.OneToOneField(SourceRecord, on_delete=models.PROTECT, related_name="+")
    person = models.ForeignKey(Person, null=True, blank=True, on_delete=models.PROTECT, related_name="+")
    cause = models.ForeignKey(Cause, on_delete=models.PROTECT, related_name="+")
    at = models.DateTimeField()

    def __str__(self) -> str:
        return f"{self.record_id} → {self.person_id or 'new'}"
