"""What a person may do with a connector: add it, set it up, replace a secret, try it, pause it, switch it off."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from django.core.exceptions import PermissionDenied
from django.utils.translation import gettext_lazy

from config import clock
from config.audit.chain import digest
from config.audit.models import Cause
from config.audit.record import take_turn
from config.bell import ring
from config.decisions import Decision, Effect
from config.errors import Overtaken
from config.roles.models import User
from config.sentences import Sentence, sentence
from integrations.connectors.addresses import refuse_moved_secret
from integrations.connectors.health import ask, keep
from integrations.connectors.models import Connector, ConnectorState, Credential, plans_anew
from integrations.connectors.setting_changes import change, moves, reading_of, setting_changes
from integrations.vendors import vendor_class
from integrations.vendors.base import Health


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

    def locked(self) -> Connector:
        """The row, until the end. First the turn at the trail: a worker that keeps what a target answered takes them in this order too."""
        take_turn()
        return Connector.objects.select_for_update(no_key=True).get(pk=self.connector.pk)


class PauseConnector(ConnectorDecision):
    """No scheduled run reads it, nothing is written to it; what is due waits."""

    label = gettext_lazy("Pause")
    permission = "integrations.pause_connector"
    asks_reason = True
    becomes = ConnectorState.PAUSED

    def preview(self) -> Effect:
        if self.connector.is_target:
            return Effect([sentence("Nothing more is written to %(name)s; changes wait in their order.", name=self.connector.name)])
        return Effect(
            [
                sentence("No scheduled run reads %(name)s until it is resumed. People stay as they are.", name=self.connector.name),
                sentence("A run under way stops within seconds and goes on afterwards; what it has applied is still written."),
            ]
        )

    def state(self) -> Any:
        return Connector.objects.filter(pk=self.connector.pk).values_list("state", flat=True).first()

    def carry_out(self, cause: Cause) -> None:
        connector = self.locked()
        connector.state = self.becomes
        connector.save(update_fields=["state"])
        ring("default")


class ResumeConnector(PauseConnector):
    """Runs and writes go on where they stopped."""

    label = gettext_lazy("Resume")
    asks_reason = False
    becomes = ConnectorState.ACTIVE

    def preview(self) -> Effect:
        if self.connector.is_target:
            planned = sentence("What changed meanwhile is planned now; the guard weighs that plan before anything is written.")
            return Effect([sentence("Writes that waited go out in their order."), planned])
        return Effect([sentence("Scheduled runs go on; what was due meanwhile runs once.")])


class DisableConnector(PauseConnector):
    """Take it out of service. Nothing is deleted."""

    label = gettext_lazy("Disable")
    permission = "integrations.change_connector"
    becomes = ConnectorState.DISABLED

    def preview(self) -> Effect:
        gone_quiet = sentence("%(name)s is not read, not written to and not planned for any more.", name=self.connector.name)
        stays = sentence("Its records, accounts and history stay. Nobody is deactivated because it is silent.")
        if self.connector.is_target:
            return Effect([gone_quiet, stays])
        led = sentence("Whoever another source knows as well is led by that one from now on. The guard weighs what comes of it.")
        return Effect([gone_quiet, stays, led])


def as_seen(connector: Connector) -> str:
    """What somebody saw when they began to change it; another one means that somebody else was quicker."""
    kept = Credential.objects.filter(connector=connector).order_by("name").values_list("name", "set_at")
    return digest([[getattr(connector, column) for column in ("name", "settings", "guard", "pilot", "policy")], list(kept)])


class SaveConnector(ConnectorDecision):
    """New settings, and secrets that were typed. `changes`: columns of the connector → their new values.

    Wants a reason where another server is asked or something else is read. `seen`: `as_seen` when the preview was made.
    `people`: asked for how many the connector concerns, where the preview says so.
    """

    label = gettext_lazy("Save")
    permission = "integrations.change_connector"
    afterwards = gettext_lazy("Test the connection to see whether it works.")

    def __init__(
        self,
        actor: User | None,
        connector: Connector,
        changes: Mapping[str, Any],
        secrets: Mapping[str, str] | None = None,
        seen: str = "",
        people: Callable[[], int] = lambda: 0,
    ) -> None:
        super().__init__(actor, connector)
        self.changes, self.secrets, self.seen, self.people = changes, secrets or {}, seen, people
        self.vendor = vendor_class(connector.vendor)
        self.before, self.after = connector.settings, changes.get("settings", connector.settings)
        self.asks_reason = self.moves or self.reads_anew

    @property
    def moves(self) -> bool:
        return moves(self.vendor, self.before, self.after)

    @property
    def reads_anew(self) -> bool:
        return not self.connector.is_target and reading_of(self.vendor, self.before) != reading_of(self.vendor, self.after)

    @property
    def is_empty(self) -> bool:
        return not self.secrets and all(getattr(self.connector, column) == value for column, value in self.changes.items())

    def preview(self) -> Effect:
        """What differs, field by field, and what it brings about. Secrets are named, never shown."""
        sentences = [*self.differences(), *(sentence("%(name)s: replaced", name=self._label(name)) for name in self.secrets)]
        if not sentences:
            return Effect([sentence("Nothing differs from what is stored.")])
        return Effect([*sentences, *self.consequences()])

    def differences(self) -> list[Sentence]:
        renamed = self.changes.get("name", self.connector.name)
        found = [change(sentence("Name"), self.connector.name, renamed)] if renamed != self.connector.name else []
        return found + setting_changes(self.vendor, self.before, self.after)

    def consequences(self) -> list[Sentence]:
        found = []
        if self.moves:
            found.append(sentence("From the next call on another server is asked."))
        if self.reads_anew:
            found.append(sentence("The next run reads everything again, because what is read, or where from, has changed."))
        elif self.secrets and not self.moves:
            found.append(sentence("The next call signs in with the new secret; the old one is forgotten."))
        return [*found, *self._planned_again()]

    def _planned_again(self) -> list[Sentence]:
        """Whom the change brings back to the plan: everybody, because it decides anew about each of them."""
        is_new = plans_anew(vars(self.connector), self.changes, is_target=self.connector.is_target)
        again = self.people() if is_new else 0
        if not again:
            return []
        if self.connector.state != ConnectorState.ACTIVE:
            text = sentence(
                "%(n)s person is planned again once %(name)s is resumed; the guard weighs that plan before anything is written.",
                "%(n)s people are planned again once %(name)s is resumed; the guard weighs that plan before anything is written.",
                n=again,
                name=self.connector.name,
            )
            return [text]
        text = sentence(
            "%(n)s person is planned again now; the guard weighs that plan before anything is written.",
            "%(n)s people are planned again now; the guard weighs that plan before anything is written.",
            n=again,
        )
        return [text]

    def _label(self, name: str) -> str:
        return next((Sentence(one.label) for one in self.vendor.settings if one.key == name), name)

    def carry_out(self, cause: Cause) -> None:
        """Raises Overtaken when the connector is not as it was seen."""
        connector = self.locked()
        if self.seen and self.seen != as_seen(connector):
            raise Overtaken
        kept = Credential.objects.filter(connector=connector).values_list("name", flat=True)
        after = self.changes.get("settings", connector.settings)
        refuse_moved_secret(self.vendor, connector.settings, after, list(kept), self.secrets)
        for column, value in self.changes.items():
            setattr(connector, column, value)
        connector.save()  # all columns: the history keeps what differs, under this cause
        keep_secrets(connector, self.secrets)
        ring("default")


def keep_secrets(connector: Connector, secrets: Mapping[str, str]) -> None:
    """Encrypt and store. Nothing of them enters history or trail."""
    for name, value in secrets.items():
        said = {"value": value, "set_at": clock.now(), "last_used_at": None, "expires_at": None}
        Credential.objects.update_or_create(connector=connector, name=name, defaults=said)


class RotateCredential(ConnectorDecision):
    """Put a new secret in the place of an old one."""

    label = gettext_lazy("Replace the secret")
    permission = "integrations.rotate_credential"
    afterwards = gettext_lazy("Test the connection to see whether the new one works.")

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
        connector = self.locked()
        connector.settings = {**connector.settings, "path": self.path}
        connector.save(update_fields=["settings"])


class TestConnection(ConnectorDecision):
    """Ask the other side, step by step, and keep what came out: `asked`, once executed. The trail says who asked and which step failed."""

    __test__ = False  # no test class, whatever its name
    label = gettext_lazy("Test the connection")
    permission = "integrations.test_connector"
    asked: Health
    is_kept = False

    def preview(self) -> Effect:
        return Effect(
            [
                sentence("Rollcall signs in to %(name)s and asks it for a little, step by step.", name=self.connector.name),
                sentence("Nothing is written there, and no record is stored here."),
            ]
        )

    def execute(self, reason: str = "") -> Cause:
        """The other side is asked before the transaction begins: nobody waits for a network with rows locked."""
        if refusal := self.refusal():
            raise PermissionDenied(refusal)
        self.asked = ask(self.connector)
        return super().execute(reason)

    def carry_out(self, cause: Cause) -> None:
        keep(self.connector, self.asked)
        self.is_kept = True

    def state(self) -> Any:
        """Names of steps and codes of errors; what a vendor answered may quote somebody and stays out."""
        if not self.is_kept:
            return None
        steps = [{"step": one.name, "ok": one.ok, "ms": one.ms, "error": one.error.code if one.error else ""} for one in self.asked.steps]
        return {"ok": self.asked.ok, "steps": steps}
