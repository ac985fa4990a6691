"""What a person may do with a connector: add it, set it up, replace a secret, try it, pause it, switch it off."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from django.utils.translation import gettext_lazy

from config import clock
from config.audit.models import Cause
from config.bell import ring
from config.decisions import Decision, Effect
from config.roles.models import User
from config.say import neutral
from config.sentences import Sentence, sentence
from integrations.connectors.addresses import refuse_moved_secret
from integrations.connectors.models import Connector, ConnectorState, Credential
from integrations.vendors import vendor_class


class ConnectorDecision(Decision):
    """What they have in common."""

    object_type = "connector"

    def __init__(self, actor: User | None, connector: Connector) -> None:
        super().__init__(actor)
        self.connector = connector

    @property
    def object_id(self) -> str:
        return self.connector.key

    @property
    def object_label(self) -> str:
        return self.connector.name


class PauseConnector(ConnectorDecision):
    """No scheduled run reads it, nothing is written to it; what is due waits."""

    label = gettext_lazy("Pause")
    permission = "integrations.pause_connector"
    asks_reason = True
    becomes = ConnectorState.PAUSED

    def preview(self) -> Effect:
        if self.connector.is_target:
            return Effect([sentence("Nothing more is written to %(name)s; changes wait in their order.", name=self.connector.name)])
        return Effect([sentence("No scheduled run reads %(name)s until it is resumed. People stay as they are.", name=self.connector.name)])

    def state(self) -> Any:
        return Connector.objects.filter(pk=self.connector.pk).values_list("state", flat=True).first()

    def carry_out(self, cause: Cause) -> None:
        connector = Connector.objects.select_for_update().get(pk=self.connector.pk)
        connector.state = self.becomes
        connector.save(update_fields=["state"])
        ring("default")


class ResumeConnector(PauseConnector):
    """Runs and writes go on where they stopped."""

    label = gettext_lazy("Resume")
    asks_reason = False
    becomes = ConnectorState.ACTIVE

    def preview(self) -> Effect:
        return Effect([sentence("Scheduled runs and writes go on; what was due meanwhile runs once.")])


class DisableConnector(PauseConnector):
    """Take it out of service. Nothing is deleted."""

    label = gettext_lazy("Disable")
    permission = "integrations.change_connector"
    becomes = ConnectorState.DISABLED

    def preview(self) -> Effect:
        sentences = [
            sentence("%(name)s is not read, not written to and not planned for any more.", name=self.connector.name),
            sentence("Its records, accounts and history stay. Nobody is deactivated because of it."),
        ]
        return Effect(sentences)


class SaveConnector(ConnectorDecision):
    """New settings, and secrets that were typed. `changes`: columns of the connector → their new values."""

    label = gettext_lazy("Save")
    permission = "integrations.change_connector"

    def __init__(
        self, actor: User | None, connector: Connector, changes: Mapping[str, Any], secrets: Mapping[str, str] | None = None
    ) -> None:
        super().__init__(actor, connector)
        self.changes, self.secrets = changes, secrets or {}

    def preview(self) -> Effect:
        """What differs, field by field. Secrets are named, never shown."""
        sentences = []
        for column, value in self.changes.items():
            sentences += differences(self.connector, column, value)
        sentences += [sentence("The secret “%(name)s” is replaced.", name=name) for name in self.secrets]
        return Effect(sentences or [sentence("Nothing differs from what is stored.")])

    def carry_out(self, cause: Cause) -> None:
        connector = Connector.objects.select_for_update().get(pk=self.connector.pk)
        kept = Credential.objects.filter(connector=connector).values_list("name", flat=True)
        after = self.changes.get("settings", connector.settings)
        refuse_moved_secret(vendor_class(connector.vendor), connector.settings, after, list(kept), self.secrets)
        for column, value in self.changes.items():
            setattr(connector, column, value)
        connector.save()  # all columns: the history keeps what differs, under this cause
        keep_secrets(connector, self.secrets)


class ChangeLimits(SaveConnector):
    """What a run may change alone, for whom, and when people come and go. Wants a reason: it decides who is protected."""

    label = gettext_lazy("Change limits and rules")
    asks_reason = True


def differences(connector: Connector, column: str, new: Any) -> list[Sentence]:
    """“Tenant: meridian → meridian2”, one a value that differs."""
    old = getattr(connector, column)
    if not isinstance(old, dict) or not isinstance(new, dict):
        name = neutral(getattr(Connector._meta.get_field(column), "verbose_name", column))
        return [] if old == new else [_difference(name, old, new)]
    labels = {setting.key: setting.label for setting in vendor_class(connector.vendor).settings} if column == "settings" else {}
    keys = [key for key in {**old, **new} if old.get(key) != new.get(key)]
    return [_difference(Sentence(labels.get(key) or key.replace("_", " ")), old.get(key), new.get(key)) for key in keys]


def _difference(name: Sentence, old: Any, new: Any) -> Sentence:
    return sentence("%(name)s: %(old)s → %(new)s", name=name, old=_shown(old), new=_shown(new))


def _shown(value: Any) -> str:
    if isinstance(value, list):
        return ", ".join(map(str, value)) or "–"
    return "–" if value in (None, "", {}) else str(value)


def keep_secrets(connector: Connector, secrets: Mapping[str, str]) -> None:
    """Encrypt and store. Nothing of them enters history or trail."""
    for name, value in secrets.items():
        said = {"value": value, "set_at": clock.now(), "last_used_at": None, "expires_at": None}
        Credential.objects.update_or_create(connector=connector, name=name, defaults=said)


class RotateCredential(ConnectorDecision):
    """Put a new secret in the place of an old one."""

    label = gettext_lazy("Replace the secret")
    permission = "integrations.rotate_credential"

    def __init__(self, actor: User | None, connector: Connector, name: str, value: str) -> None:
        super().__init__(actor, connector)
        self.name, self.value = name, value

    def preview(self) -> Effect:
        return Effect(
            [
                sentence("The new “%(name)s” is used from the next call on; the old one is forgotten.", name=self.name),
                sentence("The secret itself enters neither history nor trail."),
            ]
        )

    def carry_out(self, cause: Cause) -> None:
        keep_secrets(self.connector, {self.name: self.value})
        Connector.objects.filter(pk=self.connector.pk).update(breaker_until=None)  # do not wait out the rest that the old one earned
        ring("default")


class UploadFile(ConnectorDecision):
    """The next run reads this file. It lies in the data directory already; the decision makes it the one that counts."""

    label = gettext_lazy("Use this file")
    permission = "integrations.upload_file"

    def __init__(self, actor: User | None, connector: Connector, path: str, size: int) -> None:
        super().__init__(actor, connector)
        self.path, self.size = path, size

    def preview(self) -> Effect:
        return Effect([sentence("The next run of %(name)s reads the uploaded file (%(n)d bytes).", name=self.connector.name, n=self.size)])

    def carry_out(self, cause: Cause) -> None:
        connector = Connector.objects.select_for_update().get(pk=self.connector.pk)
        connector.settings = {**connector.settings, "path": self.path, "source": "upload"}
        connector.save(update_fields=["settings"])
