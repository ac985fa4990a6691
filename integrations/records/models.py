"""What the outside systems said, word for word."""

from __future__ import annotations

from typing import Any

from django.db import models
from django.utils.translation import gettext_lazy as _

from config.fields import JSONField
from integrations.connectors.models import Connector

UNTRANSLATED = 0  # as number of a mapping: what the record says in our words counts no more, the next run translates it again


class SourceRecord(models.Model):
    """One record of one stream, as last heard, and its translation into our words.

    `pending` says that this version has not been applied yet: it was new or changed, or a run that read it was held,
    parked it or died. An unchanged record that is not pending costs a hash compare and nothing else.
    A learner in an LMS is a SourceRecord too: `values` then is the recorded state that plans are compared with.
    """

    connector = models.ForeignKey(Connector, on_delete=models.PROTECT, related_name="+", db_index=False)  # the constraint has it
    stream = models.CharField(max_length=40)
    external_id = models.CharField(max_length=200)
    payload: Any = JSONField()
    content_hash = models.CharField(max_length=32, help_text="128 bits of BLAKE2b over the canonical JSON of the payload, hex")
    version = models.PositiveIntegerField(default=1)
    values: Any = JSONField(default=dict, help_text="the payload in canonical attributes")
    mapping_version = models.PositiveIntegerField(default=0, help_text="number of the mapping that made `values`")
    strong_key = models.CharField(max_length=120, blank=True, help_text="issuer and number that name one human being, folded")
    email_key = models.CharField(max_length=254, blank=True, help_text="work e-mail, folded: evidence, never a key")
    login_key = models.CharField(max_length=200, blank=True, help_text="sign-in name at an LMS, folded; empty for workers")
    pending = models.BooleanField(default=True)
    missing_count = models.PositiveSmallIntegerField(default=0, help_text="complete full reads in a row that did not contain it")
    gone_at = models.DateTimeField(null=True, blank=True, help_text="believed gone since (UTC)")
    source_changed_at = models.DateTimeField(null=True, blank=True)
    first_seen_at = models.DateTimeField()
    changed_at = models.DateTimeField()

    class Meta:
        verbose_name = _("source record")
        constraints = [models.UniqueConstraint(fields=["connector", "stream", "external_id"], name="one_record_per_external_id")]
        indexes = [
            models.Index(fields=["strong_key"], condition=~models.Q(strong_key=""), name="record_by_strong_key"),
            models.Index(fields=["email_key"], condition=~models.Q(email_key=""), name="record_by_email"),
            models.Index(fields=["connector", "login_key"], condition=~models.Q(login_key=""), name="record_by_login"),
            models.Index(fields=["connector", "stream", "id"], condition=models.Q(pending=True), name="record_pending"),
        ]

    def __str__(self) -> str:
        return f"{self.stream} {self.external_id}"


class RecordVersion(models.Model):
    """What a record said before it changed."""

    record = models.ForeignKey(SourceRecord, on_delete=models.CASCADE, related_name="versions", db_index=False)  # the constraint has it
    version = models.PositiveIntegerField()
    payload: Any = JSONField()
    recorded_at = models.DateTimeField(help_text="when this version was first heard (UTC)")
    replaced_at = models.DateTimeField()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["record", "version"], name="one_row_per_record_version")]

    def __str__(self) -> str:
        return f"{self.record_id} v{self.version}"


class Watermark(models.Model):
    """How far a stream has been read: the next delta starts at `mark` less the overlap (the source's clock, UTC)."""

    connector = models.ForeignKey(Connector, on_delete=models.CASCADE, related_name="+")
    stream = models.CharField(max_length=40)
    mark = models.DateTimeField(null=True, blank=True)
    reading = models.CharField(max_length=64, blank=True, help_text="what was read and from where, as the connector was set then")
    last_full_at = models.DateTimeField(null=True, blank=True)  # the mark of the last full read that was no dry run
    last_full_count = models.PositiveIntegerField(default=0)
    vanished: Any = JSONField(default=dict, blank=True, help_text="mapped fields nobody has a value in any more → how many people had one")

    not_kept: Any = JSONField(
        default=list, blank=True, help_text="names of fields that came and that no mapping reads; nothing of them is kept"
    )

    class Meta:
        constraints = [models.UniqueConstraint(fields=["connector", "stream"], name="one_watermark_per_stream")]

    def __str__(self) -> str:
        return f"{self.connector_id}.{self.stream} {self.mark}"
