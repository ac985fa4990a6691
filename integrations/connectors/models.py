"""A configured vendor, its secrets, its troubles and what it was asked."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from typing import Any

from django.db import models
from django.utils.translation import gettext_lazy as _
from simple_history.models import HistoricalRecords

from config import clock
from config.secrets import EncryptedTextField


class ConnectorState(models.TextChoices):
    ACTIVE = "active", _("active")
    PAUSED = "paused", _("paused")
    DISABLED = "disabled", _("disabled")


RULES = ("pilot", "policy", "rank")
TARGET_RULES = ("settings",)  # cohorts, managers, sign-in …: what an account holds beside its mapped fields
FROM_NOW_ON = ("hold_lapses_hours", "mapping_needs_second_person", "number_issuer")  # entries of a policy that decide nothing anew


def plans_anew(old: Mapping[str, Any], new: Mapping[str, Any], *, is_target: bool) -> bool:
    """Whether these new columns decide anew whom a connector concerns, or what a target is told. Columns that `new` lacks stay. Pure."""
    names = (*RULES, *(TARGET_RULES if is_target else ()))
    return any(_rule(name, old[name]) != _rule(name, new[name]) for name in names if name in new)


def _rule(name: str, value: Any) -> Any:
    return {key: one for key, one in value.items() if key not in FROM_NOW_ON} if name == "policy" else value


class Connector(models.Model):
    """One outside system: a source people come from, or a target they go to."""

    key = models.SlugField(_("key"), unique=True, help_text=_("Short name used in commands and files; never changes."))
    name = models.CharField(_("name"), max_length=100)
    vendor = models.CharField(_("system"), max_length=40)
    state = models.CharField(_("state"), max_length=10, choices=ConnectorState.choices, default=ConnectorState.ACTIVE)
    is_target = models.BooleanField(_("receives people"), default=False)
    settings: Any = models.JSONField(_("settings"), default=dict, blank=True)
    rank = models.PositiveSmallIntegerField(
        _("rank"), default=100, help_text=_("When two sources disagree, the lower number wins until the authority matrix exists.")
    )
    # Going live in steps: only these people are planned. {"units": [...], "locations": [...], "people": [...]}; empty = everybody.
    pilot: Any = models.JSONField(_("pilot group"), default=dict, blank=True)
    # Limits per kind of change, over the defaults of syncjobs/guards: {"deactivate": {"people": 3, "share": 0.1, "most": 200}}
    guard: Any = models.JSONField(_("guard limits"), default=dict, blank=True)
    # What is true of this source or target beyond the wire: issuer of employee numbers, idnumber content, pre-boarding, leaver rule …
    policy: Any = models.JSONField(_("policy"), default=dict, blank=True)
    breaker_until = models.DateTimeField(null=True, blank=True, editable=False)
    failures = models.PositiveIntegerField(default=0, editable=False)
    last_success_at = models.DateTimeField(null=True, blank=True, editable=False)
    # When it was last decided anew whom this concerns or what a target is told. The tick finds it and has everybody planned again.
    rules_changed_at = models.DateTimeField(null=True, blank=True, editable=False)
    created_at = models.DateTimeField(auto_now_add=True)
    history = HistoricalRecords(excluded_fields=["breaker_until", "failures", "last_success_at", "rules_changed_at"])

    class Meta:
        verbose_name = _("connector")
        verbose_name_plural = _("connectors")
        ordering = ["rank", "name"]

    def __str__(self) -> str:
        return self.name

    @property
    def is_off(self) -> bool:
        """A source that was switched off: it leads nobody whom another one knows (docs/decisions/0023)."""
        return not self.is_target and self.state == ConnectorState.DISABLED

    def save(self, *args: Any, **kwargs: Any) -> None:
        """Notes by itself when rules change, whoever changes them: a page, a command, a bundle."""
        if self.pk is not None and self._has_new_rules(kwargs.get("update_fields")):
            self.rules_changed_at = clock.now()
            if kwargs.get("update_fields") is not None:
                kwargs["update_fields"] = {*kwargs["update_fields"], "rules_changed_at"}
        super().save(*args, **kwargs)

    def _has_new_rules(self, columns: Collection[str] | None) -> bool:
        stored = Connector.objects.filter(pk=self.pk).values("state", *RULES, *TARGET_RULES).first()
        if stored is None:
            return False
        saved = {name: getattr(self, name) for name in (*RULES, *TARGET_RULES) if columns is None or name in columns}
        is_back = self.is_target and self.state == ConnectorState.ACTIVE != stored["state"]  # nothing was planned for it meanwhile
        # A source that is switched off or on again ranks behind the others, or no longer does.
        is_turned = not self.is_target and self.state != stored["state"] and ConnectorState.DISABLED in (self.state, stored["state"])
        return is_back or is_turned or plans_anew(stored, saved, is_target=self.is_target)


class Credential(models.Model):
    """One secret of a connector. Written, used, never shown again."""

    connector = models.ForeignKey(Connector, on_delete=models.CASCADE, related_name="credentials")
    name = models.CharField(max_length=60)
    value = EncryptedTextField()
    set_at = models.DateTimeField()
    last_used_at = models.DateTimeField(null=True, blank=True)
    expires_at = models.DateTimeField(null=True, blank=True)
    history = HistoricalRecords(excluded_fields=["value", "last_used_at"])  # that it was replaced, by whom and when; never what by

    class Meta:
        verbose_name = _("secret")
        constraints = [models.UniqueConstraint(fields=["connector", "name"], name="one_secret_per_name")]

    def __str__(self) -> str:
        return f"{self.connector}: {self.name}"


class ConnectorIssue(models.Model):
    """One cause of trouble with a connector; closes at the first success."""

    connector = models.ForeignKey(Connector, on_delete=models.CASCADE, related_name="issues")
    code = models.CharField(max_length=40)
    detail = models.TextField(blank=True)
    count = models.PositiveIntegerField(default=1)
    first_at = models.DateTimeField()
    last_at = models.DateTimeField()
    closed_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        verbose_name = _("connector issue")
        constraints = [
            models.UniqueConstraint(fields=["connector", "code"], condition=models.Q(closed_at=None), name="one_open_issue_per_cause")
        ]

    def __str__(self) -> str:
        return f"{self.connector}: {self.code}"


class RequestLog(models.Model):
    """One call that went out, without secrets and bodies."""

    connector = models.ForeignKey(Connector, on_delete=models.CASCADE, related_name="+")
    at = models.DateTimeField()
    method = models.CharField(max_length=8)
    url = models.CharField(max_length=500)
    status = models.PositiveSmallIntegerField(null=True)
    ms = models.PositiveIntegerField()
    sent_bytes = models.PositiveBigIntegerField(default=0)
    received_bytes = models.PositiveBigIntegerField(default=0)
    error_code = models.CharField(max_length=40, blank=True)

    class Meta:
        verbose_name = _("request")
        indexes = [models.Index(fields=["connector", "-at"])]

    def __str__(self) -> str:
        return f"{self.method} {self.url} {self.status}"
