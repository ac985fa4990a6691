"""The only way out: what must be written elsewhere, and every try."""

from __future__ import annotations

from typing import Any

from django.db import models
from django.utils.translation import gettext_lazy as _

from config.audit.models import Cause
from config.fields import JSONField
from integrations.connectors.models import Connector

URGENT = 0  # the priority of what ends somebody's access, and of what one person waits for


class DeliveryState(models.TextChoices):
    PENDING = "pending", _("pending")
    SENDING = "sending", _("sending")
    DELIVERED = "delivered", _("delivered")
    DEAD = "dead", _("dead")
    HELD = "held", _("held")
    CANCELLED = "cancelled", _("cancelled")


class Delivery(models.Model):
    """One write to one target. Written in the transaction that decided it; carried out later, at least once, by key.

    `subject_id` is whose it is (a value, not a foreign key: this package knows no Person). Deliveries of one subject to one
    connector go out in the order of their ids.
    """

    key = models.CharField(max_length=80, unique=True, help_text="makes the write idempotent")
    connector = models.ForeignKey(Connector, on_delete=models.PROTECT, related_name="deliveries")
    target = models.CharField(max_length=40)
    operation = models.CharField(max_length=30)
    subject_id = models.BigIntegerField()
    remote_id = models.CharField(max_length=200, blank=True)
    values: Any = JSONField(default=dict)
    cause = models.ForeignKey(Cause, on_delete=models.PROTECT, related_name="+")
    state = models.CharField(max_length=10, choices=DeliveryState.choices, default=DeliveryState.PENDING)
    priority = models.PositiveSmallIntegerField(default=5, help_text="0 urgent, 5 nightly")
    attempts = models.PositiveSmallIntegerField(default=0)
    due_at = models.DateTimeField()
    lease_until = models.DateTimeField(null=True, blank=True)
    lease_token = models.CharField(max_length=36, blank=True)
    error_code = models.CharField(max_length=40, blank=True)
    error_detail = models.CharField(max_length=500, blank=True)
    created_at = models.DateTimeField()
    done_at = models.DateTimeField(null=True, blank=True)
    waits_for = models.ForeignKey("self", null=True, blank=True, on_delete=models.SET_NULL, db_index=False, related_name="waiting")
    verified_at = models.DateTimeField(null=True, blank=True, help_text="read back and found equal (UTC)")
    read_back: Any = JSONField(
        null=True,
        blank=True,
        help_text="what reading it back showed; null until it was read. differs: field → [as recorded, as it is there]; "
        "unshown: fields the system does not tell; absent: the account did not come back",
    )

    class Meta:
        verbose_name = _("delivery")
        verbose_name_plural = _("deliveries")
        indexes = [
            models.Index(
                fields=["connector", "priority", "due_at"], condition=models.Q(state__in=["pending", "sending"]), name="delivery_due"
            ),
            models.Index(
                fields=["connector", "subject_id", "id"], condition=models.Q(state__in=["pending", "sending"]), name="delivery_lane"
            ),
            models.Index(fields=["subject_id", "-id"], name="delivery_of_subject"),
            models.Index(fields=["cause", "state"], name="delivery_by_cause"),
            models.Index(fields=["-id"], condition=models.Q(state="dead"), name="delivery_dead"),  # few of many; asked by every page's menu
            models.Index(fields=["waits_for"], condition=models.Q(waits_for__isnull=False), name="delivery_waits_for"),
        ]

    def __str__(self) -> str:
        return f"{self.operation} {self.key}"


class Attempt(models.Model):
    """One try of a delivery; a try adds a row, it replaces none."""

    delivery = models.ForeignKey(Delivery, on_delete=models.CASCADE, related_name="tries")
    number = models.PositiveSmallIntegerField()
    started_at = models.DateTimeField()
    finished_at = models.DateTimeField()
    outcome = models.CharField(max_length=40, help_text="ok, or the code of an error")
    detail = models.CharField(max_length=500, blank=True)

    class Meta:
        verbose_name = _("attempt")

    def __str__(self) -> str:
        return f"{self.delivery_id} #{self.number} {self.outcome}"
