"""A new connector comes with the default mapping of its kind, in one act; hence it stands here, above the connectors."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from django.utils.translation import gettext_lazy

from config.audit.models import Cause
from config.decisions import Decision, Effect
from config.roles.models import User
from config.sentences import sentence
from integrations.connectors.decisions import keep_secrets
from integrations.connectors.models import Connector
from integrations.mapping.versions import install_default
from integrations.vendors import vendor_class
from integrations.vendors.base import Family


class AddConnector(Decision):
    """A new connector with the default mapping of its kind. `made` is it, once executed."""

    label = gettext_lazy("Add the connector")
    permission = "integrations.add_connector"
    object_type = "connector"
    afterwards = gettext_lazy("Test the connection, then look at the mapping.")
    made: Connector

    def __init__(
        self, actor: User | None, vendor: str, key: str, name: str, settings: Mapping[str, Any], secrets: Mapping[str, str]
    ) -> None:
        super().__init__(actor)
        self.vendor, self.key, self.name, self.settings, self.secrets = vendor, key, name, settings, secrets

    @property
    def object_id(self) -> str:
        return self.key

    @property
    def object_label(self) -> str:
        return self.name

    def preview(self) -> Effect:
        return Effect(
            [
                sentence("%(name)s is added with the default mapping of %(kind)s.", name=self.name, kind=vendor_class(self.vendor).label),
                sentence("Nothing is read or written before somebody starts a run or adds a schedule."),
            ]
        )

    def carry_out(self, cause: Cause) -> None:
        vendor = vendor_class(self.vendor)
        is_target = vendor.family == Family.LMS
        self.made = Connector.objects.create(
            key=self.key, name=self.name, vendor=self.vendor, is_target=is_target, settings=dict(self.settings)
        )
        keep_secrets(self.made, self.secrets)
        for stream, rows in vendor.default_mapping.items():
            install_default(self.made, stream, rows, self.actor)
