"""Their words into ours: mapping rows in versions, value maps, and the values nobody mapped."""

from __future__ import annotations

from typing import Any

from django.conf import settings
from django.db import models
from django.utils.translation import gettext_lazy as _

from integrations.connectors.models import Connector
from integrations.records.models import SourceRecord


class MappingState(models.TextChoices):
    DRAFT = "draft", _("draft")
    PUBLISHED = "published", _("published")
    RETIRED = "retired", _("retired")


class MappingVersion(models.Model):
    """All rows of one stream's mapping at one time. Published versions never change; editing makes the next draft."""

    connector = models.ForeignKey(Connector, on_delete=models.CASCADE, related_name="mappings")
    stream = models.CharField(max_length=40, help_text="the stream read, or the target written")
    number = models.PositiveIntegerField()
    state = models.CharField(max_length=10, choices=MappingState.choices, default=MappingState.DRAFT)
    note = models.CharField(max_length=300, blank=True)
    author = models.ForeignKey(settings.AUTH_USER_MODEL, null=True, blank=True, on_delete=models.PROTECT, related_name="+")
    created_at = models.DateTimeField()
    published_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        verbose_name = _("mapping")
        verbose_name_plural = _("mappings")
        ordering = ["connector", "stream", "-number"]
        constraints = [
            models.UniqueConstraint(fields=["connector", "stream", "number"], name="one_mapping_per_number"),
            models.UniqueConstraint(
                fields=["connector", "stream"], condition=models.Q(state="published"), name="one_published_mapping_per_stream"
            ),
            models.UniqueConstraint(fields=["connector", "stream"], condition=models.Q(state="draft"), name="one_draft_mapping_per_stream"),
        ]

    def __str__(self) -> str:
        return f"{self.connector} {self.stream} v{self.number}"


class NullPolicy(models.TextChoices):
    KEEP = "keep", _("keep the old value")
    CLEAR = "clear", _("empty it")
    REJECT = "reject", _("set the record aside")


class Strength(models.TextChoices):
    ALWAYS = "always", _("always")
    FILL = "fill_if_empty", _("fill if empty")
    SUGGEST = "suggest", _("suggest")


class Direction(models.TextChoices):
    IN = "in", _("into Rollcall")
    OUT = "out", _("to the target")
    NEVER = "never", _("never write back")


class Route(models.TextChoices):
    """When a change of this field goes to the target, as long as nothing else is written to the same account."""

    AT_ONCE = "at_once", _("at once")
    HOURLY = "hourly", _("within the hour")
    NIGHTLY = "nightly", _("at night")


class FieldMapping(models.Model):
    """One row: where a value comes from and what is done to it on the way."""

    mapping = models.ForeignKey(MappingVersion, on_delete=models.CASCADE, related_name="rows")
    position = models.PositiveSmallIntegerField(default=0)
    target = models.CharField(_("fills"), max_length=60)
    source = models.CharField(_("taken from"), max_length=500)
    transforms: Any = models.JSONField(_("changed by"), default=list, blank=True)
    condition = models.CharField(_("only when"), max_length=300, blank=True)
    required = models.BooleanField(_("required"), default=False)
    null_policy = models.CharField(_("when empty"), max_length=8, choices=NullPolicy.choices, default=NullPolicy.KEEP)
    strength = models.CharField(_("strength"), max_length=14, choices=Strength.choices, default=Strength.ALWAYS)
    direction = models.CharField(_("direction"), max_length=6, choices=Direction.choices, default=Direction.IN)
    route = models.CharField(_("arrives"), max_length=8, choices=Route.choices, default=Route.AT_ONCE)

    class Meta:
        verbose_name = _("mapping row")
        ordering = ["position", "id"]
        constraints = [models.UniqueConstraint(fields=["mapping", "target"], name="one_row_per_target_attribute")]

    def __str__(self) -> str:
        return f"{self.target} ← {self.source}"


class ValueMap(models.Model):
    """A look-up table: code → name. Shared by mappings; folding ignores case, outer spaces and accents."""

    key = models.SlugField(_("key"), unique=True)
    name = models.CharField(_("name"), max_length=100)
    keep_unknown = models.BooleanField(
        _("let unknown values through"), default=False, help_text=_("Otherwise they wait in the list of unmapped values.")
    )
    version = models.PositiveIntegerField(default=1, editable=False, help_text="rises with every change of a row")

    class Meta:
        verbose_name = _("value map")
        verbose_name_plural = _("value maps")
        ordering = ["key"]

    def __str__(self) -> str:
        return self.name


class ValueMapRow(models.Model):
    """One code and its name, for a time: [valid_from, valid_until), either end open."""

    value_map = models.ForeignKey(ValueMap, on_delete=models.CASCADE, related_name="rows")
    source = models.CharField(_("code"), max_length=200)
    folded = models.CharField(max_length=200, editable=False)
    target = models.CharField(_("name"), max_length=300)
    valid_from = models.DateField(null=True, blank=True)
    valid_until = models.DateField(null=True, blank=True)

    class Meta:
        verbose_name = _("value")
        ordering = ["folded", "valid_from"]
        constraints = [models.UniqueConstraint(fields=["value_map", "folded", "valid_from"], name="one_name_per_code_and_start")]

    def __str__(self) -> str:
        return f"{self.source} → {self.target}"


class UnmappedValue(models.Model):
    """A code that no row of a value map covers, and how many people wait for it."""

    value_map = models.ForeignKey(ValueMap, on_delete=models.CASCADE, related_name="unmapped")
    connector = models.ForeignKey(Connector, on_delete=models.CASCADE, related_name="+")
    value = models.CharField(max_length=200)
    folded = models.CharField(max_length=200)
    people = models.PositiveIntegerField(default=0)
    first_at = models.DateTimeField()
    last_at = models.DateTimeField()
    closed_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        verbose_name = _("unmapped value")
        verbose_name_plural = _("unmapped values")
        constraints = [
            models.UniqueConstraint(
                fields=["value_map", "connector", "folded"], condition=models.Q(closed_at=None), name="one_open_unmapped_value"
            )
        ]

    def __str__(self) -> str:
        return self.value


class UnmappedRecord(models.Model):
    """Which record waits for which unmapped value. Mapping the value marks exactly these records to be translated again."""

    unmapped = models.ForeignKey(UnmappedValue, on_delete=models.CASCADE, related_name="waiting")
    record = models.ForeignKey(SourceRecord, on_delete=models.CASCADE, related_name="+")

    class Meta:
        verbose_name = _("waiting record")
        constraints = [models.UniqueConstraint(fields=["unmapped", "record"], name="one_wait_per_record_and_value")]

    def __str__(self) -> str:
        return f"{self.record_id} waits for {self.unmapped_id}"
